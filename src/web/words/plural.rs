//! Numbers with the form of the noun that goes with them.

use super::Lang;

/// A number and its noun: in Russian the forms of one, two and five, in English of one and
/// more.
pub(in crate::web) fn count(lang: Lang, number: u64, ru: [&str; 3], en: [&str; 2]) -> String {
    let form = match lang {
        Lang::En if number == 1 => en[0],
        Lang::En => en[1],
        Lang::Ru => match (number % 10, number % 100) {
            (_, 11..=14) => ru[2],
            (1, _) => ru[0],
            (2..=4, _) => ru[1],
            _ => ru[2],
        },
    };
    format!("{number} {form}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_nouns_follow_the_last_digits() {
        let said = |number| count(Lang::Ru, number, ["дело", "дела", "дел"], ["thing", "things"]);
        let all = [1, 2, 5, 11, 12, 14, 21, 22, 25, 111, 101, 0].map(said);
        assert_eq!(
            all.join(", "),
            "1 дело, 2 дела, 5 дел, 11 дел, 12 дел, 14 дел, 21 дело, 22 дела, 25 дел, 111 дел, 101 дело, 0 дел"
        );
        assert_eq!(count(Lang::En, 1, [""; 3], ["thing", "things"]), "1 thing");
        assert_eq!(count(Lang::En, 0, [""; 3], ["thing", "things"]), "0 things");
    }
}

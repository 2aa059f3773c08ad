//! What was typed, taken apart: as something exact, and as words.

use super::words;

/// No more of what was typed is looked at, in characters.
const LONGEST: usize = 200;
/// No more words are looked for.
const MOST_WORDS: usize = 12;

/// What is looked for.
#[derive(Debug)]
pub(super) struct Query {
    /// As an id.
    pub(super) id: String,
    /// As a number of an account or a contract.
    pub(super) number: String,
    /// As the end of a phone, last digit first.
    pub(super) phone: Option<String>,
    /// As words of a place, in the order in which they were typed.
    pub(super) place: Vec<String>,
    /// As words of a name.
    pub(super) people: Vec<String>,
}

impl Query {
    /// Takes a text apart; `None` where there is nothing to look for.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text: String = text.trim().chars().take(LONGEST).collect();
        let mut people = words::words(&text);
        people.truncate(MOST_WORDS);
        if people.is_empty() {
            return None;
        }
        let mut place = words::place(&text);
        place.truncate(MOST_WORDS);
        let phone = words::is_like_phone(&text).then(|| words::phone(&text)).flatten();
        Some(Self { id: words::fold(&text), number: words::number(&text), phone, place, people })
    }

    /// The query of FTS5 for a place: words by their beginning, numbers whole and in their order.
    pub(super) fn match_place(&self, in_order: bool) -> Option<String> {
        let mut terms: Vec<String> = Vec::new();
        let mut run: Vec<&str> = Vec::new();
        for word in &self.place {
            if is_number(word) && in_order {
                run.push(word);
                continue;
            }
            close(&mut run, &mut terms);
            terms.push(term(word));
        }
        close(&mut run, &mut terms);
        (!terms.is_empty()).then(|| format!("{{place}} : ({})", terms.join(" AND ")))
    }

    /// The query of FTS5 for a name; none for numbers alone.
    pub(super) fn match_people(&self) -> Option<String> {
        if self.people.iter().all(|word| is_number(word)) {
            return None;
        }
        let terms: Vec<String> = self.people.iter().map(|word| term(word)).collect();
        Some(format!("{{people}} : ({})", terms.join(" AND ")))
    }

    /// The house and the flat: what follows the last word of the street.
    fn numbers(&self) -> &[String] {
        let street =
            self.place.iter().rposition(|word| word.chars().count() > 1 && !is_number(word));
        let tail = &self.place[street.map_or(0, |at| at + 1)..];
        let begin = tail.iter().position(|word| is_number(word));
        begin.map_or(&[], |begin| &tail[begin..])
    }

    /// How well a house and a flat fit what was typed, 0 best; `None` where they do not: the
    /// house stands before the flat.
    pub(super) fn fit(&self, house: &str, flat: &str) -> Option<u8> {
        let numbers = self.numbers();
        if numbers.is_empty() || house.is_empty() {
            return Some(2);
        }
        let house: Vec<&str> = house.split(' ').collect();
        let flat: Vec<&str> = flat.split(' ').filter(|word| !word.is_empty()).collect();
        let fits = (1..=numbers.len()).filter_map(|at| {
            let (before, after) = numbers.split_at(at);
            let begins = |whole: &[&str], part: &[String]| {
                part.len() <= whole.len() && part.iter().zip(whole).all(|(a, b)| a == b)
            };
            let is_exact = before.len() == house.len() && after.len() == flat.len();
            let is_fit = begins(&house, before) && begins(&flat, after);
            is_fit.then_some(u8::from(!is_exact))
        });
        fits.min()
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(char::is_numeric)
}

/// A word as FTS5 takes it; longer ones are found by their beginning.
fn term(word: &str) -> String {
    let is_whole = is_number(word) || word.chars().count() < 2;
    format!("\"{word}\"{}", if is_whole { "" } else { "*" })
}

/// Numbers in a row are looked for as they stand.
fn close(run: &mut Vec<&str>, terms: &mut Vec<String>) {
    if !run.is_empty() {
        terms.push(format!("\"{}\"", run.join(" ")));
        run.clear();
    }
}

//! What a viewer sees of people.

/// What stands for a text that is not shown.
pub(in crate::web) const MASK: &str = "•••";

/// The first letter of each word of a name.
pub(in crate::web) fn name(name: &str) -> String {
    let words = name.split_whitespace();
    let masked = words.map(|word| format!("{}{MASK}", word.chars().next().unwrap_or('•')));
    masked.collect::<Vec<_>>().join(" ")
}

/// The last two digits of a phone.
pub(in crate::web) fn phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    match digits.as_slice() {
        [_, _, _, _, _, .., one, other] => format!("{MASK}-{one}{other}"),
        [] if phone.trim().is_empty() => String::new(),
        _ => MASK.to_owned(),
    }
}

/// The first letter of an e-mail.
pub(in crate::web) fn email(email: &str) -> String {
    match email.chars().next() {
        Some(first) => format!("{first}{MASK}@{MASK}"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_left_than_to_tell_two_people_apart() {
        assert_eq!(name("Озёрова-Клёнова Майя"), "О••• М•••");
        assert_eq!(phone("+7 900 000-00-41"), "•••-41");
        assert_eq!(phone("41"), "•••");
        assert_eq!(email("maya@example.com"), "m•••@•••");
        assert_eq!([name(""), phone(" "), email("")], ["", "", ""]);
    }
}

//! Phones as E.164: `+79000000001`. They are kept as people typed them, and which numbers there
//! are is the library's to say. The country of a number is never guessed: what may be two
//! numbers, or none, is none.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex_lite::Regex;

use super::text;
use crate::config::PhoneCountry;
use crate::phone;

/// A phone as E.164; `None` where it is none, or several.
///
/// With `+`, or `00` before the code of a country, it is of the country that it says; without,
/// of this one.
pub(super) fn e164(typed: &str, country: PhoneCountry) -> Option<String> {
    let (is_international, digits) = digits(&text::one_line(typed)?)?;
    let candidates = if is_international { abroad(&digits) } else { at_home(&digits, country)? };
    let mut valid = candidates.iter().filter(|candidate| candidate.is_valid());
    let number = match (valid.next(), valid.next()) {
        (Some(number), None) => Some(number),
        // Ranges are opened before the library has them: what says its country itself only needs
        // to have the length of its numbers.
        (None, None) if is_international => candidates.first().filter(|typed| typed.is_possible()),
        _ => None,
    }?;
    // Read once more, with its `+`, it would be two.
    let is_one = number.without_zero().is_none_or(|other| !other.is_valid());
    is_one.then(|| format!("+{}{}", number.code, number.national))
}

/// The digits of a number, and whether they begin with the code of a country.
fn digits(typed: &str) -> Option<(bool, String)> {
    let (mut has_plus, mut digits) = (false, String::new());
    for one in typed.chars() {
        match one {
            '0'..='9' => digits.push(one),
            '+' if digits.is_empty() && !has_plus => has_plus = true,
            _ if is_ignored(one) => {}
            _ => return None,
        }
    }
    match digits.strip_prefix("00") {
        Some(rest) if !has_plus => Some((true, rest.to_owned())),
        _ => Some((has_plus, digits)),
    }
}

/// What a number with the code of a country may be: people write the zero of calls within a
/// country behind it, `+44 (0)20…`.
fn abroad(digits: &str) -> Vec<Number<'_>> {
    let Some(as_typed) = Number::split(digits) else {
        return Vec::new();
    };
    std::iter::once(as_typed).chain(as_typed.without_zero()).collect()
}

/// What a number without the code of a country may be: as it is, behind the digit of calls
/// within the country (`8 900…`, `050…`), or behind the country's code without its `+`.
fn at_home(digits: &str, country: PhoneCountry) -> Option<Vec<Number<'_>>> {
    let country = phone::by_id(&country.to_string())?;
    let code = country.code;
    let behind_prefix = country.prefix.and_then(|prefix| digits.strip_prefix(prefix));
    let behind_code = digits.strip_prefix(&code.to_string());
    let all = [Some(digits), behind_prefix, behind_code].into_iter().flatten();
    Some(all.map(|national| Number { code, national }).collect())
}

/// What a number may be.
#[derive(Debug, Clone, Copy)]
struct Number<'d> {
    /// The code of the country.
    code: u16,
    /// What follows it.
    national: &'d str,
}

/// The longest code of a country.
const CODE: usize = 3;

/// The patterns of all numbers behind a code, each made when it is first needed.
static PATTERNS: LazyLock<Mutex<HashMap<u16, Option<Regex>>>> = LazyLock::new(Mutex::default);

/// The pattern of what may follow a code, from the library's of each country and type.
fn pattern(code: u16) -> Option<Regex> {
    let mut patterns = PATTERNS.lock().unwrap_or_else(PoisonError::into_inner);
    let made = patterns.entry(code).or_insert_with(|| {
        let numbers = phone::by_code(code).flat_map(|country| country.numbers);
        let all: Vec<String> = numbers.map(|pattern| format!("(?:{pattern})")).collect();
        let whole = Regex::new(&format!("^(?:{})$", all.join("|")));
        whole.ok().filter(|_| !all.is_empty())
    });
    made.clone()
}

impl<'d> Number<'d> {
    /// Takes the code of a country off. None begins as another does.
    fn split(digits: &'d str) -> Option<Self> {
        let splits = (1..=CODE).filter_map(|at| digits.split_at_checked(at));
        let mut numbers = splits.filter_map(|(code, national)| {
            let code = code.parse().ok()?;
            phone::by_code(code).next().map(|_| Number { code, national })
        });
        numbers.next()
    }

    /// The number without the zero of calls within a country, where one stands there.
    fn without_zero(self) -> Option<Self> {
        self.national.strip_prefix('0').map(|national| Self { national, ..self })
    }

    /// Whether there is such a number. The library's own parser takes the 8 off `+7 800…`, and is
    /// content with a number that begins as a valid one: only its patterns are used.
    fn is_valid(&self) -> bool {
        pattern(self.code).is_some_and(|pattern| pattern.is_match(self.national))
    }

    /// Whether people's mobile numbers have this length behind the code.
    fn is_possible(&self) -> bool {
        phone::by_code(self.code)
            .any(|country| country.mobile_lengths.contains(&self.national.len()))
    }
}

/// What people group digits with. A comma, semicolon or slash is not among it: it stands
/// between two phones.
fn is_ignored(one: char) -> bool {
    one.is_whitespace()
        || matches!(one, '(' | ')' | '[' | ']' | '-' | '.' | '_')
        // Dashes, the minus sign, and the invisible marks of a phone that was pasted.
        || matches!(one, '\u{2010}'..='\u{2015}' | '\u{2212}')
        || matches!(one, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const RU: PhoneCountry = PhoneCountry::RU;
    const AE: PhoneCountry = PhoneCountry::AE;

    #[test]
    fn phones_become_e164() {
        for (country, text, expected) in [
            (RU, "+79000000001", "+79000000001"),
            (RU, " + 7 (900) 000-00-01 ", "+79000000001"),
            (RU, "(+7) 900.000.00.01", "+79000000001"),
            (RU, "8 900 000 00 01", "+79000000001"),
            (RU, "79000000001", "+79000000001"),
            (RU, "9000000001", "+79000000001"),
            (RU, "(495) 000-00-01", "+74950000001"),
            (RU, "8 800 000-00-01", "+78000000001"),
            (RU, "\u{202a}8\u{a0}900\u{2011}000\u{2013}00\u{2014}01\u{202c}", "+79000000001"),
            (RU, "+37120000000", "+37120000000"),
            // No range that the library knows.
            (RU, "+7 000 000-00-01", "+70000000001"),
            (RU, "00971 50 000 00 01", "+971500000001"),
            (AE, "0500000001", "+971500000001"),
            (AE, "050-000 0001", "+971500000001"),
            (AE, "500000001", "+971500000001"),
            (AE, "971500000001", "+971500000001"),
            (AE, "00971500000001", "+971500000001"),
            (AE, "+971 (0)50 000 0001", "+971500000001"),
            (AE, "04 200 0001", "+97142000001"),
            (AE, "+79000000001", "+79000000001"),
            (AE, "+44 7911 123456", "+447911123456"),
            (AE, "+44 (0)20 7946 0958", "+442079460958"),
            (AE, "+1 650 253 0000", "+16502530000"),
            // The zero belongs to the number.
            (AE, "+39 06 698 12345", "+390669812345"),
        ] {
            assert_eq!(e164(text, country).as_deref(), Some(expected), "{country} {text}");
        }
    }

    #[test]
    fn what_is_no_number_of_the_country_or_several_is_none() {
        for (country, text) in [
            (RU, ""),
            (RU, "+"),
            (RU, "000-00-01"),
            (RU, "69000000001"),
            (RU, "+1234567"),
            (RU, "+12345678"),
            (RU, "+123456789012345"),
            (RU, "+1234567890123456"),
            (RU, "++79000000001"),
            (RU, "7+9000000001"),
            (RU, "+7 900 000-00-01 доб. 2"),
            (RU, "89000000001, 89000000002"),
            (RU, "8900000000x"),
            (RU, "٩٠٠٠٠٠٠٠٠١"),
            (RU, "0500000001"),
            (RU, "8 000 000-00-01"),
            (RU, "+999 123456789"),
            // Ascension: with the zero and without.
            (RU, "+247 040122"),
            (RU, "00 247 00 40122"),
            (RU, "+7 900 000 00 0"),
            (RU, "+7 900 000 00 012"),
            (AE, "89000000001"),
            (AE, "8 (900) 000-00-01"),
            (AE, "79000000001"),
            (AE, "9000000001"),
            (AE, "447911123456"),
            (AE, "050000000"),
            (AE, "05000000012"),
            (AE, "+971 50 000 000"),
            (AE, "0500000001 / 0500000002"),
            (AE, "12345"),
        ] {
            assert_eq!(e164(text, country), None, "{country} {text}");
        }
    }
}

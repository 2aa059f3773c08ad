//! Dates of a feed as ISO. «Фиды данных для 1С»: dates without time are DD.MM.YYYY
//! unless `date_format` asks for another form; dates with time are always
//! `YYYY-MM-DD HH:mm:ss`, and stay as they are.
//!
//! `date_format=YYYY-MM-DD` is always asked for; this is for feeds that ignore it.
//! A member is a date by its name, since the document lists no fields; the names it mentions,
//! `dogovor_day`, `day_reg_start` and `day_reg_end`, are the model. Other text that looks like a
//! date stays as it is.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::json::{self, Members};

/// The parts of a name that make its member a date.
const WORDS: [&str; 4] = ["day", "date", "birthday", "birthdate"];

/// Recognizes dates by the names of their members.
#[derive(Debug)]
pub(super) struct Dates {
    /// The names that the config adds.
    pub(super) further: Vec<String>,
}

impl Dates {
    /// The JSON object with its dates as ISO, otherwise to the letter.
    pub(super) fn normalised<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !has_dotted_date(text) {
            return text.into();
        }
        let mut edits = Vec::new();
        self.walk(text, text, false, &mut edits);
        if edits.is_empty() {
            return text.into();
        }
        let mut normalised = String::with_capacity(text.len());
        let mut end = 0;
        for (at, length, iso) in edits {
            normalised.push_str(&text[end..at]);
            normalised.push_str(&iso);
            end = at + length;
        }
        normalised.push_str(&text[end..]);
        normalised.into()
    }

    fn is_date(&self, name: &str) -> bool {
        self.further.iter().any(|further| further == name)
            || name.split('_').any(|word| WORDS.contains(&word)) && !name.starts_with("dt_")
    }

    /// Gathers the replacements in `text`: offset, length and new text. `value` is a slice of
    /// `text`.
    fn walk(
        &self,
        text: &str,
        value: &str,
        is_date: bool,
        edits: &mut Vec<(usize, usize, String)>,
    ) {
        match value.as_bytes().first() {
            Some(b'"') if is_date => {
                if let Some(iso) = json::string(value).and_then(|date| iso(&date)) {
                    let at = value.as_ptr().addr() - text.as_ptr().addr();
                    edits.push((at, value.len(), json::quote(&iso)));
                }
            }
            Some(b'{') => {
                let members = Members::parse(value).unwrap_or_default();
                for (name, value) in members.iter().filter(|(_, value)| has_dotted_date(value)) {
                    self.walk(text, value, self.is_date(name), edits);
                }
            }
            Some(b'[') => {
                let elements = json::elements(value).unwrap_or_default();
                for value in elements.into_iter().filter(|value| has_dotted_date(value)) {
                    self.walk(text, value, is_date, edits);
                }
            }
            _ => {}
        }
    }
}

/// Whether DD.MM.YYYY occurs at all: most items and members need no closer look.
fn has_dotted_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'.', bytes)
        .any(|at| at >= 2 && bytes.get(at - 2..at + 8).is_some_and(is_dotted))
}

fn is_dotted(bytes: &[u8]) -> bool {
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            2 | 5 => *byte == b'.',
            _ => byte.is_ascii_digit(),
        })
}

/// DD.MM.YYYY as YYYY-MM-DD; `00.00.0000`, which stands for no date, too.
fn iso(text: &str) -> Option<String> {
    if !is_dotted(text.as_bytes()) {
        return None;
    }
    let (day, month, year) = (&text[..2], &text[3..5], &text[6..]);
    let is_none = text == "00.00.0000";
    let number = |digits: &str| digits.parse().ok();
    let is_a_day = || {
        let year: i16 = year.parse().ok()?;
        Date::new(year, number(month)?, number(day)?).ok()
    };
    (is_none || is_a_day().is_some()).then(|| format!("{year}-{month}-{day}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(text: &str) -> String {
        let dates = Dates { further: vec!["signed".to_owned()] };
        dates.normalised(text).into_owned()
    }

    #[test]
    fn dates_become_iso_wherever_their_name_says_that_they_are() {
        let text = r#"{ "dogovor_day" : "23.08.2023","day_reg_end":"00.00.0000","signed":"01.02.2024", "payments":[{"day_payment":"31.12.2025","sum":10.50}]}"#;
        let iso = r#"{ "dogovor_day" : "2023-08-23","day_reg_end":"0000-00-00","signed":"2024-02-01", "payments":[{"day_payment":"2025-12-31","sum":10.50}]}"#;
        assert_eq!(normalised(text), iso);
    }

    #[test]
    fn nothing_else_is_touched() {
        for text in [
            r#"{"comment":"23.08.2023","number":"01.02.2003"}"#,
            r#"{"dogovor_day":"2023-08-23","day_reg_end":"","day":null}"#,
            r#"{"dogovor_day":"31.02.2023"}"#,
            r#"{"dogovor_day":"23.08.2023 10:00:00"}"#,
            r#"{"dt_day":"23.08.2023","birth":"23.08.2023"}"#,
        ] {
            assert_eq!(normalised(text), text);
        }
    }
}

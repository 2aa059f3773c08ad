//! Formats of days and moments.

use jiff::civil::{Date, DateTime};

/// The format of dates without time.
#[derive(Clone, Debug)]
pub(super) struct DateFormat(String);

impl Default for DateFormat {
    fn default() -> Self {
        Self("DD.MM.YYYY".to_owned())
    }
}

impl DateFormat {
    /// The format asked for: `YYYY`, `MM` and `DD`, each once, and what stands
    /// between them.
    pub(super) fn asked(text: &str) -> Option<Self> {
        let mut rest = text.to_owned();
        for part in ["YYYY", "MM", "DD"] {
            rest = rest.replacen(part, "", 1);
        }
        let parts = text.len() - rest.len() == 8;
        let letters = rest.chars().any(char::is_alphanumeric);
        (parts && !letters).then(|| Self(text.to_owned()))
    }

    pub(super) fn day(&self, day: Date) -> String {
        self.0
            .replace("YYYY", &format!("{:04}", day.year()))
            .replace("MM", &format!("{:02}", day.month()))
            .replace("DD", &format!("{:02}", day.day()))
    }
}

/// `YYYY-MM-DD HH:mm:ss`, which no parameter changes.
pub(super) fn moment(at: DateTime) -> String {
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// A day that is written `YYYY-MM-DD` and no other way.
pub(super) fn iso(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let formed = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if formed { text.parse().ok() } else { None }
}

/// A day in either of the documented ways, with or without a time after it.
pub(super) fn any(text: &str) -> Option<Date> {
    let day = text.get(..10)?;
    if let Some(day) = iso(day) {
        return Some(day);
    }
    let mut parts = day.split('.').map(str::to_owned).collect::<Vec<_>>();
    parts.reverse();
    iso(&parts.join("-"))
}

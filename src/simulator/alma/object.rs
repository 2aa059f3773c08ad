//! An object of Alma.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::kind::AlmaKind;

/// Status of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    /// No contract yet.
    #[default]
    Unconfirmed,
    Active,
    /// The last contract is archived.
    Archived,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }
}

/// A picture of a unit or a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Photo {
    pub(super) id: i64,
    /// The upload that it came from.
    pub(super) file: i64,
}

/// An object, with its fields as they were written: raw JSON, so that no number
/// changes.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) kind: AlmaKind,
    pub(super) id: i64,
    pub(super) fields: BTreeMap<&'static str, String>,
    pub(super) photos: Vec<Photo>,
    pub(super) is_archived: bool,
    /// The usage that blocks it.
    pub(super) block: Option<i64>,
    /// Of a client.
    pub(super) status: Status,
    /// Of a contract.
    pub(super) usage: i64,
}

impl Object {
    pub(super) fn new(kind: AlmaKind, id: i64) -> Self {
        Self {
            kind,
            id,
            fields: BTreeMap::new(),
            photos: Vec::new(),
            is_archived: false,
            block: None,
            status: Status::default(),
            usage: 0,
        }
    }

    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// A text, or a number as text; empty when it is null or was never written.
    pub(super) fn text(&self, name: &str) -> String {
        self.raw(name).map(plain).unwrap_or_default()
    }

    pub(super) fn external_id(&self) -> String {
        self.text("external_id")
    }

    /// The id that a field refers to; 0 where there is none.
    pub(super) fn reference(&self, name: &str) -> i64 {
        let raw = self.raw(name).unwrap_or_default();
        raw.parse().unwrap_or_default()
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        self.raw(name) == Some("true")
    }

    /// The day of a moment.
    pub(super) fn day(&self, name: &str) -> Option<Date> {
        day(self.raw(name)?)
    }

    /// Status as shown by GET.
    pub(super) fn status_word(&self) -> &'static str {
        match self.kind {
            AlmaKind::Client => self.status.word(),
            // It changes with time, says the document, not with what is done.
            AlmaKind::Unit | AlmaKind::Room => "available",
            _ => "",
        }
    }
}

/// The text of a JSON string, or of a number.
pub(super) fn plain(raw: &str) -> String {
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if !inner.contains('\\') => inner.to_owned(),
        Some(_) => serde_json::from_str(raw).unwrap_or_default(),
        None if raw == "null" => String::new(),
        None => raw.to_owned(),
    }
}

/// The day of a moment in JSON, as it is written, whatever the offset.
pub(super) fn day(raw: &str) -> Option<Date> {
    let text = raw.strip_prefix('"')?;
    let text = text.strip_suffix('"')?;
    let (day, time) = text.split_once('T')?;
    let offset = time.find(['Z', '+', '-']);
    let (time, offset) = time.split_at(offset.unwrap_or(time.len()));
    let in_hours = |offset: &str| {
        let digits = offset.bytes().filter(u8::is_ascii_digit).count();
        digits == 4 && matches!(offset.len(), 5 | 6)
    };
    let is_offset = offset.is_empty() || offset == "Z" || in_hours(offset);
    let is_time = time.parse::<jiff::civil::Time>().is_ok() && time.contains(':');
    let is_day = day.len() == 10;
    (is_offset && is_time && is_day).then(|| day.parse().ok())?
}

//! Properties of an item that the filters compare.

use jiff::civil::Date;
use serde_json::Value;

use super::dates;

/// The days that a range can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Updated,
    StatusChanged,
    Dogovor,
    RegStart,
    RegEnd,
}

impl When {
    pub(super) const ALL: [(&str, Self); 5] = [
        ("dt_updated", Self::Updated),
        ("dt_status_changed", Self::StatusChanged),
        ("dogovor_day", Self::Dogovor),
        ("day_reg_start", Self::RegStart),
        ("day_reg_end", Self::RegEnd),
    ];
}

/// The numbers that a list can be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Id,
    Flat,
    DealStatus,
    FlatStatus,
}

/// What an item says of itself; None is what it does not say at all, which no
/// filter holds against it.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) numbers: [Option<String>; 4],
    pub(super) dogovor_number: Option<String>,
    pub(super) active: Option<bool>,
    /// The inner None is a day that is said to be none.
    pub(super) days: [Option<Option<Date>>; 5],
}

/// A text that stands in a feed as it is.
pub(super) struct Item {
    pub(super) text: String,
    pub(super) facts: Facts,
}

impl Item {
    pub(super) fn read(text: String) -> Self {
        let value = serde_json::from_str(&text).unwrap_or_default();
        let facts = Facts::read(&value);
        Self { text, facts }
    }
}

impl Facts {
    fn read(item: &Value) -> Self {
        let plain = |name: &str| match item.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::Null) => Some(String::new()),
            _ => None,
        };
        let id = ["id", "deal_id", "flat_id", "uid"].into_iter().find_map(plain);
        let day = |name: &str| {
            let text = plain(name)?;
            Some(dates::any(&text))
        };
        Self {
            numbers: [id, plain("flat_id"), plain("deal_status"), plain("flat_status")],
            dogovor_number: plain("dogovor_number"),
            active: item.get("is_active").map(|flag| match flag {
                Value::Bool(flag) => *flag,
                Value::Number(number) => number.as_i64() != Some(0),
                _ => false,
            }),
            days: When::ALL.map(|(name, _)| day(name)),
        }
    }
}

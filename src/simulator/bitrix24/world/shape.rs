//! The shapes that a value can have.

use fastrand::Rng;
use jiff::civil::Date;

use super::super::BitrixShape;
use super::super::kind::BitrixKind;
use crate::invented::{once_in, pick};
use crate::json::Writer;

/// Chance, and how much of it the shapes get.
pub(super) struct Shaper {
    pub(super) random: Rng,
    pub(super) shape: BitrixShape,
}

impl Shaper {
    /// True if the next value is to have an odd shape.
    pub(super) fn is_odd(&mut self) -> bool {
        match self.shape {
            BitrixShape::Documented => false,
            BitrixShape::Odd => true,
            BitrixShape::Mixed => once_in(&mut self.random, 3),
        }
    }

    pub(super) fn choose(&mut self, documented: String, odd: &[String]) -> String {
        if self.is_odd() && !odd.is_empty() {
            return odd[self.random.usize(..odd.len())].clone();
        }
        documented
    }

    /// A value of a list.
    pub(super) fn of_list(&mut self, id: u32) -> String {
        self.choose(id.to_string(), &[format!("[{id}]"), format!("\"{id}\"")])
    }

    /// An item by its id: `[12]`, `12`, `"12"` or `"T90_12"`.
    pub(super) fn link(&mut self, kind: BitrixKind, id: u64, is_multiple: bool) -> String {
        let prefixed = format!("\"T{:x}_{id}\"", kind.entity_type_id());
        let documented = if is_multiple { format!("[{id}]") } else { id.to_string() };
        let odd = [
            id.to_string(),
            format!("\"{id}\""),
            format!("[\"{id}\"]"),
            prefixed.clone(),
            format!("[{prefixed}]"),
        ];
        self.choose(documented, &odd)
    }

    /// Several items.
    pub(super) fn links(&mut self, kind: BitrixKind, ids: &[u64]) -> String {
        match ids {
            [id] => self.link(kind, *id, true),
            [] => self.choose("[]".to_owned(), &["null".to_owned(), "false".to_owned()]),
            ids => {
                let prefix = format!("T{:x}_", kind.entity_type_id());
                let prefixed: Vec<String> = ids.iter().map(|id| format!("{prefix}{id}")).collect();
                self.choose(format!("{ids:?}"), &[format!("{prefixed:?}")])
            }
        }
    }

    /// A date, which has a time in the portal's zone.
    pub(super) fn day(&mut self, day: Date) -> String {
        self.choose(format!("\"{day}T03:00:00+03:00\""), &[format!("\"{day}\"")])
    }

    /// A number as it is written.
    pub(super) fn number(&mut self, text: &str) -> String {
        self.choose(text.to_owned(), &[format!("\"{text}\"")])
    }

    /// A text that is missing once in so many times.
    pub(super) fn mostly(&mut self, times: u32, value: &str) -> String {
        match once_in(&mut self.random, times) {
            true => self.nothing(),
            false => text(value),
        }
    }

    /// No value.
    pub(super) fn nothing(&mut self) -> String {
        self.choose("null".to_owned(), &["\"\"".to_owned()])
    }

    pub(super) fn flag(&mut self) -> String {
        text(pick(&mut self.random, &["Y", "N"]))
    }

    /// A few capitals and digits.
    pub(super) fn code(&mut self, length: usize) -> String {
        let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let letter = || char::from(letters[self.random.usize(..letters.len())]);
        std::iter::repeat_with(letter).take(length).collect()
    }
}

/// A text as JSON.
pub(super) fn text(value: &str) -> String {
    let mut out = Writer::default();
    out.string(value);
    out.into_text()
}

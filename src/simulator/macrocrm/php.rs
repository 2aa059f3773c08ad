//! Answers as PHP writes them.

use super::state::Memory;
use super::{PhpShape, RefusalShape};
use crate::json::Writer;
use crate::reply::{JSON, Reply};

/// A refusal: its status code, where the shape has one, and its message.
pub(super) struct Refusal {
    pub(super) status_code: u16,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status_code: u16, message: &str) -> Self {
        Self { status_code, message: message.to_owned() }
    }
}

impl Memory {
    fn holes(&mut self) -> bool {
        match self.php {
            PhpShape::Lists => false,
            PhpShape::Holes => true,
            PhpShape::Mixed => self.random.bool(),
        }
    }

    /// A list, or what is left of one after PHP took some elements out.
    pub(super) fn list(&mut self, elements: &[String], json: &mut Writer) {
        if !self.holes() {
            json.open_list();
            elements.iter().for_each(|element| json.element(element));
            json.close_list();
        } else if elements.is_empty() {
            json.element("null");
        } else {
            let mut key = 0;
            json.open();
            for element in elements {
                // Never from 0 without a hole: that would be a list again.
                key += self.random.usize(1..=3);
                json.name(&key.to_string());
                json.element(element);
            }
            json.close();
        }
    }

    /// The id of a house, as text or as a number.
    pub(super) fn house_id(&mut self, id: &str, json: &mut Writer) {
        let number = id.bytes().all(|byte| byte.is_ascii_digit()) && !id.starts_with('0');
        if number && self.holes() {
            json.raw("id", id);
        } else {
            json.text("id", id);
        }
    }

    /// Value of `data` in the answer of `add`; the document does not say.
    pub(super) fn nothing(&mut self) -> &'static str {
        if self.holes() { "null" } else { "[]" }
    }

    pub(super) fn refuse(&mut self, refusal: &Refusal) -> Reply {
        let coded = match self.refusals {
            RefusalShape::StatusCode => true,
            RefusalShape::Success => false,
            RefusalShape::Mixed => self.random.bool(),
        };
        let mut json = Writer::default();
        json.open();
        if coded {
            json.raw("status_code", refusal.status_code);
            json.null("data");
        } else {
            json.flag("success", false);
            json.flag("error", true);
        }
        json.text("message", &refusal.message);
        json.close();
        Reply::whole(200, JSON, json.into_text())
    }
}

/// The envelope of an answer, around its `data`.
pub(super) fn done(data: &str, message: &str) -> Reply {
    let mut json = Writer::default();
    json.open();
    json.raw("status_code", 200);
    json.raw("data", data);
    json.text("message", message);
    json.close();
    Reply::whole(200, JSON, json.into_text())
}

//! A small writer of JSON text that keeps the order of members and the text of
//! numbers.
//!
//! `1234.10` must leave as `1234.10`, which no binary float can promise, so
//! numbers are written from text and the document's order of fields is the order
//! of the calls.

use std::fmt::{Display, Write};

/// JSON text under construction. Commas put themselves.
#[derive(Default)]
pub(super) struct Writer(String);

impl Writer {
    pub(super) fn into_text(self) -> String {
        self.0
    }

    fn separate(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }

    /// Opens an object, as a value or an element.
    pub(super) fn open(&mut self) {
        self.separate();
        self.0.push('{');
    }

    pub(super) fn close(&mut self) {
        self.0.push('}');
    }

    pub(super) fn open_list(&mut self) {
        self.separate();
        self.0.push('[');
    }

    pub(super) fn close_list(&mut self) {
        self.0.push(']');
    }

    /// A member's name; its value must follow.
    pub(super) fn name(&mut self, name: &str) {
        self.separate();
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    /// A member that is a string.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.string(value);
    }

    /// A member that is a string or null.
    pub(super) fn maybe_text(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.null(name),
        }
    }

    /// A member whose value is already JSON: a number, `true`, an escaped date.
    pub(super) fn raw(&mut self, name: &str, value: impl Display) {
        self.name(name);
        // Writing to a String cannot fail.
        write!(self.0, "{value}").unwrap_or_default();
    }

    /// A member that is a number or null.
    pub(super) fn maybe_raw(&mut self, name: &str, value: Option<impl Display>) {
        match value {
            Some(value) => self.raw(name, value),
            None => self.null(name),
        }
    }

    pub(super) fn flag(&mut self, name: &str, value: bool) {
        self.raw(name, value);
    }

    pub(super) fn null(&mut self, name: &str) {
        self.raw(name, "null");
    }

    /// A string, as a value or an element.
    pub(super) fn string(&mut self, value: &str) {
        self.separate();
        self.0.push('"');
        let mut rest = value;
        while let Some(at) = rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ') {
            self.0.push_str(&rest[..at]);
            match rest.as_bytes()[at] {
                b'"' => self.0.push_str("\\\""),
                b'\\' => self.0.push_str("\\\\"),
                b'\n' => self.0.push_str("\\n"),
                b'\r' => self.0.push_str("\\r"),
                b'\t' => self.0.push_str("\\t"),
                other => write!(self.0, "\\u{other:04x}").unwrap_or_default(),
            }
            rest = &rest[at + 1..];
        }
        self.0.push_str(rest);
        self.0.push('"');
    }

    /// A string in the way of older ASP.NET, which also escapes `<`, `>` and `'`.
    pub(super) fn text_html_escaped(&mut self, name: &str, value: &str) {
        self.name(name);
        let mut plain = Self::default();
        plain.string(value);
        let escaped =
            plain.0.replace('<', "\\u003c").replace('>', "\\u003e").replace('\'', "\\u0027");
        self.0.push_str(&escaped);
    }

    /// An element that is already JSON.
    pub(super) fn element(&mut self, json: &str) {
        self.separate();
        self.0.push_str(json);
    }
}

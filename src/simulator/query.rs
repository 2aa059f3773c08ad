//! The query of a request, or a form: percent-encoded names and values.
//!
//! What is not well-formed is refused instead of guessed: a client that forgets to
//! encode must show.

use percent_encoding::percent_decode_str;

/// The decoded parameters, in the order given.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Decodes the text after the `?`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Self::read(text, str::to_owned)
    }

    /// As ASP.NET, which binds parameters without regard to case: `ObjectId` (the
    /// document's prose) and `objectId` (its example) are the same.
    pub(super) fn parse_any_case(text: &str) -> Result<Self, String> {
        Self::read(text, str::to_ascii_lowercase)
    }

    fn read(text: &str, fold: fn(&str) -> String) -> Result<Self, String> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = fold(&decode(name)?);
            if parameters.iter().any(|(earlier, _)| *earlier == name) {
                return Err(format!("parameter {name} given twice"));
            }
            parameters.push((name, decode(value)?));
        }
        Ok(Self(parameters))
    }

    /// A parameter's value, which may be empty; `name` as it was folded.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that is given and not empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A percent-encoded text, which says what is wrong with it.
pub(super) fn decode(text: &str) -> Result<String, String> {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let hex = |offset: usize| bytes.get(at + offset).is_some_and(u8::is_ascii_hexdigit);
        if *byte == b'%' && !(hex(1) && hex(2)) {
            return Err(format!("malformed percent-encoding in {text:?}"));
        }
        if !byte.is_ascii_graphic() {
            return Err(format!("a character that must be encoded in {text:?}"));
        }
    }
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| format!("percent-encoding of {text:?} is not UTF-8"))
}

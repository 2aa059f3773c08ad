//! JSON kept as text: the members of an object, with numbers as written, and a streaming
//! splitter of lists that do not fit into memory.

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod members;
pub(crate) mod stream;

use serde::de::IgnoredAny;

pub(crate) use members::{
    Members, elements, object, quote, salvage, salvage_within, same, string, without_repetitions,
};

/// Whether bytes are the beginning of an array or an object, and end within it.
pub(crate) fn breaks_off(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let is_begun = matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    // A number that breaks off is told as an invalid one.
    let is_in_number = matches!(bytes.last(), Some(b'-' | b'+' | b'.' | b'e' | b'E'));
    is_begun && (lacks_its_end(bytes) || is_in_number && lacks_its_end(&[bytes, b"0"].concat()))
}

fn lacks_its_end(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_err_and(|problem| problem.is_eof())
}

#[cfg(test)]
mod tests {
    use super::breaks_off;

    #[test]
    fn what_ends_within_an_array_or_an_object_breaks_off() {
        let whole = " {\"a\": [-1.5e-3, 2E+6, {\"b\": \"\u{436}\\n\"}]}";
        for end in 2..whole.len() {
            assert!(breaks_off(&whole.as_bytes()[..end]), "{end}");
        }
        for other in
            [whole, "", "  ", "null", "12", "\"a", "<html>", "{]", "[1] x", "{\"a\" 1", "[1+", "[e"]
        {
            assert!(!breaks_off(other.as_bytes()), "{other}");
        }
        assert!(breaks_off("\u{FEFF}[1,".as_bytes()));
    }
}

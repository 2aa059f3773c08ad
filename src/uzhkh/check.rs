//! Checks a value against the documented type of its field. A mismatch is a
//! finding: it names the problem, never the value.

use super::fields::{Field, Type};
use crate::json;

/// The problem of a field's value, if any.
pub(super) fn problem(field: &Field, value: Option<&str>) -> Option<String> {
    let value = match value {
        None if field.required => return Some("required, but absent".to_owned()),
        Some("null") if field.required => return Some("required, but null".to_owned()),
        None | Some("null") => return None,
        Some(value) => value,
    };
    let first = value.as_bytes().first().copied().unwrap_or_default();
    let is_number = first == b'-' || first.is_ascii_digit();
    let (fits, documented) = match field.ty {
        Type::Text => (first == b'"', "text"),
        Type::Int => (is_number && !value.contains(['.', 'e', 'E']), "a whole number"),
        Type::Double => (is_number, "a number"),
        Type::Decimal => (is_number, "a decimal"),
        Type::Bool => (matches!(first, b't' | b'f'), "true or false"),
        Type::DateTime => (is_date_time(value), "a date and time"),
        Type::TextList | Type::Persons => (first == b'[', "a list"),
    };
    if fits {
        return None;
    }
    let found = match first {
        b'"' if field.ty == Type::DateTime => "other text",
        b'"' => "text",
        b'{' => "an object",
        b'[' => "a list",
        b't' | b'f' => "true or false",
        _ => "a number",
    };
    Some(format!("{documented} is documented, {found} came"))
}

/// Whether a JSON value is a string that holds a date and time as UZhKH may write
/// it: ISO 8601 with or without offset, or `/Date(ms)/`.
fn is_date_time(value: &str) -> bool {
    let Some(text) = json::string(value) else {
        return false;
    };
    if let Some(rest) = text.strip_prefix("/Date(") {
        let digits = rest.strip_suffix(")/").unwrap_or_default();
        let digits = digits.strip_prefix('-').unwrap_or(digits);
        let count = digits.bytes().take_while(u8::is_ascii_digit).count();
        let offset = &digits[count..];
        return count > 0 && (offset.is_empty() || offset.starts_with(['+', '-']));
    }
    text.parse::<jiff::civil::DateTime>().is_ok() || text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_come_in_several_spellings() {
        for good in [
            "2023-01-15T12:34:56",
            "2023-01-15T12:34:56.1234567",
            "2023-01-15T12:34:56+03:00",
            "2023-01-15T12:34:56Z",
            "/Date(1673786096000)/",
            "/Date(1673786096000+0300)/",
        ] {
            assert!(is_date_time(&json::quote(good)), "{good}");
        }
        for bad in ["", "soon", "/Date()/", "15.01.2023"] {
            assert!(!is_date_time(&json::quote(bad)), "{bad}");
        }
    }
}

//! The answers of MACRO, and the shapes that PHP gives its arrays.
//!
//! An answer is an object of `status_code`, `data` and `message`. Errors come inside
//! HTTP 200: a `status_code` other than 200, or `error: true` as the neighbouring
//! calls of the API have it, in any spelling that PHP has for true. An answer that is neither
//! a success nor an error is not taken for a success.

use crate::json::{self, Members};

/// A parsed answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer<'t> {
    /// Success; `data` as raw JSON, where there is any.
    Yes {
        /// `data`.
        data: Option<&'t str>,
    },
    /// Refused.
    No {
        /// `status_code`, where there is one.
        code: Option<i64>,
        /// `message`, as it came.
        message: Option<String>,
    },
}

/// Parses an answer; the error is the reason why it is undocumented.
pub(super) fn read(body: &[u8]) -> Result<Answer<'_>, &'static str> {
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8")?;
    let text = text.trim_start_matches('\u{FEFF}').trim();
    if text.starts_with('<') {
        return Err("it is an HTML page");
    }
    let members = Members::parse(text).ok_or("it is not a JSON object")?;
    let code = match members.get("status_code").filter(|code| *code != "null") {
        Some(raw) => Some(number(raw).ok_or("its status_code is not a number")?),
        None => None,
    };
    let data = members.get("data");
    let is_error = members.get("error").is_some_and(is_true)
        || members.get("success").is_some_and(|success| !is_true(success));
    if is_error || code.is_some_and(|code| code != 200) {
        let message = members.get("message").and_then(as_text);
        return Ok(Answer::No { code, message });
    }
    if code.is_none() && data.is_none() {
        return Err("it has neither status_code nor data");
    }
    Ok(Answer::Yes { data })
}

/// Whether a value is true to PHP; the texts `false` and `null` count as false.
fn is_true(raw: &str) -> bool {
    let is_false = match raw.as_bytes().first() {
        Some(b'"') => {
            json::string(raw).is_some_and(|text| matches!(&*text, "" | "0" | "false" | "null"))
        }
        Some(b'[' | b'{') => php_array(raw).is_some_and(|values| values.is_empty()),
        _ => matches!(raw, "false" | "null" | "0"),
    };
    !is_false
}

/// A whole number, or text that is one.
fn number(raw: &str) -> Option<i64> {
    as_text(raw)?.trim().parse().ok()
}

/// The text of a string, or of a number as written.
pub(super) fn as_text(raw: &str) -> Option<String> {
    match raw.as_bytes().first()? {
        b'"' => json::string(raw).map(Into::into),
        b'-' | b'0'..=b'9' => Some(raw.to_owned()),
        _ => None,
    }
}

/// The values of a PHP array: it comes as an array, or, where its keys have gaps, as an
/// object of numeric keys, of which only the values count. An empty one may be `null`.
pub(super) fn php_array(raw: &str) -> Option<Vec<&str>> {
    if raw == "null" {
        return Some(Vec::new());
    }
    if raw.starts_with('[') {
        return json::elements(raw);
    }
    let members = Members::parse(raw)?;
    let is_index = |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    let values = members.iter().map(|(key, value)| is_index(key).then_some(value));
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no(code: Option<i64>, message: Option<&str>) -> Result<Answer<'static>, &'static str> {
        let message = message.map(str::to_owned);
        Ok(Answer::No { code, message })
    }

    #[test]
    fn a_yes_has_a_status_code_or_data() {
        for (text, data) in [
            (r#"{"status_code":200,"data":[1]}"#, Some("[1]")),
            (r#"{"status_code":"200","data":{},"message":"no"}"#, Some("{}")),
            (r#"{"data":null}"#, Some("null")),
            ("\u{FEFF} {\"status_code\": 200}\n", None),
            (r#"{"status_code":200,"error":false}"#, None),
            (r#"{"status_code":200,"error":0}"#, None),
            (r#"{"status_code":200,"error":null}"#, None),
            (r#"{"status_code":200,"error":"0"}"#, None),
            (r#"{"status_code":200,"error":"false"}"#, None),
            (r#"{"status_code":200,"error":[]}"#, None),
            (r#"{"status_code":null,"data":[]}"#, Some("[]")),
        ] {
            assert_eq!(read(text.as_bytes()), Ok(Answer::Yes { data }), "{text}");
        }
    }

    #[test]
    fn a_no_is_one_whatever_else_it_says() {
        for (text, expected) in [
            (r#"{"status_code":400,"data":[],"message":"Занято"}"#, no(Some(400), Some("Занято"))),
            (r#"{"status_code":"403"}"#, no(Some(403), None)),
            (
                r#"{"error":true,"message":"Request not authenticated"}"#,
                no(None, Some("Request not authenticated")),
            ),
            (r#"{"status_code":200,"error":true,"data":[],"message":7}"#, no(Some(200), Some("7"))),
            (r#"{"status_code":0,"message":{}}"#, no(Some(0), None)),
            (r#"{"error":1,"data":[],"message":"Занято"}"#, no(None, Some("Занято"))),
            (r#"{"success":false,"data":[],"message":"Занято"}"#, no(None, Some("Занято"))),
            (r#"{"status_code":200,"error":"true"}"#, no(Some(200), None)),
            (r#"{"status_code":200,"error":"Занято"}"#, no(Some(200), None)),
            (r#"{"status_code":200,"error":{"code":5}}"#, no(Some(200), None)),
        ] {
            assert_eq!(read(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn anything_else_is_not_documented() {
        for text in [
            "",
            "[]",
            "null",
            "\"ok\"",
            "{",
            "{}",
            "<html>",
            r#"{"success":true}"#,
            r#"{"status_code":"ok","data":[]}"#,
            r#"{"status_code":200.5}"#,
            r#"{"error":false,"message":"x"}"#,
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read(b"{\"data\":\"\xff\"}").is_err());
    }

    #[test]
    fn php_arrays_come_in_four_shapes() {
        for (raw, values) in [
            (r#"["a", 2]"#, vec![r#""a""#, "2"]),
            (r#"{"0":"a","17":2}"#, vec![r#""a""#, "2"]),
            ("[]", vec![]),
            ("{}", vec![]),
            ("null", vec![]),
        ] {
            assert_eq!(php_array(raw), Some(values), "{raw}");
        }
        for raw in [r#"{"id":"1"}"#, r#"{"0":1,"x":2}"#, r#"{"":1}"#, "1", "\"a\"", "true"] {
            assert_eq!(php_array(raw), None, "{raw}");
        }
    }
}

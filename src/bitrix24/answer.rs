//! The answers of Bitrix24, and the shapes that PHP gives its arrays.
//!
//! An answer is an object of `result` and `time`, or of `error` and `error_description`;
//! the cloud's front end answers with pages of HTML. An empty object comes as `[]`.

use crate::json::{self, Members};

/// A parsed answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer<'t> {
    /// `result` as raw JSON, with what stands beside it.
    Yes(&'t str, Beside),
    /// Refused.
    No(Refusal),
}

/// What stands beside `result`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// Of a list.
    pub(super) more: More,
    /// `time.finish`, in seconds since 1970: the time of the answer by the portal's clock.
    pub(super) finish: Option<i64>,
    /// `time.operating_reset_at`, in seconds since 1970: when the method has time again.
    pub(super) reset_at: Option<i64>,
}

/// What a portal says of the rows that a page of a list does not have; most say nothing, since
/// they are told not to count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct More {
    /// Whether there is `next`.
    pub(super) has_next: bool,
    /// `total`: how many rows the filter finds.
    pub(super) total: Option<u64>,
}

/// The text of a page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageText {
    /// `result` as raw JSON.
    pub(super) result: String,
    pub(super) more: More,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// `error`, which may be empty.
    pub(super) code: String,
    /// `error_description`.
    pub(super) said: Option<String>,
}

/// Parses an answer; the error is the reason why it is undocumented.
pub(super) fn read(body: &[u8]) -> Result<Answer<'_>, &'static str> {
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8")?;
    let text = text.trim_start_matches('\u{FEFF}').trim();
    if text.starts_with('<') {
        return Err("it is an HTML page");
    }
    let members = Members::parse(text).ok_or("it is not a JSON object")?;
    if let Some(refusal) = refusal(&members) {
        return Ok(Answer::No(refusal));
    }
    let result = members.get("result").ok_or("it has no result")?;
    Ok(Answer::Yes(result, beside(&members)))
}

fn refusal(members: &Members<'_>) -> Option<Refusal> {
    let code = members.get("error").filter(|code| *code != "null")?;
    Some(Refusal {
        code: json::string(code).unwrap_or_default().into_owned(),
        said: members.get("error_description").and_then(json::string).map(Into::into),
    })
}

fn beside(members: &Members<'_>) -> Beside {
    let time = members.get("time").and_then(Members::parse).unwrap_or_default();
    let seconds = |name| {
        let whole = time.get(name)?.split('.').next()?;
        whole.parse::<i64>().ok()
    };
    Beside {
        more: More::read(members.get("next"), members.get("total")),
        finish: seconds("finish"),
        reset_at: seconds("operating_reset_at"),
    }
}

impl More {
    fn read(next: Option<&str>, total: Option<&str>) -> Self {
        let number = |value: &str| value.trim_matches('"').parse::<u64>().ok();
        Self { has_next: next.and_then(number).is_some(), total: total.and_then(number) }
    }

    /// Whether there are rows beyond this many on the page.
    pub(super) fn is_beyond(self, rows: usize) -> bool {
        self.has_next || self.total.is_some_and(|total| total > rows as u64)
    }
}

/// The outcome of each command of a batch, by name.
pub(super) struct Batch<'t> {
    results: Members<'t>,
    errors: Members<'t>,
    nexts: Members<'t>,
    totals: Members<'t>,
}

impl<'t> Batch<'t> {
    /// Parses the `result` of a batch.
    pub(super) fn read(result: &'t str) -> Result<Self, &'static str> {
        let members = Members::parse(result).ok_or("its result is not an object")?;
        let part = |name| match members.get(name) {
            None | Some("null") => Ok(Members::default()),
            Some(part) if json::elements(part).is_some_and(|some| some.is_empty()) => {
                Ok(Members::default())
            }
            Some(part) => Members::parse(part).ok_or("a part of its result is not an object"),
        };
        Ok(Self {
            results: part("result")?,
            errors: part("result_error")?,
            nexts: part("result_next")?,
            totals: part("result_total")?,
        })
    }

    /// The result of a command, or why there is none.
    pub(super) fn get(&self, command: &str) -> Option<Result<&'t str, Refusal>> {
        if let Some(error) = self.errors.get(command) {
            let members = Members::parse(error).unwrap_or_default();
            return Some(Err(
                refusal(&members).unwrap_or(Refusal { code: String::new(), said: None })
            ));
        }
        self.results.get(command).map(Ok)
    }

    /// What stands beside the result of a command that lists.
    pub(super) fn more(&self, command: &str) -> More {
        More::read(self.nexts.get(command), self.totals.get(command))
    }
}

/// The rows of a list: `items` of a list of items, the result itself of contacts. A PHP
/// array with gaps is an object of numeric keys, of which the values count.
pub(super) fn rows(result: &str) -> Option<Vec<&str>> {
    if let Some(rows) = json::elements(result) {
        return Some(rows);
    }
    let members = Members::parse(result)?;
    if let Some(items) = members.get("items") {
        return json::elements(items).or_else(|| values(&Members::parse(items)?));
    }
    values(&members)
}

fn values<'t>(members: &Members<'t>) -> Option<Vec<&'t str>> {
    let is_index = |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    members.iter().map(|(key, value)| is_index(key).then_some(value)).collect()
}

/// The most characters of a description that are kept.
const SAID: usize = 300;
/// The replacement of a secret.
const HIDDEN: &str = "[hidden]";

/// A description fit to be kept and shown: one line, not too long, without secrets.
pub(super) fn presentable(said: &str, secrets: &[String]) -> String {
    let words: Vec<&str> = said
        .split(|one: char| one.is_control() || one.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    let hide = |line: String, secret: &String| line.replace(secret.as_str(), HIDDEN);
    let line = secrets.iter().fold(words.join(" "), hide);
    match line.char_indices().nth(SAID) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_tells_when_the_method_has_time_again() {
        let text =
            br#"{"result":[],"time":{"finish":1700000000.25,"operating_reset_at":1700000600}}"#;
        let beside = Beside {
            finish: Some(1_700_000_000),
            reset_at: Some(1_700_000_600),
            more: More::default(),
        };
        assert_eq!(read(text), Ok(Answer::Yes("[]", beside)));
        let text = br#"{"result":{"items":[]},"next":50,"total":"60","time":{"finish":1}}"#;
        let more = More { has_next: true, total: Some(60) };
        let beside = Beside { more, finish: Some(1), reset_at: None };
        assert_eq!(read(text), Ok(Answer::Yes(r#"{"items":[]}"#, beside)));
    }

    #[test]
    fn a_no_may_have_an_empty_code() {
        let no = read(br#"{"error":"","error_description":"Not found"}"#);
        let refusal = Refusal { code: String::new(), said: Some("Not found".to_owned()) };
        assert_eq!(no, Ok(Answer::No(refusal)));
        for body in ["<html>", "[]", "{}", "{", "\u{FEFF}"] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn rows_come_in_four_shapes() {
        for result in [
            r#"[{"ID":"1"}]"#,
            r#"{"items":[{"ID":"1"}]}"#,
            r#"{"items":{"3":{"ID":"1"}}}"#,
            r#"{"0":{"ID":"1"}}"#,
        ] {
            assert_eq!(rows(result), Some(vec![r#"{"ID":"1"}"#]), "{result}");
        }
        assert_eq!(rows("[]"), Some(Vec::new()));
        assert_eq!(rows(r#"{"item":{}}"#), None);
        assert_eq!(rows("null"), None);
    }

    #[test]
    fn empty_parts_of_a_batch_are_arrays() {
        let batch = Batch::read(r#"{"result":[],"result_error":{"a":{"error":"X"}}}"#).unwrap();
        assert_eq!(batch.get("a").unwrap().unwrap_err().code, "X");
        assert!(batch.get("b").is_none());
        let batch = Batch::read(r#"{"result":{"b":[1]},"result_error":[]}"#).unwrap();
        assert_eq!(batch.get("b"), Some(Ok("[1]")));
        assert_eq!(batch.more("b"), More::default());
        let batch = Batch::read(r#"{"result_next":{"a":50},"result_total":{"a":60}}"#).unwrap();
        assert_eq!(batch.more("a"), More { has_next: true, total: Some(60) });
    }

    #[test]
    fn a_description_is_one_line_without_secrets() {
        let said = presentable("no\n  access by s3cret!", &["s3cret".to_owned()]);
        assert_eq!(said, "no access by [hidden]!");
    }
}

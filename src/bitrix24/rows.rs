//! The rows of a list: their ids, and the bodies of their records.
//!
//! A row is kept as received, without the links of files: they hold tokens that open the
//! file, and differ with each read. The file's id stays; a fresh link comes with the row when
//! it is asked for by itself.

use std::borrow::Cow;

use jiff::Timestamp;

use super::names;
use super::values::Values;
use crate::config::{Bitrix24Fields, Bitrix24Only};
use crate::json::stream;
use crate::json::{self, Members};
use crate::ledger::Finding;
use crate::mirror::{self, Composed};

/// The first line of [`mirror::Form::settings`]: another number has every row composed anew.
const VERSION: &str = "3";

/// A parsed row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row<'t> {
    pub(super) id: u64,
    /// The text without the links of its files.
    pub(super) text: Cow<'t, str>,
    /// The time of its last change, where it is given.
    pub(super) updated: Option<Timestamp>,
}

/// Parses a row; the error is the reason why it is unreadable, and quotes nothing of it.
pub(super) fn read(text: &str) -> Result<Row<'_>, String> {
    let members = json::object(text, stream::depth(text.as_bytes()))?;
    let id = names::get(&members, "id").and_then(id).ok_or("no id")?;
    let updated = ["updatedTime", "DATE_MODIFY"]
        .into_iter()
        .find_map(|name| names::get(&members, name))
        .and_then(json::string)
        .and_then(|time| time.parse().ok());
    Ok(Row { id, text: without_links(text), updated })
}

/// The id that an unreadable row seems to have.
pub(super) fn salvage(text: &str) -> Option<u64> {
    let id = json::salvage(text, "id").or_else(|| json::salvage(text, "ID"));
    id?.parse().ok()
}

/// An id: a number, or a string that is one.
fn id(value: &str) -> Option<u64> {
    let text = match json::string(value) {
        Some(text) => text,
        None => value.into(),
    };
    text.trim().parse().ok().filter(|id| *id > 0)
}

/// Members of a file that hold links.
const LINKS: [&str; 4] = ["url", "urlMachine", "showUrl", "downloadUrl"];

/// The JSON text without the links of files, otherwise to the letter.
pub(super) fn without_links(text: &str) -> Cow<'_, str> {
    let holds_links = memchr::memmem::find(text.as_bytes(), b"rl\"").is_some();
    if holds_links || text.contains("Machine") {
        stripped(text).map_or(Cow::Borrowed(text), Cow::Owned)
    } else {
        text.into()
    }
}

/// The value without the links of files in it; None where there are none.
pub(super) fn stripped(value: &str) -> Option<String> {
    match value.as_bytes().first()? {
        b'{' => {
            let members = Members::parse(value)?;
            let is_file = is_file(&members);
            let mut has_links = false;
            let mut kept = Vec::new();
            for (name, value) in members.iter() {
                if is_file && LINKS.contains(&name) {
                    has_links = true;
                    continue;
                }
                let inner = stripped(value);
                has_links |= inner.is_some();
                let value = inner.map_or(Cow::Borrowed(value), Cow::Owned);
                kept.push(format!("{}:{value}", json::quote(name)));
            }
            has_links.then(|| format!("{{{}}}", kept.join(",")))
        }
        b'[' => {
            let values = json::elements(value)?;
            let inner: Vec<Option<String>> = values.iter().map(|value| stripped(value)).collect();
            if inner.iter().all(Option::is_none) {
                return None;
            }
            let kept: Vec<Cow<'_, str>> = values
                .into_iter()
                .zip(inner)
                .map(|(value, inner)| inner.map_or(Cow::Borrowed(value), Cow::Owned))
                .collect();
            Some(format!("[{}]", kept.join(",")))
        }
        _ => None,
    }
}

/// Whether an object is a file: an id with links of files.
fn is_file(members: &Members<'_>) -> bool {
    let has_id = members.get("id").is_some() || members.get("ID").is_some();
    let has_own_link = LINKS[1..].iter().any(|link| members.get(link).is_some());
    let is_bare =
        members.iter().all(|(name, _)| matches!(name, "id" | "ID") || LINKS.contains(&name));
    has_id && (has_own_link || is_bare && members.get("url").is_some())
}

/// The form of a kind's rows.
pub(super) struct Form {
    /// Two dates, the first of which should not be after the second.
    span: Option<[String; 2]>,
    /// The codes of each field that goes to Alma.
    keys: Vec<Vec<String>>,
    updated: &'static str,
    values: Values,
    settings: String,
}

impl Form {
    pub(super) fn new(
        kind: &str,
        updated: &'static str,
        fields: &Bitrix24Fields,
        only: &Bitrix24Only,
    ) -> Self {
        let first = |key| Some(fields.codes(key)?.first()?.clone());
        let span = (kind == "owner_contract")
            .then(|| Some([first("pml_start")?, first("pml_end")?]))
            .flatten();
        let keys = fields.of_kind(kind, only).into_iter();
        // A contact without phones has no such member.
        let keys = keys.filter(|(key, _)| *key != "contact_phone");
        let keys: Vec<Vec<String>> = keys.map(|(_, codes)| codes.to_vec()).collect();
        let values = Values::new(kind, fields);
        let settings = format!("{VERSION}\n{span:?}\n{keys:?}\n{}\n", values.settings());
        Self { span, keys, updated, values, settings }
    }

    fn findings(&self, members: &Members<'_>) -> Vec<Finding> {
        let repeated = members.repeated().into_iter();
        let mut findings: Vec<Finding> = repeated
            .map(|key| Finding::new(key, "given more than once; the last one counts"))
            .collect();
        if names::get(members, self.updated).is_none() {
            let problem = "missing: a change of it is found by full reads alone";
            findings.push(Finding::new(self.updated, problem));
        }
        let lacking = self.keys.iter().filter(|codes| {
            codes
                .iter()
                .all(|code| names::get(members, code).is_none() && !names::has(members, code))
        });
        let lacking: Vec<&str> = lacking.flatten().map(String::as_str).collect();
        if !lacking.is_empty() {
            let problem = format!(
                "lacks {}: nothing is sent to Alma for them; are their codes in [bitrix24.fields] right?",
                lacking.join(", ")
            );
            findings.push(Finding::new("", problem));
        }
        findings.extend(self.values.findings(members));
        if let Some([start, end]) = &self.span
            && let (Some(first), Some(last)) = (day(members, start), day(members, end))
            && first > last
        {
            let problem =
                format!("is after {end}; are pml_start and pml_end in [bitrix24.fields] right?");
            findings.push(Finding::new(start, problem));
        }
        findings
    }
}

/// The day of a date, as text that sorts as days do.
fn day(members: &Members<'_>, field: &str) -> Option<String> {
    let text = names::get(members, field).and_then(json::string)?;
    text.get(..10).map(str::to_owned)
}

impl mirror::Form for Form {
    fn settings(&self) -> &[u8] {
        self.settings.as_bytes()
    }

    fn compose(&self, text: &str, _: &str) -> Composed {
        let members = Members::parse(text).unwrap_or_default();
        // SQLite's JSON functions see the first of a repeated key, and the last counts.
        let body = if members.repeated().is_empty() {
            text.to_owned()
        } else {
            json::without_repetitions(text)
        };
        Composed { findings: self.findings(&members), body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_number_or_text() {
        for text in [r#"{"id":7}"#, r#"{"id":"7"}"#, r#"{"ID":"7","id":null}"#, r#"{"ID":" 07"}"#] {
            assert_eq!(read(text).map(|row| row.id), Ok(7), "{text}");
        }
        for text in [r#"{"id":0}"#, r#"{"id":-1}"#, r#"{"id":"x"}"#, r#"{"id":[7]}"#, "[]"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(salvage(r#"{"ID":"7","a":"#), Some(7));
    }

    #[test]
    fn links_of_files_are_taken_out_wherever_they_are() {
        for (came, kept) in [
            (
                r#"{"id":1, "f":{"id":5,"url":"/a?t=1","urlMachine":"/rest/1/s/x"}, "n":1.50}"#,
                r#"{"id":1,"f":{"id":5},"n":1.50}"#,
            ),
            (
                r#"{"id":1,"f":[{"id":"5","url":"/a"},{"id":6,"urlMachine":"/b","name":"x"}]}"#,
                r#"{"id":1,"f":[{"id":"5"},{"id":6,"name":"x"}]}"#,
            ),
            (
                r#"{"ID":"1","PHOTO":{"id":5,"showUrl":"/a","downloadUrl":"/b?auth=c"}}"#,
                r#"{"ID":"1","PHOTO":{"id":5}}"#,
            ),
        ] {
            assert_eq!(read(came).unwrap().text, kept);
        }
        for same in [
            r#"{"id":1,"url":"https://own.example","title":"curl"}"#,
            r#"{"id":1, "link":{"url":"https://own.example"}}"#,
            r#"{"id":1, "a":[],"b":{},"urlMachine":null}"#,
        ] {
            let text = read(same).unwrap().text;
            assert!(matches!(text, Cow::Borrowed(_)) || same.contains("Machine"), "{text}");
        }
    }

    #[test]
    fn remarks_hold_no_values() {
        let fields = Bitrix24Fields::default()
            .with("pml_start", &["ufCrm10_1"])
            .with("pml_end", &["ufCrm10_2"]);
        let form = Form::new("owner_contract", "updatedTime", &fields, &Bitrix24Only::default());
        let text = r#"{"id":1,"ufCrm10_1":"2025-02-01T03:00:00+03:00","UF_CRM_10_2":"2025-01-31","x":1,"x":2}"#;
        let composed = mirror::Form::compose(&form, text, "");
        let paths: Vec<&str> = composed.findings.iter().map(|one| &*one.path).collect();
        assert_eq!(paths, ["x", "updatedTime", "", "ufCrm10_1"]);
        assert!(composed.body.ends_with(r#""x":2}"#));
        assert!(!composed.findings.iter().any(|one| one.problem.contains("2025")));
    }
}

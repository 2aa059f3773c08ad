//! The items of a feed: their ids, and the bodies of their records.
//!
//! The documents describe no fields, so an item is kept whole. The id is `id`, or
//! `flat_id` of premises and `deal_id` of a deal, or what `id_field` names. A flat of
//! the nested layout also keeps the ids and titles of its ancestors, under the names that
//! flat feeds have for them: `house_id`, `house`.

use std::borrow::Cow;

use super::dates::Dates;
use crate::config::{self, FeedKind};
use crate::json::{self, Members};
use crate::ledger::Finding;
use crate::mirror::{self, Composed};

/// The first line of [`mirror::Form::settings`]: another number has every item composed anew.
const VERSION: &str = "1";

/// The longest id, in bytes: all ids of a feed are held in memory.
const MAX_ID: usize = 256;

/// The lists of the nested layout above the flats.
const NESTED: [&str; 6] =
    ["projects", "stages", "houses", "houses_without_stage", "sections", "floors"];

/// The form of a feed's items.
#[derive(Debug)]
pub(super) struct Form {
    kind: FeedKind,
    id_field: Option<String>,
    dates: Dates,
    settings: String,
}

impl Form {
    pub(super) fn new(feed: &config::Feed) -> Self {
        Self::with(feed.kind, feed.id_field.as_deref(), &feed.date_fields)
    }

    pub(super) fn with(kind: FeedKind, id_field: Option<&str>, date_fields: &[String]) -> Self {
        Self {
            kind,
            id_field: id_field.map(str::to_owned),
            dates: Dates { further: date_fields.to_vec() },
            settings: format!(
                "{VERSION}\n{}\n{}\n",
                id_field.unwrap_or_default(),
                date_fields.join("\n")
            ),
        }
    }

    /// Parses an item: its id and its text, or the reason why it is unreadable.
    pub(super) fn identified<'t>(
        &self,
        bytes: &'t [u8],
        depth: usize,
    ) -> Result<(String, &'t str), String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
        let members = json::object(text, depth)?;
        if let Some(list) = self.nested_list(&members) {
            return Err(format!(
                "it holds a list of {list}: is it a project, a house…? items can name the list of flats"
            ));
        }
        let id = match &self.id_field {
            Some(field) => named(&members, field)
                .and_then(id_text)
                .ok_or_else(|| format!("no {field}, which id_field names"))?,
            None => self
                .fields()
                .into_iter()
                .find_map(|field| members.get(field).and_then(id_text))
                .ok_or_else(|| format!("no {}", self.fields().join(" and no ")))?,
        };
        if id.len() > MAX_ID {
            return Err(format!("an id of over {MAX_ID} bytes"));
        }
        Ok((id.into_owned(), text))
    }

    /// A list of the nested layout's upper levels: an item that holds one is no premises.
    fn nested_list(&self, members: &Members<'_>) -> Option<&'static str> {
        let holds_objects = |value: &str| {
            let inside = value.strip_prefix('[').map(str::trim_start);
            inside.is_some_and(|inside| inside.starts_with('{'))
        };
        NESTED.into_iter().find(|list| {
            self.kind == FeedKind::Premises && members.get(list).is_some_and(holds_objects)
        })
    }

    fn fields(&self) -> [&'static str; 2] {
        match self.kind {
            FeedKind::Premises => ["id", "flat_id"],
            FeedKind::Deals => ["id", "deal_id"],
        }
    }
}

impl mirror::Form for Form {
    fn settings(&self) -> &[u8] {
        self.settings.as_bytes()
    }

    fn identify(&self, bytes: &[u8], depth: usize) -> Result<String, String> {
        self.identified(bytes, depth).map(|(id, _)| id)
    }

    fn salvage(&self, bytes: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(bytes);
        let told = |id: &String| !id.trim().is_empty();
        match &self.id_field {
            Some(field) => json::salvage_within(&text, &steps(field)).filter(told),
            None => {
                let mut fields = self.fields().into_iter();
                fields.find_map(|field| json::salvage(&text, field).filter(told))
            }
        }
    }

    fn compose(&self, text: &str, around: &str) -> Composed {
        let members = Members::parse(text).unwrap_or_default();
        let repeated = members.repeated();
        let findings = repeated
            .iter()
            .map(|key| Finding::new(*key, "given more than once; the last one counts"))
            .collect();
        // SQLite's JSON functions see the first of a repeated key, and the last counts.
        let once = if repeated.is_empty() {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(json::without_repetitions(text))
        };
        let mut body = self.dates.normalised(&once).into_owned();
        add_around(&mut body, &members, around);
        Composed { body, findings }
    }
}

/// Adds the members of `around` that an item does not have itself.
fn add_around(body: &mut String, members: &Members<'_>, around: &str) {
    let context = Members::parse(around).unwrap_or_default();
    for (name, value) in context.iter() {
        if members.get(name).is_some() {
            continue;
        }
        let Some(end) = body.rfind('}') else { return };
        body.truncate(end);
        let is_first = body.trim_end().ends_with('{');
        let comma = if is_first { "" } else { "," };
        body.push_str(&format!("{comma}{}:{value}}}", json::quote(name)));
    }
}

/// A member by its name, or by a JSON pointer.
fn named<'t>(members: &Members<'t>, field: &str) -> Option<&'t str> {
    let steps = steps(field);
    let (first, rest) = steps.split_first()?;
    rest.iter().try_fold(members.get(first)?, |value, step| Members::parse(value)?.get(step))
}

/// The members that lead to the one of this name, or at this JSON pointer, and it.
fn steps(field: &str) -> Vec<String> {
    match field.strip_prefix('/') {
        None => vec![field.to_owned()],
        Some(pointer) => {
            pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
        }
    }
}

/// An id as text: text that is not blank, or a number as it is written.
fn id_text(value: &str) -> Option<Cow<'_, str>> {
    match value.as_bytes().first()? {
        b'"' => json::string(value).filter(|text| !text.trim().is_empty()),
        b'-' | b'0'..=b'9' => Some(value.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::Form as _;

    fn id(kind: FeedKind, id_field: Option<&str>, text: &str) -> Result<String, String> {
        let form = Form::with(kind, id_field, &[]);
        form.identify(text.as_bytes(), 1)
    }

    #[test]
    fn the_id_is_where_the_kind_or_the_config_says() {
        use FeedKind::{Deals, Premises};
        assert_eq!(id(Deals, None, r#"{"deal_id":"a","id":7}"#).unwrap(), "7");
        assert_eq!(id(Deals, None, r#"{"deal_id":"a"}"#).unwrap(), "a");
        assert_eq!(id(Premises, None, r#"{"id":null,"flat_id":9}"#).unwrap(), "9");
        assert_eq!(id(Deals, Some("uid"), r#"{"id":7,"uid":8}"#).unwrap(), "8");
        let nested = r#"{"deal":{"a/b":11}}"#;
        assert_eq!(id(Deals, Some("/deal/a~1b"), nested).unwrap(), "11");
        let house = r#"{"id":7,"sections":[{"id":1,"floors":[]}]}"#;
        assert!(id(Premises, None, house).is_err(), "a house is no flat");
        let flat = r#"{"id":7,"sections":2,"floors":[1,2]}"#;
        assert_eq!(id(Premises, None, flat).unwrap(), "7");
        let long = format!(r#"{{"id":"{}"}}"#, "9".repeat(257));
        assert!(id(Premises, None, &long).is_err());
        for nameless in [r#"{"flat_id":1}"#, r#"{"id":" "}"#, r#"{"id":{}}"#, "[1]", "{"] {
            assert!(id(Deals, None, nameless).is_err(), "{nameless}");
        }
    }

    #[test]
    fn a_broken_item_seems_to_have_the_id_that_it_would_have() {
        let form = Form::with(FeedKind::Premises, None, &[]);
        let salvaged = |text: &str| form.salvage(text.as_bytes());
        assert_eq!(salvaged(r#"{"id":" ","flat_id":9,"x":"#).as_deref(), Some("9"));
        assert_eq!(salvaged(r#"{"id":"","x":"#), None);
        assert_eq!(salvaged(r#"{"id":1234"#), None, "its number may go on");
        let form = Form::with(FeedKind::Deals, Some("/deal/uid"), &[]);
        let repeated = r#"{"deal":-2,"deal":{"uid":"u-1"}}"#;
        assert_eq!(form.identify(repeated.as_bytes(), 2).unwrap(), "u-1");
        assert_eq!(form.salvage(repeated.as_bytes()).as_deref(), Some("u-1"));
    }

    #[test]
    fn what_a_flat_stood_in_is_added_where_it_has_nothing_of_its_own() {
        let form = Form::with(FeedKind::Premises, None, &[]);
        let around = r#"{"house_id":4,"house":"Дом 4"}"#;
        let body = |text| form.compose(text, around).body;
        let own = r#"{"id":1,"house":"own"}"#;
        assert_eq!(body(own), r#"{"id":1,"house":"own","house_id":4}"#);
        assert_eq!(body("{ }"), r#"{ "house_id":4,"house":"Дом 4"}"#);
    }

    #[test]
    fn of_a_repeated_key_the_last_is_kept() {
        let form = Form::with(FeedKind::Deals, None, &[]);
        let composed = form.compose(r#"{"id":1,"day":"01.02.2023","day":"02.02.2023"}"#, "");
        assert_eq!(composed.body, r#"{"id":1,"day":"2023-02-02"}"#);
        assert_eq!(composed.findings.len(), 1);
    }
}

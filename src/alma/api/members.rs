//! One reader for the members of all answers.
//!
//! Missing members, unknown ones and nulls are taken as they come, and a bare id or word
//! where the document has an object with one. Values stay JSON text: no number becomes a
//! float.

use super::answer::trouble;
use crate::json::{self, Members};

const NOT_AS_DOCUMENTED: &str = "a member is not as documented";

/// The shape in which a member is read back.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// A text or a number, written as it is read.
    Plain,
    /// `true` or `false`.
    Flag,
    /// One of Alma's ids, written as it is read.
    Id,
    /// `{"id": 1075, "name": "…"}`, written as 1075.
    Reference,
    /// `{"name": "parking_type.uncovered", "value": "uncovered"}`, written as "uncovered".
    Choice,
    /// `[{"id": 4506, …}]`, written as `[{"id": 4506}]`; a photo without an id stays as it
    /// is. The document does not show this shape.
    Photos,
}

impl Shape {
    /// A value as it is written, JSON text; `None` where it has another shape.
    fn written(self, value: &str) -> Option<String> {
        match self {
            Self::Plain => Some(value).filter(|value| !is_nested(value)).map(str::to_owned),
            Self::Flag => value.parse::<bool>().ok().map(|flag| flag.to_string()),
            Self::Id => value.parse::<i64>().ok().map(|id| id.to_string()),
            Self::Reference => Self::Id.written(inside(value, "id")?),
            Self::Choice => Self::Plain.written(inside(value, "value")?),
            Self::Photos => {
                let photos = json::elements(value)?.into_iter();
                let written = photos.map(|photo| match inside(photo, "id") {
                    Some(id) => format!("{{\"id\":{id}}}"),
                    None => photo.to_owned(),
                });
                Some(format!("[{}]", written.collect::<Vec<_>>().join(",")))
            }
        }
    }
}

fn is_nested(value: &str) -> bool {
    value.starts_with(['{', '['])
}

/// A member of an object; of what is no object, the value itself.
fn inside<'t>(value: &'t str, member: &str) -> Option<&'t str> {
    if value.starts_with('{') { Members::parse(value)?.get(member) } else { Some(value) }
}

/// An answer that is an object. Errors say what is wrong with it, and quote nothing.
#[derive(Default)]
pub(super) struct Answer<'a>(Members<'a>);

impl<'a> Answer<'a> {
    pub(super) fn parse(body: &'a str) -> Result<Self, &'static str> {
        if !body.trim_start().starts_with('{') {
            return Err(trouble(body, "it is not an object"));
        }
        Members::parse(body).map(Self).ok_or_else(|| trouble(body, NOT_AS_DOCUMENTED))
    }

    /// A member as it is written, JSON text; `None` where it is missing.
    pub(super) fn get(&self, name: &str, shape: Shape) -> Result<Option<String>, &'static str> {
        match self.0.get(name) {
            None => Ok(None),
            Some("null") => Ok(Some("null".to_owned())),
            Some(value) => shape.written(value).map(Some).ok_or(NOT_AS_DOCUMENTED),
        }
    }

    /// An object inside; an empty one where it is missing or null.
    pub(super) fn inner(&self, name: &str) -> Result<Answer<'a>, &'static str> {
        match self.0.get(name) {
            None | Some("null") => Ok(Answer::default()),
            Some(value) => Members::parse(value).map(Answer).ok_or(NOT_AS_DOCUMENTED),
        }
    }

    /// Alma's id, which every object has.
    pub(super) fn id(&self) -> Result<i64, &'static str> {
        let id = self.get("id", Shape::Id)?;
        id.and_then(|id| id.parse().ok()).ok_or("it has no id")
    }

    /// Whether a flag is there and true.
    pub(super) fn flag(&self, name: &str) -> Result<bool, &'static str> {
        Ok(self.get(name, Shape::Flag)?.as_deref() == Some("true"))
    }

    /// A text that is not empty, or the digits of a number.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, &'static str> {
        let value = self.get(name, Shape::Plain)?.filter(|value| value != "null");
        let text = value.map(|value| json::string(&value).map_or(value.clone(), Into::into));
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// One of Alma's ids, bare or in an object that has it; `None` where it is null or missing.
    pub(super) fn nullable_id(&self, name: &str) -> Result<Option<i64>, &'static str> {
        Ok(self.get(name, Shape::Reference)?.and_then(|id| id.parse().ok()))
    }
}

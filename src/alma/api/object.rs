//! Objects as Alma reads them back, turned into the shapes that they are written in.
//!
//! Members that are missing or unknown, and nulls, are taken as they come, and an id where
//! the document has an object with one. Values stay JSON text: no number becomes a float.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::value::RawValue;

use super::answer::trouble;
use super::contracts::{OwnerContractAnswer, TenantContractAnswer};
use super::people::ClientAnswer;
use super::realty::{BuildingAnswer, RoomAnswer, UnitAnswer};
use crate::alma::Fields;
use crate::json::{self, Members};
use crate::ledger::AlmaKind;

/// An object that Alma has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Alma's id.
    pub id: i64,
    /// The id in the source; `None` where it is empty.
    pub external_id: Option<String>,
    /// Whether it is archived. Of a client Alma does not say: false.
    pub is_archived: bool,
    /// What it is, by the names and in the shapes that it is written in, but for scans:
    /// they are written as the id of a file and read back as a path. References are
    /// Alma's ids. What the answer lacks is not there.
    pub fields: Fields,
}

impl Object {
    /// Reads the answer to GET of this kind; an error says what is wrong with it.
    pub(super) fn read(kind: AlmaKind, body: &str) -> Result<Self, &'static str> {
        match kind {
            AlmaKind::Building => one::<BuildingAnswer>(body)?.object(),
            AlmaKind::Unit => one::<UnitAnswer>(body)?.object(),
            AlmaKind::Room => one::<RoomAnswer>(body)?.object(),
            AlmaKind::Client => one::<ClientAnswer>(body)?.object(),
            AlmaKind::OwnerContract => one::<OwnerContractAnswer>(body)?.object(),
            AlmaKind::TenantContract => one::<TenantContractAnswer>(body)?.object(),
        }
    }
}

/// What `rental_object/` finds: the unit or room that an id of the source stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RentalObject {
    /// Alma's id, which contracts name.
    pub id: i64,
    /// The id in the source; `None` where it is empty.
    pub external_id: Option<String>,
    /// Of a unit that is not shared, the id of its only room in the source.
    pub additional_external_id: Option<String>,
    /// Whether it is found by that one.
    pub is_used_additional_external_id: bool,
    /// Of a room Alma's id of its unit; `None`: it is a unit.
    pub parent_unit: Option<i64>,
}

impl RentalObject {
    pub(super) fn read(body: &str) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        struct Answer {
            id: i64,
            #[serde(default)]
            external_id: Given<Plain>,
            #[serde(default)]
            additional_external_id: Given<Plain>,
            #[serde(default)]
            is_used_additional_external_id: Given<bool>,
            // Whether it is a room must be said.
            #[serde(deserialize_with = "Option::deserialize")]
            parent_unit: Option<i64>,
        }

        let answer: Answer = one(body)?;
        Ok(Self {
            id: answer.id,
            external_id: answer.external_id.text(),
            additional_external_id: answer.additional_external_id.text(),
            is_used_additional_external_id: answer.is_used_additional_external_id.is_true(),
            parent_unit: answer.parent_unit,
        })
    }
}

fn one<T: DeserializeOwned>(body: &str) -> Result<T, &'static str> {
    // A struct could be read from a list too.
    if !body.trim_start().starts_with('{') {
        return Err(trouble(body, "it is not an object"));
    }
    // The library's words may quote what is in it.
    serde_json::from_str(body).map_err(|_| trouble(body, "a member is not as documented"))
}

/// A member of an answer.
#[derive(Debug, Default)]
pub(super) enum Given<T> {
    #[default]
    Absent,
    Null,
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::deserialize(deserializer)?;
        Ok(value.map_or(Given::Null, Given::Value))
    }
}

impl<T> Given<T> {
    pub(super) fn value(&self) -> Option<&T> {
        match self {
            Given::Value(value) => Some(value),
            Given::Absent | Given::Null => None,
        }
    }
}

impl Given<i64> {
    /// Alma's id, which every object has.
    pub(super) fn id(&self) -> Result<i64, &'static str> {
        self.value().copied().ok_or("it has no id")
    }
}

impl Given<bool> {
    pub(super) fn is_true(&self) -> bool {
        matches!(self, Given::Value(true))
    }
}

impl Given<Plain> {
    /// A text that is not empty, or the digits of a number.
    pub(super) fn text(&self) -> Option<String> {
        let raw = self.value()?.0.get();
        let text = json::string(raw).map_or_else(|| raw.to_owned(), Into::into);
        Some(text).filter(|text| !text.is_empty())
    }
}

/// A text, a number, a yes or no, as it stands there.
#[derive(Debug)]
pub(super) struct Plain(Box<RawValue>);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get().starts_with(['{', '[']) {
            return Err(D::Error::custom("not a plain value"));
        }
        Ok(Self(raw))
    }
}

/// `{"id": 1075, "name": "…"}`, written as 1075; the id alone is understood too.
#[derive(Debug)]
pub(super) struct Reference(i64);

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let id = inside(raw.get(), "id").and_then(|id| id.parse().ok());
        id.map(Self).ok_or_else(|| D::Error::custom("no id"))
    }
}

/// `{"name": "parking_type.uncovered", "value": "uncovered"}`, written as "uncovered"; the
/// value alone is understood too.
#[derive(Debug)]
pub(super) struct Choice(String);

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let value = inside(raw.get(), "value").filter(|value| !value.starts_with(['{', '[']));
        let value = value.ok_or_else(|| D::Error::custom("no value"))?;
        Ok(Self(value.to_owned()))
    }
}

/// A member of an object; what is no object, itself.
fn inside<'t>(text: &'t str, member: &str) -> Option<&'t str> {
    if text.starts_with('{') { Members::parse(text)?.get(member) } else { Some(text) }
}

/// Photos, in a shape that the document does not show: `[{"id": 4506, …}]`, written as
/// `[{"id": 4506}]`. Of one without an id nothing can be said but that it is there.
#[derive(Debug)]
pub(super) struct Photos(Vec<String>);

impl<'de> Deserialize<'de> for Photos {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let photos = Vec::<Box<RawValue>>::deserialize(deserializer)?.into_iter();
        let written = photos.map(|photo| match inside(photo.get(), "id") {
            Some(id) => format!("{{\"id\":{id}}}"),
            None => photo.get().to_owned(),
        });
        Ok(Self(written.collect()))
    }
}

/// A value as it is written, JSON text.
pub(super) trait Written {
    fn written(&self) -> String;
}

impl Written for Plain {
    fn written(&self) -> String {
        self.0.get().to_owned()
    }
}

impl Written for bool {
    fn written(&self) -> String {
        self.to_string()
    }
}

impl Written for i64 {
    fn written(&self) -> String {
        self.to_string()
    }
}

impl Written for Reference {
    fn written(&self) -> String {
        self.0.written()
    }
}

impl Written for Choice {
    fn written(&self) -> String {
        self.0.clone()
    }
}

impl Written for Photos {
    fn written(&self) -> String {
        format!("[{}]", self.0.join(","))
    }
}

/// Gathers the fields that an answer has.
#[derive(Default)]
pub(super) struct Shape(Fields);

impl Shape {
    pub(super) fn with(mut self, name: &str, member: &Given<impl Written>) -> Self {
        match member {
            Given::Absent => {}
            Given::Null => self.0.set(name, "null"),
            Given::Value(value) => self.0.set(name, value.written()),
        }
        self
    }

    pub(super) fn fields(self) -> Fields {
        self.0
    }
}

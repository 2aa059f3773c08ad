//! Objects as Alma reads them back, turned into the shapes that they are written in.

use super::fields::{self, USAGE};
use super::members::Answer;
use crate::alma::Fields;
use crate::ledger::AlmaKind;

/// An object that Alma has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Alma's id.
    pub id: i64,
    /// The id in the source; `None` where it is empty.
    pub external_id: Option<String>,
    /// Whether it is archived; always false of a client, which cannot be.
    pub is_archived: bool,
    /// The fields that the answer has, by the names and in the shapes that they are written
    /// in. References are Alma's ids. Scans alone differ: they are written as the id of a
    /// file and read back as a path.
    pub fields: Fields,
}

impl Object {
    /// Reads the answer to GET of this kind; an error says what is wrong with it.
    pub(super) fn read(kind: AlmaKind, body: &str) -> Result<Self, &'static str> {
        let answer = Answer::parse(body)?;
        let usage = if kind.is_contract() { answer.inner(USAGE)? } else { Answer::default() };
        let mut fields = Fields::default();
        for field in fields::of(kind) {
            let place = if field.is_in_usage { &usage } else { &answer };
            if let Some(value) = place.get(field.name, field.shape)? {
                fields.set(field.name, value);
            }
        }
        let is_archived = match kind {
            AlmaKind::Client => false,
            AlmaKind::OwnerContract | AlmaKind::TenantContract => usage.flag("is_archived")?,
            AlmaKind::Building | AlmaKind::Unit | AlmaKind::Room => answer.flag("is_archived")?,
        };
        let (id, external_id) = (answer.id()?, answer.text("external_id")?);
        Ok(Self { id, external_id, is_archived, fields })
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
    /// Of a room Alma's id of its unit; `None`: it is a unit, or the answer does not say.
    pub parent_unit: Option<i64>,
}

impl RentalObject {
    /// Whether it is a room, as far as the answer says.
    pub fn is_room(&self) -> bool {
        self.parent_unit.is_some()
    }

    pub(super) fn read(body: &str) -> Result<Self, &'static str> {
        let answer = Answer::parse(body)?;
        Ok(Self {
            id: answer.id()?,
            external_id: answer.text("external_id")?,
            additional_external_id: answer.text("additional_external_id")?,
            is_used_additional_external_id: answer.flag("is_used_additional_external_id")?,
            parent_unit: answer.nullable_id("parent_unit")?,
        })
    }
}

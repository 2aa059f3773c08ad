//! One object that is to be dealt with, and all that the ledger knows about it.

use super::fields::Fields;
use crate::ledger::{AlmaKey, AlmaKind, AlmaRow, AlmaState, Error, Reader};

/// An object that is to be dealt with.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) row: AlmaRow,
    /// What it should be; `None`: it should not be there.
    pub(super) desired: Option<Fields>,
    /// What it was last sent.
    pub(super) sent: Option<Fields>,
    /// Alma's ids of what the references in `desired` refer to.
    pub(super) references: Vec<(&'static str, Reference)>,
    /// Of a unit or a room that should not be there: a contract that is to move to another
    /// one first.
    pub(super) to_move: Option<AlmaKey>,
}

/// What a reference refers to.
#[derive(Debug, Clone)]
pub(super) enum Reference {
    /// Alma has it, under this id.
    Known(AlmaKey, i64),
    /// It is not in Alma yet; how it stands.
    Missing(AlmaKey, String),
}

/// The fields of a kind that refer to other objects, and the kinds of those.
fn references(kind: AlmaKind) -> &'static [(&'static str, (AlmaKind, &'static [AlmaKind]))] {
    match kind {
        AlmaKind::Building | AlmaKind::Client => &[],
        AlmaKind::Unit => &[("building", (AlmaKind::Building, &[]))],
        AlmaKind::Room => &[("parent_unit", (AlmaKind::Unit, &[]))],
        AlmaKind::OwnerContract => &[
            ("unit_id", (AlmaKind::Unit, &[])),
            ("client_id", (AlmaKind::Client, &[])),
        ],
        AlmaKind::TenantContract => &[
            ("unit_id", (AlmaKind::Unit, &[AlmaKind::Room])),
            ("client_id", (AlmaKind::Client, &[])),
        ],
    }
}

impl Task {
    /// Reads what is known about an object.
    ///
    /// # Errors
    /// SQLite's own.
    pub(super) fn read(row: AlmaRow, reader: &Reader) -> Result<Self, Error> {
        let parse = |text: &Option<String>| text.as_deref().and_then(Fields::parse);
        let (desired, sent) = (parse(&row.desired), parse(&row.sent));
        let mut found = Vec::new();
        for (field, kinds) in references(row.key.kind) {
            let external_id = desired.as_ref().and_then(|fields| fields.string(field));
            if let Some(external_id) = external_id {
                found.push((*field, refer(reader, *kinds, &external_id)?));
            }
        }
        let is_rental = matches!(row.key.kind, AlmaKind::Unit | AlmaKind::Room);
        let to_move = match desired {
            None if is_rental => reader.alma_contract_to_move(&row.key.external_id)?,
            _ => None,
        };
        Ok(Self {
            row,
            desired,
            sent,
            references: found,
            to_move,
        })
    }

    /// The object.
    pub(super) fn key(&self) -> &AlmaKey {
        &self.row.key
    }

    /// The first thing that is referred to and not in Alma yet.
    pub(super) fn missing(&self) -> Option<(&AlmaKey, &str)> {
        self.references
            .iter()
            .find_map(|(_, reference)| match reference {
                Reference::Missing(key, how) => Some((key, how.as_str())),
                Reference::Known(..) => None,
            })
    }

    /// The object that a field refers to.
    pub(super) fn referred(&self, field: &str) -> Option<&AlmaKey> {
        let (_, reference) = self.references.iter().find(|(name, _)| *name == field)?;
        match reference {
            Reference::Known(key, _) | Reference::Missing(key, _) => Some(key),
        }
    }

    /// Fields as they are sent: references by Alma's ids.
    pub(super) fn resolved(&self, fields: &Fields) -> Fields {
        let mut fields = fields.clone();
        for (field, reference) in &self.references {
            if let Reference::Known(_, id) = reference
                && fields.get(field).is_some()
            {
                fields.set(field, id.to_string());
            }
        }
        fields
    }
}

/// Looks for an object that is in Alma under one of the kinds.
fn refer(
    reader: &Reader,
    (kind, others): (AlmaKind, &[AlmaKind]),
    external_id: &str,
) -> Result<Reference, Error> {
    let mut awaited = AlmaKey::new(kind, external_id);
    let mut how = "which the ledger does not have";
    for kind in std::iter::once(kind).chain(others.iter().copied()) {
        let key = AlmaKey::new(kind, external_id);
        let Some(row) = reader.alma_row(&key)? else {
            continue;
        };
        if let Some(alma_id) = row.alma_id {
            return Ok(Reference::Known(key, alma_id));
        }
        (awaited, how) = (key, in_words(row.state));
    }
    let how = format!("waits for {awaited}, {how}");
    Ok(Reference::Missing(awaited, how))
}

fn in_words(state: AlmaState) -> &'static str {
    match state {
        AlmaState::Blocked => "which is blocked",
        AlmaState::Rejected => "which Alma rejected",
        AlmaState::Held => "which is held",
        _ => "which is not in Alma yet",
    }
}

//! One object that is to be synced, and everything that the ledger knows about it.

use super::fields::Fields;
use super::held::{is_switched, why_parted};
use super::reconcile::Place;
use super::{files, notes};
use crate::json;
use crate::ledger::{AlmaFile, AlmaKey, AlmaKind, AlmaPhoto, AlmaRow, AlmaState, Error, Reader};

/// The field of a contract in the ledger that says which object `unit_id` stands for,
/// `room 22`: in Bitrix24 apartments and units may have the same number. Alma is not
/// sent it.
pub(super) const RENTAL_OBJECT: &str = "rental_object";

const UNIT_ID: &str = "unit_id";
/// The field of a room that says in which unit it is.
pub(super) const PARENT_UNIT: &str = "parent_unit";

/// Whether all that is known of what was sent is where a contract or a room stands.
pub(super) fn is_only_place(sent: &Fields) -> bool {
    sent.iter().all(|(name, _)| [UNIT_ID, RENTAL_OBJECT, PARENT_UNIT].contains(&name))
}

/// What a contract is about, of all its fields.
pub(super) fn place(contract: &Fields) -> Fields {
    let mut place = Fields::default();
    for name in [UNIT_ID, RENTAL_OBJECT] {
        if let Some(value) = contract.get(name) {
            place.set(name, value);
        }
    }
    place
}

/// That a contract is about this unit or room, and nothing that counts as sent.
pub(super) fn stands_on(rental: &AlmaKey) -> Fields {
    let mut place = Fields::default();
    place.set(RENTAL_OBJECT, json::quote(&rental.to_string()));
    place
}

/// An object that is to be synced.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) row: AlmaRow,
    /// The fields that it should have; `None`: it should not be in Alma.
    pub(super) desired: Option<Fields>,
    /// The fields that it was last sent.
    pub(super) sent: Option<Fields>,
    /// Alma's ids of what the references in `desired` refer to.
    pub(super) references: Vec<(&'static str, Reference)>,
    /// Of a unit or a room that should not be there: a contract that is to move to another one
    /// first, or else a room; or one that is left out.
    pub(super) to_move: Option<AlmaRow>,
    /// Of a room that should not be there: the contracts that are to stay and are about it.
    pub(super) let_to: Vec<AlmaRow>,
    /// Of a building that Alma may not have: why it may be another one's new name.
    pub(super) parted: Option<String>,
    /// The state of each file that `desired` names.
    pub(super) files: Vec<(String, AlmaFile)>,
    /// The files that have become its photos, as recorded.
    pub(super) photos: Vec<AlmaPhoto>,
}

/// The target of a reference.
#[derive(Debug, Clone)]
pub(super) enum Reference {
    /// Alma has the target, under this id.
    Known(AlmaKey, i64),
    /// Alma does not have the target yet; its state, in words.
    Missing(AlmaKey, String),
}

/// The fields of a kind that refer to other objects, and the kinds of those.
fn references(kind: AlmaKind) -> &'static [(&'static str, (AlmaKind, &'static [AlmaKind]))] {
    match kind {
        AlmaKind::Building | AlmaKind::Client => &[],
        AlmaKind::Unit => &[("building", (AlmaKind::Building, &[]))],
        AlmaKind::Room => &[(PARENT_UNIT, (AlmaKind::Unit, &[]))],
        AlmaKind::OwnerContract => {
            &[(UNIT_ID, (AlmaKind::Unit, &[])), ("client_id", (AlmaKind::Client, &[]))]
        }
        AlmaKind::TenantContract => &[
            (UNIT_ID, (AlmaKind::Unit, &[AlmaKind::Room])),
            ("client_id", (AlmaKind::Client, &[])),
        ],
    }
}

impl Task {
    /// Reads what the ledger knows about an object.
    pub(super) fn read(row: AlmaRow, reader: &Reader) -> Result<Self, Error> {
        let parse = |text: &Option<String>| text.as_deref().and_then(Fields::parse);
        let (desired, sent) = (parse(&row.desired), parse(&row.sent));
        let mut found = Vec::new();
        for (field, kinds) in references(row.key.kind) {
            let Some(fields) = &desired else { continue };
            let Some(external_id) = fields.string(field) else {
                continue;
            };
            let reference = match rental_object(fields).filter(|_| *field == UNIT_ID) {
                Some(meant) => refer_to_rental(reader, meant, fields)?,
                None => refer(reader, *kinds, &external_id)?,
            };
            found.push((*field, reference));
        }
        let to_move = match desired {
            None if row.key.kind.is_rental() => {
                // A contract cannot move to the unit of a room while the room is there.
                let parent = sent.as_ref().and_then(|sent| sent.string(PARENT_UNIT));
                let parent = parent.map(|id| AlmaKey::new(AlmaKind::Unit, id));
                match reader.alma_contract_to_move(&row.key, parent.as_ref())? {
                    None if row.key.kind == AlmaKind::Unit => {
                        reader.alma_room_to_move(&row.key.external_id)?
                    }
                    contract => contract,
                }
            }
            _ => None,
        };
        let let_to = match desired {
            None if row.key.kind == AlmaKind::Room => reader.alma_contracts_on(&row.key)?,
            _ => Vec::new(),
        };
        let mut files = Vec::new();
        for file in desired.as_ref().map(files::named).unwrap_or_default() {
            // A file that was not asked for yet comes last.
            let state = reader.alma_file(&file)?.unwrap_or(AlmaFile::Pending(i64::MAX, None));
            files.push((file, state));
        }
        let photos = reader.alma_photos(&row.key)?;
        let parted = match &desired {
            Some(fields) if may_be_a_new_name(&row, fields) => {
                let parted = reader.alma_parted_for(&row.key.external_id)?;
                parted.map(|parted| why_parted(&row.key, &parted))
            }
            _ => None,
        };
        Ok(Self { row, desired, sent, references: found, to_move, let_to, parted, files, photos })
    }

    /// The object.
    pub(super) fn key(&self) -> &AlmaKey {
        &self.row.key
    }

    pub(super) fn place(&self) -> Place {
        (self.row.attempts, self.row.key.external_id.clone())
    }

    /// The external id that Alma was last sent, which is another than the object's where its
    /// record was named since.
    pub(super) fn sent_external_id(&self) -> Option<String> {
        self.sent.as_ref()?.string("external_id")
    }

    /// Whether a file was still to be uploaded when the task was read.
    pub(super) fn awaits(&self, file: &str) -> bool {
        self.files
            .iter()
            .any(|(known, state)| known == file && matches!(state, AlmaFile::Pending(..)))
    }

    /// The first object that is referred to and not in Alma yet: the field, the object, and why.
    pub(super) fn missing(&self) -> Option<(&'static str, &AlmaKey, &str)> {
        self.references.iter().find_map(|(field, reference)| match reference {
            Reference::Missing(key, how) => Some((*field, key, how.as_str())),
            Reference::Known(..) => None,
        })
    }

    /// Whether the object that this one waits for is still not in Alma; `row`: that object now.
    pub(super) fn must_wait_for(&self, row: Option<&AlmaRow>) -> bool {
        let Some(row) = row else { return true };
        match &self.desired {
            Some(fields) if rental_object(fields).as_ref() == Some(&row.key) => {
                alma_id_as(row, fields).is_none()
            }
            _ => row.alma_id.is_none() || is_switched(row),
        }
    }

    /// Alma's id of the object that a contract is about.
    pub(super) fn rental_object(&self) -> Option<i64> {
        self.references.iter().find_map(|(field, reference)| match reference {
            Reference::Known(_, id) if *field == UNIT_ID => Some(*id),
            _ => None,
        })
    }

    /// Whether the ledger says which object that is; otherwise it is the one with the number that
    /// the contract has, or a room in it.
    pub(super) fn says_rental_object(&self) -> bool {
        self.desired.as_ref().and_then(rental_object).is_some()
    }

    /// The object that a field refers to.
    pub(super) fn referred(&self, field: &str) -> Option<&AlmaKey> {
        let (_, reference) = self.references.iter().find(|(name, _)| *name == field)?;
        match reference {
            Reference::Known(key, _) | Reference::Missing(key, _) => Some(key),
        }
    }

    /// Fields as they are sent: references are Alma's ids.
    pub(super) fn resolved(&self, fields: &Fields) -> Fields {
        let mut fields = fields.clone();
        for note in notes::ALL {
            fields.remove(note);
        }
        if fields.get(RENTAL_OBJECT).is_some() {
            // The same number may stand for another object now.
            fields.remove(RENTAL_OBJECT);
            if let Some(number) = self.desired.as_ref().and_then(|fields| fields.get(UNIT_ID)) {
                fields.set(UNIT_ID, number);
            }
        }
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

/// Whether a building that is to be created may be one that Alma has, by a new name: its name is
/// all that tells it from others, and the operator has not said that it is another one.
fn may_be_a_new_name(row: &AlmaRow, desired: &Fields) -> bool {
    row.key.kind == AlmaKind::Building
        && row.alma_id.is_none()
        && !row.is_released
        && desired.string("name").is_some_and(|name| name == row.key.external_id)
}

/// The object that a contract's `unit_id` stands for, where the ledger says so.
fn rental_object(fields: &Fields) -> Option<AlmaKey> {
    let text = fields.string(RENTAL_OBJECT)?;
    let (kind, external_id) = text.split_once(' ')?;
    Some(AlmaKey::new(AlmaKind::from_word(kind)?, external_id))
}

/// Refers to the object that the ledger says a contract is about.
fn refer_to_rental(reader: &Reader, meant: AlmaKey, contract: &Fields) -> Result<Reference, Error> {
    let how = match reader.alma_row(&meant)? {
        Some(row) => match alma_id_as(&row, contract) {
            Some(alma_id) => return Ok(Reference::Known(meant, alma_id)),
            None => in_words(row.state),
        },
        None => "which the ledger does not have",
    };
    let how = format!("waits for {meant}, {how}");
    Ok(Reference::Missing(meant, how))
}

/// Alma's id of an object under the number that a contract has for it: a unit has its
/// room's once Alma was told that.
fn alma_id_as(row: &AlmaRow, contract: &Fields) -> Option<i64> {
    if is_switched(row) {
        return None;
    }
    let number = contract.string(UNIT_ID)?;
    if number == row.key.external_id || row.key.kind != AlmaKind::Unit {
        return row.alma_id;
    }
    let sent = Fields::parse(row.sent.as_deref()?)?;
    let is_told = sent.string("additional_external_id")? == number;
    row.alma_id.filter(|_| is_told)
}

/// Refers to an object of one of the kinds, first of all one that is in Alma.
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
        // What another source has made may be another person's, whatever its id is.
        if let Some(alma_id) = row.alma_id.filter(|_| !is_switched(&row)) {
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
        AlmaState::Excluded => "which is left out",
        _ => "which is not in Alma yet",
    }
}

//! Archives an object that should no longer be in Alma, where that is possible and allowed,
//! and never while a contract or a room is in it that is to stay.

use super::Syncer;
use crate::alma::api::{self, At};
use crate::alma::fields::Fields;
use crate::alma::held::{why_held, why_left_out, why_let};
use crate::alma::state::Outcome;
use crate::alma::task::Task;
use crate::config::Archive;
use crate::ledger::{AlmaKey, AlmaKind, AlmaRow, AlmaState};

/// Why a building or a client stays.
const UNARCHIVABLE: &str = "left in Alma, whose API cannot archive it";
/// Why nothing is left to do.
const ARCHIVED: &str = "no longer in the ledger, and archived in Alma";

impl Syncer<'_> {
    /// An object that should not be in Alma.
    pub(super) async fn archive(&self, task: &Task) -> Result<Outcome, api::Error> {
        let kind = task.key().kind;
        let is_archivable = !matches!(kind, AlmaKind::Building | AlmaKind::Client);
        let is_allowed = task.row.is_released || self.archive == Archive::Auto;
        let archived =
            |alma_id, reason: &str| Outcome::Archived { alma_id, reason: reason.to_owned() };
        let object = match task.row.alma_id {
            Some(alma_id) if !is_archivable => {
                return Ok(if is_allowed {
                    archived(alma_id, UNARCHIVABLE)
                } else {
                    held(task, alma_id)
                });
            }
            Some(alma_id) => match self.lookup.read_ours(task, alma_id).await? {
                Some(object) => object,
                None => return Ok(archived(alma_id, "Alma no longer has it")),
            },
            None => match self.lookup.by_external_id(task).await? {
                Some(object) => object,
                None => return Ok(Outcome::Absent),
            },
        };
        if !is_archivable && is_allowed {
            return Ok(archived(object.id, UNARCHIVABLE));
        }
        if object.is_archived {
            return Ok(archived(object.id, ARCHIVED));
        }
        // The operator has said that a unit goes with its rooms; their contracts stay in force.
        // What is left out is not archived with it for all that, unless the operator says so.
        let is_left_out = |other: &AlmaRow| other.state == AlmaState::Excluded;
        let holds = |other: &&AlmaRow| {
            !(task.row.is_released && (other.key.kind == AlmaKind::Room || is_left_out(other)))
        };
        if let Some(other) = task.to_move.as_ref().filter(|_| is_allowed).filter(holds) {
            if is_left_out(other) {
                let reason = why_left_out(task.key(), &other.key);
                return Ok(held_for(object.id, reason));
            }
            return Ok(Outcome::Clash(other.key.clone(), why_not_yet(&other.key)));
        }
        if kind == AlmaKind::Room && !task.row.is_released && !task.let_to.is_empty() {
            // Archiving it would end them for good, whatever the config says.
            let reason = why_let(task.key(), &task.let_to);
            return Ok(held_for(object.id, reason));
        }
        if kind.is_rental() && is_allowed {
            self.api.archive(kind, &At::Id(object.id), true).await?;
            return Ok(archived(object.id, ARCHIVED));
        }
        if kind.is_contract() && task.row.is_released {
            return Ok(archived(
                object.id,
                "taken for ended, as the operator said; Alma shows it in force",
            ));
        }
        Ok(held(task, object.id))
    }
}

/// Why a unit or a room is not archived while something is in it that is to stay.
fn why_not_yet(other: &AlmaKey) -> String {
    if other.kind == AlmaKind::Room {
        return format!(
            "{other} is still in it: archiving this one would archive that too. Say in the source where it is now, or \
             delete it there where it is let no more; `uzhkh-ledger alma plan` says what it waits for"
        );
    }
    format!(
        "{other} is to move to another unit first: archiving this one would end it for good. Say in the source what \
         it is about now, or delete it there where it is over; `uzhkh-ledger alma plan` says what it waits for"
    )
}

fn held(task: &Task, alma_id: i64) -> Outcome {
    held_for(alma_id, why_held(task.key()))
}

fn held_for(alma_id: i64, reason: String) -> Outcome {
    Outcome::Held { alma_id: Some(alma_id), stands: Fields::default(), reason }
}

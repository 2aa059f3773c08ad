//! Parts with an object that should not be in Alma: archives it, where that is possible and
//! allowed, and never while a contract is on it that is to stay.

use super::api::{self, At};
use super::deal::{Dealer, is_let};
use super::stand::{Outcome, why_held};
use super::task::Task;
use crate::config::Archive;
use crate::ledger::AlmaKind;

/// Why a building or a client stays.
const UNARCHIVABLE: &str = "left in Alma, whose API cannot archive it";
/// Why an object that left is where it should be.
const ARCHIVED: &str = "no longer in the ledger, and archived in Alma";

impl Dealer<'_> {
    /// An object that should not be there.
    pub(super) async fn leave(&self, task: &Task) -> Result<Outcome, api::Error> {
        let kind = task.key().kind;
        let may_leave = task.row.is_released || self.archive == Archive::Auto;
        let left =
            |alma_id, reason: &str| Ok(Outcome::Archived { alma_id, reason: reason.to_owned() });
        let has_archive = !matches!(kind, AlmaKind::Building | AlmaKind::Client);
        let object = match task.row.alma_id {
            Some(alma_id) if !has_archive => {
                return if may_leave {
                    left(alma_id, UNARCHIVABLE)
                } else {
                    Ok(self.hold(task, alma_id))
                };
            }
            Some(alma_id) => match self.read_ours(task, alma_id).await? {
                Some(object) => object,
                None => return left(alma_id, "Alma no longer has it"),
            },
            None => match self.finder.find_by_external_id(task).await? {
                Some(object) => object,
                None => return Ok(Outcome::Gone),
            },
        };
        if !has_archive && may_leave {
            return left(object.id, UNARCHIVABLE);
        }
        if object.is_archived {
            return left(object.id, ARCHIVED);
        }
        if let Some(contract) = task.to_move.as_ref().filter(|_| may_leave) {
            return Ok(Outcome::Clash(
                contract.clone(),
                format!(
                    "{contract} is to move to another unit first: archiving this one would end it for good"
                ),
            ));
        }
        if is_let(kind) && may_leave {
            self.api.archive(kind, &At::Id(object.id), true).await?;
            return left(object.id, ARCHIVED);
        }
        if kind.is_contract() && task.row.is_released {
            return left(
                object.id,
                "taken for ended, as the operator said; Alma shows it in force",
            );
        }
        Ok(self.hold(task, object.id))
    }

    fn hold(&self, task: &Task, alma_id: i64) -> Outcome {
        Outcome::Held { alma_id: Some(alma_id), reason: why_held(task.key()) }
    }
}

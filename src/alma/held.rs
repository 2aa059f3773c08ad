//! Why objects that leave the ledger wait for the operator, in words.

use crate::ledger::{AlmaKey, AlmaKind, AlmaParted, AlmaRow, AlmaState};

/// What only [`why_parted`] says.
const NAMED_SO: &str = " name it so: this may be its new name";

/// Why an object that leaves the ledger waits for the operator, and what to do.
pub(super) fn why_held(key: &AlmaKey) -> String {
    let release = format!("uzhkh-ledger alma release {}", key.typed());
    match key.kind {
        AlmaKind::Unit => format!(
            "no longer in the ledger; `{release}` archives it in Alma, with its rooms and, for good, its contracts"
        ),
        AlmaKind::Room => format!(
            "no longer in the ledger; `{release}` archives it in Alma and, for good, its contracts"
        ),
        AlmaKind::OwnerContract | AlmaKind::TenantContract => format!(
            "no longer in the ledger, and still in force in Alma, whose API cannot end it: end it in Alma's web \
             interface, then `{release}`"
        ),
        AlmaKind::Building | AlmaKind::Client => format!(
            "no longer in the ledger; Alma's API cannot archive it: `{release}` leaves it there and asks no more"
        ),
    }
}

/// Why a room that leaves the ledger while it is let waits for the operator.
pub(super) fn why_let(key: &AlmaKey, contracts: &[AlmaRow]) -> String {
    let names: Vec<String> = contracts.iter().map(|contract| contract.key.to_string()).collect();
    let names = names.join(", ");
    format!(
        "no longer a room in the ledger, and let in Alma: {names}; `uzhkh-ledger alma release {}` archives it there \
         and, for good, {names}, which is then held until it may be made anew",
        key.typed()
    )
}

/// Why a unit or a room that leaves the ledger waits for the operator while something is in it
/// that the config leaves out.
pub(super) fn why_left_out(key: &AlmaKey, other: &AlmaKey) -> String {
    format!(
        "no longer in the ledger, and {other}, which the config leaves out, is in it: `uzhkh-ledger alma release {}` \
         archives it in Alma with all that is in it, contracts for good",
        key.typed()
    )
}

/// What only [`why_switched`] says.
const SWITCHED: &str = ", and alma.source is another one by now: nothing is written to it";

/// Why an object that was made by a source that is followed no more waits for the operator.
pub(super) fn why_switched(key: &AlmaKey, source: &str) -> String {
    let leaves = match key.kind {
        AlmaKind::Unit => "archives it in Alma, with its rooms and, for good, its contracts",
        AlmaKind::Room => "archives it in Alma and, for good, its contracts",
        AlmaKind::OwnerContract | AlmaKind::TenantContract => {
            "takes it for ended: end it in Alma's web interface first"
        }
        AlmaKind::Building | AlmaKind::Client => "leaves it there and asks no more",
    };
    format!(
        "of {source}{SWITCHED}. `uzhkh-ledger alma release {}` lets the new source have it where that calls one so, \
         and else {leaves}",
        key.typed()
    )
}

/// Whether an object waits for that.
pub(super) fn is_switched(row: &AlmaRow) -> bool {
    row.state == AlmaState::Held
        && row.desired.is_none()
        && row.reason.as_deref().is_some_and(|reason| reason.contains(SWITCHED))
}

/// Whether it does, and was made by this source.
pub(super) fn is_of(row: &AlmaRow, source: &str) -> bool {
    let begins = format!("of {source}{SWITCHED}");
    is_switched(row) && row.reason.as_deref().is_some_and(|reason| reason.starts_with(&begins))
}

/// Why a building that some apartments of another one name by now waits for the operator.
pub(super) fn why_parted(key: &AlmaKey, parted: &AlmaParted) -> String {
    let AlmaParted { from, leaving, all } = parted;
    format!(
        "{leaving} of {all} apartments of {from}{NAMED_SO}, which that gets once all of them do. Where these have \
         moved for good, `uzhkh-ledger alma release {}` makes another building",
        key.typed()
    )
}

/// Whether a building waits for that.
pub(super) fn is_parted(row: &AlmaRow) -> bool {
    row.state == AlmaState::Held
        && row.alma_id.is_none()
        && row.reason.as_deref().is_some_and(|reason| reason.contains(NAMED_SO))
}

//! The fields of an object that are not sent while the rest is: Alma refused them, or another
//! object has what they need.

use crate::alma::api::{self, Object};
use crate::alma::fields::Fields;
use crate::alma::files::PHOTOS;
use crate::alma::names;
use crate::alma::notes;
use crate::alma::state::{Cause, Outcome};
use crate::alma::task::{RENTAL_OBJECT, Task};
use crate::ledger::{AlmaKey, AlmaKind};

/// What a contract is about, and when: these wait together.
const TERMS: [&str; 4] = ["unit_id", RENTAL_OBJECT, "start_date", "end_date"];
/// What an adopted object keeps of Alma's, where ours is not sent: others may be to have it.
const KEPT: [&str; 2] = ["name", "email"];

/// The fields that are withheld, and why.
#[derive(Debug, Default)]
pub(super) struct Withheld {
    /// Each with the value that Alma holds by our doing, where it is not the one sent before.
    fields: Vec<(String, Option<String>)>,
    cause: Option<Cause>,
    reasons: Vec<String>,
    /// What a contract is about in Alma, where it was not sent that.
    stands: Fields,
}

impl Withheld {
    /// Whether a field is withheld already.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// Takes fields out of what is to be sent.
    pub(super) fn take(
        &mut self,
        changed: &mut Fields,
        names: &[impl AsRef<str>],
        cause: Cause,
        reason: String,
    ) {
        for name in names.iter().map(AsRef::as_ref) {
            changed.remove(name);
            if !self.has(name) {
                self.fields.push((name.to_owned(), None));
            }
        }
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
        let weightier = |cause: &Cause| match cause {
            Cause::Again => 3,
            Cause::Object(_) => 2,
            Cause::Refused => 1,
            Cause::File(_) | Cause::Lacks => 0,
        };
        let is_weightier =
            self.cause.as_ref().is_none_or(|known| weightier(&cause) > weightier(known));
        if is_weightier {
            self.cause = Some(cause);
        }
    }

    /// Takes out what refers to an object that is not in Alma yet, with what goes only with it.
    pub(super) fn await_parent(
        &mut self,
        changed: &mut Fields,
        kind: AlmaKind,
        field: &str,
        parent: &AlmaKey,
        how: &str,
    ) {
        let cause = Cause::Object(parent.clone());
        if kind.is_contract() {
            self.take(changed, &TERMS, cause, how.to_owned());
        } else {
            self.take(changed, &[field, "name"], cause, how.to_owned());
        }
    }

    /// Notes that Alma holds another value of a withheld field, which we have sent.
    pub(super) fn holds(&mut self, name: &str, value: String) {
        for (_, held) in self.fields.iter_mut().filter(|(known, _)| known == name) {
            *held = Some(value.clone());
        }
    }

    /// Notes what a contract is about in Alma.
    pub(super) fn stands(&mut self, on: Fields) {
        self.stands = on;
    }

    /// Takes out what an outcome says that it cannot be sent. Other outcomes than waits come back.
    pub(super) fn wait(
        &mut self,
        changed: &mut Fields,
        names: &[&str],
        outcome: Outcome,
    ) -> Result<(), Outcome> {
        let (cause, reason) = match outcome {
            Outcome::Clash(key, reason) | Outcome::Waiting(key, reason) => {
                (Cause::Object(key), reason)
            }
            Outcome::Blocked(reason) => (Cause::Lacks, reason),
            outcome => return Err(outcome),
        };
        self.take(changed, names, cause, reason);
        Ok(())
    }

    /// The outcome of an object that was sent all but these. `object`: as Alma had it.
    pub(super) fn outcome(
        self,
        task: &Task,
        alma_id: i64,
        mut sent: Fields,
        object: Option<&Object>,
    ) -> Outcome {
        let is_to_move = self.has(TERMS[0]);
        let Some(cause) = self.cause else {
            return Outcome::Synced { alma_id, sent };
        };
        let aside = task.sent.as_ref().and_then(|sent| sent.get(notes::ASIDE));
        if let Some(aside) = aside.filter(|_| is_to_move) {
            sent.set(notes::ASIDE, aside);
        }
        for (name, held) in self.fields {
            let before = task.sent.as_ref().and_then(|sent| sent.get(&name)).map(str::to_owned);
            let kept = || {
                let is_kept = KEPT.contains(&name.as_str());
                let object = object.filter(|_| is_kept)?;
                object.fields.get(&name).map(str::to_owned)
            };
            let stands = || self.stands.get(&name).map(str::to_owned);
            match held.or(before).or_else(kept).or_else(stands) {
                Some(value) => sent.set(&name, value),
                None => sent.remove(&name),
            }
        }
        Outcome::Partial { alma_id, sent, cause, reason: self.reasons.join("; ") }
    }
}

/// The terms of a contract.
pub(super) fn terms() -> &'static [&'static str] {
    &TERMS
}

/// The fields of what was sent that a refusal is about, with those that wait with them: those that
/// it names, else those that Alma's rules for the whole object are about.
pub(super) fn refused(kind: AlmaKind, changed: &Fields, error: &api::Error) -> Vec<String> {
    let place = names::place(kind);
    let named = error.refused_fields();
    let mut refused: Vec<&str> =
        named.iter().map(String::as_str).filter(|name| changed.get(name).is_some()).collect();
    if named.iter().any(|name| Some(name.as_str()) == place) && changed.get("name").is_some() {
        refused.push("name");
    }
    if refused.is_empty() && named.is_empty() {
        match kind {
            AlmaKind::OwnerContract | AlmaKind::TenantContract => refused.extend(TERMS),
            _ if place.is_some() => refused.push("name"),
            _ => {}
        }
    }
    if kind.is_contract() && refused.iter().any(|name| TERMS.contains(name)) {
        refused.extend(TERMS);
    }
    if refused.contains(&"name") || place.is_some_and(|place| refused.contains(&place)) {
        refused.extend(place);
        refused.extend(place.map(|_| "name"));
    }
    let mut all: Vec<String> = Vec::new();
    for name in refused {
        if changed.get(name).is_some() && !all.iter().any(|known| known == name) {
            all.push(name.to_owned());
        }
    }
    all
}

/// The fields that a new object can do without, so that a refusal of one holds the object back no
/// longer than it must.
pub(super) fn may_be_left_out(kind: AlmaKind, name: &str) -> bool {
    let names: &[&str] = match kind {
        AlmaKind::Building => &[],
        AlmaKind::Unit => &[
            "number",
            "internal_area",
            PHOTOS,
            "goal_rent_cost",
            "address",
            "number_of_baths",
            "is_swimming_pool",
            "total_buildable_area",
            "floor",
            "internet_login",
            "internet_password",
            "subway_station",
            "parking_number",
            "keybox_code",
            "electronic_lock_password",
        ],
        AlmaKind::Room => &["goal_rent_cost", "number", "internal_area", PHOTOS],
        AlmaKind::Client => &["birthday", "passport_scan", "id_scan"],
        AlmaKind::OwnerContract => &[
            "contract_with_client_scan",
            "property_title_deed_scan",
            "property_management_letter_scan",
            "dtcm_permit_scan",
            "pml_start_date",
            "pml_end_date",
        ],
        AlmaKind::TenantContract => {
            &["contract_scan", "co_tenant", "history", "co_tenant_id_scan", "co_tenant_id"]
        }
    };
    names.contains(&name)
}

//! Creates an object that Alma does not have.

use super::photo_set::Plan;
use super::withheld::{Withheld, may_be_left_out};
use super::{Syncer, photos};
use crate::alma::api;
use crate::alma::fields::Fields;
use crate::alma::files::PHOTOS;
use crate::alma::lookup::Found;
use crate::alma::notes;
use crate::alma::state::{Cause, Outcome};
use crate::alma::task::Task;
use crate::ledger::AlmaKind;

/// What a new object goes without where it is empty.
const LEFT_OUT: [&str; 9] = [
    "goal_rent_cost",
    "birthday",
    "pml_start_date",
    "pml_end_date",
    "contract_with_client_scan",
    "property_title_deed_scan",
    "property_management_letter_scan",
    "dtcm_permit_scan",
    "contract_scan",
];

/// The document's empty values, which a new object gets for what its source does not say. Photos
/// follow when they are uploaded.
fn empty_values(kind: AlmaKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        AlmaKind::Unit => &[
            ("number", "\"0\""),
            ("internal_area", "0"),
            (PHOTOS, "[]"),
            ("address", "\"\""),
            ("number_of_baths", "0"),
            ("is_swimming_pool", "false"),
            ("total_buildable_area", "0"),
            ("floor", "null"),
        ],
        AlmaKind::Room => &[("internal_area", "0"), (PHOTOS, "[]")],
        AlmaKind::TenantContract => &[("co_tenant", "\"\"")],
        AlmaKind::Building | AlmaKind::Client | AlmaKind::OwnerContract => &[],
    }
}

impl Syncer<'_> {
    /// Creates the object; where Alma refuses because something is in the way that the
    /// look-up did not show yet, looks once more.
    pub(super) async fn create(
        &self,
        task: &Task,
        desired: &Fields,
    ) -> Result<Outcome, api::Error> {
        let kind = task.key().kind;
        let lacks = [notes::NOT_NEW, notes::LACKS].iter().find_map(|note| desired.string(note));
        if let Some(reason) = lacks {
            return Ok(Outcome::Blocked(reason));
        }
        if let Some(reason) = task.parted.clone() {
            return Ok(Outcome::Held { alma_id: None, stands: Fields::default(), reason });
        }
        let mut fields = task.resolved(desired);
        if kind.is_contract() {
            match self.lookup.rental_object(task, desired).await? {
                Ok(unit_id) => fields.set("unit_id", unit_id.to_string()),
                Err(outcome) => return Ok(outcome),
            }
        }
        let photos = photos::resolve(task, &mut fields, None);
        for name in LEFT_OUT {
            if fields.get(name) == Some("null") {
                fields.remove(name);
            }
        }
        for (name, value) in notes::of_new(desired).iter().chain(empty_values(kind).iter().copied())
        {
            if fields.get(name).is_none() {
                fields.set(name, value);
            }
        }
        if let Err(outcome) = self.record_intent(task, photos.as_ref()).await {
            return Ok(outcome);
        }
        self.post(task, desired, fields, photos).await
    }

    /// Sends a new object, without the fields that Alma refuses where it can do without them.
    async fn post(
        &self,
        task: &Task,
        desired: &Fields,
        mut fields: Fields,
        mut photos: Option<Plan>,
    ) -> Result<Outcome, api::Error> {
        let kind = task.key().kind;
        let mut withheld = Withheld::default();
        loop {
            let error = match self.api.create(kind, &fields).await {
                Ok(alma_id) => {
                    self.record_written(task, alma_id, photos).await;
                    let mut sent = desired.clone();
                    if sent.get(PHOTOS).is_none() && fields.get(PHOTOS).is_some() {
                        // They follow, and what is there by then was put there by people.
                        sent.set(PHOTOS, "[]");
                    }
                    return Ok(withheld.outcome(task, alma_id, sent, None));
                }
                Err(error) => error,
            };
            self.record_refusal(task, photos.as_ref(), &error).await;
            // It may have been created, or what is in its way came after the list was read.
            self.lookup.forget(kind).await;
            if is_in_the_way(kind, &error) {
                return match self.lookup.find_anew(task, desired).await? {
                    Found::Object(object) => Box::pin(self.adopt(task, desired, &object)).await,
                    Found::InTheWay(outcome) => Ok(outcome),
                    Found::Nothing => Err(error),
                };
            }
            let refused = error.refused_fields();
            let may_go_without = error.is_final()
                && !refused.is_empty()
                && refused.iter().all(|name| may_be_left_out(kind, name) && !withheld.has(name));
            if !may_go_without {
                return Err(error);
            }
            if refused.iter().any(|name| name == PHOTOS) {
                photos = None;
            }
            withheld.take(&mut fields, refused, Cause::Refused, error.in_full());
            for (name, value) in empty_values(kind) {
                if withheld.has(name) {
                    fields.set(name, *value);
                }
            }
        }
    }
}

/// Whether a refusal of a new object may come of one that is there already.
fn is_in_the_way(kind: AlmaKind, error: &api::Error) -> bool {
    match kind {
        // Alma refuses a building for little else than a name that is taken.
        AlmaKind::Building => error.is_final(),
        AlmaKind::Client => error.refused_field("email") || error.refused_field("external_id"),
        AlmaKind::Unit | AlmaKind::Room => error.refused_field("external_id"),
        AlmaKind::OwnerContract | AlmaKind::TenantContract => false,
    }
}

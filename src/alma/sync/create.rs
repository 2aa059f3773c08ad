//! Creates an object that Alma does not have.

use super::{Syncer, photos};
use crate::alma::api;
use crate::alma::fields::Fields;
use crate::alma::files::PHOTOS;
use crate::alma::lookup::Found;
use crate::alma::state::Outcome;
use crate::alma::task::Task;
use crate::ledger::AlmaKind;

const CO_TENANT: &str = "co_tenant";

impl Syncer<'_> {
    /// Creates the object; where Alma refuses because something is in the way that the
    /// look-up did not show yet, looks once more.
    pub(super) async fn create(
        &self,
        task: &Task,
        desired: &Fields,
    ) -> Result<Outcome, api::Error> {
        let kind = task.key().kind;
        if let Some(outcome) = self.over(kind, desired) {
            return Ok(outcome);
        }
        let mut fields = task.resolved(desired);
        if kind.is_contract() {
            match self.lookup.rental_object(task, desired).await? {
                Ok(unit_id) => fields.set("unit_id", unit_id.to_string()),
                Err(outcome) => return Ok(outcome),
            }
        }
        let photos = photos::resolve(task, &mut fields, None);
        if kind.is_rental() && fields.get(PHOTOS).is_none() {
            // Alma demands a set; the photos follow.
            fields.set(PHOTOS, "[]");
        }
        if kind == AlmaKind::TenantContract && fields.get(CO_TENANT).is_none() {
            // Alma demands the member; people fill it in.
            fields.set(CO_TENANT, "\"\"");
        }
        if let Err(outcome) = self.record_intent(task, photos.as_ref()).await {
            return Ok(outcome);
        }
        match self.api.create(kind, &fields).await {
            Ok(alma_id) => {
                self.record_written(task, alma_id, photos).await;
                Ok(Outcome::Synced { alma_id, sent: desired.clone() })
            }
            Err(error) => {
                self.record_refusal(task, photos.as_ref(), &error).await;
                // It may have been created, or what is in its way came after the list was read.
                self.lookup.forget(kind).await;
                let is_in_the_way = match kind {
                    // Alma refuses a building for little else than a name that is taken.
                    AlmaKind::Building => error.is_final(),
                    AlmaKind::Client => error.refused_field("email"),
                    _ => false,
                };
                if !is_in_the_way {
                    return Err(error);
                }
                match self.lookup.find(task, desired).await? {
                    Found::Object(object) => Box::pin(self.adopt(task, desired, &object)).await,
                    Found::InTheWay(outcome) => Ok(outcome),
                    Found::Nothing => Err(error),
                }
            }
        }
    }
}

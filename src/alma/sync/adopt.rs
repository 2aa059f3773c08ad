//! Adopts an object that was found in Alma.

use std::sync::Arc;

use super::Syncer;
use crate::alma::api::{self, Object};
use crate::alma::fields::Fields;
use crate::alma::lookup::Found;
use crate::alma::state::Outcome;
use crate::alma::task::Task;
use crate::ledger::AlmaKind;

impl Syncer<'_> {
    /// Takes over what was found. Two contacts of the ledger may have found the same client
    /// without an external id: they are adopted one after the other, and the later one
    /// looks again.
    pub(super) async fn adopt(
        &self,
        task: &Task,
        desired: &Fields,
        object: &Object,
    ) -> Result<Outcome, api::Error> {
        if task.key().kind != AlmaKind::Client || object.external_id.is_some() {
            return self.update(task, desired, object, desired).await;
        }
        let turn = Arc::clone(self.adopting.lock().await.entry(object.id).or_default());
        let _turn = turn.lock().await;
        match self.lookup.by_email(task, desired).await? {
            Found::InTheWay(outcome) => Ok(outcome),
            Found::Object(now) => self.update(task, desired, &now, desired).await,
            // People have given it another e-mail meanwhile.
            Found::Nothing => self.create(task, desired).await,
        }
    }

    /// Replaces a contract that was archived for good; the replacement may have been created
    /// already, and the answer lost.
    pub(super) async fn replace(
        &self,
        task: &Task,
        desired: &Fields,
    ) -> Result<Outcome, api::Error> {
        match self.lookup.by_external_id(task).await? {
            Some(object) if !object.is_archived => {
                Box::pin(self.update(task, desired, &object, desired)).await
            }
            _ => self.create(task, desired).await,
        }
    }
}

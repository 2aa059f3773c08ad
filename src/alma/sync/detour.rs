//! Names that objects of ours exchange. Alma has a name once in its place, so none of a ring can
//! go first: one of them is called otherwise for a moment, which lets the others go on.
//!
//! Nothing is remembered of it but what Alma was sent. A kill after the request leaves the object
//! pending under its old name in the ledger; the next pass finds the ring again and sends the same
//! temporary name again, which changes nothing.

use super::Syncer;
use super::update::Update;
use crate::alma::api::{self, At};
use crate::alma::fields::Fields;
use crate::alma::names;
use crate::alma::state::Cause;
use crate::json;
use crate::ledger::AlmaName;

impl Syncer<'_> {
    /// Takes a name that Alma refused out of an update where it is to go another way: true where
    /// it was withheld, or is to be sent once more, since it has just been given up. `refused`: the
    /// fields that the refusal is about.
    pub(super) async fn go_round(
        &self,
        update: &mut Update<'_>,
        refused: &[String],
    ) -> Result<bool, api::Error> {
        let (key, kind) = (update.task.key(), update.task.key().kind);
        let Some(wanted) = names::of(kind, update.desired) else {
            return Ok(false);
        };
        // One after the other: of two that would both step aside, the second need not.
        let mut given_up = self.given_up.lock().await;
        if given_up.remove(&wanted) {
            return Ok(true);
        }
        let Some(has) = self.name_in_alma(update) else {
            return Ok(false);
        };
        let (own, from, to) = (key.clone(), has.clone(), wanted.clone());
        let is_ring = self
            .ledger
            .read(move |reader| names::is_ring(&own, &from, &to, |name| reader.alma_named(name)));
        if !matches!(is_ring.await, Ok(true)) {
            return Ok(false);
        }
        let aside = names::temporary(&wanted.name, key);
        let mut body = Fields::default();
        body.set("name", json::quote(&aside));
        if let Some(place) = names::place(kind)
            && let Some(value) = update.object.fields.get(place)
        {
            body.set(place, value);
        }
        let at = At::Id(update.object.id);
        let (cause, reason) = match self.api.change(kind, &at, &body).await {
            Ok(()) => {
                given_up.insert(has);
                (
                    Cause::Again,
                    format!("called «{aside}» until the name that it is to have is free"),
                )
            }
            Err(error) if error.is_final() => (
                Cause::Lacks,
                format!(
                    "it exchanges names with others, and cannot step aside: {}",
                    error.in_full()
                ),
            ),
            Err(error) => return Err(error),
        };
        let is_aside = cause == Cause::Again;
        update.withheld.take(&mut update.changed, refused, cause, reason);
        if is_aside {
            update.withheld.holds("name", json::quote(&aside));
        }
        Ok(true)
    }

    /// The name that Alma has for the object, as the ledger knows the place that it is in.
    fn name_in_alma(&self, update: &Update<'_>) -> Option<AlmaName> {
        let kind = update.task.key().kind;
        let sent = update.task.sent.as_ref().and_then(|sent| names::of(kind, sent));
        sent.or_else(|| {
            let place = names::place(kind)?;
            let is_there = update.changed.get(place).is_none();
            let within = update.desired.string(place).filter(|_| is_there)?;
            let name = update.object.fields.string("name")?;
            Some(AlmaName { kind, within, name })
        })
    }
}

//! Looks for an object that may be in Alma already, and for what a contract is about.

use super::api::{self, Api, At, Object};
use super::deal::Found;
use super::fields::{self, Fields};
use super::lists::{self, Lists};
use super::stand::Outcome;
use super::task::Task;
use crate::ledger::{AlmaKey, AlmaKind};

/// Looks things up in Alma.
pub(super) struct Finder<'f> {
    pub(super) api: &'f Api,
    pub(super) lists: &'f Lists,
}

impl Finder<'_> {
    /// The object, if Alma has it, or something that is in its way there.
    ///
    /// # Errors
    /// What Alma answered instead.
    pub(super) async fn find(&self, task: &Task, desired: &Fields) -> Result<Found, api::Error> {
        let found = match task.key().kind {
            AlmaKind::Building => self.namesake(AlmaKind::Building, desired).await?,
            AlmaKind::Client => return self.client(task, desired).await,
            _ => self.find_by_external_id(task).await?,
        };
        Ok(found.map_or(Found::Nothing, |object| Found::Object(Box::new(object))))
    }

    /// The object with the same external id; of a building, which has none in Alma, none.
    ///
    /// # Errors
    /// What Alma answered instead.
    pub(super) async fn find_by_external_id(
        &self,
        task: &Task,
    ) -> Result<Option<Object>, api::Error> {
        let AlmaKey { kind, external_id } = task.key();
        match kind {
            AlmaKind::Building => Ok(None),
            AlmaKind::OwnerContract | AlmaKind::TenantContract => {
                self.contract(*kind, external_id).await
            }
            _ => {
                self.api
                    .read(*kind, &At::ExternalId(external_id.clone()))
                    .await
            }
        }
    }

    /// By its external id, then by its e-mail, which Alma has once only.
    async fn client(&self, task: &Task, desired: &Fields) -> Result<Found, api::Error> {
        if let Some(object) = self.find_by_external_id(task).await? {
            return Ok(Found::Object(Box::new(object)));
        }
        self.by_email(task, desired).await
    }

    /// Who has the e-mail that a client should have: nobody, a client of people's that may
    /// become ours, or another one of the source, which is in the way.
    ///
    /// # Errors
    /// What Alma answered instead.
    pub(super) async fn by_email(
        &self,
        task: &Task,
        desired: &Fields,
    ) -> Result<Found, api::Error> {
        let found = self.namesake(AlmaKind::Client, desired).await?;
        let found = found.map(|object| match &object.external_id {
            Some(theirs) if *theirs != task.key().external_id => {
                Found::InTheWay(has_its_email(object.id, theirs))
            }
            _ => Found::Object(Box::new(object)),
        });
        Ok(found.unwrap_or(Found::Nothing))
    }

    /// What Alma has under the name of a building, in its project, or under the e-mail of
    /// a client; of other kinds nothing.
    ///
    /// # Errors
    /// What Alma answered instead.
    async fn namesake(
        &self,
        kind: AlmaKind,
        desired: &Fields,
    ) -> Result<Option<Object>, api::Error> {
        let told_by = match kind {
            AlmaKind::Building => "name",
            AlmaKind::Client => "email",
            _ => return Ok(None),
        };
        let called = desired.string(told_by).unwrap_or_default();
        for id in self.lists.find(self.api, kind, &called).await? {
            // The list may be older than what the object is called by now.
            let Some(object) = self.api.read(kind, &At::Id(id)).await? else {
                continue;
            };
            let theirs = object.fields.string(told_by).unwrap_or_default();
            if lists::spelled(kind, &theirs) == lists::spelled(kind, &called)
                && is_in_one_project(desired, &object.fields)
            {
                return Ok(Some(object));
            }
        }
        Ok(None)
    }

    /// By its external id, then in the list: the document's paths disagree. Of several,
    /// which there are where one was archived, the one in force counts.
    async fn contract(
        &self,
        kind: AlmaKind,
        external_id: &str,
    ) -> Result<Option<Object>, api::Error> {
        let by_external_id = self
            .api
            .read(kind, &At::ExternalId(external_id.to_owned()))
            .await;
        let mut found = match by_external_id {
            Ok(found) => found,
            // Several with one external id are too many for that path.
            Err(error) if error.status() == Some(500) => None,
            Err(error) => return Err(error),
        };
        if found.as_ref().is_some_and(|object| !object.is_archived) {
            return Ok(found);
        }
        for id in self.lists.find(self.api, kind, external_id).await? {
            if let Some(object) = self.api.read(kind, &At::Id(id)).await? {
                let is_in_force = !object.is_archived;
                found = Some(object);
                if is_in_force {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Alma's id of what a contract is about; the outcome where there is none.
    ///
    /// # Errors
    /// What Alma answered instead.
    pub(super) async fn rental_object(
        &self,
        task: &Task,
        desired: &Fields,
    ) -> Result<Result<i64, Outcome>, api::Error> {
        let external_id = desired.string("unit_id").unwrap_or_default();
        let kind = task.key().kind;
        let problem = match self.api.rental_object(&external_id).await? {
            None => format!(
                "Alma finds nothing to let under {external_id} (rental_object): where it is archived there, \
                 unarchive it, then `uzhkh-ledger alma retry {}`",
                task.key()
            ),
            Some(found) if kind == AlmaKind::OwnerContract && found.parent_unit.is_some() => {
                format!(
                    "{external_id} is a room in Alma (rental_object), and an owner's contract is about a whole unit"
                )
            }
            Some(found) => return Ok(Ok(found.id)),
        };
        // It is looked for again when the unit or room was brought up.
        Ok(Err(match task.referred("unit_id") {
            Some(key) => Outcome::Clash(key.clone(), problem),
            None => Outcome::Blocked(problem),
        }))
    }

    /// The list of a kind may lack something by now.
    pub(super) async fn forget(&self, kind: AlmaKind) {
        self.lists.forget(kind).await;
    }
}

/// Another client has the e-mail that one should have.
fn has_its_email(id: i64, external_id: &str) -> Outcome {
    Outcome::Clash(
        AlmaKey::new(AlmaKind::Client, external_id),
        format!(
            "its e-mail is that of Alma's client {id}, whose external id is {external_id}: give one of the two \
             another e-mail"
        ),
    )
}

/// Whether two objects are in the same project, where the kind has one.
fn is_in_one_project(ours: &Fields, theirs: &Fields) -> bool {
    match (ours.get("project"), theirs.get("project")) {
        (Some(ours), Some(theirs)) => fields::same("project", ours, theirs),
        (None, _) => true,
        (Some(_), None) => false,
    }
}

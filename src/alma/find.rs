//! Looks for an object that may be in Alma already, and for what a contract is about.

use std::collections::HashMap;

use super::api::{self, Api, At, Object};
use super::deal::Found;
use super::fields::{self, Fields};
use super::lists::{By, Lists};
use super::stand::Outcome;
use super::task::Task;
use crate::ledger::{AlmaKey, AlmaKind};

/// Looks things up in Alma.
pub(super) struct Finder<'f> {
    pub(super) api: &'f Api,
    pub(super) lists: &'f Lists,
    /// The ledger's buildings by Alma's ids: nothing but its name tells one from another.
    pub(super) buildings: HashMap<i64, String>,
}

impl Finder<'_> {
    /// The object, if Alma has it, or something that is in its way there.
    ///
    /// # Errors
    /// What Alma answered instead.
    pub(super) async fn find(&self, task: &Task, desired: &Fields) -> Result<Found, api::Error> {
        let found = match task.key().kind {
            AlmaKind::Building => return self.building(task, desired).await,
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
            _ => self.rental_or_client(*kind, external_id).await,
        }
    }

    /// A unit, a room or a client. A page for people instead of an answer may be Alma's way
    /// to say that it has none, or come from elsewhere: then the list knows.
    async fn rental_or_client(
        &self,
        kind: AlmaKind,
        external_id: &str,
    ) -> Result<Option<Object>, api::Error> {
        let at = At::ExternalId(external_id.to_owned());
        match self.api.read(kind, &at).await {
            Err(error) if error.is_no_place() => {}
            answer => return answer,
        }
        for id in self.listed(kind, external_id).await? {
            if let Some(object) = self.api.read(kind, &At::Id(id)).await? {
                return Ok(Some(object));
            }
        }
        Ok(None)
    }

    async fn listed(&self, kind: AlmaKind, external_id: &str) -> Result<Vec<i64>, api::Error> {
        let by = By::ExternalId;
        self.lists.find(self.api, kind, by, external_id).await
    }

    /// The object under Alma's id. It is taken for gone only where the list can be read and
    /// lacks it too: what is no Alma at all has nothing under any id.
    ///
    /// # Errors
    /// What Alma answered instead.
    pub(super) async fn read(&self, kind: AlmaKind, id: i64) -> Result<Option<Object>, api::Error> {
        let answer = self.api.read(kind, &At::Id(id)).await;
        let is_missing = match &answer {
            Ok(found) => found.is_none(),
            Err(error) => error.is_no_place(),
        };
        if !is_missing {
            return answer;
        }
        if self.lists.has(self.api, kind, id).await? {
            // It is older than the object's end, or the answer was not about the object.
            self.forget(kind).await;
            if self.lists.has(self.api, kind, id).await? {
                return Err(api::Error::missing_though_listed(kind));
            }
        }
        Ok(None)
    }

    /// By its name, in its project. The list may be older than what it is called by now.
    async fn building(&self, task: &Task, desired: &Fields) -> Result<Found, api::Error> {
        let name = desired.string("name").unwrap_or_default();
        let named = self.lists.find(self.api, AlmaKind::Building, By::Name, &name).await?;
        for id in named {
            let Some(object) = self.api.read(AlmaKind::Building, &At::Id(id)).await? else {
                continue;
            };
            let is_meant = ["project", "name"].iter().all(|field| {
                let values = (desired.get(field), object.fields.get(field));
                matches!(values, (Some(ours), Some(theirs)) if fields::same(field, ours, theirs))
            });
            if !is_meant {
                continue;
            }
            return Ok(match self.buildings.get(&id) {
                Some(other) if *other != task.key().external_id => is_called_so(id, other),
                _ => Found::Object(Box::new(object)),
            });
        }
        Ok(Found::Nothing)
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
        let email = desired.string("email").unwrap_or_default();
        let with_email = self.lists.find(self.api, AlmaKind::Client, By::Email, &email).await?;
        for id in with_email {
            // The list may be older than what the client is called by now, and its e-mail.
            let Some(object) = self.api.read(AlmaKind::Client, &At::Id(id)).await? else {
                continue;
            };
            let by_now = object.fields.string("email").unwrap_or_default();
            if by_now.to_lowercase() == email.to_lowercase() {
                return Ok(match &object.external_id {
                    Some(theirs) if *theirs != task.key().external_id => has_its_email(id, theirs),
                    _ => Found::Object(Box::new(object)),
                });
            }
        }
        Ok(Found::Nothing)
    }

    /// By its external id, then in the list: the document's paths disagree. Of several,
    /// which there are where one was archived, the one in force counts.
    async fn contract(
        &self,
        kind: AlmaKind,
        external_id: &str,
    ) -> Result<Option<Object>, api::Error> {
        let by_external_id = self.api.read(kind, &At::ExternalId(external_id.to_owned())).await;
        let mut found = match by_external_id {
            Ok(found) => found,
            // Several with one external id are too many for that path.
            Err(error) if error.status() == Some(500) => None,
            Err(error) => return Err(error),
        };
        if found.as_ref().is_some_and(|object| !object.is_archived) {
            return Ok(found);
        }
        for id in self.listed(kind, external_id).await? {
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
    /// Under one number Alma may find several things, and answers the one that fits best.
    /// Where the ledger knows which is meant, that one counts.
    ///
    /// # Errors
    /// What Alma answered instead.
    pub(super) async fn rental_object(
        &self,
        task: &Task,
        desired: &Fields,
    ) -> Result<Result<i64, Outcome>, api::Error> {
        let is_owners = task.key().kind == AlmaKind::OwnerContract;
        let meant = task.rental_object();
        if let Some(meant) = meant.filter(|_| is_owners) {
            // An apartment that is let whole need not be found under its own number.
            return Ok(Ok(meant));
        }
        let external_id = desired.string("unit_id").unwrap_or_default();
        let answer = match self.api.rental_object(&external_id).await {
            Err(error) if error.is_no_place() => {
                // The list can be read: it is Alma that says so.
                self.listed(AlmaKind::Unit, &external_id).await?;
                None
            }
            answer => answer?,
        };
        let problem = match answer {
            None => format!(
                "Alma finds nothing to let under {external_id} (rental_object): where it is archived there, \
                 unarchive it, then `uzhkh-ledger alma retry {}`",
                task.key().typed()
            ),
            Some(found) if is_owners && found.parent_unit.is_some() => {
                format!(
                    "{external_id} is a room in Alma (rental_object), and an owner's contract is about a whole unit"
                )
            }
            Some(found) => return Ok(Ok(meant.unwrap_or(found.id))),
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

/// Another house's building is called what one should be called.
fn is_called_so(id: i64, house: &str) -> Found {
    Found::InTheWay(Outcome::Clash(
        AlmaKey::new(AlmaKind::Building, house),
        format!(
            "its name is that of Alma's building {id}, which is that of house {house}: waits until that one is \
             called otherwise, or released"
        ),
    ))
}

/// Another client has the e-mail that one should have.
fn has_its_email(id: i64, external_id: &str) -> Found {
    Found::InTheWay(Outcome::Clash(
        AlmaKey::new(AlmaKind::Client, external_id),
        format!(
            "its e-mail is that of Alma's client {id}, whose external id is {external_id}: give one of the two \
             another e-mail"
        ),
    ))
}

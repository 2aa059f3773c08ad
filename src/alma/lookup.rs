//! Looks objects up in Alma, by GET only: by external id, by Alma's id, in the lists; and
//! what a contract is about.

use std::collections::HashMap;

use super::api::{self, Api, At, Object, RentalObject};
use super::fields::{self, Fields};
use super::lists::{self, By, Lists};
use super::merged::Merged;
use super::state::Outcome;
use super::task::Task;
use crate::ledger::{AlmaKey, AlmaKind};

/// The result of a look-up.
pub(super) enum Found {
    /// Alma has the object.
    Object(Box<Object>),
    /// Alma does not have it.
    Nothing,
    /// Another object has what must be unique; the outcome says which.
    InTheWay(Outcome),
}

/// Looks objects up in Alma.
pub(super) struct Lookup<'l> {
    pub(super) api: &'l Api,
    pub(super) lists: &'l Lists,
    pub(super) merged: Merged<'l>,
    /// Whether so many are looked for that a list of the kind costs less than a request for each.
    pub(super) are_many: bool,
    /// The ledger's buildings by Alma's ids: nothing but its name tells one from another.
    pub(super) buildings: HashMap<i64, String>,
}

impl Lookup<'_> {
    /// Finds the object, or what is in its way: buildings by name, clients also by e-mail, the
    /// other kinds by external id.
    pub(super) async fn find(&self, task: &Task, desired: &Fields) -> Result<Found, api::Error> {
        let found = match task.key().kind {
            AlmaKind::Building => return self.building(task, desired).await,
            AlmaKind::Client => return self.client(task, desired).await,
            _ => self.by_external_id(task).await?,
        };
        Ok(found.map_or(Found::Nothing, |object| Found::Object(Box::new(object))))
    }

    /// Finds the object after Alma has refused to create it, since something is there already.
    pub(super) async fn find_anew(
        &self,
        task: &Task,
        desired: &Fields,
    ) -> Result<Found, api::Error> {
        let AlmaKey { kind, external_id } = task.key();
        if *kind != AlmaKind::Building
            && let Some(object) = self.rental_or_client(*kind, external_id).await?
        {
            return Ok(Found::Object(Box::new(object)));
        }
        self.find(task, desired).await
    }

    /// The object with the same external id; never a building, which has none in Alma. The
    /// list of a kind has the external ids: of contracts and clients it is needed anyhow.
    pub(super) async fn by_external_id(&self, task: &Task) -> Result<Option<Object>, api::Error> {
        let AlmaKey { kind, external_id } = task.key();
        match kind {
            AlmaKind::Building => Ok(None),
            AlmaKind::OwnerContract | AlmaKind::TenantContract => {
                self.contract(*kind, external_id).await
            }
            AlmaKind::Unit | AlmaKind::Room if !self.are_many => {
                self.rental_or_client(*kind, external_id).await
            }
            AlmaKind::Unit | AlmaKind::Room | AlmaKind::Client => {
                match self.lists.find_fresh(self.api, *kind, external_id, self.are_many).await {
                    Ok(ids) => self.first_of(*kind, external_id, ids).await,
                    // It is asked for alone where Alma has no such list.
                    Err(error) if error.is_no_place() => {
                        self.rental_or_client(*kind, external_id).await
                    }
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// The first of these objects that has the external id still: a list may be out of date.
    async fn first_of(
        &self,
        kind: AlmaKind,
        external_id: &str,
        ids: Vec<i64>,
    ) -> Result<Option<Object>, api::Error> {
        for id in ids {
            let object = self.api.read(kind, &At::Id(id)).await?;
            if let Some(object) =
                object.filter(|one| one.external_id.as_deref() == Some(external_id))
            {
                return Ok(Some(object));
            }
        }
        Ok(None)
    }

    /// A unit, a room or a client. An HTML page instead of an answer may mean that Alma has
    /// none, or come from a proxy: then the list decides.
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
        self.lists.find(self.api, kind, By::ExternalId, external_id).await
    }

    /// The object under an id that was ours; `None` where Alma no longer has ours there. After
    /// a restore from a backup Alma may have given the id to another object. One whose record was
    /// named since has the external id there that was last sent.
    pub(super) async fn read_ours(
        &self,
        task: &Task,
        alma_id: i64,
    ) -> Result<Option<Object>, api::Error> {
        let AlmaKey { kind, external_id } = task.key();
        let object = self.read(*kind, alma_id).await?;
        let is_ours = |object: &Object| match &object.external_id {
            // Alma is not told the external ids of buildings.
            _ if *kind == AlmaKind::Building => true,
            Some(held) => held == external_id || task.sent_external_id().as_ref() == Some(held),
            None => false,
        };
        Ok(object.filter(is_ours))
    }

    /// The object under Alma's id. It counts as gone only where the list can be read and lacks
    /// it too: a wrong base URL has nothing under any id.
    async fn read(&self, kind: AlmaKind, id: i64) -> Result<Option<Object>, api::Error> {
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

    /// A building, by its name in its project, first of all by the very spelling. The list may be
    /// older than its present name.
    async fn building(&self, task: &Task, desired: &Fields) -> Result<Found, api::Error> {
        let name = desired.string("name").unwrap_or_default();
        let listed = self.lists.find(self.api, AlmaKind::Building, By::Name, &name).await?;
        let mut found: Option<Object> = None;
        for id in listed {
            let Some(object) = self.api.read(AlmaKind::Building, &At::Id(id)).await? else {
                continue;
            };
            let projects = (desired.get("project"), object.fields.get("project"));
            let is_here = matches!(projects, (Some(ours), Some(theirs)) if fields::same("project", ours, theirs));
            let theirs = object.fields.string("name").unwrap_or_default();
            if !is_here || !lists::is_same_name(&theirs, &name) {
                continue;
            }
            let is_exact = theirs == name;
            if is_exact || found.is_none() {
                found = Some(object);
            }
            if is_exact {
                break;
            }
        }
        Ok(match found {
            None => Found::Nothing,
            Some(object) => match self.buildings.get(&object.id) {
                Some(other) if *other != task.key().external_id => name_is_taken(object.id, other),
                _ => Found::Object(Box::new(object)),
            },
        })
    }

    /// A client, by its external id, then by its e-mail, which is unique in Alma.
    async fn client(&self, task: &Task, desired: &Fields) -> Result<Found, api::Error> {
        if let Some(object) = self.by_external_id(task).await? {
            return Ok(Found::Object(Box::new(object)));
        }
        self.by_email(task, desired).await
    }

    /// The client with the e-mail that one should have: it may be adopted where it has no
    /// external id, or ours; another contact of the source is in the way.
    pub(super) async fn by_email(
        &self,
        task: &Task,
        desired: &Fields,
    ) -> Result<Found, api::Error> {
        let email = desired.string("email").unwrap_or_default();
        let listed = self.lists.find(self.api, AlmaKind::Client, By::Email, &email).await?;
        for id in listed {
            // The list may be older than the client's present e-mail.
            let Some(object) = self.api.read(AlmaKind::Client, &At::Id(id)).await? else {
                continue;
            };
            let present = object.fields.string("email").unwrap_or_default();
            if present.to_lowercase() == email.to_lowercase() {
                let theirs = object.external_id.clone();
                return Ok(match theirs.filter(|theirs| *theirs != task.key().external_id) {
                    Some(theirs) if self.merged.is_gone(&theirs).await => {
                        // That contact is no longer there.
                        Found::Object(Box::new(Object { external_id: None, ..object }))
                    }
                    Some(theirs) => email_is_taken(id, &theirs),
                    None => Found::Object(Box::new(object)),
                });
            }
        }
        Ok(Found::Nothing)
    }

    /// A contract, in the list: the document's paths by external id disagree. Of several, which
    /// there are where one was archived, the one in force counts.
    async fn contract(
        &self,
        kind: AlmaKind,
        external_id: &str,
    ) -> Result<Option<Object>, api::Error> {
        let mut found = None;
        for id in self.lists.find_fresh(self.api, kind, external_id, self.are_many).await? {
            let object = self.api.read(kind, &At::Id(id)).await?;
            if let Some(object) =
                object.filter(|one| one.external_id.as_deref() == Some(external_id))
            {
                let is_in_force = !object.is_archived;
                found = Some(object);
                if is_in_force {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Alma's id of the rental object that a contract is about; the outcome where there is
    /// none.
    ///
    /// Alma may have several under one number, and answers the one that fits best. Another one than
    /// the ledger means is never taken.
    pub(super) async fn rental_object(
        &self,
        task: &Task,
        desired: &Fields,
    ) -> Result<Result<i64, Outcome>, api::Error> {
        let is_owners = task.key().kind == AlmaKind::OwnerContract;
        let (meant, is_said) = (task.rental_object(), task.says_rental_object());
        if let Some(meant) = meant.filter(|_| is_owners && is_said) {
            // Alma need not find an apartment that is let whole under its own number.
            return Ok(Ok(meant));
        }
        let external_id = desired.string("unit_id").unwrap_or_default();
        let answer = match self.api.rental_object(&external_id).await {
            Err(error) if error.is_no_place() => {
                // The list can be read: the answer is Alma's.
                self.listed(AlmaKind::Unit, &external_id).await?;
                None
            }
            answer => answer?,
        };
        let is_by_own_number = task
            .referred("unit_id")
            .is_some_and(|key| key.kind == AlmaKind::Unit && key.external_id == external_id);
        let problem = match (answer, meant) {
            // An apartment that is let whole need not be found under its own number.
            (None, Some(meant)) if is_said && is_by_own_number => return Ok(Ok(meant)),
            (None, _) => format!(
                "Alma finds nothing to let under {external_id} (rental_object): where it is archived there, \
                 unarchive it, then `uzhkh-ledger alma retry {}`",
                task.key().typed()
            ),
            (Some(found), _) if is_owners && found.is_room() => {
                format!(
                    "{external_id} is a room in Alma (rental_object), and an owner's contract is about a whole unit"
                )
            }
            (Some(found), Some(meant)) if found.id != meant => {
                if !is_said && !is_owners && self.is_room_in(&found, meant).await? {
                    return Ok(Ok(found.id));
                }
                if !self.is_live(&found).await? {
                    return Ok(Ok(meant));
                }
                let problem = another_is_found(task, &external_id, meant, &found);
                return Ok(Err(match found.external_id.clone() {
                    // It may be about to be archived, or to get another number.
                    Some(other) => Outcome::Clash(AlmaKey::new(kind_of(&found), other), problem),
                    None => Outcome::Blocked(problem),
                }));
            }
            (Some(found), _) => return Ok(Ok(found.id)),
        };
        // It is looked up again when the unit or room was updated.
        Ok(Err(match task.referred("unit_id") {
            Some(key) => Outcome::Clash(key.clone(), problem),
            None => Outcome::Blocked(problem),
        }))
    }

    /// Whether what was found is a room in a unit.
    async fn is_room_in(&self, found: &RentalObject, unit: i64) -> Result<bool, api::Error> {
        if let Some(parent) = found.parent_unit {
            return Ok(parent == unit);
        }
        let room = self.api.read(AlmaKind::Room, &At::Id(found.id)).await?;
        Ok(room.is_some_and(|room| room.fields.get("parent_unit") == Some(&unit.to_string())))
    }

    /// Whether what was found is not archived.
    async fn is_live(&self, found: &RentalObject) -> Result<bool, api::Error> {
        // Where the answer does not say that it is a room, it may be one all the same.
        let kinds = match found.parent_unit {
            Some(_) => &[AlmaKind::Room][..],
            None => &[AlmaKind::Unit, AlmaKind::Room],
        };
        for kind in kinds {
            if let Some(object) = self.api.read(*kind, &At::Id(found.id)).await? {
                return Ok(!object.is_archived);
            }
        }
        Ok(false)
    }

    /// Has the list of a kind read again when it is next needed.
    pub(super) async fn forget(&self, kind: AlmaKind) {
        self.lists.forget(kind).await;
    }
}

/// The kind of what was found: a unit, unless it is said to be a room.
fn kind_of(found: &RentalObject) -> AlmaKind {
    if found.is_room() { AlmaKind::Room } else { AlmaKind::Unit }
}

/// Alma's rental object under a number is another one than the contract means.
fn another_is_found(task: &Task, number: &str, meant: i64, found: &RentalObject) -> String {
    let key = task.referred("unit_id").map(ToString::to_string).unwrap_or_default();
    let kind = kind_of(found);
    format!(
        "it is about {key} (Alma's id {meant}), and Alma finds under {number} (rental_object) another live one, \
         {kind} {} (Alma's id {}): correct the numbers in Alma or in the source, then \
         `uzhkh-ledger alma retry {}`",
        found.external_id.as_deref().unwrap_or("without an external id"),
        found.id,
        task.key().typed()
    )
}

/// The building of another house has the name that this one should have.
fn name_is_taken(id: i64, house: &str) -> Found {
    Found::InTheWay(Outcome::Clash(
        AlmaKey::new(AlmaKind::Building, house),
        format!(
            "its name is that of Alma's building {id}, which is that of house {house}: waits until that one is \
             called otherwise, or released"
        ),
    ))
}

/// Another contact's client has the e-mail that this one should have.
fn email_is_taken(id: i64, external_id: &str) -> Found {
    Found::InTheWay(Outcome::Clash(
        AlmaKey::new(AlmaKind::Client, external_id),
        format!(
            "its e-mail is that of Alma's client {id}, whose external id is {external_id}: give one of the two \
             another e-mail"
        ),
    ))
}

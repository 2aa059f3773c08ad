//! POST and PATCH of an object.
//!
//! As in Django: first every field by itself, all that is wrong in one answer, then what
//! the fields mean together, the first thing that is wrong.

use super::accept::NewPhoto;
use super::body::Members;
use super::fields::{Field, Shape};
use super::kind::AlmaKind;
use super::object::{Object, Photo, Status, plain};
use super::refusal::{REQUIRED, Refusal, taken};
use super::state::{Key, Memory};

/// Changes of a write that has passed its checks so far.
struct Draft {
    object: Object,
    photos: Option<Vec<NewPhoto>>,
}

impl Memory {
    /// Makes an object; answers its id.
    pub(super) fn create(
        &mut self,
        kind: AlmaKind,
        members: &Members,
        violations: &mut Vec<String>,
    ) -> Result<i64, Refusal> {
        let blank = Object::new(kind, 0);
        let draft = self.draft(&blank, true, members, violations)?;
        let id = self.next_id(kind);
        let mut object = Object { id, ..draft.object };
        object.photos = self.attach(draft.photos.unwrap_or_default());
        if kind.is_contract() {
            object.usage = self.next_usage();
            self.activate(object.reference("client_id"));
        }
        self.insert(object);
        Ok(id)
    }

    /// A client has a contract.
    pub(super) fn activate(&mut self, client: i64) {
        self.change(AlmaKind::Client, client, |client| {
            client.status = Status::Active;
        });
    }

    /// Changes fields of an object.
    pub(super) fn update(
        &mut self,
        kind: AlmaKind,
        id: i64,
        members: &Members,
        violations: &mut Vec<String>,
    ) -> Result<(), Refusal> {
        let old = self.get(kind, id).ok_or_else(Refusal::not_found)?;
        let draft = self.draft(old, false, members, violations)?;
        let photos = draft.photos.map(|photos| self.attach(photos));
        self.change(kind, id, |object| {
            *object = draft.object;
            if let Some(photos) = photos {
                object.photos = photos;
            }
        });
        Ok(())
    }

    /// The object as it would be, or what is wrong with it.
    fn draft(
        &self,
        old: &Object,
        is_new: bool,
        members: &Members,
        violations: &mut Vec<String>,
    ) -> Result<Draft, Refusal> {
        let mut draft = Draft { object: old.clone(), photos: None };
        for name in members.keys() {
            if !old.kind.field(name).is_some_and(|field| field.is_writable) {
                violations.push(format!("Alma: {name} of a {} is not written", old.kind));
            }
        }
        let mut problems = Vec::new();
        for field in old.kind.fields().iter().filter(|field| field.is_writable) {
            let outcome = match members.get(field.name) {
                Some(raw) => self.set(&mut draft, field, raw),
                None if is_new && field.is_required => Err(REQUIRED.to_owned()),
                None => Ok(()),
            };
            problems.extend(outcome.err().map(|problem| (field.name, problem)));
        }
        if !is_new && members.contains_key("name") {
            let companion = old.kind.companion();
            let absent = companion.filter(|companion| !members.contains_key(*companion));
            problems.extend(absent.map(|companion| (companion, REQUIRED.to_owned())));
        }
        if !problems.is_empty() {
            return Err(Refusal::Fields(problems));
        }
        self.is_unique(&draft.object)?;
        if old.kind.is_contract() {
            self.may_hold(&draft.object, (!is_new).then_some(old))?;
        }
        Ok(draft)
    }

    fn set(&self, draft: &mut Draft, field: &'static Field, raw: &str) -> Result<(), String> {
        self.accepts(field, raw)?;
        let object = &mut draft.object;
        match field.shape {
            Shape::Photos => {
                draft.photos = Some(self.photos(raw, object)?);
                return Ok(());
            }
            Shape::External | Shape::Email => self.is_free(object, field.name, &plain(raw))?,
            // The document: there is no way yet to take a picture away from a client.
            Shape::File if object.kind == AlmaKind::Client && raw == "null" => return Ok(()),
            _ => {}
        }
        object.fields.insert(field.name, raw.to_owned());
        Ok(())
    }

    /// Checks that no other object has this external id, or this e-mail.
    fn is_free(&self, object: &Object, name: &'static str, value: &str) -> Result<(), String> {
        let kind = object.kind;
        let key = match name {
            "email" => Key::Email(value.to_lowercase()),
            // Of contracts and buildings several may have one.
            _ if kind.is_contract() || kind == AlmaKind::Building || value.is_empty() => {
                return Ok(());
            }
            _ => Key::External(kind, value.to_owned()),
        };
        match self.by(&key).any(|other| other.id != object.id) {
            true => Err(taken(kind, name)),
            false => Ok(()),
        }
    }

    /// Checks that no other object has this name in the same building or project.
    fn is_unique(&self, object: &Object) -> Result<(), Refusal> {
        let kind = object.kind;
        let parent = match kind {
            AlmaKind::Building => "project",
            AlmaKind::Unit => "building",
            _ => return Ok(()),
        };
        let key = Key::Name(kind, object.reference(parent), object.text("name"));
        match self.by(&key).any(|other| other.id != object.id) {
            true => {
                Err(Refusal::whole(format!("The fields {parent}, name must make a unique set.")))
            }
            false => Ok(()),
        }
    }

    /// Gives new pictures their ids.
    pub(super) fn attach(&mut self, photos: Vec<NewPhoto>) -> Vec<Photo> {
        let attached = photos.into_iter().map(|photo| match photo {
            NewPhoto::Kept(photo) => photo,
            NewPhoto::Of(file) => Photo { id: self.next_photo(), file },
        });
        attached.collect()
    }
}

//! Ids of the objects, present and past.
//!
//! An object is known by the id it was born with. When an outside system assigns
//! another («“Умное ЖКХ” запишет к себе другой id вместо ”--5”»), everything that
//! is written afterwards carries the new one; what was queued before keeps the old
//! text. The first assignment stands: what contradicts it is reported and has no
//! effect, so that one mistake of a client shows once and does not multiply.
//!
//! An object may get the id of one that was born with it: the outside system knew it all
//! along, and the two are one from then on.

use std::collections::HashMap;

use super::kind::{KINDS, Kind, is_temporary};

#[derive(Default)]
struct Known {
    current: Option<Box<str>>,
    gone: bool,
}

/// The ids of everything UZhKH knows of.
#[derive(Default)]
pub(super) struct Identities {
    by_first_id: [HashMap<Box<str>, Known>; KINDS],
    by_permanent_id: [HashMap<Box<str>, Box<str>>; KINDS],
    /// The objects that were joined with one that was born with the id, by that.
    joined: [HashMap<Box<str>, Box<str>>; KINDS],
}

/// Outcome of an attempt to assign an id.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Assignment {
    /// The object has the id from now on, or had it already.
    Done,
    /// There is no such object under that id (any more).
    NotFound,
    /// The attempt contradicts the document; the text says how.
    Refused(String),
}

impl Identities {
    /// An object exists under this id.
    pub(super) fn meet(&mut self, kind: Kind, id: &str) {
        if !self.by_first_id[kind as usize].contains_key(id) {
            self.by_first_id[kind as usize].insert(id.into(), Known::default());
        }
    }

    /// An object is listed as existing, whatever was said of it before.
    pub(super) fn revive(&mut self, kind: Kind, id: &str) {
        self.meet(kind, id);
        if let Some(known) = self.by_first_id[kind as usize].get_mut(id) {
            known.gone = false;
        }
    }

    /// An object was deleted; `id` is its first or its current one.
    pub(super) fn bury(&mut self, kind: Kind, id: &str) {
        let first = self.first(kind, id).into();
        self.by_first_id[kind as usize].entry(first).or_default().gone = true;
    }

    /// The id that an object was born with, from any id it ever had.
    pub(super) fn first<'a>(&'a self, kind: Kind, id: &'a str) -> &'a str {
        self.by_permanent_id[kind as usize].get(id).map_or(id, |first| first)
    }

    /// The id that an object is written with now.
    pub(super) fn current<'a>(&'a self, kind: Kind, id: &'a str) -> &'a str {
        self.by_first_id[kind as usize]
            .get(id)
            .and_then(|known| known.current.as_deref())
            .unwrap_or(id)
    }

    /// The temporary ids that still stand for something, as `kind/--N`, sorted.
    pub(super) fn still_temporary(&self) -> Vec<String> {
        let mut left: Vec<String> = Kind::ALL
            .into_iter()
            .flat_map(|kind| {
                self.by_first_id[kind as usize]
                    .iter()
                    .filter(|(id, known)| {
                        is_temporary(id) && known.current.is_none() && !known.gone
                    })
                    .map(move |(id, _)| format!("{}/{id}", kind.word()))
            })
            .collect();
        left.sort();
        left
    }

    /// `Delete?objectId=`: the envelope named the object by `id`.
    pub(super) fn assign_on_delete(
        &mut self,
        kind: Kind,
        id: &str,
        permanent: &str,
    ) -> Result<(), String> {
        if permanent == id && !is_temporary(id) && kind.takes_outside_id() {
            return Ok(());
        }
        self.meet(kind, id);
        self.assign(kind, id, permanent)
    }

    /// `SetId`: by the id that UZhKH has for it now.
    pub(super) fn assign_by_set_id(
        &mut self,
        kind: Kind,
        id: &str,
        permanent: &str,
    ) -> (Assignment, Option<String>) {
        let Some(known) = self.by_first_id[kind as usize].get(id) else {
            return (Assignment::NotFound, None);
        };
        if let Some(current) = &known.current {
            // The old id is forgotten, so it is not found; that the caller has
            // another id in mind is wrong all the same.
            let other = (&**current != permanent).then(|| second(kind, id, current, permanent));
            return (Assignment::NotFound, other);
        }
        if known.gone {
            return (Assignment::NotFound, None);
        }
        match self.assign(kind, id, permanent) {
            Ok(()) => (Assignment::Done, None),
            Err(problem) => (Assignment::Refused(problem.clone()), Some(problem)),
        }
    }

    fn assign(&mut self, kind: Kind, id: &str, permanent: &str) -> Result<(), String> {
        let word = kind.word();
        if !kind.takes_outside_id() {
            return Err(format!(
                "{word} {id}: given the outside id {permanent}, but requests keep their own"
            ));
        }
        if permanent.is_empty() || is_temporary(permanent) {
            return Err(format!("{word} {id}: given {permanent:?}, which is not a permanent id"));
        }
        if !is_temporary(id) {
            return if id == permanent {
                Ok(())
            } else {
                Err(format!("{word} {id}: not temporary, yet given another id, {permanent}"))
            };
        }
        let index = kind as usize;
        for ids in [&self.by_permanent_id[index], &self.joined[index]] {
            if let Some(first) = ids.get(permanent).filter(|first| ***first != *id) {
                return Err(format!(
                    "{word} {id}: given {permanent}, which {word} {first} has already"
                ));
            }
        }
        let is_joined = self.by_first_id[index].contains_key(permanent);
        let known = self.by_first_id[index].entry(id.into()).or_default();
        match &known.current {
            Some(current) if **current != *permanent => Err(second(kind, id, current, permanent)),
            Some(_) => Ok(()),
            None => {
                known.current = Some(permanent.into());
                // What is said of a joined object is said of the one that was born with the id.
                let ids = if is_joined { &mut self.joined } else { &mut self.by_permanent_id };
                ids[index].insert(permanent.into(), id.into());
                Ok(())
            }
        }
    }
}

fn second(kind: Kind, id: &str, first: &str, other: &str) -> String {
    format!("{} {id}: given a second permanent id, {other}, after {first}", kind.word())
}

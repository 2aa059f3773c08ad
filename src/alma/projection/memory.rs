//! Records in memory, for the tests of the projections.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use jiff::civil::Date;

use super::{Projection, Records, Wanted};
use crate::ledger::{AlmaKey, AlmaKind, AlmaTaken, Error};

/// Which projection is tested.
pub(super) trait Subject: Clone + Default {
    /// The projection, made once: properties ask for it some hundred thousand times.
    fn projection() -> &'static dyn Projection;
}

/// Kind and id of a record, or of what one names.
pub(super) type Pair = (String, String);

/// Records and their links, as the ledger keeps them.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger<S> {
    pub(super) bodies: BTreeMap<Pair, String>,
    pub(super) links: BTreeMap<Pair, BTreeSet<Pair>>,
    pub(super) deleted: BTreeSet<Pair>,
    /// Lists that have not been read since anything changed.
    pub(super) unread: BTreeSet<String>,
    pub(super) taken: BTreeMap<String, AlmaTaken>,
    subject: PhantomData<S>,
}

pub(super) fn pair(kind: &str, id: &str) -> Pair {
    (kind.to_owned(), id.to_owned())
}

impl<S: Subject> Ledger<S> {
    /// A ledger with these records: kind, id, body.
    pub(super) fn of(records: &[(&str, &str, &str)]) -> Self {
        let mut ledger = Self::default();
        for (kind, id, body) in records {
            ledger.put(kind, id, Some(body));
        }
        ledger
    }

    /// Stores a body, or deletes the record, and brings its links up to date.
    pub(super) fn put(&mut self, kind: &str, id: &str, body: Option<&str>) -> Vec<Pair> {
        self.put_body(kind, id, body);
        self.put_links(kind, id)
    }

    pub(super) fn put_body(&mut self, kind: &str, id: &str, body: Option<&str>) {
        let key = pair(kind, id);
        if let Some(body) = body {
            self.deleted.remove(&key);
            self.bodies.insert(key, body.to_owned());
        } else if self.bodies.remove(&key).is_some() {
            self.deleted.insert(key);
        }
    }

    /// Brings the links of a record up to date; what it named and what it names.
    pub(super) fn put_links(&mut self, kind: &str, id: &str) -> Vec<Pair> {
        let body = self.bodies.get(&pair(kind, id));
        let links = body.map(|body| S::projection().links(kind, id, body));
        let links = links.unwrap_or_default().into_iter();
        let now: BTreeSet<Pair> = links.map(|link| (link.to.to_owned(), link.id)).collect();
        let before = self.links.insert(pair(kind, id), now.clone());
        now.union(&before.unwrap_or_default()).cloned().collect()
    }

    /// The same with a member of a record that has another value, JSON text.
    pub(super) fn with(&self, kind: &str, id: &str, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        let body = with(&self.bodies[&pair(kind, id)], name, value);
        other.put(kind, id, Some(&body));
        other
    }

    /// The same without a record.
    pub(super) fn without(&self, kind: &str, id: &str) -> Self {
        let mut other = self.clone();
        other.put(kind, id, None);
        other
    }

    pub(super) fn project(&self, kind: AlmaKind, id: &str) -> Wanted {
        S::projection().project(&AlmaKey::new(kind, id), self).unwrap()
    }

    /// The text of an object that is wanted.
    pub(super) fn wanted(&self, kind: AlmaKind, id: &str) -> String {
        match self.project(kind, id) {
            Wanted::Yes(fields) => fields.text(),
            other => panic!("{kind} {id}: {other:?}"),
        }
    }

    /// A field of an object that is wanted, as JSON text; empty where it is left out.
    pub(super) fn field(&self, kind: AlmaKind, id: &str, name: &str) -> String {
        match self.project(kind, id) {
            Wanted::Yes(fields) => fields.get(name).unwrap_or_default().to_owned(),
            other => panic!("{kind} {id}: {other:?}"),
        }
    }

    /// Why an object is blocked.
    pub(super) fn reason(&self, kind: AlmaKind, id: &str) -> String {
        match self.project(kind, id) {
            Wanted::Blocked(reason) => reason,
            other => panic!("{kind} {id}: {other:?}"),
        }
    }

    /// The objects that a record touches which names, or named, these.
    pub(super) fn touched(&self, kind: &str, id: &str, links: &[Pair]) -> Vec<AlmaKey> {
        S::projection().touched(kind, id, links, self).unwrap()
    }

    /// What these objects should be.
    pub(super) fn projected(&self, keys: &[AlmaKey]) -> BTreeMap<AlmaKey, Wanted> {
        let projection = S::projection();
        let all = keys.iter();
        all.map(|key| (key.clone(), projection.project(key, self).unwrap())).collect()
    }

    /// How long these objects are needed.
    fn needed(&self, keys: &[AlmaKey]) -> BTreeMap<AlmaKey, Option<Date>> {
        let projection = S::projection();
        let all = keys.iter();
        all.map(|key| (key.clone(), projection.until(key, self).unwrap())).collect()
    }

    /// The last day of an object: `2030-01-01`; empty where there is none.
    pub(super) fn until(&self, kind: AlmaKind, id: &str) -> String {
        let until = S::projection().until(&AlmaKey::new(kind, id), self).unwrap();
        until.map(|day| day.to_string()).unwrap_or_default()
    }

    /// Of these objects those that are otherwise in another ledger, and were not touched.
    pub(super) fn missed(
        &self,
        after: &Self,
        keys: Vec<AlmaKey>,
        touched: &BTreeSet<AlmaKey>,
    ) -> Vec<AlmaKey> {
        let of = |ledger: &Self| (ledger.projected(&keys), ledger.needed(&keys));
        let (before, after) = (of(self), of(after));
        let is_other =
            |key: &AlmaKey| before.0[key] != after.0[key] || before.1[key] != after.1[key];
        let differing = keys.iter().filter(|key| is_other(key)).cloned();
        differing.filter(|key| !touched.contains(key)).collect()
    }
}

impl<S> Records for Ledger<S> {
    fn record(&self, kind: &str, id: &str) -> Result<Option<String>, Error> {
        Ok(self.bodies.get(&pair(kind, id)).cloned())
    }

    fn named_by(&self, kind: &str, id: &str) -> Result<Vec<Pair>, Error> {
        let links = self.links.get(&pair(kind, id));
        Ok(links.into_iter().flatten().cloned().collect())
    }

    fn naming(&self, kind: &str, to: &str, id: &str) -> Result<Vec<String>, Error> {
        let named = pair(to, id);
        let records = self.links.iter().filter(|(record, links)| {
            let (its_kind, _) = record;
            its_kind == kind && links.contains(&named)
        });
        Ok(records.map(|((_, id), _)| id.clone()).collect())
    }

    fn named(&self, to: &str, prefix: &str) -> Result<Vec<String>, Error> {
        let links = self.links.values().flatten();
        let named = links.filter(|(kind, id)| kind == to && id.starts_with(prefix));
        let ids: BTreeSet<String> = named.map(|(_, id)| id.clone()).collect();
        Ok(ids.into_iter().collect())
    }

    fn is_deleted(&self, kind: &str, id: &str) -> Result<bool, Error> {
        Ok(self.deleted.contains(&pair(kind, id)))
    }

    fn is_read_since(&self, list: &str, _: &str, _: &str) -> Result<bool, Error> {
        Ok(!self.unread.contains(list))
    }

    fn taken(&self, contract: &str) -> Result<Option<AlmaTaken>, Error> {
        Ok(self.taken.get(contract).cloned())
    }
}

/// A body with a member that has another value, JSON text.
pub(super) fn with(body: &str, name: &str, value: &str) -> String {
    // Given twice: the last counts.
    let body = body.strip_suffix('}').unwrap();
    format!("{body},\"{name}\":{value}}}")
}

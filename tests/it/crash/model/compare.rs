//! The ledger beside the model.

use std::collections::{BTreeMap, BTreeSet};

use super::Assign;
use super::content::{Key, first_id};
use super::drive::Drive;
use super::ledger::Place;
use crate::support::Body;

/// A record as it can be compared: text, deleted, missing, changes.
type Row = (Body, bool, bool, String);

const RECORDS: &str = "SELECT kind, id, body, deleted_at IS NOT NULL, missing_since IS NOT NULL, \
     (SELECT group_concat(op, ' ') FROM (SELECT op FROM change AS c \
      WHERE c.kind = r.kind AND c.id = r.id ORDER BY seq)), updated_at FROM record AS r";

impl Drive {
    /// That the ledger is what the model says.
    pub(crate) fn compare(&mut self) {
        let connection = self.bench.read();
        let pairs = |query: &str| {
            let mut statement = connection.prepare(query).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
            let rows = rows.unwrap().map(Result::unwrap);
            rows.collect::<Vec<(String, String)>>()
        };
        let ids = self.identities();
        // What stands in the ledger for an id of the model's.
        let actual = |kind: &str, id: &str| match ids.get(&(kind.to_owned(), id.to_owned())) {
            Some(Some(permanent)) => permanent.clone(),
            _ => id.to_owned(),
        };
        let id = |key: Key| actual(key.0, &self.model.id(key));

        let mut statement = connection.prepare(RECORDS).unwrap();
        let rows = statement.query_map([], |row| {
            let (kind, text): (String, String) = (row.get(0)?, row.get(2)?);
            // Brought into the form that the expected texts are in.
            let body = Body::parse(&text).resolved(&kind, &actual);
            let row_of = (body, row.get(3)?, row.get(4)?, row.get(5)?);
            Ok((((kind, row.get(1)?), row_of), row.get(6)?))
        });
        let mut found = BTreeMap::new();
        let mut updated = BTreeMap::new();
        for row in rows.unwrap() {
            let ((place, row), updated_at): ((Place, Row), String) = row.unwrap();
            updated.insert(place.clone(), updated_at);
            found.insert(place, row);
        }
        let expected = self.model.records.iter().map(|(place, record)| {
            let (kind, known) = place;
            let own = actual(kind, known);
            let text = match record.content.is_tombstone() {
                // What was never seen has but an Id, as text.
                true => format!("{{\"Id\":{own:?}}}"),
                false => record.content.text(&id, ""),
            };
            let body = Body::parse(&text).resolved(kind, &actual);
            let ops = self.model.log[place].join(" ");
            ((kind.clone(), own), (body, record.is_deleted, record.is_missing, ops))
        });
        let mut expected: BTreeMap<_, _> = expected.collect();
        for (place, row) in found {
            assert_eq!(Some(row), expected.remove(&place), "the record of {place:?}");
        }
        assert!(expected.is_empty(), "no record of {:?}", expected.keys());
        let changes: usize = self.model.log.values().map(Vec::len).sum();
        let written = pairs("SELECT op, id FROM change").len();
        assert_eq!(written, changes, "changes");

        let revised = pairs("SELECT kind, id FROM finding WHERE path = 'Guid'");
        let expected = self.model.revised.iter();
        let expected = expected.map(|(kind, known)| (kind.clone(), actual(kind, known)));
        assert_eq!(
            revised.into_iter().collect::<BTreeSet<_>>(),
            expected.collect::<BTreeSet<_>>(),
            "revisions"
        );
        let entries = pairs("SELECT queue, guid FROM envelope").len();
        assert_eq!(entries, self.model.entries(), "entries");
        for ((kind, known), record) in &mut self.model.records {
            record.updated_at = updated.remove(&(kind.clone(), actual(kind, known))).unwrap();
        }
    }

    /// Permanent ids by kind and temporary id, which are those that the model has names for.
    fn identities(&self) -> BTreeMap<Place, Option<String>> {
        let connection = self.bench.read();
        let mut statement =
            connection.prepare("SELECT kind, temporary_id, permanent_id FROM identity").unwrap();
        let rows = statement.query_map([], |row| {
            Ok(((row.get(0)?, row.get(1)?), row.get::<_, Option<String>>(2)?))
        });
        let ids: BTreeMap<Place, Option<String>> = rows.unwrap().map(Result::unwrap).collect();
        let model = &self.model;
        let keys: BTreeSet<Key> =
            model.identified.iter().chain(model.names.keys()).copied().collect();
        let expected: BTreeSet<Place> =
            keys.iter().map(|key| (key.0.to_owned(), first_id(*key))).collect();
        assert_eq!(ids.keys().cloned().collect::<BTreeSet<_>>(), expected, "identities");
        for key in keys {
            let permanent = &ids[&(key.0.to_owned(), first_id(key))];
            match model.names.get(&key) {
                Some(name) => assert_eq!(permanent.as_ref(), Some(name), "{key:?}"),
                None => assert_eq!(permanent.is_some(), model.assign == Assign::Uuid, "{key:?}"),
            }
        }
        ids
    }
}

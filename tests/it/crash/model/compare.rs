//! The ledger beside the model.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{Key, first_id, is_temporary};
use super::drive::Drive;
use crate::support::Body;

/// A record as it can be compared: kind and id, text, deleted, missing, changes.
type Row = ((String, String), (Body, bool, bool, String));

const RECORDS: &str = "SELECT kind, id, body, deleted_at IS NOT NULL, missing_since IS NOT NULL, \
     (SELECT group_concat(op, ' ') FROM (SELECT op FROM change AS c \
      WHERE c.kind = r.kind AND c.id = r.id ORDER BY seq)) FROM record AS r";

impl Drive {
    /// That the ledger is what the model says.
    pub(crate) fn compare(&self) {
        let connection = self.bench.read();
        let pairs = |query: &str| {
            let mut statement = connection.prepare(query).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
            let rows = rows.unwrap().map(Result::unwrap);
            rows.collect::<Vec<(String, String)>>()
        };
        let named = |key: &Key| (key.0.to_owned(), first_id(*key));

        let identified = pairs("SELECT kind, temporary_id FROM identity");
        let expected: BTreeSet<_> = self.model.identified.iter().map(named).collect();
        assert_eq!(identified.into_iter().collect::<BTreeSet<_>>(), expected, "identities");

        let mut statement = connection
            .prepare("SELECT permanent_id FROM identity WHERE kind = ?1 AND temporary_id = ?2")
            .unwrap();
        let mut permanent = BTreeMap::new();
        for key in &self.model.identified {
            let (kind, id) = named(key);
            let known: String = statement.query_row([&kind, &id], |row| row.get(0)).unwrap();
            permanent.insert((kind, id), known);
        }
        let permanent_id =
            |kind: &str, id: &str| permanent[&(kind.to_owned(), id.to_owned())].clone();
        let id = |key: Key| match is_temporary(key) {
            true => permanent_id(key.0, &first_id(key)),
            false => first_id(key),
        };

        let mut statement = connection.prepare(RECORDS).unwrap();
        let rows = statement.query_map([], |row| {
            let (kind, text): (String, String) = (row.get(0)?, row.get(2)?);
            // Brought into the form that the expected texts are in.
            let body = Body::parse(&text).resolved(&kind, &permanent_id);
            Ok(((kind, row.get(1)?), (body, row.get(3)?, row.get(4)?, row.get(5)?)))
        });
        let found: BTreeMap<_, _> = rows.unwrap().map(Result::<Row, _>::unwrap).collect();
        let expected = self.model.records.iter().map(|(key, record)| {
            let text = match record.ops.as_slice() {
                // What was never seen has but an Id, as text.
                ["delete"] => format!("{{\"Id\":{:?}}}", id(*key)),
                _ => record.content.text(&id, ""),
            };
            let body = Body::parse(&text).resolved(key.0, &permanent_id);
            let ops = record.ops.join(" ");
            let stands = (body, record.is_deleted, record.is_missing, ops);
            ((key.0.to_owned(), id(*key)), stands)
        });
        let mut expected: BTreeMap<_, _> = expected.collect();
        for (key, stands) in found {
            assert_eq!(Some(stands), expected.remove(&key), "the record of {key:?}");
        }
        assert!(expected.is_empty(), "no record of {:?}", expected.keys());

        let revised = pairs("SELECT kind, id FROM finding WHERE path = 'Guid'");
        let expected = self.model.revised.iter().map(|key| (key.0.to_owned(), id(*key)));
        assert_eq!(
            revised.into_iter().collect::<BTreeSet<_>>(),
            expected.collect::<BTreeSet<_>>(),
            "revisions"
        );
        let entries = pairs("SELECT queue, guid FROM envelope").len();
        assert_eq!(entries, self.model.entries(), "entries");
    }
}

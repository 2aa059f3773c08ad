//! The records that the envelopes of a ledger must have made, told a second time
//! from their texts alone: the last one counts, and what is deleted stays so.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::Body;

type Key = (String, String);

/// Compares the records with what the envelopes say. For ledgers without a resync, in which no
/// two records were joined.
pub(super) fn compare(connection: &Connection) {
    let identities = identities(connection);
    let permanent = |kind: &str, id: &str| {
        let known = identities.get(&(kind.to_owned(), id.to_owned()));
        // UZhKH's own ids are primary for requests.
        match kind.starts_with("request") {
            true => id.to_owned(),
            false => known.unwrap_or_else(|| panic!("{kind} {id} has no identity")).clone(),
        }
    };
    let mut expected: BTreeMap<Key, Body> = BTreeMap::new();
    let mut deleted: BTreeSet<Key> = BTreeSet::new();
    let mut put = |kind: &str, entity: &Body, deleted: &BTreeSet<Key>| {
        let entity = entity.resolved(kind, &permanent);
        let key = (kind.to_owned(), entity.text("Id").unwrap());
        if !deleted.contains(&key) {
            expected.insert(key, entity);
        }
    };
    for (queue, text) in envelopes(connection) {
        let body = Body::parse(&text);
        if queue == "deleted" {
            let (kind, id) = (body.text("Type").unwrap(), body.text("Id").unwrap());
            let entity = Body::tombstone(&id).resolved(&kind, &permanent);
            let key = (kind, entity.text("Id").unwrap());
            deleted.insert(key);
            continue;
        }
        for (kind, entity) in body.entities() {
            put(&kind, &entity, &deleted);
            for person in entity.persons() {
                put("resident", &person, &deleted);
            }
        }
    }
    for key in &deleted {
        let tombstone = Body::tombstone(&key.1).resolved(&key.0, &permanent);
        expected.entry(key.clone()).or_insert(tombstone);
    }
    let mut statement = connection
        .prepare("SELECT kind, id, body, deleted_at IS NOT NULL FROM record WHERE source = 'uzhkh'")
        .unwrap();
    let rows =
        statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?, row.get(3)?)));
    for row in rows.unwrap() {
        let (key, text, is_deleted): (Key, String, bool) = row.unwrap();
        let found = Body::parse(&text).resolved(&key.0, &permanent);
        let wanted = expected.remove(&key);
        assert_eq!(Some(found), wanted, "the record of {key:?}");
        assert_eq!(is_deleted, deleted.contains(&key), "whether {key:?} is deleted");
    }
    assert!(expected.is_empty(), "no record of {:?}", expected.keys());
}

/// Permanent ids by kind and temporary id; what waits for its name has none but that.
pub(super) fn identities(connection: &Connection) -> BTreeMap<Key, String> {
    let ids = "SELECT kind, temporary_id, coalesce(permanent_id, temporary_id) FROM identity";
    let mut statement = connection.prepare(ids).unwrap();
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

fn envelopes(connection: &Connection) -> Vec<(String, String)> {
    let mut statement = connection
        .prepare("SELECT queue, body FROM envelope WHERE state <> 'quarantined' ORDER BY seq")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

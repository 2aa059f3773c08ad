//! The promises, one function for each, judged by what the simulator saw and by
//! what stands in the file once a clean pass has settled everything.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::{Bench, replay, secrets};

impl Bench {
    /// Checks all of them; `run --once` must have settled everything before.
    pub(crate) fn check_promises(&self) {
        let connection = self.read();
        self.was_durable_when_acknowledged();
        self.is_applied_once(&connection);
        let unsaid =
            "SELECT (SELECT count(*) FROM resync) + (SELECT count(*) FROM identity WHERE joined)";
        if count(&connection, unsaid) == 0 {
            // 5 as well: what is deleted stays so in the replay.
            replay::compare(&connection);
        }
        self.has_one_permanent_id_each(&connection);
        self.quarantined_the_bad(&connection);
        self.is_consistent(&connection);
        self.has_announced(&connection);
        self.told_no_secret();
    }

    /// 1: the witness looked before each Delete took effect.
    fn was_durable_when_acknowledged(&self) {
        let report = self.report();
        assert_eq!(report.violations, [""; 0], "{}", self.log());
        assert!(report.unknown_deletes.is_empty(), "{:?}", report.unknown_deletes);
    }

    /// 2 and 4: each entry once, byte for byte, and no change made twice.
    fn is_applied_once(&self, connection: &Connection) {
        let mut seen = BTreeMap::new();
        for item in self.acknowledged() {
            *seen.entry((item.queue.to_owned(), item.guid, item.body.to_vec())).or_insert(0) += 1;
        }
        let mut statement = connection
            .prepare(
                "SELECT queue, guid, CAST(body AS BLOB) FROM envelope WHERE state = 'acknowledged'",
            )
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let held: Vec<(String, String, Vec<u8>)> = rows.unwrap().map(Result::unwrap).collect();
        let distinct: BTreeSet<_> = held.iter().cloned().collect();
        assert_eq!(held.len(), distinct.len(), "an entry is there twice");
        assert_eq!(distinct, seen.into_keys().collect(), "entries held, entries acknowledged");
        assert_none(
            connection,
            "one entry, one entity, two changes",
            "SELECT kind, id FROM change WHERE envelope_seq IS NOT NULL \
             GROUP BY kind, id, envelope_seq, op HAVING count(*) > 1",
        );
        assert_none(
            connection,
            "a change that does not follow from the one before",
            // A record that gets another id is gone from its old one.
            "WITH told AS (SELECT seq, kind, id, op FROM change UNION ALL \
                 SELECT seq, kind, fields ->> '$.Id[0]', 'gone' FROM change WHERE op = 'rename') \
             SELECT kind, id FROM (SELECT kind, id, op, \
                 lag(op, 1, 'gone') OVER (PARTITION BY kind, id ORDER BY seq) AS before FROM told) \
             WHERE CASE op WHEN 'insert' THEN before <> 'gone' \
                 WHEN 'update' THEN before IN ('gone', 'delete') \
                 WHEN 'delete' THEN before = 'delete' WHEN 'restore' THEN before <> 'delete' \
                 WHEN 'gone' THEN before = 'gone' END",
        );
    }

    /// 3: one permanent id, here and at UZhKH.
    fn has_one_permanent_id_each(&self, connection: &Connection) {
        let identities = replay::identities(connection);
        let all: BTreeSet<_> = identities.iter().map(|((kind, _), id)| (kind, id)).collect();
        assert_eq!(all.len(), identities.len(), "two temporary ids share a permanent one");
        for (name, told) in self.report().identities {
            let (kind, temporary) = name.split_once('/').unwrap();
            let known = &identities[&(kind.to_owned(), temporary.to_owned())];
            assert_eq!(told, [known.clone()].into(), "what UZhKH was told for {name}");
        }
    }

    /// 6: held back with its text, and never acknowledged.
    fn quarantined_the_bad(&self, connection: &Connection) {
        let mut statement = connection
            .prepare("SELECT queue, body FROM quarantine WHERE last_error <> ''")
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let held: BTreeSet<(String, String)> = rows.unwrap().map(Result::unwrap).collect();
        let bad = self.bad().into_iter();
        let bad: BTreeSet<_> = bad.map(|(queue, text)| (queue.to_owned(), text)).collect();
        assert_eq!(held, bad, "what is quarantined");
        let texts: BTreeSet<_> = bad.iter().map(|(_, text)| text.as_bytes().to_vec()).collect();
        let given_up = self.acknowledged().into_iter();
        let given_up: Vec<_> =
            given_up.filter(|item| texts.contains(&item.body.to_vec())).collect();
        assert!(given_up.is_empty(), "acknowledged, though bad: {given_up:?}");
    }

    /// 7: the file keeps its promises, and nothing waits.
    fn is_consistent(&self, connection: &Connection) {
        self.verified();
        assert_none(
            connection,
            "an acknowledgement waits",
            "SELECT queue, guid FROM pending_acknowledgement",
        );
        assert_none(connection, "a call waits", "SELECT op, params FROM pending_call");
        assert_none(
            connection,
            "a list waits",
            "SELECT list, state FROM resync WHERE state <> 'done'",
        );
    }

    /// 7: UZhKH has every permanent id, unless the thing itself is gone there, or was not seen yet.
    /// A car has no word in SetId, so only a Delete can announce it.
    fn has_announced(&self, connection: &Connection) {
        assert_none(
            connection,
            "an id is kept back",
            "SELECT kind, temporary_id FROM identity \
             WHERE state = 'reserved' AND kind <> 'car' AND first_seen_at IS NOT NULL",
        );
        let left: BTreeSet<String> = self.uzhkh().temporary_ids().into_iter().collect();
        let due = "SELECT kind, temporary_id FROM identity \
                   WHERE permanent_id IS NOT NULL AND first_seen_at IS NOT NULL";
        let untold: Vec<String> = pairs(connection, due)
            .into_iter()
            .map(|(kind, id)| format!("{kind}/{id}"))
            .filter(|name| left.contains(name) && !name.starts_with("car/"))
            .collect();
        assert_eq!(untold, [""; 0], "ids that UZhKH still waits for");
        let rejected = pairs(
            connection,
            "SELECT kind, temporary_id FROM temporary_id WHERE state = 'rejected'",
        );
        for (kind, id) in rejected {
            let current = self.uzhkh().current_id(&kind, &id);
            assert_eq!(current, id, "{kind}: UZhKH did take the id over");
        }
    }

    /// 8: neither at the level of debugging.
    fn told_no_secret(&self) {
        secrets::assert_none_in(&self.log());
    }
}

/// The first column of the first row.
fn count(connection: &Connection, query: &str) -> i64 {
    connection.query_row(query, [], |row| row.get(0)).unwrap()
}

/// That a query of two columns finds nothing.
fn assert_none(connection: &Connection, what: &str, query: &str) {
    assert_eq!(pairs(connection, query), [], "{what}");
}

fn pairs(connection: &Connection, query: &str) -> Vec<(String, String)> {
    let mut statement = connection.prepare(query).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

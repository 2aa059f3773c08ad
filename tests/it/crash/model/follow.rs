//! A follower, which reads changes and nothing else, and so has the ledger's live records.

use std::collections::BTreeMap;

use super::ledger::Place;
use crate::support::Bench;

/// What a follower has so far.
#[derive(Default)]
pub(super) struct Follower {
    after: i64,
    records: BTreeMap<Place, String>,
}

impl Follower {
    /// Reads what is new; it then has what the ledger has.
    pub(super) fn follow(&mut self, bench: &Bench) {
        let after = self.after.to_string();
        let ended = bench.run(&["changes", "--with-body", "--after", &after]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        for line in ended.stdout.lines() {
            let change: Change<'_> = serde_json::from_str(line).unwrap();
            assert!(change.seq > self.after, "{line}");
            self.after = change.seq;
            if let ("rename", Some(fields)) = (change.op.as_str(), change.fields) {
                let Renamed { ids: [old, new] } = serde_json::from_str(fields.get()).unwrap();
                assert_eq!(new, change.id, "{line}");
                self.records.remove(&(change.kind.clone(), old));
            }
            let place = (change.kind, change.id);
            match change.body {
                Some(body) => self.records.insert(place, body.get().to_owned()),
                None => self.records.remove(&place),
            };
        }
        let connection = bench.read();
        let live = "SELECT kind, id, body FROM record WHERE deleted_at IS NULL";
        let mut statement = connection.prepare(live).unwrap();
        let rows = statement
            .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, String>(2)?)));
        // On one line, as a follower gets it.
        let rows = rows.unwrap().map(Result::unwrap);
        let live: BTreeMap<Place, String> =
            rows.map(|(place, body)| (place, body.replace('\n', " "))).collect();
        assert_eq!(self.records, live, "what a follower has, and the ledger");
    }
}

/// A line of `changes`.
#[derive(serde::Deserialize)]
struct Change<'l> {
    seq: i64,
    kind: String,
    id: String,
    op: String,
    #[serde(borrow)]
    fields: Option<&'l serde_json::value::RawValue>,
    #[serde(borrow)]
    body: Option<&'l serde_json::value::RawValue>,
}

/// The ids of a rename, old and new.
#[derive(serde::Deserialize)]
struct Renamed {
    #[serde(rename = "Id")]
    ids: [String; 2],
}

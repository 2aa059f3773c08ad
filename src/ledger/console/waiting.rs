//! What waits for a person, by the time since which it waits.

use rusqlite::params;

use super::{Lines, Listed};
use crate::ledger::{Error, Reader};

/// What kind of thing waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitingKind {
    /// A request to register: `id` is UZhKH's.
    Register,
    /// A request to add an object.
    Object,
    /// A call of unknown outcome: `id` is its number.
    Unknown,
    /// A call that failed.
    Failed,
    /// Something quarantined: `id` is its number.
    Quarantined,
    /// An object of Alma, held, rejected or blocked: `id` is its external id.
    Alma,
}

/// Something that waits for a person.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    /// Its kind.
    pub(crate) kind: WaitingKind,
    /// What it is known by.
    pub(crate) id: String,
    /// Of a call its system and operation; of what is quarantined the system and the list; of
    /// Alma the kind and the state.
    pub(crate) about: [String; 2],
    /// Since when it waits.
    pub(crate) since: String,
    /// How many stand before it in its own list: the requests, the calls of its state, the
    /// quarantine, or the objects of Alma of its state and kind.
    pub(crate) before: u64,
}

/// The objects of Alma that wait for a person.
const ALMA: &str = "('held', 'rejected', 'blocked')";

impl Reader {
    /// What waits for a person, what waits longest first.
    pub(crate) fn waiting_list(&self, lines: Lines) -> Result<Listed<Waiting>, Error> {
        // By the order of each part in its own list: what stands before a line there, or nothing.
        let parts = |before: fn(&str) -> String| {
            let (requests, calls) = (
                before("ORDER BY r.first_seen_at, d.id"),
                before("PARTITION BY state ORDER BY seq"),
            );
            let quarantine = before("ORDER BY seq");
            let alma = before("PARTITION BY state, kind ORDER BY updated_at, external_id");
            format!(
                "SELECT CASE request WHEN 'register' THEN 0 ELSE 1 END AS kind, d.id AS id, '' AS about, '' AS more, \
                 r.first_seen_at AS since, {requests} AS before \
             FROM decision AS d JOIN record AS r ON r.source = 'uzhkh' AND r.id = d.id AND r.kind = \
                 CASE request WHEN 'register' THEN 'requesttoregister' ELSE 'requesttoobjectadding' END \
             WHERE open \
             UNION ALL \
             SELECT CASE state WHEN 'unknown' THEN 2 ELSE 3 END, seq, target, op, finished_at, {calls} \
             FROM call INDEXED BY call_stuck WHERE state IN ('failed', 'unknown') \
             UNION ALL \
             SELECT 4, seq, source, list, received_at, {quarantine} FROM (\
                 SELECT seq, 'uzhkh' AS source, queue AS list, received_at \
                 FROM envelope INDEXED BY envelope_quarantined WHERE state = 'quarantined' \
                 UNION ALL \
                 SELECT seq, source, feed, received_at \
                 FROM item INDEXED BY item_quarantined WHERE state = 'quarantined') \
             UNION ALL \
             SELECT 5, external_id, kind, state, updated_at, {alma} FROM alma_object INDEXED BY alma_object_stuck \
             WHERE state IN {ALMA}"
            )
        };
        let counted = format!("SELECT count(*) FROM ({})", parts(|_| "0".to_owned()));
        let total = self.connection.query_row(&counted, [], |row| row.get(0))?;
        let parts = parts(|order| format!("row_number() OVER ({order}) - 1"));
        let sql = format!("{parts} ORDER BY since, kind, id LIMIT ?1 OFFSET ?2");
        let lines = self.list(&sql, params![lines.most, lines.first], |row| {
            Ok(Waiting {
                kind: match row.get::<_, i64>(0)? {
                    0 => WaitingKind::Register,
                    1 => WaitingKind::Object,
                    2 => WaitingKind::Unknown,
                    3 => WaitingKind::Failed,
                    4 => WaitingKind::Quarantined,
                    _ => WaitingKind::Alma,
                },
                id: row.get::<_, rusqlite::types::Value>(1).map(text)?,
                about: [row.get(2)?, row.get(3)?],
                since: row.get(4)?,
                before: row.get(5)?,
            })
        })?;
        Ok(Listed { lines, total })
    }
}

impl Reader {
    /// Since when nothing new has been settled: the last act, or the last call.
    pub(crate) fn quiet_since(&self) -> Result<Option<String>, Error> {
        let since = self.connection.query_row(
            "SELECT max(at) FROM ( \
                 SELECT (SELECT at FROM act WHERE seq = (SELECT max(seq) FROM act)) AS at \
                 UNION ALL SELECT (SELECT finished_at FROM call WHERE seq = (SELECT max(seq) FROM call)) \
                 UNION ALL SELECT (SELECT started_at FROM poll ORDER BY seq LIMIT 1))",
            [],
            |row| row.get(0),
        )?;
        Ok(since)
    }
}

fn text(value: rusqlite::types::Value) -> String {
    match value {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        _ => String::new(),
    }
}

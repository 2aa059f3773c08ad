//! A ledger that has been in use for long: filled by SQL, with ids as far from each other as
//! those of a real one.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use uzhkh_ledger::clock::{SharedClock, SystemClock};
use uzhkh_ledger::ledger::Ledger;

/// Makes a ledger with so many acknowledged envelopes, each with a record and a change.
pub(crate) fn fill(path: &Path, envelopes: usize) -> anyhow::Result<()> {
    let clock: SharedClock = Arc::new(SystemClock);
    Ledger::make(path, &clock)?;
    let ledger = Connection::open(path)?;
    ledger.pragma_update(None, "synchronous", "OFF")?;
    ledger.pragma_update(None, "cache_size", -524_288)?;
    ledger.execute_batch(&format!(
        "BEGIN;
         CREATE TEMP TABLE n AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {envelopes})
         SELECT n, lower(hex(randomblob(16))) AS guid, lower(hex(randomblob(16))) AS id,
             lower(hex(randomblob(32))) AS hash, '2026-01-01T00:00:00.000Z' AS at,
             json_object('SerialNumber', 'SN-' || n, 'Value1', 10.5, 'CounterTypeIdentifier', 'Gas',
                 'Note', hex(randomblob(500))) AS body FROM n;
         INSERT INTO envelope (queue, guid, kinds, body, body_sha256, bytes, received_at, state, acknowledged_at)
         SELECT 'requests', guid, '[\"counter\"]', json_object('Guid', guid, 'Counter', json(body)), hash, 0, at,
             'acknowledged', at FROM n;
         INSERT INTO change (at, source, kind, id, op, envelope_seq) SELECT at, 'uzhkh', 'counter', id, 'insert', n FROM n;
         INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at, last_change_seq)
         SELECT 'uzhkh', 'counter', id, body, hash, at, at, n FROM n;
         COMMIT; PRAGMA wal_checkpoint(TRUNCATE);"
    ))?;
    Ok(())
}

/// The number of the newest envelope.
pub(crate) fn newest(path: &Path) -> anyhow::Result<i64> {
    let sql = "SELECT coalesce(max(seq), 0) FROM envelope";
    Ok(Connection::open(path)?.query_row(sql, [], |row| row.get(0))?)
}

/// How many envelopes came after this one, or how many records there are where none did, and
/// how many bytes came.
pub(crate) fn came(path: &Path, newest: i64) -> anyhow::Result<(u64, u64)> {
    let sql = "SELECT iif(count(*) > 0, count(*), (SELECT count(*) FROM record)), \
               iif(count(*) > 0, sum(bytes), (SELECT sum(length(CAST(body AS BLOB))) FROM record)) \
               FROM envelope WHERE seq > ?1";
    Ok(Connection::open(path)?.query_row(sql, [newest], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

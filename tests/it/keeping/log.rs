//! The log beside the ledger: emptied when it has grown, and a word where it cannot be.

use std::fs;
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};
use uzhkh_ledger::clock::SystemClock;
use uzhkh_ledger::ledger::{Ledger, WhenFull};

use super::file;
use crate::support::{Bench, setup, wait_until};

const MIB: usize = 1 << 20;

/// An envelope of so many bytes.
fn large(number: usize, bytes: usize) -> String {
    format!(
        r#"{{"Guid":"large-{number}","Counter":{{"Id":"meter-{number}","Note":"{}"}}}}"#,
        "x".repeat(bytes)
    )
}

fn log_bytes(bench: &Bench) -> u64 {
    fs::metadata(file(bench, "ledger.db-wal")).map_or(0, |log| log.len())
}

#[test]
fn a_service_that_ended_leaves_the_ledger_in_one_file() {
    let bench = setup().every_second().start();
    let daemon = bench.daemon();
    bench.uzhkh().push_request(large(1, 100));
    wait_until("the ledger", || bench.asked("DeletedItems") >= 1);
    daemon.stop();
    // Left empty, for readers who could make none.
    for beside in ["ledger.db-wal", "ledger.db-shm"] {
        assert_eq!(fs::metadata(file(&bench, beside)).unwrap().len(), 0, "{beside}");
    }
}

#[test]
fn a_reader_that_stays_is_told_of_and_the_log_is_emptied_after_it() {
    let bench = setup().every_second().start();
    let daemon = bench.daemon();
    wait_until("the ledger", || bench.asked("DeletedItems") >= 1);
    let reader =
        Connection::open_with_flags(bench.ledger(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM envelope").unwrap();
    write_much(&bench, 140);
    wait_until("a word about the log", || daemon.log().contains("the ledger's WAL grows"));
    assert!(log_bytes(&bench) > 128 * MIB as u64);
    drop(reader);
    wait_until("an empty log", || log_bytes(&bench) < MIB as u64);
    wait_until("a word that it is short", || daemon.log().contains("short again"));
    assert_eq!(daemon.log().matches("the ledger's WAL grows").count(), 1);
    daemon.stop();
}

/// What takes long is done before anybody waits for it, and could take it for a standstill.
#[test]
fn a_long_log_is_moved_into_the_ledger_at_the_start() {
    let bench = setup().start();
    bench.pass();
    write_much(&bench, 66);
    assert!(log_bytes(&bench) > 64 * MIB as u64);
    let ledger = Ledger::open(&bench.ledger(), Arc::new(SystemClock), WhenFull::Fail).unwrap();
    assert_eq!(log_bytes(&bench), 0);
    ledger.close().unwrap();
}

/// Leaves so many mebibytes in the log, as one who dies does.
fn write_much(bench: &Bench, mebibytes: u32) {
    let dying = Connection::open(bench.ledger()).unwrap();
    let sql = format!(
        "PRAGMA busy_timeout = 30000; PRAGMA wal_autocheckpoint = 0; \
         INSERT INTO poll (source, feed, started_at, finished_at, outcome, fetched, changed, error) \
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {mebibytes}) \
         SELECT 'x', 'x', '2026', '2026', 'failed', 0, 0, hex(zeroblob(524288)) FROM n"
    );
    dying.execute_batch(&sql).unwrap();
    std::mem::forget(dying);
}

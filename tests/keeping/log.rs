//! The log beside the ledger: emptied when it has grown, and a word where it cannot be.

use std::fs;

use rusqlite::{Connection, OpenFlags};

use super::file;
use super::support::{Bench, setup, wait_until};

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
    for beside in ["ledger.db-wal", "ledger.db-shm"] {
        assert!(fs::metadata(file(&bench, beside)).is_err(), "{beside}");
    }
}

#[test]
fn a_reader_that_stays_is_told_of_and_the_log_is_emptied_after_it() {
    let bench = setup().every_second().start();
    let daemon = bench.daemon();
    wait_until("the ledger", || bench.asked("DeletedItems") >= 1);
    let reader =
        Connection::open_with_flags(bench.ledger(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM envelope")
        .unwrap();
    for number in 0..6 {
        bench.uzhkh().push_request(large(number, 12 * MIB));
    }
    wait_until("a word about the log", || {
        daemon.log().contains("the ledger's log grows")
    });
    assert!(log_bytes(&bench) > 128 * MIB as u64);
    drop(reader);
    wait_until("an empty log", || log_bytes(&bench) < MIB as u64);
    wait_until("a word that it is short", || {
        daemon.log().contains("short again")
    });
    assert_eq!(daemon.log().matches("the ledger's log grows").count(), 1);
    daemon.stop();
}

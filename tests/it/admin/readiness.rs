//! `/healthz` and `/readyz`.

use std::time::Duration;

use super::page::{watch, watch_under};
use crate::support::{setup, wait_until};
use simulator::{Endpoint, FaultKind};

#[test]
fn it_is_alive_and_ready_and_knows_no_other_path() {
    let watched = watch(setup().every_second());
    let alive = watched.get("/healthz");
    assert_eq!((alive.status, alive.body.as_str()), (200, "alive\n"));
    let ready = watched.get("/readyz");
    assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));
    assert_eq!(watched.get("/").status, 404);
    watched.daemon.stop();
}

#[test]
fn who_asks_to_change_something_is_told_that_it_is_only_looked_at() {
    let watched = watch(setup().every_second());
    for path in ["/healthz", "/readyz", "/metrics"] {
        for method in ["POST", "DELETE"] {
            let answer = watched.ask(method, path);
            assert_eq!(answer.status, 405, "{method} {path}: {answer:?}");
            assert!(answer.head.to_lowercase().contains("allow: get, head"), "{}", answer.head);
        }
        let looked = watched.ask("HEAD", path);
        assert_eq!((looked.status, looked.body.as_str()), (200, ""), "{path}");
    }
    assert_eq!(watched.ask("POST", "/").status, 404);
    watched.daemon.stop();
}

#[test]
fn a_system_that_is_down_makes_nobody_unready() {
    let watched = watch(setup().every_second());
    let bench = &watched.bench;
    bench.fault(FaultKind::ResetBefore, Endpoint::Requests, 1000);
    watched.wait_for("poll_ok{source=\"uzhkh\",feed=\"Requests\"}", 0.0);
    assert_eq!(watched.get("/readyz").status, 200);
}

#[test]
fn a_ledger_that_is_being_written_by_another_for_long_is_not_ready() {
    let watched = watch(setup().every_second());
    let other = rusqlite::Connection::open(watched.bench.ledger()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let unready = watched.get("/readyz");
    assert_eq!(unready.status, 503);
    assert_eq!(unready.body, "not ready: the ledger does not commit\n");
    other.execute_batch("ROLLBACK").unwrap();
    wait_until("it is ready again", || watched.get("/readyz").status == 200);
}

#[test]
fn a_part_that_does_not_move_is_named() {
    // One flush of each thread takes so long; the writer has many.
    let inject = "inject=fsync,fdatasync:delay_enter=12000000:when=8";
    let Some(watched) = watch_under(inject, Duration::from_millis(1200)) else { return };
    let silent = "silent_part_seconds{part=\"ledger writer\"}";
    wait_until("the silence", || watched.number(silent) > Some(1.0));
    let unready = watched.get("/readyz");
    assert_eq!(unready.status, 503);
    let (ledger, part) = unready.body.trim_end().split_once('\n').unwrap();
    assert_eq!(ledger, "not ready: the ledger does not commit");
    let named = part.starts_with("not ready: ledger writer has not moved for ");
    assert!(named, "{}", unready.body);
    // It lives all the same, and tells its numbers.
    assert_eq!(watched.get("/healthz").status, 200);
}

#[test]
fn a_full_disk_is_not_ready_and_shows() {
    let inject = "inject=pwrite64:error=ENOSPC:when=20+";
    let Some(watched) = watch_under(inject, Duration::from_secs(60)) else { return };
    watched.wait_for("disk_full", 1.0);
    let unready = watched.get("/readyz");
    assert_eq!(unready.status, 503);
    let why = "not ready: the disk that holds the ledger is full\n";
    assert_eq!(unready.body, why);
    assert_eq!(watched.number("log_lines_total{level=\"error\"}"), Some(1.0));
}

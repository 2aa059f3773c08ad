//! `/healthz` and `/readyz`.

use super::page::watch;
use super::support::{setup, wait_until};
use uzhkh_ledger::simulator::{Endpoint, FaultKind};

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

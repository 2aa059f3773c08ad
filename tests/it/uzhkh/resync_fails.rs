//! A full resync that fails goes on after a while, whatever is committed meanwhile.

use crate::support::{Bench, Daemon, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind};

/// A service whose lists fail like this; its queues are looked at but once.
fn failing(kind: FaultKind) -> (Bench, Daemon) {
    let seldom = "requests_schedule = \"0 0 0 1 1 *\"\ndeleted_schedule = \"0 0 0 1 1 *\"";
    let bench = setup().uzhkh(seldom).start();
    bench.inject(Fault::new(kind).at(Endpoint::Download));
    let daemon = bench.begin(&["run", "--full-resync"]);
    let failed = "SELECT count(*) FROM poll WHERE feed LIKE 'Download%'";
    wait_until("the first list", || !["", "0"].contains(&bench.one_or_none(failed).as_str()));
    (bench, daemon)
}

/// Something is committed, and the service has seen it.
fn commit(bench: &Bench) {
    bench.tamper(
        "INSERT INTO poll_wanted (source, feed, asked_at) VALUES ('domoplaner', 'gone', \
         '2024-05-01T08:00:00.000Z')",
    );
    wait_until("a look", || bench.one("SELECT count(*) FROM poll_wanted") == "0");
}

#[test]
fn commits_do_not_make_it_go_on_sooner() {
    let (bench, daemon) = failing(FaultKind::Html);
    for _ in 0..12 {
        commit(&bench);
    }
    let rounds = bench.lines("SELECT 1 FROM poll WHERE feed = 'DownloadFlats'").len();
    assert!((1..12).contains(&rounds), "{rounds} rounds");
    daemon.stop();
}

#[test]
fn while_we_are_refused_it_waits_and_that_is_said_once() {
    let (bench, daemon) = failing(FaultKind::Forbidden);
    for _ in 0..3 {
        commit(&bench);
    }
    let log = daemon.stop();
    assert_eq!(log.matches("poll failed").count(), 1, "{log}");
    assert_eq!(bench.asked("Download"), 1);
}

//! A service that has nothing to do leaves the disk alone, and still says how it is.

use super::page::{number, watch};
use crate::support::{Bench, setup, wait_until};
use simulator::{FeedKind, Layout};

const SUCCESS: &str = "poll_last_success_timestamp_seconds{source=\"uzhkh\",feed=\"Requests\"}";

/// So many fetches of each queue later.
fn after_fetches(bench: &Bench, count: u64) {
    let fetches = || bench.asked("Requests").min(bench.asked("DeletedItems"));
    let enough = fetches() + count;
    wait_until("more fetches", || fetches() >= enough);
}

/// What a write would change: the rows, and when the WAL was last written.
fn written(bench: &Bench) -> (Vec<String>, std::time::SystemTime) {
    let wal = format!("{}-wal", bench.ledger().display());
    let rows = bench.lines("SELECT seq, feed, finished_at FROM poll ORDER BY seq");
    (rows, std::fs::metadata(wal).unwrap().modified().unwrap())
}

#[test]
fn an_empty_poll_wrote_a_row_and_an_fsync_each_time() {
    let watched = watch(setup().every_second().alma("schedule = \"* * * * * *\""));
    let bench = &watched.bench;
    watched.wait_for("poll_ok{source=\"uzhkh\",feed=\"DeletedItems\"}", 1.0);
    watched.wait_for("poll_ok{source=\"alma\",feed=\"objects\"}", 1.0);
    after_fetches(bench, 2);
    let mut writes = 0;
    let mut before = written(bench);
    let success_before = watched.number(SUCCESS).unwrap();
    for _ in 0..6 {
        after_fetches(bench, 1);
        let now = written(bench);
        writes += u32::from(now != before);
        before = now;
    }
    // Once a minute is what is allowed.
    assert!(writes <= 1, "{writes} writes in six polls that brought nothing");
    let page = watched.page();
    assert!(number(&page, SUCCESS).unwrap() >= success_before + 3.0, "{page}");
    let polled = "polls_total{source=\"uzhkh\",feed=\"Requests\",outcome=\"ok\"}";
    assert!(number(&page, polled).unwrap() >= 6.0, "{page}");
}

/// Requests that each system has answered; the fewest of one.
fn fewest_asked(bench: &Bench) -> u64 {
    let endpoints = ["Requests", "DeletedItems", "Feed", "getReadyFlats", "BitrixBatch"];
    endpoints.iter().map(|endpoint| bench.asked(endpoint)).min().unwrap_or_default()
}

#[test]
fn with_all_systems_polls_without_news_write_nothing() {
    let every_second = "schedule = \"* * * * * *\"";
    let setup = setup()
        .options(|options| {
            options.envelopes = 20;
            options.catalogue = 10;
            options.ready_flats = 10;
            options.bitrix_apartments = 2;
        })
        .every_second()
        .alma(every_second)
        .bitrix24(every_second)
        .macrocrm(every_second)
        .feed("premises", FeedKind::Premises, Layout::array(), &[every_second])
        .feed("deals", FeedKind::Deals, Layout::array(), &[every_second]);
    let watched = watch(setup);
    let bench = &watched.bench;
    watched.wait_for("poll_ok{source=\"alma\",feed=\"objects\"}", 1.0);
    // What is found at the start has to be written first, and what Alma is told.
    let (mut before, mut quiet) = (written(bench), 0);
    while quiet < 4 {
        let enough = fewest_asked(bench) + 2;
        wait_until("another poll of each system", || fewest_asked(bench) >= enough);
        let now = written(bench);
        quiet = if now == before { quiet + 1 } else { 0 };
        before = now;
        assert!(enough < 60, "each poll writes");
    }
}

#[test]
fn the_end_of_a_service_writes_its_last_empty_polls() {
    let watched = watch(setup().every_second());
    after_fetches(&watched.bench, 4);
    let success = watched.number(SUCCESS).unwrap();
    watched.daemon.stop();
    let last = "SELECT unixepoch(max(finished_at), 'subsec') FROM poll WHERE feed = 'Requests'";
    let last: f64 = watched.bench.one(last).parse().unwrap();
    assert!(last >= success, "{last} {success}");
}

#[test]
fn a_failure_after_empty_polls_tells_when_the_last_one_succeeded() {
    let watched = watch(setup().every_second());
    let bench = &watched.bench;
    after_fetches(bench, 4);
    let success = watched.number(SUCCESS).unwrap();
    bench.fault(simulator::FaultKind::Error500, simulator::Endpoint::Requests, 1000);
    watched.wait_for("poll_ok{source=\"uzhkh\",feed=\"Requests\"}", 0.0);
    assert!(watched.number(SUCCESS).unwrap() >= success);
    let ok = "SELECT unixepoch(finished_at, 'subsec') FROM poll WHERE feed = 'Requests' \
              AND outcome = 'ok' ORDER BY seq DESC LIMIT 1";
    assert!(bench.one(ok).parse::<f64>().unwrap() >= success);
}

//! The service: it stops in order, never overlaps itself, outlasts a dead upstream,
//! and a single pass always ends.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::support::entities::{counter, envelope};
use crate::support::raw::Raw;
use crate::support::{nowhere, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind, Options, Simulator};

#[test]
fn either_signal_stops_it_in_order() {
    for signal in ["TERM", "INT"] {
        let bench = setup().every_second().start();
        for n in 0..300 {
            let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
            bench.uzhkh().push_request(entry);
        }
        bench.uzhkh().set_latency(Duration::from_millis(15));
        let daemon = bench.daemon();
        wait_until("the first Delete", || bench.asked("Delete") >= 1);
        daemon.signal(signal);
        let ended = daemon.end();
        assert_eq!(ended.code, Some(0), "{signal}: {}", ended.stderr);
        assert!(ended.stderr.contains("stopped"), "{}", ended.stderr);
        // The log has been moved into the file.
        let log = format!("{}-wal", bench.ledger().display());
        assert_eq!(std::fs::metadata(log).map_or(0, |log| log.len()), 0);
        // Stopped in the middle: every answer that came is noted.
        let noted: usize = bench
            .one("SELECT count(*) FROM envelope WHERE state = 'acknowledged'")
            .parse()
            .unwrap();
        assert_eq!(noted + bench.uzhkh().queue_len(), 300, "{signal}");
        bench.uzhkh().set_latency(Duration::ZERO);
        bench.pass();
        assert_eq!(bench.one("SELECT count(*) FROM change"), "300");
    }
}

#[test]
fn a_service_with_nothing_to_do_stops_at_once() {
    let bench = setup().start();
    let daemon = bench.daemon();
    wait_until("the service", || bench.asked("DeletedItems") >= 1);
    let began = Instant::now();
    daemon.stop();
    assert!(began.elapsed() < Duration::from_secs(8));
}

#[test]
fn a_poll_that_its_own_end_cut_off_is_not_told_as_one() {
    let bench = setup().start();
    let stall = Fault::new(FaultKind::Stall).at(Endpoint::Requests);
    bench.uzhkh().inject(stall);
    let daemon = bench.daemon();
    wait_until("the poll", || bench.asked("Requests") >= 1);
    daemon.stop();
    assert_eq!(
        bench.lines("SELECT outcome FROM poll WHERE feed = 'Requests'"),
        Vec::<String>::new()
    );
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let bench = setup().every_second().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    let stall = Fault::new(FaultKind::Stall).at(Endpoint::Delete);
    bench.uzhkh().inject(stall);
    let daemon = bench.daemon();
    wait_until("the Delete", || bench.asked("Delete") == 1);
    daemon.signal("TERM");
    wait_until("the first signal to be noticed", || daemon.log().contains("second signal"));
    let began = Instant::now();
    daemon.signal("TERM");
    let ended = daemon.end();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(began.elapsed() < Duration::from_secs(8));
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

#[test]
fn a_call_that_hangs_does_not_keep_it_from_stopping() {
    let bench = setup().every_second().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    let stall = Fault::new(FaultKind::Stall).at(Endpoint::Delete);
    bench.uzhkh().inject(stall);
    let daemon = bench.daemon();
    wait_until("the Delete", || bench.asked("Delete") == 1);
    let began = Instant::now();
    daemon.stop();
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_schedule_never_overlaps_itself() {
    // Each answer takes longer than a schedule's interval.
    let raw = Raw::start(|_| {
        std::thread::sleep(Duration::from_millis(1300));
        "[]".to_owned()
    });
    let bench = setup().every_second().start();
    bench.write_config(&raw.base_url());
    let daemon = bench.daemon();
    wait_until("several rounds", || raw.targets().len() >= 6);
    daemon.signal("TERM");
    daemon.end();
    for path in ["/internal/To1c/Requests", "/internal/To1c/DeletedItems"] {
        assert_eq!(raw.most_at_once(path), 1, "{path}");
        let rounds = raw.targets().iter().filter(|one| *one == path).count();
        assert!(rounds >= 2, "{path}: {rounds}");
    }
}

#[test]
fn both_queues_are_looked_at_when_they_are_due() {
    let bench = setup().every_second().start();
    let daemon = bench.daemon();
    wait_until("several polls", || {
        bench.asked("Requests") >= 3 && bench.asked("DeletedItems") >= 3
    });
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    wait_until("the drain", || bench.uzhkh().queue_len() == 0);
    bench.uzhkh().push_deletion("counter", "c1");
    wait_until("the deletion", || bench.uzhkh().deleted_len() == 0);
    daemon.stop();
    assert_eq!(bench.lines("SELECT op FROM change ORDER BY seq"), ["insert", "delete"]);
}

#[test]
fn it_outlasts_an_upstream_that_fails() {
    let bench = setup().every_second().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    for kind in [FaultKind::Error500, FaultKind::ResetBefore, FaultKind::Html] {
        bench.uzhkh().inject(Fault::new(kind).times(3));
    }
    let daemon = bench.daemon();
    wait_until("the recovery", || {
        bench.uzhkh().queue_len() == 0 && bench.report().faults.len() == 3
    });
    daemon.stop();
    assert_eq!(bench.one("SELECT state FROM envelope"), "acknowledged");
}

#[test]
fn it_outlasts_an_upstream_that_is_not_there() {
    let bench = setup().every_second().start();
    let listen = nowhere();
    bench.write_config(&format!("http://{listen}/internal/"));
    let daemon = bench.daemon();
    wait_until("a failed poll", || {
        daemon.log().contains("poll failed") && daemon.log().contains("cannot connect")
    });
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let options = Options {
        listen,
        token: crate::support::TOKEN.to_owned(),
        envelopes: 50,
        ..Options::default()
    };
    let late = runtime.block_on(Simulator::start(options)).unwrap();
    wait_until("the drain", || late.uzhkh().queue_len() == 0 && late.uzhkh().deleted_len() == 0);
    daemon.stop();
    assert!(late.uzhkh().report().violations.is_empty());
}

#[test]
fn a_pass_against_a_dead_upstream_ends() {
    // It accepts, and never says a word.
    let black_hole = TcpListener::bind("127.0.0.1:0").unwrap();
    for address in [nowhere(), black_hole.local_addr().unwrap()] {
        let bench = setup().start();
        bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
        bench.uzhkh().inject(Fault::new(FaultKind::Forbidden).at(Endpoint::Delete));
        bench.fail();
        // An acknowledgement waits, and a decision.
        let decided = bench.run(&["decide", "register", "1", "--approve"]);
        assert_eq!(decided.code, Some(0));
        bench.write_config(&format!("http://{address}/internal/"));
        let ended = bench.run(&["run", "--once", "--full-resync"]);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
        for feed in ["Requests", "DeletedItems"] {
            assert!(ended.stderr.contains(feed), "{}", ended.stderr);
        }
        bench.uzhkh().clear_faults();
        bench.write_config(&bench.base_url());
        bench.pass();
        assert_eq!(bench.uzhkh().queue_len(), 0);
    }
}

#[test]
fn a_pass_sends_nothing_more_than_three_times() {
    let bench = setup().start();
    for n in 0..60 {
        let id = format!("--{}", n + 1);
        bench.uzhkh().push_request(envelope(&format!("g{n}"), "Counter", &counter(&id)));
    }
    // They arrive and are counted, and no answer ever says so.
    bench.uzhkh().inject(Fault::new(FaultKind::LostAnswer).at(Endpoint::Delete));
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(30));
    let report = bench.report();
    assert!(!report.deletes.is_empty());
    for (guid, times) in &report.deletes {
        assert!(times.len() <= 3, "{guid}: {}", times.len());
    }
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

//! The full resync in time: interrupted and carried on, overtaken by the queue.

use std::time::Duration;

use crate::support::entities::{deletion, envelope, object, request};
use crate::support::{Bench, process, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind};

const LISTS: &str = "SELECT list, state FROM resync ORDER BY list";
const MISSING: &str = "SELECT kind, id FROM record WHERE missing_since IS NOT NULL";

fn objects(count: usize) -> Vec<String> {
    (0..count).map(|n| object(&format!("o{n}"))).collect()
}

/// Fails every page from the fourth request on; answers the page reached.
fn interrupted(bench: &Bench, kill: bool) -> u64 {
    bench.uzhkh().set_latency(Duration::from_millis(60));
    let running = process::spawn(&bench.config(), &["run", "--once", "--full-resync"]);
    wait_until("the fourth page", || bench.asked("Download") >= 4);
    if kill {
        running.kill();
    } else {
        bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::Download));
        assert_eq!(running.end().code, Some(1));
        bench.uzhkh().clear_faults();
    }
    bench.uzhkh().set_latency(Duration::ZERO);
    let next = bench
        .one("SELECT next_page FROM resync WHERE list = 'DownloadFlats' AND state = 'reading'");
    let next = next.parse().unwrap();
    assert!((2..=21).contains(&next), "{next}");
    next
}

#[test]
fn an_interrupted_resync_carries_on_at_its_page_without_the_flag() {
    for kill in [false, true] {
        let bench = setup().options(|options| options.page_size = 2).start();
        bench.uzhkh().set_download("Flats", objects(40));
        let next = interrupted(&bench, kill);
        // An object that the list will not show, but that is newer than its beginning.
        bench.uzhkh().push_request(envelope("g1", "Obj", &object("new")));
        // What was under way when it ended has been counted before this is answered.
        assert_eq!(bench.get("To1c/DeletedItems"), 200);
        let asked = bench.asked("Download");
        bench.pass();
        // 20 pages, one that says NoResults, and one for each of the other lists.
        assert_eq!(bench.asked("Download") - asked, 21 - next + 1 + 5, "{kill}");
        assert_eq!(bench.one("SELECT count(*) FROM object"), "41");
        assert_eq!(bench.one("SELECT count(*) FROM change"), "41");
        assert_eq!(bench.lines(MISSING), Vec::<String>::new());
        assert_eq!(bench.one("SELECT count(*) FROM resync WHERE state = 'done'"), "6");
    }
}

/// A request keeps UZhKH's own id, whose temporary spelling its deletion may have.
#[test]
fn an_older_page_undoes_neither_a_newer_envelope_nor_a_newer_deletion() {
    let bench = setup().options(|options| options.page_size = 150).every_second().start();
    bench.uzhkh().push_request(envelope("g0", "Request", &request(10_000)));
    bench.pass();
    // So slow a page that the queues overtake it; the lists before it are empty.
    bench.uzhkh().set_download("Requests", (10_000..10_080).map(request).collect());
    let drip = Fault::new(FaultKind::Drip).at(Endpoint::Download);
    bench.uzhkh().inject(drip.after(3).times(1));
    let daemon = process::spawn(&bench.config(), &["run", "--full-resync"]);
    wait_until("the slow page", || bench.report().faults.contains_key("drip"));
    let newer = request(10_000).replace("Новая", "Закрыта");
    bench.uzhkh().push_request(envelope("g1", "Request", &newer));
    bench.uzhkh().push_deleted(deletion("d1", "request", "--10001"));
    wait_until("both", || bench.uzhkh().queue_len() + bench.uzhkh().deleted_len() == 0);
    let reading = "SELECT next_page FROM resync WHERE list = 'DownloadRequests'";
    assert_eq!(bench.one(reading), "1", "the page was too fast for this test");
    wait_until("the end of the resync", || {
        bench.lines(LISTS).iter().all(|line| line.ends_with("|done"))
    });
    daemon.stop();
    assert_eq!(bench.one("SELECT body FROM record WHERE id = '10000'"), newer);
    assert_eq!(
        bench.lines("SELECT op FROM change WHERE id = '10000' ORDER BY seq"),
        ["insert", "update"]
    );
    let deleted = "SELECT id FROM record WHERE kind = 'request' AND deleted_at IS NOT NULL";
    assert_eq!(bench.lines(deleted), ["--10001", "10001"]);
    assert_eq!(bench.one("SELECT count(*) FROM request"), "79");
    // A page that is asked for later knows better.
    let again = bench.run(&["run", "--once", "--full-resync"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert_eq!(bench.one("SELECT count(*) FROM request"), "80");
}

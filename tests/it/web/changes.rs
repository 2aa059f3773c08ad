//! `/api/v1/changes`: the log of changes, for programs that follow it with one cursor.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::served::{Served, answer, serve_four, token};
use crate::support::entities::{counter, envelope};
use crate::support::wait_until;

impl Served {
    fn begin(&self, query: &str) -> TcpStream {
        self.begin_get(&format!("/api/v1/changes{query}"))
    }

    fn changes(&self, query: &str) -> super::served::Answer {
        answer(self.begin(query))
    }
}

/// The page of a client that has read up to here.
fn nothing_after(served: &Served, last: i64) -> String {
    format!(r#"{{"ledger":"{}","changes":[],"last":{last}}}"#, served.ledger_id())
}

#[test]
fn what_is_served_is_what_the_command_prints() {
    let served = serve_four();
    let all = served.changes("");
    assert_eq!(all.status, 200);
    assert!(all.head.contains("content-type: application/json"));
    assert!(all.head.contains("cache-control: no-store"));
    let printed = served.bench.run(&["changes"]).stdout;
    let lines: Vec<&str> = printed.lines().collect();
    let ledger = served.ledger_id();
    let expected =
        format!("{{\"ledger\":\"{ledger}\",\"changes\":[{}],\"last\":4}}", lines.join(","));
    assert_eq!(all.body, expected);
    let header = token("1c").replace("Bearer", "bearer");
    let accept = "Accept: text/plain, application/x-ndjson";
    let lines = served.ask("GET", "/api/v1/changes", &[&header, accept]);
    assert_eq!(lines.body, printed);
    assert!(lines.head.contains("content-type: application/x-ndjson"));
    assert!(lines.head.contains("x-last-seq: 4"), "{}", lines.head);
    assert!(lines.head.contains(&format!("x-ledger: {ledger}")), "{}", lines.head);
    assert_eq!(served.changes("?after=1&limit=2").seqs(), [2, 3]);
    assert_eq!(served.changes("?after=1&limit=2").json()["last"], 3);
    // What is passed over moves the cursor all the same.
    let none = served.changes("?kind=account&source=uzhkh");
    assert_eq!(none.body, nothing_after(&served, 4));
    let with = served.changes("?after=3&with_body=true").body;
    assert!(with.contains(r#""body":{"Id":"c4""#), "{with}");
    assert_eq!(
        served.changes("?after=4").body,
        nothing_after(&served, 4),
        "without wait it is answered at once"
    );
    served.stop();
}

#[test]
fn a_wrong_parameter_is_named() {
    let served = serve_four();
    for (query, word) in [
        ("?after=-1", "after"),
        ("?after=", "after"),
        ("?after=%2B1", "after"),
        ("?after=99999999999999999999", "after"),
        ("?after=1&after=2", "after is given twice"),
        ("?limit=0", "limit must be a number from 1 to 10000"),
        ("?limit=10001", "limit"),
        ("?limit=ten", "limit"),
        ("?wait=61", "wait"),
        ("?wait=2m", "60s at most"),
        ("?wait=-1s", "wait"),
        ("?wait=99999999999999999999d", "wait"),
        ("?with_body=1", "with_body"),
        ("?kind=", "kind must be one of"),
        ("?source=uzkh", "source must be one of uzhkh, "),
        ("?kind=counter,", "kind must be one of"),
        ("?from=1", "there is no parameter \"from\"; there are after, ledger, limit, wait"),
    ] {
        let refused = served.changes(query);
        assert_eq!(refused.status, 400, "{query}: {}", refused.body);
        assert!(refused.detail().contains(word), "{query}: {}", refused.body);
    }
    for query in ["?wait=0", "?wait=0s&limit=10000", "?wait=1ms&after=4"] {
        assert_eq!(served.changes(query).status, 200, "{query}");
    }
    served.stop();
}

#[test]
fn who_waits_is_told_as_soon_as_something_comes() {
    let served = serve_four();
    let waiting = served.begin("?after=4&wait=60s");
    let filtered = served.begin("?after=0&wait=60&kind=account");
    let entry = envelope("g5", "Counter", &counter("c5"));
    served.bench.uzhkh().push_request(entry);
    let began = Instant::now();
    let told = answer(waiting);
    assert_eq!(told.seqs(), [5]);
    assert_eq!(told.json()["last"], 5);
    assert!(began.elapsed() < Duration::from_secs(40));
    let account = crate::support::entities::account("a1");
    let entry = envelope("g6", "Account", &account);
    served.bench.uzhkh().push_request(entry);
    let told = answer(filtered).json();
    assert_eq!(told["changes"][0]["id"], "a1");
    assert_eq!(told["last"], 6);
    let began = Instant::now();
    let none = served.changes("?after=6&wait=1200ms");
    assert_eq!(none.body, nothing_after(&served, 6));
    assert!(began.elapsed() >= Duration::from_millis(1200));
    served.stop();
}

#[test]
fn a_stop_ends_those_who_wait_at_once() {
    let served = serve_four();
    let waiting: Vec<TcpStream> = (0..8).map(|_| served.begin("?after=4&wait=60")).collect();
    // It has been let in by the time another has been answered.
    assert_eq!(served.changes("?after=3").status, 200);
    let nothing = nothing_after(&served, 4);
    let began = Instant::now();
    served.stop();
    assert!(began.elapsed() < Duration::from_secs(8));
    for stream in waiting {
        assert_eq!(answer(stream).body, nothing);
    }
}

#[test]
fn no_more_wait_at_once_than_there_is_room_for() {
    let served = serve_four();
    let mut waiting = Vec::new();
    let mut refused = None;
    wait_until("a refusal", || {
        waiting.push(served.begin("?after=4&wait=60"));
        refused = Some(served.changes("?after=4")).filter(|answer| answer.status == 429);
        refused.is_some()
    });
    let refused = refused.unwrap();
    assert!(refused.head.contains("retry-after: 1"), "{}", refused.head);
    assert!(refused.detail().contains("too many clients ask for the changes at once"));
    // What others ask is answered all the same.
    assert_eq!(served.get("/api/v1/status").status, 200);
    // Those who went away have left their places.
    drop(waiting);
    wait_until("a place", || served.changes("?after=4").status == 200);
    served.stop();
}

#[test]
fn a_client_that_takes_its_time_holds_nothing_of_the_ledger() {
    let served = serve_four();
    served.bench.tamper(
        "INSERT INTO change (at, source, kind, id, op) WITH RECURSIVE n (i) AS \
         (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
         SELECT '2024-05-01T08:00:00.000Z', 'uzhkh', 'counter', 'x' || i, 'insert' FROM n",
    );
    // More than the socket's buffers hold, and nobody takes it.
    let slow = served.begin("?limit=10000");
    wait_until("the answer to be on its way", || {
        let mut first = [0];
        slow.peek(&mut first).unwrap() == 1
    });
    let log = format!("{}-wal", served.bench.ledger().display());
    wait_until("the log to be moved into the file", || {
        served.bench.tamper("PRAGMA wal_checkpoint(TRUNCATE)");
        std::fs::metadata(&log).unwrap().len() == 0
    });
    assert_eq!(answer(slow).seqs().len(), 10_000);
    served.stop();
}

#[test]
fn a_cursor_that_is_of_no_use_is_gone() {
    let served = serve_four();
    let beyond = served.changes("?after=5&wait=30");
    assert_eq!(beyond.status, 410, "{}", beyond.body);
    assert!(beyond.detail().contains("the newest is 4"), "{}", beyond.body);
    served.bench.tamper("DELETE FROM change WHERE seq <= 2");
    let old = served.changes("?after=1");
    assert_eq!(old.status, 410);
    assert!(old.detail().contains("the oldest is 3"), "{}", old.body);
    assert_eq!(served.changes("?after=2").seqs(), [3, 4]);
    let ledger = served.ledger_id();
    assert_eq!(served.changes(&format!("?after=2&ledger={ledger}")).seqs(), [3, 4]);
    let anothers = served.changes("?after=2&ledger=01890a5d-ac96-774b-bcce-b302099a8057");
    assert!(anothers.detail().contains("of another ledger"), "{}", anothers.body);
    for gone in [beyond, old, anothers] {
        assert_eq!(gone.status, 410, "{}", gone.body);
        assert_eq!(gone.json()["ledger"], ledger);
        assert_eq!(gone.json()["last"], 4);
    }
    served.stop();
}

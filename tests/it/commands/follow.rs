//! `GET /changes`: the log of changes, for programs that follow it with one cursor.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::entities::{counter, envelope};
use crate::support::{Bench, Daemon, setup, wait_until};

/// What a client must know.
const SECRET: &str = "adm1n-0f-the-tests";

/// The service with `[admin]`, on a port of its own.
struct Served {
    bench: Bench,
    daemon: Daemon,
    address: SocketAddr,
}

/// An answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    #[track_caller]
    fn error(&self) -> String {
        self.json()["error"].as_str().unwrap().to_owned()
    }

    fn seqs(&self) -> Vec<i64> {
        let page = self.json();
        let changes = page["changes"].as_array().unwrap().iter();
        changes.map(|change| change["seq"].as_i64().unwrap()).collect()
    }
}

fn serve_with(line: &str) -> Served {
    let place = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = place.local_addr().unwrap();
    drop(place);
    let section = format!("[admin]\nlisten = \"{address}\"\n{line}");
    let bench = setup().every_second().section(&section).start();
    for n in 1..=4 {
        let entity = counter(&format!("c{n}"));
        let entry = envelope(&format!("g{n}"), "Counter", &entity);
        bench.uzhkh().push_request(entry);
    }
    bench.pass();
    let daemon = bench.daemon();
    wait_until("the server", || TcpStream::connect(address).is_ok());
    Served { bench, daemon, address }
}

fn serve() -> Served {
    serve_with(&format!("token = {SECRET:?}"))
}

impl Served {
    /// Sends a request with these headers, and leaves the answer to come.
    fn ask(&self, method: &str, target: &str, headers: &[&str]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let timeout = Some(Duration::from_secs(40));
        stream.set_read_timeout(timeout).unwrap();
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let request =
            format!("{method} {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn begin(&self, query: &str) -> TcpStream {
        let header = format!("Authorization: Bearer {SECRET}");
        self.ask("GET", &format!("/changes{query}"), &[&header])
    }

    fn get(&self, query: &str) -> Answer {
        answer(self.begin(query))
    }
}

fn answer(mut stream: TcpStream) -> Answer {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head[9..12].parse().unwrap(),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    }
}

fn ledger_id(bench: &Bench) -> String {
    bench.one("SELECT value FROM meta WHERE key = 'ledger_id'")
}

/// The page of a client that has read up to here.
fn nothing_after(served: &Served, last: i64) -> String {
    format!(r#"{{"ledger":"{}","changes":[],"last":{last}}}"#, ledger_id(&served.bench))
}

#[test]
fn what_is_served_is_what_the_command_prints() {
    let served = serve();
    let all = served.get("");
    assert_eq!(all.status, 200);
    assert!(all.head.contains("content-type: application/json"));
    assert!(all.head.contains("cache-control: no-store"));
    let printed = served.bench.run(&["changes"]).stdout;
    let lines: Vec<&str> = printed.lines().collect();
    let ledger = ledger_id(&served.bench);
    let expected =
        format!("{{\"ledger\":\"{ledger}\",\"changes\":[{}],\"last\":4}}", lines.join(","));
    assert_eq!(all.body, expected);
    let header = format!("Authorization: bearer {SECRET}");
    let accept = "Accept: text/plain, application/x-ndjson";
    let lines = answer(served.ask("GET", "/changes", &[&header, accept]));
    assert_eq!(lines.body, printed);
    assert!(lines.head.contains("content-type: application/x-ndjson"));
    assert!(lines.head.contains("x-last-seq: 4"), "{}", lines.head);
    assert!(lines.head.contains(&format!("x-ledger: {ledger}")), "{}", lines.head);
    assert_eq!(served.get("?after=1&limit=2").seqs(), [2, 3]);
    assert_eq!(served.get("?after=1&limit=2").json()["last"], 3);
    // What is passed over moves the cursor all the same.
    let none = served.get("?kind=account&source=uzhkh");
    assert_eq!(none.body, nothing_after(&served, 4));
    let with = served.get("?after=3&with_body=true").body;
    assert!(with.contains(r#""body":{"Id":"c4""#), "{with}");
    assert_eq!(
        served.get("?after=4").body,
        nothing_after(&served, 4),
        "without wait it is answered at once"
    );
    served.daemon.stop();
}

#[test]
fn who_does_not_know_the_token_is_told_nothing() {
    let served = serve();
    let headers = [
        "X-Nothing: 1".to_owned(),
        format!("Authorization: Basic {SECRET}"),
        "Authorization: Bearer".to_owned(),
        "Authorization: Bearer ".to_owned(),
        "Authorization: Bearer wrong".to_owned(),
        format!("Authorization: Bearer {SECRET}x"),
        format!("Authorization: Bearer  {SECRET}"),
    ];
    for header in &headers {
        let refused = answer(served.ask("GET", "/changes?after=0&wait=30", &[header]));
        assert_eq!(refused.status, 401, "{header}");
        assert!(refused.head.contains("www-authenticate: bearer realm="));
        assert!(refused.error().contains("Authorization: Bearer TOKEN"));
        assert!(!refused.body.contains("c1") && !refused.body.contains(SECRET));
    }
    let header = format!("Authorization: Bearer {SECRET}");
    for method in ["POST", "HEAD", "DELETE"] {
        let refused = answer(served.ask(method, "/changes", &[&header]));
        assert_eq!(refused.status, 405, "{method}");
        assert!(refused.head.contains("allow: get"), "{}", refused.head);
    }
    let log = served.daemon.log();
    assert!(!log.contains(SECRET), "{log}");
    served.daemon.stop();
}

#[test]
fn without_a_token_nobody_is_served_and_all_else_is() {
    let served = serve_with("");
    let refused = served.get("?after=0");
    assert_eq!(refused.status, 403);
    for word in ["token_file", "ADMIN_TOKEN", "admin-token", "[admin]"] {
        assert!(refused.error().contains(word), "{}", refused.body);
    }
    assert_eq!(answer(served.ask("GET", "/healthz", &[])).status, 200);
    served.daemon.stop();
}

#[test]
fn a_wrong_parameter_is_named() {
    let served = serve();
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
        ("?from=1", "besides after, limit, wait"),
    ] {
        let refused = served.get(query);
        assert_eq!(refused.status, 400, "{query}: {}", refused.body);
        assert!(refused.error().contains(word), "{query}: {}", refused.body);
    }
    for query in ["?wait=0", "?wait=0s&limit=10000", "?wait=1ms&after=4"] {
        assert_eq!(served.get(query).status, 200, "{query}");
    }
    served.daemon.stop();
}

#[test]
fn who_waits_is_told_as_soon_as_something_comes() {
    let served = serve();
    let waiting = served.begin("?after=4&wait=60s");
    let filtered = served.begin("?after=0&wait=60&kind=account");
    let entry = envelope("g5", "Counter", &counter("c5"));
    served.bench.uzhkh().push_request(entry);
    let began = Instant::now();
    let told = answer(waiting);
    assert_eq!(told.seqs(), [5]);
    assert_eq!(told.json()["last"], 5);
    assert!(began.elapsed() < Duration::from_secs(10));
    let account = crate::support::entities::account("a1");
    let entry = envelope("g6", "Account", &account);
    served.bench.uzhkh().push_request(entry);
    let told = answer(filtered).json();
    assert_eq!(told["changes"][0]["id"], "a1");
    assert_eq!(told["last"], 6);
    let began = Instant::now();
    let none = served.get("?after=6&wait=1200ms");
    assert_eq!(none.body, nothing_after(&served, 6));
    assert!(began.elapsed() >= Duration::from_millis(1200));
    served.daemon.stop();
}

#[test]
fn a_stop_ends_those_who_wait_at_once() {
    let served = serve();
    let waiting: Vec<TcpStream> = (0..8).map(|_| served.begin("?after=4&wait=60")).collect();
    // It has been let in by the time another has been answered.
    assert_eq!(served.get("?after=3").status, 200);
    let nothing = nothing_after(&served, 4);
    let began = Instant::now();
    served.daemon.stop();
    assert!(began.elapsed() < Duration::from_secs(3));
    for stream in waiting {
        assert_eq!(answer(stream).body, nothing);
    }
}

#[test]
fn no_more_wait_at_once_than_there_is_room_for() {
    let served = serve();
    let mut waiting = Vec::new();
    let mut refused = None;
    wait_until("a refusal", || {
        waiting.push(served.begin("?after=4&wait=60"));
        refused = Some(served.get("?after=4")).filter(|answer| answer.status == 503);
        refused.is_some()
    });
    let refused = refused.unwrap();
    assert!(refused.head.contains("retry-after: 1"), "{}", refused.head);
    // What monitoring asks is answered all the same.
    assert_eq!(answer(served.ask("GET", "/healthz", &[])).status, 200);
    // Those who went away have left their places.
    drop(waiting);
    wait_until("a place", || served.get("?after=4").status == 200);
    served.daemon.stop();
}

#[test]
fn connections_that_say_nothing_leave_the_service_files_to_work_with() {
    let served = serve();
    let open = || {
        let files = std::fs::read_dir(format!("/proc/{}/fd", served.daemon.id()));
        files.unwrap().count()
    };
    let before = open();
    let silent: Vec<TcpStream> =
        (0..300).map(|_| TcpStream::connect(served.address).unwrap()).collect();
    // The last of them is closed at once, so all have been looked at.
    let mut last = silent.last().unwrap();
    last.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
    assert!(matches!(last.read(&mut [0]), Ok(0) | Err(_)));
    assert!(open() < before + 150, "{before}, then {}", open());
    drop(silent);
    wait_until("those who ask later are answered", || {
        let mut asked = TcpStream::connect(served.address).unwrap();
        let request = b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        let mut text = String::new();
        asked.write_all(request).is_ok()
            && asked.read_to_string(&mut text).is_ok()
            && text.contains("alive")
    });
    served.daemon.stop();
}

#[test]
fn a_client_that_takes_its_time_holds_nothing_of_the_ledger() {
    let served = serve();
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
    served.daemon.stop();
}

#[test]
fn a_cursor_that_is_of_no_use_is_gone() {
    let served = serve();
    let beyond = served.get("?after=5&wait=30");
    assert_eq!(beyond.status, 410, "{}", beyond.body);
    assert!(beyond.error().contains("the newest is 4"), "{}", beyond.body);
    served.bench.tamper("DELETE FROM change WHERE seq <= 2");
    let old = served.get("?after=1");
    assert_eq!(old.status, 410);
    assert!(old.error().contains("the oldest is 3"), "{}", old.body);
    assert_eq!(served.get("?after=2").seqs(), [3, 4]);
    let ledger = ledger_id(&served.bench);
    assert_eq!(served.get(&format!("?after=2&ledger={ledger}")).seqs(), [3, 4]);
    let anothers = served.get("?after=2&ledger=01890a5d-ac96-774b-bcce-b302099a8057");
    assert!(anothers.error().contains("of another ledger"), "{}", anothers.body);
    for gone in [beyond, old, anothers] {
        assert_eq!(gone.status, 410, "{}", gone.body);
        assert_eq!(gone.json()["ledger"], ledger);
        assert_eq!(gone.json()["last"], 4);
    }
    served.daemon.stop();
}

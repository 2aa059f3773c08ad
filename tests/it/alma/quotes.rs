//! An Alma that says no by quoting the very people it was told of.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::alma::bench::both;
use crate::alma::watch::assert_impersonal;
use crate::support::Bench;

/// What it says to a client and to a block.
const WORDS: &str =
    r#"{"email":["Клиент Ветрова Инна, r2@example.invalid, +70000000001, уже есть"]}"#;

/// The address of one that has nothing, takes buildings, units and owners, and quotes.
fn quoting() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || converse(stream));
        }
    });
    format!("http://{address}/")
}

/// A connection: requests with or without bodies, one after the other.
fn converse(mut stream: TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        reader.read_line(&mut line).ok()?;
        let request = line.clone();
        loop {
            line.clear();
            if reader.read_line(&mut line).ok()? <= 2 {
                break;
            }
            let header = line.to_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body = String::from_utf8_lossy(&body);
        let is_list =
            ["buildings/ ", "clients/ ", "_contracts/ "].iter().any(|list| request.contains(list));
        let (status, answer) = if request.starts_with("GET") && is_list {
            ("200 OK", "[]")
        } else if request.starts_with("GET") {
            ("404 Not Found", r#"{"detail":"Not found."}"#)
        } else if request.contains("/block/") || body.contains("r2@example") {
            ("400 Bad Request", WORDS)
        } else {
            ("201 Created", r#"{"id":7}"#)
        };
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", answer.len());
        // In one piece: the second of two would wait for the first to be acknowledged.
        stream.write_all((head + answer).as_bytes()).ok()?;
    }
}

/// Nothing but the table of objects, the plan and the call say who it is about.
#[track_caller]
fn assert_discreet(bench: &Bench) {
    let polls = bench.lines("SELECT coalesce(error, '') FROM poll WHERE source = 'alma'");
    assert_impersonal(&polls.concat());
    assert_impersonal(&bench.run(&["status"]).stdout);
    assert_impersonal(&bench.run(&["status", "--json"]).stdout);
}

#[test]
fn what_alma_quotes_stays_in_the_ledger() {
    let bench = both().start();
    let config = std::fs::read_to_string(bench.config()).unwrap();
    let (base_url, quoting) = (bench.alma().base_url(), quoting());
    let config = config.replace(
        &format!("base_url = {base_url:?}\napi_key"),
        &format!("base_url = {quoting:?}\napi_key"),
    );
    std::fs::write(bench.config(), config).unwrap();
    bench.furnish();
    bench.traced_pass();
    let reason = bench.reason("client", "r2");
    assert!(
        reason.ends_with("email: Клиент Ветрова Инна, r2@example.invalid, +70000000001, уже есть"),
        "{reason}"
    );
    assert_discreet(&bench);
    bench.orders(&["retry", "client", "r2"]);
    bench.traced_pass();
    assert_discreet(&bench);
    // A block that is refused fails the pass; its words are the object's reason.
    bench.orders(&["block", "unit", "o1"]);
    let ended = bench.traced(&["run", "--once"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("alma_object.reason says why"), "{}", ended.stderr);
    assert!(bench.reason("unit", "o1").contains("Ветрова Инна"));
    assert_discreet(&bench);
}

//! Bodies that drip: they come to an end, and the other queue goes on.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use super::unruly::{Asked, Unruly, says};
use crate::support::{setup, wait_until};

/// A blank every so often in the place of `To1c/Requests`; all else is empty.
fn dripping(every: Duration) -> Unruly {
    Unruly::start(move |stream: &mut TcpStream, asked: &Asked| {
        if asked.path() != "To1c/Requests" {
            return says(stream, "[]");
        }
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut sent = stream.write_all(head.as_bytes());
        while sent.is_ok() {
            std::thread::sleep(every);
            sent = stream.write_all(b"1\r\n \r\n");
        }
        false
    })
}

#[test]
fn a_pass_ends_though_a_body_drips_a_blank_every_moment() {
    let server = dripping(Duration::from_millis(400));
    let bench = setup().start();
    bench.write_config(&server.base_url());
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
    assert!(ended.stderr.contains("the answer came too slowly"), "{}", ended.stderr);
    assert!(server.asked("To1c/Requests").len() <= 3);
    assert!(!server.asked("To1c/DeletedItems").is_empty(), "the other queue goes on");
}

#[test]
fn a_service_tells_of_a_body_that_drips_and_drains_the_other_queue() {
    let server = dripping(Duration::from_millis(100));
    let bench = setup().every_second().section("[http]\nidle_timeout = \"1s\"").start();
    bench.write_config(&server.base_url());
    let daemon = bench.daemon();
    wait_until("the drip is told", || daemon.log().contains("the answer came too slowly"));
    let before = server.asked("To1c/DeletedItems").len();
    wait_until("the other queue goes on", || server.asked("To1c/DeletedItems").len() > before);
    daemon.stop();
}

#[test]
fn a_queue_that_never_empties_ends_the_pass_and_leaves_the_other_its_turn() {
    let server = Unruly::start(|stream: &mut TcpStream, asked: &Asked| {
        if asked.path() != "To1c/Requests" {
            return says(stream, "[]");
        }
        let n = asked.count;
        says(stream, format!(r#"[{{"Guid":"g{n}","Counter":{{"Id":"c{n}"}}}}]"#))
    });
    let bench = setup().start();
    bench.write_config(&server.base_url());
    let ended = bench.fail();
    assert!(ended.stderr.contains("something new at each of 500 fetches"), "{}", ended.stderr);
    assert_eq!(server.asked("To1c/Requests").len(), 500);
    assert!(!server.asked("To1c/DeletedItems").is_empty(), "the other queue has its turn");
    assert_eq!(
        bench.lines("SELECT kind, problem FROM finding WHERE kind = 'Requests'"),
        [
            "Requests|it brought something new at each of 500 fetches in a row; the next poll goes on"
        ]
    );
    assert_eq!(bench.one("SELECT count(*) FROM poll WHERE feed = 'Requests'"), "1");
    assert_eq!(bench.one("SELECT count(*) FROM envelope WHERE state <> 'acknowledged'"), "0");
}

/// An upstream that hands out two entries at a time, of a backlog of so many.
#[test]
fn a_backlog_of_more_portions_than_a_trickle_may_have_is_drained_in_one_pass() {
    const PORTIONS: usize = 520;
    let server = Unruly::start(|stream: &mut TcpStream, asked: &Asked| {
        if asked.path() != "To1c/Requests" || asked.count > PORTIONS {
            return says(stream, "[]");
        }
        let entry = |n| format!(r#"{{"Guid":"g{n}","Counter":{{"Id":"c{n}"}}}}"#);
        let n = 2 * asked.count;
        says(stream, format!("[{},{}]", entry(n), entry(n + 1)))
    });
    let bench = setup().start();
    bench.write_config(&server.base_url());
    bench.pass();
    assert_eq!(
        bench.one("SELECT count(*) FROM envelope WHERE state = 'acknowledged'"),
        (2 * PORTIONS).to_string()
    );
    assert_eq!(bench.one("SELECT count(*) FROM finding WHERE kind = 'Requests'"), "0");
}

#[test]
fn a_list_with_something_new_on_every_page_is_not_followed_for_ever() {
    let server = Unruly::start(|stream: &mut TcpStream, asked: &Asked| {
        if !asked.path().ends_with("DownloadFlats") {
            let end = r#"{"Items":[],"Page":1,"NoResults":true}"#;
            return says(stream, if asked.path().starts_with("To1c/") { "[]" } else { end });
        }
        let n = asked.count;
        says(stream, format!(r#"{{"Items":[{{"Id":"o{n}"}}],"Page":{n},"NoResults":false}}"#))
    });
    let bench = setup().uzhkh("max_pages = 40").start();
    bench.write_config(&server.base_url());
    let ended = bench.run(&["run", "--once", "--full-resync"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(server.asked("Synchronization/DownloadFlats").len(), 40);
    let finding = bench.one("SELECT problem FROM finding WHERE kind = 'DownloadFlats'");
    assert!(finding.contains("it never says NoResults"), "{finding}");
}

/// Entries without end at this path, each a tenth of a second after the one before: fast enough
/// to be waited for, and too slow to fill a batch. `beginning`: of the answer.
fn trickling(path: &'static str, beginning: &'static str) -> Unruly {
    Unruly::start(move |stream: &mut TcpStream, asked: &Asked| {
        if asked.path() != path {
            let end = r#"{"Items":[],"Page":1,"NoResults":true}"#;
            return says(stream, if asked.path().starts_with("To1c/") { "[]" } else { end });
        }
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut sent = stream.write_all(head.as_bytes());
        let mut next = beginning.to_owned();
        for n in 0.. {
            sent = sent.and_then(|()| write!(stream, "{:x}\r\n{next}\r\n", next.len()));
            if sent.is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
            let blank = " ".repeat(60);
            next = format!(r#"{{"Guid":"g{n}","Id":"o{n}","Counter":{{"Id":"c{n}"}}}},{blank}"#);
        }
        false
    })
}

const ACKNOWLEDGED: &str = "SELECT count(*) FROM envelope WHERE state = 'acknowledged'";

#[test]
fn a_service_acknowledges_what_an_answer_without_an_end_has_brought() {
    let server = trickling("To1c/Requests", "[");
    let bench = setup().every_second().start();
    bench.write_config(&server.base_url());
    let daemon = bench.daemon();
    wait_until("some are acknowledged", || {
        bench.one_or_none(ACKNOWLEDGED).parse::<u32>().is_ok_and(|count| count > 0)
    });
    let came: u32 = bench.one("SELECT count(*) FROM envelope").parse().unwrap();
    assert!(came < 512, "they waited for a whole batch: {came}");
    assert_eq!(server.asked("To1c/Requests").len(), 1);
    daemon.stop();
}

#[test]
fn an_answer_without_an_end_ends_the_pass_and_leaves_the_other_queue_its_turn() {
    let server = trickling("To1c/Requests", "[");
    let bench = setup().section("[http]\nanswer_timeout = \"2s\"").start();
    bench.write_config(&server.base_url());
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(20), "{:?}", ended.took);
    assert!(ended.stderr.contains("the answer had no end"), "{}", ended.stderr);
    assert_eq!(server.asked("To1c/Requests").len(), 1);
    assert!(!server.asked("To1c/DeletedItems").is_empty(), "the other queue has its turn");
    assert_ne!(bench.one(ACKNOWLEDGED), "0");
    assert_eq!(bench.one("SELECT count(*) FROM envelope WHERE state <> 'acknowledged'"), "0");
}

#[test]
fn a_page_without_an_end_ends_its_list_and_no_other() {
    let server = trickling("Synchronization/DownloadFlats", r#"{"Page":1,"Items":["#);
    let bench = setup().section("[http]\nanswer_timeout = \"1s\"").start();
    bench.write_config(&server.base_url());
    let ended = bench.run(&["run", "--once", "--full-resync"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.took < Duration::from_secs(20), "{:?}", ended.took);
    assert!(ended.stderr.contains("the answer had no end"), "{}", ended.stderr);
    assert_eq!(server.asked("Synchronization/DownloadFlats").len(), 1);
    assert!(!server.asked("Synchronization/DownloadAccounts").is_empty());
}

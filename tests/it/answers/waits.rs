//! What an upstream asks to wait, in all the ways that HTTP has to say it.

use std::io::Write;
use std::net::TcpStream;

use simulator::{FeedKind, Layout};

use super::unruly::{Asked, Unruly, answer};
use crate::support::{setup, wait_until};

/// Asked every second, a system that wants to be left alone is asked once.
#[test]
fn a_retry_after_in_any_form_of_a_date_is_kept() {
    for date in [
        "Sunday, 06-Nov-94 09:00:00 GMT",
        "Sun Nov  6 09:00:00 1994",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        let server = Unruly::start(move |stream: &mut TcpStream, _: &Asked| {
            let headers = format!("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: {date}\r\n");
            stream.write_all(&answer("503 Busy", &headers, "")).is_ok()
        });
        let bench = setup().start();
        bench.write_config(&server.base_url());
        let ended = bench.fail();
        assert!(ended.stderr.contains("it asks to wait 1"), "{date}: {}", ended.stderr);
        assert_eq!(server.count(), 2, "{date}: once for each queue");
    }
}

#[test]
fn more_than_a_hundred_headers_are_still_http() {
    let server = Unruly::start(|stream: &mut TcpStream, _: &Asked| {
        let headers: String = (0..150).map(|n| format!("X-Header-{n}: value\r\n")).collect();
        stream.write_all(&answer("200 OK", &headers, "[]")).is_ok()
    });
    let bench = setup().start();
    bench.write_config(&server.base_url());
    bench.pass();
}

#[test]
fn a_service_waits_as_long_as_it_is_asked() {
    let server = Unruly::start(|stream: &mut TcpStream, _: &Asked| {
        let headers = "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n";
        stream.write_all(&answer("503 Busy", headers, "")).is_ok()
    });
    let every_second = "schedule = \"* * * * * *\"";
    let bench = setup()
        .every_second()
        .options(|options| options.catalogue = 1)
        .feed("flats", FeedKind::Premises, Layout::array(), &[every_second])
        .start();
    bench.write_config(&server.base_url());
    let daemon = bench.daemon();
    wait_until("both queues are asked for", || server.count() == 2);
    // Its schedule has come again and again, as that of a system which does not ask to wait.
    let before = bench.asked("Feed");
    wait_until("another system is polled", || bench.asked("Feed") >= before + 3);
    assert_eq!(server.count(), 2);
    daemon.stop();
}

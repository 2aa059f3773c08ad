//! A proxy that refuses us is asked once, as a system that does is: a company locks accounts
//! that fail again and again.

use std::io::Write;
use std::net::TcpStream;

use super::unruly::{Asked, Unruly, answer};
use crate::support::{setup, wait_until};

#[test]
fn a_proxy_that_answers_407_is_not_hammered() {
    for base_url in ["http://uzhkh.test/internal/", "https://uzhkh.test/internal/"] {
        let proxy = Unruly::start(|stream: &mut TcpStream, _: &Asked| {
            let refusal = "407 Proxy Authentication Required";
            let header = "Proxy-Authenticate: Basic realm=\"x\"\r\n";
            stream.write_all(&answer(refusal, header, "")).is_ok()
        });
        let section = format!("[http]\nproxy = \"http://user:pa55word@{}\"", proxy.address);
        let bench = setup().every_second().section(&section).start();
        bench.write_config(base_url);
        let daemon = bench.daemon();
        wait_until("it is told", || {
            daemon.log().contains("the proxy refuses its user or password")
        });
        // Later polls are not sent, and say so.
        let refused = "SELECT count(*) FROM poll WHERE source = 'uzhkh' AND outcome = 'unauthorized' \
                       AND error LIKE '%the proxy refuses its user or password%'";
        wait_until("a poll is recorded", || !["", "0"].contains(&&*bench.one_or_none(refused)));
        let log = daemon.stop();
        assert!(!log.contains("pa55word"), "{log}");
        // Both queues may have been on their way.
        assert!(proxy.count() <= 2, "{}", proxy.count());
    }
}

//! `check`: the config, and then whether UZhKH knows us.

use super::support::entities::{counter, deletion, envelope};
use super::support::setup;
use uzhkh_ledger::simulator::{Endpoint, Fault, FaultKind};

#[test]
fn an_upstream_that_knows_us_is_ok_and_left_as_it_was() {
    let bench = setup().start();
    bench
        .uzhkh()
        .push_request(envelope("g1", "Counter", &counter("c1")));
    bench.uzhkh().push_deleted(deletion("d1", "counter", "c2"));
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("uzhkh   ok"), "{}", ended.stdout);
    assert_eq!(bench.uzhkh().queue_len(), 1);
    assert_eq!(bench.uzhkh().deleted_len(), 1);
    assert!(!bench.ledger().exists());
}

#[test]
fn a_refused_token_is_said() {
    let bench = setup().start();
    bench.uzhkh().set_token("another");
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1));
    let told = ended.stdout + &ended.stderr;
    assert!(told.contains("403") && told.contains("token"), "{told}");
    assert_eq!(bench.report().unauthorized, 1);
}

#[test]
fn an_upstream_that_cannot_be_reached_is_said() {
    let bench = setup().start();
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nowhere.local_addr().unwrap();
    drop(nowhere);
    bench.write_config(&format!("http://{address}/internal/"));
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1));
    let told = ended.stdout + &ended.stderr;
    assert!(told.contains("connect"), "{told}");
    assert!(!told.contains("/internal"), "{told}");
}

#[test]
fn an_upstream_that_fails_is_said() {
    let bench = setup().start();
    let fault = Fault::new(FaultKind::Error500).at(Endpoint::DeletedItems);
    bench.uzhkh().inject(fault);
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1));
    let told = ended.stdout + &ended.stderr;
    assert!(told.contains("500"), "{told}");
}

#[test]
fn offline_asks_nobody() {
    let bench = setup().start();
    let ended = bench.run(&["check", "--offline"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(bench.report().requests.is_empty());
}

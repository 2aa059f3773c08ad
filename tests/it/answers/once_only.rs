//! What is sent once is never in doubt because a server closes a connection that was kept.

use std::net::TcpStream;

use super::unruly::{Asked, Unruly, says};
use crate::alma::bench::both;
use crate::support::{secrets, setup, wait_until};

/// Closes each connection at its second request, without a word.
fn closing(body: fn(&Asked) -> String) -> Unruly {
    Unruly::start(move |stream: &mut TcpStream, asked: &Asked| {
        asked.turn == 1 && says(stream, body(asked))
    })
}

#[test]
fn a_decision_is_done_though_each_kept_connection_is_closed_at_its_second_request() {
    let server = closing(|_| "[]".to_owned());
    let bench = setup().start();
    bench.write_config(&server.base_url());
    bench.pass();
    for id in ["71", "72"] {
        let ended = bench.run(&["decide", "register", id, "--approve"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    bench.pass();
    assert_eq!(bench.lines("SELECT DISTINCT state, attempts FROM call"), ["done|1"]);
    let sent = server.asked("Synchronization/HandleRequestToRegister");
    assert_eq!(sent.iter().map(|asked| asked.turn).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_booking_is_done_though_each_kept_connection_is_closed_at_its_second_request() {
    let server = closing(|asked| {
        let data = if asked.path().contains("getReadyFlats") { r#"{"houses":[]}"# } else { "[]" };
        format!(r#"{{"status_code":200,"data":{data}}}"#)
    });
    let (domain, app_secret) = (secrets::DOMAIN, secrets::APP_SECRET);
    let bench = setup()
        .without_uzhkh()
        .section(&format!(
            "[macrocrm]\nbase_url = {:?}\ndomain = {domain:?}\napp_secret = {app_secret:?}\n\
             categories = [\"flat\", \"garage\"]",
            server.base_url()
        ))
        .start();
    bench.pass();
    for flat in ["1", "2"] {
        let ended = bench.run(&[
            "keys",
            "book",
            "--house",
            "1",
            "--flat",
            flat,
            "--category",
            "flat",
            "--at",
            "2099-06-11T11:00",
            "--phone",
            "+70000000000",
        ]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    bench.pass();
    assert_eq!(bench.lines("SELECT DISTINCT state, attempts FROM call"), ["done|1"]);
    let sent = server.asked("estate/transfer/add/");
    assert_eq!(sent.iter().map(|asked| asked.turn).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_block_is_done_though_each_kept_connection_is_closed_at_its_second_request() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    let server = closing(|_| "true".to_owned());
    let config = std::fs::read_to_string(bench.config()).unwrap();
    let config = config.replace(bench.alma().base_url().as_str(), &server.base_url());
    std::fs::write(bench.config(), config).unwrap();
    // The ledger does not know where its Alma was: the other has what it had.
    bench.tamper("UPDATE alma_cursor SET settings = replace(settings, ', at ', ', ')");
    // One process, so that there would be a connection to keep.
    let daemon = bench.daemon();
    for (done, word) in [(1, "block"), (2, "unblock")] {
        bench.orders(&[word, "unit", "o1"]);
        wait_until("it is settled", || {
            bench.one("SELECT count(*) FROM call WHERE state <> 'pending'") == done.to_string()
        });
    }
    daemon.stop();
    assert_eq!(bench.lines("SELECT DISTINCT state, attempts FROM call"), ["done|1"]);
    let turns = server.all().into_iter().filter(|asked| asked.path().ends_with("/block/"));
    assert_eq!(turns.map(|asked| asked.turn).collect::<Vec<_>>(), [1, 1]);
}

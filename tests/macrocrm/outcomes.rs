//! What becomes of a booking: it is sent once, and never again once it may have arrived.

use jiff::Timestamp;
use uzhkh_ledger::simulator::{Endpoint, FaultKind};

use crate::bench::{FLAT, HOUSE, SECRET, Standing, bench, tamper};

const HTTP: &str = "[http]\ntimeout = \"300ms\"\nidle_timeout = \"300ms\"";

#[test]
fn a_booking_is_made() {
    let bench = bench("");
    bench.books(FLAT, &bench.at("10:30"));
    let pass = bench.send();
    assert_eq!((pass.settled, pass.unsuccessful), (1, 0));
    assert_eq!(bench.states(), ["done|1|200"]);
    let bookings = bench.macrocrm().bookings();
    assert_eq!(bookings.len(), 1);
    assert_eq!(bookings[0].booked.as_deref(), Some("flat"));
    assert_eq!(bookings[0].category.as_deref(), Some("flat"));
    assert_eq!(bookings[0].house_id, HOUSE);
    assert_eq!(bookings[0].phone, bench.phone(FLAT));
    assert_eq!(
        bookings[0].transfer_date,
        format!("{}:00+03:00", bench.at("10:30"))
    );
    bench.send();
    assert_eq!(bench.added(), 1);
    bench.no_violations();
}

#[test]
fn an_answered_no_is_failed_and_says_why() {
    let bench = bench("");
    bench.macrocrm().take(HOUSE, bench.day().at(10, 30, 0, 0));
    bench.books(FLAT, &bench.at("10:30"));
    let pass = bench.send();
    assert_eq!((pass.settled, pass.unsuccessful), (1, 1));
    assert_eq!(bench.states(), ["failed|1|200"]);
    let error = bench.last_error();
    assert!(
        error.starts_with("macrocrm: add: refused") && error.ends_with(": Время занято"),
        "{error}"
    );
    bench.send();
    assert_eq!(bench.added(), 1);
    bench.no_violations();
}

#[test]
fn a_no_may_stand_in_many_answers() {
    for (body, state, words) in [
        (
            r#"{"status_code":"500","message":"x"}"#,
            "failed",
            "refused (status_code 500): x",
        ),
        (r#"{"error":true}"#, "failed", "add: refused"),
        (
            r#"{"status_code":200,"error":true,"data":[]}"#,
            "failed",
            "refused (status_code 200)",
        ),
        (r#"{"status_code":"200"}"#, "done", "NULL"),
        (r#"{"data":null}"#, "done", "NULL"),
        (
            r#"{"success":true}"#,
            "unknown",
            "neither status_code nor data",
        ),
        ("OK", "unknown", "not a JSON object"),
        ("", "unknown", "not a JSON object"),
        ("<html>", "unknown", "a page for people"),
    ] {
        let bench = bench("");
        let raw = Some(body.to_owned().into());
        bench.macrocrm().set_raw(Endpoint::Add, raw);
        bench.books(FLAT, &bench.at("10:30"));
        let pass = bench.send();
        assert_eq!(pass.unsuccessful, u64::from(state != "done"), "{body}");
        assert_eq!(bench.states(), [format!("{state}|1|200")], "{body}");
        let error = bench.last_error();
        assert!(error.contains(words), "{error}");
        bench.send();
        assert_eq!(bench.added(), 1, "{body}");
    }
}

#[test]
fn what_may_have_arrived_is_never_repeated() {
    for (kind, status) in [
        (FaultKind::Error500, "500"),
        (
            FaultKind::Unavailable {
                retry_after_seconds: 0,
            },
            "503",
        ),
        (FaultKind::TooMany, "429"),
        (FaultKind::Html, "200"),
        (FaultKind::Redirect, "302"),
        (FaultKind::ResetBefore, "NULL"),
        (FaultKind::LostAnswer, "NULL"),
        (FaultKind::CutAnnounced, "NULL"),
        (FaultKind::StallBody, "NULL"),
        (FaultKind::Stall, "NULL"),
    ] {
        let bench = bench(HTTP);
        bench.fault(kind.clone());
        bench.books(FLAT, &bench.at("10:30"));
        let pass = bench.send();
        assert_eq!((pass.settled, pass.unsuccessful), (1, 1), "{kind:?}");
        assert_eq!(bench.states(), [format!("unknown|1|{status}")], "{kind:?}");
        bench.simulator.clear_faults();
        bench.send();
        assert_eq!(bench.added(), 1, "{kind:?}");
        bench.no_violations();
    }
}

#[test]
fn a_refusal_at_the_door_is_tried_again_later() {
    let bench = bench("");
    bench.fault(FaultKind::Forbidden);
    bench.books(FLAT, &bench.at("10:30"));
    bench.books("2", &bench.at("11:30"));
    let pass = bench.send();
    assert!(pass.halted);
    assert_eq!(bench.states(), ["pending|0|403", "pending|0|NULL"]);
    assert_eq!(bench.added(), 1);
    bench.simulator.clear_faults();
    let pass = bench.send();
    assert_eq!((pass.settled, pass.unsuccessful), (2, 0));
    assert_eq!(bench.states(), ["done|1|200", "done|1|200"]);
    bench.no_violations();
}

#[test]
fn without_a_connection_nothing_was_sent() {
    let bench = bench("");
    bench.books(FLAT, &bench.at("10:30"));
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nowhere.local_addr().unwrap();
    drop(nowhere);
    bench.write_config(&format!("http://{address}/"), "");
    let pass = bench.send();
    assert!(pass.halted && pass.settled == 0);
    assert_eq!(bench.states(), ["pending|0|NULL"]);
    bench.write_config(&bench.macrocrm().base_url(), "");
    bench.send();
    assert_eq!(bench.states(), ["done|1|200"]);
}

#[test]
fn a_wrong_address_is_a_no() {
    let bench = bench("");
    bench.books(FLAT, &bench.at("10:30"));
    let elsewhere = format!("{}estate/elsewhere/", bench.macrocrm().base_url());
    bench.write_config(&elsewhere, "");
    bench.send();
    assert_eq!(bench.states(), ["failed|1|404"]);
    assert!(bench.last_error().contains("is macrocrm.base_url right?"));
}

#[test]
fn a_time_that_has_passed_is_not_sent() {
    let bench = bench("");
    bench.books(FLAT, &bench.at("10:30"));
    let then: Timestamp = format!("{}:00+03:00", bench.at("10:30")).parse().unwrap();
    let pass = bench.send_at(Standing(then));
    assert_eq!((pass.settled, pass.unsuccessful), (1, 1));
    assert_eq!(bench.states(), ["failed|0|NULL"]);
    assert!(bench.last_error().contains("its time had passed"));
    assert_eq!(bench.added(), 0);
}

#[test]
fn after_a_crash_only_what_was_being_sent_is_in_doubt() {
    let bench = bench("");
    bench.books(FLAT, &bench.at("10:30"));
    bench.books("2", &bench.at("11:30"));
    // As it stands while the first is under way.
    tamper(
        &bench.ledger(),
        "UPDATE call SET attempts = 1 WHERE seq = 1",
    );
    bench.send();
    assert_eq!(bench.states(), ["unknown|1|NULL", "done|1|200"]);
    assert_eq!(bench.added(), 1);
}

#[test]
fn what_macro_says_is_kept_without_secrets() {
    let bench = bench("");
    let message = format!(
        "no\\r\\n {SECRET} 0e8e424732fccbe827ca486feb925c47 {}",
        "я".repeat(400)
    );
    let raw = format!(r#"{{"status_code":400,"message":"{message}"}}"#);
    bench.macrocrm().set_raw(Endpoint::Add, Some(raw.into()));
    bench.books(FLAT, &bench.at("10:30"));
    bench.send();
    let error = bench.last_error();
    assert!(
        error.starts_with("macrocrm: add: refused (status_code 400): no [hidden] [hidden] яя"),
        "{error}"
    );
    assert!(!error.contains(SECRET) && error.ends_with("я…"), "{error}");
    assert!(error.chars().count() < 400, "{error}");
}

//! What becomes of a booking that `run --once` sends: it is sent once, and never again
//! once it may have arrived.

use simulator::{Endpoint, FaultKind, RefusalShape};

use crate::macrocrm::bench::{DOMAIN, FLAT, HOUSE, SECRET, nowhere, read_once};

/// For what never answers.
const HTTP: &str = "[http]\ntimeout = \"2s\"\nidle_timeout = \"2s\"";

#[test]
fn a_booking_is_made() {
    let bench = read_once("");
    bench.books(FLAT, &bench.at("10:30"));
    bench.pass();
    assert_eq!(bench.states(), ["done|1|200"]);
    assert_eq!(bench.last_error(), "NULL");
    let said = bench.one("SELECT said FROM call");
    assert!(said.contains("\"status_code\":200"), "{said}");
    assert_eq!(bench.one("SELECT finished_at IS NOT NULL, next_attempt_at FROM call"), "1|NULL");
    let bookings = bench.macrocrm().bookings();
    assert_eq!(bookings.len(), 1);
    assert_eq!(bookings[0].booked.as_deref(), Some("flat"));
    assert_eq!(bookings[0].category.as_deref(), Some("flat"));
    assert_eq!(bookings[0].house_id, HOUSE);
    assert_eq!(bookings[0].phone, bench.phone(FLAT));
    assert_eq!(bookings[0].transfer_date, format!("{}:00+03:00", bench.at("10:30")));
    let calls = bench.calls("add");
    assert_eq!(calls[0].method, "POST");
    assert_eq!(calls[0].parameters["domain"], DOMAIN);
    assert_eq!(calls[0].parameters.len(), 7, "the document's and no other");
    bench.pass();
    assert_eq!(bench.added(), 1);
}

#[test]
fn an_answered_no_is_failed_and_says_why() {
    for shape in [RefusalShape::StatusCode, RefusalShape::Success] {
        let bench = read_once("");
        bench.macrocrm().set_refusals(shape);
        bench.macrocrm().take(HOUSE, bench.day().at(10, 30, 0, 0));
        bench.books(FLAT, &bench.at("10:30"));
        let ended = bench.fail();
        assert!(ended.stderr.contains("a booking was refused"));
        assert!(
            !ended.stderr.contains("Время занято"),
            "it is for the row alone: {}",
            ended.stderr
        );
        assert_eq!(bench.states(), ["failed|1|200"]);
        let error = bench.last_error();
        assert!(
            error.starts_with("macrocrm: add: refused") && error.ends_with(": Время занято"),
            "{error}"
        );
        bench.pass();
        assert_eq!(bench.states(), ["failed|1|200"]);
        assert_eq!(bench.added(), 1);
    }
}

#[test]
fn a_no_may_stand_in_many_answers() {
    for (body, state, words) in [
        (r#"{"status_code":"500","message":"x"}"#, "failed", "refused (status_code 500): x"),
        (r#"{"error":true}"#, "failed", "add: refused"),
        (r#"{"status_code":200,"error":true,"data":[]}"#, "failed", "refused (status_code 200)"),
        (r#"{"status_code":"200"}"#, "done", "NULL"),
        (r#"{"data":null}"#, "done", "NULL"),
        // Words prove nothing: one who used it took them for the opposite.
        (r#"{"status_code":200,"data":[],"message":"Ошибка обработки запроса"}"#, "done", "NULL"),
        (r#"{"success":true}"#, "unknown", "neither status_code nor data"),
        (r#"[{"status_code":200,"data":[]}]"#, "unknown", "not a JSON object"),
        (r#"{"status_code":200,"da"#, "unknown", "not a JSON object"),
        ("OK", "unknown", "not a JSON object"),
        ("", "unknown", "not a JSON object"),
        ("<html>", "unknown", "an HTML page"),
    ] {
        let bench = read_once("");
        bench.answers(Endpoint::Add, body);
        bench.books(FLAT, &bench.at("10:30"));
        let ended = bench.once();
        assert_eq!(ended.code, Some(i32::from(state != "done")), "{body}");
        assert_eq!(bench.states(), [format!("{state}|1|200")], "{body}");
        let error = bench.last_error();
        assert!(error.contains(words), "{error}");
        bench.pass();
        assert_eq!(bench.states(), [format!("{state}|1|200")], "{body}");
        assert_eq!(bench.added(), 1, "{body}");
    }
}

#[test]
fn what_may_have_arrived_is_never_repeated() {
    for (kind, status, happened) in [
        (FaultKind::Error500, "500", false),
        (FaultKind::Unavailable { retry_after_seconds: 0 }, "503", false),
        (FaultKind::TooMany, "429", false),
        (FaultKind::Html, "200", false),
        (FaultKind::Redirect, "302", false),
        (FaultKind::ResetBefore, "NULL", false),
        (FaultKind::LostAnswer, "NULL", true),
        (FaultKind::CutAnnounced, "NULL", true),
        (FaultKind::StallBody, "NULL", true),
        (FaultKind::Stall, "NULL", false),
    ] {
        let bench = read_once(HTTP);
        bench.fault(kind.clone(), Endpoint::Add);
        bench.books(FLAT, &bench.at("10:30"));
        let ended = bench.fail();
        assert!(ended.stderr.contains("it is not sent again, look into MACRO"));
        let expected = [format!("unknown|1|{status}")];
        assert_eq!(bench.states(), expected, "{kind:?}");
        bench.simulator.clear_faults();
        // What waits for a person is no failure of a pass.
        bench.pass();
        let status = bench.run(&["status"]);
        assert!(status.stdout.contains("1  calls with an unknown outcome"));
        assert_eq!(bench.states(), expected, "{kind:?}");
        assert_eq!(bench.added(), 1, "{kind:?}");
        let booked = bench.macrocrm().bookings()[0].booked.is_some();
        assert_eq!(booked, happened, "{kind:?}");
    }
}

#[test]
fn an_unknown_outcome_keeps_no_other_booking() {
    let bench = read_once("");
    bench.books(FLAT, &bench.at("10:30"));
    bench.books("2", &bench.at("11:30"));
    bench.books("3", &bench.at("12:30"));
    let fault = simulator::Fault::new(FaultKind::LostAnswer).at(Endpoint::Add);
    bench.simulator.inject(fault.times(1));
    bench.fail();
    let states = ["unknown|1|NULL", "done|1|200", "done|1|200"];
    assert_eq!(bench.states(), states);
    assert_eq!(bench.added(), 3);
}

#[test]
fn a_refusal_at_the_door_is_tried_again_later() {
    let bench = read_once("");
    bench.fault(FaultKind::Forbidden, Endpoint::Add);
    bench.books(FLAT, &bench.at("10:30"));
    bench.books("2", &bench.at("11:30"));
    bench.fail();
    assert_eq!(bench.states(), ["pending|0|403", "pending|0|NULL"]);
    assert_eq!(bench.added(), 1);
    bench.simulator.clear_faults();
    bench.pass();
    assert_eq!(bench.states(), ["done|1|200", "done|1|200"]);
}

#[test]
fn without_a_connection_nothing_was_sent() {
    let bench = read_once("");
    bench.books(FLAT, &bench.at("10:30"));
    bench.books("2", &bench.at("11:30"));
    bench.write_config(&nowhere(), "");
    bench.fail();
    assert_eq!(bench.states(), ["pending|0|NULL", "pending|0|NULL"]);
    let is_untried = "SELECT last_error IS NULL FROM call ORDER BY seq";
    assert_eq!(bench.lines(is_untried), ["0", "1"], "one is enough to know");
    bench.reconfigure("");
    bench.pass();
    assert_eq!(bench.states(), ["done|1|200", "done|1|200"]);
    assert_eq!(bench.added(), 2);
}

#[test]
fn a_wrong_address_is_a_no() {
    let mut bench = read_once("");
    bench.forgive_violations();
    bench.books(FLAT, &bench.at("10:30"));
    let elsewhere = format!("{}estate/elsewhere/", bench.macrocrm().base_url());
    bench.write_config(&elsewhere, "");
    bench.fail();
    assert_eq!(bench.states(), ["failed|1|404"]);
    assert!(bench.last_error().contains("is macrocrm.base_url right?"));
}

#[test]
fn a_time_that_has_passed_is_not_sent() {
    let bench = read_once("");
    bench.books(FLAT, &bench.at("10:30"));
    bench.tamper(
        "UPDATE call SET params = json_set(params, '$.transfer_date', '2020-06-11T11:00:00+05:00')",
    );
    bench.fail();
    assert_eq!(bench.states(), ["failed|0|NULL"]);
    assert!(bench.last_error().contains("its time had passed"));
    bench.pass();
    assert_eq!(bench.added(), 0);
}

#[test]
fn after_a_crash_only_what_was_being_sent_is_in_doubt() {
    let bench = read_once("");
    bench.books(FLAT, &bench.at("10:30"));
    bench.books("2", &bench.at("11:30"));
    // As it stands while the first is under way.
    bench.tamper("UPDATE call SET attempts = 1 WHERE seq = 1");
    bench.once();
    assert_eq!(bench.states(), ["unknown|1|NULL", "done|1|200"]);
    assert_eq!(bench.added(), 1);
}

#[test]
fn what_macro_says_is_kept_without_secrets() {
    let bench = read_once("");
    let message =
        format!("no\\r\\n {SECRET} 0e8e424732fccbe827ca486feb925c47 {DOMAIN} {}", "я".repeat(400));
    let raw = format!(r#"{{"status_code":400,"message":"{message}"}}"#);
    bench.answers(Endpoint::Add, &raw);
    bench.books(FLAT, &bench.at("10:30"));
    bench.fail();
    let error = bench.last_error();
    assert!(
        error.starts_with(
            "macrocrm: add: refused (status_code 400): no [hidden] [hidden] [hidden] яя"
        ),
        "{error}"
    );
    assert!(error.ends_with("я…"), "{error}");
    assert!(error.chars().count() < 400, "{error}");
}

#[test]
fn a_telephone_that_macro_repeats_stays_in_the_row() {
    let bench = read_once("");
    let phone = bench.phone(FLAT);
    let raw = format!(r#"{{"error":true,"message":"Нет дольщика с телефоном {phone}"}}"#);
    bench.answers(Endpoint::Add, &raw);
    bench.books(FLAT, &bench.at("10:30"));
    // The bench looks for telephones in what this logs.
    bench.fail();
    let error = bench.last_error();
    assert!(error.ends_with(&format!(": Нет дольщика с телефоном {phone}")));
}

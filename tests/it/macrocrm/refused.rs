//! Answers that are no list: the poll fails and says why, and nothing is lost by it.

use simulator::{Endpoint, Fault, FaultKind, RefusalShape};

use crate::macrocrm::bench::{Bench, DOMAIN, EVERY_SECOND, SECRET, nowhere, read_once};
use crate::support::wait_until;

const FLATS: &str = "categories = [\"flat\"]";
/// What MACRO's simulator says to strangers.
const STRANGER: &str = "Request not authenticated";

/// One pass fails for this reason, and leaves what was there. Answers its log.
#[track_caller]
fn fails(bench: &Bench, outcome: &str, words: &str) -> String {
    let before = bench.mirrored();
    let ended = bench.fail();
    assert_eq!(bench.polled("flat"), format!("{outcome}|0|0"), "{words}");
    let error = bench.poll_error("flat");
    assert!(
        error.starts_with("macrocrm: getReadyFlats: ") && error.contains(words),
        "{words}: {error}"
    );
    assert_eq!(bench.mirrored(), before, "{words}");
    assert!(ended.stderr.contains("poll failed"), "{}", ended.stderr);
    ended.stderr
}

#[test]
fn who_is_a_stranger_is_told_in_the_ledger_not_in_the_log() {
    for (shape, words) in [
        (RefusalShape::StatusCode, "refused (status_code 403); check"),
        (RefusalShape::Success, "refused; check"),
    ] {
        let bench = read_once(FLATS);
        bench.macrocrm().set_refusals(shape);
        bench.macrocrm().set_app_secret("another");
        let log = fails(&bench, "failed", words);
        assert!(!log.contains(STRANGER), "{log}");
        assert!(bench.poll_error("flat").ends_with(&format!(": {STRANGER}")));
        bench.macrocrm().set_app_secret(SECRET);
        bench.macrocrm().set_domain("another");
        let log = fails(&bench, "failed", words);
        assert!(!log.contains(STRANGER), "{log}");
        let status = bench.run(&["status"]).stdout;
        assert!(
            status.contains("macrocrm flat failed: getReadyFlats: refused")
                && status.contains(STRANGER),
            "{status}"
        );
        assert_eq!(bench.simulator.report().unauthorized, 2, "asked once each");
        // The domain counts to the letter.
        bench.macrocrm().set_domain(DOMAIN.to_lowercase());
        fails(&bench, "failed", words);
        bench.macrocrm().set_domain(DOMAIN);
        bench.pass();
        assert_eq!(bench.polled("flat"), "ok|3|0");
        assert!(bench.run(&["status"]).stdout.contains("macrocrm flat  ok"), "it has recovered");
    }
}

#[test]
fn an_error_inside_200_is_one_in_every_shape() {
    let bench = read_once(FLATS);
    for (body, words) in [
        (
            r#"{"status_code":500,"data":{"houses":[]},"message":"Ошибка"}"#,
            "refused (status_code 500); check macrocrm.domain, macrocrm.app_secret and this \
             host's clock: Ошибка",
        ),
        (r#"{"status_code":"403","data":null,"message":"Нет"}"#, "refused (status_code 403)"),
        (r#"{"error":true,"data":{"houses":[]}}"#, "refused; check"),
        (r#"{"error":1,"data":{"houses":[]}}"#, "refused; check"),
        (r#"{"success":false,"error":true,"message":null}"#, "refused; check"),
        (
            r#"{"status_code":200,"error":true,"data":{"houses":[]},"message":"x"}"#,
            "refused (status_code 200)",
        ),
        (r#"{"status_code":0}"#, "refused (status_code 0)"),
        (r#"{"status_code":-1}"#, "refused (status_code -1)"),
    ] {
        bench.answers(Endpoint::GetReadyFlats, body);
        let log = fails(&bench, "failed", words);
        assert!(!log.contains("Ошибка") && !log.contains("Нет"), "{log}");
    }
    bench.answers_itself(Endpoint::GetReadyFlats);
    bench.pass();
}

#[test]
fn what_the_document_does_not_know_is_no_list() {
    let bench = read_once(FLATS);
    for (body, words) in [
        ("", "not a JSON object"),
        (" \n", "not a JSON object"),
        ("OK", "not a JSON object"),
        ("null", "not a JSON object"),
        ("[]", "not a JSON object"),
        (r#"[{"id":"123","title":"Дом","flats":["2"]}]"#, "not a JSON object"),
        ("<!DOCTYPE html><html></html>", "an HTML page"),
        ("{}", "neither status_code nor data"),
        (r#"{"houses":[]}"#, "neither status_code nor data"),
        (r#"{"success":true,"houses":[]}"#, "neither status_code nor data"),
        (r#"{"status_code":200}"#, "it has no data"),
        (r#"{"status_code":"ok","data":{"houses":[]}}"#, "status_code is not a number"),
        (r#"{"status_code":200,"data":"[]"}"#, "data is not an object"),
        (r#"{"status_code":200,"data":[[]]}"#, "data is not an object"),
        (r#"{"status_code":200,"data":{"flats":[]}}"#, "no houses"),
        (r#"{"status_code":200,"data":{"houses":"нет"}}"#, "houses are not a list"),
        (
            r#"{"status_code":200,"data":{"houses":{"id":"123","flats":[]}}}"#,
            "houses are not a list",
        ),
        (r#"{"status_code":200,"data":{"houses":[{"id":"123","title":"Дом","fl"#, "cut short"),
        (r#"{"status_code":200,"data":{"houses":[]}} and more"#, "not a JSON object"),
    ] {
        bench.answers(Endpoint::GetReadyFlats, body);
        fails(&bench, "failed", words);
    }
    let not_utf8 = b"{\"status_code\":200,\"data\":{\"houses\":[{\"id\":\"\xff\"}]}}";
    let raw = Some(bytes::Bytes::from_static(not_utf8));
    bench.macrocrm().set_raw(Endpoint::GetReadyFlats, raw);
    fails(&bench, "failed", "not UTF-8");
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "0");
    bench.answers_itself(Endpoint::GetReadyFlats);
    bench.pass();
    assert_eq!(bench.polled("flat"), "ok|3|0");
}

#[test]
fn a_bad_day_of_the_server_loses_nothing() {
    let bench = read_once(&format!("{FLATS}\n[http]\ntimeout = \"3s\"\nidle_timeout = \"1s\""));
    for (kind, outcome, words, asked) in [
        (FaultKind::Error500, "failed", "HTTP 500", 3),
        (FaultKind::TooMany, "failed", "HTTP 429", 3),
        (FaultKind::Unavailable { retry_after_seconds: 60 }, "failed", "HTTP 503", 1),
        (FaultKind::Forbidden, "unauthorized", "HTTP 403", 1),
        (FaultKind::Redirect, "failed", "HTTP 302", 1),
        (FaultKind::Html, "failed", "an HTML page", 1),
        (FaultKind::ResetBefore, "failed", "connection was closed", 3),
        (FaultKind::LostAnswer, "failed", "connection was closed", 3),
        (FaultKind::CutAnnounced, "failed", "cut short", 3),
        (FaultKind::StallBody, "failed", "stopped", 3),
        (FaultKind::Stall, "failed", "no answer within", 3),
    ] {
        let before = bench.asked("getReadyFlats");
        bench.fault(kind.clone(), Endpoint::GetReadyFlats);
        fails(&bench, outcome, words);
        let times = bench.asked("getReadyFlats") - before;
        assert_eq!(times, asked, "{kind:?}: only what may help is repeated");
        bench.simulator.clear_faults();
        bench.pass();
        assert_eq!(bench.polled("flat"), "ok|3|0", "{kind:?}");
    }
    // What comes in time, if oddly, is a list.
    bench.reconfigure(FLATS);
    for kind in [FaultKind::Bom, FaultKind::Drip] {
        bench.fault(kind.clone(), Endpoint::GetReadyFlats);
        bench.pass();
        assert_eq!(bench.polled("flat"), "ok|3|0", "{kind:?}");
        bench.simulator.clear_faults();
    }
}

#[test]
fn who_is_not_there_fails_the_poll() {
    let bench = read_once(FLATS);
    bench.write_config(&nowhere(), FLATS);
    fails(&bench, "failed", "cannot connect");
}

#[test]
fn one_list_that_fails_does_not_keep_the_others() {
    let bench = read_once("categories = [\"flat\", \"garage\", \"comm\"]");
    let fault = Fault::new(FaultKind::Html).at(Endpoint::GetReadyFlats);
    bench.simulator.inject(fault.times(1));
    bench.fail();
    assert_eq!(bench.polled("flat"), "failed|0|0");
    assert_eq!(bench.polled("garage"), "ok|1|0");
    assert_eq!(bench.polled("comm"), "ok|0|0");
}

#[test]
fn what_macro_says_is_kept_without_secrets() {
    let bench = read_once(FLATS);
    let token = "0e8e424732fccbe827ca486feb925c47";
    let body = format!(
        r#"{{"error":true,"message":"Нет {DOMAIN} с {SECRET} и {token}{token}: {}"}}"#,
        token.to_uppercase()
    );
    bench.answers(Endpoint::GetReadyFlats, &body);
    fails(&bench, "failed", ": Нет [hidden] с [hidden] и [hidden]: [hidden]");
}

#[test]
fn a_failure_that_goes_on_is_logged_once() {
    let bench = read_once(&format!("{FLATS}\n{EVERY_SECOND}"));
    bench.macrocrm().set_refusals(RefusalShape::StatusCode);
    bench.macrocrm().set_app_secret("another");
    let service = bench.service();
    let polls = "SELECT count(*) FROM poll WHERE outcome = 'failed'";
    wait_until("three polls", || bench.one(polls).parse::<u32>().unwrap() >= 3);
    bench.macrocrm().set_app_secret(SECRET);
    wait_until("a good one", || bench.polled("flat") == "ok|3|0");
    wait_until("its log", || service.log().contains("poll recovered"));
    let log = service.stop();
    let warned = log.lines().filter(|line| line.contains(" WARN "));
    assert_eq!(warned.count(), 1, "{log}");
    assert!(!log.contains(STRANGER), "{log}");
}

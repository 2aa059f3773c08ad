//! Decisions notify people: each is sent once, or not at all.

use std::collections::BTreeMap;

use crate::support::entities::{account_of, envelope, person, to_register};
use crate::support::{Bench, Ended, nowhere, process, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind};

const CALL: &str = "SELECT op, state, attempts FROM call";
const REGISTER: Endpoint = Endpoint::HandleRequestToRegister;

fn begun() -> Bench {
    let bench = setup().start();
    bench.pass();
    bench
}

#[track_caller]
fn decide(bench: &Bench, arguments: &[&str]) {
    let ended = bench.run(&[&["decide"], arguments].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

fn approve(bench: &Bench) -> Ended {
    bench.run(&["decide", "register", "71", "--approve"])
}

fn parameters(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn every_parameter_is_sent_as_documented() {
    let bench = begun();
    let cause = "нет документов & печати: 100 % + #?";
    decide(&bench, &["register", "71", "--approve"]);
    decide(&bench, &["register", "72", "--reject", "--cause", cause, "--notify"]);
    decide(&bench, &["object", "71", "--approve", "--account-number", "10/01 А", "--notify"]);
    decide(&bench, &["object", "72", "--reject"]);
    assert_eq!(
        bench.lines("SELECT target, op, params, state FROM pending_call JOIN call USING (seq, target, op, params)"),
        [
            r#"uzhkh|HandleRequestToRegister|{"id":"71","isApprove":"true","isReject":"false","cause":"","isSendNotification":"false"}|pending"#.to_owned(),
            format!(r#"uzhkh|HandleRequestToRegister|{{"id":"72","isApprove":"false","isReject":"true","cause":"{cause}","isSendNotification":"true"}}|pending"#),
            r#"uzhkh|HandleRequestToObjectAdding|{"id":"71","isApprove":"true","isReject":"false","accountNumber":"10/01 А","isSendNotification":"true"}|pending"#.to_owned(),
            r#"uzhkh|HandleRequestToObjectAdding|{"id":"72","isApprove":"false","isReject":"true","accountNumber":"","isSendNotification":"false"}|pending"#.to_owned(),
        ]
    );
    bench.pass();
    let report = bench.report();
    let sent = |decisions: &BTreeMap<String, Vec<simulator::Decision>>, id: &str| {
        assert_eq!(decisions[id].len(), 1);
        assert_eq!(decisions[id][0].times, 1);
        decisions[id][0].parameters.clone()
    };
    assert_eq!(
        sent(&report.register_decisions, "71"),
        parameters(&[
            ("id", "71"),
            ("isapprove", "true"),
            ("isreject", "false"),
            ("cause", ""),
            ("issendnotification", "false"),
        ])
    );
    assert_eq!(
        sent(&report.register_decisions, "72"),
        parameters(&[
            ("id", "72"),
            ("isapprove", "false"),
            ("isreject", "true"),
            ("cause", cause),
            ("issendnotification", "true"),
        ])
    );
    assert_eq!(
        sent(&report.object_decisions, "71"),
        parameters(&[
            ("id", "71"),
            ("isapprove", "true"),
            ("isreject", "false"),
            ("accountnumber", "10/01 А"),
            ("issendnotification", "true"),
        ])
    );
    assert_eq!(
        sent(&report.object_decisions, "72"),
        parameters(&[
            ("id", "72"),
            ("isapprove", "false"),
            ("isreject", "true"),
            ("accountnumber", ""),
            ("issendnotification", "false"),
        ])
    );
    assert_eq!(
        bench.lines("SELECT DISTINCT state, attempts, last_status FROM call"),
        ["done|1|200"]
    );
    bench.pass();
    assert_eq!(bench.asked("HandleRequestToRegister"), 2);
    assert_eq!(bench.asked("HandleRequestToObjectAdding"), 2);
}

#[test]
fn a_decision_of_unknown_outcome_is_never_repeated() {
    for kind in [
        FaultKind::LostAnswer,
        FaultKind::ResetBefore,
        FaultKind::Error500,
        FaultKind::Unavailable { retry_after_seconds: 1 },
        FaultKind::Stall,
    ] {
        let bench = setup().section("[http]\ntimeout = \"300ms\"").start();
        bench.pass();
        assert_eq!(approve(&bench).code, Some(0));
        bench.uzhkh().inject(Fault::new(kind.clone()).at(REGISTER));
        let ended = bench.once();
        assert_eq!(ended.code, Some(1), "{kind}: {}", ended.stderr);
        assert!(ended.stderr.contains("a decision was sent and may have arrived"), "{kind}");
        assert_eq!(bench.asked("HandleRequestToRegister"), 1, "{kind}");
        assert_eq!(bench.one(CALL), "HandleRequestToRegister|unknown|1", "{kind}");
        let status = bench.run(&["status"]).stdout;
        assert!(status.contains("unknown outcome"), "{status}");
        bench.uzhkh().clear_faults();
        bench.pass();
        assert_eq!(bench.asked("HandleRequestToRegister"), 1, "{kind}");
        assert_eq!(bench.one(CALL), "HandleRequestToRegister|unknown|1", "{kind}");
        // It may have been decided: not again.
        let again = approve(&bench);
        assert_eq!(again.code, Some(1), "{kind}");
    }
}

#[test]
fn a_decision_that_did_not_succeed_beside_a_drain_fails_the_pass() {
    let bench = begun();
    // It comes again at every fetch: the calls that wait are sent while it is committed.
    bench.uzhkh().push_request("{}");
    bench.pass();
    assert_eq!(approve(&bench).code, Some(0));
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(REGISTER));
    bench.fail();
    assert_eq!(bench.one(CALL), "HandleRequestToRegister|unknown|1");
}

#[test]
fn a_decision_under_way_when_the_program_was_killed_is_never_repeated() {
    let bench = begun();
    assert_eq!(approve(&bench).code, Some(0));
    bench.uzhkh().inject(Fault::new(FaultKind::Stall).at(REGISTER));
    let daemon = bench.daemon();
    wait_until("the decision", || bench.asked("HandleRequestToRegister") == 1);
    daemon.kill();
    bench.uzhkh().clear_faults();
    let ended = bench.once();
    assert!(ended.stderr.contains("unknown"), "{}", ended.stderr);
    assert_eq!(bench.one(CALL), "HandleRequestToRegister|unknown|1");
    assert_eq!(bench.asked("HandleRequestToRegister"), 1);
}

/// States of the decisions, with how many are in each.
const STATES: &str = "SELECT state, count(*), sum(attempts) FROM call WHERE op <> 'SetId' GROUP BY state ORDER BY state";

#[test]
fn of_many_decisions_those_that_had_left_when_the_program_was_killed_are_in_doubt() {
    let bench = setup().uzhkh("acknowledge_concurrency = 4").start();
    bench.pass();
    for id in 0..40 {
        decide(&bench, &["register", &id.to_string(), "--approve"]);
    }
    bench.uzhkh().inject(Fault::new(FaultKind::Stall).at(REGISTER));
    let daemon = bench.daemon();
    wait_until("as many as may be under way", || bench.asked("HandleRequestToRegister") == 4);
    daemon.kill();
    assert_eq!(bench.lines(STATES), ["pending|40|4"]);
    bench.uzhkh().clear_faults();
    assert_eq!(bench.once().code, Some(1));
    assert_eq!(bench.lines(STATES), ["done|36|36", "unknown|4|4"]);
    assert_eq!(bench.asked("HandleRequestToRegister"), 40);
}

#[test]
fn decisions_behind_ids_that_hang_are_not_in_doubt() {
    let bench = setup()
        .uzhkh("acknowledge_concurrency = 4")
        .section("[identity]\nannounce_after = \"0s\"")
        .start();
    for n in 0..6 {
        let account = account_of(&format!("a{n}"), &[person(&format!("--{n}"))]);
        bench.uzhkh().push_request(envelope(&format!("g{n}"), "Account", &account));
    }
    bench.uzhkh().inject(Fault::new(FaultKind::Stall).at(Endpoint::SetId));
    let mut daemon = bench.daemon();
    wait_until("ids that hang", || bench.asked("SetId") == 4);
    daemon.kill();
    // Else they come after what has not been tried.
    bench.tamper("UPDATE call SET attempts = 0");
    for id in 0..10 {
        decide(&bench, &["register", &id.to_string(), "--approve"]);
    }
    daemon = bench.daemon();
    wait_until("ids that hang again", || bench.asked("SetId") == 8);
    daemon.kill();
    assert_eq!(bench.lines(STATES), ["pending|10|0"]);
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.lines(STATES), ["done|10|10"]);
    assert_eq!(bench.lines("SELECT DISTINCT state FROM call"), ["done"]);
}

#[test]
fn a_decision_that_never_left_is_sent_later() {
    let bench = begun();
    assert_eq!(approve(&bench).code, Some(0));
    // Refused at the door.
    bench.uzhkh().inject(Fault::new(FaultKind::Forbidden).at(REGISTER));
    bench.fail();
    assert_eq!(bench.one(CALL), "HandleRequestToRegister|pending|0");
    bench.uzhkh().clear_faults();
    // No connection: nobody listens there.
    let address = nowhere();
    bench.write_config(&format!("http://{address}/internal/"));
    bench.fail();
    assert_eq!(bench.one(CALL), "HandleRequestToRegister|pending|0");
    bench.write_config(&bench.base_url());
    bench.pass();
    assert_eq!(bench.one(CALL), "HandleRequestToRegister|done|1");
    assert_eq!(bench.report().register_decisions["71"][0].times, 1);
}

#[test]
fn a_running_service_sends_it() {
    let bench = setup().every_second().start();
    let daemon = bench.daemon();
    wait_until("the service", || bench.asked("Requests") >= 1);
    assert_eq!(approve(&bench).code, Some(0));
    wait_until("the decision", || bench.lines(CALL) == ["HandleRequestToRegister|done|1"]);
    daemon.stop();
    assert_eq!(bench.asked("HandleRequestToRegister"), 1);
}

#[test]
fn a_second_decision_on_the_same_request_is_refused() {
    let bench = begun();
    assert_eq!(approve(&bench).code, Some(0));
    for _ in 0..2 {
        let reject = ["decide", "register", "71", "--reject", "--cause", "x"];
        for arguments in [&reject[..], &["decide", "register", "71", "--approve"]] {
            let refused = bench.run(arguments);
            assert_eq!(refused.code, Some(1), "{}", refused.stdout);
            assert!(refused.stderr.contains("71"), "{}", refused.stderr);
        }
        bench.pass();
    }
    // The other kind of request counts its ids for itself.
    decide(&bench, &["object", "71", "--reject"]);
    assert_eq!(bench.one("SELECT count(*) FROM call"), "2");
    assert_eq!(bench.asked("HandleRequestToRegister"), 1);
}

#[test]
fn a_failed_decision_that_was_put_away_bars_no_other() {
    let bench = begun();
    bench.uzhkh().push_request(envelope("g1", "RequestToRegister", &to_register("71")));
    bench.pass();
    let settle = |call: &str, verdict: &str| {
        let settled = bench.run(&["calls", "settle", call, verdict]);
        assert_eq!(settled.code, Some(0), "{}", settled.stderr);
    };
    for call in ["1", "2"] {
        assert_eq!(approve(&bench).code, Some(0));
        bench.fault(FaultKind::ResetBefore, REGISTER, 1);
        bench.fail();
        settle(call, "--failed");
    }
    settle("1", "--done");
    assert_eq!(bench.one("SELECT open FROM decision"), "1");
    assert_eq!(approve(&bench).code, Some(0));
    bench.pass();
    assert_eq!(bench.one("SELECT state, open FROM decision"), "done|0");
    assert_eq!(approve(&bench).code, Some(1));
}

#[test]
fn flags_that_make_no_decision_are_wrong_usage() {
    let bench = begun();
    let wrong: [&[&str]; 12] = [
        &["register", "71"],
        &["register", "--approve"],
        &["register", "71", "--approve", "--reject", "--cause", "x"],
        &["register", "71", "--reject"],
        &["register", "71", "--approve", "--cause", "x"],
        &["register", "71", "--cause", "x"],
        &["register", "71", "--approve", "--account-number", "1"],
        &["object", "71"],
        &["object", "71", "--approve"],
        &["object", "71", "--reject", "--account-number", "1"],
        &["object", "71", "--reject", "--cause", "x"],
        &["person", "71", "--approve"],
    ];
    for arguments in wrong {
        let ended = process::run(&bench.config(), &[&["decide"], arguments].concat());
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
    }
    assert_eq!(bench.one("SELECT count(*) FROM call"), "0");
}

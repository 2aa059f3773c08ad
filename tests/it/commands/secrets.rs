//! Secrets and people stay out of every output, however talkative it is made.

use crate::support::process::{command, finish};
use crate::support::{TOKEN, nowhere, setup, wait_until};
use simulator::{Fault, FaultKind};

/// What entries carry here, and no output may.
const MARKERS: [&str; 6] =
    ["Тайнова", "tainova@example.invalid", "+79990001122", "s1p-pa55", "4321.98", "Секретный"];

#[track_caller]
fn clean(what: &str, text: &str) {
    for marker in MARKERS.iter().chain(&[TOKEN, "pr0xy-pa55", "hidden-link"]) {
        assert!(!text.contains(marker), "{what} says {marker}: {text}");
    }
}

/// Entries of every fate: applied, found wanting, quarantined.
fn entries() -> Vec<String> {
    let person = r#"{"Id":"--3","Surname":"Тайнова","Name":4321.98,"Patronymic":null,"Email":"tainova@example.invalid","Phone":"+79990001122"}"#;
    vec![
        format!(
            r#"{{"Guid":"g1","Account":{{"Id":"--2","AccountNumber":"1","Balance":"4321.98","Persons":[{person}]}}}}"#
        ),
        r#"{"Guid":"g2","Obj":{"Id":"--1","Address":"Секретный пер., 1","SipPassword":"s1p-pa55","SquareAll":"4321.98"}}"#.to_owned(),
        format!(r#"{{"Guid":"g3","Tank":{person}}}"#),
        format!(r#"{{"Guid":"g4","Resident":{person}, oops }}"#),
        r#""Тайнова +79990001122""#.to_owned(),
        r#"{"Guid":"g5","Resident":{"Surname":"Тайнова"}}"#.to_owned(),
    ]
}

#[test]
fn no_output_tells_a_secret_or_a_person() {
    for level in ["info", "debug", "trace"] {
        let bench = setup().every_second().start();
        for entry in entries() {
            bench.uzhkh().push_request(entry);
        }
        bench.uzhkh().push_deleted(r#"{"Guid":"d1","Id":"Тайнова","Type":"Секретный"}"#);
        for kind in [FaultKind::Error500, FaultKind::CutBody, FaultKind::Forbidden] {
            bench.uzhkh().inject(Fault::new(kind).likely(0.2).times(4));
        }
        let commands: [&[&str]; 10] = [
            &["run", "--once", "--full-resync"],
            &["run", "--once"],
            &["decide", "register", "1", "--reject", "--cause", "Секретный"],
            &["run", "--once"],
            &["check"],
            &["status"],
            &["status", "--json"],
            &["quarantine", "list"],
            &["identity", "list", "--json"],
            &["verify"],
        ];
        for arguments in commands {
            let mut command = command(&bench.config(), arguments);
            command.env("UZHKH_LEDGER_LOG", level);
            let ended = finish(command);
            clean(&format!("{arguments:?}"), &(ended.stdout + &ended.stderr));
        }
        let told = bench.lines("SELECT path || problem FROM finding UNION ALL SELECT coalesce(error, '') FROM poll UNION ALL SELECT coalesce(last_error, '') FROM envelope UNION ALL SELECT coalesce(last_error, '') FROM call");
        clean("the ledger's remarks", &told.join("\n"));
    }
}

#[test]
fn a_service_that_fails_keeps_its_secrets() {
    let nowhere = nowhere();
    let proxy = format!("[http]\nproxy = \"http://user:pr0xy-pa55@{nowhere}\"");
    let bench = setup().every_second().section(&proxy).start();
    bench.write_config(&format!("http://{nowhere}/hidden-link/"));
    let mut traced = command(&bench.config(), &["run", "--once"]);
    traced.env("UZHKH_LEDGER_LOG", "trace");
    let ended = finish(traced);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("cannot connect"), "{}", ended.stderr);
    clean("run --once", &(ended.stdout + &ended.stderr));
    let daemon = bench.daemon();
    wait_until("a failed poll", || daemon.log().contains("poll failed"));
    daemon.signal("TERM");
    let ended = daemon.end();
    clean("run", &(ended.stdout + &ended.stderr));
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1));
    clean("check", &(ended.stdout + &ended.stderr));
}

//! What cannot be undone is asked for, of people: on a terminal, and unless `--yes`.

use std::fs;
use std::process::Stdio;

use super::operator::{AT, bench, in_doubt};
use crate::support::Bench;
use crate::support::process::{command, finish};
use crate::support::terminal::typed;

/// Each command that asks, and what it asks about.
fn asking<'a>(call: &'a str, names: &'a str) -> Vec<(Vec<&'a str>, &'static str)> {
    let words = |line: &'static str| line.split(' ').collect::<Vec<_>>();
    let mut book = words("keys book --house 1 --flat 2 --phone +79000000001 --at");
    book.push(AT);
    vec![
        (words("decide register 9 --approve"), "Request 9 is approved; people are not notified."),
        (words("decide object 9 --reject --notify"), "Request 9 is rejected; people are notified."),
        (words("quarantine acknowledge 1"), "UZhKH is told to forget it"),
        (words("identity set object --7 flat-7"), "object --7 is to be flat-7."),
        (vec!["identity", "import", names], "1 id is to be named."),
        (words("alma release unit o1"), "unit o1 is held: no longer in the ledger"),
        (
            vec!["calls", "settle", call, "--failed"],
            "(HandleRequestToRegister to uzhkh) is noted as failed.",
        ),
        (book, "is booked for flat 2 at house 1."),
    ]
}

/// A file that names one of the ids.
fn names(bench: &Bench) -> String {
    let file = bench.file("names.csv");
    let text = "kind;temporary_id;permanent_id\nobject;--8;flat-8\n";
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Whatever these commands change.
const LEDGER: &str = "SELECT (SELECT count(*) FROM call), (SELECT count(*) FROM quarantine), \
    (SELECT count(*) FROM call WHERE state = 'unknown'), \
    (SELECT count(*) FROM identity WHERE permanent_id IN ('flat-7', 'flat-8')), \
    (SELECT count(*) FROM alma_object WHERE state = 'held')";

#[test]
fn without_a_yes_nothing_is_done() {
    let bench = bench();
    let before = bench.one(LEDGER);
    let (call, names) = (in_doubt(&bench).remove(0), names(&bench));
    for (arguments, question) in asking(&call, &names) {
        for answer in ["n\n", "\n", "yesterday\n", "\u{4}"] {
            let seen = typed(&bench, &arguments, answer);
            assert_eq!(seen.code, Some(1), "{arguments:?}: {}", seen.screen);
            for words in [question, "Go on? [y/N]", "uzhkh-ledger: nothing was done"] {
                assert!(seen.screen.contains(words), "{words}: {}", seen.screen);
            }
        }
        assert_eq!(bench.one(LEDGER), before, "{arguments:?}");
    }
}

#[test]
fn with_a_yes_it_is_done() {
    let bench = bench();
    let (call, names) = (in_doubt(&bench).remove(0), names(&bench));
    let mut answers = ["y\n", "YES\n", "да\n", "Д\n"].iter().cycle();
    for (arguments, question) in asking(&call, &names) {
        let before = bench.one(LEDGER);
        let seen = typed(&bench, &arguments, answers.next().unwrap());
        assert_eq!(seen.code, Some(0), "{arguments:?}: {}", seen.screen);
        assert!(seen.screen.contains(question), "{}", seen.screen);
        assert_ne!(bench.one(LEDGER), before, "{arguments:?}");
    }
}

#[test]
fn who_says_yes_beforehand_is_not_asked() {
    let bench = bench();
    let (call, names) = (in_doubt(&bench).remove(0), names(&bench));
    for (mut arguments, _) in asking(&call, &names) {
        let before = bench.one(LEDGER);
        arguments.push("--yes");
        let seen = typed(&bench, &arguments, "n\n");
        assert_eq!(seen.code, Some(0), "{arguments:?}: {}", seen.screen);
        assert!(!seen.screen.contains("Go on?"), "{}", seen.screen);
        assert_ne!(bench.one(LEDGER), before, "{arguments:?}");
    }
}

#[test]
fn where_nobody_can_answer_nobody_is_asked() {
    let bench = bench();
    let (call, names) = (in_doubt(&bench).remove(0), names(&bench));
    for (arguments, _) in asking(&call, &names) {
        let before = bench.one(LEDGER);
        let mut command = command(&bench.config(), &arguments);
        command.stdin(Stdio::null());
        let ended = finish(command);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
        assert!(!ended.stdout.contains("Go on?"), "{}", ended.stdout);
        assert_ne!(bench.one(LEDGER), before, "{arguments:?}");
    }
}

#[test]
fn what_is_refused_anyway_is_not_asked_about() {
    let bench = bench();
    for (arguments, words) in [
        (&["quarantine", "acknowledge", "99"][..], "quarantine list"),
        (&["alma", "release", "unit", "o2"], "synced, not held"),
        (&["alma", "release", "unit", "o9"], "there is no unit o9"),
        (&["calls", "settle", "99", "--done"], "calls list"),
        (&["identity", "import", "/nowhere/names.csv"], "cannot be read"),
    ] {
        let seen = typed(&bench, arguments, "y\n");
        assert_eq!(seen.code, Some(1), "{arguments:?}: {}", seen.screen);
        assert!(!seen.screen.contains("Go on?"), "{}", seen.screen);
        assert!(seen.screen.contains(words), "{words}: {}", seen.screen);
    }
}

//! `acts`: what is done on the command line has a row, in the transaction that does it; what is
//! refused, or was done before, has none.

use super::operator::{AT, bench, in_doubt};
use crate::support::entities::{counter, envelope, object, to_register};
use crate::support::{Bench, setup, wait_until};
use simulator::{FeedKind, Layout};

const ROWS: &str =
    "SELECT actor, via, verb, target, coalesce(call_seq, '-'), outcome FROM act ORDER BY seq";

/// Runs a command as anna, who has called sudo.
#[track_caller]
fn done(bench: &Bench, arguments: &[&str]) -> String {
    let mut command = bench.command(arguments);
    command.env("SUDO_USER", "anna");
    let ended = bench.spawn(command).end();
    assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    ended.stdout
}

#[track_caller]
fn refused(bench: &Bench, arguments: &[&str]) {
    let ended = bench.run(arguments);
    assert_ne!(ended.code, Some(0), "{arguments:?}: {}", ended.stdout);
}

#[test]
fn every_act_has_a_row_that_says_who_did_what() {
    let bench = bench();
    bench.uzhkh().push_request(envelope("g9", "RequestToRegister", &to_register("9")));
    bench.once();
    let call = in_doubt(&bench).remove(0);
    let newest: i64 = bench.one("SELECT max(seq) FROM call").parse().unwrap();
    let words = |line: &'static str| line.split(' ').collect::<Vec<_>>();
    let mut book = words("keys book --house 1 --flat 2 --phone +79000000001 --at");
    book.push(AT);
    for arguments in [
        words("decide register 9 --approve"),
        words("decide object 10 --reject --notify"),
        book,
        vec!["calls", "settle", &call, "--failed"],
        words("quarantine acknowledge 1"),
        words("identity set object --7 flat-7"),
        words("alma release unit o1"),
        words("alma block unit o2"),
        words("alma unblock unit o2"),
    ] {
        done(&bench, &arguments);
    }
    let at = bench.one("SELECT at FROM booking");
    assert_eq!(
        bench.lines(ROWS),
        [
            format!("anna|cli|decide|uzhkh/requesttoregister/9|{}|approved", newest + 1),
            format!("anna|cli|decide|uzhkh/requesttoobjectadding/10|{}|rejected", newest + 2),
            format!("anna|cli|book|macrocrm/ready_flat/1/flat/2|{}|{at}", newest + 3),
            format!("anna|cli|settle|{call}|{call}|failed"),
            "anna|cli|quarantine-acknowledge|uzhkh/requests/1|-|given up".to_owned(),
            "anna|cli|name|uzhkh/object/flat-7|-|named".to_owned(),
            "anna|cli|alma-release|alma/unit/o1|-|released".to_owned(),
            format!("anna|cli|alma-block|alma/unit/o2|{}|blocked", newest + 4),
            format!("anna|cli|alma-unblock|alma/unit/o2|{}|unblocked", newest + 5),
        ]
    );
    let phones = "SELECT count(*) FROM act WHERE target LIKE '%79000000001%' OR outcome LIKE '%79000000001%'";
    assert_eq!(bench.one(phones), "0");
    let shown = bench.run(&["acts"]).stdout;
    assert_eq!(shown.lines().count(), 10, "{shown}");
    assert!(shown.lines().nth(1).unwrap().contains("  anna   cli  decide"), "{shown}");
    let json: serde_json::Value =
        serde_json::from_str(&bench.run(&["acts", "--json", "--last", "2"]).stdout).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 2);
    assert_eq!(json[1]["verb"], "alma-unblock");
    assert_eq!(json[1]["call_seq"], newest + 5);
    // The log cannot be changed afterwards.
    let ledger = rusqlite::Connection::open(bench.ledger()).unwrap();
    for sql in ["DELETE FROM act", "UPDATE act SET actor = 'boris'"] {
        assert!(ledger.execute_batch(sql).is_err(), "{sql}");
    }
}

#[test]
fn what_is_refused_or_repeated_has_none() {
    let bench = bench();
    assert_eq!(bench.run(&["acts"]).stdout, "nothing has been done yet\n");
    assert_eq!(bench.run(&["acts", "--json"]).stdout, "[]\n");
    for arguments in [
        &["decide", "register", "77", "--approve"][..],
        &["calls", "settle", "99", "--done"],
        &["quarantine", "retry", "1"],
        &["quarantine", "acknowledge", "99"],
        &["identity", "set", "request", "--7", "7"],
        &["alma", "release", "unit", "o2"],
        &["alma", "retry", "unit", "o2"],
        &["alma", "block", "building", "h4"],
    ] {
        refused(&bench, arguments);
    }
    assert_eq!(bench.one("SELECT count(*) FROM act"), "0");
    done(&bench, &["identity", "set", "object", "--7", "flat-7"]);
    done(&bench, &["identity", "set", "object", "--7", "flat-7"]);
    assert_eq!(bench.one("SELECT count(*) FROM act"), "1");
}

#[test]
fn without_sudo_the_user_is_named() {
    let bench = bench();
    let mut command = bench.command(&["alma", "release", "unit", "o1"]);
    command.env_remove("SUDO_USER");
    assert_eq!(bench.spawn(command).end().code, Some(0));
    let uid = rustix::process::geteuid().as_raw();
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap();
    let name = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid.to_string()).then(|| name.to_owned())
    });
    assert_eq!(bench.one("SELECT actor FROM act"), name.unwrap_or_else(|| uid.to_string()));
}

#[test]
fn an_import_is_one_act_however_long_it_is() {
    let bench = setup().section("[identity]\nassign = \"external\"").start();
    bench.pass();
    let mut text = "kind,temporary_id,permanent_id\n".to_owned();
    for n in 0..1500 {
        text += &format!("counter,--{n},m{n}\n");
    }
    text += "request,--1,1\n";
    let file = bench.file("names.csv");
    std::fs::write(&file, text).unwrap();
    let import = ["identity", "import", file.to_str().unwrap()];
    let ended = bench.run(&import);
    assert_eq!(ended.code, Some(1), "one was refused");
    let rows = "SELECT verb, target, outcome FROM act";
    assert_eq!(bench.lines(rows), ["name|uzhkh|named 1500, refused 1"]);
    // All of it again names nothing.
    bench.run(&import);
    assert_eq!(bench.lines(rows).len(), 1);
}

#[test]
fn what_the_service_is_asked_for_is_an_act_too() {
    let bench = setup()
        .every_second()
        .feed("flats", FeedKind::Premises, Layout::array(), &["schedule = \"0 0 0 1 1 *\""])
        .start();
    let daemon = bench.daemon();
    wait_until("the service", || bench.asked("DeletedItems") >= 1 && bench.asked("Feed") >= 1);
    done(&bench, &["run", "--full-resync", "--accept-shrink", "flats"]);
    let rows = "SELECT via, verb, target, outcome FROM act ORDER BY seq";
    let both = ["cli|resync|uzhkh|asked", "cli|accept-shrink|domoplaner/flats|accepted"];
    assert_eq!(bench.lines(rows), both);
    daemon.stop();
    // The same at a start of its own.
    done(&bench, &["run", "--once", "--accept-shrink", "domoplaner/flats"]);
    assert_eq!(bench.lines(rows).len(), 3);
    assert_eq!(bench.lines(rows)[2], both[1]);
}

#[test]
fn a_poller_that_is_asked_for_runs_at_once_and_once() {
    let never = "schedule = \"0 0 0 1 1 *\"";
    let bench = setup()
        .uzhkh("requests_schedule = \"0 0 0 1 1 *\"")
        .uzhkh("deleted_schedule = \"* * * * * *\"")
        .feed("flats", FeedKind::Premises, Layout::array(), &[never])
        .feed("deals", FeedKind::Deals, Layout::array(), &[never])
        .start();
    // Asked for while it did not run: everything is polled at a start.
    let ask = |source: &str, feed: &str| {
        bench.tamper(&format!(
            "INSERT INTO poll_wanted (source, feed, asked_at) VALUES ('{source}', '{feed}', \
             '2024-05-01T08:00:00.000Z')"
        ));
    };
    bench.pass();
    ask("domoplaner", "flats");
    let feeds = bench.asked("Feed");
    let daemon = bench.daemon();
    wait_until("the start", || bench.asked("Feed") == feeds + 2 && bench.asked("DeletedItems") > 1);
    let requests = bench.asked("Requests");
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("o1")));
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("c1")));
    ask("uzhkh", "Requests");
    ask("domoplaner", "deals");
    ask("domoplaner", "gone");
    wait_until("both are polled", || {
        bench.one("SELECT count(*) FROM record") == "2" && bench.asked("Feed") == feeds + 3
    });
    wait_until("no more is wanted", || bench.one("SELECT count(*) FROM poll_wanted") == "0");
    let polls = bench.asked("DeletedItems");
    wait_until("some time", || bench.asked("DeletedItems") >= polls + 3);
    assert_eq!(bench.asked("Feed"), feeds + 3);
    assert!(bench.asked("Requests") > requests);
    daemon.stop();
}

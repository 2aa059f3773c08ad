//! `restore`: a backup takes the place of the ledger, and doubts what it remembers.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use simulator::AlmaKind;

use super::{file, is_sound, names};
use crate::support::entities::{account_of, counter, envelope, object, person};
use crate::support::{Bench, lines, setup, wait_until};

/// A bench whose ledger has gone on since a backup of it was made.
pub(super) fn gone_on() -> (Bench, String) {
    let bench = setup().start();
    bench.uzhkh().generate(60);
    bench.pass();
    let backup = file(&bench, "copy.db");
    let made = bench.run(&["backup", &backup]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    bench.uzhkh().generate(60);
    bench.uzhkh().push_request(envelope("since", "Obj", &object("--7777")));
    bench.pass();
    (bench, backup)
}

#[track_caller]
pub(super) fn restored(bench: &Bench, backup: &str) -> PathBuf {
    let ended = bench.run(&["restore", backup, "--yes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let aside = aside(bench);
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert!(ended.stdout.contains(aside[0].to_str().unwrap()), "{}", ended.stdout);
    aside[0].clone()
}

/// The ledgers that were replaced.
pub(super) fn aside(bench: &Bench) -> Vec<PathBuf> {
    let names = names(bench.dir.path()).into_iter();
    let replaced = names.filter(|name| name.starts_with("ledger.db.replaced-"));
    replaced.map(|name| bench.dir.path().join(name)).collect()
}

/// Refused, with these words and this code; the ledger is as it was.
#[track_caller]
fn refused(bench: &Bench, arguments: &[&str], code: i32, words: &str) {
    let before = fs::read(bench.ledger()).unwrap();
    let ended = bench.run(&[&["restore"], arguments].concat());
    assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
    assert!(ended.stderr.contains(words), "{arguments:?}: {}", ended.stderr);
    assert!(fs::read(bench.ledger()).unwrap() == before, "{arguments:?} changed the ledger");
    assert!(aside(bench).is_empty());
    assert!(!names(bench.dir.path()).iter().any(|name| name.contains("partial")));
}

pub(super) const RECORDS: &str =
    "SELECT source, kind, id, body FROM record ORDER BY source, kind, id";

#[test]
fn the_backup_takes_the_place_and_the_ledger_is_kept() {
    let (bench, backup) = gone_on();
    let present = bench.lines(RECORDS);
    let newest: i64 = bench.one("SELECT max(seq) FROM change").parse().unwrap();
    let aside = restored(&bench, &backup);
    assert_eq!(bench.lines(RECORDS), lines(Path::new(&backup), RECORDS));
    assert_eq!(lines(&aside, RECORDS), present);
    is_sound(&bench, aside.to_str().unwrap());
    is_sound(&bench, bench.ledger().to_str().unwrap());
    // It says what has happened, and goes on from there.
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("ledger restore"), "{status}");
    bench.uzhkh().generate(30);
    bench.pass();
    is_sound(&bench, bench.ledger().to_str().unwrap());
    assert_eq!(bench.one("SELECT count(*) FROM resync WHERE state = 'done'"), "6");
    // No number is given a second time.
    let new = "SELECT min(seq) FROM change WHERE at > \
         (SELECT started_at FROM poll WHERE source = 'ledger' AND feed = 'restore')";
    let oldest_new: i64 = bench.one(new).parse().unwrap();
    assert!(oldest_new > newest, "{oldest_new} {newest}");
}

/// The numbers that are listed after a cursor; what is said, where it is refused.
fn followed(bench: &Bench, after: i64) -> Result<Vec<i64>, String> {
    let ended = bench.run(&["changes", "--after", &after.to_string()]);
    if ended.code != Some(0) {
        return Err(ended.stderr);
    }
    let seq = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["seq"].as_i64();
    Ok(ended.stdout.lines().filter_map(seq).collect())
}

#[test]
fn a_follower_that_has_seen_what_is_undone_is_told_to_begin_anew() {
    let bench = setup().start();
    let push = |id: &str| {
        bench.uzhkh().push_request(envelope(id, "Obj", &object(id)));
        bench.pass();
    };
    push("o1");
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    push("o2");
    push("o3");
    restored(&bench, &backup);
    let named = |error: String| {
        assert!(error.contains("was undone"), "{error}");
        let number = error.trim_end().rsplit_once("after ").unwrap().1;
        number.parse::<i64>().unwrap()
    };
    let go_on = named(followed(&bench, 2).unwrap_err());
    assert_eq!(named(followed(&bench, 3).unwrap_err()), go_on);
    // Who has seen no more than the backup, or begins where it was told to, goes on.
    assert!(followed(&bench, 1).unwrap().is_empty());
    assert!(followed(&bench, go_on).unwrap().is_empty());
    push("o4");
    named(followed(&bench, 2).unwrap_err());
    named(followed(&bench, 3).unwrap_err());
    let new = followed(&bench, go_on).unwrap();
    assert_eq!(new, [go_on + 1]);
    assert_eq!(followed(&bench, 1).unwrap(), new);
    assert_eq!(followed(&bench, 0).unwrap(), [1, go_on + 1]);
}

#[test]
fn permanent_ids_given_since_are_taken_over() {
    let (bench, backup) = gone_on();
    let ids =
        "SELECT kind, temporary_id, permanent_id, state FROM identity ORDER BY kind, temporary_id";
    let before = bench.lines(ids);
    let since = bench.permanent("object", "--7777");
    assert!(
        lines(Path::new(&backup), "SELECT 1 FROM identity WHERE temporary_id = '--7777'")
            .is_empty()
    );
    restored(&bench, &backup);
    assert_eq!(bench.permanent("object", "--7777"), since);
    assert_eq!(bench.lines(ids), before);
}

#[test]
fn a_ledger_that_has_forgotten_the_last_change_of_the_backup_is_known_by_its_records() {
    let (bench, backup) = gone_on();
    let since = bench.permanent("object", "--7777");
    let last = lines(Path::new(&backup), "SELECT max(seq) FROM change").remove(0);
    bench.tamper(&format!("DELETE FROM change WHERE seq <= {last} + 3"));
    let aside = restored(&bench, &backup);
    assert_eq!(bench.permanent("object", "--7777"), since);
    fs::remove_file(aside).unwrap();
    // Another ledger is not.
    bench.tamper(&format!("DELETE FROM change WHERE seq <= {last}"));
    bench.tamper("UPDATE record SET first_seen_at = '2020-01-01T00:00:00.000Z'");
    bench.tamper(
        "INSERT INTO identity (kind, temporary_id, permanent_id, state, reserved_at) \
         VALUES ('object', '--8888', 'foreign', 'reserved', '2020-01-01T00:00:00.000Z'); \
         INSERT INTO change (seq, at, source, kind, id, op) VALUES (5000000000, '2020', 'x', 'x', 'x', 'insert')",
    );
    restored(&bench, &backup);
    assert!(bench.lines("SELECT 1 FROM identity WHERE temporary_id = '--8888'").is_empty());
}

#[test]
fn an_id_that_was_set_by_hand_and_told_since_is_taken_over() {
    let bench = setup().start();
    let counter = counter("c1").replace(r#""o1""#, r#""--7""#);
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter));
    bench.pass();
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    let set = bench.run(&["identity", "set", "object", "--7", "by-hand"]);
    assert_eq!(set.code, Some(0), "{}", set.stderr);
    bench.uzhkh().push_request(envelope("g2", "Obj", &object("--7")));
    bench.pass();
    assert_eq!(bench.uzhkh().current_id("object", "--7"), "by-hand");
    restored(&bench, &backup);
    let identity = "SELECT permanent_id, state FROM identity";
    assert_eq!(bench.lines(identity), ["by-hand|announced"]);
    assert_eq!(bench.lines("SELECT flat_id FROM counter"), ["by-hand"]);
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

#[test]
fn what_came_since_comes_back_with_the_full_lists() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("o1")));
    bench.pass();
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    bench.uzhkh().push_request(envelope("g2", "Obj", &object("o2")));
    bench.uzhkh().set_download("Flats", vec![object("o1"), object("o2")]);
    bench.pass();
    restored(&bench, &backup);
    let live = "SELECT id FROM object WHERE id IN ('o1', 'o2') ORDER BY id";
    assert_eq!(bench.lines(live), ["o1"]);
    let daemon = bench.daemon();
    wait_until("the lists", || bench.lines(live) == ["o1", "o2"]);
    daemon.stop();
}

#[test]
fn calls_that_may_have_been_sent_since_are_left_to_a_person() {
    let bench = setup().start();
    bench.pass();
    let decided = bench.run(&["decide", "object", "r1", "--reject"]);
    assert_eq!(decided.code, Some(0), "{}", decided.stderr);
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    bench.once();
    let asked = bench.asked("HandleRequestToObjectAdding");
    assert_eq!(asked, 1);
    // What came of it is not known here.
    for name in ["ledger.db", "ledger.db.lock"] {
        fs::remove_file(file(&bench, name)).unwrap();
    }
    let ended = bench.run(&["restore", &backup, "--yes"]);
    assert!(ended.stdout.contains("1 calls may have been sent"), "{}", ended.stdout);
    let call = bench.one("SELECT state, last_error FROM call");
    assert!(call.starts_with("unknown|the ledger was restored"), "{call}");
    bench.once();
    assert_eq!(bench.asked("HandleRequestToObjectAdding"), asked);
}

#[test]
fn alma_is_looked_at_before_anything_is_sent() {
    let bench = setup().alma("").start();
    for id in ["o1", "o2"] {
        let flat = object(id).replace(r#""FlatNumber":"12""#, &format!(r#""FlatNumber":"{id}""#));
        bench.uzhkh().push_request(envelope(id, "Obj", &flat));
    }
    bench.pass();
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    let known =
        "SELECT kind, external_id, alma_id, sent FROM alma_object ORDER BY kind, external_id";
    let before = bench.lines(known);
    restored(&bench, &backup);
    let doubted = "SELECT DISTINCT state, sent FROM alma_object";
    assert_eq!(bench.lines(doubted), ["pending|NULL"]);
    bench.pass();
    assert_eq!(bench.lines(known), before, "nothing was made a second time");
}

#[test]
fn what_was_blocked_then_is_looked_at_before_it_counts_as_sent() {
    let bench = setup().alma("").start();
    let came = |guid: &str, member: &str, entity: &str| {
        bench.uzhkh().push_request(envelope(guid, member, entity));
        bench.pass();
    };
    let phone = |number: &str| person("r1").replace("+70000000001", number);
    let rents = |person: String| account_of("a1", &[person]);
    came("g1", "Obj", &object("o1"));
    came("g2", "Account", &rents(phone("+70000000001")));
    came("g3", "Account", &rents(phone("")));
    let state = "SELECT state FROM alma_object WHERE kind = 'client'";
    assert_eq!(bench.one(state), "blocked");
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    came("g4", "Account", &rents(phone("+70000000002")));
    let has = || bench.alma().object(AlmaKind::Client, "r1").unwrap().fields["phone"].clone();
    assert_eq!(has(), "\"+70000000002\"");
    restored(&bench, &backup);
    came("g5", "Account", &rents(phone("+70000000001")));
    assert_eq!(bench.one(state), "synced");
    assert_eq!(has(), "\"+70000000001\"");
}

#[test]
fn a_running_daemon_keeps_its_ledger() {
    let (bench, backup) = gone_on();
    let daemon = bench.daemon();
    wait_until("the daemon", || daemon.log().contains("running"));
    let ended = bench.run(&["restore", &backup, "--yes"]);
    assert_eq!(ended.code, Some(1));
    let owner = format!("(process {})", daemon.id());
    assert!(ended.stderr.contains(&owner), "{}", ended.stderr);
    assert!(aside(&bench).is_empty());
    daemon.stop();
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

#[test]
fn nobody_to_ask_and_no_yes_is_wrong_usage() {
    let (bench, backup) = gone_on();
    refused(&bench, &[&backup], 2, "add --yes");
    let ended = bench.run(&["restore", &backup]);
    assert!(ended.stdout.contains("changes that came since"), "{}", ended.stdout);
}

#[test]
fn what_is_no_backup_is_refused() {
    let (bench, backup) = gone_on();
    refused(&bench, &[&file(&bench, "none.db"), "--yes"], 1, "is not there");
    let ledger = file(&bench, "ledger.db");
    refused(&bench, &[&ledger, "--yes"], 1, "is the ledger itself");
    let other = file(&bench, "other");
    fs::write(&other, "soup: water, salt\n".repeat(100)).unwrap();
    refused(&bench, &[&other, "--yes"], 1, "is not a backup of a ledger");
    fs::remove_file(&other).unwrap();
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE recipe (name)").unwrap();
    refused(&bench, &[&other, "--yes"], 1, "is not a backup of a ledger");
    let newer = file(&bench, "newer.db");
    fs::copy(&backup, &newer).unwrap();
    Connection::open(&newer).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    refused(&bench, &[&newer, "--yes"], 1, "version 99");
    let torn = file(&bench, "torn.db");
    let mut bytes = fs::read(&backup).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xA5);
    fs::write(&torn, bytes).unwrap();
    refused(&bench, &[&torn, "--yes"], 1, "torn.db is");
    let changed = file(&bench, "changed.db");
    fs::copy(&backup, &changed).unwrap();
    Connection::open(&changed)
        .unwrap()
        .execute_batch("UPDATE record SET hash = 'x' WHERE rowid = 1")
        .unwrap();
    refused(&bench, &[&changed, "--yes"], 1, "breaks a promise");
}

#[test]
fn a_host_without_a_ledger_gets_one() {
    let (bench, backup) = gone_on();
    let kept = lines(Path::new(&backup), "SELECT max(seq) FROM change");
    for name in ["ledger.db", "ledger.db.lock"] {
        fs::remove_file(file(&bench, name)).unwrap();
    }
    let ended = bench.run(&["restore", &backup, "--yes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(aside(&bench).is_empty());
    bench.uzhkh().push_request(envelope("new", "Obj", &object("o9")));
    bench.pass();
    // How far numbers were given there is not known here.
    let seq: i64 = bench.one("SELECT max(seq) FROM change").parse().unwrap();
    assert!(seq > 1_000_000_000, "{seq}");
    assert_eq!(
        bench.lines(&format!("SELECT max(seq) FROM change WHERE seq < {}", 1_000_000_000)),
        kept
    );
}

#[test]
fn what_was_leaving_alma_is_asked_for_once_more() {
    let bench = setup().alma("").start();
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("o1")));
    bench.pass();
    bench.uzhkh().push_deletion("object", "o1");
    bench.pass();
    let state = "SELECT state FROM alma_object WHERE kind = 'unit'";
    assert_eq!(bench.one(state), "held");
    assert_eq!(bench.run(&["alma", "release", "unit", "o1"]).code, Some(0));
    assert_eq!(bench.one(state), "pending");
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    restored(&bench, &backup);
    let is_archived = || {
        let units = bench.alma().objects(AlmaKind::Unit);
        units.iter().any(|unit| unit.is_archived)
    };
    bench.pass();
    assert_eq!(bench.one(state), "held");
    assert!(!is_archived());
    let plan = bench.run(&["alma", "plan"]).stdout;
    assert!(plan.contains("alma release unit o1"), "{plan}");
    assert_eq!(bench.run(&["alma", "release", "unit", "o1"]).code, Some(0));
    bench.pass();
    assert!(is_archived());
}

#[test]
fn what_another_ledger_knows_is_not_taken_over() {
    let bench = setup().start();
    bench.pass();
    let backup = file(&bench, "empty.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    // Another ledger at the same place: an empty one is no past of it.
    for name in ["ledger.db", "ledger.db.lock"] {
        fs::remove_file(file(&bench, name)).unwrap();
    }
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("--7777")));
    bench.pass();
    let decided = bench.run(&["decide", "object", "r1", "--reject"]);
    assert_eq!(decided.code, Some(0), "{}", decided.stderr);
    bench.once();
    let ended = bench.run(&["restore", &backup, "--yes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("bookings since the backup are not known here"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains("taken over"), "{}", ended.stdout);
    for table in ["identity", "call", "act"] {
        assert_eq!(bench.one(&format!("SELECT count(*) FROM {table}")), "0", "{table}");
    }
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

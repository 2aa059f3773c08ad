//! The file: who may have it, which files are ours, and that others are not touched.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use crate::support::{Bench, process, setup, wait_until};
use rusqlite::Connection;

/// What stands in the directory, but for the lock.
fn files(bench: &Bench) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(bench.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".lock"))
        .collect();
    names.sort();
    names
}

/// No command takes this file for a ledger, and none changes it.
#[track_caller]
fn refused_and_left_alone(bench: &Bench, words: &str) {
    let before = fs::read(bench.ledger()).unwrap();
    let commands: [&[&str]; 7] = [
        &["run", "--once"],
        &["run"],
        &["status"],
        &["verify"],
        &["identity", "set", "object", "--7", "x"],
        &["decide", "object", "1", "--reject"],
        &["quarantine", "acknowledge", "1"],
    ];
    for arguments in commands {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}: {}", ended.stderr);
        let told = &ended.stderr;
        assert!(told.contains(words), "{arguments:?}: {told}");
        let after = fs::read(bench.ledger()).unwrap();
        assert!(before == after, "{arguments:?} changed the file");
        assert_eq!(files(bench), ["config.toml", "ledger.db"], "{arguments:?}");
    }
    assert!(bench.report().requests.is_empty());
}

fn database(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_new_ledger_is_not_for_everybody() {
    let bench = setup().start();
    bench.pass();
    let mode = fs::metadata(bench.ledger()).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    assert_eq!(bench.one("PRAGMA application_id"), "1970957415");
    assert_eq!(bench.one("PRAGMA user_version"), "5");
    assert_eq!(bench.one("PRAGMA journal_mode"), "wal");
}

#[test]
fn a_directory_that_is_missing_is_said_to_be_missing() {
    let bench = setup().start();
    let text = fs::read_to_string(bench.config()).unwrap();
    fs::write(bench.config(), text.replace("ledger.db", "none/ledger.db")).unwrap();
    let ended = bench.once();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("does not exist"), "{}", ended.stderr);
    assert!(!bench.dir.path().join("none").exists());
}

#[test]
fn a_second_daemon_stops_at_once_and_names_the_first() {
    let bench = setup().start();
    let daemon = bench.daemon();
    wait_until("the first daemon", || bench.asked("DeletedItems") >= 1);
    for arguments in [&["run"][..], &["run", "--once"]] {
        let second = bench.run(arguments);
        assert_eq!(second.code, Some(1));
        assert!(second.took < Duration::from_secs(15), "{:?}", second.took);
        let id = daemon.id().to_string();
        assert!(second.stderr.contains(&id), "{}", second.stderr);
    }
    daemon.stop();
    bench.pass();
}

#[test]
fn a_killed_daemon_leaves_no_lock() {
    let bench = setup().start();
    let daemon = bench.daemon();
    wait_until("the daemon", || bench.asked("DeletedItems") >= 1);
    daemon.kill();
    bench.pass();
}

#[test]
fn a_newer_ledger_is_refused() {
    let bench = setup().start();
    database(
        &bench.ledger(),
        "PRAGMA application_id = 1970957415; PRAGMA user_version = 6; CREATE TABLE envelope (x)",
    );
    refused_and_left_alone(&bench, "version 6");
}

#[test]
fn a_ledger_from_before_the_first_release_is_refused() {
    for version in 1..=4 {
        let bench = setup().start();
        database(
            &bench.ledger(),
            &format!(
                "PRAGMA application_id = 1970957415; PRAGMA user_version = {version}; CREATE TABLE envelope (x)"
            ),
        );
        refused_and_left_alone(&bench, &format!("version {version}, which was never released"));
        let status = bench.run(&["status"]);
        assert_eq!(status.code, Some(1));
        assert!(status.stderr.contains("start a new ledger"), "{}", status.stderr);
    }
}

#[test]
fn somebody_elses_database_is_refused() {
    let bench = setup().start();
    database(&bench.ledger(), "CREATE TABLE recipe (name); INSERT INTO recipe VALUES ('soup')");
    refused_and_left_alone(&bench, "not a ledger");
}

#[test]
fn somebody_elses_empty_but_marked_database_is_refused() {
    let bench = setup().start();
    database(&bench.ledger(), "PRAGMA application_id = 7; PRAGMA user_version = 4");
    refused_and_left_alone(&bench, "not a ledger");
}

#[test]
fn a_text_file_is_refused() {
    let bench = setup().start();
    fs::write(bench.ledger(), "soup: water, salt\n".repeat(100)).unwrap();
    refused_and_left_alone(&bench, "is not a ledger");
}

#[test]
fn an_empty_file_becomes_a_ledger() {
    let bench = setup().start();
    fs::write(bench.ledger(), "").unwrap();
    bench.pass();
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}

#[test]
fn a_ledger_that_was_emptied_is_not_begun_anew() {
    let bench = setup().start();
    bench.pass();
    let before = files(&bench);
    fs::write(bench.ledger(), "").unwrap();
    let asked = bench.report().requests;
    for arguments in [&["run", "--once"][..], &["run"], &["run", "--full-resync"]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}: {}", ended.stderr);
        let expected = format!("the ledger {} has been emptied", bench.ledger().display());
        assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
        assert_eq!(fs::metadata(bench.ledger()).unwrap().len(), 0);
        assert_eq!(files(&bench), before, "{arguments:?}");
    }
    assert_eq!(bench.report().requests, asked);
    // As the message says: both files away, and it begins anew.
    fs::remove_file(bench.ledger()).unwrap();
    fs::remove_file(bench.dir.path().join("ledger.db.lock")).unwrap();
    bench.pass();
}

#[test]
fn a_link_to_a_ledger_leads_to_its_owner() {
    let bench = setup().start();
    let daemon = bench.daemon();
    wait_until("the daemon", || bench.asked("DeletedItems") >= 1);
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.db");
    std::os::unix::fs::symlink(bench.ledger(), &link).unwrap();
    let text = fs::read_to_string(bench.config()).unwrap();
    let text = text.replace(bench.ledger().to_str().unwrap(), link.to_str().unwrap());
    let config = elsewhere.path().join("config.toml");
    fs::write(&config, text).unwrap();
    for arguments in [&["run"][..], &["run", "--once"]] {
        let second = process::run(&config, arguments);
        assert_eq!(second.code, Some(1), "{arguments:?}: {}", second.stderr);
        let expected = format!("belongs to another running uzhkh-ledger (process {}", daemon.id());
        assert!(second.stderr.contains(&expected), "{}", second.stderr);
    }
    daemon.stop();
    // Nobody has it now, and the link is as good as the name.
    let after = process::run(&config, &["run", "--once"]);
    assert_eq!(after.code, Some(0), "{}", after.stderr);
}

#[test]
fn a_directory_is_no_ledger() {
    let bench = setup().start();
    fs::create_dir(bench.ledger()).unwrap();
    for arguments in [&["run", "--once"][..], &["run"], &["status"], &["verify"]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("is not a ledger"), "{arguments:?}: {}", ended.stderr);
        assert_eq!(files(&bench), ["config.toml", "ledger.db"]);
    }
    assert!(bench.report().requests.is_empty());
}

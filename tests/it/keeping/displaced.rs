//! The ledger's files are removed, replaced or put back by hand, under the service and while
//! it is stopped: nothing is acknowledged or sent that the operator's file does not hold.

use std::fs;
use std::io::Write;
use std::process::Command;

use super::{file, is_sound, names};
use crate::support::entities::{envelope, object};
use crate::support::{Bench, Daemon, process, setup, skip, wait_until};

/// Entries that came before, so that a backup has something.
const BEFORE: usize = 3;
const OBJECTS: &str = "SELECT count(*) FROM object";

fn push(bench: &Bench, name: &str, count: usize) {
    for number in 0..count {
        let id = format!("{name}-{number}");
        bench.uzhkh().push_request(envelope(&id, "Obj", &object(&id)));
    }
}

/// A service that has acknowledged some, and a backup of its ledger.
fn running() -> (Bench, Daemon, String) {
    let bench = setup().every_second().start();
    push(&bench, "before", BEFORE);
    let daemon = bench.daemon();
    wait_until("all is acknowledged", || {
        bench.acknowledged().len() == BEFORE && bench.uzhkh().queue_len() == 0
    });
    let backup = file(&bench, "copy.db");
    let made = bench.run(&["backup", &backup]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    (bench, daemon, backup)
}

/// The service ends with these words, and has acknowledged nothing of what came since.
#[track_caller]
fn ends(bench: &Bench, daemon: Daemon, words: &str) {
    let ended = daemon.end();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    for words in [words, "nothing more is acknowledged or sent", "uzhkh-ledger restore FILE"] {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    assert_eq!(bench.acknowledged().len(), BEFORE);
}

/// No run begins, and this is why.
#[track_caller]
fn is_refused(bench: &Bench, words: &str) {
    let asked = bench.report().requests;
    for arguments in [&["run"][..], &["run", "--once"], &["decide", "object", "1", "--reject"]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}: {}", ended.stdout);
        assert!(ended.stderr.contains(words), "{arguments:?}: {}", ended.stderr);
    }
    assert_eq!(bench.report().requests, asked);
}

#[track_caller]
fn taken_in_place(bench: &Bench) {
    let ended = bench.run(&["restore", "--in-place", "--yes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    is_sound(bench, bench.ledger().to_str().unwrap());
}

#[test]
fn another_file_moved_over_the_ledger_ends_the_service_and_is_not_taken_for_it() {
    let (bench, daemon, backup) = running();
    fs::rename(&backup, bench.ledger()).unwrap();
    push(&bench, "since", 3);
    ends(&bench, daemon, "was replaced while it ran");
    is_refused(&bench, "is another file than the service had last");
    taken_in_place(&bench);
    bench.pass();
    assert_eq!(bench.one(OBJECTS), (BEFORE + 3).to_string());
    bench.verified();
}

/// As `cp` does, and `rsync --inplace`: the file is the same, and not shorter.
#[test]
fn a_ledger_that_was_written_over_ends_the_service() {
    let (bench, daemon, backup) = running();
    let length = fs::metadata(bench.ledger()).unwrap().len();
    let mut backup = fs::read(&backup).unwrap();
    backup.resize(backup.len().max(usize::try_from(length).unwrap()), 0);
    fs::OpenOptions::new().write(true).open(bench.ledger()).unwrap().write_all(&backup).unwrap();
    push(&bench, "since", 3);
    ends(&bench, daemon, "was cut short or overwritten while it ran");
    assert!(fs::read(bench.ledger()).unwrap() == backup, "the file was written to");
    is_refused(&bench, "was written for another file than");
    taken_in_place(&bench);
    bench.pass();
    assert_eq!(bench.one(OBJECTS), (BEFORE + 3).to_string());
    bench.verified();
}

#[test]
fn a_ledger_that_was_removed_ends_the_service_and_is_not_begun_anew() {
    let (bench, daemon, backup) = running();
    fs::remove_file(bench.ledger()).unwrap();
    push(&bench, "since", 3);
    ends(&bench, daemon, "was removed while it ran");
    let ended = bench.once();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("has been removed"), "{}", ended.stderr);
    assert!(!bench.ledger().exists());
    let restored = bench.run(&["restore", &backup, "--yes"]);
    assert_eq!(restored.code, Some(0), "{}", restored.stderr);
    bench.pass();
    assert_eq!(bench.one(OBJECTS), (BEFORE + 3).to_string());
}

#[test]
fn a_log_that_was_removed_ends_the_service_and_what_was_committed_is_saved() {
    let (bench, daemon, _) = running();
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        fs::remove_file(file(&bench, name)).unwrap();
    }
    push(&bench, "since", 49);
    ends(&bench, daemon, "was removed while it ran");
    bench.verified();
    bench.pass();
    assert_eq!(bench.one(OBJECTS), (BEFORE + 49).to_string());
    bench.verified();
}

#[test]
fn a_log_that_is_missing_after_a_crash_is_noticed() {
    let (bench, daemon, _) = running();
    daemon.kill();
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        fs::remove_file(file(&bench, name)).unwrap();
    }
    let verified = bench.run(&["verify"]);
    assert_eq!(verified.code, Some(1), "{}", verified.stdout);
    assert!(verified.stdout.contains("has all that the service committed"), "{}", verified.stdout);
    is_refused(&bench, "is older than the service had it");
    taken_in_place(&bench);
    bench.pass();
    bench.verified();
}

#[test]
fn the_log_of_another_file_is_not_read_into_the_one_that_was_put_there() {
    for is_moved in [false, true] {
        let (bench, daemon, backup) = running();
        daemon.kill();
        let whole = fs::read(&backup).unwrap();
        match is_moved {
            true => fs::rename(&backup, bench.ledger()).unwrap(),
            false => drop(fs::copy(&backup, bench.ledger()).unwrap()),
        }
        is_refused(&bench, "was written for another file than");
        assert!(fs::read(bench.ledger()).unwrap() == whole, "the file was written to");
        taken_in_place(&bench);
        let kept = names(bench.dir.path()).into_iter().filter(|name| name.contains(".replaced-"));
        assert_eq!(kept.filter(|name| name.ends_with("-wal")).count(), 1);
        push(&bench, "since", 3);
        bench.pass();
        assert_eq!(bench.one(OBJECTS), (BEFORE + 3).to_string());
        bench.verified();
    }
}

#[test]
fn a_decision_is_not_sent_again_by_a_backup_that_was_moved_into_place() {
    let bench = setup().start();
    bench.pass();
    let decided = bench.run(&["decide", "object", "r1", "--reject"]);
    assert_eq!(decided.code, Some(0), "{}", decided.stderr);
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    bench.once();
    assert_eq!(bench.asked("HandleRequestToObjectAdding"), 1);
    let last = bench.one("SELECT seq FROM sqlite_sequence WHERE name = 'call'");
    fs::rename(&backup, bench.ledger()).unwrap();
    is_refused(&bench, "is another file than the service had last");
    taken_in_place(&bench);
    assert_eq!(bench.one("SELECT state FROM call"), "unknown");
    let next = bench.one("SELECT seq FROM sqlite_sequence WHERE name = 'call'");
    assert!(next.parse::<i64>().unwrap() > last.parse().unwrap());
    bench.once();
    assert_eq!(bench.asked("HandleRequestToObjectAdding"), 1);
}

#[test]
fn a_file_mounted_over_the_ledger_ends_the_service() {
    let (bench, daemon, backup) = running();
    let mount = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).status().is_ok_and(|status| status.success())
    };
    let ledger = bench.ledger();
    if !mount("mount", &["--bind", &backup, ledger.to_str().unwrap()]) {
        skip("nothing can be mounted here");
        return;
    }
    push(&bench, "since", 3);
    let ended = daemon.end();
    assert!(mount("umount", &[ledger.to_str().unwrap()]));
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("was replaced while it ran"), "{}", ended.stderr);
    assert_eq!(bench.acknowledged().len(), BEFORE);
    // It was there all the time.
    bench.pass();
    assert_eq!(bench.one(OBJECTS), (BEFORE + 3).to_string());
}

#[test]
fn a_backup_is_not_written_over_a_file_that_belongs_to_the_ledger() {
    let (bench, daemon, _) = running();
    let of_the_ledger =
        ["", "-wal", "-shm", "-journal", ".lock"].map(|end| format!("ledger.db{end}"));
    let of_the_index = ["", "-wal", "-shm", "-journal"].map(|end| format!("ledger-search.db{end}"));
    for name in of_the_ledger.iter().chain(&of_the_index) {
        let target = file(&bench, name);
        let ended = bench.run(&["backup", &target, "--overwrite"]);
        assert_eq!(ended.code, Some(1), "{target}");
        assert!(ended.stderr.contains("or a file that belongs to it"), "{}", ended.stderr);
    }
    push(&bench, "since", 3);
    wait_until("all is acknowledged", || bench.acknowledged().len() == BEFORE + 3);
    daemon.stop();
    bench.verified();
}

#[test]
fn a_lost_lock_file_and_a_hard_link_let_nobody_else_in() {
    let (bench, daemon, backup) = running();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.db");
    fs::hard_link(bench.ledger(), &link).unwrap();
    let text = fs::read_to_string(bench.config()).unwrap();
    let text = text.replace(bench.ledger().to_str().unwrap(), link.to_str().unwrap());
    let config = elsewhere.path().join("config.toml");
    fs::write(&config, text).unwrap();
    let words = "belongs to another running uzhkh-ledger";
    for arguments in [&["run", "--once"][..], &["restore", &backup, "--yes"]] {
        let second = process::run(&config, arguments);
        assert_eq!(second.code, Some(1), "{arguments:?}: {}", second.stdout);
        assert!(second.stderr.contains(words), "{arguments:?}: {}", second.stderr);
    }
    fs::remove_file(file(&bench, "ledger.db.lock")).unwrap();
    let second = bench.once();
    assert_eq!(second.code, Some(1), "{}", second.stdout);
    assert!(second.stderr.contains(words), "{}", second.stderr);
    let owner = format!("process {}", daemon.id());
    // It is written with a commit, and polls that bring nothing have one a minute.
    push(&bench, "after", 1);
    wait_until("the lock file is there again", || {
        fs::read_to_string(file(&bench, "ledger.db.lock")).is_ok_and(|text| text.contains(&owner))
    });
    daemon.stop();
    bench.pass();
}

#[test]
fn the_log_of_another_file_laid_beside_the_ledger_ends_the_service() {
    let (bench, daemon, _) = running();
    let (log, other) = (file(&bench, "ledger.db-wal"), file(&bench, "other-wal"));
    assert!(fs::copy(&log, &other).unwrap() > 0);
    fs::rename(&other, &log).unwrap();
    let (before, laid) = (fs::read(bench.ledger()).unwrap(), fs::read(&log).unwrap());
    push(&bench, "since", 3);
    ends(&bench, daemon, "was replaced while it ran");
    assert!(fs::read(bench.ledger()).unwrap() == before, "the file was written to");
    assert!(fs::read(&log).unwrap() == laid, "the log was written to");
}

//! `backup`: a copy that is whole, or none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use super::{file, is_sound, names};
use crate::support::{Bench, lines, setup, wait_until};

fn filled() -> Bench {
    let bench = setup().start();
    bench.uzhkh().generate(60);
    bench.uzhkh().push_request("17");
    bench.pass();
    bench
}

/// A refused backup: exit code 1, these words, and nothing new in the folder.
#[track_caller]
fn refused(bench: &Bench, arguments: &[&str], words: &str) {
    // A reader of a ledger whose log is not empty leaves that beside it.
    let made = || {
        let mut names = names(bench.dir.path());
        names.retain(|name| !name.starts_with("ledger.db-"));
        names
    };
    let before = made();
    let ended = bench.run(&[&["backup"], arguments].concat());
    assert_eq!(ended.code, Some(1), "{arguments:?}: {}", ended.stdout);
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
    assert_eq!(made(), before);
}

#[test]
fn a_backup_is_the_ledger_in_one_file() {
    let bench = filled();
    let path = file(&bench, "copy.db");
    let ended = bench.run(&["backup", &path]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("wrote and verified"), "{}", ended.stdout);
    is_sound(&bench, &path);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    for sql in [
        "SELECT * FROM envelope ORDER BY seq",
        "SELECT * FROM record ORDER BY source, kind, id",
        "SELECT * FROM change ORDER BY seq",
        "SELECT * FROM identity ORDER BY kind, temporary_id",
        "SELECT * FROM call ORDER BY seq",
        "SELECT * FROM sqlite_sequence ORDER BY name",
        "SELECT type, name, sql FROM sqlite_schema ORDER BY name",
        "PRAGMA user_version",
        "PRAGMA application_id",
    ] {
        assert_eq!(lines(Path::new(&path), sql), bench.lines(sql), "{sql}");
    }
    let beside: Vec<String> = names(bench.dir.path());
    assert!(!beside.iter().any(|name| name.contains("partial") || name.starts_with("copy.db-")));
}

#[test]
fn a_backup_tells_programs_what_it_holds() {
    let bench = filled();
    let path = file(&bench, "copy.db");
    let ended = bench.run(&["backup", &path, "--json"]);
    let told: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(told["path"], path);
    assert_eq!(told["envelopes"].to_string(), bench.one("SELECT count(*) FROM envelope"));
    assert_eq!(told["bytes"], fs::metadata(&path).unwrap().len());
    assert_eq!(told["last_change"].to_string(), bench.one("SELECT max(seq) FROM change"));
}

#[test]
fn a_file_that_is_there_is_replaced_only_on_request() {
    let bench = filled();
    let path = file(&bench, "copy.db");
    fs::write(&path, "dear diary").unwrap();
    refused(&bench, &[&path], "exists already");
    assert_eq!(fs::read_to_string(&path).unwrap(), "dear diary");
    let ended = bench.run(&["backup", "--overwrite", &path]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    is_sound(&bench, &path);
}

#[test]
fn what_cannot_be_a_backup_is_said_so() {
    let bench = filled();
    refused(&bench, &[&file(&bench, "none/copy.db")], "does not exist");
    fs::create_dir(file(&bench, "folder")).unwrap();
    refused(&bench, &[&file(&bench, "folder")], "is a folder");
    let (fifo, link) = (file(&bench, "fifo"), file(&bench, "link"));
    let made = rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU);
    made.unwrap();
    std::os::unix::fs::symlink(&fifo, &link).unwrap();
    for path in [&fifo, &link] {
        refused(&bench, &[path, "--overwrite"], "is no file that a backup may take the place of");
    }
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let ledger = file(&bench, "ledger.db");
    refused(&bench, &[&ledger, "--overwrite"], "is the ledger itself");
    is_sound(&bench, &ledger);
}

#[test]
fn a_ledger_that_breaks_a_promise_is_not_backed_up_silently() {
    let bench = filled();
    bench.tamper("UPDATE record SET body = '{}' WHERE rowid = 1");
    refused(&bench, &[&file(&bench, "copy.db")], "breaks a promise");
}

#[test]
fn a_ledger_that_is_not_there_yet_is_said_to_be_missing() {
    let bench = setup().start();
    refused(&bench, &[&file(&bench, "copy.db")], "there is no ledger at");
}

/// Thousands of envelopes come while backups are made: each is a moment of the ledger,
/// whole in itself, and what came before that moment.
#[test]
fn backups_under_load_are_consistent_prefixes() {
    let bench = setup().every_second().start();
    bench.uzhkh().set_latency(Duration::from_millis(100));
    let daemon = bench.daemon();
    let mut copies = Vec::new();
    let mut during = 0;
    for number in 0..4 {
        bench.uzhkh().generate(600);
        let asked = bench.asked("Delete") + 50;
        wait_until("the load", || bench.asked("Delete") >= asked);
        let asked = bench.asked("Delete");
        let path = file(&bench, &format!("copy-{number}.db"));
        let ended = bench.run(&["backup", &path]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        during += u32::from(bench.asked("Delete") > asked);
        copies.push(path);
    }
    assert!(during >= 3, "only {during} backups were made under load");
    wait_until("all of it", || bench.uzhkh().queue_len() == 0);
    daemon.stop();
    for path in &copies {
        is_sound(&bench, path);
        let copy = Path::new(path);
        for table in ["envelope", "change"] {
            let key = match table {
                "envelope" => "seq, queue, guid, body_sha256",
                _ => "seq, at, source, kind, id, op, fields, envelope_seq",
            };
            let have = lines(copy, &format!("SELECT {key} FROM {table} ORDER BY seq"));
            let all = bench.lines(&format!("SELECT {key} FROM {table} ORDER BY seq"));
            assert!(!have.is_empty() && all.starts_with(&have), "{path}: {table}");
        }
    }
}

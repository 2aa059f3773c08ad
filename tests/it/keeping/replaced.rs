//! The files of a restore: what becomes of the replaced ledger, whatever state it is in.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rusqlite::Connection;

use super::restore::{RECORDS, aside, gone_on, restored};
use super::{file, is_sound};
use crate::support::lines;

#[test]
fn a_damaged_ledger_is_replaced_and_kept() {
    let (bench, backup) = gone_on();
    let whole = fs::read(bench.ledger()).unwrap();
    let mut torn = whole.clone();
    torn[4096..].fill(0xA5);
    for damaged in [torn, vec![0xA5; whole.len()], Vec::new()] {
        fs::write(bench.ledger(), &damaged).unwrap();
        let aside = restored(&bench, &backup);
        assert!(fs::read(&aside).unwrap() == damaged);
        fs::remove_file(aside).unwrap();
        bench.pass();
        is_sound(&bench, bench.ledger().to_str().unwrap());
    }
}

#[test]
fn the_log_of_a_ledger_that_cannot_be_opened_is_kept_and_not_read_into_the_backup() {
    let (bench, backup) = gone_on();
    let log = file(&bench, "ledger.db-wal");
    // A log of its own, which would be read into whatever stands beside it.
    let reader = Connection::open(bench.ledger()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM envelope").unwrap();
    bench.tamper("UPDATE poll SET changed = changed + 1");
    let left = fs::read(&log).unwrap();
    assert!(!left.is_empty());
    drop(reader);
    fs::write(bench.ledger(), "no database at all, and longer than a header".repeat(1000)).unwrap();
    fs::write(&log, &left).unwrap();
    let ended = bench.run(&["restore", &backup, "--yes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let kept = aside(&bench);
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept[1].to_str().unwrap().ends_with("-wal"));
    assert!(fs::read(&kept[1]).unwrap() == left);
    assert_eq!(bench.lines(RECORDS), lines(Path::new(&backup), RECORDS));
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

#[test]
fn what_root_restores_belongs_to_whom_the_ledger_belonged() {
    let (bench, backup) = gone_on();
    if std::os::unix::fs::chown(bench.ledger(), Some(4711), Some(4712)).is_err() {
        println!("skipped: only root can give files away");
        return;
    }
    restored(&bench, &backup);
    for name in ["ledger.db", "ledger.db.lock"] {
        let found = fs::metadata(file(&bench, name)).unwrap();
        assert_eq!((found.uid(), found.gid()), (4711, 4712), "{name}");
        assert_eq!(found.mode() & 0o7777, 0o640, "{name}");
    }
}

#[test]
fn a_reader_that_stays_is_not_left_behind() {
    let (bench, backup) = gone_on();
    let reader = Connection::open(bench.ledger()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM envelope").unwrap();
    bench.tamper("UPDATE poll SET changed = changed + 1");
    // Nothing may open and close the file in this process: its locks would go.
    let ended = bench.run(&["restore", &backup, "--yes"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    let told = "another program reads the ledger";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert!(aside(&bench).is_empty());
    drop(reader);
    restored(&bench, &backup);
}

#[test]
fn a_backup_from_before_the_first_release_is_refused() {
    let (bench, _) = gone_on();
    let old = file(&bench, "old.db");
    let version =
        "PRAGMA application_id = 1970957415; PRAGMA user_version = 4; CREATE TABLE envelope (x)";
    Connection::open(&old).unwrap().execute_batch(version).unwrap();
    let ended = bench.run(&["restore", &old, "--yes"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    let told = "has version 4, which was never released";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert!(aside(&bench).is_empty());
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

//! Backups that the service makes by itself, and what becomes of the old ones.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{file, is_sound, names};
use crate::support::{Bench, setup, skip, wait_until};

/// A bench with scheduled backups into a folder that is there.
fn bench(schedule: &str, keep: u32) -> (Bench, PathBuf) {
    let dir = tempfile::tempdir().unwrap().keep();
    let section = format!("[backup]\ndir = {dir:?}\nschedule = \"{schedule}\"\nkeep = {keep}\n");
    let bench = setup().section(&section).start();
    bench.uzhkh().generate(20);
    // The folder goes with the bench.
    let inside = bench.dir.path().join("backups");
    fs::rename(&dir, &inside).unwrap();
    let config = fs::read_to_string(bench.config()).unwrap();
    let config = config.replace(dir.to_str().unwrap(), inside.to_str().unwrap());
    fs::write(bench.config(), config).unwrap();
    (bench, inside)
}

const EVERY_SECOND: &str = "* * * * * *";
const YEARLY: &str = "0 0 0 1 1 *";

/// How many backups the ledger says there were with this outcome.
fn recorded(bench: &Bench, outcome: &str) -> usize {
    let sql = format!(
        "SELECT count(*) FROM poll WHERE source = 'ledger' AND feed = 'backup' AND outcome = '{outcome}'"
    );
    bench.one_or_none(&sql).parse().unwrap_or(0)
}

#[test]
fn old_backups_go_and_nothing_else_does() {
    let (bench, folder) = bench(EVERY_SECOND, 2);
    let others = [
        "ledger-20200101T000000Z.db.gz",
        "ledger-old.db",
        "notes.txt",
        "other-20200101T000000Z.db",
    ];
    for other in others {
        fs::write(folder.join(other), "mine").unwrap();
    }
    fs::create_dir(folder.join("ledger-20200101T000007Z.db")).unwrap();
    let old = ["ledger-20200101T000000Z.db", "ledger-20200102T000000Z.db"];
    for old in old {
        fs::write(folder.join(old), "an old one").unwrap();
    }
    fs::write(folder.join(".ledger-20200101T000000Z.db.partial"), "torn").unwrap();
    let daemon = bench.daemon();
    wait_until("three backups", || recorded(&bench, "ok") >= 3);
    daemon.stop();
    let left = names(&folder);
    for other in others {
        assert_eq!(fs::read_to_string(folder.join(other)).unwrap(), "mine");
    }
    assert!(folder.join("ledger-20200101T000007Z.db").is_dir());
    let made: Vec<&String> = left
        .iter()
        .filter(|name| name.starts_with("ledger-2") && name.ends_with("Z.db"))
        .filter(|name| !name.starts_with("ledger-2020"))
        .collect();
    assert_eq!(made.len(), 2, "{left:?}");
    assert_eq!(left.len(), others.len() + 3, "{left:?}");
    for name in made {
        is_sound(&bench, folder.join(name).to_str().unwrap());
    }
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("ledger backup"), "{status}");
}

#[test]
fn what_a_wrong_clock_has_dated_later_goes_before_what_is_new() {
    let (bench, folder) = bench(EVERY_SECOND, 2);
    for later in ["ledger-29990101T000000Z.db", "ledger-29990102T000000Z.db"] {
        fs::write(folder.join(later), "an old one").unwrap();
    }
    let daemon = bench.daemon();
    wait_until("three backups", || recorded(&bench, "ok") >= 3);
    daemon.stop();
    let left = names(&folder);
    assert_eq!(left.len(), 2, "{left:?}");
    for name in left {
        is_sound(&bench, folder.join(name).to_str().unwrap());
    }
}

#[test]
fn what_was_missed_is_made_up_for_once() {
    let (bench, folder) = bench(YEARLY, 14);
    fs::write(folder.join("ledger-20200101T000000Z.db"), "an old one").unwrap();
    let daemon = bench.daemon();
    wait_until("a backup", || recorded(&bench, "ok") == 1);
    daemon.stop();
    let made = names(&folder);
    assert_eq!(made.len(), 2, "{made:?}");
    let daemon = bench.daemon();
    wait_until("the second start", || daemon.log().contains("running"));
    daemon.stop();
    assert_eq!(names(&folder), made);
    assert_eq!(recorded(&bench, "ok"), 1);
}

#[test]
fn a_backup_that_fails_removes_nothing_and_is_told() {
    let (bench, folder) = bench(EVERY_SECOND, 1);
    bench.pass();
    bench.tamper("UPDATE record SET hash = 'x' WHERE rowid = 1");
    let old = ["ledger-20200101T000000Z.db", "ledger-20200102T000000Z.db"];
    for old in old {
        fs::write(folder.join(old), "an old one").unwrap();
    }
    // What a crash has left of another goes all the same: its room may be what is missing.
    fs::write(folder.join(".ledger-20200103T000000Z.db.partial"), "torn").unwrap();
    let daemon = bench.daemon();
    wait_until("two failures", || recorded(&bench, "failed") >= 2);
    // The next one may be under way.
    let mut kept = names(&folder);
    assert!(!kept.iter().any(|name| name.contains("20200103")), "{kept:?}");
    kept.retain(|name| !name.starts_with('.'));
    assert_eq!(kept, old);
    let log = daemon.log();
    assert_eq!(log.matches("the ledger was not backed up").count(), 1, "{log}");
    // One line for one failure.
    assert_eq!(log.matches("breaks a promise").count(), 1, "{log}");
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("ledger backup failed"), "{status}");
    daemon.stop();
}

#[test]
fn a_folder_that_is_missing_is_told_and_used_once_it_is_there() {
    let (bench, folder) = bench(EVERY_SECOND, 3);
    fs::remove_dir(&folder).unwrap();
    let daemon = bench.daemon();
    wait_until("a failure", || recorded(&bench, "failed") >= 1);
    let error =
        bench.one("SELECT error FROM poll WHERE source = 'ledger' ORDER BY seq DESC LIMIT 1");
    assert!(error.contains("create it, owned by the service's user"), "{error}");
    assert!(!folder.exists());
    fs::create_dir(&folder).unwrap();
    wait_until("a backup", || recorded(&bench, "ok") >= 1);
    daemon.stop();
    assert!(file(&bench, "backups").ends_with("backups"));
    assert!(!names(&folder).is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_is_told_once_with_what_helps() {
    let (bench, folder) = bench(EVERY_SECOND, 3);
    let folder = folder.to_str().unwrap();
    let mount = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).status().is_ok_and(|status| status.success())
    };
    if !mount("mount", &["--bind", folder, folder]) {
        skip("nothing can be mounted here");
        return;
    }
    // As the unit has all that is not its own.
    let is_read_only = mount("mount", &["-o", "remount,bind,ro", folder]);
    let log = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let daemon = bench.daemon();
        wait_until("it is tried again and again", || recorded(&bench, "failed") >= 3);
        daemon.stop()
    }));
    assert!(mount("umount", &["-l", folder]) && is_read_only);
    let log = log.unwrap();
    assert_eq!(log.matches("the ledger was not backed up").count(), 1, "{log}");
    let said = format!("{folder} cannot be written: Read-only file system (os error 30); ");
    assert!(log.contains(&said) && log.contains("`ReadWritePaths="), "{log}");
}

//! No room for a backup or a restore: it is said, nothing is left, nothing is lost.

use std::fs;
use std::process::Command;

use uzhkh_ledger::ledger::{CancelFlag, back_up};
use uzhkh_ledger::uzhkh::Parser;

use super::{file, is_sound, names};
use crate::support::{Bench, process, setup, skip, tool, wait_until};

fn filled() -> (Bench, String) {
    let bench = setup().start();
    bench.uzhkh().generate(40);
    bench.pass();
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    (bench, backup)
}

/// Runs a command whose writes fail from the N-th on; it must fail with these words and
/// leave nothing.
#[track_caller]
fn fails(bench: &Bench, error: &str, from: u32, arguments: &[&str], words: &str) {
    let before = (names(bench.dir.path()), fs::read(bench.ledger()).unwrap());
    let elsewhere = tempfile::tempdir().unwrap();
    let output = elsewhere.path().join("strace");
    let inject = format!("inject=pwrite64:error={error}:when={from}+");
    let tracer = [
        "strace",
        "-f",
        "-qq",
        "-o",
        output.to_str().unwrap(),
        "-e",
        "trace=pwrite64",
        "-e",
        &inject,
    ];
    let ended = process::finish(process::under(&tracer, &bench.config(), arguments));
    assert_eq!(ended.code, Some(1), "{error} {from}: {}", ended.stdout);
    assert!(ended.stderr.contains(words), "{error} {from}: {}", ended.stderr);
    assert_eq!(names(bench.dir.path()), before.0, "{error} {from}");
    assert!(fs::read(bench.ledger()).unwrap() == before.1);
}

#[test]
fn a_backup_without_room_says_so_and_leaves_nothing() {
    let Some(_) = tool("strace") else { return };
    let (bench, _) = filled();
    let other = file(&bench, "other.db");
    let backup = ["backup", &other];
    for from in [1, 7, 40] {
        fails(&bench, "ENOSPC", from, &backup, "there is no room for the backup");
    }
    // The first writes are those of the memory that readers share.
    for from in [20, 40] {
        fails(&bench, "EDQUOT", from, &backup, "is a quota used up?");
    }
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

/// The disk of the ledger is not filled up for a copy that has no room on it.
#[test]
fn a_backup_that_would_fill_the_disk_of_the_ledger_is_not_begun() {
    let (bench, backup) = filled();
    let place = bench.dir.path().join("small");
    fs::create_dir(&place).unwrap();
    let bytes = fs::metadata(&backup).unwrap().len();
    let size = format!("size={}", bytes * 3 / 2);
    let mut mounting = Command::new("mount");
    mounting.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&place);
    if !mounting.status().is_ok_and(|status| status.success()) {
        skip("no tmpfs can be mounted here");
        return;
    }
    let ledger = place.join("ledger.db");
    fs::copy(&backup, &ledger).unwrap();
    let copied = back_up(&ledger, &place.join("copy.db"), false, &Parser, &CancelFlag::default());
    let left = names(&place);
    let unmounted = Command::new("umount").arg("-l").arg(&place).status();
    assert!(unmounted.unwrap().success());
    let refused = copied.unwrap_err().to_string();
    assert!(refused.contains("MiB are free"), "{refused}");
    assert_eq!(left, ["ledger.db"]);
}

#[test]
fn a_restore_without_room_says_so_and_replaces_nothing() {
    let Some(_) = tool("strace") else { return };
    let (bench, backup) = filled();
    for from in [2, 7, 70] {
        let arguments = ["restore", &backup, "--yes"];
        fails(&bench, "ENOSPC", from, &arguments, "there is no room");
    }
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

#[test]
fn a_backup_that_is_stopped_ends_at_once_and_leaves_nothing() {
    let (bench, _) = filled();
    let before = names(bench.dir.path());
    let halt = CancelFlag::default();
    halt.store(true, std::sync::atomic::Ordering::Relaxed);
    let other = bench.dir.path().join("other.db");
    let stopped = back_up(&bench.ledger(), &other, false, &Parser, &halt).unwrap_err();
    assert!(stopped.to_string().contains("was stopped"), "{stopped}");
    assert_eq!(names(bench.dir.path()), before);
}

/// A service that backs up and forgets meets a full disk, and goes on when there is room.
#[test]
fn the_service_keeps_living_on_a_full_disk() {
    keeps_living("pwrite64", "ENOSPC");
}

/// NFS and thin volumes tell a full disk or a quota only when they sync.
#[test]
fn the_service_keeps_living_on_a_disk_that_is_found_full_when_it_syncs() {
    keeps_living("fsync,fdatasync", "EDQUOT");
}

#[track_caller]
fn keeps_living(calls: &str, error: &str) {
    let Some(_) = tool("strace") else { return };
    let dir = tempfile::tempdir().unwrap();
    let backups = format!("[backup]\ndir = {:?}\nschedule = \"* * * * * *\"\n", dir.path());
    let bench = setup().every_second().section(&backups).start();
    let config = fs::read_to_string(bench.config()).unwrap();
    let config = config.replacen("[ledger]\n", "[ledger]\nkeep_envelopes = \"7d\"\n", 1);
    fs::write(bench.config(), config).unwrap();
    bench.uzhkh().generate(20);
    let mut daemon = bench.daemon();
    wait_until("a backup", || !names(dir.path()).is_empty());
    let said = bench.dir.path().join("tracer");
    let mut tracer = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", &format!("trace={calls}")])
        .args(["-e", &format!("inject={calls}:error={error}")])
        .args(["-p", &daemon.id().to_string()])
        .stderr(fs::File::create(&said).unwrap())
        .spawn()
        .unwrap();
    wait_until("strace is attached", || {
        fs::read_to_string(&said).is_ok_and(|said| said.contains("attached"))
    });
    // A backup may say so too, where it has not begun to wait for its own record.
    wait_until("it says that there is no room", || {
        bench.uzhkh().generate(1);
        daemon.log().contains("the disk that holds the ledger is full")
    });
    assert!(!daemon.has_ended(), "{}", daemon.log());
    let before = names(dir.path());
    process::signal(tracer.id(), "TERM");
    tracer.wait().unwrap();
    wait_until("a backup after it", || {
        let made = names(dir.path());
        made.last() > before.last() && made.iter().all(|name| name.ends_with("Z.db"))
    });
    wait_until("all is acknowledged", || bench.uzhkh().queue_len() == 0);
    daemon.stop();
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

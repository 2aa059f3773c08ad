//! A ledger that no service runs on: who may only read it can, and one that was not finished
//! says so.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;

use rusqlite::Connection;

use super::file;
use crate::support::process::begin;
use crate::support::{Bench, setup, skip, tool};

const GROUP: u32 = 4712;

fn filled() -> Bench {
    let bench = setup().start();
    bench.uzhkh().generate(20);
    bench.pass();
    bench
}

/// All that reads works, run by whoever `as_reader` makes of a command.
#[track_caller]
fn can_be_read(bench: &Bench, as_reader: impl Fn(&mut Command)) {
    let elsewhere = tempfile::tempdir().unwrap();
    fs::set_permissions(elsewhere.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let copy = elsewhere.path().join("copy.db").to_str().unwrap().to_owned();
    for arguments in [
        &["status"][..],
        &["changes"],
        &["verify"],
        &["findings"],
        &["quarantine", "list"],
        &["calls", "list"],
        &["backup", &copy],
    ] {
        let mut command = bench.command(arguments);
        as_reader(&mut command);
        let ended = begin(command).end();
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn a_member_of_the_group_reads_a_ledger_whose_service_is_stopped() {
    let bench = filled();
    let dir = bench.dir.path();
    if chown(dir, None, Some(GROUP)).is_err() {
        skip("only root can be another user");
        return;
    }
    fs::set_permissions(dir, fs::Permissions::from_mode(0o750)).unwrap();
    for name in super::names(dir) {
        chown(dir.join(&name), None, Some(GROUP)).unwrap();
        fs::set_permissions(dir.join(&name), fs::Permissions::from_mode(0o640)).unwrap();
    }
    let as_member = |command: &mut Command| {
        command.uid(65_534).gid(GROUP);
    };
    can_be_read(&bench, as_member);
    let Some(_) = tool("sqlite3") else { return };
    let is_read = || {
        let mut command = Command::new("sqlite3");
        command.arg("-readonly").arg(bench.ledger()).arg("SELECT count(*) FROM envelope");
        as_member(&mut command);
        let read = command.output().unwrap();
        let count: u32 = String::from_utf8_lossy(&read.stdout).trim().parse().unwrap_or_default();
        assert!(count >= 20, "{read:?}");
    };
    is_read();
    // A command that has written leaves it so, too.
    let ended = bench.run(&["decide", "register", "61", "--approve"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    is_read();
}

#[test]
fn a_ledger_on_a_read_only_mount_is_read() {
    let bench = filled();
    let dir = bench.dir.path().to_str().unwrap();
    let mount = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).status().is_ok_and(|status| status.success())
    };
    if !mount("mount", &["--bind", dir, dir]) {
        skip("nothing can be mounted here");
        return;
    }
    let is_read_only = mount("mount", &["-o", "remount,bind,ro", dir]);
    let unmount = || assert!(mount("umount", &["-l", dir]));
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        if is_read_only {
            for arguments in [&["status"][..], &["changes"], &["verify"]] {
                let ended = bench.run(arguments);
                assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
            }
        }
    }));
    unmount();
    assert!(is_read_only && read.is_ok());
}

#[test]
fn a_ledger_that_was_not_finished_says_so_and_the_next_run_makes_it() {
    let bench = setup().start();
    Connection::open(bench.ledger()).unwrap().pragma_update(None, "journal_mode", "WAL").unwrap();
    assert!(fs::metadata(file(&bench, "ledger.db")).unwrap().len() > 0);
    for arguments in [&["verify"][..], &["status"]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        let told = "was not finished when it was made: the next run makes it";
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
    bench.pass();
    bench.verified();
}

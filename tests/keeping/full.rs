//! No room for a backup or a restore: it is said, nothing is left, nothing is lost.

use std::fs;

use uzhkh_ledger::ledger::{Halt, back_up};
use uzhkh_ledger::uzhkh::Texts;

use super::support::{Bench, process, setup};
use super::{file, is_sound, names};

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
    let output = std::env::temp_dir().join(format!("strace-{}", std::process::id()));
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
    assert!(
        ended.stderr.contains(words),
        "{error} {from}: {}",
        ended.stderr
    );
    assert_eq!(names(bench.dir.path()), before.0, "{error} {from}");
    assert!(fs::read(bench.ledger()).unwrap() == before.1);
}

#[test]
fn a_backup_without_room_says_so_and_leaves_nothing() {
    let (bench, _) = filled();
    let other = file(&bench, "other.db");
    let backup = ["backup", &other];
    for from in [1, 7, 40] {
        fails(
            &bench,
            "ENOSPC",
            from,
            &backup,
            "there is no room for the backup",
        );
    }
    // The first writes are those of the memory that readers share.
    for from in [20, 40] {
        fails(&bench, "EDQUOT", from, &backup, "is a quota used up?");
    }
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

#[test]
fn a_restore_without_room_says_so_and_replaces_nothing() {
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
    let halt = Halt::default();
    halt.store(true, std::sync::atomic::Ordering::Relaxed);
    let other = bench.dir.path().join("other.db");
    let stopped = back_up(&bench.ledger(), &other, false, &Texts, &halt).unwrap_err();
    assert!(stopped.to_string().contains("was stopped"), "{stopped}");
    assert_eq!(names(bench.dir.path()), before);
}

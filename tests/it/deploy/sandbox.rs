//! The service under what its units forbid: those system calls fail here as they do there.

use std::fs;

use super::notify::unit;
use crate::support::entities::{counter, envelope};
use crate::support::{process, setup, tool, wait_until};

/// The system calls in sets such as `@privileged`; None where nothing here knows them.
fn calls(sets: &[&str]) -> Option<Vec<String>> {
    let listed = tool("systemd-analyze")?.arg("syscall-filter").args(sets).output().unwrap();
    assert!(listed.status.success(), "{listed:?}");
    let mut found = Vec::new();
    for line in String::from_utf8(listed.stdout).unwrap().lines() {
        match line.strip_prefix("    ").filter(|word| !word.starts_with('#')) {
            Some(set) if set.starts_with('@') => found.extend(calls(&[set])?),
            Some(call) => found.push(call.to_owned()),
            None => {}
        }
    }
    Some(found)
}

/// The calls that the filter of the units takes away.
fn forbidden() -> Option<Vec<String>> {
    let unit = unit("uzhkh-ledger.service");
    let mut filters = unit["SystemCallFilter"].iter();
    let sets = filters.find_map(|filter| filter.strip_prefix('~')).unwrap();
    calls(&sets.split(' ').collect::<Vec<_>>())
}

#[test]
fn a_service_that_may_give_no_file_away_lacks_nothing_and_leaves_its_log_for_readers() {
    let Some(_) = tool("strace") else { return };
    let Some(forbidden) = forbidden() else { return };
    assert!(forbidden.iter().any(|call| call == "fchown"), "{forbidden:?}");
    let folder = tempfile::tempdir().unwrap();
    let backup = format!("[backup]\ndir = {:?}\nschedule = \"* * * * * *\"", folder.path());
    let bench = setup().every_second().section(&backup).start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    // Calls that this machine's strace does not know are not there to be made.
    let names: Vec<String> = forbidden.iter().map(|call| format!("?{call}")).collect();
    let inject = format!("inject={}:error=EPERM", names.join(","));
    let tracer = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject];
    let daemon = bench.spawn(bench.command_under(&tracer, &["run"]));
    wait_until("the entry is acknowledged", || bench.uzhkh().queue_len() == 0);
    wait_until("a backup", || daemon.log().contains("backed the ledger up"));
    for child in process::children(daemon.id()) {
        process::signal(child, "TERM");
    }
    let ended = daemon.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("WARN") && !ended.stderr.contains("ERROR"), "{}", ended.stderr);
    for suffix in ["-wal", "-shm"] {
        let beside = bench.dir.path().join(format!("ledger.db{suffix}"));
        assert_eq!(fs::metadata(&beside).map(|file| file.len()).ok(), Some(0), "{suffix}");
    }
    bench.verified();
}

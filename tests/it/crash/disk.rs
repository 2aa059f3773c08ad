//! No room for a commit: nothing is acknowledged, the service lives, says so, and
//! goes on by itself once there is room.

use std::fs;
use std::process::{Child, Command};

use bytes::Bytes;
use simulator::Options;

use crate::crash::{push_bad, push_owners, set_up};
use crate::support::disk::Disk;
use crate::support::{Bench, process::signal, skip, tool, wait_until};

const FULL: &str = "the disk that holds the ledger is full";

/// Pushes what cannot be recorded and sees that it is not acknowledged, however
/// often the program tries. (Not even a SetId may go out: that it is sent is
/// written down first.)
fn starves(bench: &Bench) {
    wait_until("it says that the disk is full", || {
        bench.uzhkh().generate(1);
        bench.log().contains(FULL)
    });
    push_owners(bench, 100..140);
    let deletion = bench.uzhkh().push_deletion("account", "account-100");
    bench.push_bad("requests", r#"{"Guid":"bad-while-full","Counter":{"Value1":1.10}}"#);
    let before = tries(bench);
    wait_until("it tries again and again", || bench.has_ended() || tries(bench) >= before + 8);
    assert!(!bench.has_ended(), "a full disk is waited out\n{}", bench.log());
    let waiting = bench.uzhkh().waiting();
    let owners = waiting.iter().filter(|body| body.starts_with(b"{\"Guid\":\"owners-"));
    assert_eq!(owners.count(), 40, "nothing is acknowledged");
    let deleted = bench.uzhkh().waiting_deleted();
    let holds = |body: &Bytes| String::from_utf8_lossy(body).contains(&deletion);
    assert!(deleted.iter().any(holds), "the deletion still waits");
    // One whose row was committed while there was room may arrive only now.
    let told = bench.report().set_ids;
    let written = bench.lines("SELECT permanent_id FROM identity WHERE sent_at IS NOT NULL");
    let is_written = |id: &String| written.contains(id);
    assert!(told.iter().all(|call| is_written(&call.external_id)), "nothing else is announced");
    assert!(bench.report().violations.is_empty());
}

/// How often the process has tried to write: on a full disk all that it does. The
/// calls that a tracer fails do not reach the kernel's count.
fn tries(bench: &Bench) -> u64 {
    let trace = fs::read_to_string(bench.file("strace")).unwrap_or_default();
    let counts = fs::read_to_string(format!("/proc/{}/io", bench.process_id()));
    let counts = counts.unwrap_or_default();
    let written = counts.lines().find_map(|line| line.strip_prefix("syscw: "));
    let written: u64 = written.map_or(0, |count| count.trim().parse().unwrap());
    written + trace.matches("(INJECTED)").count() as u64
}

fn bad(bench: &Bench, queue: &str) -> usize {
    bench.bad().iter().filter(|(of, _)| *of == queue).count()
}

/// There is room again; everything goes on in the same process.
fn recovers(bench: &Bench) {
    wait_until("it goes on", || bench.log().contains("the disk has room again"));
    wait_until("everything is acknowledged", || {
        bench.uzhkh().queue_len() == bad(bench, "requests")
            && bench.uzhkh().deleted_len() == bad(bench, "deleted")
    });
    let log = bench.log();
    let quarantined = log.lines().filter(|line| line.contains(" quarantined seq="));
    assert_eq!(quarantined.count(), bench.bad().len(), "each is told once, when committed\n{log}");
    bench.signal("TERM");
    assert!(bench.wait().success(), "{}", bench.log());
    bench.settle();
    bench.check_promises();
}

#[test]
fn writes_fail_for_want_of_room() {
    writes_fail("ENOSPC", 10);
}

#[test]
fn a_quota_that_is_used_up_is_waited_out_too() {
    writes_fail("EDQUOT", 12);
}

fn writes_fail(error: &str, seed: u64) {
    let Some(_) = tool("strace") else { return };
    let bench = crate::crash::bench(Options { seed, envelopes: 20, ..Options::default() });
    push_bad(&bench);
    bench.start(&["run"]);
    wait_until("it runs", || bench.uzhkh().queue_len() < 20);
    let tracer = trace(&bench, error);
    starves(&bench);
    signal(tracer.id(), "TERM");
    let mut tracer = tracer;
    tracer.wait().unwrap();
    recovers(&bench);
}

/// Fails every write of the running process, and says when it has begun.
fn trace(bench: &Bench, error: &str) -> Child {
    let tracer = Command::new("strace")
        .args(["-f", "-e", "trace=pwrite64", "-e", &format!("inject=pwrite64:error={error}"), "-o"])
        .arg(bench.file("strace"))
        .args(["-p", &bench.process_id().to_string()])
        .stderr(fs::File::create(bench.file("tracer")).unwrap())
        .spawn()
        .unwrap();
    wait_until("strace is attached", || {
        let said = fs::read_to_string(bench.file("tracer")).unwrap_or_default();
        said.contains("attached")
    });
    tracer
}

/// The same on a real file system, where one can be mounted.
#[test]
fn a_small_disk_is_full() {
    let place = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(place.path(), "8m") else {
        skip("no tmpfs can be mounted here");
        return;
    };
    let options = Options { seed: 11, envelopes: 20, ..Options::default() };
    let bench = set_up(options).ledger(&disk.0.join("ledger.db")).start();
    push_bad(&bench);
    bench.start(&["run"]);
    wait_until("it runs", || bench.uzhkh().queue_len() < 20);
    let ballast = disk.0.join("ballast");
    let filled = fs::write(&ballast, vec![0; 16 << 20]);
    assert!(filled.is_err(), "the disk has more room than it was given");
    starves(&bench);
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("make room"), "{status}");
    fs::remove_file(ballast).unwrap();
    recovers(&bench);
    drop(bench);
}

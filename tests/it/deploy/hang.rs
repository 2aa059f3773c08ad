//! A disk that hangs starves the watchdog; one that is full does not. strace is the disk.

use std::time::Duration;

use super::notify::Manager;
use crate::support::{Bench, Daemon, process, setup, tool, wait_until};

const WATCHDOG: Duration = Duration::from_millis(1200);

fn tracer(inject: &str) -> [&str; 7] {
    ["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject]
}

/// A bench with a ledger, so that opening it takes few writes, and entries that each take a
/// commit of their own.
fn bench() -> Bench {
    let mut busy = setup().every_second();
    busy.options.batch_limit = Some(1);
    let bench = busy.start();
    bench.pass();
    bench.uzhkh().generate(300);
    bench
}

/// Stops the program, which is the tracer's child.
fn stop(tracer: Daemon) {
    for child in process::children(tracer.id()) {
        process::signal(child, "TERM");
    }
    let ended = tracer.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn a_writer_whose_disk_hangs_starves_the_watchdog_until_it_moves_again() {
    let Some(_) = tool("strace") else { return };
    let bench = bench();
    let manager = Manager::listen(&bench);
    // One flush of each thread takes so long; the writer has many.
    let inject = "inject=fsync,fdatasync:delay_enter=9000000:when=16";
    let daemon = manager.start(&bench, &tracer(inject), WATCHDOG);
    let status = manager.hear("STATUS=stalled: ");
    assert!(status.starts_with("STATUS=stalled: ledger writer;"), "{status}");
    wait_until("the log to say so", || daemon.log().contains("task stalled"));
    let fed = manager.count("WATCHDOG=1");
    wait_until("the watchdog to be fed again", || manager.count("WATCHDOG=1") > fed);
    // systemd would have ended it.
    assert!(manager.longest_fast() > WATCHDOG, "{:?}", manager.heard());
    wait_until("the word that it moves", || daemon.log().contains("moves again"));
    stop(daemon);
}

#[test]
fn a_full_disk_is_no_reason_to_starve_the_watchdog() {
    let Some(_) = tool("strace") else { return };
    let bench = bench();
    let manager = Manager::listen(&bench);
    let inject = "inject=pwrite64:error=ENOSPC:when=20..36";
    let daemon = manager.start(&bench, &tracer(inject), WATCHDOG);
    manager.hear("STATUS=the disk is full, ");
    let fed = manager.count("WATCHDOG=1");
    wait_until("the watchdog to be fed on", || manager.count("WATCHDOG=1") >= fed + 6);
    assert!(manager.longest_fast() < WATCHDOG, "{:?}", manager.heard());
    wait_until("the disk to have room", || daemon.log().contains("the disk has room again"));
    stop(daemon);
}

//! A death at every write, one after another: strace kills the program when it
//! enters its N-th write to the ledger, or its N-th flush.
//!
//! strace counts for each thread; the first that reaches N dies with all others.

use std::ops::RangeInclusive;
use std::os::unix::process::ExitStatusExt;

use simulator::Options;

use crate::crash::push_bad;
use crate::support::{Bench, tool};

/// What a sweep kills at.
pub(super) const WRITE: &str = "pwrite64";
pub(super) const FLUSH: &str = "fsync,fdatasync";
/// The writes of a start that come about the ledger's generation.
const STARTS_WRITES: RangeInclusive<usize> = 4..=20;

/// Runs under strace until the N-th such call; true when it was killed there.
pub(super) fn dies_at(bench: &Bench, calls: &str, number: usize, arguments: &[&str]) -> bool {
    let inject = format!("inject={calls}:signal=KILL:when={number}");
    let trace = format!("trace={calls}");
    let output = bench.file("strace");
    let tracer =
        ["strace", "-f", "-qq", "-o", output.to_str().unwrap(), "-e", &trace, "-e", &inject];
    bench.start_under(&tracer, arguments);
    // strace dies of what its child died of.
    bench.wait().signal() == Some(9)
}

/// A new ledger is made: whatever is left of it, the next start makes it whole.
#[test]
fn mid_migration() {
    let Some(_) = tool("strace") else { return };
    let mut deaths = 0;
    for (calls, numbers) in [(WRITE, 1..=60), (FLUSH, 1..=6)] {
        for number in numbers.step_by(if calls == WRITE { 4 } else { 1 }) {
            let bench = crate::crash::bench(Options {
                seed: number as u64,
                envelopes: 5,
                ..Options::default()
            });
            deaths += u32::from(dies_at(&bench, calls, number, &["run", "--once"]));
            bench.settle();
            bench.check_promises();
        }
    }
    assert!(deaths >= 15, "only {deaths} deaths: the sweep goes too far");
}

/// A ledger that is there drains a small queue: one bench, so that each death
/// meets what the one before has left.
#[test]
fn mid_drain() {
    let Some(_) = tool("strace") else { return };
    let bench = crate::crash::bench(Options {
        seed: 9,
        envelopes: 3,
        accounts: 8,
        page_size: 5,
        ..Options::default()
    });
    push_bad(&bench);
    bench.settle();
    let mut deaths = 0;
    for (calls, numbers) in [(WRITE, 1..=40), (FLUSH, 1..=12)] {
        for number in numbers {
            bench.uzhkh().generate(5);
            let resync = calls == FLUSH && number % 3 == 0;
            let arguments = ["run", "--once", "--full-resync"];
            let arguments = &arguments[..if resync { 3 } else { 2 }];
            deaths += u32::from(dies_at(&bench, calls, number, arguments));
            if number % 4 == 0 {
                bench.settle();
                bench.check_promises();
            }
        }
    }
    assert!(deaths >= 30, "only {deaths} deaths: the sweep goes too far");
}

/// A start that dies, and the next one too: what the first has left in the WAL belongs to
/// the ledger all the same, and is not taken for another's.
#[test]
fn two_starts_in_a_row() {
    let Some(_) = tool("strace") else { return };
    let bench = crate::crash::bench(Options { seed: 10, envelopes: 3, ..Options::default() });
    bench.settle();
    let mut deaths = 0;
    for first in STARTS_WRITES.skip(6) {
        for second in STARTS_WRITES.skip(first % 4).step_by(4) {
            for number in [first, second] {
                deaths += u32::from(dies_at(&bench, WRITE, number, &["run", "--once"]));
            }
            bench.settle();
        }
    }
    bench.check_promises();
    assert!(deaths >= 60, "only {deaths} deaths: the sweep goes too far");
}

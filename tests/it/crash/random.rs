//! Deaths at any time, over a queue that changes, at an upstream that fails.

use std::time::{Duration, Instant};

use simulator::{Endpoint, Fault, FaultKind, Options};

use crate::crash::push_bad;
use crate::support::{Bench, End, chance};

const ROUNDS: u32 = 5;
const DEATHS: u32 = 8;

#[test]
fn at_any_time() {
    let mut random = chance("at_any_time");
    let mut deaths = 0;
    for _ in 0..ROUNDS {
        let bench = crate::crash::bench(Options {
            seed: random.u64(..),
            accounts: 10,
            page_size: random.usize(3..30),
            batch_limit: random.bool().then(|| random.usize(10..50)),
            wrap_items: random.bool(),
            ..Options::default()
        });
        if random.bool() {
            push_bad(&bench);
        }
        let resyncs = random.u8(..4) == 0;
        for _ in 0..DEATHS {
            disturb(&bench, &mut random);
            let mut arguments = vec!["run"];
            if random.u8(..3) > 0 {
                arguments.push("--once");
            }
            if resyncs && random.bool() {
                arguments.push("--full-resync");
            }
            let dies_at = Instant::now() + Duration::from_micros(random.u64(..450_000));
            bench.start(&arguments);
            if bench.kill_when("its time", || Instant::now() >= dies_at) == End::Killed {
                deaths += 1;
            }
        }
        bench.uzhkh().set_batch_limit(None);
        bench.settle();
        bench.check_promises();
    }
    println!("{deaths} deaths");
    assert!(deaths >= ROUNDS * DEATHS / 2, "only {deaths} deaths");
}

/// More to do, and more that goes wrong.
fn disturb(bench: &Bench, random: &mut fastrand::Rng) {
    let uzhkh = bench.uzhkh();
    uzhkh.generate(random.usize(5..60));
    uzhkh.clear_faults();
    uzhkh.set_latency(Duration::from_millis(random.u64(..4)));
    let faults = [
        (FaultKind::LostAnswer, Some(Endpoint::Delete)),
        (FaultKind::LostAnswer, Some(Endpoint::SetId)),
        (FaultKind::CutBody, None),
        (FaultKind::Error500, Some(Endpoint::SetId)),
        (FaultKind::ResetBefore, Some(Endpoint::Delete)),
        (FaultKind::Duplicate, Some(Endpoint::Requests)),
        (FaultKind::Drip, Some(Endpoint::Requests)),
    ];
    for (kind, endpoint) in faults {
        if random.bool() {
            let fault = Fault { endpoint, ..Fault::new(kind) };
            uzhkh.inject(fault.likely(random.f64() * 0.3));
        }
    }
}

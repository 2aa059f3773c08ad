//! A day in an hour: the service beside all systems at once, with everything that goes wrong.
//!
//! The clock of the service goes 24 times as fast as the one on the wall; the waits of the network
//! do not. People edit, decide and book; systems fail in every way that the simulator has; the disk
//! fills; the clock steps; the process is stopped, and killed. When all is well again, one clean
//! pass must find its way from the file alone, and every promise is checked against what the
//! simulator saw.
//!
//! ```text
//! life     what happens while the service runs      flat      memory, files and bytes do not grow
//! world    the systems, and what people do          agrees    what the ledger and the systems hold
//! ```
//!
//! `UZHKH_LEDGER_SOAK` says how many seconds it takes, `SEED` repeats what chance has done:
//! `UZHKH_LEDGER_SOAK=3600 cargo test --test it -- --ignored soak --nocapture`.

mod agrees;
mod flat;
mod life;
mod world;

use std::time::{Duration, Instant};

use crate::support::disk::Disk;
use crate::support::{chance, skip, tool};
use flat::Sample;
use life::Life;
use world::World;

/// How much faster than ours the clock of the service goes.
const PACE: u32 = 24;
/// Without a word about it.
const SECONDS: u64 = 60;

#[test]
#[ignore = "takes as long as UZHKH_LEDGER_SOAK says"]
fn a_day_in_an_hour() {
    if tool("faketime").is_none() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(place.path(), "1g") else {
        skip("no tmpfs can be mounted here");
        return;
    };
    let seconds = std::env::var("UZHKH_LEDGER_SOAK");
    let seconds = seconds.map_or(SECONDS, |text| text.parse().expect("it is a number"));
    let random = chance("soak");
    let mut world = World::new(random, disk.0);
    let began = Instant::now();

    // First it dies again and again, then it lives on: only then it can be seen not to grow.
    let half = Duration::from_secs(seconds / 2);
    while began.elapsed() < half {
        let left = half - began.elapsed();
        let lasts = Duration::from_millis(world.random.u64(1_000..40_000)).min(left);
        let mut life = Life::begin(&world);
        life.lasts(&mut world, lasts);
        life.ends(&mut world);
    }
    let mut samples: Vec<Sample> = Vec::new();
    let mut life = Life::begin(&world);
    while began.elapsed() < 2 * half {
        life.lasts(&mut world, Duration::from_secs(2));
        samples.push(life.sample(&world));
    }
    life.stops(&mut world);

    world.settles();
    println!("{}", world.told());
    flat::check(&samples);
    agrees::check(&world);
    drop(world);
    drop(disk);
}

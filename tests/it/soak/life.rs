//! A life of the service: what happens while it runs, and how it ends.

use std::fs;
use std::time::{Duration, Instant};

use super::flat::Sample;
use super::world::World;
use crate::support::wait_until;

/// What it says when it has begun.
const RUNS: &str = " running version=";

/// How long the disk stays full, at the most.
const FULL: Duration = Duration::from_secs(4);
/// How long a process is stopped, at the most: no longer than its watchdog would bear.
const STOPPED: u64 = 2_500;

/// The service while it runs.
pub(super) struct Life {
    process: u32,
}

impl Life {
    pub(super) fn begin(world: &World) -> Self {
        let lives = world.bench.log().matches(RUNS).count();
        world.bench.start(&["run"]);
        // From then on it stops in order.
        wait_until("it runs", || world.bench.log().matches(RUNS).count() > lives);
        Self { process: world.bench.process_id() }
    }

    /// Things happen for so long.
    pub(super) fn lasts(&mut self, world: &mut World, long: Duration) {
        let until = Instant::now() + long;
        while Instant::now() < until {
            world.goes_on();
            match world.random.u32(..60) {
                0 => self.disk_is_full(world),
                1 => self.is_held_up(world),
                2 => world.clock_steps(),
                3 => world.is_backed_up(),
                4 => world.is_asked(),
                _ => {}
            }
            let next = Instant::now() + Duration::from_millis(world.random.u64(20..400));
            wait_until("its time", || Instant::now() >= next.min(until));
            assert!(!world.bench.has_ended(), "it has ended by itself\n{}", world.last_words());
        }
    }

    fn disk_is_full(&self, world: &mut World) {
        let ballast = world.disk().join("ballast");
        // Written until there is no room, whatever is taken already.
        let filled = fs::File::create(&ballast).and_then(|mut file| {
            std::io::copy(&mut std::io::Read::take(std::io::repeat(0), 2 << 30), &mut file)
        });
        assert!(filled.is_err(), "the disk has more room than it was given");
        let until = Instant::now() + FULL.mul_f64(world.random.f64());
        wait_until("its time", || {
            world.goes_on_outside();
            Instant::now() >= until
        });
        assert!(!world.bench.has_ended(), "a full disk is waited out\n{}", world.last_words());
        fs::remove_file(ballast).unwrap();
        world.full += 1;
    }

    fn is_held_up(&self, world: &mut World) {
        world.bench.signal("STOP");
        let until = Instant::now() + Duration::from_millis(world.random.u64(..STOPPED));
        wait_until("its time", || Instant::now() >= until);
        world.bench.signal("CONT");
        world.held_up += 1;
    }

    /// Most are killed.
    pub(super) fn ends(self, world: &mut World) {
        if world.random.u8(..4) == 0 {
            return self.stops(world);
        }
        let until = Instant::now() + Duration::from_millis(world.random.u64(..300));
        world.bench.kill_when("its time", || Instant::now() >= until);
        world.killed += 1;
    }

    /// Stopped in order, with whatever goes wrong at that time.
    pub(super) fn stops(self, world: &mut World) {
        world.bench.signal("TERM");
        let status = world.bench.wait();
        assert!(status.success(), "{status}\n{}", world.last_words());
        world.stopped += 1;
    }

    /// What it takes now.
    pub(super) fn sample(&self, world: &World) -> Sample {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap();
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = memory.and_then(|text| text.trim().strip_suffix(" kB")).unwrap();
        let descriptors = fs::read_dir(format!("/proc/{}/fd", self.process)).unwrap().count();
        let size = |path: &std::path::Path| fs::metadata(path).map_or(0, |file| file.len());
        let ledger = world.bench.ledger();
        let rows = "SELECT (SELECT count(*) FROM envelope) + (SELECT count(*) FROM change) \
             + (SELECT count(*) FROM record)";
        Sample {
            memory_kib: memory.trim().parse().unwrap(),
            descriptors: descriptors as u64,
            ledger_bytes: size(&ledger),
            wal_bytes: size(&ledger.with_extension("db-wal")),
            rows: world.bench.one(rows).parse().unwrap(),
        }
    }
}

//! The power goes while the service drains: nothing that UZhKH was told to forget is lost.
//!
//! A machine of QEMU has the service on an ext4 disk; UZhKH stands outside. Its disk is one that
//! keeps what was written to itself until it is told to flush, as real ones do, and what it has
//! not flushed is lost with the power, all of it or sector by sector as chance has it. After each
//! cut the file system is repaired as at a boot, the ledger read, and compared with what was
//! acknowledged by then; after the last one a clean pass finishes what is left.
//!
//! ```text
//! disk       a block device over NBD, with a cache that forgets
//! machine    kernel, initramfs and the service in QEMU
//! image      what stands on the disk
//! ```
//!
//! It needs `qemu-system-x86_64`, `busybox` (static), `cpio`, `e2fsck`, and Debian's cloud kernel:
//! installed, or unpacked (`dpkg -x`) into the folder that `UZHKH_LEDGER_KERNEL` names.
//! `UZHKH_LEDGER_CUTS` says how often the power goes, `SEED` repeats what chance has done.

mod disk;
mod image;
mod machine;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use simulator::{Acknowledged, Options, Simulator};

use crate::support::{TOKEN, chance, tool, wait_within};
use disk::{Disk, Loses};
use machine::{Machine, Run};

/// Without a word about it.
const CUTS: u32 = 2;
/// A machine that is emulated on a busy one takes its time.
const PATIENCE: Duration = Duration::from_secs(600);

type Told = Arc<Mutex<Vec<Acknowledged>>>;

#[test]
#[ignore = "boots a machine as often as UZHKH_LEDGER_CUTS says"]
fn what_was_acknowledged_outlives_the_power() {
    let tools = ["qemu-system-x86_64", "busybox", "cpio", "mke2fs", "e2fsck", "debugfs", "strip"];
    if tools.into_iter().any(|name| tool(name).is_none()) {
        return;
    }
    let cuts = std::env::var("UZHKH_LEDGER_CUTS");
    let cuts = cuts.map_or(CUTS, |text| text.parse().expect("it is a number"));
    let mut random = chance("power");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let told = Told::default();
    let simulator = runtime.block_on(Simulator::start(options(&told, random.u64(..)))).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let Some(machine) = Machine::prepare(dir.path(), &simulator.base_url()) else { return };
    let disk = Disk::format(&dir.path().join("disk"));
    let mut lost = 0;
    for cut in 1..=cuts {
        let before = count(&told);
        let drains = before + random.usize(1..400);
        let mut run = machine.boot(&disk, "");
        wait_within(PATIENCE, "it drains", || {
            simulator.uzhkh().generate(usize::from(simulator.uzhkh().queue_len() < 200) * 100);
            lives(&mut run);
            count(&told) >= drains
        });
        let at = Instant::now() + Duration::from_micros(random.u64(..200_000));
        wait_within(PATIENCE, "its time", || Instant::now() >= at);
        run.power_goes();
        let loses = [Loses::All, Loses::Some, Loses::Some, Loses::Nothing][random.usize(..4)];
        lost += disk.power_goes(loses, &mut random);
        let acknowledged = told.lock().unwrap().clone();
        let kept = image::holds(&disk, dir.path(), &acknowledged);
        println!("cut {cut}: {} acknowledged, {kept} kept, {loses:?} lost", acknowledged.len());
    }
    finishes(&machine, &disk, &simulator);
    let acknowledged = told.lock().unwrap().clone();
    image::holds(&disk, dir.path(), &acknowledged);
    image::is_sound(dir.path());
    assert!(simulator.report().violations.is_empty(), "{:?}", simulator.report().violations);
    println!("{cuts} cuts, {} entries, {lost} sectors lost", acknowledged.len());
}

fn options(told: &Told, seed: u64) -> Options {
    let told = Arc::clone(told);
    Options {
        seed,
        token: TOKEN.to_owned(),
        accounts: 20,
        batch_limit: Some(60),
        witness: Some(Arc::new(move |item: &Acknowledged| {
            told.lock().unwrap().push(item.clone());
            Ok(())
        })),
        ..Options::default()
    }
}

fn count(told: &Told) -> usize {
    told.lock().unwrap().len()
}

#[track_caller]
fn lives(run: &mut Run) {
    assert!(!run.has_ended(), "the machine has ended by itself\n{}", run.console());
}

/// One pass, to the end, and the machine is shut down in order.
fn finishes(machine: &Machine, disk: &Disk, simulator: &Simulator) {
    let mut run = machine.boot(disk, "once");
    wait_within(PATIENCE, "the machine shuts down", || run.has_ended());
    let console = run.console();
    assert!(console.contains("the service ended with 0"), "{console}");
    assert_eq!(simulator.uzhkh().queue_len() + simulator.uzhkh().deleted_len(), 0, "{console}");
    disk.is_at_rest();
}

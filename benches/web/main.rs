//! What it costs to read a large ledger over HTTP: memory, the drain beside it, and how fast
//! one follower gets the changes.
//!
//! Run it with `cargo bench --bench web`. The ledger is filled with SQL; the service runs as a
//! process of its own, and so does the simulator. Like the other benches it prints and judges
//! nothing by itself.
//!
//! ```text
//! UZHKH_BENCH_SCALE=0.1          a tenth of everything
//! ```

mod client;
#[path = "../drain/knob.rs"]
mod knob;
#[allow(dead_code, reason = "it serves another bench, too")]
mod rig;

use knob::knob;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use client::Client;
use rig::{Service, Simulator};
use rusqlite::Connection;

const RECORDS: usize = 1_000_000;
const ENVELOPES: usize = 20_000;
const MEMORY_GOAL: f64 = 32.0;
const DRAIN_GOAL: f64 = 0.90;
const CHANGES_GOAL: f64 = 50_000.0;
/// Stands once in each record of a page.
const RECORD: &str = "\"missing_since\"";
/// A system that is never asked: something has to be configured.
const NOTHING: &str = "[macrocrm]\nbase_url = 'http://127.0.0.1:1/'\ndomain = 'd.example'\napp_secret = 's'\n\
                       schedule = '0 0 0 1 1 *'\n";

fn main() -> anyhow::Result<()> {
    let scale: f64 = knob("UZHKH_BENCH_SCALE", 1.0);
    let scaled = |count: usize| ((count as f64 * scale) as usize).max(1);
    let (records, envelopes) = (scaled(RECORDS), scaled(ENVELOPES));
    println!("{records} records and as many changes\n");
    println!("{:<46} {:>10} {:>8}", "", "", "goal");
    let alone = drained(records, envelopes, false)?;
    let beside = drained(records, envelopes, true)?;
    let line =
        |what: &str, number: f64, goal: f64| println!("{what:<46} {number:>10.2} {goal:>8.2}");
    line("drain alone, entries a second", envelopes as f64 / alone.seconds, f64::NAN);
    line("of it with /records read without a pause", alone.seconds / beside.seconds, DRAIN_GOAL);
    line("records read meanwhile", beside.read as f64, f64::NAN);
    let service = Service::start(NOTHING, records)?;
    let mut client = Client::connect(service.address)?;
    let before = service.resident();
    let began = Instant::now();
    let (mut read, mut peak, mut after) = (0, before, String::new());
    loop {
        client.get(&format!("/api/v1/records?limit=10000{after}"))?;
        read += client.count(RECORD);
        peak = peak.max(service.resident());
        let Some(next) = client.next() else { break };
        after = format!("&after={next}");
    }
    anyhow::ensure!(read == records, "{read} records came");
    line("/records, records a second", read as f64 / began.elapsed().as_secs_f64(), f64::NAN);
    line("more memory meanwhile, MiB", (peak - before) / f64::from(1 << 20), MEMORY_GOAL);
    let (began, mut cursor) = (Instant::now(), 0);
    while cursor < records as i64 {
        cursor = client.get(&format!("/api/v1/changes?limit=10000&after={cursor}"))?;
    }
    let rate = cursor as f64 / began.elapsed().as_secs_f64();
    line("/changes, changes a second to one follower", rate, CHANGES_GOAL);
    Ok(())
}

/// A drain of entries into a ledger that holds much already.
struct Drained {
    seconds: f64,
    /// Records that were read meanwhile.
    read: usize,
}

fn drained(records: usize, envelopes: usize, with_reader: bool) -> anyhow::Result<Drained> {
    let simulator = Simulator::start(envelopes)?;
    let service = Service::start(&simulator.section, records)?;
    let done = Arc::new(AtomicBool::new(false));
    let reading = with_reader.then(|| {
        let (done, address) = (Arc::clone(&done), service.address);
        std::thread::spawn(move || read_until(address, &done))
    });
    let ledger = Connection::open(service.ledger())?;
    let sql = "SELECT count(*) FROM envelope WHERE state = 'acknowledged'";
    while ledger.query_row(sql, [], |row| row.get::<_, usize>(0))? < envelopes {
        let took = service.began.elapsed();
        anyhow::ensure!(took < Duration::from_secs(900), "the drain does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    let seconds = service.began.elapsed().as_secs_f64();
    done.store(true, Ordering::Relaxed);
    let read = match reading {
        Some(reading) => reading.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??,
        None => 0,
    };
    Ok(Drained { seconds, read })
}

/// Reads all records, again and again.
fn read_until(address: SocketAddr, done: &AtomicBool) -> anyhow::Result<usize> {
    let (mut client, mut read, mut after) = (Client::connect(address)?, 0, String::new());
    while !done.load(Ordering::Relaxed) {
        client.get(&format!("/api/v1/records?limit=1000{after}"))?;
        read += client.count(RECORD);
        after = client.next().map_or_else(String::new, |next| format!("&after={next}"));
    }
    Ok(read)
}

//! What the console costs over a large ledger: the page of today against `status`, a search
//! against a bare SELECT, the drain with ten browsers open, and filling the index.
//!
//! Run it with `cargo bench --bench console`. The ledger is filled with SQL; the service runs as
//! a process of its own, and so does the simulator. Medians are printed, and nothing is judged: a
//! busy machine must not make it fail.
//!
//! ```text
//! UZHKH_BENCH_SCALE=0.1          a tenth of everything
//! UZHKH_BENCH_RUNS=1             drains of each kind, instead of 3
//! ```

mod browser;
#[path = "../web/client.rs"]
#[allow(dead_code, reason = "it serves another bench, too")]
mod client;
#[path = "../drain/knob.rs"]
mod knob;
#[path = "../drain/median.rs"]
mod median;
#[path = "../web/rig.rs"]
#[allow(dead_code, reason = "it serves another bench, too")]
mod rig;
mod world;

use knob::knob;
use median::median;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use browser::{Browser, USER};
use rig::{Service, Simulator};
use rusqlite::Connection;

const RECORDS: usize = 100_000;
const WAITING: usize = 1_000;
const ENVELOPES: usize = 60_000;
const BROWSERS: usize = 10;
/// So often each is asked for.
const LOOKS: usize = 21;
/// The pages refresh their live parts so often.
const LIVE: Duration = Duration::from_secs(5);
/// Somebody who is busy opens another page.
const CLICK: Duration = Duration::from_secs(1);
const TODAY_GOAL: f64 = 2.0;
const SEARCH_GOAL: f64 = 50.0;
const DRAIN_GOAL: f64 = 0.95;
const INDEX_GOAL: f64 = 20.0;
/// A system that is never asked: something has to be configured.
const NOTHING: &str = "[macrocrm]\nbase_url = 'http://127.0.0.1:1/'\ndomain = 'd.example'\napp_secret = 's'\n\
                       schedule = '0 0 0 1 1 *'\n";

fn main() -> anyhow::Result<()> {
    let scale: f64 = knob("UZHKH_BENCH_SCALE", 1.0);
    let runs: usize = knob("UZHKH_BENCH_RUNS", 3).clamp(1, 100);
    let scaled = |count: usize| ((count as f64 * scale) as usize).max(100);
    let (records, waiting, envelopes) = (scaled(RECORDS), scaled(WAITING), scaled(ENVELOPES));
    println!("{records} records, {waiting} things that wait\n");
    println!("{:<52} {:>10} {:>8}", "", "", "goal");
    let line =
        |what: &str, number: f64, goal: f64| println!("{what:<52} {number:>10.2} {goal:>8.2}");
    let service = Service::over(NOTHING, USER, |ledger| world::fill(ledger, records, waiting))?;
    line("filling the index, seconds from the start", indexed(&service)?, INDEX_GOAL);

    let mut browser = Browser::sign_in(service.address)?;
    let page = median_of(|| browser.load("/").map(drop))?;
    let status = median_of(|| status(service.directory()))?;
    line("the page of today, ms", page, f64::NAN);
    line("`status`, ms", status, f64::NAN);
    line("the page against `status`", page / status, TODAY_GOAL);
    let size = browser.load("/")?.len();
    line("the page, KiB", size as f64 / 1024.0, f64::NAN);

    let ledger = Connection::open(service.ledger())?;
    let bare = median_of(|| bare_select(&ledger))?;
    line("a bare SELECT … LIMIT 50, ms", bare, f64::NAN);
    for text in world::SEARCHES {
        let search = median_of(|| {
            let status = browser.post("/search", &[("q", text)])?;
            anyhow::ensure!([200, 303].contains(&status), "the search is answered {status}");
            Ok(())
        })?;
        line(&format!("a search for «{text}» more than that, ms"), search - bare, SEARCH_GOAL);
    }
    drop((browser, ledger, service));

    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        alone.push(drain(records, waiting, envelopes, 0)?);
        beside.push(drain(records, waiting, envelopes, BROWSERS)?);
    }
    let (alone, beside) = (median(&alone), median(&beside));
    line("the drain alone, entries a second", alone, f64::NAN);
    line("of it with ten browsers open", beside / alone, DRAIN_GOAL);
    Ok(())
}

/// Seconds until all records are in the index.
fn indexed(service: &Service) -> anyhow::Result<f64> {
    let index = service.directory().join("ledger-search.db");
    loop {
        let whole = Connection::open(&index).and_then(|index| {
            index.query_row("SELECT walked_to IS NULL FROM state", [], |row| row.get(0))
        });
        // It may not be there yet.
        if whole.unwrap_or(false) {
            return Ok(service.began.elapsed().as_secs_f64());
        }
        anyhow::ensure!(service.began.elapsed() < Duration::from_secs(300), "it is not filled");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// `status`, as a person asks for it.
fn status(directory: &Path) -> anyhow::Result<()> {
    let status = Command::new(env!("CARGO_BIN_EXE_uzhkh-ledger"))
        .args(["status", "--config"])
        .arg(directory.join("config.toml"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    // It says by its exit code whether all is well, which it is not.
    anyhow::ensure!(status.code().is_some_and(|code| code < 64), "status failed: {status}");
    Ok(())
}

fn bare_select(ledger: &Connection) -> anyhow::Result<()> {
    let mut statement = ledger.prepare("SELECT source, kind, id, body FROM record LIMIT 50")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(3))?;
    anyhow::ensure!(rows.count() > 0, "the ledger is empty");
    Ok(())
}

/// Entries a second, with so many browsers open.
fn drain(records: usize, waiting: usize, envelopes: usize, browsers: usize) -> anyhow::Result<f64> {
    let mut service = Service::over(NOTHING, USER, |ledger| world::fill(ledger, records, waiting))?;
    indexed(&service)?;
    let simulator = Simulator::start(envelopes)?;
    service.again(&simulator.section)?;
    let done = Arc::new(AtomicBool::new(false));
    let mut people = Vec::new();
    for number in 0..browsers {
        // One after the other: many at once under one name look like somebody who guesses.
        let browser = Browser::sign_in(service.address)?;
        let done = Arc::clone(&done);
        people.push(std::thread::spawn(move || sit(browser, number, &done)));
    }
    let ledger = Connection::open(service.ledger())?;
    let sql = "SELECT count(*) FROM envelope WHERE state = 'acknowledged'";
    let acknowledged = || ledger.query_row(sql, [], |row| row.get::<_, usize>(0));
    // Signing in is slow on purpose, and over by now.
    let (began, before) = (Instant::now(), acknowledged()?);
    while acknowledged()? < envelopes {
        anyhow::ensure!(service.began.elapsed() < Duration::from_secs(900), "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = began.elapsed().as_secs_f64();
    done.store(true, Ordering::Relaxed);
    for person in people {
        person.join().map_err(|_| anyhow::anyhow!("a browser panicked"))??;
    }
    Ok((envelopes - before) as f64 / took)
}

/// Somebody at a browser: opens one page after the other, and has the live part of today
/// refreshed meanwhile.
fn sit(mut browser: Browser, number: usize, done: &AtomicBool) -> anyhow::Result<()> {
    let (mut click, mut live) = (Instant::now(), Instant::now());
    let mut turn = number;
    while !done.load(Ordering::Relaxed) {
        if click.elapsed() >= CLICK || turn < number + 3 {
            click = Instant::now();
            match turn % 3 {
                0 => drop(browser.load("/")?),
                1 => drop(browser.load("/requests")?),
                _ => {
                    let text = world::SEARCHES[turn % world::SEARCHES.len()];
                    browser.post("/search", &[("q", text)])?;
                }
            }
            turn += 1;
        }
        if live.elapsed() >= LIVE {
            live = Instant::now();
            browser.load("/")?;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// The median of some looks, in ms; the first is not counted.
fn median_of(mut look: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    look()?;
    let mut took = Vec::with_capacity(LOOKS);
    for _ in 0..LOOKS {
        let began = Instant::now();
        look()?;
        took.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(median(&took))
}

//! What a measurement stands on: the simulator in a process of its own, so that
//! its memory and its processor time are not ours; a fresh directory for each
//! ledger; a child process whose peak memory is read.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use tempfile::TempDir;
use uzhkh_ledger::config::{Config, Environment};
use uzhkh_ledger::http::{Authorization, Patience, Upstream};

/// The program itself, as `cargo bench` built it.
const PROGRAM: &str = env!("CARGO_BIN_EXE_uzhkh-ledger");
/// How often a child's memory is looked at.
const LOOK: Duration = Duration::from_millis(5);
/// A child that takes longer is hung.
const LONGEST: Duration = Duration::from_secs(600);
const TOKEN: &str = "simulator-token";

/// What the simulator is to hold.
#[derive(Clone, Copy, Default)]
pub(crate) struct World {
    pub(crate) envelopes: usize,
    pub(crate) accounts: usize,
    pub(crate) latency: Duration,
}

/// A simulator that runs until it is dropped.
pub(crate) struct Simulator {
    process: Child,
    base_url: String,
}

impl Simulator {
    /// Starts one and waits until it serves, its envelopes made.
    pub(crate) fn start(world: World) -> anyhow::Result<Self> {
        let mut process = Command::new(PROGRAM)
            .args(["simulate", "--no-record", "--listen", "127.0.0.1:0"])
            .args(["--token", TOKEN])
            .args(["--envelopes", &world.envelopes.to_string()])
            .args(["--accounts", &world.accounts.to_string()])
            .args(["--latency", &format!("{}ms", world.latency.as_millis())])
            .stdout(Stdio::piped())
            .spawn()
            .context("the simulator does not start")?;
        let mut line = String::new();
        let output = process.stdout.take().context("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let base_url = line.trim().strip_prefix("UZhKH simulator at ");
        Ok(Self {
            process,
            base_url: base_url.context("the simulator does not serve")?.to_owned(),
        })
    }

    /// The config of a daemon that drains it into `ledger`.
    pub(crate) fn config_text(&self, ledger: &Path) -> String {
        format!(
            "[ledger]\npath = '{}'\n[uzhkh]\nbase_url = '{}'\ntoken = '{TOKEN}'\n",
            ledger.display(),
            self.base_url
        )
    }

    pub(crate) fn config(&self, ledger: &Path) -> anyhow::Result<Config> {
        let text = self.config_text(ledger);
        Ok(Config::parse(
            &text,
            Path::new("bench.toml"),
            &Environment::new(),
        )?)
    }

    /// The daemon's own way to it.
    pub(crate) fn upstream(&self) -> anyhow::Result<Upstream> {
        self.way(&self.base_url)
    }

    /// How many requests of each kind it was sent.
    pub(crate) async fn requests(&self) -> anyhow::Result<BTreeMap<String, u64>> {
        let beside = self.base_url.trim_end_matches("internal/");
        let beside = self.way(beside)?;
        let answer = beside.get("report", "simulator/report", &[]).await?;
        let text = answer.text(1 << 20).await?;
        let report: serde_json::Value = serde_json::from_str(&text)?;
        Ok(serde_json::from_value(report["requests"].clone())?)
    }

    fn way(&self, base_url: &str) -> anyhow::Result<Upstream> {
        let config = self.config(Path::new("unused.db"))?;
        let base_url = base_url.parse()?;
        let token = config.uzhkh.context("no [uzhkh]")?.token;
        Ok(Upstream::new(
            "uzhkh",
            &base_url,
            Some(Authorization::bearer(&token)),
            &config.http,
            Patience::Once,
            Duration::from_secs(1),
        )?)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A fresh place for a ledger, on the disk that holds `target/`: on a memory file
/// system a commit would cost nothing.
pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        Ok(Self { directory })
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.directory.path().join("ledger.db")
    }
}

/// What `run --once` took as a process of its own.
pub(crate) struct Once {
    pub(crate) took: Duration,
    /// The most memory that was resident at a time, in bytes.
    pub(crate) peak: u64,
}

/// Runs `run --once` against a simulator and watches its memory.
pub(crate) fn run_once(simulator: &Simulator, arguments: &[&str]) -> anyhow::Result<Once> {
    let place = Place::new()?;
    let file = place.directory.path().join("config.toml");
    std::fs::write(&file, simulator.config_text(&place.ledger()))?;
    let began = Instant::now();
    let mut process = Command::new(PROGRAM)
        .args(["run", "--once", "--config"])
        .arg(&file)
        .args(arguments)
        .env("UZHKH_LEDGER_LOG", "warn")
        .spawn()?;
    let mut peak = 0;
    let status = loop {
        // The mark only grows, so looking now and then misses nothing but the end.
        peak = high_water(process.id()).unwrap_or(0).max(peak);
        if let Some(status) = process.try_wait()? {
            break status;
        }
        if began.elapsed() > LONGEST {
            process.kill()?;
            process.wait()?;
            anyhow::bail!("run --once does not end");
        }
        std::thread::sleep(LOOK);
    };
    anyhow::ensure!(status.success(), "run --once failed: {status}");
    Ok(Once {
        took: began.elapsed(),
        peak,
    })
}

/// `VmHWM` of a process; its own, not what its parent had before it was started.
fn high_water(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

//! The simulator in a process of its own, so that its memory and its processor time
//! are not ours.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use uzhkh_ledger::config::{Config, Environment};
use uzhkh_ledger::http::{Authorization, Deadline, Upstream};

use super::process::PROGRAM;

pub(crate) const TOKEN: &str = "simulator-token";

/// What the simulator is to hold.
#[derive(Clone, Copy, Default)]
pub(crate) struct World {
    pub(crate) envelopes: usize,
    pub(crate) accounts: usize,
    pub(crate) latency: Duration,
}

/// A simulator that runs until it is dropped.
pub(crate) struct Simulator {
    /// `None`: it is somebody else's.
    process: Option<Child>,
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
        let base_url = base_url.context("the simulator does not serve")?.to_owned();
        Ok(Self { process: Some(process), base_url })
    }

    /// One that another process has started.
    pub(crate) fn at(base_url: &str) -> Self {
        Self { process: None, base_url: base_url.to_owned() }
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
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
        Ok(Config::parse(&text, Path::new("bench.toml"), &Environment::new())?)
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
            &Deadline::of_pass(),
            Duration::from_secs(1),
        )?)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // It may have ended by itself; there is nobody to tell.
            drop(process.kill());
            drop(process.wait());
        }
    }
}

//! The service and the simulator as processes of their own, over a ledger that holds much.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::client::TOKEN;

/// The program itself, as `cargo bench` built it.
const PROGRAM: &str = env!("CARGO_BIN_EXE_uzhkh-ledger");

/// UZhKH with entries that wait, until it is dropped.
pub(crate) struct Simulator {
    process: Child,
    /// Its section of the config.
    pub(crate) section: String,
}

impl Simulator {
    pub(crate) fn start(envelopes: usize) -> anyhow::Result<Self> {
        let mut process = Command::new(PROGRAM)
            .args(["simulate", "--no-record", "--listen", "127.0.0.1:0", "--token", TOKEN])
            .args(["--envelopes", &envelopes.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .context("the simulator does not start")?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line)?;
        let url = line.trim().strip_prefix("UZhKH simulator at ");
        let url = url.context("the simulator does not serve")?;
        let section = format!("[uzhkh]\nbase_url = '{url}'\ntoken = '{TOKEN}'\n");
        Ok(Self { process, section })
    }
}

/// The service, until it is dropped.
pub(crate) struct Service {
    process: Child,
    pub(crate) began: Instant,
    pub(crate) address: SocketAddr,
    directory: TempDir,
    users: String,
}

impl Service {
    /// Starts it with this section beside `[web]`, over a ledger with so many records, and
    /// waits until it listens.
    pub(crate) fn start(section: &str, records: usize) -> anyhow::Result<Self> {
        Self::over(section, "", |ledger| fill(ledger, records))
    }

    /// The same with these users, over a ledger that is filled so.
    pub(crate) fn over(
        section: &str,
        users: &str,
        fill: impl FnOnce(&Connection) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        // On the disk that holds `target/`: on a memory file system a commit costs nothing.
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let ledger = Connection::open(directory.path().join("ledger.db"))?;
        ledger.execute_batch(include_str!("../../schema.sql"))?;
        ledger.execute_batch(
            "PRAGMA journal_mode = WAL; BEGIN;
             INSERT INTO meta (key, value) VALUES ('ledger_id', '0190a5d0-7c1e-7b4e-9d55-0a1b2c3d4e5f')",
        )?;
        fill(&ledger)?;
        ledger.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
        drop(ledger);
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let (process, began) = launch(directory.path(), address, section, users)?;
        Ok(Self { process, began, address, directory, users: users.to_owned() })
    }

    /// Ends it in order, and starts it anew with another section over the same ledger.
    pub(crate) fn again(&mut self, section: &str) -> anyhow::Result<()> {
        let id = Pid::from_child(&self.process);
        kill_process(id, Signal::TERM)?;
        self.process.wait()?;
        let path = self.directory.path();
        (self.process, self.began) = launch(path, self.address, section, &self.users)?;
        Ok(())
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.directory.path().join("ledger.db")
    }

    /// The memory that is resident now, in bytes.
    pub(crate) fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) * 1024.0
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// It may have ended, which its clients have said by now.
fn end(process: &mut Child) {
    drop(process.kill());
    drop(process.wait());
}

/// Starts the service, and waits until it listens.
fn launch(
    directory: &Path,
    address: SocketAddr,
    section: &str,
    users: &str,
) -> anyhow::Result<(Child, Instant)> {
    let (ledger, config) = (directory.join("ledger.db"), directory.join("config.toml"));
    let text = format!(
        "[ledger]\npath = '{}'\n{section}[web]\nlisten = '{address}'\n\
         [[web.token]]\nname = 'bench'\ntoken = '{TOKEN}'\nscopes = ['read']\n{users}",
        ledger.display()
    );
    std::fs::write(&config, text)?;
    let began = Instant::now();
    let mut process = Command::new(PROGRAM)
        .args(["run", "--config"])
        .arg(&config)
        .env("UZHKH_LEDGER_LOG", "error")
        .spawn()?;
    while TcpStream::connect(address).is_err() {
        if process.try_wait()?.is_some() || began.elapsed() > Duration::from_secs(60) {
            end(&mut process);
            anyhow::bail!("it does not listen");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok((process, began))
}

/// So many records, each with its change.
fn fill(ledger: &Connection, records: usize) -> anyhow::Result<()> {
    ledger.execute_batch(&format!(
        "INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {records})
         SELECT 'uzhkh', 'counter', printf('%036d', n),
             json_object('Id', printf('%036d', n), 'SerialNumber', 'SN-' || n, 'Value1', 10.5, 'Value2', NULL,
                 'DateTimeForValue', '2024-05-01T08:00:00', 'CounterTypeIdentifier', 'Gas', 'IsPublish',
                 json('true'), 'FlatId', printf('%036d', n / 4), 'TypeObject', 'Квартира', 'CheckDate', NULL),
             printf('%064d', n), '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z' FROM n;
         INSERT INTO change (at, source, kind, id, op)
         SELECT '2026-01-01T00:00:00.000Z', source, kind, id, 'insert' FROM record;"
    ))?;
    Ok(())
}

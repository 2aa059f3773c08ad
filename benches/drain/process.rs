//! The program as a process of its own: where its ledger stands, how long it took, how
//! much memory it had.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The program itself, as `cargo bench` built it.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_uzhkh-ledger");
/// How often a child's memory is looked at.
const LOOK: Duration = Duration::from_millis(5);
/// A child that takes longer is hung.
const LONGEST: Duration = Duration::from_secs(600);

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

    /// Runs another command to its end; what it prints is nobody's business.
    #[allow(dead_code, reason = "not every bench has another command to run")]
    pub(crate) fn command(&self, config: &str, arguments: &[&str]) -> anyhow::Result<Duration> {
        let file = self.directory.path().join("config.toml");
        std::fs::write(&file, config)?;
        let began = Instant::now();
        let status = Command::new(PROGRAM)
            .arg("--config")
            .arg(&file)
            .args(arguments)
            .stdout(Stdio::null())
            .status()?;
        anyhow::ensure!(status.success(), "{arguments:?} failed: {status}");
        Ok(began.elapsed())
    }

    /// Runs `run --once` with a config, which is to name the ledger, and watches its
    /// memory.
    pub(crate) fn run_once(&self, config: &str, arguments: &[&str]) -> anyhow::Result<Once> {
        let file = self.directory.path().join("config.toml");
        std::fs::write(&file, config)?;
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
        Ok(Once { took: began.elapsed(), peak })
    }
}

/// What `run --once` took as a process of its own.
pub(crate) struct Once {
    pub(crate) took: Duration,
    /// The most memory that was resident at a time, in bytes.
    pub(crate) peak: u64,
}

/// `VmHWM` of a process; its own, not what its parent had before it was started.
fn high_water(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

//! Programs as processes of their own: where the ledger stands, how long they took, how much
//! memory and processor time, and what they wrote.

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
        let mut command = Command::new(PROGRAM);
        command.args(["run", "--once", "--config"]).arg(&file).args(arguments);
        watch(command.env("UZHKH_LEDGER_LOG", "warn"))
    }
}

/// What a program took as a process of its own.
#[allow(dead_code, reason = "not every bench looks at all of it")]
pub(crate) struct Once {
    pub(crate) took: Duration,
    /// The most memory that was resident at a time, in bytes.
    pub(crate) peak: u64,
    /// Processor time, of the system too.
    pub(crate) cpu: Duration,
    /// What it had written to the disk, in bytes.
    pub(crate) written: u64,
}

/// Runs a program to its end, and looks at it meanwhile: all these numbers only grow, so
/// looking now and then misses nothing but the end.
pub(crate) fn watch(command: &mut Command) -> anyhow::Result<Once> {
    let began = Instant::now();
    let mut process = command.spawn()?;
    let (mut peak, mut cpu, mut written) = (0, Duration::ZERO, 0);
    let status = loop {
        peak = high_water(process.id()).unwrap_or(0).max(peak);
        cpu = processor_time(process.id()).unwrap_or_default().max(cpu);
        written = bytes_written(process.id()).unwrap_or(0).max(written);
        if let Some(status) = process.try_wait()? {
            break status;
        }
        if began.elapsed() > LONGEST {
            process.kill()?;
            process.wait()?;
            anyhow::bail!("{command:?} does not end");
        }
        std::thread::sleep(LOOK);
    };
    anyhow::ensure!(status.success(), "{command:?} failed: {status}");
    Ok(Once { took: began.elapsed(), peak, cpu, written })
}

fn processor_time(process: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name in brackets, which may hold anything.
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    // A tick of /proc is a hundredth of a second wherever Linux runs.
    Some(Duration::from_millis(ticks * 10))
}

fn bytes_written(process: u32) -> Option<u64> {
    let io = std::fs::read_to_string(format!("/proc/{process}/io")).ok()?;
    io.lines().find_map(|line| line.strip_prefix("write_bytes: "))?.parse().ok()
}

/// `VmHWM` of a process; its own, not what its parent had before it was started.
fn high_water(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

//! The binary: run to its end, or left running.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{secrets, wait_until};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_uzhkh-ledger");
/// What it says at a panic, after which its exit code is that of any other failure.
const PANICKED: &str = "a bug: panicked";

/// A run of the binary that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

/// The binary, in an environment that says nothing to it.
pub(crate) fn command(config: &Path, arguments: &[&str]) -> Command {
    under(&[], config, arguments)
}

/// The same, run by another program, such as strace.
pub(crate) fn under(tracer: &[&str], config: &Path, arguments: &[&str]) -> Command {
    let words = [tracer, &[BINARY]].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg("--config").arg(config).args(arguments).stdin(Stdio::null());
    for variable in [
        "UZHKH_TOKEN",
        "MACROCRM_APP_SECRET",
        "ALMA_API_KEY",
        "BITRIX24_WEBHOOK_URL",
        "WEB_TOKEN_1C",
        "RELAY_URL",
        "UZHKH_LEDGER_LOG",
        "RUST_LOG",
        "JOURNAL_STREAM",
        "CREDENTIALS_DIRECTORY",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs it to its end.
pub(crate) fn run(config: &Path, arguments: &[&str]) -> Ended {
    finish(command(config, arguments))
}

/// Runs a command that was made with [`command`] to its end.
pub(crate) fn finish(command: Command) -> Ended {
    let began = Instant::now();
    begin(command).ended(began)
}

/// Starts it.
pub(crate) fn spawn(config: &Path, arguments: &[&str]) -> Daemon {
    begin(command(config, arguments))
}

/// Starts a command that was made with [`command`].
pub(crate) fn begin(command: Command) -> Daemon {
    begin_watched(command, None)
}

/// A further look at everything that a process has said.
pub(super) type Watch = Box<dyn Fn(&str) + Send>;

/// Starts a command whose output gets a further look.
pub(super) fn begin_watched(mut command: Command, watch: Option<Watch>) -> Daemon {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let stdout = Gathered::from(child.stdout.take().unwrap());
    let stderr = Gathered::from(child.stderr.take().unwrap());
    Daemon { child, stdout, stderr, watch }
}

/// Sends a process a signal by its name.
#[track_caller]
pub(crate) fn signal(process: u32, name: &str) {
    let signal = match name {
        "TERM" => Signal::TERM,
        "INT" => Signal::INT,
        "HUP" => Signal::HUP,
        "KILL" => Signal::KILL,
        "STOP" => Signal::STOP,
        "CONT" => Signal::CONT,
        other => panic!("no test sends SIG{other}"),
    };
    let id = Pid::from_raw(process.cast_signed()).unwrap();
    kill_process(id, signal).unwrap();
}

/// The processes that a process has started itself, such as what strace runs.
pub(crate) fn children(process: u32) -> Vec<u32> {
    let path = format!("/proc/{process}/task/{process}/children");
    let children = std::fs::read_to_string(path).unwrap_or_default();
    children.split_whitespace().map(|id| id.parse().unwrap()).collect()
}

/// What a stream has brought so far.
struct Gathered {
    text: Arc<Mutex<Vec<u8>>>,
    reading: Option<JoinHandle<()>>,
}

impl Gathered {
    fn from(mut stream: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let gathered = Arc::clone(&text);
        let reading = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                gathered.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Self { text, reading: Some(reading) }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }

    fn whole(&mut self) -> String {
        if let Some(reading) = self.reading.take() {
            reading.join().unwrap();
        }
        self.so_far()
    }
}

/// The binary while it runs. Dropping it kills it.
pub(crate) struct Daemon {
    child: Child,
    stdout: Gathered,
    stderr: Gathered,
    watch: Option<Watch>,
}

impl Daemon {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.stderr.so_far()
    }

    /// What it has printed so far.
    pub(crate) fn output(&self) -> String {
        self.stdout.so_far()
    }

    /// Sends a signal by its name.
    #[track_caller]
    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Whether it has come to its end.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Stops it in order; answers its log.
    #[track_caller]
    pub(crate) fn stop(self) -> String {
        self.signal("TERM");
        let ended = self.end();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stderr
    }

    /// kill -9, without waiting for its end.
    pub(super) fn send_kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// kill -9.
    #[track_caller]
    pub(crate) fn kill(mut self) {
        self.send_kill();
        self.end();
    }

    /// Waits for its end. Nothing that it has said is secret.
    #[track_caller]
    pub(crate) fn end(self) -> Ended {
        self.ended(Instant::now())
    }

    #[track_caller]
    pub(super) fn ended(mut self, began: Instant) -> Ended {
        let mut status = None;
        wait_until("the end of the program", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let took = began.elapsed();
        let status = status.unwrap();
        let (stdout, stderr) = (self.stdout.whole(), self.stderr.whole());
        assert!(!stderr.contains(PANICKED), "{stderr}");
        for told in [&stdout, &stderr] {
            secrets::assert_none_in(told);
            if let Some(watch) = &self.watch {
                watch(told);
            }
        }
        Ended { status, code: status.code(), stdout, stderr, took }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            eprintln!("{}{}", self.output(), self.log());
        }
    }
}

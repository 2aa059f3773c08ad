//! The simulator, a ledger in a directory of its own, and one process at a time.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uzhkh_ledger::simulator::{Acknowledged, Options, Report, Simulator, Uzhkh};

use super::{until, witness};

const PROGRAM: &str = env!("CARGO_BIN_EXE_uzhkh-ledger");
const TOKEN: &str = "a-token-that-nobody-may-see";
/// What no output may hold: the token, and the path of the internal link.
pub(crate) const SECRETS: [&str; 2] = [TOKEN, "/internal"];

type OnDelete = Box<dyn FnMut(&Acknowledged) -> bool + Send>;

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Killed at the moment that was wanted.
    Killed,
    /// It was done before.
    ByItself,
}

/// What the witness, on a thread of the simulator's, shares with the test.
#[derive(Default)]
struct Stage {
    process: Mutex<Option<Child>>,
    /// Asked at each Delete of a known entry; true kills the process.
    on_delete: Mutex<Option<OnDelete>>,
    acknowledged: Mutex<Vec<Acknowledged>>,
}

/// One of everything that a scenario needs.
pub(crate) struct Bench {
    stage: Arc<Stage>,
    simulator: Simulator,
    /// Elements that can only be quarantined, by queue.
    bad: Mutex<Vec<(&'static str, String)>>,
    ledger: PathBuf,
    dir: TempDir,
    _runtime: Runtime,
}

impl Bench {
    /// A simulator of these options and a ledger that is not there yet.
    pub(crate) fn new(options: Options) -> Self {
        Self::at(options, |dir| dir.join("ledger.db"))
    }

    /// The same with the ledger at another place.
    pub(crate) fn at(options: Options, ledger: impl FnOnce(&Path) -> PathBuf) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ledger = ledger(dir.path());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let stage = Arc::new(Stage::default());
        let simulator = runtime
            .block_on(Simulator::start(Options {
                token: TOKEN.to_owned(),
                witness: Some(stage.witness(ledger.clone())),
                ..options
            }))
            .unwrap();
        let config = format!(
            "[ledger]\npath = {ledger:?}\n\
             [uzhkh]\nbase_url = {:?}\ntoken = {TOKEN:?}\nacknowledge_concurrency = 4\n\
             requests_schedule = \"* * * * * *\"\ndeleted_schedule = \"* * * * * *\"\n\
             [identity]\nannounce_after = \"0s\"\n",
            simulator.base_url(),
        );
        fs::write(dir.path().join("config.toml"), config).unwrap();
        Self { stage, simulator, bad: Mutex::default(), ledger, dir, _runtime: runtime }
    }

    pub(crate) fn uzhkh(&self) -> &Uzhkh {
        self.simulator.uzhkh()
    }

    pub(crate) fn report(&self) -> Report {
        self.uzhkh().report()
    }

    /// From now on ids that were only referred to are kept back for long, so that
    /// what goes out went out for another reason.
    pub(crate) fn announce_late(&self) {
        let config = fs::read_to_string(self.file("config.toml")).unwrap();
        let config = config.replace("announce_after = \"0s\"", "announce_after = \"9d\"");
        fs::write(self.file("config.toml"), config).unwrap();
    }

    /// How often an endpoint was asked so far.
    pub(crate) fn asked(&self, endpoint: &str) -> u64 {
        self.report().requests.get(endpoint).copied().unwrap_or(0)
    }

    /// Every entry that a Delete took out, as it was offered.
    pub(crate) fn acknowledged(&self) -> Vec<Acknowledged> {
        lock(&self.stage.acknowledged).clone()
    }

    /// What to do at each Delete, before it takes effect; true kills.
    pub(crate) fn on_delete(&self, hook: impl FnMut(&Acknowledged) -> bool + Send + 'static) {
        *lock(&self.stage.on_delete) = Some(Box::new(hook));
    }

    /// Puts an element that can only be quarantined into a queue.
    pub(crate) fn push_bad(&self, queue: &'static str, text: &str) {
        match queue {
            "requests" => self.uzhkh().push_request(text),
            _ => self.uzhkh().push_deleted(text),
        }
        lock(&self.bad).push((queue, text.to_owned()));
    }

    pub(crate) fn bad(&self) -> Vec<(&'static str, String)> {
        lock(&self.bad).clone()
    }

    /// The ledger, as any reader opens it.
    pub(crate) fn read(&self) -> Connection {
        Connection::open_with_flags(&self.ledger, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
    }

    pub(crate) fn ledger(&self) -> &Path {
        &self.ledger
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Everything that the runs have said so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    /// The program with these arguments, its output going to the log.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_under(&[], arguments)
    }

    fn command_under(&self, tracer: &[&str], arguments: &[&str]) -> Command {
        let mut words = tracer.iter().copied().chain([PROGRAM]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(arguments);
        command.arg("--config").arg(self.file("config.toml"));
        command.env_clear().env("UZHKH_LEDGER_LOG", "debug");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.stdin(Stdio::null());
        command.stdout(self.log_file()).stderr(self.log_file());
        command
    }

    fn log_file(&self) -> File {
        let mut options = OpenOptions::new();
        let opened = options.create(true).append(true).open(self.file("log"));
        opened.unwrap()
    }

    /// Starts the program.
    pub(crate) fn start(&self, arguments: &[&str]) {
        self.start_under(&[], arguments);
    }

    /// Starts the program under a tracer.
    pub(crate) fn start_under(&self, tracer: &[&str], arguments: &[&str]) {
        let child = self.command_under(tracer, arguments).spawn();
        let child = child.unwrap_or_else(|error| panic!("{tracer:?}: {error}"));
        let before = lock(&self.stage.process).replace(child);
        assert!(before.is_none(), "one process at a time");
    }

    pub(crate) fn process_id(&self) -> u32 {
        lock(&self.stage.process).as_ref().unwrap().id()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.stage.ended().is_some()
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(&self) -> ExitStatus {
        let mut status = None;
        until("the end of the process", || {
            status = self.stage.ended();
            status.is_some()
        });
        *lock(&self.stage.process) = None;
        status.unwrap()
    }

    /// Kills the process once this holds, unless it ends before.
    pub(crate) fn kill_when(&self, what: &str, mut holds: impl FnMut() -> bool) -> Ended {
        let mut reached = false;
        until(what, || {
            reached = holds();
            reached || self.has_ended()
        });
        self.stage.kill();
        self.wait();
        match reached {
            true => Ended::Killed,
            false => Ended::ByItself,
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.process_id(), name);
    }

    /// Takes everything that goes wrong away and lets the program finish: one clean
    /// pass leaves nothing waiting but what it cannot understand.
    pub(crate) fn settle(&self) {
        self.uzhkh().clear_faults();
        self.uzhkh().set_latency(Duration::ZERO);
        *lock(&self.stage.on_delete) = None;
        self.start(&["run", "--once"]);
        let status = self.wait();
        assert!(status.success(), "{status}\n{}", self.log());
        let bad = self.bad();
        let left = |queue| bad.iter().filter(|(of, _)| *of == queue).count();
        assert_eq!(
            (self.uzhkh().queue_len(), self.uzhkh().deleted_len()),
            (left("requests"), left("deleted")),
            "what waits at UZhKH after a clean pass\n{}",
            self.log()
        );
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stage.kill();
        if let Some(mut child) = lock(&self.stage.process).take() {
            child.wait().unwrap();
        }
    }
}

impl Stage {
    /// Looks at each Delete: first whether this is where the process is to die, so
    /// that what is then found in the ledger is what the dead have left.
    fn witness(self: &Arc<Self>, ledger: PathBuf) -> uzhkh_ledger::simulator::Witness {
        let stage = Arc::clone(self);
        Arc::new(move |item| {
            lock(&stage.acknowledged).push(item.clone());
            if lock(&stage.on_delete).as_mut().is_some_and(|hook| hook(item)) {
                stage.kill();
            }
            witness::look(&ledger, item)
        })
    }

    fn kill(&self) {
        if let Some(child) = lock(&self.process).as_mut() {
            child.kill().unwrap();
        }
    }

    fn ended(&self) -> Option<ExitStatus> {
        let mut process = lock(&self.process);
        process.as_mut().unwrap().try_wait().unwrap()
    }
}

/// Sends a signal by name.
pub(crate) fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &process.to_string()]).status();
    assert!(sent.unwrap().success());
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

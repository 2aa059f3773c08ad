//! One process at a time that dies at a chosen moment, and what the witness shares with the
//! test about it.

use std::fs;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use simulator::{Acknowledged, Witness};

use super::process::{self, Daemon};
use super::witness::Looks;
use super::{Bench, look_every};

type OnDelete = Box<dyn FnMut(&Acknowledged) -> bool + Send>;

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Killed at the moment that was wanted.
    Killed,
    /// It was done before.
    ByItself,
}

/// What the witness, on a thread of the simulator's, shares with the test.
#[derive(Default)]
pub(super) struct Stage {
    process: Mutex<Option<Daemon>>,
    /// What the processes before have said.
    said: Mutex<String>,
    /// Asked at each Delete of a known entry; true kills the process.
    on_delete: Mutex<Option<OnDelete>>,
    acknowledged: Mutex<Vec<Acknowledged>>,
    looks: Looks,
}

impl Stage {
    /// Looks at each Delete: first whether this is where the process is to die, so
    /// that what is then found in the ledger is what the dead have left.
    pub(super) fn witness(self: &Arc<Self>, ledger: PathBuf) -> Witness {
        let stage = Arc::clone(self);
        Arc::new(move |item| {
            lock(&stage.acknowledged).push(item.clone());
            if lock(&stage.on_delete).as_mut().is_some_and(|hook| hook(item)) {
                stage.kill();
            }
            stage.looks.look(&ledger, item)
        })
    }

    fn kill(&self) {
        if let Some(process) = lock(&self.process).as_mut() {
            process.send_kill();
        }
    }

    /// Ends what still runs.
    pub(super) fn clear(&self) {
        // Dropping it kills it.
        drop(lock(&self.process).take());
    }

    fn has_ended(&self) -> bool {
        lock(&self.process).as_mut().unwrap().has_ended()
    }
}

impl Bench {
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

    /// From now on ids that were only referred to are kept back for long, so that
    /// what goes out went out for another reason.
    pub(crate) fn announce_late(&self) {
        let config = fs::read_to_string(self.config()).unwrap();
        let config = config.replace("announce_after = \"0s\"", "announce_after = \"9d\"");
        fs::write(self.config(), config).unwrap();
    }

    /// From now on the accounting system names what is new.
    pub(crate) fn named_by_others(&self) {
        let config = fs::read_to_string(self.config()).unwrap();
        let config = config.replace("[identity]\n", "[identity]\nassign = \"external\"\n");
        fs::write(self.config(), config).unwrap();
    }

    /// Everything that the processes on the stage have said so far.
    pub(crate) fn log(&self) -> String {
        let mut said = lock(&self.stage.said).clone();
        if let Some(process) = lock(&self.stage.process).as_ref() {
            said += &process.output();
            said += &process.log();
        }
        said
    }

    /// Puts the binary on the stage.
    pub(crate) fn start(&self, arguments: &[&str]) {
        self.start_under(&[], arguments);
    }

    /// Puts the binary on the stage, run by another program.
    pub(crate) fn start_under(&self, tracer: &[&str], arguments: &[&str]) {
        let process = self.spawn(self.command_under(tracer, arguments));
        let before = lock(&self.stage.process).replace(process);
        assert!(before.is_none(), "one process at a time");
    }

    pub(crate) fn process_id(&self) -> u32 {
        lock(&self.stage.process).as_ref().unwrap().id()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.stage.has_ended()
    }

    /// Waits for the end of the process on the stage.
    pub(crate) fn wait(&self) -> ExitStatus {
        let ends = || self.has_ended();
        look_every(Duration::from_millis(1), "the end of the process", ends);
        let process = lock(&self.stage.process).take().unwrap();
        let ended = process.end();
        lock(&self.stage.said).extend([ended.stdout, ended.stderr]);
        ended.status
    }

    /// Kills the process on the stage once this holds, unless it ends before.
    pub(crate) fn kill_when(&self, what: &str, mut holds: impl FnMut() -> bool) -> End {
        let mut reached = false;
        look_every(Duration::from_millis(1), what, || {
            reached = holds();
            reached || self.has_ended()
        });
        self.stage.kill();
        self.wait();
        if reached { End::Killed } else { End::ByItself }
    }

    /// Sends the process on the stage a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        process::signal(self.process_id(), name);
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

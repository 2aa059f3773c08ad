//! Processes whose clock is wrong, or goes at another pace.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::tool;

/// Has a command run with a clock that is ahead or behind by this: `+3y`, `-2h`. None where
/// this machine has no faketime.
pub(crate) fn shifted(mut command: Command, by: &str) -> Option<Command> {
    command.env("LD_PRELOAD", library()?).env("FAKETIME", by);
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    Some(command)
}

/// What faketime starts itself would not be killed with it: its library is enough.
fn library() -> Option<String> {
    let mut said = String::new();
    // It fails where another one that had its process id has left its shared memory behind.
    for _ in 0..10 {
        let asked = tool("faketime")?.args(["-f", "+0", "printenv", "LD_PRELOAD"]).output();
        said = String::from_utf8(asked.unwrap().stdout).unwrap();
        if said.contains("faketime") {
            return Some(said.trim().to_owned());
        }
    }
    panic!("faketime names no library: {said}")
}

/// A clock that goes faster than ours, and may be wrong. The processes that go by it share it, and
/// it can be moved under them: each reads a file of its own, since faketime counts from the
/// beginning of a process.
pub(crate) struct Clock {
    library: String,
    folder: PathBuf,
    pace: u32,
    began: Instant,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    /// By how many seconds it is wrong.
    wrong: i64,
    /// When each process began.
    begun: Vec<Duration>,
}

impl Clock {
    /// None where this machine has no faketime.
    pub(crate) fn new(folder: PathBuf, pace: u32) -> Option<Self> {
        std::fs::create_dir_all(&folder).unwrap();
        let library = library()?;
        Some(Self { library, folder, pace, began: Instant::now(), told: Mutex::default() })
    }

    /// From now on it is wrong by so many seconds.
    pub(crate) fn is_wrong_by(&self, seconds: i64) {
        let mut told = self.told.lock().unwrap();
        told.wrong = seconds;
        for (process, begun) in told.begun.iter().enumerate() {
            self.tell(process, *begun, seconds);
        }
    }

    /// Has a command go by it.
    pub(super) fn put_on(&self, command: &mut Command) {
        let mut told = self.told.lock().unwrap();
        let begun = self.began.elapsed();
        let file = self.tell(told.begun.len(), begun, told.wrong);
        told.begun.push(begun);
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", file)
            .env("FAKETIME_CACHE_DURATION", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }

    fn tell(&self, process: usize, begun: Duration, wrong: i64) -> PathBuf {
        let ahead = begun * (self.pace - 1);
        let ahead = i64::try_from(ahead.as_secs()).unwrap() + wrong;
        let file = self.folder.join(process.to_string());
        let whole = file.with_extension("next");
        std::fs::write(&whole, format!("{ahead:+} x{}\n", self.pace)).unwrap();
        std::fs::rename(&whole, &file).unwrap();
        file
    }
}

//! A service manager that does no more than listen, and a unit's command line under it.

use std::collections::BTreeMap;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::process::{self, BINARY, Daemon};
use crate::support::{Bench, wait_until};

/// A unit file: the values of each key, in order.
pub(crate) type Unit = BTreeMap<String, Vec<String>>;

/// Reads a unit file of `deploy/`.
pub(crate) fn unit(name: &str) -> Unit {
    let path = format!("{}/deploy/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut unit = Unit::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        if let Some((key, value)) = line.split_once('=')
            && !key.starts_with('#')
        {
            let values: &mut Vec<_> = unit.entry(key.to_owned()).or_default();
            values.push(value.to_owned());
        }
    }
    unit
}

/// The only value of a key.
#[track_caller]
pub(crate) fn only<'u>(unit: &'u Unit, key: &str) -> &'u str {
    let values = unit.get(key).map(Vec::as_slice);
    let Some([value]) = values else {
        panic!("{key}: {values:?}");
    };
    value
}

/// The command line of the unit, with this program and this config in the places of the
/// installed ones.
fn command_line(config: &Path) -> Vec<String> {
    let unit = unit("uzhkh-ledger.service");
    let words = only(&unit, "ExecStart").split(' ').map(|word| match word {
        "/usr/bin/uzhkh-ledger" => BINARY.to_owned(),
        "/etc/uzhkh-ledger/config.toml" => config.display().to_string(),
        word => word.to_owned(),
    });
    let words: Vec<String> = words.collect();
    assert_eq!(words[0], BINARY);
    assert!(words.contains(&config.display().to_string()), "{words:?}");
    words
}

/// What has been heard, and when.
pub(crate) struct Manager {
    socket: std::path::PathBuf,
    heard: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Manager {
    pub(crate) fn listen(bench: &Bench) -> Self {
        let path = bench.dir.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&heard);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length) = socket.recv(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..length]);
                let lines = text.lines().map(|line| (Instant::now(), line.to_owned()));
                noted.lock().unwrap().extend(lines);
            }
        });
        Self { socket: path, heard }
    }

    /// Starts the unit's command line, run by another program where one is given.
    pub(crate) fn start(&self, bench: &Bench, tracer: &[&str], watchdog: Duration) -> Daemon {
        let mut words: Vec<String> = tracer.iter().map(|&word| word.to_owned()).collect();
        words.extend(command_line(&bench.config()));
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .env("NOTIFY_SOCKET", &self.socket)
            .env("WATCHDOG_USEC", watchdog.as_micros().to_string())
            .stdin(Stdio::null());
        process::begin(command)
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        heard.iter().map(|(_, line)| line.clone()).collect()
    }

    /// How often this was heard.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.heard().iter().filter(|one| *one == line).count()
    }

    /// The longest time between two feeds of the watchdog.
    pub(crate) fn longest_fast(&self) -> Duration {
        let heard = self.heard.lock().unwrap();
        let feeds = heard.iter().filter(|(_, line)| line == "WATCHDOG=1");
        let feeds: Vec<Instant> = feeds.map(|(at, _)| *at).collect();
        let gaps = feeds.windows(2).map(|pair| pair[1] - pair[0]);
        gaps.max().unwrap_or_default()
    }

    /// Waits until a line is heard that begins so; answers it.
    #[track_caller]
    pub(crate) fn hear(&self, begin: &str) -> String {
        let mut found = None;
        wait_until(begin, || {
            let mut heard = self.heard().into_iter();
            found = heard.find(|line| line.starts_with(begin));
            found.is_some()
        });
        found.unwrap()
    }
}

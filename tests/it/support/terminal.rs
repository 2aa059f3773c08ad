//! The binary on a terminal, as a person has it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::process::command;
use super::{Bench, wait_until};

/// What a person saw, and how it ended.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) code: Option<i32>,
    pub(crate) screen: String,
}

/// Both ends of a new terminal.
fn open() -> (File, File) {
    let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&near).unwrap();
    unlockpt(&near).unwrap();
    let name = ptsname(&near, Vec::new()).unwrap();
    let path = std::ffi::OsStr::from_bytes(name.as_bytes());
    let far = OpenOptions::new().read(true).write(true).open(path);
    (File::from(near), far.unwrap())
}

/// Runs a command on a terminal; where it asks, this is what is typed.
pub(crate) fn typed(bench: &Bench, arguments: &[&str], answer: &str) -> Seen {
    let (mut near, far) = open();
    let mut command = command(&bench.config(), arguments);
    for stream in [Command::stdin, Command::stdout, Command::stderr] {
        stream(&mut command, Stdio::from(far.try_clone().unwrap()));
    }
    let mut child = command.spawn().unwrap();
    // Only the child has the far end now: its end ends what is read.
    drop((command, far));
    let screen = Arc::new(Mutex::new(Vec::new()));
    let (mut reading, seen) = (near.try_clone().unwrap(), Arc::clone(&screen));
    let reader = std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while let Ok(count @ 1..) = reading.read(&mut buffer) {
            seen.lock().unwrap().extend_from_slice(&buffer[..count]);
        }
    });
    let text = || String::from_utf8_lossy(&screen.lock().unwrap()).into_owned();
    let mut status = None;
    wait_until("a question, or the end", || {
        status = child.try_wait().unwrap();
        status.is_some() || text().contains("Go on?")
    });
    if status.is_none() {
        near.write_all(answer.as_bytes()).unwrap();
    }
    wait_until("the end", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    reader.join().unwrap();
    Seen { code: status.and_then(|status| status.code()), screen: text() }
}

/// Runs a command on a terminal that asks several times; an answer is typed once a line that ends
/// with a colon stands there, and no character of it may be needed before.
pub(crate) fn conversation(bench: &Bench, arguments: &[&str], answers: &[&str]) -> Seen {
    let (mut near, far) = open();
    let mut command = command(&bench.config(), arguments);
    for stream in [Command::stdin, Command::stdout, Command::stderr] {
        stream(&mut command, Stdio::from(far.try_clone().unwrap()));
    }
    let mut child = command.spawn().unwrap();
    drop((command, far));
    let screen = Arc::new(Mutex::new(Vec::new()));
    let (mut reading, seen) = (near.try_clone().unwrap(), Arc::clone(&screen));
    let reader = std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while let Ok(count @ 1..) = reading.read(&mut buffer) {
            seen.lock().unwrap().extend_from_slice(&buffer[..count]);
        }
    });
    let text = || String::from_utf8_lossy(&screen.lock().unwrap()).into_owned();
    let mut status = None;
    for (at, answer) in answers.iter().enumerate() {
        wait_until("a question, or the end", || {
            status = child.try_wait().unwrap();
            status.is_some() || text().matches(": ").count() > at
        });
        if status.is_none() {
            near.write_all(answer.as_bytes()).unwrap();
        }
    }
    wait_until("the end", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    reader.join().unwrap();
    Seen { code: status.and_then(|status| status.code()), screen: text() }
}

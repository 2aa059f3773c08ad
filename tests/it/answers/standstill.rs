//! A process that stands still (SIGSTOP, a paused machine) while an answer comes.

use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::unruly::{Asked, Unruly, says};
use crate::support::{process, setup, wait_until};

/// How long an answer is waited for, as the config says.
const TIMEOUT: Duration = Duration::from_secs(1);

#[test]
fn a_decision_answered_while_the_process_is_stopped_is_done() {
    let (frozen, is_frozen) = mpsc::channel::<()>();
    let is_frozen = std::sync::Mutex::new(is_frozen);
    let (answered, is_answered) = mpsc::channel::<()>();
    let answered = std::sync::Mutex::new(answered);
    let server = Unruly::start(move |stream: &mut TcpStream, asked: &Asked| {
        if !asked.path().starts_with("Synchronization/") {
            return says(stream, "[]");
        }
        // Answered once the process that has asked stands still.
        is_frozen.lock().unwrap().recv().unwrap();
        let kept = says(stream, "ok");
        answered.lock().unwrap().send(()).unwrap();
        kept
    });
    let bench = setup().section("[http]\ntimeout = \"1s\"").start();
    bench.write_config(&server.base_url());
    bench.pass();
    let ended = bench.run(&["decide", "register", "71", "--approve"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let daemon = bench.daemon();
    let path = "Synchronization/HandleRequestToRegister";
    wait_until("the decision is on its way", || !server.asked(path).is_empty());
    process::signal(daemon.id(), "STOP");
    let stopped = Instant::now();
    frozen.send(()).unwrap();
    is_answered.recv().unwrap();
    // The time that the process must not count: its deadline passes meanwhile.
    wait_until("its deadline has passed", || stopped.elapsed() > 2 * TIMEOUT);
    process::signal(daemon.id(), "CONT");
    wait_until("the decision is settled", || bench.one("SELECT state FROM call") != "pending");
    assert_eq!(bench.one("SELECT state, attempts, last_status FROM call"), "done|1|200");
    daemon.stop();
}

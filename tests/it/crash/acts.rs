//! A death at each flush of an act that a program asks for, of its answer and of the call that
//! carries it out: asked again with the same key after a restart, it has one effect.

use std::io::Read;
use std::process::{Child, Stdio};

use super::sweep::FLUSH;
use crate::support::entities::{envelope, to_register};
use crate::support::{tool, wait_until};
use crate::web::served::{Served, answer, begin, serve, token};

/// An act, the attempt that is counted, and its outcome have a flush each.
const FLUSHES: std::ops::RangeInclusive<usize> = 1..=4;

/// strace at a process that runs already, until it is dropped.
struct Tracer(Child);

impl Tracer {
    /// From now on the process dies at its N-th flush.
    fn at(process: u32, number: usize) -> Option<Self> {
        let mut strace = tool("strace")?;
        let inject = format!("inject={FLUSH}:signal=KILL:when={number}");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={FLUSH}")]);
        strace.args(["-e", &inject, "-p", &process.to_string()]);
        let tracer = Self(strace.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        wait_until("strace to be there", || is_traced(process));
        Some(tracer)
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // It has ended with what it traced.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Whether all threads of a process are traced.
fn is_traced(process: u32) -> bool {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{process}/task")) else { return true };
    let mut tasks = tasks.map(|task| task.unwrap().path().join("status"));
    tasks.all(|status| {
        std::fs::read_to_string(status)
            .map_or(true, |text| !text.lines().any(|line| line == "TracerPid:\t0"))
    })
}

fn decide(served: &Served, id: usize) -> std::net::TcpStream {
    let body = format!(r#"{{"request":"register","id":"{id}","approve":true}}"#);
    let (token, key) = (token("1c"), format!("Idempotency-Key: order {id}"));
    let headers = [token.as_str(), "Content-Type: application/json", &key];
    served.send("POST", "/api/v1/decisions", &headers, &body)
}

#[test]
fn an_act_and_its_answer_have_one_effect() {
    let mut served = serve();
    let mut deaths = 0;
    for number in FLUSHES {
        let id = number.to_string();
        served.bench.uzhkh().push_request(envelope(
            &format!("g{id}"),
            "RequestToRegister",
            &to_register(&id),
        ));
        let count = format!("SELECT count(*) FROM decision WHERE id = '{id}'");
        wait_until("the request", || served.bench.one(&count) == "1");
        let Some(tracer) = Tracer::at(served.daemon.id(), number) else { return };
        let mut first = Vec::new();
        // It may break off at any byte.
        drop(decide(&served, number).read_to_end(&mut first));
        let first = String::from_utf8(first).unwrap();
        let calls = format!("FROM call WHERE params ->> '$.id' = '{id}'");
        let state = format!("SELECT state {calls}");
        let mut has_died = false;
        wait_until("a death, or the end of the call", || {
            has_died = served.daemon.has_ended();
            has_died || served.bench.lines(&state) == ["done"]
        });
        deaths += u32::from(has_died);
        drop(tracer);
        let Served { daemon, address, bench } = served;
        daemon.kill();
        served = begin(bench, address);
        let again = answer(decide(&served, number));
        assert_eq!(again.status, 202, "{again:?}");
        let told = first.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        assert!(again.body.starts_with(told), "{first} {again:?}");
        wait_until("the call is settled", || {
            ["done", "unknown"].contains(&served.bench.one(&state).as_str())
        });
        assert_eq!(served.bench.one(&format!("SELECT count(*) {calls}")), "1");
        let acts = format!("SELECT count(*) FROM act WHERE target LIKE '%/{id}'");
        assert_eq!(served.bench.one(&acts), "1");
        let sent = served.bench.report().register_decisions;
        let times: u64 = sent.get(&id).into_iter().flatten().map(|one| one.times).sum();
        let is_done = served.bench.one(&state) == "done";
        assert!(times == 1 || times == 0 && !is_done, "sent {times} times");
    }
    assert!(deaths >= 3, "only {deaths} deaths");
    served.stop();
}

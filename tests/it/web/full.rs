//! No room on the disk: what has an effect is refused and not done later; what is read is
//! answered.

use std::fs::{self, File};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use super::served::{Served, answer, serve, token};
use crate::support::entities::{envelope, to_register};
use crate::support::{process::signal, tool, wait_until};

const DECISIONS: &str = "/api/v1/decisions";
const APPROVE: &str = r#"{"request":"register","id":"71","approve":true}"#;

/// Fails every write of the service, and says when it has begun.
fn fill(served: &Served) -> Child {
    let tracer = Command::new("strace")
        .args(["-f", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC"])
        .args(["-o", "/dev/null", "-p", &served.daemon.id().to_string()])
        .stderr(File::create(served.bench.file("tracer")).unwrap())
        .spawn()
        .unwrap();
    wait_until("strace is attached", || {
        let said = fs::read_to_string(served.bench.file("tracer")).unwrap_or_default();
        said.contains("attached")
    });
    tracer
}

fn decide(served: &Served) -> super::served::Answer {
    let headers =
        [&token("1c"), "Content-Type: application/json", "Idempotency-Key: on a full disk"];
    answer(served.send("POST", DECISIONS, &headers, APPROVE))
}

#[test]
fn what_cannot_be_written_is_refused_and_is_not_done_later() {
    let Some(_) = tool("strace") else { return };
    let served = serve();
    let entry = envelope("g71", "RequestToRegister", &to_register("71"));
    served.bench.uzhkh().push_request(entry);
    wait_until("the request", || served.bench.one("SELECT count(*) FROM decision") == "1");
    let mut tracer = fill(&served);
    let began = Instant::now();
    let refused = decide(&served);
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.detail().contains("full"));
    assert!(refused.head.contains("retry-after: "), "{}", refused.head);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(served.get("/api/v1/decisions").status, 200);
    signal(tracer.id(), "TERM");
    tracer.wait().unwrap();
    wait_until("it goes on", || served.daemon.log().contains("the disk has room again"));
    // A commit after it shows that it has been passed over.
    let entry = envelope("g72", "RequestToRegister", &to_register("72"));
    served.bench.uzhkh().push_request(entry);
    wait_until("another", || served.bench.one("SELECT count(*) FROM decision") == "2");
    assert_eq!(served.bench.one("SELECT (SELECT count(*) FROM act) + count(*) FROM call"), "0");
    assert_eq!(decide(&served).status, 202);
    assert_eq!(served.bench.one("SELECT count(*) FROM act"), "1");
    served.stop();
}

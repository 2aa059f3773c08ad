//! `check`: whether Alma knows us, found out with a rental object that does not exist.

use std::fs;
use std::path::PathBuf;

use simulator::{Endpoint, Fault, FaultKind, Options, Simulator};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::wire::KEY;
use crate::http::server::{Server, answer};
use crate::support::nowhere;
use crate::support::process::{self, Ended};

struct Bench {
    dir: TempDir,
    simulator: Simulator,
    runtime: Runtime,
}

fn bench() -> Bench {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let options = Options { api_key: KEY.to_owned(), ..Options::default() };
    let simulator = runtime.block_on(Simulator::start(options)).unwrap();
    let bench = Bench { dir: tempfile::tempdir().unwrap(), simulator, runtime };
    bench.write_config(&bench.simulator.alma().base_url());
    bench
}

impl Bench {
    fn config(&self) -> PathBuf {
        self.dir.path().join("config.toml")
    }

    fn write_config(&self, base_url: &str) {
        let ledger = self.dir.path().join("ledger.db");
        let text = format!(
            "[ledger]\npath = {ledger:?}\n[alma]\nbase_url = {base_url:?}\napi_key = {KEY:?}\n"
        );
        fs::write(self.config(), text).unwrap();
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = process::command(&self.config(), arguments);
        command.env("UZHKH_LEDGER_LOG", "trace,hyper_util=trace,reqwest=trace");
        let ended = process::finish(command);
        let told = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!told.contains(KEY), "{told}");
        ended
    }

    /// What a check that fails says of Alma.
    #[track_caller]
    fn told(&self) -> String {
        let ended = self.run(&["check"]);
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        let mut lines = ended.stdout.lines();
        let told = lines.find_map(|line| line.strip_prefix("alma    "));
        told.unwrap().to_owned()
    }
}

#[test]
fn who_is_known_is_told_so_and_nothing_is_changed() {
    let bench = bench();
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "config  ok\nledger  ok\nalma    ok\n");
    let alma = bench.simulator.alma();
    assert_eq!((alma.reads(), alma.writes()), (1, 0));
    let report = bench.simulator.report();
    assert!(report.violations.is_empty(), "{:?}", report.violations);
    assert_eq!(report.alma[0].path, "external_api/realty/buildings/");
    assert!(!bench.dir.path().join("ledger.db").exists());
}

#[test]
fn offline_asks_nobody() {
    let bench = bench();
    bench.simulator.alma().set_api_key("another");
    let ended = bench.run(&["check", "--offline"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(bench.simulator.alma().reads(), 0);
}

#[test]
fn another_key_is_refused() {
    let bench = bench();
    bench.simulator.alma().set_api_key("another");
    let told = bench.told();
    assert!(told.starts_with("list building: refused with HTTP 403; check the token"), "{told}");
    assert_eq!(bench.simulator.report().unauthorized, 1, "asked once");
}

#[test]
fn a_server_in_trouble_is_asked_again_and_then_said() {
    let bench = bench();
    let fault = || Fault::new(FaultKind::Error500).at(Endpoint::AlmaBuildings);
    bench.simulator.inject(fault().times(2));
    assert_eq!(bench.run(&["check"]).code, Some(0));
    bench.simulator.inject(fault());
    let told = bench.told();
    assert!(told.contains("HTTP 500"), "{told}");
}

#[test]
fn what_is_no_alma_is_said() {
    for (status, body, words) in [
        ("404 Not Found", "<h1>Not Found</h1>", "is alma.base_url right?"),
        ("404 Not Found", "", "refused with HTTP 404"),
        ("200 OK", "<html>", "it is a page for people"),
        ("200 OK", "{}", "it holds no list of objects with ids"),
        ("204 No Content", "", "its status is another"),
        (
            "400 Bad Request",
            r#"{"detail":"Unknown tenant."}"#,
            "refused with HTTP 400: Unknown tenant.",
        ),
    ] {
        let bench = bench();
        let reply = answer(status, "", body);
        let server = bench.runtime.block_on(Server::start(vec![reply]));
        bench.write_config(&format!("http://{}/", server.address));
        let told = bench.told();
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn who_cannot_be_reached_is_said() {
    let bench = bench();
    let address = nowhere();
    bench.write_config(&format!("http://{address}/"));
    let told = bench.told();
    assert!(told.contains("connection refused"), "{told}");
}

#[test]
fn a_key_that_no_header_can_hold_is_a_fault_of_the_config() {
    let bench = bench();
    let text = fs::read_to_string(bench.config()).unwrap();
    // A line break is refused sooner: no secret has one.
    fs::write(bench.config(), text.replace(KEY, "a\\tb")).unwrap();
    let ended = bench.run(&["check", "--offline"]);
    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
}

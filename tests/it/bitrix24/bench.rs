//! A simulated portal, a config that points at it, the binary, and the ledger that it
//! leaves behind.
//!
//! Everything runs with the most talkative log there is. A bench that ends without a
//! panic has seen no violation of the vendor's document, and neither the webhook's secret
//! nor a file's token in any output, nor anywhere in the ledger.

use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uzhkh_ledger::simulator::{
    Bitrix24, BitrixCall, BitrixKind, Endpoint, Fault, FaultKind, Options, Simulator,
};

use crate::support::lines;
use crate::support::process::{self, Daemon, Ended};

pub(crate) const SECRET: &str = "s3cret0fThePortal";
/// All that there is, of the libraries too.
const LOG: &str = "trace,reqwest=trace,reqwest::connect=trace,hyper::proto::h1=trace,\
                   hyper_util::client::legacy=trace,tokio_cron_scheduler=trace";
/// What has changed is asked for each second.
pub(crate) const EVERY_SECOND: &str = "schedule = \"* * * * * *\"";

pub(crate) struct Bench {
    dir: TempDir,
    pub(crate) simulator: Simulator,
    pub(crate) runtime: Runtime,
}

/// An empty portal, with these lines in `[bitrix24]`. There is no ledger yet.
pub(crate) fn bench(config: &str) -> Bench {
    with(config, |_| {})
}

/// The same, with these options.
pub(crate) fn with(config: &str, change: impl FnOnce(&mut Options)) -> Bench {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut options = Options { bitrix_secret: SECRET.to_owned(), ..Options::default() };
    change(&mut options);
    let simulator = runtime.block_on(Simulator::start(options)).unwrap();
    let bench = Bench { dir: tempfile::tempdir().unwrap(), simulator, runtime };
    bench.configure(config);
    bench
}

impl Bench {
    pub(crate) fn portal(&self) -> &Bitrix24 {
        self.simulator.bitrix24()
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.dir.path().join("ledger.db")
    }

    /// The config with these lines in `[bitrix24]`.
    pub(crate) fn configure(&self, further: &str) {
        let text = format!(
            "[ledger]\npath = {:?}\n[bitrix24]\nwebhook_url = {:?}\n{further}\n",
            self.ledger(),
            self.portal().webhook_url()
        );
        fs::write(self.dir.path().join("config.toml"), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let config = self.dir.path().join("config.toml");
        let mut command = process::command(&config, arguments);
        command.env("UZHKH_LEDGER_LOG", LOG);
        command
    }

    /// Runs a command of the binary to its end.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let ended = process::finish(self.command(arguments));
        clean(&ended.stdout);
        clean(&ended.stderr);
        ended
    }

    /// `run --once`, which must succeed.
    #[track_caller]
    pub(crate) fn pass(&self) -> Ended {
        let ended = self.run(&["run", "--once"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended
    }

    /// `run --once`, which must fail.
    #[track_caller]
    pub(crate) fn fail(&self) -> Ended {
        let ended = self.run(&["run", "--once"]);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        ended
    }

    /// The service, in the background.
    pub(crate) fn service(&self) -> Daemon {
        process::begin(self.command(&["run"]))
    }

    /// So many apartments, with the ids from 1.
    pub(crate) fn apartments(&self, count: u64) {
        for id in 1..=count {
            let fields = format!(r#"{{"title":"A{id}","ufCrm6_1682232396330":"{id}"}}"#);
            self.portal().put(BitrixKind::Apartment, id, &fields);
        }
    }

    pub(crate) fn fault(&self, kind: FaultKind, endpoint: Endpoint, times: u32) {
        let fault = Fault::new(kind).at(endpoint).times(times);
        self.simulator.inject(fault);
    }

    /// So many requests have reached an endpoint.
    pub(crate) fn asked(&self, endpoint: &str) -> u64 {
        let requests = self.simulator.report().requests;
        requests.get(endpoint).copied().unwrap_or_default()
    }

    /// All calls, in order.
    pub(crate) fn calls(&self) -> Vec<BitrixCall> {
        self.simulator.report().bitrix24
    }

    /// The rows of a query, each as one line with `|` between its columns.
    pub(crate) fn lines(&self, sql: &str) -> Vec<String> {
        lines(&self.ledger(), sql)
    }

    /// The only row of a query.
    #[track_caller]
    pub(crate) fn one(&self, sql: &str) -> String {
        let mut lines = self.lines(sql);
        assert_eq!(lines.len(), 1, "{sql}: {lines:?}");
        lines.remove(0)
    }

    /// Changes the ledger behind the program's back.
    pub(crate) fn tamper(&self, sql: &str) {
        let connection = Connection::open(self.ledger()).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    /// The next read of every kind is a full one.
    pub(crate) fn forget_full_reads(&self) {
        self.tamper("UPDATE feed SET full_at = '2020-01-01T00:00:00.000Z'");
    }

    /// How many live records there are of a kind.
    pub(crate) fn live(&self, kind: &str) -> String {
        self.one(&format!(
            "SELECT count(*) FROM record WHERE source = 'bitrix24' AND kind = '{kind}' AND deleted_at IS NULL"
        ))
    }

    /// Every change, as `op kind/id`.
    pub(crate) fn changes(&self) -> Vec<String> {
        self.lines("SELECT op || ' ' || kind || '/' || id FROM change ORDER BY seq")
    }

    /// The newest poll of a kind: its outcome, what came, what changed.
    pub(crate) fn polled(&self, kind: &str) -> String {
        self.newest(kind, "outcome, fetched, changed")
    }

    /// Why the newest poll of a kind failed.
    pub(crate) fn poll_error(&self, kind: &str) -> String {
        self.newest(kind, "error")
    }

    fn newest(&self, kind: &str, columns: &str) -> String {
        self.one(&format!(
            "SELECT {columns} FROM poll WHERE source = 'bitrix24' AND feed = '{kind}' ORDER BY seq DESC LIMIT 1"
        ))
    }

    /// The ledger keeps every promise.
    #[track_caller]
    pub(crate) fn verified(&self) {
        let ended = self.run(&["verify"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let violations = self.simulator.report().violations;
        assert!(violations.is_empty(), "{violations:?}");
        if self.ledger().exists() {
            for sql in [
                "SELECT body FROM record",
                "SELECT fields FROM change",
                "SELECT error FROM poll",
                "SELECT path, problem FROM finding",
                "SELECT last_error, body FROM item",
                "SELECT desired, sent, reason FROM alma_object",
            ] {
                clean(&self.lines(sql).join("\n"));
            }
        }
    }
}

/// Neither the secret, nor the address, nor a link of a file.
#[track_caller]
pub(crate) fn clean(told: &str) {
    for secret in [SECRET, "127.0.0.1", "urlMachine", "getFile", "token="] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

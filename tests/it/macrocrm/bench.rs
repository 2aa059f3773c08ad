//! A simulated MACRO, a config that points at it, the binary, and the ledger that it
//! leaves behind.
//!
//! Everything runs with the most talkative log there is. A bench that ends without a
//! panic has seen no violation of the vendor's document; no output, log or remark in the
//! ledger that shows the secret, the domain or a token; and neither a telephone nor an
//! address in any output.

use std::fs;
use std::path::PathBuf;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uzhkh_ledger::simulator::{
    self, Category, Endpoint, Fault, FaultKind, MacroCall, Options, Simulator,
};

use crate::support::process::{self, Daemon, Ended};
use crate::support::{TOKEN, lines};

pub(crate) const SECRET: &str = "s3cret-0f-the-tests";
pub(crate) const DOMAIN: &str = "сайт-Тестов.рф";
/// The beginning of the domain as it stands in a query.
const ENCODED: &str = "%D1%81%D0%B0%D0%B9%D1%82";
pub(crate) const HOUSE: &str = "123";
pub(crate) const FLAT: &str = "К-1.4-7-1";
/// All that there is, of the libraries too.
const LOG: &str = "trace,reqwest=trace,reqwest::connect=trace,hyper::proto::h1=trace,\
                   hyper_util::client::legacy=trace,tokio_cron_scheduler=trace";
/// Every list is read each second.
pub(crate) const EVERY_SECOND: &str = "schedule = \"* * * * * *\"";

pub(crate) struct Bench {
    dir: TempDir,
    pub(crate) simulator: Simulator,
    _runtime: Runtime,
    forgiving: bool,
}

/// With these lines in `[macrocrm]`, or sections after it. There is no ledger yet.
pub(crate) fn bench(config: &str) -> Bench {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let options = Options {
        token: TOKEN.to_owned(),
        domain: DOMAIN.to_owned(),
        app_secret: SECRET.to_owned(),
        ..Options::default()
    };
    let simulator = runtime.block_on(Simulator::start(options)).unwrap();
    let bench =
        Bench { dir: tempfile::tempdir().unwrap(), simulator, _runtime: runtime, forgiving: false };
    let macrocrm = bench.macrocrm();
    macrocrm.set_ready(HOUSE, "Дом", Category::Flat, &[FLAT, "2", "3"]);
    macrocrm.set_ready(HOUSE, "Дом", Category::Garage, &[FLAT]);
    bench.write_config(&macrocrm.base_url(), config);
    bench
}

/// The same, with a ledger that one pass has made.
pub(crate) fn read_once(config: &str) -> Bench {
    let bench = bench(config);
    bench.pass();
    bench
}

/// An address that refuses connections.
pub(crate) fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/", listener.local_addr().unwrap())
}

impl Bench {
    pub(crate) fn macrocrm(&self) -> &simulator::Macrocrm {
        self.simulator.macrocrm()
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.dir.path().join("ledger.db")
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("config.toml")
    }

    pub(crate) fn write_config(&self, base_url: &str, further: &str) {
        let text = format!(
            "[ledger]\npath = {:?}\n[macrocrm]\nbase_url = {base_url:?}\ndomain = {DOMAIN:?}\n\
             app_secret = {SECRET:?}\n{further}\n",
            self.ledger()
        );
        fs::write(self.config(), text).unwrap();
    }

    /// The config as it was, with other lines.
    pub(crate) fn reconfigure(&self, further: &str) {
        self.write_config(&self.macrocrm().base_url(), further);
    }

    /// A config with UZhKH and without MACRO.
    pub(crate) fn switch_off(&self) {
        let text = format!(
            "[ledger]\npath = {:?}\n[uzhkh]\nbase_url = {:?}\ntoken = {TOKEN:?}\n",
            self.ledger(),
            self.simulator.base_url()
        );
        fs::write(self.config(), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = process::command(&self.config(), arguments);
        command.env("UZHKH_LEDGER_LOG", LOG);
        command
    }

    /// Runs a command of the binary to its end.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let ended = process::finish(self.command(arguments));
        self.clean(&ended.stdout);
        self.clean(&ended.stderr);
        ended
    }

    /// `run --once`.
    #[track_caller]
    pub(crate) fn once(&self) -> Ended {
        self.run(&["run", "--once"])
    }

    /// `run --once`, which must succeed.
    #[track_caller]
    pub(crate) fn pass(&self) {
        let ended = self.once();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }

    /// `run --once`, which must fail.
    #[track_caller]
    pub(crate) fn fail(&self) -> Ended {
        let ended = self.once();
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        ended
    }

    /// The service, in the background.
    pub(crate) fn service(&self) -> Service<'_> {
        Service { bench: self, daemon: process::begin(self.command(&["run"])) }
    }

    /// Books a time for a flat; the options come last.
    #[track_caller]
    pub(crate) fn book(&self, flat: &str, at: &str, options: &[&str]) -> Ended {
        let phone = self.phone(flat);
        let base = ["keys", "book", "--house", HOUSE, "--flat", flat, "--at", at];
        self.run(&[&base, ["--phone", &phone].as_slice(), options].concat())
    }

    #[track_caller]
    pub(crate) fn books(&self, flat: &str, at: &str) {
        let ended = self.book(flat, at, &["--category", "flat"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }

    /// The telephone of somebody who may book a time for a flat.
    pub(crate) fn phone(&self, flat: &str) -> String {
        let flats = self.macrocrm().ready_flats();
        let known = flats.into_iter().find(|known| known.flat_num == flat);
        known.map_or_else(|| "+79000000000".to_owned(), |known| known.phone)
    }

    /// MACRO answers these bytes, whatever it does.
    pub(crate) fn answers(&self, endpoint: Endpoint, body: &str) {
        let body = body.to_owned().into();
        self.macrocrm().set_raw(endpoint, Some(body));
    }

    /// It answers by itself again.
    pub(crate) fn answers_itself(&self, endpoint: Endpoint) {
        self.macrocrm().set_raw(endpoint, None);
    }

    pub(crate) fn fault(&self, kind: FaultKind, endpoint: Endpoint) {
        self.simulator.inject(Fault::new(kind).at(endpoint));
    }

    /// So many requests have reached an endpoint.
    pub(crate) fn asked(&self, endpoint: &str) -> u64 {
        let requests = self.simulator.report().requests;
        requests.get(endpoint).copied().unwrap_or_default()
    }

    /// So many requests have reached `add`.
    pub(crate) fn added(&self) -> u64 {
        self.asked("add")
    }

    /// The calls of an endpoint, in order.
    pub(crate) fn calls(&self, endpoint: &str) -> Vec<MacroCall> {
        let mut calls = self.simulator.report().macrocrm;
        calls.retain(|call| call.endpoint == endpoint);
        calls
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

    /// `state|attempts|last_status` of every booking.
    pub(crate) fn states(&self) -> Vec<String> {
        self.lines("SELECT state, attempts, last_status FROM call WHERE op = 'add' ORDER BY seq")
    }

    /// What is kept of the first booking's failure.
    pub(crate) fn last_error(&self) -> String {
        self.lines("SELECT last_error FROM call ORDER BY seq").remove(0)
    }

    /// The ids of the ready flats.
    pub(crate) fn flats(&self) -> Vec<String> {
        self.lines("SELECT id FROM ready_flat ORDER BY id")
    }

    /// Every change, as `op id`.
    pub(crate) fn changes(&self) -> Vec<String> {
        self.lines("SELECT op || ' ' || id FROM change ORDER BY seq")
    }

    /// The newest poll of a list: its outcome, what came, what changed.
    pub(crate) fn polled(&self, list: &str) -> String {
        let sql = format!(
            "SELECT outcome, fetched, changed FROM poll WHERE source = 'macrocrm' AND feed = '{list}' \
             ORDER BY seq DESC LIMIT 1"
        );
        self.one(&sql)
    }

    /// Why the newest poll of a list failed.
    pub(crate) fn poll_error(&self, list: &str) -> String {
        let sql = format!(
            "SELECT error FROM poll WHERE source = 'macrocrm' AND feed = '{list}' \
             ORDER BY seq DESC LIMIT 1"
        );
        self.one(&sql)
    }

    /// All that the lists have left in the ledger.
    pub(crate) fn mirrored(&self) -> Vec<String> {
        let mut all = self.lines("SELECT * FROM record ORDER BY source, kind, id");
        all.extend(self.lines("SELECT * FROM change ORDER BY seq"));
        all.extend(
            self.lines("SELECT id, feed, hex(sha256) FROM feed_item ORDER BY source, id, feed"),
        );
        all
    }

    /// `verify`, which must find every promise kept.
    #[track_caller]
    pub(crate) fn verified(&self) {
        let ended = self.run(&["verify"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    }

    /// The test breaks the vendor's document on purpose.
    pub(crate) fn forgive_violations(&mut self) {
        self.forgiving = true;
    }

    /// A weekday that is not soon over.
    pub(crate) fn day(&self) -> Date {
        let mut day = self.macrocrm().today() + 2.days();
        while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            day = day.tomorrow().unwrap();
        }
        day
    }

    /// A time of that day.
    pub(crate) fn at(&self, time: &str) -> String {
        format!("{}T{time}", self.day())
    }

    /// An output says nothing that it must not.
    #[track_caller]
    fn clean(&self, told: &str) {
        unsecret(told);
        assert!(!told.contains("127.0.0.1"), "an address: {told}");
        for flat in self.macrocrm().ready_flats() {
            // +7 900 000-12-34: the last part of it is in every spelling of a form.
            let digits: String = flat.phone.chars().filter(char::is_ascii_digit).collect();
            let last = flat.phone.rsplit(' ').next().unwrap();
            for shown in [&digits[1..], last] {
                assert!(!told.contains(shown), "a telephone: {told}");
            }
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let violations = self.simulator.report().violations;
        assert!(self.forgiving || violations.is_empty(), "{violations:?}");
        if self.ledger().exists() {
            for sql in [
                "SELECT error FROM poll",
                "SELECT params, last_error FROM call",
                "SELECT path, problem FROM finding",
                "SELECT last_error FROM item",
            ] {
                unsecret(&self.lines(sql).join("\n"));
            }
        }
    }
}

/// Neither the secret nor the domain, nor anything that could be a token.
#[track_caller]
fn unsecret(told: &str) {
    for secret in [SECRET, DOMAIN, ENCODED] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
    let mut runs = told.split(|one: char| !one.is_ascii_hexdigit());
    assert!(runs.all(|run| run.len() < 32), "a token: {told}");
}

/// The service while it runs. Dropping it kills it.
pub(crate) struct Service<'b> {
    bench: &'b Bench,
    daemon: Daemon,
}

impl Service<'_> {
    pub(crate) fn log(&self) -> String {
        self.daemon.log()
    }

    /// Stops it in order; answers its log.
    #[track_caller]
    pub(crate) fn stop(self) -> String {
        self.daemon.signal("TERM");
        let ended = self.daemon.end();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        self.bench.clean(&ended.stderr);
        ended.stderr
    }

    /// kill -9.
    #[track_caller]
    pub(crate) fn kill(self) {
        self.bench.clean(&self.daemon.log());
        self.daemon.kill();
    }
}

//! The simulator, a config that points at it, the binary, and the ledger that it leaves.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use rusqlite::Connection;
use simulator::{Alma, Endpoint, Fault, FaultKind, Report, Simulator, Uzhkh};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::clock::Clock;
use super::feeds::Feed;
use super::process::{self, Daemon, Ended, Watch};
use super::stage::Stage;
use super::{API_KEY, TOKEN, lines, secrets, sqlite, wait_until};

/// A further look at whatever the binary says.
pub(super) type Look = fn(&Simulator, &str);

/// One of everything that a scenario needs.
pub(crate) struct Bench {
    pub(super) stage: Arc<Stage>,
    pub(crate) simulator: Arc<Simulator>,
    /// Elements that can only be quarantined, by queue.
    pub(super) bad: Mutex<Vec<(&'static str, String)>>,
    pub(super) ledger: PathBuf,
    pub(crate) dir: TempDir,
    pub(crate) runtime: Runtime,
    pub(super) log: Option<&'static str>,
    pub(super) look: Option<Look>,
    pub(super) has_uzhkh: bool,
    pub(super) uzhkh_lines: Vec<String>,
    pub(super) domoplaner_lines: Vec<String>,
    pub(super) feeds: Vec<Feed>,
    pub(super) alma: Option<Vec<String>>,
    pub(super) bitrix24: Option<String>,
    pub(super) macrocrm: Option<String>,
    pub(super) sections: Vec<String>,
    pub(super) forgiving: bool,
    pub(super) clock: OnceLock<Clock>,
}

impl Bench {
    pub(crate) fn config(&self) -> PathBuf {
        self.file("config.toml")
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.ledger.clone()
    }

    /// A file in the bench's directory.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn uzhkh(&self) -> &Uzhkh {
        self.simulator.uzhkh()
    }

    pub(crate) fn alma(&self) -> &Alma {
        self.simulator.alma()
    }

    /// From now on this goes wrong at an endpoint, so many times.
    pub(crate) fn fault(&self, kind: FaultKind, endpoint: Endpoint, times: u32) {
        let fault = Fault::new(kind).at(endpoint).times(times);
        self.simulator.inject(fault);
    }

    /// From now on this goes wrong.
    pub(crate) fn inject(&self, fault: Fault) {
        self.simulator.inject(fault);
    }

    /// Nothing goes wrong any more.
    pub(crate) fn clear_faults(&self) {
        self.simulator.clear_faults();
    }

    pub(crate) fn report(&self) -> Report {
        self.simulator.report()
    }

    /// So many requests have reached an endpoint.
    pub(crate) fn asked(&self, endpoint: &str) -> u64 {
        let report = self.report();
        report.requests.get(endpoint).copied().unwrap_or_default()
    }

    /// From now on every process goes by a clock of this pace; None where there is no faketime.
    pub(crate) fn clock(&self, pace: u32) -> Option<&Clock> {
        if self.clock.get().is_none() {
            let clock = Clock::new(self.file("clock"), pace)?;
            return Some(self.clock.get_or_init(|| clock));
        }
        self.clock.get()
    }

    /// The test breaks the vendor's document on purpose.
    pub(crate) fn forgive_violations(&mut self) {
        self.forgiving = true;
    }

    pub(crate) fn base_url(&self) -> String {
        self.simulator.base_url()
    }

    /// Writes the config, with UZhKH at this address.
    pub(crate) fn write_config(&self, base_url: &str) {
        let mut text = format!("[ledger]\npath = {:?}\n", self.ledger());
        if self.has_uzhkh {
            write!(text, "[uzhkh]\nbase_url = {base_url:?}\ntoken = {TOKEN:?}\n").unwrap();
        }
        for line in self.uzhkh_lines.iter().chain(&self.sections) {
            writeln!(text, "{line}").unwrap();
        }
        if let Some(lines) = &self.alma {
            let (base_url, lines) = (self.alma().base_url(), lines.join("\n"));
            writeln!(text, "[alma]\nbase_url = {base_url:?}\napi_key = {API_KEY:?}\n{lines}")
                .unwrap();
        }
        if let Some(lines) = &self.bitrix24 {
            let url = self.simulator.bitrix24().webhook_url();
            writeln!(text, "[bitrix24]\nwebhook_url = {url:?}\n{lines}").unwrap();
        }
        if let Some(lines) = &self.macrocrm {
            text += &self.macrocrm_section(&self.simulator.macrocrm().base_url(), lines);
        }
        if !self.domoplaner_lines.is_empty() {
            writeln!(text, "[domoplaner]\n{}", self.domoplaner_lines.join("\n")).unwrap();
        }
        text.extend(self.feeds.iter().map(Feed::section));
        fs::write(self.config(), text).unwrap();
    }

    /// `[macrocrm]` with these lines, and MACRO at this address.
    pub(crate) fn macrocrm_section(&self, base_url: &str, lines: &str) -> String {
        let (domain, app_secret) = (secrets::DOMAIN, secrets::APP_SECRET);
        format!(
            "[macrocrm]\nbase_url = {base_url:?}\ndomain = {domain:?}\n\
             app_secret = {app_secret:?}\n{lines}\n"
        )
    }

    /// Another client asks UZhKH for this path; answers the status.
    pub(crate) fn get(&self, path: &str) -> u16 {
        let url = format!("{}{path}", self.base_url());
        let asking =
            crate::support::http_client().build().unwrap().get(url).bearer_auth(TOKEN).send();
        let answer = self.runtime.block_on(asking).unwrap();
        answer.status().as_u16()
    }

    /// The binary with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_under(&[], arguments)
    }

    /// The same, run by another program, such as strace.
    pub(crate) fn command_under(&self, tracer: &[&str], arguments: &[&str]) -> Command {
        let mut command = process::under(tracer, &self.config(), arguments);
        if let Some(level) = self.log {
            command.env("UZHKH_LEDGER_LOG", level);
        }
        if let Some(clock) = self.clock.get() {
            clock.put_on(&mut command);
        }
        command
    }

    /// Starts a command whose output is held to this bench's secrets.
    pub(crate) fn spawn(&self, command: Command) -> Daemon {
        let watch = self.look.map(|look| {
            let simulator = Arc::clone(&self.simulator);
            Box::new(move |told: &str| look(&simulator, told)) as Watch
        });
        process::begin_watched(command, watch)
    }

    /// Runs a command of the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let began = Instant::now();
        self.begin(arguments).ended(began)
    }

    /// `run --once`.
    pub(crate) fn once(&self) -> Ended {
        self.run(&["run", "--once"])
    }

    /// `run --once`, which must succeed.
    #[track_caller]
    pub(crate) fn pass(&self) -> Ended {
        let ended = self.once();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended
    }

    /// `run --once`, which must fail.
    #[track_caller]
    pub(crate) fn fail(&self) -> Ended {
        let ended = self.once();
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        ended
    }

    /// The service, in the background.
    #[track_caller]
    pub(crate) fn daemon(&self) -> Daemon {
        let mut daemon = self.begin(&["run"]);
        let owner = format!("process {} ", daemon.id());
        wait_until("the service to own its ledger", || {
            let real = fs::canonicalize(&self.ledger).unwrap_or_else(|_| self.ledger.clone());
            let lock = fs::read(format!("{}.lock", real.display())).unwrap_or_default();
            lock.starts_with(owner.as_bytes()) || daemon.has_ended()
        });
        daemon
    }

    /// A command of the binary, in the background.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Daemon {
        self.spawn(self.command(arguments))
    }

    /// `verify`, which must find every promise kept.
    #[track_caller]
    pub(crate) fn verified(&self) {
        let ended = self.run(&["verify"]);
        assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    }

    /// The ledger, as any reader opens it.
    pub(crate) fn read(&self) -> Connection {
        sqlite::open(&self.ledger)
    }

    /// The rows of a query, each as one line with `|` between its columns.
    pub(crate) fn lines(&self, sql: &str) -> Vec<String> {
        lines(&self.ledger, sql)
    }

    /// The only row of a query.
    #[track_caller]
    pub(crate) fn one(&self, sql: &str) -> String {
        let mut lines = self.lines(sql);
        assert_eq!(lines.len(), 1, "{sql}: {lines:?}");
        lines.remove(0)
    }

    /// The same, while the ledger may not be there yet: empty then.
    pub(crate) fn one_or_none(&self, sql: &str) -> String {
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'poll'";
        if !self.ledger.exists() || self.lines(tables) != ["1"] {
            return String::new();
        }
        self.one(sql)
    }

    /// These columns of the newest poll of a feed.
    #[track_caller]
    pub(crate) fn newest_poll(&self, source: &str, feed: &str, columns: &str) -> String {
        self.one(&format!(
            "SELECT {columns} FROM poll WHERE source = '{source}' AND feed = '{feed}' \
             ORDER BY seq DESC LIMIT 1"
        ))
    }

    /// The permanent id that the ledger has for a temporary one.
    #[track_caller]
    pub(crate) fn permanent(&self, kind: &str, temporary: &str) -> String {
        self.one(&format!(
            "SELECT permanent_id FROM identity WHERE kind = '{kind}' AND temporary_id = '{temporary}'"
        ))
    }

    /// Changes the ledger behind the program's back.
    pub(crate) fn tamper(&self, sql: &str) {
        Connection::open(&self.ledger).unwrap().execute_batch(sql).unwrap();
    }

    /// The objectId of each Delete of a guid, in order.
    pub(crate) fn deletes(&self, guid: &str) -> Vec<Option<String>> {
        self.report().deletes.remove(guid).unwrap_or_default()
    }

    /// Every SetId as `type/uzhkId=externalId answer`, in order of arrival.
    pub(crate) fn set_ids(&self) -> Vec<String> {
        let calls = self.report().set_ids;
        calls
            .iter()
            .map(|call| {
                format!("{}/{}={} {}", call.kind, call.uzhk_id, call.external_id, call.answer)
            })
            .collect()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stage.clear();
        if std::thread::panicking() {
            return;
        }
        let violations = self.report().violations;
        assert!(self.forgiving || violations.is_empty(), "{violations:?}");
        let directory = self.ledger.parent().unwrap();
        if directory.exists() {
            secrets::assert_none_in_files(directory, "ledger.db");
        }
    }
}

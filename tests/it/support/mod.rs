//! What the tests through the real binary share: a simulated UZhKH, a config that
//! points at it, the binary itself, and the ledger that it leaves behind.
//!
//! Every Delete that reaches a [`Bench`] is witnessed: the entry must stand in the
//! ledger by then. A bench that ends without a panic has seen no violation of the
//! vendors' documents, and neither the token nor the internal link nor a feed's link
//! in any output or, of a feed, in the ledger.

#![allow(dead_code, reason = "each of the test programs uses a part of it")]

pub(crate) mod entities;
pub(crate) mod feeds;
pub(crate) mod process;
pub(crate) mod raw;
pub(crate) mod terminal;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uzhkh_ledger::simulator::{
    Acknowledged, Alma, Endpoint, Fault, FaultKind, Options, Report, Simulator, Uzhkh, Witness,
};

use feeds::{Feed, NewFeed};
pub(crate) use process::{Daemon, Ended};

/// What must not stand in any output.
pub(crate) const TOKEN: &str = "t0ken-0f-the-tests";
/// Nor this.
pub(crate) const API_KEY: &str = "ap1-key-0f-the-tests";
/// The simulator's internal link, but for the address.
pub(crate) const LINK: &str = "/internal";
/// Nothing that is waited for takes longer.
const PATIENCE: Duration = Duration::from_secs(40);

/// A bench to be.
pub(crate) struct Setup {
    pub(crate) options: Options,
    has_uzhkh: bool,
    uzhkh: Vec<String>,
    domoplaner: Vec<String>,
    feeds: Vec<NewFeed>,
    alma: Option<Vec<String>>,
    sections: Vec<String>,
}

/// How a bench is set up by default: an empty UZhKH that behaves well.
pub(crate) fn setup() -> Setup {
    Setup {
        options: Options {
            token: TOKEN.to_owned(),
            api_key: API_KEY.to_owned(),
            ..Options::default()
        },
        has_uzhkh: true,
        uzhkh: Vec::new(),
        domoplaner: Vec::new(),
        feeds: Vec::new(),
        alma: None,
        sections: Vec::new(),
    }
}

impl Setup {
    /// With these options of the simulator.
    pub(crate) fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    /// With a line in `[uzhkh]`.
    pub(crate) fn uzhkh(mut self, line: &str) -> Self {
        self.uzhkh.push(line.to_owned());
        self
    }

    /// With `[alma]`, and a line in it where that is not empty.
    pub(crate) fn alma(mut self, line: &str) -> Self {
        self.alma.get_or_insert_default().push(line.to_owned());
        self
    }

    /// With a section of its own, such as `[http]`.
    pub(crate) fn section(mut self, text: &str) -> Self {
        self.sections.push(text.to_owned());
        self
    }

    /// Both queues are looked at every second.
    pub(crate) fn every_second(self) -> Self {
        self.uzhkh("requests_schedule = \"* * * * * *\"")
            .uzhkh("deleted_schedule = \"* * * * * *\"")
    }

    pub(crate) fn start(self) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let ledger = dir.path().join("ledger.db");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let options = Options { witness: Some(witness(ledger.clone())), ..self.options };
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        let feeds = self.feeds.into_iter();
        let feeds = feeds.map(|feed| feed.add(simulator.domoplaner())).collect();
        let bench = Bench {
            dir,
            simulator,
            runtime,
            has_uzhkh: self.has_uzhkh,
            uzhkh_lines: self.uzhkh,
            domoplaner_lines: self.domoplaner,
            feeds,
            alma: self.alma,
            sections: self.sections,
            forgiving: false,
        };
        bench.write_config(&bench.simulator.base_url());
        bench
    }
}

/// A simulated UZhKH, and a directory with a config that points at it.
pub(crate) struct Bench {
    pub(crate) dir: TempDir,
    simulator: Simulator,
    runtime: Runtime,
    has_uzhkh: bool,
    uzhkh_lines: Vec<String>,
    domoplaner_lines: Vec<String>,
    feeds: Vec<Feed>,
    alma: Option<Vec<String>>,
    sections: Vec<String>,
    forgiving: bool,
}

impl Bench {
    pub(crate) fn config(&self) -> PathBuf {
        self.dir.path().join("config.toml")
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.dir.path().join("ledger.db")
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
        self.uzhkh().report()
    }

    /// So many requests have reached an endpoint.
    pub(crate) fn asked(&self, endpoint: &str) -> u64 {
        let report = self.report();
        report.requests.get(endpoint).copied().unwrap_or_default()
    }

    /// The test breaks the vendor's document on purpose.
    pub(crate) fn forgive_violations(&mut self) {
        self.forgiving = true;
    }

    pub(crate) fn base_url(&self) -> String {
        self.simulator.base_url()
    }

    pub(crate) fn write_config(&self, base_url: &str) {
        let mut text = format!("[ledger]\npath = {:?}\n", self.ledger());
        if self.has_uzhkh {
            write!(text, "[uzhkh]\nbase_url = {base_url:?}\ntoken = {TOKEN:?}\n").unwrap();
        }
        let feeds = self.feeds.iter().map(Feed::section);
        for line in self.uzhkh_lines.iter().chain(&self.sections) {
            writeln!(text, "{line}").unwrap();
        }
        if let Some(lines) = &self.alma {
            let (base_url, lines) = (self.alma().base_url(), lines.join("\n"));
            writeln!(text, "[alma]\nbase_url = {base_url:?}\napi_key = {API_KEY:?}\n{lines}")
                .unwrap();
        }
        if !self.domoplaner_lines.is_empty() {
            writeln!(text, "[domoplaner]\n{}", self.domoplaner_lines.join("\n")).unwrap();
        }
        text.extend(feeds);
        fs::write(self.config(), text).unwrap();
    }

    /// Another client asks UZhKH for this path; answers the status.
    pub(crate) fn get(&self, path: &str) -> u16 {
        let url = format!("{}{path}", self.base_url());
        let asking = reqwest::Client::new().get(url).bearer_auth(TOKEN).send();
        let answer = self.runtime.block_on(asking).unwrap();
        answer.status().as_u16()
    }

    /// Runs a command of the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        process::run(&self.config(), arguments)
    }

    /// `run --once`.
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
    pub(crate) fn daemon(&self) -> Daemon {
        process::spawn(&self.config(), &["run"])
    }

    /// A command of the binary, in the background.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Daemon {
        process::spawn(&self.config(), arguments)
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

    /// The same, while the ledger may not be there yet: empty then.
    pub(crate) fn one_or_none(&self, sql: &str) -> String {
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'poll'";
        if !self.ledger().exists() || self.lines(tables) != ["1"] {
            return String::new();
        }
        self.one(sql)
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
        Connection::open(self.ledger()).unwrap().execute_batch(sql).unwrap();
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
        if !std::thread::panicking() && !self.forgiving {
            let report = self.report();
            assert!(report.violations.is_empty(), "{:?}", report.violations);
        }
        if !std::thread::panicking() {
            feeds::assert_no_link_in_files(self.dir.path(), "ledger.db");
        }
    }
}

/// Looks into the ledger before a Delete takes effect.
fn witness(ledger: PathBuf) -> Witness {
    Arc::new(move |told: &Acknowledged| {
        let digest = Sha256::digest(&told.body);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let sql = format!(
            "SELECT count(*) FROM envelope WHERE queue = '{}' AND body_sha256 = '{hex}' \
             AND state <> 'quarantined'",
            told.queue
        );
        match lines(&ledger, &sql).first().map(String::as_str) {
            Some("1") => Ok(()),
            other => Err(format!("the ledger has {other:?} such envelopes")),
        }
    })
}

/// The rows of a query, as the sqlite3 shell prints them.
pub(crate) fn lines(path: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells: Vec<String> = (0..width)
            .map(|at| {
                Ok(match row.get_ref(at)? {
                    ValueRef::Null => "NULL".to_owned(),
                    ValueRef::Integer(number) => number.to_string(),
                    ValueRef::Real(number) => number.to_string(),
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                        String::from_utf8_lossy(bytes).into_owned()
                    }
                })
            })
            .collect::<rusqlite::Result<_>>()?;
        Ok(cells.join("|"))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// Waits until something holds, and no longer than makes sense.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never came about: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether an id is a UUID of version 7.
pub(crate) fn is_uuid_v7(id: &str) -> bool {
    id.parse::<uuid::Uuid>().is_ok_and(|uuid| uuid.get_version_num() == 7 && uuid.to_string() == id)
}

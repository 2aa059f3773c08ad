//! A simulated MACRO, a config that points at it, and a ledger.
//!
//! Nothing that is printed or logged may show the secret or the domain, and a log shows
//! no telephone.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use uzhkh_ledger::clock::{Clock, SharedClock, SystemClock};
use uzhkh_ledger::config::Config;
use uzhkh_ledger::http::Patience;
use uzhkh_ledger::ledger::{Ledger, WhenFull};
use uzhkh_ledger::macrocrm::{self, Macrocrm};
use uzhkh_ledger::outbox::Pass;
use uzhkh_ledger::simulator::{self, Category, Endpoint, Fault, FaultKind, Options, Simulator};

use crate::support::lines;
use crate::support::process::{self, Ended};

pub(crate) const SECRET: &str = "s3cret-0f-the-tests";
pub(crate) const DOMAIN: &str = "сайт-Тестов.рф";
pub(crate) const HOUSE: &str = "123";
pub(crate) const FLAT: &str = "К-1.4-7-1";

/// An instant at which a clock stands.
pub(crate) struct Standing(pub(crate) Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
}

pub(crate) struct Bench {
    dir: TempDir,
    pub(crate) simulator: Simulator,
    runtime: Runtime,
}

/// With these lines in `[macrocrm]`, or sections after it.
pub(crate) fn bench(config: &str) -> Bench {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let options = Options {
        domain: DOMAIN.to_owned(),
        app_secret: SECRET.to_owned(),
        ..Options::default()
    };
    let simulator = runtime.block_on(Simulator::start(options)).unwrap();
    let bench = Bench {
        dir: tempfile::tempdir().unwrap(),
        simulator,
        runtime,
    };
    let macrocrm = bench.macrocrm();
    macrocrm.set_ready(HOUSE, "Дом", Category::Flat, &[FLAT, "2", "3"]);
    macrocrm.set_ready(HOUSE, "Дом", Category::Garage, &[FLAT]);
    bench.write_config(&macrocrm.base_url(), config);
    drop(bench.open(Arc::new(SystemClock)));
    bench
}

impl Bench {
    pub(crate) fn macrocrm(&self) -> &simulator::Macrocrm {
        self.simulator.macrocrm()
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("config.toml")
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.dir.path().join("ledger.db")
    }

    pub(crate) fn write_config(&self, base_url: &str, further: &str) {
        let text = format!(
            "[ledger]\npath = {:?}\n[macrocrm]\nbase_url = {base_url:?}\ndomain = {DOMAIN:?}\n\
             app_secret = {SECRET:?}\n{further}\n",
            self.ledger()
        );
        fs::write(self.config(), text).unwrap();
    }

    fn open(&self, clock: SharedClock) -> Ledger {
        Ledger::open(&self.ledger(), clock, WhenFull::Fail).unwrap()
    }

    /// Runs a command of the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let ended = process::run(&self.config(), arguments);
        let told = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!told.contains(SECRET) && !told.contains(DOMAIN), "{told}");
        ended
    }

    /// Books a time for a flat; the options come last.
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

    pub(crate) fn phone(&self, flat: &str) -> String {
        let flats = self.macrocrm().ready_flats();
        let known = flats.into_iter().find(|known| known.flat_num == flat);
        known.map_or_else(|| "+79000000000".to_owned(), |known| known.phone)
    }

    /// Whether MACRO takes our signature; what it says where not.
    pub(crate) fn check(&self) -> Result<(), String> {
        let config = Config::load(&self.config()).unwrap();
        let clock: SharedClock = Arc::new(SystemClock);
        macrocrm::check_config(&config, &clock).unwrap();
        let checked = self
            .runtime
            .block_on(macrocrm::check_access(&config, &clock));
        checked.map_err(|error| error.to_string())
    }

    /// What the service does at its start and then once a second, at this moment.
    pub(crate) fn send_at(&self, clock: impl Clock) -> Pass {
        let config = Config::load(&self.config()).unwrap();
        let clock: SharedClock = Arc::new(clock);
        self.runtime.block_on(async {
            let ledger = Arc::new(self.open(Arc::clone(&clock)));
            let stop = CancellationToken::new();
            let macrocrm = Macrocrm::new(&config, &ledger, &clock, Patience::Once, &stop);
            let macrocrm = macrocrm.unwrap().unwrap();
            macrocrm.recover().await.unwrap();
            macrocrm.send().await.unwrap()
        })
    }

    pub(crate) fn send(&self) -> Pass {
        self.send_at(SystemClock)
    }

    pub(crate) fn fault(&self, kind: FaultKind) {
        self.simulator.inject(Fault::new(kind).at(Endpoint::Add));
    }

    /// So many requests have reached `add`.
    pub(crate) fn added(&self) -> u64 {
        let requests = self.simulator.report().requests;
        requests.get("add").copied().unwrap_or_default()
    }

    /// `state|attempts|last_status` of every booking.
    pub(crate) fn states(&self) -> Vec<String> {
        self.rows("state, attempts, last_status")
    }

    pub(crate) fn last_error(&self) -> String {
        self.rows("last_error").remove(0)
    }

    fn rows(&self, columns: &str) -> Vec<String> {
        let sql = format!("SELECT {columns} FROM call WHERE op = 'add' ORDER BY seq");
        lines(&self.ledger(), &sql)
    }

    pub(crate) fn no_violations(&self) {
        let violations = self.simulator.report().violations;
        assert!(violations.is_empty(), "{violations:?}");
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
}

/// Changes the ledger behind the program's back.
pub(crate) fn tamper(ledger: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(ledger).unwrap();
    connection.execute_batch(sql).unwrap();
}

//! What the tests of MACRO say about a bench with ready flats.
//!
//! Everything runs with the most talkative log there is. Beside what every bench is held to,
//! no token, telephone or address stands in any output, and no token in a remark in the ledger.

use std::fs;
use std::ops::Deref;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use regex_lite::Regex;
use simulator::{Category, Endpoint, Fault, FaultKind, MacroCall, Macrocrm, Simulator};

use crate::support::secrets::holds;
use crate::support::{self, Daemon, Ended, TOKEN, secrets, setup};

pub(crate) const SECRET: &str = secrets::APP_SECRET;
pub(crate) const DOMAIN: &str = secrets::DOMAIN;
pub(crate) const HOUSE: &str = "123";
pub(crate) const FLAT: &str = "К-1.4-7-1";
/// Every list is read each second.
pub(crate) const EVERY_SECOND: &str = "schedule = \"* * * * * *\"";

pub(crate) struct Bench(support::Bench);

/// With these lines in `[macrocrm]`, or sections after it. There is no ledger yet.
pub(crate) fn bench(config: &str) -> Bench {
    let setup = setup().without_uzhkh().macrocrm(config);
    let bench = Bench(setup.log(support::TALKATIVE).look(clean).start());
    let macrocrm = bench.macrocrm();
    macrocrm.set_ready(HOUSE, "Дом", Category::Flat, &[FLAT, "2", "3"]);
    macrocrm.set_ready(HOUSE, "Дом", Category::Garage, &[FLAT]);
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
    format!("http://{}/", support::nowhere())
}

impl Deref for Bench {
    type Target = support::Bench;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Bench {
    pub(crate) fn macrocrm(&self) -> &Macrocrm {
        self.simulator.macrocrm()
    }

    pub(crate) fn write_config(&self, base_url: &str, further: &str) {
        let ledger = format!("[ledger]\npath = {:?}\n", self.ledger());
        fs::write(self.config(), ledger + &self.macrocrm_section(base_url, further)).unwrap();
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

    /// The service, in the background.
    pub(crate) fn service(&self) -> Daemon {
        self.daemon()
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
        self.newest_poll("macrocrm", list, "outcome, fetched, changed")
    }

    /// Why the newest poll of a list failed.
    pub(crate) fn poll_error(&self, list: &str) -> String {
        self.newest_poll("macrocrm", list, "error")
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

    /// The test breaks the vendor's document on purpose.
    pub(crate) fn forgive_violations(&mut self) {
        self.0.forgive_violations();
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

/// An output says nothing that it must not.
#[track_caller]
fn clean(simulator: &Simulator, told: &str) {
    unsecret(told);
    assert!(!holds(told.as_bytes(), "127.0.0.1"), "an address: {told}");
    for flat in simulator.macrocrm().ready_flats() {
        // +7 900 000-12-34: the last part of it is in every spelling of a form.
        let digits: String = flat.phone.chars().filter(char::is_ascii_digit).collect();
        let last = flat.phone.rsplit(' ').next().unwrap();
        for shown in [&digits[1..], last] {
            assert!(!holds(told.as_bytes(), shown), "a telephone: {told}");
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
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

/// Neither a credential nor anything that could be a token.
#[track_caller]
fn unsecret(told: &str) {
    secrets::assert_none_in(told);
    static TOKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new("[0-9A-Fa-f]{32}").unwrap());
    assert!(!TOKEN.is_match(told), "a token: {told}");
}

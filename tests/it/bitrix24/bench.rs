//! What the tests of Bitrix24 say about a bench with a portal.
//!
//! Everything runs with the most talkative log there is. Beside what every bench is held to,
//! neither the portal's address nor a file's link or token stands in any output, nor anywhere
//! in the ledger.

use std::fs;
use std::ops::Deref;

use simulator::{Bitrix24, BitrixCall, BitrixKind, Options};

use crate::support::secrets::holds;
use crate::support::{self, Daemon, secrets, setup};

pub(crate) const SECRET: &str = secrets::WEBHOOK_SECRET;
/// What has changed is asked for each second.
pub(crate) const EVERY_SECOND: &str = "schedule = \"* * * * * *\"";

pub(crate) struct Bench(support::Bench);

/// An empty portal, with these lines in `[bitrix24]`. There is no ledger yet.
pub(crate) fn bench(config: &str) -> Bench {
    with(config, |_| {})
}

/// The same, with these options.
pub(crate) fn with(config: &str, change: impl FnOnce(&mut Options)) -> Bench {
    let setup = setup().without_uzhkh().bitrix24(config).options(change);
    Bench(setup.log(support::TALKATIVE).look(|_, told| clean(told)).start())
}

impl Deref for Bench {
    type Target = support::Bench;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Bench {
    pub(crate) fn portal(&self) -> &Bitrix24 {
        self.simulator.bitrix24()
    }

    /// The config with these lines in `[bitrix24]`.
    pub(crate) fn configure(&self, further: &str) {
        let text = format!(
            "[ledger]\npath = {:?}\n[bitrix24]\nwebhook_url = {:?}\n{further}\n",
            self.ledger(),
            self.portal().webhook_url()
        );
        fs::write(self.config(), text).unwrap();
    }

    /// The service, in the background.
    pub(crate) fn service(&self) -> Daemon {
        self.daemon()
    }

    /// So many apartments, with the ids from 1.
    pub(crate) fn apartments(&self, count: u64) {
        for id in 1..=count {
            let fields = format!(r#"{{"title":"A{id}","ufCrm6_1682232396330":"{id}"}}"#);
            self.portal().put(BitrixKind::Apartment, id, &fields);
        }
    }

    /// All calls, in order.
    pub(crate) fn calls(&self) -> Vec<BitrixCall> {
        self.simulator.report().bitrix24
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
        self.newest_poll("bitrix24", kind, "outcome, fetched, changed")
    }

    /// Why the newest poll of a kind failed.
    pub(crate) fn poll_error(&self, kind: &str) -> String {
        self.newest_poll("bitrix24", kind, "error")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
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
        assert!(!holds(told.as_bytes(), secret), "{secret}: {told}");
    }
}

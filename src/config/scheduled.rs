//! What the config has polled, and when.

use super::{BITRIX24_KINDS, Config};

/// A poller and its schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scheduled {
    /// As in `poll.source`.
    pub(crate) source: &'static str,
    /// As in `poll.feed`.
    pub(crate) feed: String,
    /// Cron with seconds, UTC.
    pub(crate) schedule: String,
}

impl Config {
    /// Every poller that the service runs.
    pub(crate) fn scheduled(&self) -> Vec<Scheduled> {
        let mut all = Vec::new();
        let mut add = |source, feed: &str, schedule: &str| {
            all.push(Scheduled { source, feed: feed.to_owned(), schedule: schedule.to_owned() });
        };
        if let Some(uzhkh) = &self.uzhkh {
            add("uzhkh", "Requests", &uzhkh.requests_schedule);
            add("uzhkh", "DeletedItems", &uzhkh.deleted_schedule);
        }
        for feed in self.domoplaner.iter().flat_map(|system| &system.feeds) {
            add("domoplaner", &feed.name, &feed.schedule);
        }
        if let Some(macrocrm) = &self.macrocrm {
            for list in macrocrm.lists() {
                add("macrocrm", list, &macrocrm.schedule);
            }
        }
        if let Some(bitrix24) = &self.bitrix24 {
            for kind in BITRIX24_KINDS {
                add("bitrix24", kind, &bitrix24.schedule);
            }
        }
        if let Some(alma) = &self.alma {
            add("alma", "objects", &alma.schedule);
        }
        if let Some(backup) = &self.backup {
            add("ledger", "backup", &backup.schedule);
        }
        all
    }
}

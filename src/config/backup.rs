//! `[backup]`: the copies of the ledger that the service makes by itself.

use std::path::PathBuf;

use super::reader::Section;
use super::value;

/// Default schedule: at night in the time zones of most users.
const NIGHTLY: &str = "0 30 2 * * *";

/// `[backup]`: where copies of the ledger go, and how many.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The folder; of one ledger alone.
    pub dir: PathBuf,
    /// Schedule: cron with seconds, UTC.
    pub schedule: String,
    /// Number of backups kept.
    pub keep: usize,
}

pub(super) fn read(section: Section<'_>) -> Option<Backup> {
    let dir = section.required("dir", value::path);
    let schedule = section.or("schedule", NIGHTLY.to_owned(), value::schedule);
    let keep = section.or("keep", 14, value::whole(1..=10_000));
    section.finish();
    Some(Backup { dir: dir?, schedule, keep: usize::try_from(keep).ok()? })
}

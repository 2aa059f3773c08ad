//! The folder of the scheduled backups: which files in it are ours, and which go.
//!
//! A backup is called after the ledger and the second in which it was begun, in UTC:
//! `ledger-20261122T023000Z.db`. Nothing else in the folder is ever touched.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// How the time stands in a name.
const TIME: &str = "%Y%m%dT%H%M%SZ";
/// What a name ends with.
const END: &str = ".db";

/// The backups of one ledger in a folder.
pub(super) struct Folder {
    path: PathBuf,
    /// What their names begin with: `ledger-`.
    begin: String,
}

impl Folder {
    /// The backups of the ledger at `ledger` in `path`.
    pub(super) fn new(path: &Path, ledger: &Path) -> Self {
        let stem = ledger.file_stem().unwrap_or_default().to_string_lossy();
        Self { path: path.to_owned(), begin: format!("{stem}-") }
    }

    /// Where a backup that begins now goes.
    pub(super) fn file(&self, at: Timestamp) -> PathBuf {
        let name = format!("{}{}{END}", self.begin, at.strftime(TIME));
        self.path.join(name)
    }

    /// The backups that there are, oldest first.
    pub(super) fn backups(&self) -> io::Result<Vec<(Timestamp, PathBuf)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if let Some(at) = self.time(&entry.file_name().to_string_lossy())
                && entry.file_type()?.is_file()
            {
                found.push((at, entry.path()));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Removes all but the newest `keep` backups, and never `made`, which has just been
    /// verified, at `now`. What a clock that was wrong has dated later than that is none of
    /// the newest. Answers how many are left, and how many went.
    pub(super) fn rotate(
        &self,
        made: &Path,
        now: Timestamp,
        keep: usize,
    ) -> io::Result<(u64, u64)> {
        let mut backups = self.backups()?;
        // Keeps the order otherwise.
        backups.sort_by_key(|(at, _)| *at <= now);
        let surplus = backups.len().saturating_sub(keep);
        let mut removed = 0;
        for (_, path) in backups.iter().filter(|(_, path)| path != made).take(surplus) {
            fs::remove_file(path)?;
            removed += 1;
        }
        Ok((backups.len() as u64 - removed, removed))
    }

    /// Removes backups that a crash has left half-written: only ours have such names.
    pub(super) fn remove_abandoned(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let inner = name.strip_prefix('.');
            // What stands beside one goes with it.
            let inner = inner.and_then(|name| name.split_once(".partial"));
            if inner.is_some_and(|(inner, _)| self.time(inner).is_some()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The time in a name of ours.
    fn time(&self, name: &str) -> Option<Timestamp> {
        let time = name.strip_prefix(&self.begin)?.strip_suffix(END)?;
        let at = jiff::civil::DateTime::strptime(TIME, time).ok()?;
        let at = at.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        // The library reads other spellings too.
        (at.strftime(TIME).to_string() == time).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ours_are_ours() {
        let folder = Folder::new(Path::new("/backups"), Path::new("/var/lib/ledger.db"));
        let at: Timestamp = "2026-11-22T02:30:00.7Z".parse().unwrap();
        let file = folder.file(at);
        assert_eq!(file, Path::new("/backups/ledger-20261122T023000Z.db"));
        let time = |name: &str| folder.time(name).map(|at| at.to_string());
        let own = time("ledger-20261122T023000Z.db");
        assert_eq!(own.as_deref(), Some("2026-11-22T02:30:00Z"));
        for other in [
            "ledger.db",
            "ledger-20261122T023000Z.db-wal",
            "ledger-20261122T023000Z.db.gz",
            "ledger-20261122.db",
            "ledger-20261322T023000Z.db",
            "ledger-2026112T023000Z.db",
            "ledger-before-20261122T023000Z.db",
            "Ledger-20261122T023000Z.db",
            ".ledger-20261122T023000Z.db.partial",
        ] {
            assert_eq!(time(other), None, "{other}");
        }
    }
}

//! The names change: the restored file takes that of the ledger.
//!
//! A WAL belongs to the file that it was written for; beside another one it would be read
//! into that. So the present ledger's WAL is moved into it and removed before the names
//! change. The name of the ledger is never without a file: one that is missing would be
//! made anew, and give ids a second time. So the present file gets its second name first
//! and loses the old one in the same instant in which the restored one takes that.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::OpenFlags;

use crate::ledger::backup::{COMPANIONS, Partial, cannot_write, companion, folder, sync_folder};
use crate::ledger::{Error, Refusal, schema, wal};

/// What a replaced ledger is called: `ledger.db.replaced-20261122T023000Z`.
const REPLACED: &str = ".replaced-";
/// How long readers of the ledger are waited for.
const READERS: Duration = Duration::from_secs(2);

/// A name that is free: another ledger may have been replaced in the same second.
fn aside(ledger: &Path, now: Timestamp) -> PathBuf {
    let name = format!("{REPLACED}{}", now.strftime("%Y%m%dT%H%M%SZ"));
    let (mut aside, mut number) = (companion(ledger, &name), 1);
    while aside.symlink_metadata().is_ok() {
        number += 1;
        aside = companion(ledger, &format!("{name}-{number}"));
    }
    aside
}

/// Puts `restored` into the place of the ledger; answers what the replaced one is called.
/// A WAL that is not the ledger's own is kept beside it, and not moved into it.
pub(super) fn swap(
    ledger: &Path,
    restored: Partial,
    now: Timestamp,
    has_own_wal: bool,
) -> Result<Option<PathBuf>, Error> {
    if !ledger.exists() {
        restored.publish(ledger, true)?;
        return Ok(None);
    }
    let aside = aside(ledger, now);
    let is_whole = has_own_wal && moved_in(ledger);
    let wal = companion(ledger, "-wal");
    let has_wal = fs::metadata(&wal).is_ok_and(|wal| wal.len() > 0);
    if has_wal && is_whole {
        return Err(Refusal::LedgerInUse.into());
    }
    forget_links(ledger)?;
    keep(ledger, &aside)?;
    if has_wal {
        // The ledger is damaged or another's, and what it has not taken up is still there.
        let kept = companion(&aside, "-wal");
        fs::rename(&wal, &kept).map_err(|error| cannot_write(&kept, error))?;
    }
    for suffix in COMPANIONS {
        let file = companion(ledger, suffix);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(cannot_write(&file, error));
            }
            _ => {}
        }
    }
    sync_folder(ledger)?;
    restored.publish(ledger, true)?;
    wal::leave_empty(ledger);
    Ok(Some(aside))
}

/// Moves the WAL into the ledger; false where the ledger is too damaged for that.
fn moved_in(ledger: &Path) -> bool {
    let moving = || {
        let connection = schema::open(ledger, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(READERS)?;
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        connection.close().map_err(|(_, error)| error)?;
        Ok::<(), Error>(())
    };
    // A full disk leaves the WAL as it was, which is whole.
    !matches!(moving(), Err(error) if error.is_fatal())
}

/// Second names that an interrupted restore has left are not kept: they would go on to
/// name the ledger itself.
fn forget_links(ledger: &Path) -> Result<(), Error> {
    let shown = |error| cannot_write(folder(ledger), error);
    let own = fs::metadata(ledger).map_err(shown)?;
    let begin = companion(ledger, REPLACED);
    for entry in fs::read_dir(folder(ledger)).map_err(shown)? {
        let entry = entry.map_err(shown)?;
        let is_one = entry.path().to_string_lossy().starts_with(&*begin.to_string_lossy());
        let is_same = |file: fs::Metadata| (file.dev(), file.ino()) == (own.dev(), own.ino());
        if is_one && entry.metadata().is_ok_and(is_same) {
            fs::remove_file(entry.path()).map_err(shown)?;
        }
    }
    Ok(())
}

/// Gives the ledger a second name; a copy, where the file system knows no such thing.
fn keep(ledger: &Path, aside: &Path) -> Result<(), Error> {
    let kept = match fs::hard_link(ledger, aside) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            fs::copy(ledger, aside).and_then(|_| File::open(aside)?.sync_all())
        }
        linked => linked,
    };
    kept.map_err(|error| cannot_write(aside, error))
}

//! Whether there is room where the ledger is.
//!
//! SQLite tells a full disk by its name, and a quota that is used up, or a disk that is found
//! full only when it syncs, as any write that failed. So after a failed write the system is asked itself.

use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::Error;
use super::backup::folder;

/// What fails where a disk or a quota is full and says so late, at a write or at a sync, as NFS
/// and thin volumes do: `SQLITE_IOERR_WRITE`, `_FSYNC`, `_DIR_FSYNC`, `_TRUNCATE`, `_CLOSE`.
const WRITES: [i32; 5] = [778, 1034, 1290, 1546, 4106];

/// The failure of a write in the folder of `ledger`, a used-up quota told as what it is:
/// [`Error::DiskFull`].
pub(super) fn explained(error: Error, ledger: &Path) -> Error {
    let is_write = matches!(&error, Error::Sqlite(error)
        if error.sqlite_error().is_some_and(|failure| WRITES.contains(&failure.extended_code)));
    if is_write && !has_room(folder(ledger)) {
        return Error::DiskFull;
    }
    error
}

/// Whether a page more can be written; what fails otherwise says nothing about room.
fn has_room(folder: &Path) -> bool {
    // It has no name, and goes with its handle.
    let written = tempfile::tempfile_in(folder)
        .and_then(|probe| probe.write_all_at(&[0; 4096], 0).and_then(|()| probe.sync_all()));
    !matches!(written, Err(error)
        if matches!(error.kind(), ErrorKind::QuotaExceeded | ErrorKind::StorageFull))
}

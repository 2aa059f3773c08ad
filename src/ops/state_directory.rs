//! The directory of the ledger: who makes it where it is missing.
//!
//! systemd makes that of the packaged units at their first start. A command that root runs
//! before that makes it for the service.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::process::geteuid;

/// Where the units of `deploy/` keep their ledgers.
const PACKAGED: &str = "/var/lib/uzhkh-ledger";
/// `StateDirectoryMode` of those units.
const MODE: u32 = 0o750;

/// The directory of the ledger is not there.
#[derive(Debug, thiserror::Error)]
#[error("the directory {} does not exist; {}", .0.display(), self.advice())]
pub struct Missing(PathBuf);

impl Missing {
    fn advice(&self) -> String {
        let unit = match self.0.strip_prefix(PACKAGED) {
            Ok(rest) if rest.as_os_str().is_empty() => "uzhkh-ledger".to_owned(),
            Ok(instance) if instance.components().count() == 1 => {
                format!("uzhkh-ledger@{}", instance.display())
            }
            _ => return "create it, owned by the service's user".to_owned(),
        };
        format!("the first `systemctl start {unit}` makes it, with its owner")
    }
}

/// Looks for the directory of a ledger.
///
/// # Errors
/// [`Missing`]
pub(crate) fn find(ledger: &Path) -> Result<(), Missing> {
    match ledger.parent() {
        Some(directory) if !directory.as_os_str().is_empty() && !directory.is_dir() => {
            Err(Missing(directory.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Makes the directory of a ledger where root runs this and the directory above belongs to
/// another user, the service's: it gets the same owner.
///
/// # Errors
/// [`Missing`] where it is not there and cannot be made.
pub(crate) fn find_or_make(ledger: &Path) -> Result<(), Missing> {
    find(ledger).or_else(|missing| match make(&missing.0) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(missing),
    })
}

/// Whether it was made.
fn make(directory: &Path) -> io::Result<bool> {
    let Some(above) = directory.parent() else { return Ok(false) };
    let above = above.metadata()?;
    if !geteuid().is_root() || above.uid() == 0 {
        return Ok(false);
    }
    DirBuilder::new().mode(MODE).create(directory)?;
    // The service's user may have put a link in its place: it is not followed.
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let made = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(directory)?;
    fchown(&made, Some(above.uid()), Some(above.gid()))?;
    Ok(true)
}

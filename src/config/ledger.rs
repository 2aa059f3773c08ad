//! `[ledger]`: the file, and how long what is in it is kept.

use std::path::PathBuf;
use std::time::Duration;

/// `[ledger]`: where everything is kept.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// The SQLite file.
    pub path: PathBuf,
    /// Retention of acknowledged envelopes; None: for ever.
    pub keep_envelopes: Option<Duration>,
    /// Retention of changes; None: for ever.
    pub keep_changes: Option<Duration>,
}

impl Ledger {
    /// The folder that the file is in.
    pub fn directory(&self) -> PathBuf {
        let folder = self.path.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        folder.map_or_else(|| PathBuf::from("."), Into::into)
    }
}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger {
            path: PathBuf::from("/var/lib/uzhkh-ledger/ledger.db"),
            keep_envelopes: None,
            keep_changes: None,
        }
    }
}

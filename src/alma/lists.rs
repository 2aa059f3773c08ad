//! Alma's lists, for what cannot be asked for by its external id: buildings by name,
//! clients by e-mail, and whatever the path by external id leads nowhere for.
//!
//! A list is read when it is first needed and kept for a while, so that a thousand new
//! clients cost one reading. It may be out of date: what it does not show Alma's own
//! rules refuse, and after a create without an answer it is forgotten.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::api::{self, Api, Row};
use crate::ledger::AlmaKind;

/// How long a list is taken for true.
const GOOD_FOR: Duration = Duration::from_secs(600);

/// What a row of a list is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum By {
    /// `external_id`
    ExternalId,
    /// `name`, of buildings.
    Name,
    /// `email`, of clients.
    Email,
}

/// Alma's ids of the rows of a list by what they are looked up by.
type ByKey = HashMap<(By, String), Vec<i64>>;

#[derive(Clone)]
struct Snapshot {
    read_at: Instant,
    list: Arc<List>,
}

/// A list as it was read.
struct List {
    entries: ByKey,
    ids: HashSet<i64>,
}

/// The lists that were read.
#[derive(Default)]
pub(super) struct Lists {
    snapshots: [Mutex<Option<Snapshot>>; AlmaKind::ALL.len()],
}

impl Lists {
    /// Alma's ids of the objects of a kind that this key finds.
    ///
    /// # Errors
    /// The list could not be read.
    pub(super) async fn find(
        &self,
        api: &Api,
        kind: AlmaKind,
        by: By,
        key: &str,
    ) -> Result<Vec<i64>, api::Error> {
        let list = self.list(api, kind).await?;
        let found = list.entries.get(&(by, spelled(by, key)));
        Ok(found.cloned().unwrap_or_default())
    }

    /// Whether a list, as far as it is known, has this id.
    ///
    /// # Errors
    /// The list could not be read.
    pub(super) async fn has(&self, api: &Api, kind: AlmaKind, id: i64) -> Result<bool, api::Error> {
        Ok(self.list(api, kind).await?.ids.contains(&id))
    }

    async fn list(&self, api: &Api, kind: AlmaKind) -> Result<Arc<List>, api::Error> {
        // Whoever comes while it is read waits for it instead of reading it too.
        let mut snapshot = self.snapshots[kind as usize].lock().await;
        let known = snapshot.as_ref().filter(|known| known.read_at.elapsed() < GOOD_FOR);
        if let Some(known) = known {
            return Ok(Arc::clone(&known.list));
        }
        let read_at = Instant::now();
        let list = Arc::new(List::of(kind, api.list(kind).await?));
        *snapshot = Some(Snapshot { read_at, list: Arc::clone(&list) });
        Ok(list)
    }

    /// The list may lack something by now.
    pub(super) async fn forget(&self, kind: AlmaKind) {
        *self.snapshots[kind as usize].lock().await = None;
    }
}

impl List {
    fn of(kind: AlmaKind, rows: Vec<Row>) -> Self {
        let ids = rows.iter().map(|row| row.id).collect();
        let mut entries = ByKey::new();
        for row in rows {
            let keys = [
                (By::ExternalId, row.external_id),
                (By::Name, row.name.filter(|_| kind == AlmaKind::Building)),
                (By::Email, row.email),
            ];
            for (by, key) in keys {
                if let Some(key) = key {
                    let key = (by, spelled(by, &key));
                    entries.entry(key).or_default().push(row.id);
                }
            }
        }
        Self { entries, ids }
    }
}

/// An e-mail is the same in any case.
fn spelled(by: By, key: &str) -> String {
    match by {
        By::Email => key.to_lowercase(),
        By::ExternalId | By::Name => key.to_owned(),
    }
}

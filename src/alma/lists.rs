//! Alma's lists: what it has already of a kind, by external id, a building by its name, a client by
//! its e-mail.
//!
//! A list is read when it is first needed and kept for ten minutes, so that a thousand new
//! clients cost one request. It may be out of date: a duplicate that it does not show is
//! refused by Alma's own rules, and after a failed create it is read again. Of contracts Alma
//! takes duplicates, so what decides that something is not there is a list of the last minute, or seconds.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::api::{self, Api, Row};
use crate::ledger::AlmaKind;

/// How long a list is used after it was read.
const MAX_AGE: Duration = Duration::from_secs(600);
/// How old a list may be that says that something is not there: of many that are looked for, and of
/// a few, for which it is read again sooner.
const FRESH: Duration = Duration::from_secs(60);
const FRESH_FOR_FEW: Duration = Duration::from_secs(5);

/// The member that a row of a list is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum By {
    /// `external_id`
    ExternalId,
    /// `name`, of buildings.
    Name,
    /// `email`, of clients.
    Email,
}

/// Alma's ids of the rows of a list, by member and value.
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
    pub(super) async fn find(
        &self,
        api: &Api,
        kind: AlmaKind,
        by: By,
        key: &str,
    ) -> Result<Vec<i64>, api::Error> {
        let list = self.list(api, kind, MAX_AGE).await?;
        Ok(list.find(by, key))
    }

    /// Alma's ids of the objects of a kind that have this external id, by a list that is fresh
    /// enough for many look-ups, or for a few.
    pub(super) async fn find_fresh(
        &self,
        api: &Api,
        kind: AlmaKind,
        external_id: &str,
        are_many: bool,
    ) -> Result<Vec<i64>, api::Error> {
        let max_age = if are_many { FRESH } else { FRESH_FOR_FEW };
        let list = self.list(api, kind, max_age).await?;
        Ok(list.find(By::ExternalId, external_id))
    }

    /// Whether the list has this id.
    pub(super) async fn has(&self, api: &Api, kind: AlmaKind, id: i64) -> Result<bool, api::Error> {
        Ok(self.list(api, kind, MAX_AGE).await?.ids.contains(&id))
    }

    async fn list(
        &self,
        api: &Api,
        kind: AlmaKind,
        max_age: Duration,
    ) -> Result<Arc<List>, api::Error> {
        // Held while the list is read: a second caller waits instead of reading it too.
        let mut snapshot = self.snapshots[kind as usize].lock().await;
        let known = snapshot.as_ref().filter(|known| known.read_at.elapsed() < max_age);
        if let Some(known) = known {
            return Ok(Arc::clone(&known.list));
        }
        let read_at = Instant::now();
        let list = Arc::new(List::of(kind, api.list(kind).await?));
        *snapshot = Some(Snapshot { read_at, list: Arc::clone(&list) });
        Ok(list)
    }

    /// Has the list read again when it is next needed.
    pub(super) async fn forget(&self, kind: AlmaKind) {
        *self.snapshots[kind as usize].lock().await = None;
    }
}

impl List {
    fn find(&self, by: By, key: &str) -> Vec<i64> {
        self.entries.get(&(by, normalized(by, key))).cloned().unwrap_or_default()
    }

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
                    let key = (by, normalized(by, &key));
                    entries.entry(key).or_default().push(row.id);
                }
            }
        }
        Self { entries, ids }
    }
}

/// The key as it is compared: e-mails and names without regard to case.
fn normalized(by: By, key: &str) -> String {
    match by {
        By::Email => key.to_lowercase(),
        By::Name => folded(key),
        By::ExternalId => key.to_owned(),
    }
}

/// Whether two names of buildings are the same but for case and blanks.
pub(super) fn is_same_name(left: &str, right: &str) -> bool {
    folded(left) == folded(right)
}

fn folded(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

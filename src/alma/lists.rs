//! Alma's lists, for what cannot be asked for by its external id: buildings by name,
//! clients by e-mail, contracts where the path by external id leads nowhere.
//!
//! A list is read when it is first needed and kept for a while, so that a thousand new
//! clients cost one reading. It may be out of date: what it does not show Alma's own
//! rules refuse, and after a create without an answer it is forgotten.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::api::{self, Api, Row};
use crate::ledger::AlmaKind;

/// How long a list is taken for true.
const GOOD_FOR: Duration = Duration::from_secs(600);

/// Alma's ids of the rows of a list by what they are looked up by.
type ByKey = HashMap<String, Vec<i64>>;

#[derive(Clone)]
struct Snapshot {
    read_at: Instant,
    entries: Arc<ByKey>,
}

/// The lists that were read.
#[derive(Default)]
pub(super) struct Lists {
    snapshots: [Mutex<Option<Snapshot>>; AlmaKind::ALL.len()],
}

impl Lists {
    /// Alma's ids of the objects of a kind with this name (buildings), e-mail (clients) or
    /// external id (the others).
    ///
    /// # Errors
    /// The list could not be read.
    pub(super) async fn find(
        &self,
        api: &Api,
        kind: AlmaKind,
        key: &str,
    ) -> Result<Vec<i64>, api::Error> {
        // Whoever comes while it is read waits for it instead of reading it too.
        let mut snapshot = self.snapshots[kind as usize].lock().await;
        let known = snapshot
            .as_ref()
            .filter(|known| known.read_at.elapsed() < GOOD_FOR);
        let entries = match known {
            Some(known) => Arc::clone(&known.entries),
            None => {
                let read_at = Instant::now();
                let entries = Arc::new(by_key(kind, api.list(kind).await?));
                *snapshot = Some(Snapshot {
                    read_at,
                    entries: Arc::clone(&entries),
                });
                entries
            }
        };
        drop(snapshot);
        Ok(entries
            .get(&spelled(kind, key))
            .cloned()
            .unwrap_or_default())
    }

    /// The list may lack something by now.
    pub(super) async fn forget(&self, kind: AlmaKind) {
        *self.snapshots[kind as usize].lock().await = None;
    }
}

fn by_key(kind: AlmaKind, rows: Vec<Row>) -> ByKey {
    let mut entries = ByKey::new();
    for row in rows {
        let Row {
            id,
            external_id,
            name,
            email,
        } = row;
        let key = match kind {
            AlmaKind::Building => name,
            AlmaKind::Client => email,
            _ => external_id,
        };
        if let Some(key) = key {
            entries.entry(spelled(kind, &key)).or_default().push(id);
        }
    }
    entries
}

/// An e-mail is the same in any case.
fn spelled(kind: AlmaKind, key: &str) -> String {
    match kind {
        AlmaKind::Client => key.to_lowercase(),
        _ => key.to_owned(),
    }
}

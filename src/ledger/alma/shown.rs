//! What a person was shown of objects of Alma before they act on them: which they are, and why they
//! stand as they do. Another reason is another matter.

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use super::kind::AlmaKind;
use super::object::{AlmaRow, AlmaState};
use crate::ledger::hash::hex;
use crate::ledger::{Error, Reader, Tx};

/// The objects that were shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlmaShown {
    /// How many they are.
    pub count: u64,
    /// What tells them, and their reasons, from others.
    pub digest: String,
}

#[derive(Default)]
struct Digesting {
    count: u64,
    digest: Sha256,
}

impl Digesting {
    fn add(&mut self, kind: &str, external_id: &str, reason: Option<&str>) {
        self.count += 1;
        for text in [kind, external_id, reason.unwrap_or_default()] {
            // With its length: nothing that stands at the end of one can stand in the next.
            self.digest.update((text.len() as u64).to_le_bytes());
            self.digest.update(text);
        }
    }

    fn shown(self) -> AlmaShown {
        AlmaShown { count: self.count, digest: hex(&self.digest.finalize()) }
    }
}

impl AlmaRow {
    /// What is shown of it alone.
    pub(crate) fn shown(&self) -> AlmaShown {
        let mut shown = Digesting::default();
        shown.add(self.key.kind.word(), &self.key.external_id, self.reason.as_deref());
        shown.shown()
    }
}

fn shown_in(
    connection: &Connection,
    state: AlmaState,
    kind: Option<AlmaKind>,
) -> Result<AlmaShown, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, external_id, reason FROM alma_object WHERE state = ?1 AND (?2 IS NULL OR kind = ?2) \
         ORDER BY kind, external_id",
    )?;
    let mut rows = statement.query(params![state, kind])?;
    let mut shown = Digesting::default();
    while let Some(row) = rows.next()? {
        let text = |at| row.get_ref(at)?.as_str().map_err(rusqlite::Error::from);
        let reason = row.get_ref(2)?.as_str_or_null().map_err(rusqlite::Error::from)?;
        shown.add(text(0)?, text(1)?, reason);
    }
    Ok(shown.shown())
}

impl Reader {
    /// What is shown of the objects in a state, of a kind where one is given.
    pub(crate) fn alma_shown_in(
        &self,
        state: AlmaState,
        kind: Option<AlmaKind>,
    ) -> Result<AlmaShown, Error> {
        shown_in(&self.connection, state, kind)
    }
}

impl Tx<'_> {
    /// What would be shown of the objects in a state now.
    pub(crate) fn alma_shown_in(
        &self,
        state: AlmaState,
        kind: Option<AlmaKind>,
    ) -> Result<AlmaShown, Error> {
        shown_in(self.connection, state, kind)
    }
}

//! Pages of the ledger, by a reader that nothing else waits for, made ready to be sent.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::clean::cleaned;
use crate::ledger::{
    ChangeSeq, Error, Reader, RelayChange, RelayChanges, RelayKey, RelayRecord, RelayRecords,
};

/// About so many bytes of bodies are brought in one step.
pub(super) const STEP_BYTES: usize = 32 << 20;

/// The reader, which is opened when it is first asked.
pub(super) struct Source {
    path: PathBuf,
    reader: Arc<Mutex<Option<Reader>>>,
}

/// A record that is ready to be sent.
#[derive(Debug)]
pub(super) struct Relayed {
    pub(super) record: RelayRecord,
    /// What jsonb takes; `None`: the body.
    pub(super) data: Option<String>,
}

/// Changes that are ready to be sent, with their records.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) changes: Vec<RelayChange>,
    pub(super) records: Vec<Relayed>,
    /// What the ledger no longer has, and since when.
    pub(super) gone: Vec<(RelayKey, String)>,
    pub(super) last: ChangeSeq,
    pub(super) newest: ChangeSeq,
    pub(super) is_end: bool,
    /// Values of the records that jsonb cannot hold as they are.
    pub(super) cleaned: u64,
}

/// Records that are ready to be sent.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) records: Vec<Relayed>,
    pub(super) last: RelayKey,
    pub(super) newest: ChangeSeq,
    pub(super) is_end: bool,
    pub(super) cleaned: u64,
}

impl Source {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), reader: Arc::default() }
    }

    /// Asks the reader something, on a thread that may take its time.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (path, reader) = (self.path.clone(), Arc::clone(&self.reader));
        let asking = tokio::task::spawn_blocking(move || {
            let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            let opened = match reader.take() {
                Some(opened) => opened,
                None => Reader::open(&path)?,
            };
            question(reader.insert(opened))
        });
        asking.await.unwrap_or(Err(Error::Closed))
    }

    /// The next changes after a cursor, `limit` at the most.
    pub(super) async fn changes(
        &self,
        after: ChangeSeq,
        kinds: Option<Vec<&'static str>>,
        limit: usize,
    ) -> Result<Batch, Error> {
        let reading = self.ask(move |reader| {
            Ok(Batch::from(reader.relay_changes(after, kinds.as_deref(), limit, STEP_BYTES)?))
        });
        reading.await
    }

    /// The next records after a name, `limit` at the most.
    pub(super) async fn records(
        &self,
        after: RelayKey,
        kinds: Option<Vec<&'static str>>,
        limit: usize,
    ) -> Result<Page, Error> {
        let reading = self.ask(move |reader| {
            Ok(Page::from(reader.relay_records(&after, kinds.as_deref(), limit, STEP_BYTES)?))
        });
        reading.await
    }
}

/// Makes records ready; answers how many of their values jsonb cannot hold as they are.
fn ready(records: Vec<RelayRecord>) -> (Vec<Relayed>, u64) {
    let mut cleaned_values = 0;
    let records = records.into_iter().map(|record| {
        let data = cleaned(&record.body).map(|(data, times)| {
            cleaned_values += times;
            data
        });
        Relayed { record, data }
    });
    let records = records.collect();
    (records, cleaned_values)
}

impl From<RelayChanges> for Batch {
    fn from(page: RelayChanges) -> Self {
        let RelayChanges { changes, records, gone, last, newest, is_end } = page;
        let (records, cleaned) = ready(records);
        Self { changes, records, gone, last, newest, is_end, cleaned }
    }
}

impl From<RelayRecords> for Page {
    fn from(page: RelayRecords) -> Self {
        let RelayRecords { records, last, newest, is_end } = page;
        let (records, cleaned) = ready(records);
        Self { records, last, newest, is_end, cleaned }
    }
}

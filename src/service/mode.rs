//! How the service is to run, and what is done first.

use std::sync::Arc;

use crate::ledger::{self, Tx};

/// What is written into the ledger before anything runs.
#[derive(Clone, Default)]
pub struct Begin(Option<Arc<BeginWork>>);

type BeginWork = dyn Fn(&Tx<'_>) -> Result<(), ledger::Error> + Send + Sync;

impl Begin {
    /// Writes by `work`, which may run more than once before it is committed.
    pub fn with(
        work: impl Fn(&Tx<'_>) -> Result<(), ledger::Error> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(work)))
    }

    /// Writes it.
    pub(super) fn write(&self, tx: &Tx<'_>) -> Result<(), ledger::Error> {
        self.0.as_ref().map_or(Ok(()), |work| work(tx))
    }
}

impl std::fmt::Debug for Begin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Begin")
    }
}

/// How the service is to run.
#[derive(Debug, Clone, Default)]
pub struct Mode {
    /// Begin by reading the full lists.
    pub full_resync: bool,
    /// One pass of everything, then the end.
    pub once: bool,
    /// What is to be done first, such as accepting that a feed has shrunk.
    pub begin: Begin,
}

//! The relay: what the ledger holds, in PostgreSQL, where many ledgers can be read together.
//!
//! A follower of the ledger like any other: it reads changes after a cursor, and brings each
//! with its record as that is now. The cursor stands in PostgreSQL and moves in the very
//! transaction that brings the rows, so a kill or a lost answer anywhere is settled by
//! reading it. Each such transaction locks the cursor's row first and stops where that is
//! not what was expected: so there is one writer.
//!
//! ```text
//! step       one step: connect, look at the cursor, bring what is next
//! pass       the steps of `run --once`
//! cursor     the row of the cursor: who may write, and where an epoch begins
//! follow     changes with their records; missing  what has no change
//! backfill   every record anew; retry             what was not taken
//! rows       the statements that bring rows
//! clean      what jsonb cannot hold
//! source     pages of the ledger, read and cleaned beside the sending
//! schema     the tables and views there
//! session    a connection; tls  its certificate; failure  errors by SQLSTATE
//! told       how it stands, for people
//! ```
//!
//! Nothing waits for it: it has a reader of its own, brings little while the ledger grows
//! fast, and writes a row of the ledger once a second at the most.

mod backfill;
mod check;
mod clean;
mod cursor;
mod failure;
mod follow;
mod missing;
mod pass;
mod retry;
mod rows;
mod schema;
mod session;
mod source;
mod step;
mod system;
mod tls;
mod told;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::config;
use crate::http::{BuildError, Deadline};
use crate::ledger::Ledger;
use crate::runtime::system::Context;
use session::Dial;
use source::Source;
use step::Live;
pub(crate) use system::System;

/// The name of the system, as the config has it.
const NAME: &str = "relay";

/// The relay of this process.
struct Relay {
    ledger: Arc<Ledger>,
    clock: SharedClock,
    stop: CancellationToken,
    deadline: Deadline,
    there: There,
    dial: Dial,
    source: Source,
    /// The most changes or records of a step.
    batch: usize,
    /// How long PostgreSQL may take over a step.
    step_within: Duration,
    live: tokio::sync::Mutex<Live>,
}

/// What this ledger is called in PostgreSQL.
#[derive(Clone, Debug)]
struct There {
    /// `ledger.name`
    ledger: String,
    /// The schema, quoted.
    schema: String,
    /// The schema as it is.
    schema_name: String,
    /// `ledger.writer`: HOST:PATH of the ledger.
    writer: String,
    /// The kinds that are brought; `None`: all.
    kinds: Option<Vec<&'static str>>,
}

impl There {
    fn new(relay: &config::Relay, ledger: &Path) -> Self {
        let path = std::fs::canonicalize(ledger).unwrap_or_else(|_| ledger.to_owned());
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self {
            ledger: relay.ledger.clone(),
            schema: quoted(&relay.schema),
            schema_name: relay.schema.clone(),
            writer: format!("{host}:{}", path.display()),
            kinds: relay.kinds.clone(),
        }
    }

    /// `ledger.kinds`
    fn kinds_column(&self) -> Option<String> {
        self.kinds.as_ref().map(|kinds| serde_json::Value::from(kinds.clone()).to_string())
    }
}

/// A name as SQL takes it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Relay {
    fn new(context: &Context<'_>) -> Result<Option<Self>, BuildError> {
        let Some(relay) = &context.config.relay else {
            return Ok(None);
        };
        let path = &context.config.ledger.path;
        let is_pass = context.deadline.is_of_pass();
        Ok(Some(Self {
            ledger: Arc::clone(context.ledger),
            clock: Arc::clone(context.clock),
            stop: context.stop.clone(),
            deadline: context.deadline.clone(),
            there: There::new(relay, path),
            dial: Dial::new(relay)?,
            source: Source::new(path),
            batch: relay.batch,
            step_within: if is_pass { step::PASS_STEP } else { step::STEP },
            live: tokio::sync::Mutex::new(Live::new(relay.batch)),
        }))
    }
}

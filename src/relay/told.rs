//! How the relay stands, for people: a row of the ledger, and the log where something is news.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Relay;
use super::cursor::Cursor;
use super::step::Live;
use crate::clock::stamp;
use crate::ledger::{self, RelayState, RelayTold};

/// How often the row is written while nothing but the cursor moves.
const EVERY: Duration = Duration::from_secs(1);

/// What was last told.
#[derive(Default)]
pub(super) struct Told {
    pub(super) epoch: Option<i64>,
    pub(super) last_success_at: Option<Timestamp>,
    cursor: Option<i64>,
    is_backfilling: bool,
    row: Option<RelayTold>,
    at: Option<Instant>,
}

impl Told {
    /// The cursor stands here.
    pub(super) fn look(&mut self, cursor: &Cursor) {
        self.epoch = Some(cursor.epoch);
        self.cursor = Some(cursor.seq.0);
        self.is_backfilling = cursor.backfill.is_some();
    }
}

impl Relay {
    /// Writes down how it stands where that is news, and not too often. `failure`: what it
    /// waits for; `is_at_rest`: it may be long until there is something to tell again.
    pub(super) async fn tell(
        &self,
        live: &mut Live,
        failure: Option<(RelayState, String)>,
        is_at_rest: bool,
    ) -> Result<(), ledger::Error> {
        if let Some(cursor) = &live.cursor {
            live.told.look(cursor);
        }
        let told = &live.told;
        if told.row.is_none() && told.at.is_none() {
            self.remember(live).await?;
        }
        let told = &mut live.told;
        let (state, error) = match failure {
            Some((state, error)) => (state, Some(error)),
            None if told.is_backfilling => (RelayState::Backfilling, None),
            None => (RelayState::Following, None),
        };
        let row = RelayTold {
            ledger: self.there.ledger.clone(),
            state,
            epoch: told.epoch,
            cursor: told.cursor,
            last_success_at: told.last_success_at.map(stamp),
            error,
        };
        if told.row.as_ref() == Some(&row) {
            return Ok(());
        }
        let is_news = told.row.as_ref().is_none_or(|before| {
            (before.state, &before.error, before.epoch) != (row.state, &row.error, row.epoch)
        });
        let is_soon = told.at.is_some_and(|at| at.elapsed() < EVERY);
        if !is_news && is_soon && !(is_at_rest && self.deadline.is_of_pass()) {
            return Ok(());
        }
        if is_news {
            self.log(told.row.as_ref(), &row);
        }
        let written = row.clone();
        self.ledger.write(move |tx| tx.tell_relay(&written)).await?;
        told.row = Some(row);
        told.at = Some(Instant::now());
        Ok(())
    }

    /// What a process before this one has told.
    async fn remember(&self, live: &mut Live) -> Result<(), ledger::Error> {
        let before = self.ledger.read(|reader| reader.relay_told()).await?;
        let before = before.filter(|before| before.ledger == self.there.ledger);
        let told = &mut live.told;
        if let Some(before) = before {
            told.epoch = told.epoch.or(before.epoch);
            told.cursor = told.cursor.or(before.cursor);
            let success = before.last_success_at.and_then(|at| at.parse().ok());
            told.last_success_at = told.last_success_at.or(success);
        }
        Ok(())
    }

    fn log(&self, before: Option<&RelayTold>, now: &RelayTold) {
        let server = self.dial.shown();
        let (ledger, epoch) = (&now.ledger, now.epoch.unwrap_or_default());
        match (now.state, &now.error) {
            (RelayState::Away, Some(error)) => {
                tracing::warn!(server, ledger, %error, "the relay is away; it is tried again");
            }
            (RelayState::Paused, Some(error)) => {
                tracing::error!(server, ledger, %error, "the relay is paused; looked at each minute");
            }
            (RelayState::Refused, Some(error)) => {
                tracing::error!(server, ledger, %error, "the relay is refused; looked at each minute");
            }
            (RelayState::Backfilling, _) => {
                tracing::info!(server, ledger, epoch, "the relay brings every record anew");
            }
            _ => {
                let cursor = now.cursor.unwrap_or_default();
                let was_down = before.is_some_and(|before| before.error.is_some());
                tracing::info!(server, ledger, epoch, cursor, was_down, "the relay follows");
            }
        }
    }
}

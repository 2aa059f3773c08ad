//! The end of a read: the new and changed items go into the ledger.

use std::io;
use std::sync::Arc;

use jiff::Timestamp;

use super::{
    ACCEPTED_FOR, Composed, Coverage, Error, List, Mirror, Outcome, Place, Reading, Shrunk,
    Unspooled,
};
use crate::ledger::{self, ChangeSeq, Finding, ItemSha, Missing, Put, Share, Tx};

/// The most items in one transaction, and their bytes: other systems' writes come between.
const BATCH: usize = 512;
const BATCH_BYTES: usize = 2 << 20;

/// An item to record.
struct Due {
    id: String,
    sha256: ItemSha,
    composed: Composed,
}

impl Reading {
    /// Records what a list that has been read to its end brought, and deletes what it lacks.
    pub(super) async fn end(mut self, coverage: Coverage) -> Result<Outcome, Error> {
        let mut outcome = Outcome { fetched: self.fetched, ..Outcome::default() };
        // What is new must not make up for what is missing.
        let missing = match coverage {
            Coverage::Complete => self.missing(&mut outcome).await?,
            Coverage::Lasting | Coverage::Selection | Coverage::Partial => Vec::new(),
        };
        let lacking = match coverage {
            Coverage::Lasting => self.lacking().await?,
            _ => Vec::new(),
        };
        if let Some(spool) = self.spool.take() {
            let mut spool = spool.read_back()?;
            loop {
                let (batch, rest) = self.next_batch(spool).await?;
                spool = rest;
                if batch.is_empty() {
                    break;
                }
                self.record(batch, &mut outcome).await?;
            }
        }
        self.quarantine_bad(&mut outcome).await?;
        self.delete(&missing, &mut outcome).await?;
        self.mark_missing(&lacking).await?;
        Ok(outcome)
    }

    /// What the list showed before and lacks now; nothing where it came empty, which is not
    /// believed.
    async fn lacking(&mut self) -> Result<Vec<String>, Error> {
        if self.seen.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.look_up_missing().await?.1.ids)
    }

    async fn mark_missing(&mut self, lacking: &[String]) -> Result<(), Error> {
        for batch in lacking.chunks(BATCH) {
            self.go_on()?;
            let (mirror, as_of, batch) = (Arc::clone(&self.mirror), self.as_of, batch.to_vec());
            let marking = self.mirror.ledger.write(move |tx| {
                let List { feed, others, .. } = &mirror.list;
                batch.iter().try_for_each(|id| tx.miss_item(feed, id, others, as_of))
            });
            marking.await?;
        }
        Ok(())
    }

    /// Reads some items back, without those that a later one with the same id replaces.
    async fn next_batch(&mut self, mut spool: Unspooled) -> Result<(Vec<Due>, Unspooled), Error> {
        self.go_on()?;
        let seen = std::mem::take(&mut self.seen);
        let mirror = Arc::clone(&self.mirror);
        let read_back = tokio::task::spawn_blocking(move || {
            let mut batch = Vec::new();
            let mut bytes = 0;
            while batch.len() < BATCH && bytes < BATCH_BYTES {
                let Some((at, [id, sha256, text, around])) = spool.next()? else {
                    break;
                };
                let (id, text, around) = (utf8(id)?, utf8(text)?, utf8(around)?);
                if seen.get(id.as_str()) != Some(&Place::Spooled(at)) {
                    continue;
                }
                bytes += text.len();
                batch.push(Due {
                    id,
                    sha256: sha256.try_into().map_err(|_| broken())?,
                    composed: mirror.list.form.compose(&text, &around),
                });
            }
            io::Result::Ok((batch, spool, seen))
        });
        let (batch, spool, seen) = read_back.await.map_err(io::Error::other)??;
        self.seen = seen;
        Ok((batch, spool))
    }

    fn go_on(&self) -> Result<(), Error> {
        if self.mirror.stop.is_cancelled() { Err(Error::Stopped) } else { Ok(()) }
    }

    async fn record(&mut self, batch: Vec<Due>, outcome: &mut Outcome) -> Result<(), Error> {
        let (mirror, as_of) = (Arc::clone(&self.mirror), self.as_of);
        let (new, changed) = self
            .mirror
            .ledger
            .write(move |tx| {
                let (mut new, mut changed) = (0, 0);
                for due in &batch {
                    let put = record(tx, &mirror, due, as_of)?;
                    new += u64::from(put == Put::Inserted);
                    changed += u64::from(put.is_change());
                }
                Ok((new, changed))
            })
            .await?;
        outcome.new += new;
        outcome.changed += changed;
        Ok(())
    }

    /// Quarantines unreadable items, and records a finding for each id that came twice.
    async fn quarantine_bad(&mut self, outcome: &mut Outcome) -> Result<(), Error> {
        if self.bad.is_empty() && self.twice.is_empty() {
            return Ok(());
        }
        let (bad, twice) = (std::mem::take(&mut self.bad), std::mem::take(&mut self.twice));
        let mirror = Arc::clone(&self.mirror);
        outcome.quarantined = self
            .mirror
            .ledger
            .write(move |tx| {
                let mut quarantined = 0;
                for item in &bad {
                    quarantined += u64::from(tx.quarantine_item(item)?);
                }
                let problem = "the list has it more than once; the last one counts";
                let finding = Finding::new("", problem);
                for id in &twice {
                    tx.note(mirror.list.feed.key(id), None, &finding)?;
                }
                Ok(quarantined)
            })
            .await?;
        Ok(())
    }

    /// The records that the list lacks and that are to be deleted; none where it lacks too many.
    async fn missing(&mut self, outcome: &mut Outcome) -> Result<Vec<String>, Error> {
        let (accepted_at, missing) = self.look_up_missing().await?;
        let is_accepted = accepted_at.is_some() && self.is_accepted().await?;
        outcome.shrunk = self.shrunk(&missing).filter(|_| !is_accepted);
        if outcome.shrunk.is_some() {
            return Ok(Vec::new());
        }
        Ok(missing.ids)
    }

    /// Whether an operator's permission to shrink holds.
    async fn is_accepted(&mut self) -> Result<bool, Error> {
        let mirror = Arc::clone(&self.mirror);
        let looking = self
            .mirror
            .ledger
            .write(move |tx| tx.is_shrink_accepted(&mirror.list.feed, ACCEPTED_FOR));
        Ok(looking.await?)
    }

    /// What the list showed before and lacks now, and when an operator accepted that.
    async fn look_up_missing(&mut self) -> Result<(Option<Timestamp>, Missing), Error> {
        let mirror = Arc::clone(&self.mirror);
        let (reader, seen) = (self.reader.take(), std::mem::take(&mut self.seen));
        let looked_up = tokio::task::spawn_blocking(move || {
            let reader = mirror.reader(reader)?;
            let state = reader.feed_state(&mirror.list.feed)?;
            let missing = reader.missing_items(&mirror.list.feed, |id| !seen.contains_key(id))?;
            Ok::<_, Error>((state.shrink_accepted_at, missing, seen))
        });
        let (accepted_at, missing, seen) = looked_up.await.map_err(io::Error::other)??;
        self.seen = seen;
        Ok((accepted_at, missing))
    }

    fn shrunk(&self, missing: &Missing) -> Option<Shrunk> {
        let max_shrink = u64::from(self.mirror.list.max_shrink);
        let is_too_much = |share: &&Share| share.missing * 100 > max_shrink * share.of;
        if self.seen.is_empty() && missing.of_all.of > 0 {
            return Some(Shrunk::Empty(missing.of_all.of));
        }
        let shares = [missing.of_earlier, missing.of_all];
        shares.iter().find(is_too_much).copied().map(Shrunk::Lacks)
    }

    async fn delete(&mut self, missing: &[String], outcome: &mut Outcome) -> Result<(), Error> {
        for batch in missing.chunks(BATCH) {
            self.go_on()?;
            let (mirror, as_of, batch) = (Arc::clone(&self.mirror), self.as_of, batch.to_vec());
            outcome.changed += self
                .mirror
                .ledger
                .write(move |tx| {
                    let List { feed, others, .. } = &mirror.list;
                    let mut deleted = 0;
                    for id in &batch {
                        deleted += u64::from(tx.drop_item(feed, id, others, as_of)?);
                    }
                    Ok(deleted)
                })
                .await?;
        }
        Ok(())
    }
}

fn record(tx: &Tx<'_>, mirror: &Mirror, due: &Due, as_of: ChangeSeq) -> Result<Put, ledger::Error> {
    let feed = &mirror.list.feed;
    let body = &due.composed.body;
    let put = tx.put_item(feed, &due.id, &due.sha256, body, mirror.list.comparison, as_of)?;
    for finding in &due.composed.findings {
        tx.note(feed.key(&due.id), None, finding)?;
    }
    Ok(put)
}

fn utf8(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| broken())
}

fn broken() -> io::Error {
    io::Error::other("it does not give back what was put in")
}

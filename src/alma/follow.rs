//! Follows the ledger: changes mark the objects of Alma that they touch, and what is
//! marked is made anew from its records.
//!
//! Both halves are steps that a crash may end anywhere. A mark is set in the transaction
//! that moves the cursor past the change, and taken away in the one that writes the
//! object, so a change is never forgotten and no more is done twice than a look. The
//! command that shows the plan may do the same beside the service.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::fields::Fields;
use super::files;
use super::projection::{Link, Projection, Wanted};
use super::stand::{self, Write};
use crate::config::Archive;
use crate::ledger::{AlmaKey, AlmaState, AlmaWait, Error, Ledger, RecordId, Tx};

/// The most records that are looked at in one transaction.
const RECORDS: usize = 500;
/// The most objects that are made anew in one transaction.
const OBJECTS: usize = 250;

/// Follows one source's changes.
pub(super) struct Follower {
    ledger: Arc<Ledger>,
    projection: Arc<dyn Projection>,
    archive: Archive,
}

impl Follower {
    pub(super) fn new(
        ledger: &Arc<Ledger>,
        projection: Arc<dyn Projection>,
        archive: Archive,
    ) -> Self {
        Self { ledger: Arc::clone(ledger), projection, archive }
    }

    /// Follows the ledger to its newest change.
    ///
    /// # Errors
    /// The ledger's.
    pub(super) async fn catch_up(&self) -> Result<(), Error> {
        loop {
            let projection = Arc::clone(&self.projection);
            let marking = self.ledger.write(move |tx| mark(tx, &*projection));
            if !marking.await? {
                break;
            }
        }
        while self.project().await? {}
        Ok(())
    }

    /// Whether objects were last made by other settings than these.
    ///
    /// # Errors
    /// The ledger's.
    pub(super) async fn is_elsewhere(&self) -> Result<bool, Error> {
        let settings = self.projection.settings();
        let looking = self.ledger.read(|reader| reader.alma_cursor());
        let cursor = looking.await?;
        Ok(cursor.is_some_and(|cursor| cursor.settings != settings))
    }

    /// Makes objects anew; false when none is marked.
    async fn project(&self) -> Result<bool, Error> {
        let projection = Arc::clone(&self.projection);
        let projecting = self.ledger.read(move |reader| {
            reader.at_one_moment(|reader| {
                let records = reader.alma_records(projection.source());
                let marked = reader.marked_alma(OBJECTS)?.into_iter();
                let wanted = marked.map(|(mark, key)| {
                    let wanted = projection.project(&key, &records)?;
                    Ok((mark, key, wanted))
                });
                wanted.collect::<Result<Vec<(i64, AlmaKey, Wanted)>, Error>>()
            })
        });
        let wanted = projecting.await?;
        if wanted.is_empty() {
            return Ok(false);
        }
        let archive = self.archive;
        let writing = self.ledger.write(move |tx| {
            for (mark, key, wanted) in &wanted {
                // A newer mark: the records have changed since they were read.
                if tx.unmark_alma(*mark)? {
                    let row = tx.alma_row(key)?;
                    if let Wanted::Yes(fields) = wanted
                        && !is_long_over(key, fields, tx.at())
                    {
                        for file in files::named(fields) {
                            tx.want_alma_file(&file)?;
                        }
                    }
                    if matches!(wanted, Wanted::Yes(_))
                        && row.as_ref().is_some_and(stand::may_be_archived)
                    {
                        tx.doubt_alma_contracts(&key.external_id)?;
                    }
                    put(tx, key, stand::projected(key, row, wanted.clone(), archive))?;
                }
            }
            Ok(())
        });
        writing.await?;
        Ok(true)
    }
}

/// Whether a contract is over wherever it may be: Alma takes none, so nobody asks for its
/// scans. Where it is extended it is made anew.
fn is_long_over(key: &AlmaKey, fields: &Fields, now: Timestamp) -> bool {
    let end = fields.string("end_date").filter(|_| key.kind.is_contract());
    let end: Option<Date> = end.and_then(|end| end.get(..10)?.parse().ok());
    let today = now.to_zoned(TimeZone::UTC).date();
    end.is_some_and(|end| end < today.saturating_sub(1.day()))
}

/// Writes how an object stands.
pub(super) fn put(tx: &Tx<'_>, key: &AlmaKey, write: Write) -> Result<(), Error> {
    match write {
        Write::Nothing => Ok(()),
        Write::Row(row) => {
            tx.put_alma_row(&row)?;
            if row.state == AlmaState::Held && row.desired.is_none() {
                // It is not going to be what others wait for.
                tx.wake_alma(&AlmaWait::Object(key.clone()))?;
            }
            Ok(())
        }
        Write::Forget => {
            tx.remove_alma_row(key)?;
            tx.wake_alma(&AlmaWait::Object(key.clone()))
        }
    }
}

/// Marks what some records touch; false when there are no more.
fn mark(tx: &Tx<'_>, projection: &dyn Projection) -> Result<bool, Error> {
    let settings = projection.settings();
    let cursor = tx.alma_cursor()?;
    let Some(cursor) = cursor.filter(|cursor| cursor.settings == settings) else {
        tx.restart_alma(&settings)?;
        return Ok(true);
    };
    let (source, kinds) = (projection.source(), projection.kinds());
    if let Some(walked_to) = cursor.walked_to {
        let records = tx.records_after(source, kinds, &walked_to, RECORDS)?;
        for record in &records {
            mark_record(tx, projection, record)?;
        }
        tx.set_alma_walked(records.last())?;
        return Ok(true);
    }
    let Some((last, records)) = tx.changed_records(source, cursor.change_seq, RECORDS)? else {
        return Ok(false);
    };
    for record in &records {
        if kinds.contains(&record.kind.as_str()) {
            mark_record(tx, projection, record)?;
        }
    }
    tx.set_alma_cursor(last)?;
    Ok(true)
}

/// Marks what a record touches by what it names, and named before.
fn mark_record(tx: &Tx<'_>, projection: &dyn Projection, record: &RecordId) -> Result<(), Error> {
    let RecordId { kind, id } = record;
    let records = tx.alma_records(projection.source());
    let mut named = records.links_from(kind, id)?;
    let links: Vec<(&'static str, String)> = match records.record(kind, id)? {
        Some(body) => {
            let links = projection.links(kind, id, &body).into_iter();
            links.map(|Link { to, id }| (to, id)).collect()
        }
        None => Vec::new(),
    };
    for (to, id) in &links {
        let is_new = !named.iter().any(|(known, at)| known == to && at == id);
        if is_new {
            named.push(((*to).to_owned(), id.clone()));
        }
    }
    tx.set_alma_links(kind, id, &links)?;
    for key in projection.touched(kind, id, &named, &records)? {
        tx.mark_alma(&key)?;
    }
    Ok(())
}

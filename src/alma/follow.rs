//! Follows the ledger: changes mark the objects of Alma that they touch, and marked objects
//! are projected anew from their records.
//!
//! Both halves are steps that a crash may end anywhere. A mark is set in the transaction
//! that moves the cursor past the change, and removed in the one that writes the object: a
//! change is never forgotten, and at most a projection is repeated. `alma plan` rehearses the
//! same, and writes nothing.

use std::sync::Arc;

use super::projection::{Link, Projection, Wanted};
use super::{files, outcome, state, term};
use crate::config::Archive;
use crate::ledger::{AlmaKey, AlmaTaken, Error, Ledger, Reader, RecordId, Tx};

/// The most records that are looked at in one transaction.
const RECORDS: usize = 500;
/// The most objects that are projected in one transaction.
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
    pub(super) async fn catch_up(&self) -> Result<(), Error> {
        loop {
            let projection = Arc::clone(&self.projection);
            if !self.ledger.write(move |tx| mark(tx, &*projection)).await? {
                break;
            }
        }
        while self.project().await? {}
        Ok(())
    }

    /// Projects marked objects; false when none is marked.
    async fn project(&self) -> Result<bool, Error> {
        let projection = Arc::clone(&self.projection);
        let read = self
            .ledger
            .read(move |reader| reader.at_one_moment(|reader| marked(reader, &*projection)));
        let wanted = read.await?;
        if wanted.is_empty() {
            return Ok(false);
        }
        let archive = self.archive;
        self.ledger.write(move |tx| write_marked(tx, &wanted, archive)).await?;
        Ok(true)
    }
}

/// Follows the ledger to its newest change within one transaction, which `reader` sees too.
pub(super) fn catch_up(
    tx: &Tx<'_>,
    reader: &Reader,
    projection: &dyn Projection,
    archive: Archive,
) -> Result<(), Error> {
    while mark(tx, projection)? {}
    loop {
        let wanted = marked(reader, projection)?;
        if wanted.is_empty() {
            return Ok(());
        }
        write_marked(tx, &wanted, archive)?;
    }
}

/// A marked object, with its mark, what its records say of it, and what the number in a
/// contract is taken for.
type Marked = (i64, AlmaKey, Wanted, Option<AlmaTaken>);

/// Projects some of the marked objects.
fn marked(reader: &Reader, projection: &dyn Projection) -> Result<Vec<Marked>, Error> {
    let records = reader.alma_records(projection.source());
    let marked = reader.marked_alma(OBJECTS)?.into_iter();
    let wanted = marked.map(|(mark, key)| {
        let wanted = projection.project(&key, &records)?;
        let taken = projection.takes(&key, &records)?;
        Ok((mark, key, wanted, taken))
    });
    wanted.collect()
}

/// Writes projected objects and takes their marks away.
fn write_marked(tx: &Tx<'_>, wanted: &[Marked], archive: Archive) -> Result<(), Error> {
    for (mark, key, wanted, taken) in wanted {
        // A newer mark: the records have changed since they were read.
        if tx.unmark_alma(*mark)? {
            if let Some(taken) = taken {
                tx.put_alma_taken(&key.external_id, taken)?;
            }
            write(tx, key, wanted, archive)?;
        }
    }
    Ok(())
}

/// Writes what a projection said of an object, and asks for the files that it names.
fn write(tx: &Tx<'_>, key: &AlmaKey, wanted: &Wanted, archive: Archive) -> Result<(), Error> {
    let row = tx.alma_row(key)?;
    if let Wanted::Yes(fields) = wanted {
        if !term::is_over_everywhere(key.kind, fields, tx.at()) {
            for file in files::named(fields) {
                tx.want_alma_file(&file)?;
            }
        }
        if row.as_ref().is_some_and(state::may_be_archived) {
            tx.doubt_alma_contracts(&key.external_id)?;
        }
    }
    outcome::write(tx, key, state::after_projection(key, row, wanted.clone(), archive))
}

/// Marks what some records touch; false when there are no more.
fn mark(tx: &Tx<'_>, projection: &dyn Projection) -> Result<bool, Error> {
    let settings = projection.settings();
    tx.mark_decidable_alma()?;
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

/// Marks the objects that a record touches by its links, and by those that it had before.
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

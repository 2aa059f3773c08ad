//! Follows the ledger: changes mark the objects of Alma that they touch, and marked objects
//! are projected anew from their records.
//!
//! Both halves are steps that a crash may end anywhere. A mark is set in the transaction
//! that moves the cursor past the change, and removed in the one that writes the object: a
//! change is never forgotten, and at most a projection is repeated. `alma plan` rehearses the
//! same, and writes nothing.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::sync::watch;

use super::projection::{Link, Projection, Wanted};
use super::settings::renew;
use super::{again, files, held, notes, outcome, state, term};
use crate::config::Archive;
use crate::json;
use crate::ledger::{
    AlmaKey, AlmaKind, AlmaState, AlmaTaken, AlmaWait, Error, Ledger, Reader, Readers, RecordId, Tx,
};

/// The most records that are looked at in one transaction.
const RECORDS: usize = 1000;
/// The most objects that are projected in one transaction: few, so that the first go out soon, and
/// what a pass has to record meanwhile does not wait for long.
const OBJECTS: usize = 100;
/// The kinds that are projected first, and can go to Alma while the others are projected: the
/// others stand in them, and nothing that is decided about them reads the others' rows.
pub(super) const FIRST: [AlmaKind; 2] = [AlmaKind::Building, AlmaKind::Unit];

/// What is marked at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What has changed; of a walk over all records, those that decide about buildings and units.
    First,
    /// What is left of the walk.
    Rest,
}

/// What decides besides the records how an object stands.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    /// Policy for archiving.
    pub(super) archive: Archive,
    /// The time zone whose days contracts begin and end on.
    pub(super) timezone: TimeZone,
    /// What objects are made by, as the cursor keeps it.
    pub(super) settings: String,
}

/// Follows one source's changes.
pub(super) struct Follower {
    ledger: Arc<Ledger>,
    projection: Arc<dyn Projection>,
    policy: Policy,
    /// Those of the projection: a pass reads what is due meanwhile, and does not wait for it.
    readers: Readers,
    /// While units go to Alma as they are projected: up to which they are. `None`: all of them.
    projected: watch::Sender<Option<String>>,
    /// The day for which it was looked at what is over.
    looked_on: Mutex<Option<Date>>,
}

impl Follower {
    pub(super) fn new(
        ledger: &Arc<Ledger>,
        projection: Arc<dyn Projection>,
        policy: Policy,
    ) -> Self {
        Self {
            ledger: Arc::clone(ledger),
            projection,
            policy,
            readers: ledger.readers(),
            projected: watch::Sender::new(None),
            looked_on: Mutex::default(),
        }
    }

    /// Follows the ledger to its newest change, and the clock to the present day.
    pub(super) async fn catch_up(&self) -> Result<(), Error> {
        self.begin().await?;
        self.finish().await
    }

    /// Marks what has changed, and projects what other objects stand in. Of a ledger of which Alma
    /// has no building and no unit yet only buildings: none of its units can be another's way, so
    /// that each goes as soon as it is projected.
    pub(super) async fn begin(&self) -> Result<(), Error> {
        let looked_on = *self.looked_on.lock().unwrap_or_else(PoisonError::into_inner);
        let policy = self.policy.clone();
        let begun = self.ledger.write(move |tx| {
            let day = again::wake(tx, &policy, looked_on)?;
            Ok((day, tx.newest_alma_mark()?, tx.has_alma_premises()?))
        });
        let (day, since, has_premises) = begun.await?;
        *self.looked_on.lock().unwrap_or_else(PoisonError::into_inner) = Some(day);
        self.mark(Part::First, Some(since)).await?;
        // What a renamed building touches is marked anew.
        while self.project_kind(AlmaKind::Building).await? {}
        if has_premises {
            while self.project_kind(AlmaKind::Unit).await? {}
        } else {
            self.projected.send_replace(Some(String::new()));
        }
        Ok(())
    }

    /// Marks and projects whatever else there is.
    pub(super) async fn finish(&self) -> Result<(), Error> {
        let finished = self.project_rest().await;
        // Also where it failed: who waits for units would wait for ever.
        self.projected.send_replace(None);
        finished
    }

    async fn project_rest(&self) -> Result<(), Error> {
        let are_under_way = self.projected.borrow().is_some();
        while are_under_way && self.project_kind(AlmaKind::Unit).await? {}
        self.projected.send_replace(None);
        self.mark(Part::Rest, None).await?;
        loop {
            let wanted = self.read(None).await?;
            if wanted.is_empty() {
                return Ok(());
            }
            self.write(wanted).await?;
        }
    }

    /// Waits until units beyond this one are projected: up to which; `None`: all are.
    pub(super) async fn units_beyond(&self, after: &str) -> Option<String> {
        let mut projected = self.projected.subscribe();
        let is_beyond = |to: &Option<String>| to.as_ref().is_none_or(|to| to.as_str() > after);
        projected.wait_for(is_beyond).await.ok()?.clone()
    }

    /// Marks a part of what is to be marked; `since`: the newest mark before, the present one where
    /// that is `None`.
    async fn mark(&self, part: Part, since: Option<i64>) -> Result<(), Error> {
        let mut known = since;
        loop {
            let projection = Arc::clone(&self.projection);
            let marked = self.ledger.write(move |tx| {
                let since = known.map_or_else(|| tx.newest_alma_mark(), Ok)?;
                Ok(mark(tx, &*projection, part, since)?.then_some(since))
            });
            known = marked.await?;
            if known.is_none() {
                return Ok(());
            }
        }
    }

    /// Projects the marked objects of a kind, of which none is decided by what is written of
    /// another: the next are read meanwhile. False when none is marked.
    async fn project_kind(&self, kind: AlmaKind) -> Result<bool, Error> {
        let mut wanted = self.read(Some(AlmaKey::new(kind, ""))).await?;
        let are_any = !wanted.is_empty();
        while let Some(last) = wanted.last() {
            let last = last.key.clone();
            let (next, written) = tokio::join!(self.read(Some(last.clone())), self.write(wanted));
            written?;
            wanted = next?;
            self.projected.send_if_modified(|to| {
                let is_new = to.as_ref().is_some_and(|to| *to < last.external_id);
                if is_new {
                    *to = Some(last.external_id);
                }
                is_new
            });
        }
        Ok(are_any)
    }

    /// Projects some of the marked objects: of all, or of one kind those after an object.
    async fn read(&self, after: Option<AlmaKey>) -> Result<Vec<Marked>, Error> {
        let (projection, readers) = (Arc::clone(&self.projection), self.readers.clone());
        let read = tokio::task::spawn_blocking(move || {
            readers.ask(|reader| {
                reader.at_one_moment(|reader| marked(reader, &*projection, after.as_ref()))
            })
        });
        read.await.map_err(|_| Error::Closed)?
    }

    async fn write(&self, wanted: Vec<Marked>) -> Result<(), Error> {
        let (projection, policy) = (Arc::clone(&self.projection), self.policy.clone());
        self.ledger.write(move |tx| write_marked(tx, &*projection, &wanted, &policy)).await
    }
}

/// Follows the ledger to its newest change within one transaction, which `reader` sees too.
pub(super) fn catch_up(
    tx: &Tx<'_>,
    reader: &Reader,
    projection: &dyn Projection,
    policy: &Policy,
) -> Result<(), Error> {
    renew(tx, &policy.settings)?;
    again::wake(tx, policy, None)?;
    let since = tx.newest_alma_mark()?;
    for part in [Part::First, Part::Rest] {
        while mark(tx, projection, part, since)? {}
    }
    loop {
        let wanted = marked(reader, projection, None)?;
        if wanted.is_empty() {
            return Ok(());
        }
        write_marked(tx, projection, &wanted, policy)?;
    }
}

/// A marked object.
struct Marked {
    mark: i64,
    key: AlmaKey,
    /// What its records say of it.
    wanted: Wanted,
    /// What the number in a contract is taken for.
    taken: Option<AlmaTaken>,
    /// The day on which it is over.
    until: Option<Date>,
}

/// Projects some of the marked objects: of all, or of one kind those after an object.
fn marked(
    reader: &Reader,
    projection: &dyn Projection,
    after: Option<&AlmaKey>,
) -> Result<Vec<Marked>, Error> {
    let records = reader.alma_records(projection.source());
    let marked = reader.marked_alma(after, OBJECTS)?.into_iter();
    let wanted = marked.map(|(mark, key)| {
        let mut wanted = projection.project(&key, &records)?;
        let taken = projection.takes(&key, &records)?;
        let until = projection.until(&key, &records)?;
        if let (Wanted::Yes(fields), AlmaKind::Client, Some(day)) = (&mut wanted, key.kind, until) {
            fields.set(notes::NEEDED_UNTIL, json::quote(&format!("{day}T00:00:00")));
        }
        Ok(Marked { mark, key, wanted, taken, until })
    });
    wanted.collect()
}

/// Writes projected objects and takes their marks away.
fn write_marked(
    tx: &Tx<'_>,
    projection: &dyn Projection,
    wanted: &[Marked],
    policy: &Policy,
) -> Result<(), Error> {
    for marked in wanted {
        // A newer mark: the records have changed since they were read.
        if tx.unmark_alma(marked.mark)? {
            if let Some(taken) = &marked.taken {
                tx.put_alma_taken(&marked.key.external_id, taken)?;
            }
            let key = &marked.key;
            if key.kind == AlmaKind::Building && matches!(marked.wanted, Wanted::Yes(_)) {
                rename_building(tx, projection, key)?;
                if let Some(row) = tx.alma_row(key)?.filter(held::is_parted) {
                    // How many have moved may be another number by now.
                    tx.put_alma_row(&state::reset(row, AlmaState::Pending))?;
                }
            }
            write(tx, marked, policy)?;
        }
    }
    Ok(())
}

/// Has a building that Alma does not have under its name be the one that was renamed to it, where
/// there is exactly one: the building keeps its id, its units and what people wrote about it.
fn rename_building(tx: &Tx<'_>, projection: &dyn Projection, to: &AlmaKey) -> Result<(), Error> {
    if tx.alma_row(to)?.is_some_and(|row| row.alma_id.is_some()) {
        return Ok(());
    }
    let records = tx.alma_records(projection.source());
    let mut renamed = Vec::new();
    for from in tx.alma_buildings()?.into_iter().filter(|from| from != to) {
        if tx.alma_row(&from)?.is_some_and(|row| held::is_switched(&row)) {
            continue;
        }
        let units = tx.alma_units_of(&from.external_id)?;
        if projection.is_renamed(&from, to, &units, &records)? {
            renamed.push(from);
        }
    }
    match &renamed[..] {
        [from] => tx.rename_alma_building(from, to),
        _ => Ok(()),
    }
}

/// Writes what a projection said of an object, and asks for the files that it names.
fn write(tx: &Tx<'_>, marked: &Marked, policy: &Policy) -> Result<(), Error> {
    let Marked { key, wanted, until, .. } = marked;
    let row = tx.alma_row(key)?;
    if row.as_ref().is_some_and(held::is_switched) {
        return Ok(());
    }
    let today = term::today(tx.at(), &policy.timezone);
    let over = until.filter(|day| *day <= today);
    if let Wanted::Yes(fields) = wanted {
        if over.is_none() {
            for file in files::named(fields) {
                tx.want_alma_file(&file)?;
            }
        }
        if key.kind.is_rental() && row.as_ref().is_some_and(state::may_be_archived) {
            tx.doubt_alma_contracts(key)?;
        }
    }
    if matches!((wanted, key.kind), (Wanted::No, AlmaKind::Client)) {
        // A contact that was merged away leaves its client to another one.
        tx.wake_alma(&AlmaWait::Object(key.clone()))?;
    }
    let write = state::after_projection(key, row.clone(), wanted.clone(), policy.archive);
    outcome::write(tx, key, state::over(row, write, over))
}

/// Marks what some records touch; false when there are no more in this part. `since`: the newest
/// mark before this following began.
fn mark(tx: &Tx<'_>, projection: &dyn Projection, part: Part, since: i64) -> Result<bool, Error> {
    tx.mark_decidable_alma()?;
    let Some(cursor) = tx.alma_cursor()? else {
        return Ok(false);
    };
    let (source, kinds) = (projection.source(), projection.kinds());
    if let Some(walked_to) = cursor.walked_to {
        let (all, of_premises) = (kinds, projection.of_premises());
        let rest = &all[of_premises.len()..];
        let is_in_rest = rest.contains(&walked_to.kind.as_str());
        if part == Part::First && is_in_rest {
            return Ok(false);
        }
        let kinds = if part == Part::First { of_premises } else { all };
        let records = tx.records_after(source, kinds, &walked_to, RECORDS)?;
        for record in &records {
            mark_record(tx, projection, record, since)?;
        }
        if records.is_empty() && part == Part::First && !rest.is_empty() {
            return Ok(false);
        }
        tx.set_alma_walked(records.last())?;
        return Ok(true);
    }
    if part == Part::Rest {
        return Ok(false);
    }
    let Some((last, records)) = tx.changed_records(source, cursor.change_seq, RECORDS)? else {
        // What stands between here and the newest is kept no longer.
        let newest = tx.newest_change()?;
        if cursor.change_seq < newest {
            tx.set_alma_cursor(newest)?;
        }
        return Ok(false);
    };
    for record in &records {
        if kinds.contains(&record.kind.as_str()) {
            mark_record(tx, projection, record, since)?;
        }
    }
    tx.set_alma_cursor(last)?;
    Ok(true)
}

/// Marks the objects that a record touches by its links, and by those that it had before.
fn mark_record(
    tx: &Tx<'_>,
    projection: &dyn Projection,
    record: &RecordId,
    since: i64,
) -> Result<(), Error> {
    let RecordId { kind, id } = record;
    let records = tx.alma_records(projection.source());
    let before = records.links_from(kind, id)?;
    let links: Vec<(String, String)> = match records.record(kind, id)? {
        Some(body) => {
            let links = projection.links(kind, id, &body).into_iter();
            links.map(|Link { to, id }| (to.to_owned(), id)).collect()
        }
        None => Vec::new(),
    };
    tx.set_alma_links((kind, id), &before, &links)?;
    let mut named = before;
    named.extend(links);
    named.sort_unstable();
    named.dedup();
    for key in projection.touched(kind, id, &named, &records)? {
        tx.mark_alma_since(&key, since)?;
    }
    Ok(())
}

//! Records decoded envelopes and list elements inside the writer's transaction, and
//! decides which call announces each permanent id.
//!
//! | the envelope holds | the calls sent |
//! | --- | --- |
//! | one top-level entity with a temporary id | `Delete` with `objectId` |
//! | several, or persons with temporary ids | `SetId` for each, then `Delete` |
//! | a temporary id of a car beside others | nothing announces it: a finding |
//! | references to entities not seen themselves | `SetId` after `identity.announce_after` |
//! | ids that wait for their names | plain `Delete`; `SetId` once they are named |
//!
//! The calls are rows of the same transaction; the `Delete` waits for them.

use std::sync::atomic::{AtomicBool, Ordering};

use super::decode::{Content, Decoded, Envelope};
use super::model::Kind;
use super::{SET_ID, SOURCE};
use crate::ledger::{
    Assign, ChangeSeq, EnvelopeSeq, Error, Finding, IdentityState, Known, Ledger, NewCall,
    NewEnvelope, Origin, Part, RecordKey, TemporaryId, Tx,
};

/// An entry of a queue, decoded as far as it could be.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) raw: NewEnvelope,
    /// The content, or the reason for its quarantine.
    pub(super) content: Result<Content, String>,
}

/// The result of a batch of entries.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Applied {
    /// Entries not known before.
    pub(super) new: u64,
    /// Rows of `change`.
    pub(super) changed: u64,
    /// Entries quarantined.
    pub(super) quarantined: u64,
}

impl Applied {
    pub(super) fn add(&mut self, other: Applied) {
        self.new += other.new;
        self.changed += other.changed;
        self.quarantined += other.quarantined;
    }
}

/// Commits a batch, which is on its way once this returns. An entry that the ledger itself
/// refuses is quarantined, so that it does not stop the others: the writer runs again what
/// has failed, and then each entry is tried by itself, in its place among the batches.
pub(super) fn commit(
    ledger: &Ledger,
    batch: Vec<Entry>,
    assign: Assign,
) -> impl Future<Output = Result<Applied, Error>> + use<> {
    let has_failed = AtomicBool::new(false);
    ledger.submit(move |tx| {
        if has_failed.load(Ordering::Relaxed) {
            return one_by_one(tx, &batch, assign);
        }
        let together = all(tx, &batch, assign);
        let is_refused = together.as_ref().is_err_and(|error| !ends_the_transaction(error));
        has_failed.store(is_refused, Ordering::Relaxed);
        together
    })
}

fn all(tx: &Tx<'_>, batch: &[Entry], assign: Assign) -> Result<Applied, Error> {
    let mut applied = Applied::default();
    for item in batch {
        applied.add(entry(tx, item, assign)?);
    }
    Ok(applied)
}

fn one_by_one(tx: &Tx<'_>, batch: &[Entry], assign: Assign) -> Result<Applied, Error> {
    let mut applied = Applied::default();
    for item in batch {
        let outcome = tx.isolated(|tx| entry(tx, item, assign));
        applied.add(match outcome {
            Err(error) if !ends_the_transaction(&error) => {
                quarantine(tx, &item.raw, &format!("it could not be recorded: {error}"))?
            }
            outcome => outcome?,
        });
    }
    Ok(applied)
}

/// Whether it is the file that failed, and not the entry.
fn ends_the_transaction(error: &Error) -> bool {
    error.is_fatal() || matches!(error, Error::DiskFull | Error::Busy)
}

fn entry(tx: &Tx<'_>, entry: &Entry, assign: Assign) -> Result<Applied, Error> {
    match &entry.content {
        Err(reason) => quarantine(tx, &entry.raw, reason),
        Ok(content) => {
            let known = tx.recall_envelope(&entry.raw)?;
            if known == Known::Again {
                return Ok(Applied::default());
            }
            let seq =
                tx.insert_envelope(&entry.raw, &kinds(content), announces(content).as_ref())?;
            let came = Came { origin: Origin::Envelope(seq), assign };
            let changed = apply(tx, content, seq, came, known == Known::Revision)?;
            Ok(Applied { new: 1, changed, quarantined: 0 })
        }
    }
}

fn quarantine(tx: &Tx<'_>, raw: &NewEnvelope, reason: &str) -> Result<Applied, Error> {
    if tx.recall_envelope(raw)? == Known::Again {
        return Ok(Applied::default());
    }
    let seq = tx.quarantine_envelope(raw, reason)?;
    let (queue, reason) = (raw.queue, reason.to_owned());
    tx.after_commit(move || {
        tracing::warn!(seq = seq.0, queue = queue.word(), reason, "quarantined")
    });
    Ok(Applied { new: 1, changed: 0, quarantined: 1 })
}

/// Applies a quarantined envelope that can be understood by now. `as_of` was the newest
/// change when it was received.
pub(super) fn release(
    tx: &Tx<'_>,
    seq: EnvelopeSeq,
    envelope: &Envelope,
    as_of: ChangeSeq,
    assign: Assign,
) -> Result<(), Error> {
    let content = &envelope.content;
    tx.release_envelope(seq, &kinds(content), announces(content).as_ref())?;
    let came = Came { origin: Origin::Late { envelope_seq: seq, as_of }, assign };
    apply(tx, content, seq, came, false)?;
    Ok(())
}

fn kinds(content: &Content) -> Vec<&'static str> {
    match content {
        Content::Entities(entities) => entities.iter().map(|decoded| decoded.kind.word()).collect(),
        Content::Deletion { kind, .. } => vec![kind.word()],
    }
}

/// The temporary id that goes out with Delete: that of the sole top-level entity.
fn announces(content: &Content) -> Option<TemporaryId<'_>> {
    match content {
        Content::Entities(entities) => match entities.as_slice() {
            [sole] => temporary(&sole.entity.id),
            _ => None,
        },
        Content::Deletion { .. } => None,
    }
}

fn temporary(id: &Part) -> Option<TemporaryId<'_>> {
    match id {
        Part::Temporary { kind, id } => Some(TemporaryId::new(*kind, id)),
        Part::Text(_) => None,
    }
}

/// Applies the content of an envelope; returns the number of rows of `change`.
fn apply(
    tx: &Tx<'_>,
    content: &Content,
    seq: EnvelopeSeq,
    came: Came,
    is_revision: bool,
) -> Result<u64, Error> {
    match content {
        Content::Deletion { kind, id } => {
            let (id, is_change) = delete(tx, *kind, id, came)?;
            if is_revision {
                note_revision(tx, kind.word(), &id, seq)?;
            }
            Ok(u64::from(is_change))
        }
        Content::Entities(entities) => {
            let mut changed = 0;
            for decoded in entities {
                let done = put(tx, decoded, came)?;
                changed += done.changed;
                if is_revision {
                    note_revision(tx, decoded.kind.word(), &done.id, seq)?;
                }
            }
            announce(tx, entities, seq)?;
            Ok(changed)
        }
    }
}

/// Where an entity came from, and who names it.
#[derive(Clone, Copy)]
struct Came {
    origin: Origin,
    assign: Assign,
}

/// Deletes the record of a DeletedItems entry; returns its id and whether that is a change.
fn delete(tx: &Tx<'_>, kind: Kind, id: &Part, came: Came) -> Result<(String, bool), Error> {
    let Came { origin, assign } = came;
    if !kind.is_reidentified()
        && let Part::Text(id) = id
        && let Some(number) = id.strip_prefix("--")
    {
        // UZhKH's own id is primary here, and the spelling of its own making.
        let record = |id| RecordKey::new(SOURCE, kind.word(), id);
        if !tx.has_record(record(id))? && tx.has_record(record(number))? {
            return Ok((number.to_owned(), tx.delete_record(record(number), origin)?));
        }
    }
    tx.delete_entity(SOURCE, kind.word(), id, origin, assign)
}

/// Whether an entity of a kind that keeps its ids was deleted under the temporary spelling
/// of its number before it came. A page that was fetched after that shows that it is there.
fn was_deleted_before(tx: &Tx<'_>, decoded: &Decoded, origin: Origin) -> Result<bool, Error> {
    let (kind, Part::Text(id)) = (decoded.kind, &decoded.entity.id) else {
        return Ok(false);
    };
    if kind.is_reidentified() {
        return Ok(false);
    }
    let spelling = format!("--{id}");
    let deleted = RecordKey::new(SOURCE, kind.word(), &spelling);
    if !tx.has_tombstone(deleted)? || tx.has_record(RecordKey::new(SOURCE, kind.word(), id))? {
        return Ok(false);
    }
    match origin {
        Origin::Page(as_of) => tx.has_changed_since(deleted, as_of),
        Origin::Envelope(_) | Origin::Late { .. } => Ok(true),
    }
}

/// What came of an entity.
pub(super) struct Done {
    /// The id of its record.
    pub(super) id: String,
    /// Whether its own record has changed.
    pub(super) is_change: bool,
    /// Rows of `change`, those of its persons too.
    pub(super) changed: u64,
}

/// Records an entity, its persons and its findings.
fn put(tx: &Tx<'_>, decoded: &Decoded, came: Came) -> Result<Done, Error> {
    let Came { origin, assign } = came;
    if was_deleted_before(tx, decoded, origin)?
        && let Part::Text(id) = &decoded.entity.id
    {
        let key = RecordKey::new(SOURCE, decoded.kind.word(), id);
        let is_change = tx.delete_record(key, origin)?;
        return Ok(Done { id: id.clone(), is_change, changed: u64::from(is_change) });
    }
    let (id, put) = tx.put_entity(SOURCE, &decoded.entity, origin, assign)?;
    let is_change = put.is_change();
    let mut changed = u64::from(is_change);
    for person in &decoded.persons {
        let (_, put) = tx.put_entity(SOURCE, person, origin, assign)?;
        changed += u64::from(put.is_change());
    }
    for finding in &decoded.findings {
        let seq = origin.envelope_seq();
        tx.note(RecordKey::new(SOURCE, decoded.kind.word(), &id), seq, finding)?;
    }
    Ok(Done { id, is_change, changed })
}

/// Inserts the calls that announce the ids that Delete cannot.
fn announce(tx: &Tx<'_>, entities: &[Decoded], seq: EnvelopeSeq) -> Result<(), Error> {
    let persons = entities.iter().flat_map(|decoded| &decoded.persons);
    let own: &[Decoded] = if let [_] = entities { &[] } else { entities };
    let own = own.iter().map(|decoded| &decoded.entity);
    let mut told: Vec<TemporaryId<'_>> = Vec::new();
    for entity in own.chain(persons) {
        if let Some(id) = temporary(&entity.id)
            && !told.contains(&id)
        {
            announce_by_set_id(tx, &id, Some(seq))?;
            told.push(id);
        }
    }
    Ok(())
}

/// Has a temporary id announced by SetId, where it has a name and SetId a type for its kind.
/// What waits for its name is announced when it gets that.
pub(super) fn announce_by_set_id(
    tx: &Tx<'_>,
    temporary_id: &TemporaryId<'_>,
    envelope_seq: Option<EnvelopeSeq>,
) -> Result<(), Error> {
    let Some(identity) = tx.identity(temporary_id)? else {
        return Ok(());
    };
    let Some(permanent_id) = identity.permanent_id else {
        return Ok(());
    };
    if !Kind::from_word(&temporary_id.kind).is_some_and(Kind::has_set_id) {
        if identity.state == IdentityState::Announced {
            return Ok(());
        }
        let finding = Finding::new(
            "Id",
            "SetId has no type for this kind, so UZhKH is not told the permanent id",
        );
        let key = RecordKey::new(SOURCE, &temporary_id.kind, permanent_id.as_str());
        return tx.note(key, envelope_seq, &finding);
    }
    match identity.state {
        // UZhKH has taken it over already.
        IdentityState::Waiting | IdentityState::Announced => return Ok(()),
        // Rejected before, and seen again: worth another SetId.
        IdentityState::Rejected => tx.reserve_again(temporary_id)?,
        IdentityState::Reserved => {}
    }
    tx.insert_call(&NewCall {
        target: SOURCE,
        op: SET_ID,
        params: vec![
            ("uzhkId", temporary_id.id.to_string()),
            ("externalId", permanent_id.into()),
            ("type", temporary_id.kind.to_string()),
        ],
        envelope_seq,
    })?;
    Ok(())
}

/// Records an element of a Download page asked for when `as_of` was the newest change.
pub(super) fn item(
    tx: &Tx<'_>,
    decoded: &Decoded,
    as_of: ChangeSeq,
    assign: Assign,
) -> Result<Done, Error> {
    let done = put(tx, decoded, Came { origin: Origin::Page(as_of), assign })?;
    for entity in std::iter::once(&decoded.entity).chain(&decoded.persons) {
        if let Some(temporary_id) = temporary(&entity.id)
            && !tx.is_being_announced(&temporary_id)?
        {
            // A lost answer may have been taken for a success; the page shows that it was none.
            tx.doubt_announcement(&temporary_id)?;
            announce_by_set_id(tx, &temporary_id, None)?;
        }
    }
    Ok(done)
}

fn note_revision(tx: &Tx<'_>, kind: &str, id: &str, seq: EnvelopeSeq) -> Result<(), Error> {
    let finding = Finding::new("Guid", "the same Guid came with another body");
    tx.note(RecordKey::new(SOURCE, kind, id), Some(seq), &finding)
}

//! `envelope`: what the queue offered, kept as received, and what UZhKH must
//! still be told about it.

use jiff::Timestamp;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, params};

use super::due::{in_turn, is_due};
use super::hash::sha256;
use super::word::in_column;
use super::{EnvelopeSeq, Error, Reader, TemporaryId, Tx};
use crate::clock::stamp;

/// The two queues of UZhKH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Queue {
    /// `To1c/Requests`
    Requests,
    /// `To1c/DeletedItems`
    Deleted,
}

in_column!(pub Queue);

/// `envelope.state` of a new row.
#[derive(Clone, Copy, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum State {
    Committed,
    Quarantined,
}

in_column!(State);

/// One entry of a queue, as received.
#[derive(Debug, Clone)]
pub struct NewEnvelope {
    /// Where it was offered.
    pub queue: Queue,
    /// Its Guid; empty where there is none.
    pub guid: String,
    /// Its bytes, or their beginning where `bytes` says that there were more.
    pub body: Vec<u8>,
    /// SHA-256 of all its bytes, lower-case hex.
    pub sha256: String,
    /// How many bytes it had.
    pub bytes: u64,
}

impl NewEnvelope {
    /// An entry that was received whole.
    pub fn whole(queue: Queue, guid: String, body: &[u8]) -> Self {
        Self { queue, guid, body: body.to_vec(), sha256: sha256(body), bytes: body.len() as u64 }
    }
}

/// Whether an entry has been here before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Never seen.
    New,
    /// Its Guid came with another body before.
    Revision,
    /// The same queue, Guid and body.
    Again,
}

/// An envelope that UZhKH may be told to forget: its row, read back after the
/// commit that made it. Nothing else can acknowledge, and nothing but the ledger
/// can make one:
///
/// ```compile_fail,E0451
/// let seq = uzhkh_ledger::ledger::EnvelopeSeq(1);
/// let due = uzhkh_ledger::ledger::Due { seq, guid: String::new(), announces: None, object_id: None,
///     attempts: 0, must_be_marked: false, marked_at: None };
/// ```
#[derive(Debug, Clone)]
pub struct Due {
    seq: EnvelopeSeq,
    guid: String,
    /// The sole entity's temporary id.
    announces: Option<TemporaryId<'static>>,
    object_id: Option<String>,
    attempts: u32,
    /// The id that goes with it could still be corrected: it is marked as sent before.
    must_be_marked: bool,
    /// When this one has marked it; `None` where it was marked already.
    marked_at: Option<Timestamp>,
}

impl Due {
    /// `envelope.seq`
    pub fn seq(&self) -> EnvelopeSeq {
        self.seq
    }

    /// The Guid to send.
    pub fn guid(&self) -> &str {
        &self.guid
    }

    /// The permanent id that goes with it, where it announces one.
    pub fn object_id(&self) -> Option<&str> {
        self.object_id.as_deref()
    }

    /// Whether [`Tx::begin_acknowledging`] must see it before it is sent.
    pub fn must_be_marked(&self) -> bool {
        self.must_be_marked
    }

    /// How often it has failed before.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

/// Bytes as they were received: text where they are UTF-8, a blob where not.
pub(super) struct Verbatim<'b>(pub(super) &'b [u8]);

impl ToSql for Verbatim<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match std::str::from_utf8(self.0) {
            Ok(text) => ValueRef::Text(text.as_bytes()),
            Err(_) => ValueRef::Blob(self.0),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

impl Tx<'_> {
    /// Whether the entry is known. One that was acknowledged and is offered again
    /// becomes due again.
    pub fn recall_envelope(&self, envelope: &NewEnvelope) -> Result<Known, Error> {
        let (guid, sha256) = (envelope.guid.as_str(), envelope.sha256.as_str());
        // Many may have no Guid; then the body alone tells them apart.
        let (from, to) = if guid.is_empty() { (sha256, sha256) } else { ("0", "g") };
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, body_sha256 FROM envelope \
             WHERE queue = ?1 AND guid = ?2 AND body_sha256 BETWEEN ?3 AND ?4",
        )?;
        let mut rows = statement.query([envelope.queue.word(), guid, from, to])?;
        let mut known = Known::New;
        while let Some(row) = rows.next()? {
            if row.get_ref(1)? == ValueRef::Text(sha256.as_bytes()) {
                self.make_due_again(row.get(0)?)?;
                return Ok(Known::Again);
            }
            known = Known::Revision;
        }
        Ok(known)
    }

    fn make_due_again(&self, seq: EnvelopeSeq) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE envelope SET state = 'committed', acknowledged_at = NULL, attempts = 0, \
                 next_attempt_at = NULL, last_error = NULL WHERE seq = ?1 AND state = 'acknowledged'",
            )?
            .execute([seq])?;
        Ok(())
    }

    /// Stores an entry that is to be acknowledged and answers its `seq`.
    /// `announces` is the sole top-level entity's temporary id.
    pub fn insert_envelope(
        &self,
        envelope: &NewEnvelope,
        kinds: &[&str],
        announces: Option<&TemporaryId<'_>>,
    ) -> Result<EnvelopeSeq, Error> {
        self.insert(envelope, kinds, State::Committed, None, announces)
    }

    /// Stores an entry that could not be understood, with the reason.
    pub fn quarantine_envelope(
        &self,
        envelope: &NewEnvelope,
        reason: &str,
    ) -> Result<EnvelopeSeq, Error> {
        self.insert(envelope, &[], State::Quarantined, Some(reason), None)
    }

    fn insert(
        &self,
        envelope: &NewEnvelope,
        kinds: &[&str],
        state: State,
        reason: Option<&str>,
        announces: Option<&TemporaryId<'_>>,
    ) -> Result<EnvelopeSeq, Error> {
        let as_of = match state {
            State::Quarantined => Some(self.newest_change()?),
            _ => None,
        };
        self.connection
            .prepare_cached(
                "INSERT INTO envelope (queue, guid, kinds, body, body_sha256, bytes, received_at, \
                 state, last_error, announces_kind, announces_id, as_of) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                envelope.queue,
                envelope.guid,
                kinds_json(kinds),
                Verbatim(&envelope.body),
                envelope.sha256,
                envelope.bytes,
                self.now,
                state,
                reason,
                announces.map(|announced| &*announced.kind),
                announces.map(|announced| &*announced.id),
                as_of,
            ])?;
        Ok(EnvelopeSeq(self.connection.last_insert_rowid()))
    }

    /// Marks the id that is about to be sent with an acknowledgement, where it could still be
    /// corrected, and takes what it is by now: from then on it cannot.
    pub fn begin_acknowledging(&self, due: &Due) -> Result<Due, Error> {
        let mut begun = due.clone();
        if let Some(announced) = &due.announces {
            begun.marked_at = self.mark_sent(announced)?.then_some(self.at);
            let identity = self.identity(announced)?;
            begun.object_id = identity.and_then(|identity| identity.permanent_id).map(String::from);
        }
        Ok(begun)
    }

    /// UZhKH has forgotten the envelope on our word; an id that went with it is
    /// announced. Answers the temporary id that may have got its name too late to go with
    /// it, so that it goes out another way.
    pub fn acknowledged<'d>(
        &self,
        due: &'d Due,
    ) -> Result<Option<&'d TemporaryId<'static>>, Error> {
        self.finish(due.seq)?;
        match (&due.announces, &due.object_id) {
            (Some(announced), Some(_)) => {
                self.announce(announced)?;
                Ok(None)
            }
            (announced, _) => Ok(announced.as_ref()),
        }
    }

    /// UZhKH did not know the envelope any more. An id that went with it does not
    /// count as announced; its temporary id is answered, so that it goes
    /// out another way.
    pub fn acknowledged_before<'d>(
        &self,
        due: &'d Due,
    ) -> Result<Option<&'d TemporaryId<'static>>, Error> {
        self.finish(due.seq)?;
        Ok(due.announces.as_ref())
    }

    /// The acknowledgement failed and is due again at `next`. Where it may have
    /// arrived all the same, so may an id that went with it.
    pub fn acknowledgement_failed(
        &self,
        due: &Due,
        error: &str,
        next: Timestamp,
        may_have_arrived: bool,
        refused_status: Option<u16>,
    ) -> Result<(), Error> {
        if let (Some(announced), Some(_)) = (&due.announces, &due.object_id) {
            if may_have_arrived {
                self.mark_lost(announced)?;
            } else if let Some(marked_at) = due.marked_at {
                self.unmark_sent(announced, marked_at)?;
            }
        }
        self.connection
            .prepare_cached(
                "UPDATE envelope SET attempts = attempts + 1, last_error = ?2, next_attempt_at = ?3, \
                 refused_status = ?4 WHERE seq = ?1 AND state = 'committed'",
            )?
            .execute(params![due.seq, error, stamp(next), refused_status])?;
        Ok(())
    }

    /// The acknowledgement was refused at the door: nothing happened, and it is due as
    /// before.
    pub fn acknowledgement_refused(&self, due: &Due, error: &str) -> Result<(), Error> {
        if let (Some(announced), Some(marked_at)) = (&due.announces, due.marked_at) {
            self.unmark_sent(announced, marked_at)?;
        }
        self.connection
            .prepare_cached(
                "UPDATE envelope SET last_error = ?2 WHERE seq = ?1 AND state = 'committed'",
            )?
            .execute(params![due.seq, error])?;
        Ok(())
    }

    fn finish(&self, seq: EnvelopeSeq) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE envelope SET state = 'acknowledged', acknowledged_at = ?2, \
                 next_attempt_at = NULL, last_error = NULL, refused_status = NULL WHERE seq = ?1 AND state = 'committed'",
            )?
            .execute(params![seq, self.now])?;
        Ok(())
    }
}

impl Reader {
    /// The envelopes of a queue after `after` that may be acknowledged now: committed, no call of
    /// theirs pending, and not waiting for a later attempt (waiting or not where `now` is `None`).
    /// At most `limit`, `in_order` or those that failed least first. `after`: the attempts and the
    /// number of the last one. The index is named: without statistics all ever kept are looked at.
    pub fn due(
        &self,
        queue: Queue,
        after: (u32, EnvelopeSeq),
        now: Option<Timestamp>,
        in_order: bool,
        limit: usize,
    ) -> Result<Vec<Due>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT e.seq, e.guid, e.attempts, i.permanent_id, \
                 coalesce(i.linked AND i.state IN ('reserved', 'rejected'), 0), \
                 e.announces_kind, e.announces_id \
             FROM envelope AS e INDEXED BY envelope_committed \
             LEFT JOIN identity AS i \
                 ON i.kind = e.announces_kind AND i.temporary_id = e.announces_id \
             WHERE e.state = 'committed' AND e.seq > ?1 AND e.queue = ?4 \
             AND {} AND (?6 OR e.attempts = ?5) \
             AND NOT EXISTS (SELECT 1 FROM call AS c INDEXED BY call_awaited \
                 WHERE c.envelope_seq = e.seq AND c.state = 'pending') \
             ORDER BY e.seq LIMIT ?3",
            is_due("e.next_attempt_at", "?2")
        ))?;
        let from_row = |row: &Row<'_>| -> rusqlite::Result<Due> {
            let announces = match row.get::<_, Option<String>>(5)? {
                Some(kind) => Some(TemporaryId::new(kind, row.get::<_, String>(6)?)),
                None => None,
            };
            Ok(Due {
                announces,
                seq: row.get(0)?,
                guid: row.get(1)?,
                attempts: row.get(2)?,
                object_id: row.get(3)?,
                must_be_marked: row.get(4)?,
                marked_at: None,
            })
        };
        in_turn(
            in_order,
            after,
            limit,
            |attempts, seq, limit| {
                let now = now.map(stamp);
                let rows = statement
                    .query_map(params![seq, now, limit, queue, attempts, in_order], from_row)?;
                Ok(rows.collect::<Result<_, _>>()?)
            },
            |attempts| {
                let sql = "SELECT min(attempts) FROM envelope INDEXED BY envelope_committed \
                           WHERE state = 'committed' AND queue = ?1 AND attempts > ?2";
                let mut next = self.connection.prepare_cached(sql)?;
                Ok(next.query_row(params![queue, attempts], |row| row.get(0))?)
            },
        )
    }

    /// The `seq` of the newest envelope; 0 where there is none.
    pub fn newest_envelope(&self) -> Result<EnvelopeSeq, Error> {
        let newest = self
            .connection
            .prepare_cached("SELECT coalesce(max(seq), 0) FROM envelope")?
            .query_row([], |row| row.get(0))?;
        Ok(newest)
    }

    /// Whether the queue's entry with this Guid and body is committed or quarantined.
    pub fn holds_envelope(&self, queue: &str, guid: &str, body: &[u8]) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM envelope WHERE queue = ?1 AND guid = ?2 AND body_sha256 = ?3",
            )?
            .exists(params![queue, guid, sha256(body)])?;
        Ok(found)
    }
}

/// A list of kinds as JSON; the words need no escaping.
pub(super) fn kinds_json(kinds: &[&str]) -> String {
    match kinds {
        [] => "[]".to_owned(),
        kinds => format!("[\"{}\"]", kinds.join("\",\"")),
    }
}

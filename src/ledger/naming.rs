//! Steps of naming an identity, all in one transaction: its row, the records that hold it,
//! and what hangs on a record's id.
//!
//! Which members of a body refer to what is the system's knowledge: it fills the bodies in,
//! and the ledger moves them.

use rusqlite::{OptionalExtension, params};

use super::chain::NewChange;
use super::differences::{Comparison, differences, renaming};
use super::hash::sha256;
use super::identity::NewIdentity;
use super::{ChangeSeq, Error, Op, Part, PermanentId, RecordKey, TemporaryId, Tx};

/// The source of every identity.
const SOURCE: &str = "uzhkh";

/// What became of the record that got another id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renamed {
    /// There was none.
    Nothing,
    /// It has the other id by now.
    Moved,
    /// It was joined with the record that had that id.
    Merged,
}

/// A version of a record, with what decides which of two wins.
struct Version {
    rowid: i64,
    body: String,
    first_seen_at: String,
    updated_at: String,
    deleted_at: Option<String>,
    missing_since: Option<String>,
    last_change: Option<ChangeSeq>,
}

impl Version {
    /// Whether it was modified later. The log tells, whatever the clock said; times do where a
    /// version has no change that is known.
    fn is_newer(&self, than: &Version) -> bool {
        match (self.last_change, than.last_change) {
            (Some(own), Some(other)) => own.0 > other.0,
            _ => self.updated_at > than.updated_at,
        }
    }
}

impl Tx<'_> {
    /// The temporary id that has this permanent one.
    pub fn holder(&self, kind: &str, permanent_id: &PermanentId) -> Result<Option<String>, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT temporary_id FROM identity WHERE kind = ?1 AND permanent_id = ?2",
            )?
            .query_row([kind, permanent_id.as_str()], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// Names an identity that has not been seen yet.
    pub fn preset_name(
        &self,
        temporary_id: &TemporaryId<'_>,
        permanent_id: &PermanentId,
    ) -> Result<(), Error> {
        let new = NewIdentity { permanent_id: Some(permanent_id), is_seen: false, is_linked: true };
        self.insert_identity(temporary_id, new)
    }

    /// Names a known identity of which UZhKH has not been told. A SetId that waits carries
    /// the name from now on.
    pub fn set_name(
        &self,
        temporary_id: &TemporaryId<'_>,
        permanent_id: &PermanentId,
    ) -> Result<(), Error> {
        let (kind, id) = (&temporary_id.kind, &temporary_id.id);
        self.connection
            .prepare_cached(
                "UPDATE identity SET permanent_id = ?3, state = 'reserved', reserved_at = ?4 \
                 WHERE kind = ?1 AND temporary_id = ?2",
            )?
            .execute(params![kind, id, permanent_id, self.now])?;
        self.connection
            .prepare_cached(
                "UPDATE call SET params = json_set(params, '$.externalId', ?3) \
                 WHERE state = 'pending' AND op = 'SetId' \
                 AND params ->> '$.type' = ?1 AND params ->> '$.uzhkId' = ?2",
            )?
            .execute(params![kind, id, permanent_id])?;
        Ok(())
    }

    /// The records that hold a linked identity, its own record among them: kind and id.
    pub fn linked_records(
        &self,
        temporary_id: &TemporaryId<'_>,
    ) -> Result<Vec<(String, String)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, id FROM identity_reference WHERE of_kind = ?1 AND temporary_id = ?2",
        )?;
        let rows =
            statement.query_map(temporary_id.params(), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The records that may hold the permanent id of an identity that is not linked, its own
    /// record among them: kind and id. They have changed since it was given, so that older ones
    /// are passed over; all are looked at where the changes since then are not kept any more.
    pub fn records_since(
        &self,
        seen_after: ChangeSeq,
        permanent_id: &PermanentId,
    ) -> Result<Vec<(String, String)>, Error> {
        let first_kept: Option<ChangeSeq> = self
            .connection
            .prepare_cached("SELECT min(seq) FROM change")?
            .query_row([], |row| row.get(0))?;
        let are_kept = first_kept.is_some_and(|first| first.0 <= seen_after.0 + 1);
        let mut statement = if are_kept && seen_after.0 > 0 {
            self.connection.prepare_cached(
                "SELECT DISTINCT r.kind, r.id FROM change AS c CROSS JOIN record AS r \
                 ON r.source = c.source AND r.kind = c.kind AND r.id = c.id \
                 WHERE c.seq > ?1 AND c.source = ?2 AND (?3 IS NULL OR instr(r.body, ?3) > 0)",
            )?
        } else {
            self.connection.prepare_cached(
                "SELECT kind, id FROM record WHERE ?1 IS NOT NULL AND source = ?2 \
                 AND (?3 IS NULL OR instr(body, ?3) > 0)",
            )?
        };
        // What JSON may write in several ways is not looked for in texts.
        let text = permanent_id.as_str();
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let text = is_plain.then_some(text);
        let rows = statement
            .query_map(params![seen_after, SOURCE, text], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The text of a record, deleted or not.
    pub fn record_text(&self, key: RecordKey<'_>) -> Result<Option<String>, Error> {
        Ok(self.stored(key)?.map(|stored| stored.body))
    }

    /// Links a record to the identities that it holds. `own`: the id of its entity.
    pub(super) fn link_all(
        &self,
        links: &[TemporaryId<'_>],
        record: RecordKey<'_>,
        own: &Part,
    ) -> Result<(), Error> {
        for temporary_id in links {
            let is_new = self
                .connection
                .prepare_cached(
                    "INSERT INTO identity_reference (of_kind, temporary_id, kind, id) \
                     VALUES (?1, ?2, ?3, ?4) \
                     ON CONFLICT (of_kind, temporary_id, kind, id) DO NOTHING",
                )?
                .execute(params![temporary_id.kind, temporary_id.id, record.kind, record.id])?;
            let is_own = matches!(own, Part::Temporary { kind, id }
                if *kind == temporary_id.kind && *id == temporary_id.id);
            if is_own && is_new > 0 && self.has_record(record)? {
                // Named beforehand as a record that there is.
                self.mark_joined(temporary_id)?;
            }
        }
        Ok(())
    }

    fn mark_joined(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE identity SET joined = 1 WHERE kind = ?1 AND temporary_id = ?2")?
            .execute(temporary_id.params())?;
        Ok(())
    }

    /// Gives a record a text that differs in the ids it refers to.
    pub fn rewrite_record(
        &self,
        key: RecordKey<'_>,
        body: &str,
        decimals: &[&str],
    ) -> Result<(), Error> {
        let Some(stored) = self.stored(key)? else {
            return Ok(());
        };
        let Some(fields) = differences(&stored.body, body, Comparison::of(decimals)) else {
            return Ok(());
        };
        let mut last_change = stored.last_change;
        if !stored.is_deleted {
            let update = by_naming(Op::Update, Some(&fields), last_change);
            last_change = Some(self.insert_change(key, &update)?);
        }
        self.connection
            .prepare_cached(
                "UPDATE record SET body = ?2, hash = ?3, updated_at = ?4, last_change_seq = ?5 \
                 WHERE rowid = ?1",
            )?
            .execute(params![stored.rowid, body, sha256(body.as_bytes()), self.now, last_change])?;
        Ok(())
    }

    /// Gives the record of an identity its new id, and `body` with it. Where another record
    /// has that id the two are joined: the version that was modified later wins, the moving one
    /// where both were at once, and a deletion of the other one stands.
    pub fn rename_record(
        &self,
        temporary_id: &TemporaryId<'_>,
        old: &str,
        new: &str,
        body: &str,
        decimals: &[&str],
    ) -> Result<Renamed, Error> {
        let kind = &*temporary_id.kind;
        let (from, to) = (RecordKey::new(SOURCE, kind, old), RecordKey::new(SOURCE, kind, new));
        let Some(moving) = self.version(from)? else {
            return Ok(Renamed::Nothing);
        };
        let Some(standing) = self.version(to)? else {
            let fields = renaming(old, new, "{}", "{}", decimals);
            let rename = NewChange {
                renamed: moving.last_change,
                ..by_naming(Op::Rename, Some(&fields), None)
            };
            let seq = self.note_rename(to, &rename, moving.deleted_at.is_some())?;
            self.connection
                .prepare_cached(
                    "UPDATE record SET id = ?2, body = ?3, hash = ?4, updated_at = ?5, \
                     last_change_seq = ?6 WHERE rowid = ?1",
                )?
                .execute(params![
                    moving.rowid,
                    new,
                    body,
                    sha256(body.as_bytes()),
                    self.now,
                    seq
                ])?;
            self.follow(from, new)?;
            return Ok(Renamed::Moved);
        };
        let moving_wins = moving.is_newer(&standing) || moving.updated_at == standing.updated_at;
        let deleted_at = match &standing.deleted_at {
            None if moving_wins => &moving.deleted_at,
            standing => standing,
        };
        // A tombstone may have no more than its Id.
        let takes_body = moving_wins && moving.deleted_at.is_none();
        let body = if takes_body { body } else { &standing.body };
        let missing_since = standing.missing_since.filter(|_| !moving_wins);
        let fields = renaming(old, new, &standing.body, body, decimals);
        let rename = NewChange {
            renamed: moving.last_change,
            ..by_naming(Op::Rename, Some(&fields), standing.last_change)
        };
        let seq = self.note_rename(to, &rename, deleted_at.is_some())?;
        self.connection
            .prepare_cached("DELETE FROM record WHERE rowid = ?1")?
            .execute([moving.rowid])?;
        self.connection
            .prepare_cached(
                "UPDATE record SET body = ?2, hash = ?3, first_seen_at = ?4, updated_at = ?5, \
                 deleted_at = ?6, missing_since = ?7, last_change_seq = ?8 WHERE rowid = ?1",
            )?
            .execute(params![
                standing.rowid,
                body,
                sha256(body.as_bytes()),
                moving.first_seen_at.min(standing.first_seen_at),
                self.now,
                deleted_at,
                missing_since,
                seq
            ])?;
        self.follow(from, new)?;
        self.mark_joined(temporary_id)?;
        Ok(Renamed::Merged)
    }

    /// Writes the change and answers the record's last one. That of a deleted record is its
    /// deletion, so that one follows where it applies.
    fn note_rename(
        &self,
        to: RecordKey<'_>,
        rename: &NewChange<'_>,
        is_deleted: bool,
    ) -> Result<ChangeSeq, Error> {
        let seq = self.insert_change(to, rename)?;
        if !is_deleted {
            return Ok(seq);
        }
        self.insert_change(to, &by_naming(Op::Delete, None, Some(seq)))
    }

    fn version(&self, key: RecordKey<'_>) -> Result<Option<Version>, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT rowid, body, first_seen_at, updated_at, deleted_at, missing_since, \
                 last_change_seq FROM record WHERE source = ?1 AND kind = ?2 AND id = ?3",
            )?
            .query_row([key.source, key.kind, key.id], |row| {
                Ok(Version {
                    rowid: row.get(0)?,
                    body: row.get(1)?,
                    first_seen_at: row.get(2)?,
                    updated_at: row.get(3)?,
                    deleted_at: row.get(4)?,
                    missing_since: row.get(5)?,
                    last_change: row.get(6)?,
                })
            });
        Ok(found.optional()?)
    }

    /// Has follow what names a record by its id: links to identities, findings, Alma's objects.
    fn follow(&self, from: RecordKey<'_>, new: &str) -> Result<(), Error> {
        let ids = [from.kind, from.id, new];
        self.connection
            .prepare_cached(
                "INSERT INTO identity_reference (of_kind, temporary_id, kind, id) \
                 SELECT of_kind, temporary_id, kind, ?3 FROM identity_reference \
                 WHERE kind = ?1 AND id = ?2 \
                 ON CONFLICT (of_kind, temporary_id, kind, id) DO NOTHING",
            )?
            .execute(ids)?;
        self.connection
            .prepare_cached("DELETE FROM identity_reference WHERE kind = ?1 AND id = ?2")?
            .execute([from.kind, from.id])?;
        self.connection
            .prepare_cached(
                "UPDATE finding SET id = ?3 WHERE source = 'uzhkh' AND kind = ?1 AND id = ?2 \
                 AND NOT EXISTS (SELECT 1 FROM finding AS o WHERE o.source = 'uzhkh' \
                     AND o.kind = ?1 AND o.id = ?3 AND o.path = finding.path \
                     AND o.problem = finding.problem)",
            )?
            .execute(ids)?;
        self.connection
            .prepare_cached("DELETE FROM finding WHERE source = 'uzhkh' AND kind = ?1 AND id = ?2")?
            .execute([from.kind, from.id])?;
        self.rename_alma(from.kind, from.id, new)
    }
}

/// A change that came neither by an envelope nor by a page.
fn by_naming(op: Op, fields: Option<&str>, previous: Option<ChangeSeq>) -> NewChange<'_> {
    NewChange { op, fields, envelope_seq: None, previous, renamed: None }
}

//! Checking a ledger file: SQLite's own integrity, and our promises.

use std::path::Path;

use serde::Serialize;

use super::hash::sha256;
use super::{Error, Part, PermanentId, Reader, TemporaryId, Tx, memory};

/// The most breaches of one promise that are told.
const TOLD: usize = 20;
/// The promise that a damaged file breaks.
const WHOLE: &str = "the file is whole";

/// The promise that a file breaks which was put in the place of a newer one.
pub(super) const EXTENT: &str = "the file has all that the service committed";

/// One promise and whether the file keeps it.
#[derive(Debug, Clone, Serialize)]
pub struct Promise {
    /// The promise, in words.
    pub promise: &'static str,
    /// Rows checked.
    pub checked: u64,
    /// Rows that break it.
    pub broken: u64,
    /// The first breaches, in words and without personal data.
    pub examples: Vec<String>,
}

impl Promise {
    fn new(promise: &'static str) -> Self {
        Self { promise, checked: 0, broken: 0, examples: Vec::new() }
    }

    /// The verdict on a file that SQLite cannot open.
    pub fn of_a_damaged_file(error: &rusqlite::Error) -> Self {
        let mut promise = Promise::new(WHOLE);
        promise.check(Some(error.to_string()));
        promise
    }

    fn check(&mut self, breach: Option<String>) {
        self.checked += 1;
        if let Some(breach) = breach {
            self.breach(breach);
        }
    }

    fn breach(&mut self, breach: String) {
        self.broken += 1;
        if self.examples.len() < TOLD {
            self.examples.push(breach);
        }
    }
}

/// Reads envelopes and records, for checks that need to know what their texts hold.
pub trait EnvelopeParser {
    /// The top-level entities of an envelope: kind and own id.
    fn entities(&self, queue: &str, body: &str) -> Vec<(String, Part)>;
    /// The temporary ids that a record's text still holds, its own and in references.
    fn temporary_ids(&self, kind: &str, body: &str) -> Vec<TemporaryId<'static>>;
    /// Names an identity with all records that hold it; false where the ledger forbids it.
    fn name(
        &self,
        tx: &Tx<'_>,
        temporary_id: &TemporaryId<'_>,
        permanent_id: &PermanentId,
    ) -> Result<bool, Error>;
}

impl Reader {
    /// Checks everything; a promise with no breach is kept.
    pub fn verify(&self, parser: &dyn EnvelopeParser) -> Result<Vec<Promise>, Error> {
        let file = self.verify_file()?;
        if file.broken > 0 {
            // What is read from a damaged file says nothing.
            return Ok(vec![file]);
        }
        Ok(vec![
            file,
            self.verify_extent()?,
            self.verify_foreign_keys()?,
            self.verify_envelopes()?,
            self.verify_applied(parser)?,
            self.verify_records()?,
            self.verify_replaced(parser)?,
            self.verify_identities()?,
            self.verify_changes()?,
            self.verify_alma_objects()?,
            self.verify_alma_cursor()?,
            self.verify_tallies()?,
        ])
    }

    fn verify_file(&self) -> Result<Promise, Error> {
        let mut promise = Promise::new(WHOLE);
        match self.integrity() {
            Ok(lines) => {
                for line in lines {
                    promise.check((line != "ok").then_some(line));
                }
            }
            Err(Error::Damaged(error)) => return Ok(Promise::of_a_damaged_file(&error)),
            Err(error) => return Err(error),
        }
        Ok(promise)
    }

    fn verify_extent(&self) -> Result<Promise, Error> {
        let mut promise = Promise::new(EXTENT);
        if let Some(path) = self.connection.path() {
            promise.check(memory::lost(&self.connection, Path::new(path))?);
        }
        Ok(promise)
    }

    fn integrity(&self) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn verify_foreign_keys(&self) -> Result<Promise, Error> {
        let mut promise = Promise::new("every reference leads somewhere");
        promise.checked = self.connection.query_row(
            "SELECT (SELECT count(envelope_seq) FROM change) + (SELECT count(envelope_seq) FROM call) \
             + (SELECT count(envelope_seq) FROM finding)",
            [],
            |row| row.get(0),
        )?;
        let mut statement = self
            .connection
            .prepare("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (table, rowid, parent): (String, Option<i64>, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            promise.breach(format!("{table} row {rowid:?} names no {parent}"));
        }
        Ok(promise)
    }

    fn verify_envelopes(&self) -> Result<Promise, Error> {
        let mut promise = Promise::new("every envelope is as it was received");
        let mut statement = self.connection.prepare(
            "SELECT seq, body_sha256, CAST(body AS BLOB) FROM envelope WHERE bytes = length(CAST(body AS BLOB))",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (seq, expected): (i64, String) = (row.get(0)?, row.get(1)?);
            let body = row.get_ref(2)?.as_blob().unwrap_or_default();
            promise.check((sha256(body) != expected).then(|| format!("envelope {seq}")));
        }
        Ok(promise)
    }

    fn verify_applied(&self, parser: &dyn EnvelopeParser) -> Result<Promise, Error> {
        let mut promise = Promise::new("every envelope that is acknowledged has its records");
        let mut statement = self.connection.prepare(
            "SELECT seq, queue, body FROM envelope WHERE state <> 'quarantined' AND kinds <> '[]'",
        )?;
        let mut record = self.connection.prepare(
            "SELECT 1 FROM record WHERE source = 'uzhkh' AND kind = ?1 AND id = CASE ?3 WHEN 0 THEN ?2 \
             ELSE (SELECT coalesce(permanent_id, temporary_id) FROM identity \
                   WHERE kind = ?1 AND temporary_id = ?2) END",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (seq, queue, body): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let entities = parser.entities(&queue, &body);
            let mut breach = entities
                .is_empty()
                .then(|| format!("envelope {seq} holds nothing that can be read"));
            for (kind, id) in entities {
                let (id, is_temporary) = match &id {
                    Part::Text(id) => (id, 0),
                    Part::Temporary { id, .. } => (id, 1),
                };
                // What keeps its id may be deleted under a temporary spelling of its number.
                let number = id.strip_prefix("--").filter(|_| is_temporary == 0);
                let mut is_there = record.exists(rusqlite::params![kind, id, is_temporary])?;
                if let Some(number) = number.filter(|_| queue == "deleted" && !is_there) {
                    is_there = record.exists(rusqlite::params![kind, number, 0])?;
                }
                if !is_there {
                    breach = Some(format!("envelope {seq} has no record of its {kind}"));
                }
            }
            promise.check(breach);
        }
        Ok(promise)
    }

    fn verify_records(&self) -> Result<Promise, Error> {
        let mut promise = Promise::new("every record is what its hash says");
        let mut statement =
            self.connection.prepare("SELECT kind, id, body, hash, json_valid(body) FROM record")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let body = row.get_ref(2)?.as_bytes().unwrap_or_default();
            let (hash, is_json): (String, bool) = (row.get(3)?, row.get(4)?);
            let breach = if sha256(body) == hash && is_json {
                None
            } else {
                let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
                Some(format!("{kind} {id}"))
            };
            promise.check(breach);
        }
        Ok(promise)
    }

    fn verify_replaced(&self, parser: &dyn EnvelopeParser) -> Result<Promise, Error> {
        let mut promise = Promise::new("no record holds a temporary id that has a name");
        let mut statement =
            self.connection.prepare("SELECT kind, id, body FROM record WHERE source = 'uzhkh'")?;
        let mut waits = self.connection.prepare(
            "SELECT 1 FROM identity WHERE kind = ?1 AND temporary_id = ?2 AND state = 'waiting'",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
            let held = parser.temporary_ids(&kind, row.get_ref(2)?.as_str().unwrap_or_default());
            let mut left = 0;
            for temporary_id in &held {
                left += u32::from(!waits.exists(temporary_id.params())?);
            }
            promise.check((left > 0).then(|| format!("{kind} {id}: {left} left")));
        }
        Ok(promise)
    }

    fn verify_identities(&self) -> Result<Promise, Error> {
        let mut promise =
            Promise::new("one permanent id for each temporary one, and no other way round");
        let mut statement = self.connection.prepare(
            "SELECT i.kind, i.temporary_id, \
                 (SELECT count(*) FROM identity AS o WHERE o.kind = i.kind \
                  AND (o.temporary_id = i.temporary_id OR o.permanent_id = i.permanent_id)) \
             FROM identity AS i",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, id, count): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            promise.check((count != 1).then(|| format!("{kind} {id}")));
        }
        Ok(promise)
    }

    fn verify_changes(&self) -> Result<Promise, Error> {
        let mut promise = Promise::new("the last change of every record tells how it stands");
        let is_forgetful = self.forgotten_changes()? > 0;
        let mut statement = self.connection.prepare(
            "SELECT r.kind, r.id, r.deleted_at IS NOT NULL, \
                 (SELECT iif(c.kind = r.kind AND c.id = r.id AND c.source = r.source, c.op, '') \
                  FROM change AS c WHERE c.seq = r.last_change_seq) \
             FROM record AS r",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, id, deleted): (String, String, bool) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let last: Option<String> = row.get(3)?;
            let fits = match last.as_deref() {
                Some("") => false,
                Some(op) => (op == "delete") == deleted,
                None => is_forgetful,
            };
            promise.check((!fits).then(|| format!("{kind} {id}")));
        }
        Ok(promise)
    }

    fn verify_alma_objects(&self) -> Result<Promise, Error> {
        let mut promise =
            Promise::new("no object of Alma stands for two, and what is synced is there");
        let mut statement = self.connection.prepare(
            "SELECT kind, external_id, \
                 alma_id IS NOT NULL AND 1 < (SELECT count(*) FROM alma_object AS o \
                  WHERE o.kind = a.kind AND o.alma_id = a.alma_id), \
                 coalesce(json_valid(desired), 1) AND coalesce(json_valid(sent), 1), \
                 state = 'synced' AND alma_id IS NULL \
             FROM alma_object AS a",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
            let (is_shared, is_json, is_lost): (bool, bool, bool) =
                (row.get(2)?, row.get(3)?, row.get(4)?);
            let problems = [
                (is_shared, "has the alma_id of another"),
                (is_lost, "is synced without an alma_id"),
                (!is_json, "has a desired or sent that is not JSON"),
            ];
            let problem = problems.into_iter().find(|(is_so, _)| *is_so);
            promise.check(problem.map(|(_, problem)| format!("{kind} {id} {problem}")));
        }
        Ok(promise)
    }

    fn verify_tallies(&self) -> Result<Promise, Error> {
        let mut promise = Promise::new("what is counted as it comes and goes is what there is");
        for ((counted, one, other), (kept, walked)) in self.at_one_moment(Self::tallies_walked)? {
            let breach = format!("{counted} {one} {other}: {kept} are counted, {walked} are there");
            promise.check((kept != walked).then_some(breach));
        }
        Ok(promise)
    }

    fn verify_alma_cursor(&self) -> Result<Promise, Error> {
        let mut promise = Promise::new("Alma follows no change that was never made");
        // The last that was made, kept or not.
        let newest: i64 = self.connection.query_row(
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0)",
            [],
            |row| row.get(0),
        )?;
        let mut statement = self.connection.prepare("SELECT change_seq FROM alma_cursor")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let followed: i64 = row.get(0)?;
            promise.check((followed > newest).then(|| {
                format!("alma_cursor is at change {followed}, and the newest is {newest}")
            }));
        }
        Ok(promise)
    }
}

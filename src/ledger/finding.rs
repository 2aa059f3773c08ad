//! `finding`: remarks on the quality of what came, once for each record and
//! problem, never with a value.

use rusqlite::params;
use serde::Serialize;

use super::{EnvelopeSeq, Error, Reader, RecordKey, Tx};

/// A remark on a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where in the entity: `Persons[0].Email`.
    pub path: String,
    /// What is wrong there, in words and without the value.
    pub problem: String,
}

impl Finding {
    /// A remark.
    pub fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { path: path.into(), problem: problem.into() }
    }
}

/// How often the same was remarked.
#[derive(Debug, Clone, Serialize)]
pub struct FindingCount {
    /// The system.
    pub source: String,
    /// The kind of the records.
    pub kind: String,
    /// Where in them.
    pub path: String,
    /// What is wrong there.
    pub problem: String,
    /// In how many records.
    pub records: u64,
    /// The one where it was seen last.
    pub example: String,
    /// When.
    pub last_at: String,
}

impl Reader {
    /// What was remarked, the most frequent first.
    pub fn findings(&self) -> Result<Vec<FindingCount>, Error> {
        // With max() the other columns are of its row.
        let mut statement = self.connection.prepare(
            "SELECT source, kind, path, problem, count(*), id, at, max(seq) FROM finding \
             GROUP BY source, kind, path, problem ORDER BY count(*) DESC, source, kind, path, problem",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(FindingCount {
                source: row.get(0)?,
                kind: row.get(1)?,
                path: row.get(2)?,
                problem: row.get(3)?,
                records: row.get(4)?,
                example: row.get(5)?,
                last_at: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Records a remark, unless it was recorded before.
    pub fn note(
        &self,
        key: RecordKey<'_>,
        envelope_seq: Option<EnvelopeSeq>,
        finding: &Finding,
    ) -> Result<(), Error> {
        // Looked for first: AUTOINCREMENT would burn a number for each repetition.
        let known = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM finding \
                 WHERE source = ?1 AND kind = ?2 AND id = ?3 AND path = ?4 AND problem = ?5",
            )?
            .exists(params![key.source, key.kind, key.id, finding.path, finding.problem])?;
        if known {
            return Ok(());
        }
        self.connection
            .prepare_cached(
                "INSERT INTO finding (at, source, kind, id, envelope_seq, path, problem) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                self.now,
                key.source,
                key.kind,
                key.id,
                envelope_seq,
                finding.path,
                finding.problem
            ])?;
        Ok(())
    }
}

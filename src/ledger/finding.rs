//! `finding`: remarks on the quality of what came, once for each record and
//! problem, never with a value.

use rusqlite::params;

use super::{Error, Tx};

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
        Self {
            path: path.into(),
            problem: problem.into(),
        }
    }
}

impl Tx<'_> {
    /// Records a remark, unless it was recorded before.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn note(
        &self,
        source: &str,
        kind: &str,
        id: &str,
        envelope_seq: Option<i64>,
        finding: &Finding,
    ) -> Result<(), Error> {
        // Looked for first: AUTOINCREMENT would burn a number for each repetition.
        let known = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM finding \
                 WHERE source = ?1 AND kind = ?2 AND id = ?3 AND path = ?4 AND problem = ?5",
            )?
            .exists(params![source, kind, id, finding.path, finding.problem])?;
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
                source,
                kind,
                id,
                envelope_seq,
                finding.path,
                finding.problem
            ])?;
        Ok(())
    }
}

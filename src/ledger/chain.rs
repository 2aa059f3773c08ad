//! `change`, as a chain: each change of a record names the one before it, and the record names
//! its last. So a record's changes are found without an index of all of them, of which nearly
//! every change would have a page written anew.

use rusqlite::params;

use super::{ChangeSeq, EnvelopeSeq, Error, Op, RecordKey, Tx};

/// Numbers of changes from the last one, ?1, on backwards.
pub(super) const LIFE: &str = "WITH RECURSIVE life (seq) AS (\
         VALUES (?1) \
         UNION \
         SELECT previous_seq FROM life JOIN change USING (seq) WHERE previous_seq IS NOT NULL \
         UNION \
         SELECT renamed_seq FROM life JOIN change USING (seq) WHERE renamed_seq IS NOT NULL)";

/// A row of `change`, but for the record that it is of.
pub(super) struct NewChange<'c> {
    pub(super) op: Op,
    pub(super) fields: Option<&'c str>,
    pub(super) envelope_seq: Option<EnvelopeSeq>,
    /// The record's last change so far.
    pub(super) previous: Option<ChangeSeq>,
    /// The last change under the earlier id.
    pub(super) renamed: Option<ChangeSeq>,
}

impl Tx<'_> {
    /// Writes a change; the record is to take its number.
    pub(super) fn insert_change(
        &self,
        key: RecordKey<'_>,
        change: &NewChange<'_>,
    ) -> Result<ChangeSeq, Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO change \
                 (at, source, kind, id, op, fields, envelope_seq, previous_seq, renamed_seq) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                self.now,
                key.source,
                key.kind,
                key.id,
                change.op,
                change.fields,
                change.envelope_seq,
                change.previous,
                change.renamed
            ])?;
        Ok(ChangeSeq(self.connection.last_insert_rowid()))
    }
}

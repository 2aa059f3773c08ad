//! The statements that bring rows. Values are parameters, an array a column, so that a step is
//! a statement for each table however many rows it has.

use tokio_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

use super::There;
use super::failure::{Failure, of_rows};
use super::source::Relayed;
use crate::ledger::{ChangeSeq, RelayChange, RelayKey};

/// A parameter and its type: nothing is asked before a statement is sent.
type Parameter<'p> = (&'p (dyn ToSql + Sync), Type);

/// Writes rows within a transaction that holds the cursor.
pub(super) struct Rows<'t> {
    pub(super) transaction: &'t Transaction<'t>,
    pub(super) there: &'t There,
    pub(super) epoch: i64,
    /// The newest change of the ledger when the rows were read.
    pub(super) newest: ChangeSeq,
}

/// Names of records, an array a column.
struct Names<'k> {
    source: Vec<&'k str>,
    kind: Vec<&'k str>,
    id: Vec<&'k str>,
}

impl<'k> Names<'k> {
    fn of(keys: impl Iterator<Item = &'k RelayKey>) -> Self {
        let mut names = Self { source: Vec::new(), kind: Vec::new(), id: Vec::new() };
        for key in keys {
            names.source.push(&key.source);
            names.kind.push(&key.kind);
            names.id.push(&key.id);
        }
        names
    }
}

/// What is done with a change that is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It cannot be: the cursor lies before it.
    Impossible,
    /// It stays: it is tried again.
    Stays,
}

/// Ends a transaction that has brought rows: constraints that are deferred are looked at here.
pub(super) async fn commit(transaction: Transaction<'_>) -> Result<(), Failure> {
    transaction.commit().await.map_err(|error| of_rows(&error))
}

impl Rows<'_> {
    async fn run(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<u64, Failure> {
        let done = self.transaction.execute_typed(sql, parameters).await;
        done.map_err(|error| of_rows(&error))
    }

    /// Adds changes.
    pub(super) async fn add_changes(
        &self,
        changes: &[RelayChange],
        known: Known,
    ) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let names = Names::of(changes.iter().map(|change| &change.key));
        let seq: Vec<i64> = changes.iter().map(|change| change.seq.0).collect();
        let at: Vec<&str> = changes.iter().map(|change| change.at.as_str()).collect();
        let op: Vec<&str> = changes.iter().map(|change| change.op.as_str()).collect();
        let fields: Vec<Option<&str>> =
            changes.iter().map(|change| change.fields.as_deref()).collect();
        let conflict = match known {
            Known::Impossible => "",
            Known::Stays => " ON CONFLICT (ledger, epoch, seq) DO NOTHING",
        };
        let sql = format!(
            "INSERT INTO {}.change (ledger, epoch, seq, at, source, kind, id, op, fields) \
             SELECT $1, $2, t.seq, t.at::timestamptz, t.source, t.kind, t.id, t.op, t.fields::json \
             FROM unnest($3, $4, $5, $6, $7, $8, $9) AS t (seq, at, source, kind, id, op, fields)\
             {conflict}",
            self.there.schema
        );
        let parameters: [Parameter<'_>; 9] = [
            (&self.there.ledger, Type::TEXT),
            (&self.epoch, Type::INT8),
            (&seq, Type::INT8_ARRAY),
            (&at, Type::TEXT_ARRAY),
            (&names.source, Type::TEXT_ARRAY),
            (&names.kind, Type::TEXT_ARRAY),
            (&names.id, Type::TEXT_ARRAY),
            (&op, Type::TEXT_ARRAY),
            (&fields, Type::TEXT_ARRAY),
        ];
        self.run(&sql, &parameters).await.map(drop)
    }

    /// Puts records as they are now.
    pub(super) async fn put_records(&self, records: &[Relayed]) -> Result<(), Failure> {
        if records.is_empty() {
            return Ok(());
        }
        let names = Names::of(records.iter().map(|one| &one.record.key));
        let text = |of: fn(&Relayed) -> &str| records.iter().map(of).collect::<Vec<&str>>();
        let some = |of: fn(&Relayed) -> Option<&str>| {
            records.iter().map(of).collect::<Vec<Option<&str>>>()
        };
        let body = text(|one| &one.record.body);
        // Where both are the same one is sent.
        let data = some(|one| one.data.as_deref());
        let updated_at = text(|one| &one.record.updated_at);
        let deleted_at = some(|one| one.record.deleted_at.as_deref());
        let missing_since = some(|one| one.record.missing_since.as_deref());
        let sql = format!(
            "INSERT INTO {}.record (ledger, source, kind, id, seq, epoch, body, data, updated_at, \
                 deleted_at, missing_since) \
             SELECT $1, t.source, t.kind, t.id, $2, $3, t.body::json, coalesce(t.data, t.body)::jsonb, \
                 t.updated_at::timestamptz, t.deleted_at::timestamptz, t.missing_since::timestamptz \
             FROM unnest($4, $5, $6, $7, $8, $9, $10, $11) AS t (source, kind, id, body, data, \
                 updated_at, deleted_at, missing_since) \
             ON CONFLICT (ledger, source, kind, id) DO UPDATE SET seq = excluded.seq, \
                 epoch = excluded.epoch, body = excluded.body, data = excluded.data, \
                 updated_at = excluded.updated_at, deleted_at = excluded.deleted_at, \
                 missing_since = excluded.missing_since",
            self.there.schema
        );
        let parameters: [Parameter<'_>; 11] = [
            (&self.there.ledger, Type::TEXT),
            (&self.newest.0, Type::INT8),
            (&self.epoch, Type::INT8),
            (&names.source, Type::TEXT_ARRAY),
            (&names.kind, Type::TEXT_ARRAY),
            (&names.id, Type::TEXT_ARRAY),
            (&body, Type::TEXT_ARRAY),
            (&data, Type::TEXT_ARRAY),
            (&updated_at, Type::TEXT_ARRAY),
            (&deleted_at, Type::TEXT_ARRAY),
            (&missing_since, Type::TEXT_ARRAY),
        ];
        self.run(&sql, &parameters).await.map(drop)
    }

    /// Marks as deleted what the ledger no longer has: another id stands for it by now.
    pub(super) async fn mark_gone(&self, gone: &[(RelayKey, String)]) -> Result<(), Failure> {
        if gone.is_empty() {
            return Ok(());
        }
        let names = Names::of(gone.iter().map(|(key, _)| key));
        let at: Vec<&str> = gone.iter().map(|(_, at)| at.as_str()).collect();
        let sql = format!(
            "UPDATE {}.record AS r SET seq = $2, epoch = $3, missing_since = NULL, \
                 deleted_at = coalesce(r.deleted_at, t.at::timestamptz) \
             FROM unnest($4, $5, $6, $7) AS t (source, kind, id, at) \
             WHERE r.ledger = $1 AND r.source = t.source AND r.kind = t.kind AND r.id = t.id",
            self.there.schema
        );
        let parameters: [Parameter<'_>; 7] = [
            (&self.there.ledger, Type::TEXT),
            (&self.newest.0, Type::INT8),
            (&self.epoch, Type::INT8),
            (&names.source, Type::TEXT_ARRAY),
            (&names.kind, Type::TEXT_ARRAY),
            (&names.id, Type::TEXT_ARRAY),
            (&at, Type::TEXT_ARRAY),
        ];
        self.run(&sql, &parameters).await.map(drop)
    }

    /// Brings `missing_since` in step: these records have it, and no others.
    pub(super) async fn set_missing(&self, missing: &[(RelayKey, String)]) -> Result<(), Failure> {
        let names = Names::of(missing.iter().map(|(key, _)| key));
        let since: Vec<&str> = missing.iter().map(|(_, since)| since.as_str()).collect();
        let schema = &self.there.schema;
        let set = format!(
            "UPDATE {schema}.record AS r SET missing_since = t.since::timestamptz, seq = $2 \
             FROM unnest($3, $4, $5, $6) AS t (source, kind, id, since) \
             WHERE r.ledger = $1 AND r.source = t.source AND r.kind = t.kind AND r.id = t.id \
                 AND r.missing_since IS DISTINCT FROM t.since::timestamptz"
        );
        let parameters: [Parameter<'_>; 6] = [
            (&self.there.ledger, Type::TEXT),
            (&self.newest.0, Type::INT8),
            (&names.source, Type::TEXT_ARRAY),
            (&names.kind, Type::TEXT_ARRAY),
            (&names.id, Type::TEXT_ARRAY),
            (&since, Type::TEXT_ARRAY),
        ];
        self.run(&set, &parameters).await?;
        let clear = format!(
            "UPDATE {schema}.record AS r SET missing_since = NULL, seq = $2 \
             WHERE r.ledger = $1 AND r.missing_since IS NOT NULL AND NOT EXISTS (\
                 SELECT FROM unnest($3, $4, $5) AS t (source, kind, id) \
                 WHERE r.source = t.source AND r.kind = t.kind AND r.id = t.id)"
        );
        self.run(&clear, &parameters[..5]).await.map(drop)
    }
}

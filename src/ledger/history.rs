//! One record's life: its changes and what brought them, what was sent because of it, what
//! was remarked, and what stands for it in Alma.
//!
//! Each change names the one before it, also the last one under the id that the record had
//! before it was named: so they are followed back. This is for a person who asks, so other
//! tables may be read through.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::chain::LIFE;
use super::{AlmaStanding, CallState, ChangeSeq, EnvelopeSeq, Error, Op, Reader, RecordKey};

/// One record's life.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct History {
    /// The system that the record is of.
    pub source: String,
    /// Its kind.
    pub kind: String,
    /// Its present id.
    pub id: String,
    /// The ids that it had before, the latest first.
    pub earlier_ids: Vec<String>,
    /// How it stands; `None` where there is no record (any more).
    pub record: Option<RecordDates>,
    /// The temporary id that it came with.
    pub identity: Option<IdentityDates>,
    /// Its changes, oldest first.
    pub changes: Vec<HistoricChange>,
    /// What was sent because of it, oldest first.
    pub calls: Vec<HistoricCall>,
    /// What was remarked about it, oldest first.
    pub findings: Vec<HistoricFinding>,
    /// What stands for it in Alma.
    pub alma: Vec<AlmaStanding>,
}

/// When a record came and went.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordDates {
    /// When it came.
    pub first_seen_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// When it was deleted; `None`: it is live.
    pub deleted_at: Option<String>,
    /// Since when a full list lacks it.
    pub missing_since: Option<String>,
}

/// A temporary id and how far its name has come.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IdentityDates {
    /// `identity.temporary_id`
    pub temporary_id: String,
    /// `identity.state`
    pub state: String,
    /// When the permanent id was reserved.
    pub reserved_at: Option<String>,
    /// When UZhKH took it over.
    pub announced_at: Option<String>,
}

/// How a change came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CameBy {
    /// An entry of a queue.
    Envelope,
    /// A full list or a feed, or an entry that is no longer kept.
    List,
    /// An operator, or the accounting system, that named something.
    Operator,
}

/// A change of the record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoricChange {
    /// `change.seq`
    pub seq: ChangeSeq,
    /// When it was made.
    pub at: String,
    /// The id that the record had then.
    pub id: String,
    /// What was done.
    pub op: Op,
    /// Old and new value of each field, a JSON object.
    #[schema(value_type = Option<Object>)]
    pub fields: Option<Box<RawValue>>,
    /// Where it came from.
    pub from: CameBy,
    /// The envelope that brought it.
    pub envelope: Option<HistoricEnvelope>,
}

/// The envelope of a change.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoricEnvelope {
    /// `envelope.seq`
    pub seq: EnvelopeSeq,
    /// `requests` or `deleted`.
    pub queue: String,
    /// Its Guid.
    pub guid: String,
    /// When it came.
    pub received_at: String,
    /// Its text, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A call about the record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoricCall {
    /// `call.seq`
    pub seq: i64,
    /// The system it goes to.
    pub target: String,
    /// The operation, in the vendor's word.
    pub op: String,
    /// Its state.
    pub state: CallState,
    /// When it was made.
    pub created_at: String,
    /// When it left `pending`.
    pub finished_at: Option<String>,
    /// Its last failure.
    pub last_error: Option<String>,
    /// The other side's own words in its last answer.
    pub said: Option<String>,
}

/// A remark on the record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoricFinding {
    /// `finding.seq`
    pub seq: i64,
    /// When it was first seen.
    pub at: String,
    /// Where in the record.
    pub path: String,
    /// What is wrong there.
    pub problem: String,
    /// The envelope in which it was seen.
    pub envelope_seq: Option<EnvelopeSeq>,
}

impl Reader {
    /// A record's life, by its id or by a temporary one that was named since; `None` where
    /// nothing is known of it. `with_alma`: the record's system is the one that Alma is made
    /// of.
    pub fn history(&self, key: RecordKey<'_>, with_alma: bool) -> Result<Option<History>, Error> {
        self.at_one_moment(|reader| {
            let id = reader.named(key)?.unwrap_or_else(|| key.id.to_owned());
            let key = RecordKey::new(key.source, key.kind, &id);
            let last = reader.last_change(key)?;
            let earlier_ids = reader.earlier_ids(key, last)?;
            let ids: Vec<&str> =
                [id.as_str()].into_iter().chain(earlier_ids.iter().map(String::as_str)).collect();
            let ids = serde_json::Value::from(ids).to_string();
            let alma = if with_alma { reader.in_alma(key)? } else { Vec::new() };
            let history = History {
                source: key.source.to_owned(),
                kind: key.kind.to_owned(),
                id: id.clone(),
                record: reader.record_dates(key)?,
                identity: reader.identity_dates(key)?,
                changes: reader.historic_changes(last)?,
                calls: reader.historic_calls(key, &ids, &alma)?,
                findings: reader.historic_findings(key, &ids)?,
                alma,
                earlier_ids,
            };
            let is_known = history.record.is_some()
                || !history.changes.is_empty()
                || !history.calls.is_empty();
            Ok(is_known.then_some(history))
        })
    }

    /// The permanent id of a temporary one.
    fn named(&self, key: RecordKey<'_>) -> Result<Option<String>, Error> {
        if key.source != "uzhkh" {
            return Ok(None);
        }
        let sql = "SELECT permanent_id FROM identity WHERE kind = ?1 AND temporary_id = ?2";
        let found = self.connection.query_row(sql, [key.kind, key.id], |row| row.get(0));
        Ok(found.optional()?.flatten())
    }

    /// The record's last change; of an id that a record no longer has, the last one under it.
    fn last_change(&self, key: RecordKey<'_>) -> Result<Option<ChangeSeq>, Error> {
        let sql = "SELECT coalesce(\
             (SELECT last_change_seq FROM record WHERE source = ?1 AND kind = ?2 AND id = ?3), \
             (SELECT max(renamed_seq) FROM change WHERE op = 'rename' AND source = ?1 AND kind = ?2 \
                  AND fields ->> '$.Id[0]' = ?3))";
        Ok(self.connection.query_row(sql, [key.source, key.kind, key.id], |row| row.get(0))?)
    }

    /// The ids that the record had before it was renamed, the latest first.
    fn earlier_ids(
        &self,
        key: RecordKey<'_>,
        last: Option<ChangeSeq>,
    ) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare(&format!(
            "{LIFE} SELECT fields ->> '$.Id[0]' AS earlier FROM life JOIN change USING (seq) \
             WHERE op = 'rename' AND earlier <> ?2 GROUP BY earlier ORDER BY max(seq) DESC"
        ))?;
        let ids = statement.query_map(params![last, key.id], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    fn record_dates(&self, key: RecordKey<'_>) -> Result<Option<RecordDates>, Error> {
        let sql = "SELECT first_seen_at, updated_at, deleted_at, missing_since FROM record \
                   WHERE source = ?1 AND kind = ?2 AND id = ?3";
        let found = self.connection.query_row(sql, [key.source, key.kind, key.id], |row| {
            Ok(RecordDates {
                first_seen_at: row.get(0)?,
                updated_at: row.get(1)?,
                deleted_at: row.get(2)?,
                missing_since: row.get(3)?,
            })
        });
        Ok(found.optional()?)
    }

    fn identity_dates(&self, key: RecordKey<'_>) -> Result<Option<IdentityDates>, Error> {
        let sql = "SELECT temporary_id, state, reserved_at, announced_at FROM identity \
                   WHERE ?1 = 'uzhkh' AND kind = ?2 AND permanent_id = ?3";
        let found = self.connection.query_row(sql, [key.source, key.kind, key.id], |row| {
            Ok(IdentityDates {
                temporary_id: row.get(0)?,
                state: row.get(1)?,
                reserved_at: row.get(2)?,
                announced_at: row.get(3)?,
            })
        });
        Ok(found.optional()?)
    }

    fn historic_changes(&self, last: Option<ChangeSeq>) -> Result<Vec<HistoricChange>, Error> {
        // What changes together with a name, and no envelope brought, was named too.
        let mut statement = self.connection.prepare(&format!(
            "{LIFE} SELECT c.seq, c.at, c.id, c.op, c.fields, e.seq, e.queue, e.guid, e.received_at, \
                 c.op = 'rename' OR EXISTS (SELECT 1 FROM change AS n NOT INDEXED \
                     WHERE n.op = 'rename' AND n.at = c.at AND n.seq BETWEEN c.seq - 1000 AND c.seq + 1000) \
             FROM life JOIN change AS c ON c.seq = life.seq \
             LEFT JOIN envelope AS e ON e.seq = c.envelope_seq ORDER BY c.seq"
        ))?;
        let rows = statement.query_map([last], historic_change)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// `alma`: what stands for the record there.
    fn historic_calls(
        &self,
        key: RecordKey<'_>,
        ids: &str,
        alma: &[AlmaStanding],
    ) -> Result<Vec<HistoricCall>, Error> {
        let objects: Vec<_> = alma.iter().map(|one| [&one.kind, &one.external_id]).collect();
        let objects = serde_json::json!(objects).to_string();
        let mut statement = self.connection.prepare(
            "SELECT seq, target, op, state, created_at, finished_at, last_error, said FROM call \
             WHERE CASE op \
                 WHEN 'SetId' THEN ?1 = 'uzhkh' AND params ->> '$.type' = ?2 \
                     AND (params ->> '$.externalId' IN (SELECT value FROM json_each(?3)) \
                         OR params ->> '$.uzhkId' IN (SELECT value FROM json_each(?3))) \
                 WHEN 'HandleRequestToRegister' THEN ?1 = 'uzhkh' AND ?2 = 'requesttoregister' \
                     AND params ->> '$.id' IN (SELECT value FROM json_each(?3)) \
                 WHEN 'HandleRequestToObjectAdding' THEN ?1 = 'uzhkh' AND ?2 = 'requesttoobjectadding' \
                     AND params ->> '$.id' IN (SELECT value FROM json_each(?3)) \
                 WHEN 'block' THEN target = 'alma' AND EXISTS (SELECT 1 FROM json_each(?5) \
                     WHERE value ->> '$[0]' = params ->> '$.kind' \
                     AND value ->> '$[1]' = params ->> '$.external_id') \
                 WHEN 'add' THEN ?1 = 'macrocrm' AND ?2 = 'ready_flat' \
                     AND ?4 IN (params ->> '$.house_id' || '/' || (params ->> '$.category') || '/' || \
                             (params ->> '$.flat_num'), \
                         params ->> '$.house_id' || '/any/' || (params ->> '$.flat_num')) \
                 END ORDER BY seq",
        )?;
        let values = params![key.source, key.kind, ids, key.id, objects];
        let rows = statement.query_map(values, |row| {
            Ok(HistoricCall {
                seq: row.get(0)?,
                target: row.get(1)?,
                op: row.get(2)?,
                state: row.get(3)?,
                created_at: row.get(4)?,
                finished_at: row.get(5)?,
                last_error: row.get(6)?,
                said: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn historic_findings(
        &self,
        key: RecordKey<'_>,
        ids: &str,
    ) -> Result<Vec<HistoricFinding>, Error> {
        let mut statement = self.connection.prepare(
            "SELECT seq, at, path, problem, envelope_seq FROM finding \
             WHERE source = ?1 AND kind = ?2 AND id IN (SELECT value FROM json_each(?3)) ORDER BY seq",
        )?;
        let rows = statement.query_map([key.source, key.kind, ids], |row| {
            Ok(HistoricFinding {
                seq: row.get(0)?,
                at: row.get(1)?,
                path: row.get(2)?,
                problem: row.get(3)?,
                envelope_seq: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn historic_change(row: &Row<'_>) -> rusqlite::Result<HistoricChange> {
    let envelope = match row.get::<_, Option<EnvelopeSeq>>(5)? {
        Some(seq) => Some(HistoricEnvelope {
            seq,
            queue: row.get(6)?,
            guid: row.get(7)?,
            received_at: row.get(8)?,
            text: None,
        }),
        None => None,
    };
    let from = match (&envelope, row.get(9)?) {
        (Some(_), _) => CameBy::Envelope,
        (None, true) => CameBy::Operator,
        (None, false) => CameBy::List,
    };
    let fields: Option<String> = row.get(4)?;
    Ok(HistoricChange {
        seq: row.get(0)?,
        at: row.get(1)?,
        id: row.get(2)?,
        op: row.get(3)?,
        // `verify` tells of what is no JSON.
        fields: fields.and_then(|fields| RawValue::from_string(fields).ok()),
        from,
        envelope,
    })
}

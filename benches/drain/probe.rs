//! A plain program that does what the service does to a queue, and no more than works.
//!
//! It sends the same requests by the same client at the same concurrency. It keeps each
//! envelope, the current version of each record, a row for each change, and the permanent
//! id of each temporary one, in batches, with `synchronous=FULL`; an envelope is
//! acknowledged after its commit. It knows no bad entry, no second try, no full disk, no
//! references, no differences, no order of two queues.

use std::path::Path;

use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uzhkh_ledger::clock::{Clock, SystemClock};
use uzhkh_ledger::http::Upstream;

use super::limits::{CONCURRENCY, read};

/// Envelopes of a transaction.
const BATCH: usize = 1024;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE envelope (seq INTEGER PRIMARY KEY, queue TEXT, guid TEXT, body TEXT, received_at TEXT,
        acknowledged_at TEXT, UNIQUE (queue, guid));
    CREATE TABLE record (kind TEXT, id TEXT, body TEXT, updated_at TEXT, deleted_at TEXT, PRIMARY KEY (kind, id));
    CREATE TABLE change (seq INTEGER PRIMARY KEY, at TEXT, kind TEXT, id TEXT, op TEXT, before TEXT, envelope INTEGER);
    CREATE TABLE identity (kind TEXT, temporary TEXT, permanent TEXT, PRIMARY KEY (kind, temporary));";

const MEMBERS: [(&str, &str); 9] = [
    ("Resident", "resident"),
    ("Account", "account"),
    ("Counter", "counter"),
    ("Request", "request"),
    ("Payment", "payment"),
    ("Obj", "object"),
    ("RequestToRegister", "requesttoregister"),
    ("RequestToObjectAdding", "requesttoobjectadding"),
    ("Car", "car"),
];

/// What is to be sent for an envelope.
struct Due {
    seq: i64,
    guid: String,
    object_id: Option<String>,
    calls: Vec<[String; 3]>,
}

/// Drains both queues until they bring nothing new.
pub(crate) async fn probe(upstream: &Upstream, path: &Path) -> anyhow::Result<()> {
    let mut store = Connection::open(path)?;
    store.execute_batch(SCHEMA)?;
    for queue in ["Requests", "DeletedItems"] {
        loop {
            let answer = read(upstream, &format!("To1c/{queue}"), &[]).await?;
            let (new, kept) = drain(upstream, store, queue, answer).await?;
            store = kept;
            if new == 0 {
                break;
            }
        }
    }
    Ok(())
}

/// Commits an answer in batches, and acknowledges each while the next one is committed.
async fn drain(
    upstream: &Upstream,
    mut store: Connection,
    queue: &'static str,
    answer: Vec<u8>,
) -> anyhow::Result<(usize, Connection)> {
    let entries: Vec<Box<RawValue>> = serde_json::from_slice(&answer)?;
    drop(answer);
    let (mut new, mut due, mut told) = (0, Vec::new(), Vec::new());
    let mut batches = entries.chunks(BATCH).map(<[_]>::to_vec).collect::<Vec<_>>().into_iter();
    loop {
        let batch = batches.next().unwrap_or_default();
        let is_last = batch.is_empty() && due.is_empty();
        let noted = std::mem::take(&mut told);
        let storing = tokio::task::spawn_blocking(move || {
            let due = commit(&mut store, queue, &batch, &noted)?;
            anyhow::Ok((due, store))
        });
        let (stored, acknowledged) = tokio::join!(storing, acknowledge(upstream, due));
        (due, store) = stored??;
        told = acknowledged?;
        new += due.len();
        if is_last && told.is_empty() {
            return Ok((new, store));
        }
    }
}

async fn acknowledge(upstream: &Upstream, due: Vec<Due>) -> anyhow::Result<Vec<i64>> {
    stream::iter(due)
        .map(|due| async move {
            for [id, external, kind] in &due.calls {
                let query = [("uzhkId", &**id), ("externalId", &**external), ("type", &**kind)];
                upstream.get_any_status("probe", "SetId", &query).await?.text(1024).await?;
            }
            let mut query = vec![("guid", due.guid.as_str())];
            query.extend(due.object_id.as_deref().map(|id| ("objectId", id)));
            upstream.get_any_status("probe", "To1c/Delete", &query).await?.text(1024).await?;
            anyhow::Ok(due.seq)
        })
        .buffer_unordered(CONCURRENCY)
        .try_collect()
        .await
}

/// Commits a batch, and what was acknowledged of an earlier one.
fn commit(
    store: &mut Connection,
    queue: &str,
    batch: &[Box<RawValue>],
    acknowledged: &[i64],
) -> anyhow::Result<Vec<Due>> {
    let now = SystemClock.now().to_string();
    let transaction = store.transaction()?;
    for seq in acknowledged {
        transaction
            .prepare_cached("UPDATE envelope SET acknowledged_at = ?1 WHERE seq = ?2")?
            .execute(params![now, seq])?;
    }
    let mut all = Vec::new();
    for entry in batch {
        let members: Map<String, Value> = serde_json::from_str(entry.get())?;
        let guid = members.get("Guid").and_then(Value::as_str).context("no Guid")?;
        let inserted = transaction
            .prepare_cached(
                "INSERT INTO envelope (queue, guid, body, received_at) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (queue, guid) DO NOTHING",
            )?
            .execute(params![queue, guid, entry.get(), now])?;
        if inserted == 0 {
            continue;
        }
        let seq = transaction.last_insert_rowid();
        let store = Store { transaction: &transaction, now: &now, envelope: seq };
        let (object_id, calls) = match queue {
            "Requests" => store.put_all(&members)?,
            _ => store.delete(&members)?,
        };
        all.push(Due { seq, guid: guid.to_owned(), object_id, calls });
    }
    transaction.commit()?;
    Ok(all)
}

/// The permanent id that goes with Delete, and the calls that go before it.
type Told = (Option<String>, Vec<[String; 3]>);

struct Store<'s> {
    transaction: &'s rusqlite::Transaction<'s>,
    now: &'s str,
    envelope: i64,
}

impl Store<'_> {
    fn put_all(&self, members: &Map<String, Value>) -> anyhow::Result<Told> {
        let (mut own, mut calls) = (Vec::new(), Vec::new());
        for (member, value) in members {
            let Value::Object(entity) = value else { continue };
            let known = MEMBERS.iter().find(|(name, _)| name == member).map(|(_, kind)| *kind);
            let kind = known.or_else(|| entity.get("TypeName").and_then(Value::as_str));
            own.push(self.put(kind.context("no kind")?, entity)?);
            for person in entity.get("Persons").and_then(Value::as_array).into_iter().flatten() {
                calls.extend(self.put("resident", person.as_object().context("no person")?)?);
            }
        }
        if let [sole] = own.as_slice() {
            return Ok((sole.as_ref().map(|[_, id, _]| id.clone()), calls));
        }
        calls.extend(own.into_iter().flatten().filter(|[_, _, kind]| kind != "car"));
        Ok((None, calls))
    }

    /// Records an entity; returns what announces it.
    fn put(&self, kind: &str, entity: &Map<String, Value>) -> anyhow::Result<Option<[String; 3]>> {
        let given = entity.get("Id").context("no Id")?;
        let given = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
        let is_temporary = given.starts_with("--") && !kind.starts_with("request");
        let mut body = Value::Object(entity.clone());
        let mut id = given.clone();
        if is_temporary {
            id = self.permanent(kind, &given)?;
            body["Id"] = Value::from(id.as_str());
        }
        let body = body.to_string();
        let known: Option<(i64, String)> = self
            .transaction
            .prepare_cached("SELECT rowid, body FROM record WHERE kind = ?1 AND id = ?2")?
            .query_row([kind, &id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match known {
            Some((_, known)) if known == body => {}
            Some((rowid, before)) => {
                self.transaction
                    .prepare_cached(
                        "UPDATE record SET body = ?1, updated_at = ?2 WHERE rowid = ?3",
                    )?
                    .execute(params![body, self.now, rowid])?;
                self.change(kind, &id, "update", Some(&before))?;
            }
            None => {
                self.transaction
                    .prepare_cached(
                        "INSERT INTO record (kind, id, body, updated_at) VALUES (?1, ?2, ?3, ?4)",
                    )?
                    .execute(params![kind, id, body, self.now])?;
                self.change(kind, &id, "insert", None)?;
            }
        }
        Ok(is_temporary.then(|| [given, id, kind.to_owned()]))
    }

    fn delete(&self, members: &Map<String, Value>) -> anyhow::Result<Told> {
        let text = |name| members.get(name).and_then(Value::as_str).unwrap_or_default();
        let (kind, given) = (text("Type"), text("Id"));
        let is_temporary = given.starts_with("--") && !kind.starts_with("request");
        let id = if is_temporary { self.permanent(kind, given)? } else { given.to_owned() };
        self.transaction
            .prepare_cached("UPDATE record SET deleted_at = ?3 WHERE kind = ?1 AND id = ?2")?
            .execute([kind, &id, self.now])?;
        self.change(kind, &id, "delete", None)?;
        Ok((None, Vec::new()))
    }

    fn permanent(&self, kind: &str, temporary: &str) -> anyhow::Result<String> {
        let known = self
            .transaction
            .prepare_cached("SELECT permanent FROM identity WHERE kind = ?1 AND temporary = ?2")?
            .query_row([kind, temporary], |row| row.get(0))
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        let given = uuid::Uuid::now_v7().to_string();
        self.transaction
            .prepare_cached("INSERT INTO identity VALUES (?1, ?2, ?3)")?
            .execute([kind, temporary, &given])?;
        Ok(given)
    }

    fn change(&self, kind: &str, id: &str, op: &str, before: Option<&str>) -> anyhow::Result<()> {
        self.transaction
            .prepare_cached(
                "INSERT INTO change (at, kind, id, op, before, envelope) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![self.now, kind, id, op, before, self.envelope])?;
        Ok(())
    }
}

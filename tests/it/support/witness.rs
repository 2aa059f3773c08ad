//! Whether an entry is safe in the ledger, looked up before UZhKH forgets it.

use std::path::Path;

use rusqlite::{Connection, params};
use uzhkh_ledger::ledger::Reader;
use uzhkh_ledger::simulator::Acknowledged;

use super::Body;
use super::sqlite;

/// Looks for the entry's text, and for what must have come of it: records, their
/// changes, the permanent ids.
pub(super) fn look(ledger: &Path, item: &Acknowledged) -> Result<(), String> {
    let reader = Reader::open(ledger).map_err(|error| error.to_string())?;
    let held = reader.holds_envelope(item.queue, &item.guid, &item.body);
    if !held.map_err(|error| error.to_string())? {
        return Err("the ledger does not hold the entry".to_owned());
    }
    drop(reader);
    recorded(&sqlite::open(ledger), item).map_err(|error| error.to_string())?
}

fn recorded(connection: &Connection, item: &Acknowledged) -> rusqlite::Result<Result<(), String>> {
    let text = std::str::from_utf8(&item.body).unwrap_or_default();
    let same = "SELECT count(*) FROM envelope \
         WHERE queue = ?1 AND guid = ?2 AND body = ?3 AND state <> 'quarantined'";
    let held: i64 =
        connection.query_row(same, params![item.queue, item.guid, text], |row| row.get(0))?;
    if held != 1 {
        return Ok(Err(format!("the ledger holds {held} such envelopes")));
    }
    let body = Body::parse(text);
    let mut told = Vec::new();
    if item.queue == "deleted" {
        told.push((body.text("Type").unwrap_or_default(), body.clone()));
    }
    for (kind, entity) in body.entities() {
        told.extend(entity.persons().into_iter().map(|one| ("resident".to_owned(), one)));
        told.push((kind, entity));
    }
    for (kind, entity) in told {
        let id = entity.text("Id").unwrap_or_default();
        let is_ours = id.starts_with("--") && !kind.starts_with("request");
        let known: Option<String> = connection
            .prepare("SELECT permanent_id FROM identity WHERE kind = ?1 AND temporary_id = ?2")?
            .query_map([&kind, &id], |row| row.get(0))?
            .next()
            .transpose()?;
        if is_ours && known.is_none() {
            return Ok(Err(format!("no permanent id for {kind} {id}")));
        }
        let id = known.unwrap_or(id);
        let op = if item.queue == "deleted" { "delete" } else { "%" };
        let there = "SELECT 1 FROM record AS r WHERE kind = ?1 AND id = ?2 AND EXISTS \
             (SELECT 1 FROM change AS c WHERE c.kind = r.kind AND c.id = r.id AND c.op LIKE ?3)";
        if !connection.prepare(there)?.exists([&kind, &id, op])? {
            return Ok(Err(format!("no record and change of {kind} {id}")));
        }
    }
    Ok(Ok(()))
}

//! Whether an entry is safe in the ledger, looked up before UZhKH forgets it.

use std::path::Path;

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use uzhkh_ledger::simulator::Acknowledged;

use super::Body;
use super::sqlite;

/// Looks for the entry's text, and for what must have come of it: records, their
/// changes, the permanent ids.
pub(super) fn look(ledger: &Path, item: &Acknowledged) -> Result<(), String> {
    if !ledger.exists() {
        return Err("there is no ledger".to_owned());
    }
    let connection = sqlite::open(ledger);
    // All of it at one moment: an id may be named meanwhile.
    connection.execute_batch("BEGIN").map_err(|error| error.to_string())?;
    recorded(&connection, item).map_err(|error| error.to_string())?
}

const SAME: &str = "SELECT count(*) FROM envelope WHERE queue = ?1 AND guid = ?2 AND body = ?3 \
     AND body_sha256 = ?4 AND state <> 'quarantined'";

fn recorded(connection: &Connection, item: &Acknowledged) -> rusqlite::Result<Result<(), String>> {
    let text = std::str::from_utf8(&item.body).unwrap_or_default();
    let digest = Sha256::digest(&item.body);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let same = params![item.queue, item.guid, text, digest];
    let held: i64 = connection.query_row(SAME, same, |row| row.get(0))?;
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
        // What has no id is a finding, and makes no record.
        let Some(id) = entity.text("Id").filter(|id| !id.is_empty()) else { continue };
        let is_ours = id.starts_with("--") && !kind.starts_with("request");
        let known: Option<Option<String>> = connection
            .prepare("SELECT permanent_id FROM identity WHERE kind = ?1 AND temporary_id = ?2")?
            .query_map([&kind, &id], |row| row.get(0))?
            .next()
            .transpose()?;
        if is_ours && known.is_none() {
            return Ok(Err(format!("no identity for {kind} {id}")));
        }
        // What waits for its name is recorded under its temporary id, and was before it had one.
        let first = id.clone();
        let id = known.flatten().unwrap_or(id);
        let op = if item.queue == "deleted" { "delete" } else { "%" };
        let there = "SELECT 1 FROM record AS r WHERE kind = ?1 AND id = ?2 AND EXISTS \
             (SELECT 1 FROM change AS c WHERE c.kind = r.kind AND c.id IN (r.id, ?4) AND c.op LIKE ?3)";
        // A request may be deleted under a temporary spelling of its number.
        let number = id.strip_prefix("--").filter(|_| op == "delete" && !is_ours);
        let mut found = connection.prepare(there)?.exists([&kind, &id, op, &first])?;
        if let Some(number) = number {
            found |= connection.prepare(there)?.exists([&kind, number, op, &first])?;
        }
        if !found {
            return Ok(Err(format!("no record and change of {kind} {id}")));
        }
    }
    Ok(Ok(()))
}

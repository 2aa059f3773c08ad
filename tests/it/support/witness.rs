//! Whether an entry is safe in the ledger, looked up before UZhKH forgets it.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use simulator::Acknowledged;

use super::Body;
use super::sqlite;

/// Looks into one ledger. Many Deletes come at a time, and to open the ledger is to read its whole
/// schema: those who look meanwhile share what the first has opened, and the last closes it.
#[derive(Default)]
pub(super) struct Looks {
    under_way: AtomicUsize,
    open: Mutex<Option<Connection>>,
}

impl Looks {
    /// Looks for the entry's text, and for what must have come of it: records, their
    /// changes, the permanent ids.
    pub(super) fn look(&self, ledger: &Path, item: &Acknowledged) -> Result<(), String> {
        if !ledger.exists() {
            return Err("there is no ledger".to_owned());
        }
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let mut open = self.open.lock().unwrap();
        let mut connection = open.take().unwrap_or_else(|| sqlite::open(ledger));
        let found = at_one_moment(&mut connection, item).map_err(|error| error.to_string());
        let is_last = self.under_way.fetch_sub(1, Ordering::SeqCst) == 1;
        if !is_last && found.is_ok() {
            *open = Some(connection);
        }
        found?
    }
}

/// All of it at one moment, which is now: an id may be named meanwhile.
fn at_one_moment(
    connection: &mut Connection,
    item: &Acknowledged,
) -> rusqlite::Result<Result<(), String>> {
    let moment = connection.transaction()?;
    recorded(&moment, item)
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

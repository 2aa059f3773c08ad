//! The cursor's row in PostgreSQL: who may write, how far it has come, where an epoch begins.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row, Transaction};

use super::There;
use super::failure::Failure;
use crate::ledger::{ChangeSeq, RelayKey};

/// How long the writer that was there last keeps another from its place.
const FRESH: &str = "interval '5 minutes'";

/// The cursor as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) ledger_id: String,
    pub(super) epoch: i64,
    pub(super) seq: ChangeSeq,
    /// The last record that was brought anew; `None`: all have been.
    pub(super) backfill: Option<RelayKey>,
}

/// What decides how it goes on.
pub(super) struct Wish {
    /// The id of this ledger.
    pub(super) ledger_id: String,
    /// The last number that its log has given.
    pub(super) end_of_log: ChangeSeq,
    /// Every record is to be brought anew.
    pub(super) anew: bool,
    /// Another relay's place may be taken at once.
    pub(super) takeover: bool,
}

/// The row.
struct Stored {
    ledger_id: String,
    epoch: i64,
    seq: i64,
    writer: String,
    backfill: Option<String>,
    kinds: Option<String>,
    at: String,
}

impl Stored {
    fn read(row: &Row) -> Result<Self, Failure> {
        Ok(Self {
            ledger_id: row.try_get(0)?,
            epoch: row.try_get(1)?,
            seq: row.try_get(2)?,
            writer: row.try_get(3)?,
            backfill: row.try_get(4)?,
            kinds: row.try_get(5)?,
            at: row.try_get(6)?,
        })
    }

    fn cursor(&self) -> Option<Cursor> {
        let backfill = self.backfill.as_deref().map(key);
        Some(Cursor {
            ledger_id: self.ledger_id.clone(),
            epoch: self.epoch,
            seq: ChangeSeq(self.seq),
            backfill: match backfill {
                Some(key) => Some(key?),
                None => None,
            },
        })
    }
}

/// A record's name as `ledger.backfill` has it. JSON escapes what no text there could hold.
fn column(key: &RelayKey) -> String {
    serde_json::json!([key.source, key.kind, key.id]).to_string()
}

fn key(column: &str) -> Option<RelayKey> {
    let [source, kind, id] = serde_json::from_str(column).ok()?;
    Some(RelayKey { source, kind, id })
}

async fn lock(transaction: &Transaction<'_>, there: &There) -> Result<Option<Stored>, Failure> {
    let sql = format!(
        "SELECT ledger_id, epoch, seq, writer, backfill, kinds, \
             to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') \
         FROM {}.ledger WHERE name = $1 FOR UPDATE",
        there.schema
    );
    let row = transaction.query_typed_opt(&sql, &[(&there.ledger, Type::TEXT)]).await?;
    row.as_ref().map(Stored::read).transpose()
}

/// Whether the writer of the row, which is held, was there just now. Asked by itself: in the
/// statement that waits for the lock, and by the time at which its transaction began, it would be
/// answered as of before the wait.
async fn is_fresh(transaction: &Transaction<'_>, there: &There) -> Result<bool, Failure> {
    let sql = format!(
        "SELECT at > clock_timestamp() - {FRESH} FROM {}.ledger WHERE name = $1",
        there.schema
    );
    let row = transaction.query_typed_one(&sql, &[(&there.ledger, Type::TEXT)]).await?;
    Ok(row.try_get(0)?)
}

/// Locks the row, which must be as it was when it was last seen, until the transaction's end.
pub(super) async fn hold(
    transaction: &Transaction<'_>,
    there: &There,
    cursor: &Cursor,
) -> Result<(), Failure> {
    let stored = lock(transaction, there).await?;
    let is_ours =
        |stored: &Stored| stored.writer == there.writer && stored.cursor().as_ref() == Some(cursor);
    match stored {
        Some(stored) if is_ours(&stored) => Ok(()),
        _ => Err(Failure::Moved),
    }
}

/// Moves the row that is held. A transaction may take longer than a writer's place stays its own,
/// so that what counts is when it ends.
pub(super) async fn set(
    transaction: &Transaction<'_>,
    there: &There,
    seq: ChangeSeq,
    backfill: Option<&RelayKey>,
) -> Result<(), Failure> {
    let sql = format!(
        "UPDATE {}.ledger SET seq = $2, backfill = $3, at = clock_timestamp() WHERE name = $1",
        there.schema
    );
    let backfill = backfill.map(column);
    let parameters: [(&(dyn ToSql + Sync), Type); 3] =
        [(&there.ledger, Type::TEXT), (&seq.0, Type::INT8), (&backfill, Type::TEXT)];
    transaction.execute_typed(&sql, &parameters).await?;
    Ok(())
}

/// Looks at the row and takes it, where it may be taken: goes on where it stands, or begins an
/// epoch.
pub(super) async fn take_up(
    transaction: &Transaction<'_>,
    there: &There,
    wish: &Wish,
) -> Result<Cursor, Failure> {
    let Some(stored) = lock(transaction, there).await? else {
        let epoch = 1 + highest_epoch(transaction.client(), there).await?;
        return begin(transaction, there, wish, epoch, Place::Free).await;
    };
    let is_kept = stored.writer != there.writer && !wish.takeover;
    if is_kept && is_fresh(transaction, there).await? {
        return Err(Failure::Refused(format!(
            "second relay: the ledger {} is written by {}, which was last there at {}, and this is \
             {}; stop one of the two, or let this one go on with `uzhkh-ledger relay takeover`",
            there.ledger, stored.writer, stored.at, there.writer
        )));
    }
    let goes_on =
        !wish.anew && stored.ledger_id == wish.ledger_id && stored.kinds == there.kinds_column();
    match stored.cursor() {
        Some(cursor) if goes_on => {
            let sql = format!(
                "UPDATE {}.ledger SET writer = $2, at = clock_timestamp() WHERE name = $1",
                there.schema
            );
            let parameters: [(&(dyn ToSql + Sync), Type); 2] =
                [(&there.ledger, Type::TEXT), (&there.writer, Type::TEXT)];
            transaction.execute_typed(&sql, &parameters).await?;
            Ok(cursor)
        }
        _ => begin(transaction, there, wish, stored.epoch + 1, Place::Taken).await,
    }
}

/// Whether there is a row of this ledger.
#[derive(Clone, Copy)]
enum Place {
    Free,
    Taken,
}

/// Begins an epoch: every record is to be brought anew, and of changes those that come from
/// now on.
async fn begin(
    transaction: &Transaction<'_>,
    there: &There,
    wish: &Wish,
    epoch: i64,
    place: Place,
) -> Result<Cursor, Failure> {
    let cursor = Cursor {
        ledger_id: wish.ledger_id.clone(),
        epoch,
        seq: wish.end_of_log,
        backfill: Some(RelayKey::default()),
    };
    let (kinds, backfill) = (there.kinds_column(), column(&RelayKey::default()));
    let schema = &there.schema;
    let sql = match place {
        Place::Free => format!(
            "INSERT INTO {schema}.ledger (name, ledger_id, epoch, seq, at, writer, backfill, kinds) \
             VALUES ($1, $2, $3, $4, clock_timestamp(), $5, $6, $7) ON CONFLICT (name) DO NOTHING"
        ),
        Place::Taken => format!(
            "UPDATE {schema}.ledger SET ledger_id = $2, epoch = $3, seq = $4, at = clock_timestamp(), \
                 writer = $5, backfill = $6, kinds = $7 WHERE name = $1"
        ),
    };
    let parameters: [(&(dyn ToSql + Sync), Type); 7] = [
        (&there.ledger, Type::TEXT),
        (&cursor.ledger_id, Type::TEXT),
        (&cursor.epoch, Type::INT8),
        (&cursor.seq.0, Type::INT8),
        (&there.writer, Type::TEXT),
        (&backfill, Type::TEXT),
        (&kinds, Type::TEXT),
    ];
    match transaction.execute_typed(&sql, &parameters).await? {
        // Another relay has put its row there in this very moment.
        0 => Err(Failure::Moved),
        _ => Ok(cursor),
    }
}

/// The highest epoch of which rows are left, where the cursor's row was removed; 0: none.
async fn highest_epoch(client: &Client, there: &There) -> Result<i64, Failure> {
    let schema = &there.schema;
    let sql = format!(
        "SELECT greatest((SELECT max(epoch) FROM {schema}.record WHERE ledger = $1), \
             (SELECT max(epoch) FROM {schema}.change WHERE ledger = $1), 0)"
    );
    let row = client.query_typed_one(&sql, &[(&there.ledger, Type::TEXT)]).await?;
    Ok(row.try_get(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_from_its_column() {
        let name = RelayKey {
            source: "uzhkh".to_owned(),
            kind: "account".to_owned(),
            id: "a\0\"й".to_owned(),
        };
        assert_eq!(key(&column(&name)), Some(name.clone()));
        assert!(!column(&name).contains('\0'));
        assert_eq!(key("nonsense"), None);
    }
}

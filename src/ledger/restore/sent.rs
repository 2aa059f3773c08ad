//! What people and programs had done after the backup, as the replaced ledger has it: the calls
//! that are sent once, the log of acts, and the answers by which a program knows that it asked
//! before. Without them a request would be open again, and what was sent would be sent twice.

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::ledger::{Error, Reader, Tx, act, calls};

/// A row, by its columns.
type Row = Vec<Value>;

/// What was sent once, and who had it done.
pub(super) struct Sent {
    calls: Vec<Row>,
    acts: Vec<Row>,
    answers: Vec<Row>,
    /// What Alma has, and since when our block of it stands.
    blocks: Vec<Row>,
}

const ANSWER: &str = "token, key, request_sha256, status, body, at";
/// Of what has no block, too: one that the backup knows may have been taken back since.
const BLOCKS: &str = "SELECT kind, external_id, alma_id, blocked_at FROM alma_object \
                      WHERE kind IN ('unit', 'room') AND alma_id IS NOT NULL";

impl Reader {
    /// All of it, what the backup has too: that may have come further since.
    pub(super) fn sent(&self) -> Result<Sent, Error> {
        let calls = format!("SELECT {} FROM call WHERE op <> 'SetId'", calls::COLUMNS);
        let acts = format!("SELECT {} FROM act ORDER BY seq", act::COLUMNS);
        // Of what else was asked for, the restore may have undone the effect: it is done anew.
        let answers = format!(
            "SELECT {ANSWER} FROM idempotent_answer WHERE json_valid(body) AND EXISTS \
             (SELECT 1 FROM call WHERE seq = body ->> '$.call' AND op <> 'SetId')"
        );
        Ok(Sent {
            calls: self.rows(&calls, whole)?,
            acts: self.rows(&acts, whole)?,
            answers: self.rows(&answers, whole)?,
            blocks: self.rows(BLOCKS, whole)?,
        })
    }
}

fn whole(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    (0..row.as_ref().column_count()).map(|at| row.get(at)).collect()
}

impl Tx<'_> {
    /// Takes over what was sent since, and what has become of what was on its way; answers how
    /// many calls were new. One that is still pending there stays so: it is doubted like the
    /// backup's own.
    pub(super) fn take_sent_over(&self, sent: &Sent) -> Result<usize, Error> {
        let mut taken = 0;
        // A number is given once, so the same number is the same call. What is done stays done.
        let mut insert = self.connection.prepare(&format!(
            "INSERT INTO call ({}) VALUES (?1, ?2, ?3, ?4, (SELECT seq FROM envelope WHERE seq = ?5), \
             ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (seq) DO NOTHING",
            calls::COLUMNS
        ))?;
        let mut update = self.connection.prepare(
            "UPDATE call SET state = ?6, attempts = ?7, next_attempt_at = ?8, last_status = ?9, \
             last_error = ?10, said = ?11, finished_at = ?13 \
             WHERE seq = ?1 AND target = ?2 AND op = ?3 AND params = ?4 AND state <> 'done'",
        )?;
        for call in &sent.calls {
            match insert.execute(params_from_iter(call))? {
                0 => drop(update.execute(params_from_iter(call))?),
                new => taken += new,
            }
        }
        let mut insert = self.connection.prepare(&format!(
            "INSERT INTO act ({}) VALUES ((SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM act WHERE seq = ?1)), \
             ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING",
            act::COLUMNS
        ))?;
        for act in &sent.acts {
            insert.execute(params_from_iter(act))?;
        }
        let mut insert = self.connection.prepare(&format!(
            "INSERT INTO idempotent_answer ({ANSWER}) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (token, key) DO NOTHING"
        ))?;
        for answer in &sent.answers {
            insert.execute(params_from_iter(answer))?;
        }
        let mut update = self.connection.prepare(
            "UPDATE alma_object SET blocked_at = ?4 \
             WHERE kind = ?1 AND external_id = ?2 AND alma_id = ?3 AND blocked_at IS NOT ?4",
        )?;
        for block in &sent.blocks {
            update.execute(params_from_iter(block))?;
        }
        Ok(taken)
    }
}

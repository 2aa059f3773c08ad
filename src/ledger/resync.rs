//! `resync` and `resync_seen`: how far a full resync got, so that it carries on
//! after a crash where it was.

use rusqlite::{OptionalExtension, params};

use super::word::in_column;
use super::{Error, Finding, Reader, RecordKey, Tx};

/// The state of a list of the resync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ListState {
    /// Pages are left to read.
    Reading,
    /// Read whole.
    Done,
    /// Given up: the upstream misbehaves.
    Failed,
}

in_column!(pub ListState);

/// A row of `resync`.
#[derive(Debug, Clone)]
pub struct ListProgress {
    /// The list: `DownloadAccounts`.
    pub list: String,
    /// Its state.
    pub state: ListState,
    /// The page to ask for.
    pub next_page: u32,
    /// SHA-256 of the last page's items.
    pub page_sha256: Option<String>,
}

impl Tx<'_> {
    /// Asks the running service for a full resync. However often it is asked before that begins,
    /// it makes one.
    pub fn want_resync(&self) -> Result<(), Error> {
        self.connection
            .prepare(
                "INSERT INTO resync_wanted (one, asked_at) VALUES (1, ?1) ON CONFLICT DO NOTHING",
            )?
            .execute([&self.now])?;
        Ok(())
    }

    /// Whether a resync was begun and has lists to read.
    pub fn resync_under_way(&self) -> Result<bool, Error> {
        let reading = "SELECT 1 FROM resync WHERE state = 'reading'";
        Ok(self.connection.prepare(reading)?.exists([])?)
    }

    /// Begins a resync of these lists, unless one is under way.
    pub fn begin_resync(&self, lists: &[&str]) -> Result<(), Error> {
        if self.resync_under_way()? {
            return Ok(());
        }
        self.connection.execute_batch(
            "DELETE FROM resync; DELETE FROM resync_seen; DELETE FROM resync_wanted;",
        )?;
        let newest = self.newest_change()?;
        for list in lists {
            self.connection
                .prepare_cached(
                    "INSERT INTO resync (list, started_at, started_after, next_page, state) \
                     VALUES (?1, ?2, ?3, 1, 'reading')",
                )?
                .execute(params![list, self.now, newest])?;
        }
        Ok(())
    }

    /// Notes that the list under way has shown a record; false when it had before.
    pub fn saw(&self, kind: &str, id: &str) -> Result<bool, Error> {
        let inserted = self
            .connection
            .prepare_cached(
                "INSERT INTO resync_seen (kind, id) VALUES (?1, ?2) ON CONFLICT (kind, id) DO NOTHING",
            )?
            .execute([kind, id])?;
        Ok(inserted == 1)
    }

    /// Notes that the list under way has shown something whose id cannot be told:
    /// nothing will be taken for missing from it.
    pub fn saw_something_nameless(&self, list: &str) -> Result<(), Error> {
        self.saw(list, "").map(drop)
    }

    /// A page is committed: the list goes on after it, where it had come as far as this one.
    pub fn page_done(&self, list: &str, page: u32, page_sha256: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE resync SET next_page = ?2 + 1, page_sha256 = ?3 \
                 WHERE list = ?1 AND next_page = ?2",
            )?
            .execute(params![list, page, page_sha256])?;
        Ok(())
    }

    /// A list has been read whole: live records of its kinds that it did not show,
    /// and that have not changed since it began, are missing from now on. Answers
    /// how many.
    pub fn list_done(&self, source: &str, list: &str, kinds: &[&str]) -> Result<u64, Error> {
        let kinds = super::envelope::kinds_json(kinds);
        let mut statement = self.connection.prepare(
            "UPDATE record SET missing_since = ?4 \
             WHERE source = ?1 AND kind IN (SELECT value FROM json_each(?3)) \
             AND deleted_at IS NULL AND missing_since IS NULL \
             AND NOT EXISTS (SELECT 1 FROM resync_seen WHERE kind = ?2) \
             AND NOT EXISTS (SELECT 1 FROM resync_seen AS s WHERE s.kind = record.kind AND s.id = record.id) \
             AND coalesce(last_change_seq, 0) <= (SELECT started_after FROM resync WHERE list = ?2) \
             RETURNING kind, id",
        )?;
        let rows = statement.query_map(params![source, list, kinds, self.now], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        let missing: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
        for (kind, id) in &missing {
            let finding = Finding::new("", format!("missing from {list}"));
            self.note(RecordKey::new(source, kind, id), None, &finding)?;
        }
        self.connection
            .prepare(
                "DELETE FROM resync_seen WHERE kind = ?2 OR kind IN (SELECT value FROM json_each(?1))",
            )?
            .execute([&kinds, list])?;
        self.connection
            .prepare("UPDATE resync SET state = 'done' WHERE list = ?1")?
            .execute([list])?;
        Ok(missing.len() as u64)
    }

    /// A list is given up: the upstream does not behave.
    pub fn list_failed(&self, list: &str, kinds: &[&str], error: &str) -> Result<(), Error> {
        self.connection
            .prepare(
                "DELETE FROM resync_seen WHERE kind = ?2 OR kind IN (SELECT value FROM json_each(?1))",
            )?
            .execute([super::envelope::kinds_json(kinds).as_str(), list])?;
        self.connection
            .prepare("UPDATE resync SET state = 'failed', last_error = ?2 WHERE list = ?1")?
            .execute([list, error])?;
        Ok(())
    }
}

impl Reader {
    /// Whether a resync was begun and has lists to read.
    pub fn resync_under_way(&self) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT 1 FROM resync WHERE state = 'reading'")?
            .exists([])?;
        Ok(found)
    }

    /// Whether a full resync has been asked for that has not begun.
    pub fn resync_wanted(&self) -> Result<bool, Error> {
        Ok(self.connection.prepare_cached("SELECT 1 FROM resync_wanted")?.exists([])?)
    }

    /// The progress of a list; `None` when no resync has been begun.
    pub fn list_progress(&self, list: &str) -> Result<Option<ListProgress>, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT state, next_page, page_sha256 FROM resync WHERE list = ?1")?
            .query_row([list], |row| {
                Ok(ListProgress {
                    list: list.to_owned(),
                    state: row.get(0)?,
                    next_page: row.get(1)?,
                    page_sha256: row.get(2)?,
                })
            });
        Ok(found.optional()?)
    }
}

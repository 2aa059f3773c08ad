//! `poll_wanted`: what the running service is asked to poll now.

use rusqlite::params;

use super::{Error, Reader, Tx};

impl Tx<'_> {
    /// Asks the running service to poll a feed now. However often it is asked before that
    /// begins, it polls once.
    pub fn want_poll(&self, source: &str, feed: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO poll_wanted (source, feed, asked_at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (source, feed) DO NOTHING",
            )?
            .execute(params![source, feed, self.now])?;
        Ok(())
    }

    /// The poller of a feed is about to run.
    pub(crate) fn poll_begins(&self, source: &str, feed: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached("DELETE FROM poll_wanted WHERE source = ?1 AND feed = ?2")?
            .execute([source, feed])?;
        Ok(())
    }

    /// Everything is about to be polled, as at a start.
    pub(crate) fn all_polls_begin(&self) -> Result<(), Error> {
        self.connection.prepare_cached("DELETE FROM poll_wanted")?.execute([])?;
        Ok(())
    }
}

impl Reader {
    /// What is to be polled now: source and feed.
    pub(crate) fn polls_wanted(&self) -> Result<Vec<(String, String)>, Error> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT source, feed FROM poll_wanted ORDER BY asked_at")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

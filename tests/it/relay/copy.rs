//! What the relay has made of a ledger in PostgreSQL, and the ledger beside it.

use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use super::server::{Server, server, unique};
use crate::support::{Bench, Setup, setup, wait_until};

/// The name of the ledger in PostgreSQL.
pub(super) const LEDGER: &str = "acme";

/// A connection of another program than ours.
pub(super) struct Pg {
    runtime: Runtime,
    client: Client,
}

impl Pg {
    pub(super) fn connect(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (client, connection) = runtime.block_on(tokio_postgres::connect(url, NoTls)).unwrap();
        runtime.spawn(connection);
        Self { runtime, client }
    }

    /// The rows of a query, with `|` between the columns, NULL by name; the error's SQLSTATE.
    pub(super) fn try_lines(&self, sql: &str) -> Result<Vec<String>, String> {
        let answered = self.runtime.block_on(self.client.simple_query(sql));
        let messages = answered.map_err(|error| match error.code() {
            Some(code) => code.code().to_owned(),
            None => error.to_string(),
        })?;
        let lines = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                let cells: Vec<&str> =
                    (0..row.len()).map(|at| row.get(at).unwrap_or("NULL")).collect();
                Some(cells.join("|"))
            }
            _ => None,
        });
        Ok(lines.collect())
    }
}

/// A copy: the schema of one test.
pub(super) struct Copy {
    pub(super) server: Arc<Place>,
    pub(super) schema: String,
    pub(super) pg: Pg,
}

/// The server that it is on.
pub(super) enum Place {
    Shared(&'static Server),
    Own(Server),
}

impl std::ops::Deref for Place {
    type Target = Server;

    fn deref(&self) -> &Server {
        match self {
            Place::Shared(server) => server,
            Place::Own(server) => server,
        }
    }
}

impl Copy {
    /// A schema of its own on the server that tests share.
    pub(super) fn new(name: &str) -> Option<Self> {
        Some(Self::on(Arc::new(Place::Shared(server()?)), name))
    }

    /// The same on a server of its own.
    pub(super) fn alone(name: &str) -> Option<Self> {
        Some(Self::on(Arc::new(Place::Own(Server::start()?)), name))
    }

    fn on(server: Arc<Place>, name: &str) -> Self {
        let pg = Pg::connect(&server.url("postgres"));
        Self { server, schema: unique(name), pg }
    }

    /// `[relay]` of the ledger `acme`, as the owner of the server.
    pub(super) fn section(&self, lines: &str) -> String {
        self.section_of(&self.server.url("postgres"), LEDGER, lines)
    }

    pub(super) fn section_of(&self, url: &str, ledger: &str, lines: &str) -> String {
        let schema = &self.schema;
        format!("[relay]\nurl = {url:?}\nledger = {ledger:?}\nschema = {schema:?}\n{lines}\n")
    }

    /// A bench whose ledger is relayed here.
    pub(super) fn setup(&self, lines: &str) -> Setup {
        setup().every_second().section(&self.section(lines))
    }

    /// Puts the connection to the server anew, which was killed.
    pub(super) fn reconnect(&mut self) {
        self.pg = Pg::connect(&self.server.url("postgres"));
    }

    /// The rows of a query; `@` stands for the schema.
    #[track_caller]
    pub(super) fn lines(&self, sql: &str) -> Vec<String> {
        let sql = self.sql(sql);
        self.pg.try_lines(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The only row of a query.
    #[track_caller]
    pub(super) fn one(&self, sql: &str) -> String {
        let mut lines = self.lines(sql);
        assert_eq!(lines.len(), 1, "{sql}: {lines:?}");
        lines.remove(0)
    }

    /// The only row of a query; empty while the tables are not there.
    pub(super) fn one_or_none(&self, sql: &str) -> String {
        self.pg.try_lines(&self.sql(sql)).ok().and_then(|mut lines| lines.pop()).unwrap_or_default()
    }

    pub(super) fn sql(&self, sql: &str) -> String {
        sql.replace('@', &format!("\"{}\"", self.schema))
    }

    /// Waits until the cursor is at the end of this ledger, and every record has come.
    #[track_caller]
    pub(super) fn wait(&self, bench: &Bench, ledger: &str) {
        let cursor = format!("SELECT seq, backfill IS NULL FROM @.ledger WHERE name = '{ledger}'");
        wait_until("PostgreSQL to have all", || {
            let last = bench.one_or_none(LAST);
            self.one_or_none(&cursor) == format!("{last}|t")
        });
    }

    /// PostgreSQL has what the ledger has, row by row.
    #[track_caller]
    pub(super) fn assert_same(&self, bench: &Bench, ledger: &str) {
        let time = |column: &str| {
            format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
        };
        let there = self.lines(&format!(
            "SELECT source, kind, id, body, {}, {}, {} FROM @.record AS r WHERE ledger = '{ledger}' \
             AND NOT (deleted_at IS NOT NULL AND id LIKE '--%') \
             ORDER BY source COLLATE \"C\", kind COLLATE \"C\", id COLLATE \"C\"",
            time("updated_at"),
            time("deleted_at"),
            time("missing_since")
        ));
        let here = bench.lines(
            "SELECT source, kind, id, body, updated_at, deleted_at, missing_since FROM record \
             ORDER BY source, kind, id",
        );
        assert_same_lines(&there, &here);
        let epoch = self.one(&format!("SELECT epoch FROM @.ledger WHERE name = '{ledger}'"));
        let there = self.lines(&format!(
            "SELECT seq, {}, source, kind, id, op, fields FROM @.change \
             WHERE ledger = '{ledger}' AND epoch = {epoch} ORDER BY seq",
            time("at")
        ));
        let first = there.first().and_then(|line| line.split('|').next()).unwrap_or("NULL");
        let here = bench.lines(&format!(
            "SELECT seq, at, source, kind, id, op, fields FROM change \
             WHERE seq >= {first} ORDER BY seq"
        ));
        assert_same_lines(&there, &here);
        let cursor = self.one(&format!("SELECT seq FROM @.ledger WHERE name = '{ledger}'"));
        assert_eq!(cursor, bench.one(LAST));
        let behind = self.one(&format!(
            "SELECT count(*) FROM @.record WHERE ledger = '{ledger}' AND deleted_at IS NULL \
             AND (data IS NULL OR epoch <> {epoch})"
        ));
        assert_eq!(behind, "0");
    }
}

/// The last number that the ledger's log has given.
pub(super) const LAST: &str =
    "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0)";

#[track_caller]
fn assert_same_lines(there: &[String], here: &[String]) {
    for (there, here) in there.iter().zip(here) {
        assert_eq!(there, here);
    }
    assert_eq!(there.len(), here.len(), "in PostgreSQL and in the ledger");
}

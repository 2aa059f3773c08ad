//! The statements that SQLite runs, in the log: their text as it stands in the code, without
//! the values that are bound to it.

use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use tracing::Level;

/// Target of the lines: `uzhkh_ledger::statements=trace` asks for them.
const TARGET: &str = "uzhkh_ledger::statements";

/// Logs the statements of a connection, where the log wants them when it is opened.
pub(super) fn log(connection: &mut Connection) {
    if tracing::enabled!(target: TARGET, Level::TRACE) {
        let tracing = connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(tell));
        if let Err(error) = tracing {
            tracing::debug!(%error, "statements are not logged");
        }
    }
}

fn tell(event: TraceEvent<'_>) {
    if let TraceEvent::Stmt(_, sql) = event {
        tracing::trace!(target: TARGET, ?sql, "statement");
    }
}

//! Pages of the requests to register and to add an object, with the last decision on each.

use rusqlite::params;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Filling, Rows, body};
use crate::ledger::{Error, Reader};

/// A query for requests.
#[derive(Debug, Clone)]
pub(crate) struct DecisionsWanted {
    /// Only those that wait for a decision (true), or do not (false).
    pub(crate) open: Option<bool>,
    /// Word and id of the last request of the page before.
    pub(crate) after: Option<[String; 2]>,
    /// The most requests of a page.
    pub(crate) limit: usize,
}

/// A request and how it was decided.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct DecidedRequest {
    /// `register` or `object`.
    pub(crate) request: &'static str,
    /// UZhKH's id of it.
    pub(crate) id: String,
    /// When it was decided; None: not yet.
    pub(crate) decided_at: Option<String>,
    /// Whether it was approved.
    pub(crate) approved: Option<bool>,
    /// `call.seq` of the decision.
    pub(crate) call: Option<i64>,
    /// Whether it waits for a decision: there is none, or its call has failed.
    pub(crate) open: bool,
    /// The body of the request.
    #[schema(value_type = Option<Object>)]
    pub(crate) record: Option<Box<RawValue>>,
}

/// The words of the requests, their kinds and the calls that decide on them, in the order of
/// the words.
const REQUESTS: [(&str, &str, &str); 2] = [
    ("object", "requesttoobjectadding", "HandleRequestToObjectAdding"),
    ("register", "requesttoregister", "HandleRequestToRegister"),
];

impl Reader {
    /// The next page of requests, by their word and id.
    ///
    /// # Errors
    /// SQLite's own.
    pub(crate) fn decision_page(
        &self,
        wanted: &DecisionsWanted,
    ) -> Result<Rows<DecidedRequest, [String; 2]>, Error> {
        let mut filling = Filling::new(wanted.limit);
        for (request, kind, op) in REQUESTS {
            let after = match &wanted.after {
                Some([word, _]) if word.as_str() > request => continue,
                Some([word, id]) if word == request => id.as_str(),
                _ => "",
            };
            // As the view `decision` has it.
            let mut statement = self.connection.prepare_cached(
                "SELECT r.id, c.created_at, \
                     CASE c.params ->> '$.isApprove' WHEN 'true' THEN 1 WHEN 'false' THEN 0 END, c.seq, \
                     r.deleted_at IS NULL AND (c.seq IS NULL OR c.state = 'failed'), r.body \
                 FROM record AS r LEFT JOIN call AS c ON c.seq = (SELECT max(+seq) FROM call \
                     WHERE op IN ('HandleRequestToRegister', 'HandleRequestToObjectAdding') \
                         AND params ->> '$.id' = r.id AND op = ?1) \
                 WHERE r.source = 'uzhkh' AND r.kind = ?2 AND r.id > ?3 ORDER BY r.id",
            )?;
            let mut rows = statement.query(params![op, kind, after])?;
            while let Some(row) = rows.next()? {
                if !filling.has_room() {
                    return Ok(filling.page);
                }
                let id: String = row.get(0)?;
                let key = [request.to_owned(), id.clone()];
                let open = row.get(4)?;
                if wanted.open.is_some_and(|wanted| wanted != open) {
                    filling.pass(key);
                    continue;
                }
                let (record, bytes) = body(row, 5)?;
                let decided = DecidedRequest {
                    request,
                    id,
                    decided_at: row.get(1)?,
                    approved: row.get(2)?,
                    call: row.get(3)?,
                    open,
                    record,
                };
                filling.add(key, decided, bytes);
            }
        }
        Ok(filling.page)
    }
}

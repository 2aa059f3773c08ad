//! Requests to register and to add an object, with what the ledger knows of what they name.

use rusqlite::{Row, params};

use super::{Lines, Listed};
use crate::ledger::{CallState, Error, Reader};

/// A request, and the last decision on it.
#[derive(Debug, Clone)]
pub(crate) struct RequestLine {
    /// `register` or `object`
    pub(crate) request: String,
    /// UZhKH's id of it.
    pub(crate) id: String,
    /// When it came.
    pub(crate) since: String,
    /// The flat that it names.
    pub(crate) flat_id: Option<String>,
    /// The flat's address, where the ledger has the flat; empty where that has none.
    pub(crate) flat: Option<String>,
    /// The resident that it names.
    pub(crate) resident_id: Option<String>,
    /// The resident's name, where the ledger has the resident; empty where that has none.
    pub(crate) resident: Option<String>,
    /// The number of the account that is asked for.
    pub(crate) account_number: Option<String>,
    /// Surname, name and patronymic.
    pub(crate) person: String,
    /// The e-mail.
    pub(crate) email: Option<String>,
    /// The telephone.
    pub(crate) phone: Option<String>,
    /// True: approved. `None`: not decided.
    pub(crate) is_approved: Option<bool>,
    /// When it was decided.
    pub(crate) decided_at: Option<String>,
    /// The call of the decision, and its state.
    pub(crate) call: Option<(i64, CallState)>,
    /// What the call failed with.
    pub(crate) error: Option<String>,
}

/// A member may be a number where a text is documented: the envelope is kept, with a finding.
const COLUMNS: &str = "\
    SELECT d.request, d.id, r.first_seen_at, CAST(d.flat_id AS TEXT), \
        CASE WHEN o.id IS NOT NULL THEN coalesce(CAST(o.body ->> '$.Address' AS TEXT), '') END, \
        CAST(d.resident_id AS TEXT), CASE WHEN p.id IS NOT NULL THEN \
        trim(coalesce(p.body ->> '$.UrCompanyName', '') || ' ' || coalesce(p.body ->> '$.Surname', '') || ' ' || \
            coalesce(p.body ->> '$.Name', '') || ' ' || coalesce(p.body ->> '$.Patronymic', '')) END, \
        CAST(d.requested_account_number AS TEXT), \
        trim(coalesce(d.surname, '') || ' ' || coalesce(d.name, '') || ' ' || coalesce(d.patronymic, '')), \
        CAST(d.email AS TEXT), CAST(d.phone AS TEXT), d.approved, d.decided_at, d.call, d.state, c.last_error \
    FROM ";

/// What a decision names.
const NAMED: &str = "\
    JOIN record AS r ON r.source = 'uzhkh' AND r.id = d.id AND r.kind = \
        CASE d.request WHEN 'register' THEN 'requesttoregister' ELSE 'requesttoobjectadding' END \
    LEFT JOIN record AS o ON o.source = 'uzhkh' AND o.kind = 'object' AND o.id = d.flat_id \
        AND o.deleted_at IS NULL \
    LEFT JOIN record AS p ON p.source = 'uzhkh' AND p.kind = 'resident' AND p.id = d.resident_id \
        AND p.deleted_at IS NULL \
    LEFT JOIN call AS c ON c.seq = d.call";

fn line(row: &Row<'_>) -> rusqlite::Result<RequestLine> {
    let (call, state): (Option<i64>, Option<CallState>) = (row.get(13)?, row.get(14)?);
    Ok(RequestLine {
        request: row.get(0)?,
        id: row.get(1)?,
        since: row.get(2)?,
        flat_id: row.get(3)?,
        flat: row.get(4)?,
        resident_id: row.get(5)?,
        resident: row.get(6)?,
        account_number: row.get(7)?,
        person: row.get(8)?,
        email: row.get(9)?,
        phone: row.get(10)?,
        is_approved: row.get(11)?,
        decided_at: row.get(12)?,
        call: call.zip(state),
        error: row.get(15)?,
    })
}

impl Reader {
    /// The requests that are to be decided, the oldest first.
    pub(crate) fn open_requests(&self, lines: Lines) -> Result<Listed<RequestLine>, Error> {
        let total =
            self.connection
                .query_row("SELECT count(*) FROM decision WHERE open", [], |row| row.get(0))?;
        // Of those on other pages nothing is read but when they came.
        let sql = format!(
            "{COLUMNS} (SELECT w.request, w.id FROM decision AS w JOIN record AS r \
                 ON r.source = 'uzhkh' AND r.id = w.id AND r.kind = CASE w.request \
                     WHEN 'register' THEN 'requesttoregister' ELSE 'requesttoobjectadding' END \
                 WHERE w.open ORDER BY r.first_seen_at, w.id LIMIT ?1 OFFSET ?2) AS page \
             CROSS JOIN decision AS d ON d.request = page.request AND d.id = page.id \
             {NAMED} ORDER BY r.first_seen_at, d.id"
        );
        let lines = self.list(&sql, params![lines.most, lines.first], line)?;
        Ok(Listed { lines, total })
    }

    /// The requests that were decided last, the latest first.
    pub(crate) fn decided_requests(&self, most: u64) -> Result<Vec<RequestLine>, Error> {
        let sql = format!(
            "{COLUMNS} (SELECT w.request, w.id FROM decision AS w \
                 WHERE NOT w.open AND w.call IS NOT NULL ORDER BY w.call DESC LIMIT ?1) AS page \
             CROSS JOIN decision AS d ON d.request = page.request AND d.id = page.id \
             {NAMED} ORDER BY d.call DESC"
        );
        self.list(&sql, [most], line)
    }

    /// A request of a kind, `register` or `object`.
    pub(crate) fn request_line(
        &self,
        request: &str,
        id: &str,
    ) -> Result<Option<RequestLine>, Error> {
        let sql = format!("{COLUMNS} decision AS d {NAMED} WHERE d.request = ?1 AND d.id = ?2");
        Ok(self.list(&sql, [request, id], line)?.pop())
    }
}

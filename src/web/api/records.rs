//! `/api/v1/records`: the present state, page by page, one record, and its life.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{json, text, written};
use super::changes::{LEDGER, wants_lines};
use crate::config::AlmaSource;
use crate::ledger::{Error, History, Reader, RecordKey, RecordPage, RecordRow, RecordsWanted};
use crate::registry;
use crate::web::places::Place;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::{Shared, Web, cursor};

/// The word of this list in its cursors.
const LIST: &str = "records";
/// For those who read lines: what they go on after once they have read all.
const AT_CHANGE: HeaderName = HeaderName::from_static("x-at-change");
/// For those who read lines: the `next` of the page.
const NEXT: HeaderName = HeaderName::from_static("x-next");

/// A page of records.
#[derive(Serialize, ToSchema)]
pub(super) struct Records {
    /// The ledger's own id: a cursor is of use only with the ledger that gave it.
    #[schema(example = "0190a5d0-7c1e-7b4e-9d55-0a1b2c3d4e5f")]
    ledger: String,
    /// The last change at the moment of this page. One who has read all pages goes on with the
    /// changes after that of the first.
    at_change: i64,
    records: Vec<RecordRow>,
    /// The parameter `after` of the next page; null at the end.
    next: Option<String>,
}

/// The present state, page by page
///
/// In the order of source, kind and id. One who has read all pages goes on with
/// `/api/v1/changes?after=` the `at_change` of the first page: nothing is missed.
#[utoipa::path(
    get, path = "/api/v1/records", tag = "records", operation_id = "records",
    params(
        ("source" = Option<String>, Query, description = "Only records of these systems: a list with commas", example = "uzhkh"),
        ("kind" = Option<String>, Query, description = "Only records of these kinds: a list with commas", example = "counter,account"),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
        ("ledger" = Option<String>, Query, description = "The `ledger` of the page before: another ledger answers 410"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "The most records of a page, 1000 by default; there may be fewer", example = 100),
        ("deleted" = Option<bool>, Query, description = "Deleted records too", example = true),
    ),
    responses((status = 200, description = "A page; lines of records with Accept: application/x-ndjson", body = Records)),
)]
pub(super) async fn records(
    State(web): State<Shared>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = query.only(&["source", "kind", "after", "ledger", "limit", "deleted"])?;
    let sources = query.words("source", &registry::sources())?;
    let kinds = query.words("kind", &registry::record_kinds())?;
    let is_in =
        |words: &[String], word: &str| words.is_empty() || words.iter().any(|one| one == word);
    let mut pairs = registry::recorded();
    pairs.retain(|(source, kind)| is_in(&sources, source) && is_in(&kinds, kind));
    let after = query.text("after").map(|text| cursor::read::<4>(LIST, text)).transpose()?;
    let (of_cursor, after) = match after {
        Some([ledger, source, kind, id]) => (Some(ledger), Some([source, kind, id])),
        None => (None, None),
    };
    let wanted = RecordsWanted {
        kinds: pairs,
        after,
        limit: query.limit()?,
        with_deleted: query.flag("deleted")?,
    };
    let ledgers: Vec<String> =
        query.text("ledger").map(str::to_owned).into_iter().chain(of_cursor).collect();
    let _place = web.place(Place::Pages)?;
    let page = web.read(move |reader| {
        check_ledger(reader, &ledgers)?;
        reader.records(&wanted)
    });
    let RecordPage { ledger, at_change, page } = match page.await {
        Ok(page) => page,
        Err(error) => return Err(super::changes::refused(&web, error).await),
    };
    let next =
        page.next.map(|[source, kind, id]| cursor::written(LIST, &[&ledger, &source, &kind, &id]));
    let shown = Records { ledger, at_change: at_change.0, records: page.rows, next };
    if !wants_lines(&headers) {
        return json(&shown);
    }
    let mut lines = Vec::new();
    for record in &shown.records {
        lines.extend(written(record)?);
        lines.push(b'\n');
    }
    let mut response = text(lines, "application/x-ndjson");
    let headers = response.headers_mut();
    headers.insert(AT_CHANGE, HeaderValue::from(shown.at_change));
    for (name, value) in [(LEDGER, Some(shown.ledger)), (NEXT, shown.next)] {
        if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

/// What was read of another ledger is of no use with this one.
fn check_ledger(reader: &Reader, ledgers: &[String]) -> Result<(), Error> {
    let (ledger, newest) = reader.state_at()?;
    if ledgers.iter().all(|given| *given == ledger) {
        return Ok(());
    }
    Err(Error::CursorOfAnother { ledger, newest })
}

/// The name of a record in a path.
type Named = Result<Path<(String, String, String)>, PathRejection>;

/// One record
///
/// Deleted ones too. A temporary id that was named since is not found; the detail has its name.
#[utoipa::path(
    get, path = "/api/v1/records/{source}/{kind}/{id}", tag = "records", operation_id = "record",
    params(
        ("source" = String, Path, description = "The system", example = "uzhkh"),
        ("kind" = String, Path, description = "The kind of the record", example = "counter"),
        ("id" = String, Path, description = "Its id, percent-encoded", example = "33dssdsd"),
    ),
    responses((status = 200, description = "The record", body = RecordRow)),
)]
pub(super) async fn record(
    State(web): State<Shared>,
    query: Query,
    named: Named,
) -> Result<Response, Problem> {
    let name = known(named)?;
    query.only(&[])?;
    let _place = web.place(Place::Pages)?;
    let record = find(&web, &name, |reader, key| reader.record_row(key)).await?;
    json(&record)
}

/// One record's life
///
/// Its changes, oldest first, with what brought them; the calls, findings and objects of Alma
/// that it led to: as `history --json` prints it.
#[utoipa::path(
    get, path = "/api/v1/records/{source}/{kind}/{id}/history", tag = "records", operation_id = "history",
    params(
        ("source" = String, Path, description = "The system", example = "uzhkh"),
        ("kind" = String, Path, description = "The kind of the record", example = "counter"),
        ("id" = String, Path, description = "Its id, percent-encoded", example = "33dssdsd"),
        ("with_envelopes" = Option<bool>, Query, description = "With the text of each envelope, as it was received", example = true),
    ),
    responses((status = 200, description = "What is known of it", body = History)),
)]
pub(super) async fn history(
    State(web): State<Shared>,
    query: Query,
    named: Named,
) -> Result<Response, Problem> {
    let name = known(named)?;
    let with_envelopes = query.only(&["with_envelopes"])?.flag("with_envelopes")?;
    let _place = web.place(Place::Walks)?;
    let of_alma = web.config.alma.as_ref().map(|alma| match alma.source {
        AlmaSource::Uzhkh => "uzhkh",
        AlmaSource::Bitrix24 => "bitrix24",
    });
    let history = find(&web, &name, move |reader, key| {
        let with_alma = of_alma.is_none_or(|of| of == key.source);
        let mut history = reader.history(key, with_alma)?;
        if let Some(history) = history.as_mut().filter(|_| with_envelopes) {
            reader.add_texts(history)?;
        }
        Ok(history)
    });
    json(&history.await?)
}

/// A record's source, kind and id.
type Name = (String, String, String);

fn known(named: Named) -> Result<Name, Problem> {
    let Path((source, kind, id)) =
        named.map_err(|_| Problem::not_found("the path of the record is not UTF-8"))?;
    let is_known = registry::recorded().contains(&(source.as_str(), kind.as_str()));
    if is_known {
        return Ok((source, kind, id));
    }
    Err(Problem::not_found(format!("{source} has no records of a kind {kind}")))
}

/// What is found under a record's name; a temporary id that was named says its name instead.
async fn find<T: Send + 'static>(
    web: &Web,
    (source, kind, id): &Name,
    find: impl FnOnce(&Reader, RecordKey<'_>) -> Result<Option<T>, Error> + Send + 'static,
) -> Result<T, Problem> {
    let name = (source.clone(), kind.clone(), id.clone());
    let found = web.read(move |reader| {
        let (source, kind, id) = &name;
        if source == "uzhkh"
            && let Some(name) = reader.name_of(kind, id)?
        {
            return Ok(Err(Some(name)));
        }
        Ok(find(reader, RecordKey::new(source, kind, id))?.ok_or(None))
    });
    found.await?.map_err(|named| {
        Problem::not_found(match named {
            Some(name) => format!("{source} {kind} {id} was named: it is {name} now"),
            None => format!("there is no record {source} {kind} {id}"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_are_in_the_order_of_the_pages() {
        let pairs = registry::recorded();
        assert!(pairs.is_sorted());
    }
}

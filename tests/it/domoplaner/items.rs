//! Items as a feed might have them, invented, without a fault. A test replaces what
//! it is about.

use crate::support::{Bench, Setup, setup};
use simulator::{FeedKind, Layout};

/// A flat.
pub(crate) fn flat(id: u32) -> String {
    format!(
        r#"{{"id":{id},"number":"{id}","type":0,"status":0,"price":5600000.10,"area":54.30,"rooms":2,"is_studio":0,"seller":null}}"#
    )
}

/// Flats with these ids.
pub(crate) fn flats(ids: impl IntoIterator<Item = u32>) -> Vec<String> {
    ids.into_iter().map(flat).collect()
}

/// A deal.
pub(crate) fn deal(id: u32) -> String {
    format!(
        r#"{{"id":{id},"flat_id":7,"deal_status":31,"dogovor_number":"ДДУ-{id}","dogovor_day":"2023-08-23","day_reg_start":null,"price":5600000.10,"payments":[{{"id":1,"day_plan":"2023-09-01","sum":100.50}}]}}"#
    )
}

/// Deals with these ids.
pub(crate) fn deals(ids: impl IntoIterator<Item = u32>) -> Vec<String> {
    ids.into_iter().map(deal).collect()
}

/// A setup with one feed, `flats`, and nothing else.
pub(crate) fn premises(lines: &[&str]) -> Setup {
    setup().without_uzhkh().feed("flats", FeedKind::Premises, Layout::wrapped("data"), lines)
}

/// A setup with one feed, `deals`, and nothing else.
pub(crate) fn of_deals(lines: &[&str]) -> Setup {
    setup().without_uzhkh().feed("deals", FeedKind::Deals, Layout::wrapped("data"), lines)
}

/// The ids of the live records of a kind.
pub(crate) fn live(bench: &Bench, kind: &str) -> Vec<String> {
    bench.lines(&format!(
        "SELECT id FROM record WHERE source = 'domoplaner' AND kind = '{kind}' AND deleted_at IS NULL \
         ORDER BY length(id), id"
    ))
}

/// Every change, in order.
pub(crate) const CHANGES: &str = "SELECT id, op, fields FROM change ORDER BY seq";

/// How the last read of each feed ended.
pub(crate) const OUTCOMES: &str = "SELECT feed, outcome, fetched, changed FROM poll WHERE seq IN \
     (SELECT max(seq) FROM poll GROUP BY source, feed) ORDER BY feed";

/// All that a read could write but for its own run: nothing of it may differ after a
/// read that brought nothing new.
pub(crate) fn everything(bench: &Bench) -> Vec<String> {
    [
        "SELECT * FROM record ORDER BY rowid",
        "SELECT * FROM change ORDER BY seq",
        "SELECT source, kind, id, feed, hex(sha256) FROM feed_item ORDER BY kind, id, feed",
        "SELECT * FROM finding ORDER BY seq",
        "SELECT * FROM item ORDER BY seq",
    ]
    .iter()
    .flat_map(|sql| bench.lines(sql))
    .collect()
}

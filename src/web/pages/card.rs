//! `/records/SOURCE/KIND/ID`: a record in words, what it is related to, and its whole history.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::frame::page as rendered;
use super::login::to;
use super::show::{
    DOTS, FieldLine, FieldList, MASK, Moment, Shown, State as CallShown, cut, described, fields,
    href, moment,
};
use super::{Console, Fault, Frame};
use crate::config::AlmaSource;
use crate::json::{self, Members};
use crate::ledger::{
    CameBy, EnvelopeText, HistoricChange, History, Hit, Op, RecordBody, RecordKey, Searcher,
};
use crate::web::words;

/// So many changes are shown, the latest.
const CHANGES: usize = 200;
/// So many envelopes are shown with their text.
const TEXTS: usize = 50;
/// Bytes of values that changes show in all, and as many of envelopes: a page stays small enough for
/// a browser however long a record's texts are.
const ROOM: usize = 200_000;
/// So many relatives of each kind are shown.
const RELATIVES: usize = 10;

/// A relative, as it is shown.
struct Relative {
    kind: String,
    text: String,
    href: String,
    /// How many there are of its kind, where not all are shown: said once.
    of_kind: Option<u64>,
}

/// A change, as it is shown.
struct Change {
    at: Moment,
    what: &'static str,
    from: &'static str,
    envelope: Option<Envelope>,
    fields: Vec<Changed>,
}

struct Envelope {
    seq: i64,
    guid: String,
    text: Option<String>,
    is_cut: bool,
}

struct Changed {
    label: String,
    old: String,
    new: String,
}

/// A call, as it is shown.
struct Call {
    what: String,
    at: Moment,
    state: CallShown,
    said: String,
}

/// An object of Alma, as it is shown.
struct InAlma {
    what: String,
    state: String,
    state_word: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "card.html")]
struct Page<'p> {
    f: &'p Frame,
    source: String,
    kind_name: String,
    id: &'p str,
    earlier: Vec<String>,
    heading: String,
    first_seen: Option<Moment>,
    updated: Option<Moment>,
    deleted: Option<Moment>,
    missing: Option<Moment>,
    fields: FieldList<'p>,
    relatives: Vec<Relative>,
    changes: Vec<Change>,
    is_cut: bool,
    calls: Vec<Call>,
    findings: Vec<(String, String, Moment)>,
    alma: Vec<InAlma>,
}

/// What is read for a card.
struct Read {
    history: History,
    record: Option<RecordBody>,
    texts: Vec<(i64, EnvelopeText)>,
    relatives: Vec<(Hit, u64, String)>,
}

/// The card of a record; of a temporary id that was named since, the way to the record.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Path((source, kind, id)): Path<(String, String, String)>,
    frame: Frame,
) -> Result<Response, Fault> {
    let config = console.config();
    let of_alma = config.alma.as_ref().map(|alma| match alma.source {
        AlmaSource::Uzhkh => "uzhkh",
        AlmaSource::Bitrix24 => "bitrix24",
    });
    let (with_alma, sees) = (of_alma == Some(source.as_str()), frame.sees_people());
    let path = config.ledger.path.clone();
    let (of, asked, word) = (source.clone(), id.clone(), kind.clone());
    let reading = console.read(move |reader| {
        let key = RecordKey::new(&of, &word, &asked);
        let Some(mut history) = reader.history(key, with_alma)? else { return Ok(None) };
        let key = RecordKey::new(&of, &word, &history.id);
        let record = reader.record_body(key)?;
        let skipped = history.changes.len().saturating_sub(CHANGES + 1);
        history.changes.drain(..skipped);
        let mut texts = Vec::new();
        if sees {
            let envelopes =
                history.changes.iter().rev().filter_map(|change| change.envelope.as_ref());
            let mut room = ROOM;
            for envelope in envelopes.take(TEXTS) {
                if let Some(text) = reader.envelope_text(envelope.seq)? {
                    let Some(left) = room.checked_sub(text.text.len()) else { break };
                    room = left;
                    texts.push((envelope.seq.0, text));
                }
            }
        }
        let searcher = Searcher::open(&path).unwrap_or(None);
        let hits = searcher.and_then(|searcher| searcher.relatives(key, RELATIVES).ok());
        let mut relatives = Vec::new();
        for (hit, of_kind) in hits.unwrap_or_default() {
            let key = RecordKey::new(&hit.source, &hit.kind, &hit.id);
            if let Some(record) = reader.record_body(key)? {
                relatives.push((hit, of_kind, record.body));
            }
        }
        Ok(Some(Read { history, record, texts, relatives }))
    });
    let Some(read) = reading.await? else { return Err(Fault::NoRecord) };
    if read.history.id != id {
        return Ok(to(&href(&source, &kind, &read.history.id)));
    }
    let body = read.record.as_ref().map_or("{}", |record| &record.body);
    let shown = Shown { frame: &frame, console: &console, source: &source, kind: &kind };
    let lines = fields(&shown, body);
    rendered(&filled(&console, &frame, &read, &lines))
}

fn filled<'p>(
    console: &Console,
    frame: &'p Frame,
    read: &'p Read,
    lines: &'p [FieldLine],
) -> Page<'p> {
    let history = &read.history;
    let (kind, id) = (history.kind.as_str(), history.id.as_str());
    let time = |stamp: &str| moment(frame.lang, &console.zone, stamp);
    let dates = history.record.as_ref();
    let body = read.record.as_ref().map_or("{}", |record| &record.body);
    let heading = described(kind, body, frame.sees_people());
    let (mut changes, mut room) = (Vec::new(), ROOM);
    for change in history.changes.iter().rev().take(CHANGES) {
        let change = shown(console, frame, read, change);
        let size: usize = change.fields.iter().map(|one| one.old.len() + one.new.len()).sum();
        if size > room && !changes.is_empty() {
            break;
        }
        room = room.saturating_sub(size);
        changes.push(change);
    }
    let is_cut = changes.len() < history.changes.len();
    let said = |text: &Option<String>| match text {
        Some(text) if frame.sees_people() => words::reason(frame.lang, text).into_owned(),
        Some(_) => MASK.to_owned(),
        None => String::new(),
    };
    Page {
        f: frame,
        source: words::system(frame.lang, &history.source).to_owned(),
        kind_name: words::kind(frame.lang, kind).to_owned(),
        id,
        earlier: history.earlier_ids.clone(),
        heading: if heading.is_empty() { id.to_owned() } else { heading },
        first_seen: dates.map(|dates| time(&dates.first_seen_at)),
        updated: dates.map(|dates| time(&dates.updated_at)),
        deleted: dates.and_then(|dates| dates.deleted_at.as_deref()).map(time),
        missing: dates.and_then(|dates| dates.missing_since.as_deref()).map(time),
        fields: FieldList::of(frame, RecordKey::new(&history.source, kind, id), lines),
        relatives: relatives(frame, read),
        changes,
        is_cut,
        calls: history
            .calls
            .iter()
            .rev()
            .map(|call| Call {
                what: format!(
                    "{} · {}",
                    words::op(frame.lang, &call.op),
                    words::system(frame.lang, &call.target)
                ),
                at: time(&call.created_at),
                state: CallShown::of(frame.w, call.seq, call.state),
                said: said(if call.said.is_some() { &call.said } else { &call.last_error }),
            })
            .collect(),
        findings: history
            .findings
            .iter()
            .map(|finding| {
                let problem = words::reason(frame.lang, &finding.problem).into_owned();
                (finding.path.clone(), problem, time(&finding.at))
            })
            .collect(),
        alma: history
            .alma
            .iter()
            .map(|object| {
                let number = object.alma_id.map(|id| id.to_string()).unwrap_or_default();
                InAlma {
                    what: format!("{} {number}", words::kind(frame.lang, &object.kind)),
                    state_word: words::alma_state(frame.lang, &object.state).to_owned(),
                    state: object.state.clone(),
                    reason: said(&object.reason),
                }
            })
            .collect(),
    }
}

fn relatives(frame: &Frame, read: &Read) -> Vec<Relative> {
    let mut last = "";
    let shown = read.relatives.iter().map(|(hit, of_kind, body)| {
        let is_first = std::mem::replace(&mut last, &hit.kind) != hit.kind;
        let text = described(&hit.kind, body, frame.sees_people());
        Relative {
            kind: words::kind(frame.lang, &hit.kind).to_owned(),
            href: href(&hit.source, &hit.kind, &hit.id),
            text: if text.is_empty() { hit.id.clone() } else { text },
            of_kind: Some(*of_kind).filter(|number| is_first && *number > RELATIVES as u64),
        }
    });
    shown.collect()
}

fn shown(console: &Console, frame: &Frame, read: &Read, change: &HistoricChange) -> Change {
    let w = frame.w;
    let envelope = change.envelope.as_ref().map(|envelope| {
        let text = read.texts.iter().find(|(seq, _)| *seq == envelope.seq.0).map(|(_, text)| text);
        Envelope {
            seq: envelope.seq.0,
            guid: envelope.guid.clone(),
            text: text.map(|text| console.secrets.dotted(&text.text)),
            is_cut: text.is_some_and(|text| !text.is_whole),
        }
    });
    Change {
        at: moment(frame.lang, &console.zone, &change.at),
        what: match change.op {
            Op::Insert => w.op_insert,
            Op::Update => w.op_update,
            Op::Delete => w.op_delete,
            Op::Restore => w.op_restore,
            Op::Rename => w.op_rename,
        },
        from: match change.from {
            CameBy::Envelope => "",
            CameBy::List => w.by_list,
            CameBy::Operator => w.by_operator,
        },
        envelope,
        fields: changed(console, frame, change.fields.as_ref().map(|fields| fields.get())),
    }
}

/// Old and new values: dots for secrets, nothing where people are not to be seen.
fn changed(console: &Console, frame: &Frame, fields: Option<&str>) -> Vec<Changed> {
    let members = fields.and_then(Members::parse).unwrap_or_default();
    let lines = members.iter().map(|(name, raw)| {
        let pair = json::elements(raw).unwrap_or_default();
        let value = |at: usize| {
            let Some(raw) = pair.get(at) else { return String::new() };
            if console.secrets.has(name) {
                return DOTS.to_owned();
            }
            if !frame.sees_people() {
                return MASK.to_owned();
            }
            match json::string(raw) {
                Some(text) => cut(&text),
                None if *raw == "null" => "—".to_owned(),
                None => cut(&console.secrets.dotted(raw)),
            }
        };
        Changed { label: words::field(frame.lang, name).to_owned(), old: value(0), new: value(1) }
    });
    lines.collect()
}

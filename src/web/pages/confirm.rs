//! `/confirm/ACT`: exactly what will be done, and one form that carries all that it needs, after
//! a restart too. What was typed stays in the form, never in an address.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::acting::{conflict, not_done};
use super::carry_out::{booking, decision};
use super::form::Form;
use super::frame::page as rendered;
use super::login::to;
use super::show::written;
use super::{Console, Fault, Frame, alma, many};
use crate::acts::Wrong;
use crate::ledger::{AlmaKey, AlmaKind, CallState, Lines, RequestLine};
use crate::web::guard::Operator;
use crate::web::words;

/// What is still missing of the form.
pub(super) struct Ask {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
}

#[derive(Template)]
#[template(path = "confirm.html")]
pub(super) struct Page<'p> {
    pub(super) f: &'p Frame,
    pub(super) title: String,
    pub(super) lines: Vec<(String, String)>,
    pub(super) note: &'static str,
    pub(super) action: String,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) ask: Option<Ask>,
    pub(super) problem: Option<String>,
    pub(super) back: &'static str,
}

/// The way back for who reads the page again.
pub(super) async fn back(Path(act): Path<String>) -> Result<Response, Fault> {
    Ok(to(match act.as_str() {
        "decide" => "/requests",
        "book" => "/keys",
        "settle" => "/stuck",
        "quarantine-retry" | "quarantine-acknowledge" => "/quarantine",
        "alma-release" | "alma-retry" => "/alma",
        _ => return Err(Fault::NotFound),
    }))
}

/// What an act will do.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    _operator: Operator,
    Path(act): Path<String>,
    frame: Frame,
    form: Form,
) -> Result<Response, Fault> {
    form.act_id()?;
    match act.as_str() {
        "decide" => decide(&console, frame, &form).await,
        "book" => book(&console, frame, &form),
        "settle" => many::settle(&console, frame, &form).await,
        "quarantine-acknowledge" if !form.text("seq").is_empty() => {
            give_up(&console, frame, &form).await
        }
        "quarantine-retry" | "quarantine-acknowledge" => {
            many::quarantined(&console, frame, &form, &act).await
        }
        "alma-release" | "alma-retry" => objects(&console, frame, &form, &act).await,
        _ => Err(Fault::NotFound),
    }
}

/// The fields of a form that the confirmation carries on.
pub(super) fn carried(form: &Form, names: &[&'static str]) -> Vec<(&'static str, String)> {
    let fields = names.iter().map(|name| (*name, form.text(name).to_owned()));
    fields.filter(|(_, value)| !value.is_empty()).collect()
}

/// The question, as it is answered.
pub(super) fn answer(page: &Page<'_>) -> Result<Response, Fault> {
    let mut response = rendered(page)?;
    if page.problem.is_some() || page.ask.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

async fn decide(console: &Console, frame: Frame, form: &Form) -> Result<Response, Fault> {
    let w = frame.w;
    let (request, id) = (form.needed("request")?.to_owned(), form.needed("id")?.to_owned());
    let is_approval = form.needed("verdict")? == "approve";
    let reading = console.read(move |reader| reader.request_line(&request, &id));
    let line = reading.await?.ok_or(Fault::NoRecord)?;
    if let Some((call, state)) = line.call
        && state != CallState::Failed
    {
        let detail = format!("{} {call}", w.acted_before);
        return not_done(console, frame, conflict(detail, Some(call)), "/requests").await;
    }
    let is_register = line.request == "register";
    let verdict = if is_approval { w.approve } else { w.reject };
    let title = if is_register { w.register_title } else { w.object_title };
    let mut lines =
        vec![(title.to_owned(), line.id.clone()), (w.act.to_owned(), verdict.to_owned())];
    lines.extend(about(&frame, &line));
    let (mut ask, mut problem) = (None, None);
    if let Err(wrong) = decision(form) {
        ask = missing(&frame, &wrong);
        problem = ask.is_none().then(|| words::reason(frame.lang, &wrong.to_string()).into_owned());
    }
    for (name, label) in [("cause", w.cause), ("account_number", w.account_number)] {
        let is_sent =
            if name == "cause" { is_register && !is_approval } else { !is_register && is_approval };
        if let Some(text) = form.filled(name).filter(|_| is_sent) {
            lines.push((label.to_owned(), text));
        }
    }
    let notify = if form.is_ticked("notify") { w.yes } else { w.no };
    lines.push((w.notify.to_owned(), notify.to_owned()));
    let mut names = vec!["act_id", "request", "id", "verdict", "cause", "account_number", "notify"];
    names.retain(|name| ask.as_ref().is_none_or(|ask| ask.name != *name));
    let frame = frame.at("/requests");
    answer(&Page {
        title: format!("{verdict}: {title} {}", line.id),
        lines,
        note: w.once_only,
        // What is missing is asked for here, and looked at again.
        action: if ask.is_some() { "/confirm/decide" } else { "/acts/decide" }.to_owned(),
        hidden: carried(form, &names),
        ask,
        problem,
        back: "/requests",
        f: &frame,
    })
}

/// What a request is about.
fn about(frame: &Frame, line: &RequestLine) -> Vec<(String, String)> {
    let w = frame.w;
    let mut lines = Vec::new();
    let mut put = |label: &str, text: Option<&String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            lines.push((label.to_owned(), text.clone()));
        }
    };
    put(w.person, Some(&line.person));
    // What the ledger has may have no name.
    let named = |text: &&String| !text.is_empty();
    put(w.flat, line.flat.as_ref().filter(named).or(line.flat_id.as_ref()));
    put(w.resident, line.resident.as_ref().filter(named).or(line.resident_id.as_ref()));
    if line.request == "register" {
        put(w.account_number, line.account_number.as_ref());
    }
    lines
}

fn missing(frame: &Frame, wrong: &Wrong) -> Option<Ask> {
    let w = frame.w;
    match wrong.member {
        "cause" if wrong.problem.contains("needed") => {
            Some(Ask { name: "cause", label: w.cause, hint: w.cause_hint })
        }
        "account_number" if wrong.problem.contains("needed") => {
            Some(Ask { name: "account_number", label: w.account_number, hint: w.number_hint })
        }
        _ => None,
    }
}

fn book(console: &Console, frame: Frame, form: &Form) -> Result<Response, Fault> {
    let w = frame.w;
    let problem = match booking(console, form)? {
        Ok(_) => None,
        Err(wrong) => Some(words::reason(frame.lang, &wrong.to_string()).into_owned()),
    };
    let category = words::kind(frame.lang, form.text("category")).to_owned();
    let date = form.text("date");
    let date = written(frame.lang, &console.zone, date).map_or(date.to_owned(), |day| day.shown);
    let mut lines = vec![
        (w.flat.to_owned(), format!("{category} {} · {}", form.text("flat"), form.text("house"))),
        (w.date.to_owned(), date),
        (w.time.to_owned(), form.text("time").to_owned()),
        (w.phone.to_owned(), form.text("phone").to_owned()),
    ];
    if form.is_ticked("again") {
        lines.push((w.again.to_owned(), w.yes.to_owned()));
    }
    let names = ["act_id", "house", "flat", "category", "date", "time", "phone", "again", "booked"];
    let frame = frame.at("/keys");
    answer(&Page {
        title: format!("{}: {category} {}", w.book, form.text("flat")),
        lines,
        note: w.once_only,
        action: "/acts/book".to_owned(),
        hidden: carried(form, &names),
        ask: None,
        problem,
        back: "/keys",
        f: &frame,
    })
}

async fn give_up(console: &Console, frame: Frame, form: &Form) -> Result<Response, Fault> {
    let w = frame.w;
    let seq = form.number("seq")?;
    let reading = console.read(move |reader| Ok(reader.quarantined_item(seq).ok()));
    let about = reading.await?.ok_or(Fault::NoRecord)?.about;
    let frame = frame.at("/quarantine");
    answer(&Page {
        title: format!("{}: {} {seq}", w.give_up, w.quarantine),
        lines: vec![
            (
                w.queue.to_owned(),
                format!("{} · {}", words::system(frame.lang, &about.source), about.queue),
            ),
            (w.reason.to_owned(), words::reason(frame.lang, &about.reason).into_owned()),
        ],
        note: if about.source == "uzhkh" { w.forgotten } else { w.put_away },
        action: "/acts/quarantine-acknowledge".to_owned(),
        hidden: carried(form, &["act_id", "seq"]),
        ask: None,
        problem: None,
        back: "/quarantine",
        f: &frame,
    })
}

async fn objects(
    console: &Console,
    frame: Frame,
    form: &Form,
    act: &str,
) -> Result<Response, Fault> {
    let w = frame.w;
    let verb = if act == "alma-release" { w.release } else { w.retry };
    let action = format!("/acts/{act}");
    if let Some(kind) = form.filled("kind") {
        let kind = AlmaKind::from_word(&kind).ok_or(Fault::BadForm)?;
        let key = AlmaKey::new(kind, form.needed("id")?);
        let row =
            console.read(move |reader| reader.alma_row(&key)).await?.ok_or(Fault::NoRecord)?;
        let name = format!("{} {}", words::kind(frame.lang, kind.word()), row.key.external_id);
        let mut hidden = carried(form, &["act_id", "kind", "id"]);
        hidden.push(("shown", row.shown().digest));
        let frame = frame.at("/alma");
        return answer(&Page {
            title: format!("{verb}: {name}"),
            lines: vec![
                (w.object.to_owned(), name),
                (w.state.to_owned(), words::alma_state(frame.lang, row.state.word()).to_owned()),
                (
                    w.reason.to_owned(),
                    words::reason(frame.lang, &row.reason.unwrap_or_default()).into_owned(),
                ),
            ],
            note: w.once_only,
            action,
            hidden,
            ask: None,
            problem: None,
            back: "/alma",
            f: &frame,
        });
    }
    let filter = alma::filter(form.needed("state")?, form.text("in_kind"));
    let (state, kind) = alma::all_in(form)?;
    let asking = filter.clone();
    let first = Lines { first: 0, most: 10 };
    let reading = console.read(move |reader| {
        reader.at_one_moment(|reader| {
            Ok((reader.alma_lines(&asking, first)?, reader.alma_shown_in(state, kind)?))
        })
    });
    let (listed, shown) = reading.await?;
    let mut lines = vec![
        (
            w.state.to_owned(),
            words::alma_state(frame.lang, filter.state.as_deref().unwrap_or_default()).to_owned(),
        ),
        (w.count.to_owned(), listed.total.to_string()),
    ];
    lines.extend(listed.lines.iter().map(|one| {
        let name = format!("{} {}", words::kind(frame.lang, &one.kind), one.external_id);
        (name, words::reason(frame.lang, one.reason.as_deref().unwrap_or_default()).into_owned())
    }));
    let mut hidden = carried(form, &["act_id", "state", "in_kind"]);
    // More than is named here: what is confirmed is what matches at this moment, all of it.
    hidden.extend([("count", shown.count.to_string()), ("shown", shown.digest)]);
    let frame = frame.at("/alma");
    answer(&Page {
        title: alma::all_label(w, verb, listed.total, &filter),
        lines,
        note: if act == "alma-release" { w.once_only } else { "" },
        action,
        hidden,
        ask: None,
        problem: (listed.total == 0).then(|| w.none_left.to_owned()),
        back: "/alma",
        f: &frame,
    })
}

//! `/requests`: requests to register and to add an object, each in a form with its two verdicts.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use super::form::new_act_id;
use super::frame::page as rendered;
use super::list::{Asked, Pager};
use super::show::{Moment, State as CallShown, email, href, moment, name, phone};
use super::{Console, Fault, Frame};
use crate::ledger::{RecordKey, RequestLine, Searcher};
use crate::web::words;

/// So many of those that were decided are shown.
const DECIDED: u64 = 20;

/// A request, as it is shown.
struct Card {
    act_id: String,
    /// `r-4711`: of its place in the page.
    anchor: String,
    request: String,
    id: String,
    card: String,
    since: Moment,
    title: &'static str,
    is_register: bool,
    flat: Option<Link>,
    resident: Option<Link>,
    person: String,
    email: String,
    phone: String,
    account_number: String,
    /// What the ledger says of that number, and whether that contradicts.
    account: Option<(&'static str, bool)>,
    error: Option<String>,
}

struct Link {
    text: String,
    href: String,
    is_known: bool,
}

/// A request that was decided.
struct Decided {
    id: String,
    card: String,
    title: &'static str,
    verdict: &'static str,
    at: Option<Moment>,
    state: Option<CallShown>,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct Page<'p> {
    f: &'p Frame,
    cards: Vec<Card>,
    decided: Vec<Decided>,
    quiet_since: Option<Moment>,
    pager: Pager,
}

/// What the ledger has of the account that is asked for.
#[derive(Clone, Copy)]
enum Account {
    Unknown,
    Here,
    Elsewhere,
}

/// The requests.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    frame: Frame,
    uri: Uri,
) -> Result<Response, Fault> {
    let asked = Asked::of(&uri);
    let lines = asked.lines();
    let path = console.config().ledger.path.clone();
    let reading = console.read(move |reader| {
        let open = reader.open_requests(lines)?;
        // Without the index nothing is said of accounts.
        let searcher = Searcher::open(&path).unwrap_or(None);
        let account = |line: &RequestLine| -> Option<Account> {
            let number = line.account_number.as_deref().filter(|number| !number.is_empty())?;
            let found = searcher.as_ref()?.accounts(number).ok()?;
            if found.is_empty() {
                return Some(Account::Unknown);
            }
            let is_here = found.iter().any(|hit| {
                let body = reader.record_body(RecordKey::new(&hit.source, &hit.kind, &hit.id));
                let flat = body
                    .ok()
                    .flatten()
                    .and_then(|body| crate::json::salvage(&body.body, "ApartmentID"));
                flat.is_some() && flat == line.flat_id
            });
            Some(if is_here { Account::Here } else { Account::Elsewhere })
        };
        let accounts: Vec<_> = open.lines.iter().map(account).collect();
        Ok((open, accounts, reader.decided_requests(DECIDED)?, reader.quiet_since()?))
    });
    let (open, accounts, decided, quiet_since) = reading.await?;
    let pager = asked.pager(frame.w, "/requests", &open);
    let cards = open.lines.into_iter().zip(accounts);
    let cards = cards.map(|(line, account)| card(&frame, &console, line, account)).collect();
    let decided = decided.into_iter().map(|line| shown(&frame, &console, line)).collect();
    let quiet_since = quiet_since.map(|at| moment(frame.lang, &console.zone, &at));
    rendered(&Page { f: &frame, cards, decided, quiet_since, pager })
}

/// The kind of record that a request is.
pub(super) fn kind(request: &str) -> &'static str {
    match request {
        "register" => "requesttoregister",
        _ => "requesttoobjectadding",
    }
}

fn card(frame: &Frame, console: &Console, line: RequestLine, account: Option<Account>) -> Card {
    let w = frame.w;
    let is_register = line.request == "register";
    let sees = frame.sees_people();
    let or_masked = |text: Option<String>, mask: fn(&str) -> String| {
        let text = text.unwrap_or_default();
        if sees { text } else { mask(&text) }
    };
    let flat = line.flat_id.filter(|id| !id.is_empty()).map(|id| Link {
        href: href("uzhkh", "object", &id),
        is_known: line.flat.is_some(),
        text: line.flat.filter(|text| !text.is_empty()).unwrap_or(id),
    });
    let resident = line.resident_id.filter(|id| !id.is_empty()).map(|id| Link {
        href: href("uzhkh", "resident", &id),
        is_known: line.resident.is_some(),
        text: match line.resident.filter(|text| !text.is_empty()) {
            Some(text) if !sees => name(&text),
            text => text.unwrap_or(id),
        },
    });
    Card {
        act_id: new_act_id(),
        anchor: format!("{}-{}", if is_register { "r" } else { "o" }, line.id),
        card: href("uzhkh", kind(&line.request), &line.id),
        since: moment(frame.lang, &console.zone, &line.since),
        title: if is_register { w.register_title } else { w.object_title },
        is_register,
        flat,
        resident,
        person: or_masked(Some(line.person), name),
        email: or_masked(line.email, email),
        phone: or_masked(line.phone, phone),
        account_number: line.account_number.unwrap_or_default(),
        account: account.map(|account| match account {
            Account::Unknown => (w.account_unknown, true),
            Account::Here => (w.account_known, false),
            Account::Elsewhere => (w.account_elsewhere, true),
        }),
        error: line
            .error
            .filter(|_| sees && line.call.is_some())
            .map(|text| words::reason(frame.lang, &text).into_owned()),
        request: line.request,
        id: line.id,
    }
}

fn shown(frame: &Frame, console: &Console, line: RequestLine) -> Decided {
    let w = frame.w;
    Decided {
        card: href("uzhkh", kind(&line.request), &line.id),
        title: if line.request == "register" { w.register_title } else { w.object_title },
        verdict: if line.is_approved == Some(true) { w.approved } else { w.rejected },
        at: line.decided_at.map(|at| moment(frame.lang, &console.zone, &at)),
        state: line.call.map(|(seq, state)| CallShown::of(w, seq, state)),
        id: line.id,
    }
}

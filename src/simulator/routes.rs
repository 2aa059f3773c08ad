//! From a request to its answer, as UZhKH's document has it.
//!
//! The order is: what kind of request it is, how late it shall be, who asks, which
//! fault strikes, what is asked for. A fault that prevents the effect answers in
//! its place; one that damages the answer is applied to the finished one.

use std::collections::BTreeMap;
use std::convert::Into;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use hyper::{Method, Request, Response};

use super::answer::{Answer, Damage, Drip, Dropped, Source, Stage, Walk};
use super::download::List;
use super::fault::{Endpoint, FaultKind, WORDS};
use super::query::Query;
use super::report::{Decision, Report, SetIdCall};
use super::server::Shared;
use super::state::Which;
use super::{Acknowledged, WordStyle};

const JSON: &str = "application/json; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Вход</title></head>\
    <body><form action=\"/login\">Логин <input name=\"login\"></form></body></html>\n";
const BOM: &[u8] = b"\xef\xbb\xbf";
/// Where a redirect leads; to go there is a violation.
const REDIRECTED: &str = "/simulator/redirected";

/// An answer before any damage.
struct Reply {
    status: u16,
    content_type: &'static str,
    source: Source,
}

impl Reply {
    fn whole(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let source = Source::Whole(body.into());
        Self {
            status,
            content_type,
            source,
        }
    }
}

/// Answers one request; the error closes the connection without an answer.
pub(super) async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Dropped> {
    let path = request.uri().path();
    let Some(inside) = path.strip_prefix("/internal/") else {
        return finish(beside(&shared, path), Damage::None, &[]);
    };
    let Some((endpoint, list)) = endpoint(inside) else {
        shared
            .lock()
            .report
            .violation(format!("no such path: {path}"));
        return finish(Reply::whole(404, PLAIN, "no such path"), Damage::None, &[]);
    };
    let under_way = (endpoint == Endpoint::Delete).then(|| shared.delete_begins());
    let (latency, expected) = {
        let mut state = shared.lock();
        match state.report.requests.get_mut(endpoint.name()) {
            Some(count) => *count += 1,
            None => {
                state.report.requests.insert(endpoint.name().to_owned(), 1);
            }
        }
        (state.latency, authorized(&request, &state.token))
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    if request.method() != Method::GET {
        let what = format!("{} {path}: everything is a GET", request.method());
        shared.lock().report.violation(what);
        return finish(Reply::whole(405, PLAIN, "GET only"), Damage::None, &[]);
    }
    if !expected {
        shared.lock().report.unauthorized += 1;
        return finish(word(&shared, "notAuthorized"), Damage::None, &[]);
    }
    let fault = shared.lock().strike(endpoint);
    if let Some(fault) = &fault {
        match instead(&shared, fault).await? {
            Some((reply, headers)) => return finish(reply, Damage::None, &headers),
            None => tracing::debug!(%fault, path, "simulator: fault"),
        }
    }
    let query = match Query::parse(request.uri().query().unwrap_or_default()) {
        Ok(query) => query,
        Err(problem) => {
            shared.lock().report.violation(format!("{path}: {problem}"));
            return finish(Reply::whole(400, PLAIN, problem), Damage::None, &[]);
        }
    };
    let reply = effect(&shared, endpoint, list, &query, fault.as_ref()).await;
    drop(under_way);
    damaged(&shared, reply, fault.as_ref())
}

/// The endpoint at a path below the internal link, and its list if it is one.
fn endpoint(inside: &str) -> Option<(Endpoint, Option<List>)> {
    Some(match inside {
        "To1c/Requests" => (Endpoint::Requests, None),
        "To1c/DeletedItems" => (Endpoint::DeletedItems, None),
        "To1c/Delete" => (Endpoint::Delete, None),
        "SetId" => (Endpoint::SetId, None),
        "Synchronization/HandleRequestToRegister" => (Endpoint::HandleRequestToRegister, None),
        "Synchronization/HandleRequestToObjectAdding" => {
            (Endpoint::HandleRequestToObjectAdding, None)
        }
        _ => {
            let name = inside.strip_prefix("Synchronization/Download")?;
            (Endpoint::Download, Some(name.parse().ok()?))
        }
    })
}

fn authorized(request: &Request<Incoming>, token: &str) -> bool {
    request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
        .is_some_and(|given| given == token.as_bytes())
}

/// The simulator's own pages, which need no token.
fn beside(shared: &Shared, path: &str) -> Reply {
    match path {
        "/simulator/ready" => Reply::whole(200, PLAIN, "ready\n"),
        "/simulator/report" => match serde_json::to_vec_pretty(&report(shared)) {
            Ok(json) => Reply::whole(200, JSON, json),
            Err(error) => Reply::whole(500, PLAIN, error.to_string()),
        },
        REDIRECTED => {
            let mut state = shared.lock();
            state.report.violation("a redirect was followed".to_owned());
            Reply::whole(200, JSON, "[]")
        }
        _ => {
            let mut state = shared.lock();
            state.report.violation(format!("no such path: {path}"));
            Reply::whole(404, PLAIN, "no such path")
        }
    }
}

/// The report as of now.
pub(super) fn report(shared: &Shared) -> Report {
    let state = shared.lock();
    Report {
        waiting_requests: state.requests.len(),
        waiting_deleted: state.deleted.len(),
        max_concurrent_deletes: shared.most_deletes.load(Ordering::Relaxed),
        ..state.report.clone()
    }
}

/// One of SetId's words, with its status, plain or as a JSON string.
fn word(shared: &Shared, word: &str) -> Reply {
    let status = WORDS
        .iter()
        .find_map(|(known, status)| (*known == word).then_some(*status))
        .unwrap_or(500);
    let quoted = match shared.words {
        WordStyle::Plain => false,
        WordStyle::Json => true,
        WordStyle::Mixed => shared.lock().random.bool(),
    };
    if quoted {
        Reply::whole(status, JSON, format!("\"{word}\""))
    } else {
        Reply::whole(status, PLAIN, word.to_owned())
    }
}

type Header = (hyper::header::HeaderName, String);

/// The answer of a fault that keeps the effect from happening.
async fn instead(
    shared: &Shared,
    fault: &FaultKind,
) -> Result<Option<(Reply, Vec<Header>)>, Dropped> {
    let mut headers = Vec::new();
    let reply = match fault {
        FaultKind::Error500 => Reply::whole(500, HTML, "<h1>Server Error</h1>"),
        FaultKind::Unavailable {
            retry_after_seconds,
        } => {
            headers.push((RETRY_AFTER, retry_after_seconds.to_string()));
            Reply::whole(503, HTML, "<h1>Service Unavailable</h1>")
        }
        FaultKind::TooMany => Reply::whole(429, PLAIN, "too many requests"),
        FaultKind::Forbidden => word(shared, "notAuthorized"),
        FaultKind::Html => Reply::whole(200, HTML, LOGIN_PAGE),
        FaultKind::Redirect => {
            headers.push((LOCATION, REDIRECTED.to_owned()));
            Reply::whole(302, HTML, "<h1>Object moved</h1>")
        }
        FaultKind::ResetBefore => return Err(Dropped),
        FaultKind::Stall => std::future::pending().await,
        _ => return Ok(None),
    };
    Ok(Some((reply, headers)))
}

async fn effect(
    shared: &Arc<Shared>,
    endpoint: Endpoint,
    list: Option<List>,
    query: &Query,
    fault: Option<&FaultKind>,
) -> Reply {
    let twice = fault == Some(&FaultKind::Duplicate);
    match (endpoint, list) {
        (Endpoint::Requests, _) => offer(shared, Which::Requests, twice),
        (Endpoint::DeletedItems, _) => offer(shared, Which::Deleted, twice),
        (Endpoint::Delete, _) => delete(shared, query).await,
        (Endpoint::SetId, _) => set_id(shared, query, fault),
        (Endpoint::Download, Some(list)) => {
            let page = page(shared, query);
            let json = shared.lock().page(list, page, shared.page_size, twice);
            Reply::whole(200, JSON, json)
        }
        _ => decide(shared, endpoint, query),
    }
}

/// Begins a walk through a queue.
fn offer(shared: &Arc<Shared>, which: Which, twice: bool) -> Reply {
    let (end, left) = {
        let mut state = shared.lock();
        let left = state.batch_limit;
        (state.queue(which).end(), left)
    };
    let walk = Walk {
        shared: Arc::clone(shared),
        which,
        next: 0,
        end,
        left,
        wrapped: shared.wrap_items,
        twice,
        mark: b"",
        stage: Stage::Opening,
    };
    Reply {
        status: 200,
        content_type: JSON,
        source: Source::Queue(walk),
    }
}

/// `To1c/Delete?guid=…[&objectId=…]`. The witness looks first: whatever it finds
/// wrong was wrong before the entry went.
async fn delete(shared: &Arc<Shared>, query: &Query) -> Reply {
    let Some(guid) = query.filled("guid") else {
        let mut state = shared.lock();
        state.report.violation("Delete without a guid".to_owned());
        return Reply::whole(404, PLAIN, "no guid");
    };
    let object_id = query.get("objectid");
    if let Some(witness) = &shared.witness {
        let mut told = Vec::new();
        {
            let state = shared.lock();
            let queues = [("requests", &state.requests), ("deleted", &state.deleted)];
            for (queue, entries) in queues {
                told.extend(entries.find(guid).into_iter().map(|body| Acknowledged {
                    queue,
                    guid: guid.to_owned(),
                    body,
                    object_id: object_id.map(str::to_owned),
                }));
            }
        }
        let witness = Arc::clone(witness);
        let seen = tokio::task::spawn_blocking(move || {
            let problems = told.iter().filter_map(|item| witness(item).err());
            problems.collect::<Vec<String>>()
        });
        let problems = seen
            .await
            .unwrap_or_else(|error| vec![format!("the witness failed: {error}")]);
        for problem in problems {
            let text = format!("Delete {guid}: acknowledged before commit: {problem}");
            shared.lock().report.violation(text);
        }
    }
    if shared.lock().delete(guid, object_id) {
        Reply::whole(200, PLAIN, Bytes::new())
    } else {
        Reply::whole(404, PLAIN, "no such guid")
    }
}

/// `SetId?uzhkId=…&externalId=…&type=…`
fn set_id(shared: &Shared, query: &Query, fault: Option<&FaultKind>) -> Reply {
    let (id, external, kind) = (
        query.filled("uzhkid"),
        query.filled("externalid"),
        query.filled("type"),
    );
    let answer = match fault {
        Some(FaultKind::Word(word)) if word != "success" => word.as_str(),
        _ => shared.lock().set_id(id, external, kind),
    };
    shared.lock().note_set_id(SetIdCall {
        uzhk_id: id.unwrap_or_default().to_owned(),
        external_id: external.unwrap_or_default().to_owned(),
        kind: kind.unwrap_or_default().to_owned(),
        answer: answer.to_owned(),
    });
    word(shared, answer)
}

/// The page asked for; a missing one is the first.
fn page(shared: &Shared, query: &Query) -> i64 {
    let Some(text) = query.filled("page") else {
        return 1;
    };
    text.parse().unwrap_or_else(|_| {
        let problem = format!("page {text:?} is not a number");
        shared.lock().report.violation(problem);
        1
    })
}

/// `HandleRequestToRegister` and `HandleRequestToObjectAdding`. The document
/// gives no answer; the effect is that the request counts as handled.
fn decide(shared: &Shared, endpoint: Endpoint, query: &Query) -> Reply {
    let name = endpoint.name();
    let mut state = shared.lock();
    let Some(id) = query.filled("id") else {
        state.report.violation(format!("{name} without an id"));
        return Reply::whole(404, PLAIN, "noData");
    };
    let flag = |given: Option<&str>| given.map(|text| text.to_ascii_lowercase().parse::<bool>());
    match (flag(query.get("isapprove")), flag(query.get("isreject"))) {
        (Some(Ok(approve)), Some(Ok(reject))) if approve != reject => {}
        _ => state.report.violation(format!(
            "{name} {id}: isApprove and isReject must be bools, one of them true"
        )),
    }
    if !matches!(flag(query.get("issendnotification")), Some(Ok(_))) {
        state
            .report
            .violation(format!("{name} {id}: isSendNotification must be a bool"));
    }
    let parameters: BTreeMap<String, String> = query
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let decision = Decision {
        parameters,
        times: 1,
    };
    state.decide(endpoint, id, decision);
    Reply::whole(200, PLAIN, Bytes::new())
}

/// Applies a fault to a finished answer.
fn damaged(
    shared: &Shared,
    mut reply: Reply,
    fault: Option<&FaultKind>,
) -> Result<Response<Answer>, Dropped> {
    let mut headers = Vec::new();
    let damage = match fault {
        Some(FaultKind::LostAnswer) => return Err(Dropped),
        Some(cut @ (FaultKind::CutBody | FaultKind::CutAnnounced)) => {
            let length = reply.source.length();
            if *cut == FaultKind::CutAnnounced {
                // An empty body can only be broken by promising more than nothing.
                headers.push((CONTENT_LENGTH, length.max(1).to_string()));
            }
            let kept = match length {
                0 | 1 => 0,
                _ => shared.lock().random.usize(1..length),
            };
            Damage::Cut(kept)
        }
        Some(FaultKind::StallBody) => Damage::Stall(reply.source.length() / 2),
        Some(FaultKind::Drip) => Damage::Drip(Drip::default()),
        Some(FaultKind::Bom) => {
            reply.source = marked(reply.source);
            Damage::None
        }
        _ => Damage::None,
    };
    finish(reply, damage, &headers)
}

/// The same bytes after a byte order mark.
fn marked(source: Source) -> Source {
    match source {
        Source::Whole(bytes) => Source::Whole([BOM, &bytes].concat().into()),
        Source::Queue(walk) => Source::Queue(Walk { mark: BOM, ..walk }),
    }
}

fn finish(reply: Reply, damage: Damage, headers: &[Header]) -> Result<Response<Answer>, Dropped> {
    let mut response = Response::builder()
        .status(reply.status)
        .header(CONTENT_TYPE, reply.content_type);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    let body = Answer {
        source: reply.source,
        damage,
    };
    response.body(body).map_err(|_| Dropped)
}

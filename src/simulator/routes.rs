//! From a request to its answer, as UZhKH's document has it.
//!
//! The order is: what kind of request it is, how late it shall be, who asks, which
//! fault strikes, what is asked for. A fault that prevents the effect answers in
//! its place; one that damages the answer is applied to the finished one.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, LOCATION, RETRY_AFTER};
use hyper::{Method, Request, Response};

use super::answer::{Answer, Damage, Dropped};
use super::download::List;
use super::effects::effect;
use super::fault::{Endpoint, FaultKind};
use super::query::Query;
use super::reply::{HTML, Header, JSON, PLAIN, Reply, damaged, finish, word};
use super::report::Report;
use super::server::Shared;

const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Вход</title></head>\
    <body><form action=\"/login\">Логин <input name=\"login\"></form></body></html>\n";
/// Where a redirect leads; to go there is a violation.
const REDIRECTED: &str = "/simulator/redirected";

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

//! From a request to its answer, as MACRO's document has it.

use std::sync::Arc;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request, Response};

use crate::answer::{Answer, Dropped};
use crate::endpoint::Endpoint;
use crate::query::Query;
use crate::reply::{HTML, PLAIN, Reply, damaged, instead, sound};
use crate::report::MacroCall;
use crate::server::Shared;

/// Longest form in bytes.
const LONGEST_FORM: usize = 64 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";
/// Parameters of every request.
const SIGNED: [&str; 3] = ["time", "domain", "token"];

/// Answers a request below `/estate/`.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Dropped> {
    let path = request.uri().path().to_owned();
    let Some(endpoint) = endpoint(&path) else {
        shared.violation(format!("no such path: {path}"));
        return sound(Reply::whole(404, PLAIN, "no such path"));
    };
    shared.arrival(endpoint).await;
    if request.headers().contains_key(AUTHORIZATION) {
        shared.violation("MACRO was sent an Authorization header".to_owned());
    }
    let method = request.method().clone();
    let allowed = match endpoint {
        Endpoint::Add => method == Method::POST,
        _ => method == Method::POST || method == Method::GET,
    };
    if !allowed {
        shared.violation(format!("{method} {path} is not documented"));
        return sound(Reply::whole(405, PLAIN, "no such method"));
    }
    let query = match parameters(request).await {
        Ok(query) => query,
        Err(problem) => {
            shared.violation(format!("{path}: {problem}"));
            return sound(Reply::whole(400, PLAIN, problem));
        }
    };
    note(shared, endpoint, &method, &query);
    let fault = shared.lock().strike(endpoint, &method, &path);
    if let Some(fault) = &fault {
        if endpoint == Endpoint::Add && fault.prevents() {
            let text = fault.to_string();
            shared.lock().note_booking(&query, Err(&text));
        }
        let refusal = || Reply::whole(403, HTML, "<h1>403 Forbidden</h1>");
        if let Some(response) = instead(fault, refusal).await? {
            return Ok(response);
        }
    }
    let reply = shared.lock().transfer(endpoint, &query);
    damaged(shared, reply, fault.as_ref())
}

fn endpoint(path: &str) -> Option<Endpoint> {
    Some(match path {
        "/estate/transfer/getReadyFlats/" => Endpoint::GetReadyFlats,
        "/estate/transfer/getFreeTimes/" => Endpoint::GetFreeTimes,
        "/estate/transfer/add/" => Endpoint::Add,
        _ => return None,
    })
}

/// Of a GET those in the query, of a POST those in the form.
async fn parameters(request: Request<Incoming>) -> Result<Query, String> {
    let in_query = request.uri().query().unwrap_or_default().to_owned();
    if request.method() == Method::GET {
        return Query::parse(&in_query);
    }
    if !in_query.is_empty() {
        return Err("a POST with a query".to_owned());
    }
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with(FORM) {
        return Err(format!("a POST of {kind:?} instead of a form"));
    }
    let body = Limited::new(request.into_body(), LONGEST_FORM).collect();
    let body = body.await.map_err(|error| format!("the form: {error}"))?;
    let form = String::from_utf8(body.to_bytes().into());
    Query::parse(&form.map_err(|_| "the form is not UTF-8")?)
}

/// Keeps what was asked, and looks for what the document does not know.
fn note(shared: &Shared, endpoint: Endpoint, method: &Method, query: &Query) {
    let known: &[&str] = match endpoint {
        Endpoint::GetReadyFlats => &["category"],
        Endpoint::GetFreeTimes => &["transfer_date", "house_id"],
        _ => &["transfer_date", "house_id", "flat_num", "phone", "category"],
    };
    let mut state = shared.lock();
    for (name, _) in query.iter() {
        if !SIGNED.contains(&name) && !known.contains(&name) {
            let text = format!("{}: there is no parameter {name}", endpoint.name());
            state.report.violation(text);
        }
    }
    if state.record {
        let kept = query.iter().filter(|(name, _)| *name != "token");
        let parameters = kept.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let call = MacroCall {
            endpoint: endpoint.name().to_owned(),
            method: method.to_string(),
            parameters: parameters.collect(),
        };
        state.report.macrocrm.push(call);
    }
}

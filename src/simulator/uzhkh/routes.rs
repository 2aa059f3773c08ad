//! From a request to its answer, as UZhKH's document has it.
//!
//! The order is: what kind of request it is, how late it shall be, who asks, which
//! fault strikes, what is asked for.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::{Method, Request, Response};

use super::download::List;
use super::effects::effect;
use super::word::word;
use crate::answer::{Answer, Dropped};
use crate::endpoint::Endpoint;
use crate::query::Query;
use crate::reply::{PLAIN, Reply, damaged, instead, sound};
use crate::server::Shared;

/// Answers a request for this path below the internal link.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    request: &Request<Incoming>,
    inside: &str,
) -> Result<Response<Answer>, Dropped> {
    let path = request.uri().path();
    let Some((endpoint, list)) = endpoint(inside) else {
        shared.violation(format!("no such path: {path}"));
        return sound(Reply::whole(404, PLAIN, "no such path"));
    };
    let under_way = (endpoint == Endpoint::Delete).then(|| shared.uzhkh.delete_begins());
    let expected = authorized(request, &shared.lock().uzhkh.token);
    shared.arrival(endpoint).await;
    if request.method() != Method::GET {
        shared.violation(format!("{} {path}: everything is a GET", request.method()));
        return sound(Reply::whole(405, PLAIN, "GET only"));
    }
    if !expected {
        shared.lock().report.unauthorized += 1;
        return sound(word(shared, "notAuthorized"));
    }
    let address = request.uri().to_string();
    let fault = shared.lock().strike(endpoint, request.method(), &address);
    if let Some(fault) = &fault {
        let refusal = || word(shared, "notAuthorized");
        if let Some(response) = instead(fault, refusal).await? {
            return Ok(response);
        }
        tracing::debug!(%fault, path, "simulator: fault");
    }
    let query = match Query::parse_any_case(request.uri().query().unwrap_or_default()) {
        Ok(query) => query,
        Err(problem) => {
            shared.violation(format!("{path}: {problem}"));
            return sound(Reply::whole(400, PLAIN, problem));
        }
    };
    let reply = effect(shared, endpoint, list, &query, fault.as_ref()).await;
    drop(under_way);
    damaged(shared, reply, fault.as_ref())
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

//! From a request to its answer, as Alma's document has it.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{HeaderMap, Request, Response};
use percent_encoding::percent_decode_str;

use super::effects::Asked;
use super::path::Target;
use super::refusal::{Refusal, no_page};
use crate::answer::{Answer, Dropped};
use crate::reply::{Reply, damaged, instead, sound};
use crate::report::AlmaCall;
use crate::server::Shared;

/// Longest body in bytes.
const LONGEST_BODY: usize = 64 * 1024 * 1024;

/// Answers a request below `/external_api/`, of which `inside` is the rest.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Dropped> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let method = head.method.as_str();
    if head.headers.contains_key(AUTHORIZATION) {
        shared.violation("Alma was sent an Authorization header".to_owned());
    }
    let target = path.strip_prefix("/external_api/").and_then(Target::parse);
    let endpoint = target.as_ref().and_then(Target::endpoint);
    let (Some(target), Some(endpoint)) = (&target, endpoint) else {
        if target.is_none() {
            shared.violation(format!("no such path: {path}"));
        }
        let reply = no_page();
        note(shared, method, path, None, reply.status);
        return sound(reply);
    };
    shared.arrival(endpoint).await;
    if head.uri.query().is_some() {
        shared.violation(format!("{path}: Alma takes no parameters"));
    }
    let body = match read(body).await {
        Ok(body) => body,
        Err(problem) => {
            shared.violation(format!("{path}: {problem}"));
            return sound(Refusal::Detail(400, problem).reply());
        }
    };
    let content_type = text(&head.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let kept = (!body.is_empty() && !content_type.starts_with("multipart/")).then_some(&body);
    if !target.methods().contains(&method) {
        shared.violation(format!("{method} {path} is not documented"));
        let reply = Refusal::Detail(405, format!("Method \"{method}\" not allowed.")).reply();
        note(shared, method, path, kept, reply.status);
        return sound(reply);
    }
    let fault = shared.lock().strike(endpoint, &head.method, path);
    if let Some(fault) = fault.as_ref().filter(|fault| fault.prevents()) {
        // No answer may ever come, so it is noted before one is tried.
        let place = note(shared, method, path, kept, 0);
        let refusal = || {
            let detail = "You do not have permission to perform this action.";
            Refusal::Detail(403, detail.to_owned()).reply()
        };
        if let Some(response) = instead(fault, refusal).await? {
            renote(shared, place, response.status().as_u16());
            return Ok(response);
        }
    }
    let asked =
        Asked { method, target, key: text(&head.headers, "api-key"), content_type, body: &body };
    let reply = perform(shared, &asked, path, kept);
    damaged(shared, reply, fault.as_ref())
}

/// Does it and notes it, with nothing in between.
fn perform(shared: &Shared, asked: &Asked<'_>, path: &str, kept: Option<&Bytes>) -> Reply {
    let mut state = shared.lock();
    let reply = state.external_api(asked);
    state.note_alma(asked.method, path, kept, reply.status);
    reply
}

fn note(
    shared: &Shared,
    method: &str,
    path: &str,
    body: Option<&Bytes>,
    status: u16,
) -> Option<usize> {
    shared.lock().note_alma(method, path, body, status)
}

/// The status of a call that was noted before it was known.
fn renote(shared: &Shared, place: Option<usize>, status: u16) {
    let mut state = shared.lock();
    if let Some(call) = place.and_then(|place| state.report.alma.get_mut(place)) {
        call.status = status;
    }
}

impl crate::state::State {
    /// Counts a call, and keeps it where calls are kept; answers its place then.
    fn note_alma(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Bytes>,
        status: u16,
    ) -> Option<usize> {
        match method {
            "GET" => self.alma.reads += 1,
            _ => self.alma.writes += 1,
        }
        if !self.record {
            return None;
        }
        let path = percent_decode_str(path).decode_utf8_lossy();
        self.report.alma.push(AlmaCall {
            method: method.to_owned(),
            path: path.trim_start_matches('/').to_owned(),
            body: body.map(|body| String::from_utf8_lossy(body).into_owned()),
            status,
        });
        Some(self.report.alma.len() - 1)
    }
}

async fn read(body: Incoming) -> Result<Bytes, String> {
    let body = Limited::new(body, LONGEST_BODY).collect();
    let body = body.await.map_err(|error| format!("the body: {error}"))?;
    Ok(body.to_bytes())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

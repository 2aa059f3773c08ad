//! From a request below `/rest/` to its answer.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, REFERER, USER_AGENT};
use hyper::{Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::batch::out_of_time;
use super::effects::Failure;
use super::envelope;
use super::method::Method;
use super::params;
use crate::answer::{Answer, Dropped};
use crate::fault::FaultKind;
use crate::reply::{HTML, Reply, damaged, instead, sound};
use crate::report::BitrixCall;
use crate::server::Shared;
use crate::state::State;

/// Longest body in bytes.
const LONGEST_BODY: usize = 1024 * 1024;
/// Answers of the server in front of the portal.
const NO_PAGE: &str = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n\
    <center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
const LOGIN: &str = "<!DOCTYPE html><html><head><title>Авторизация</title></head></html>";

/// Answers a request below `/bitrix/`, where people are logged in.
pub(crate) fn page(shared: &Shared) -> Reply {
    shared.violation("Bitrix24: a link for the browser was followed".to_owned());
    Reply::whole(401, HTML, LOGIN)
}

/// Answers a request below `/rest/`, of which `inside` is the rest.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Dropped> {
    let (head, body) = request.into_parts();
    look_at(shared, &head.headers);
    let path = head.uri.path().trim_start_matches("/rest/");
    let steps: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let (user, secret, name) = match *steps.as_slice() {
        [user, secret, name] => (user, secret, name),
        _ => ("", "", ""),
    };
    let name = name.strip_suffix(".json").unwrap_or(name);
    let Some(method) = Method::parse(name) else {
        return sound(unknown(shared, user, secret, name));
    };
    let endpoint = method.endpoint();
    shared.arrival(endpoint).await;
    let asked = match read(&head, body).await {
        Ok(params) => params,
        Err(problem) => {
            shared.violation(format!("Bitrix24: {name}: {problem}"));
            return sound(Failure::new(400, "INVALID_REQUEST", problem).reply());
        }
    };
    let call = Call {
        method,
        name,
        http: head.method.as_str(),
        user,
        secret,
        params: &asked,
        headers: &head.headers,
    };
    let fault = shared.lock().strike(endpoint, &head.method, name);
    if let Some(fault) = fault.as_ref().filter(|fault| fault.prevents()) {
        // No answer may ever come, so it is noted before one is tried.
        let place = shared.lock().note_bitrix(&call, 0);
        if let Some(failure) = refused(fault) {
            renote(shared, place, failure.status);
            return sound(failure.reply());
        }
        let refusal = || {
            let text = "Invalid request credentials";
            Failure::new(403, "INVALID_CREDENTIALS", text).reply()
        };
        if let Some(response) = instead(fault, refusal).await? {
            renote(shared, place, response.status().as_u16());
            return Ok(response);
        }
    }
    let spoilt = fault == Some(FaultKind::CommandFails);
    let reply = perform(shared, &call, spoilt);
    damaged(shared, reply, fault.as_ref())
}

/// A request whose parameters are read.
struct Call<'a> {
    method: Method,
    name: &'a str,
    http: &'a str,
    user: &'a str,
    secret: &'a str,
    params: &'a Value,
    headers: &'a HeaderMap,
}

/// Does it and notes it, with nothing in between.
fn perform(shared: &Shared, call: &Call<'_>, spoilt: bool) -> Reply {
    let mut state = shared.lock();
    let reply = state.webhook(call, spoilt);
    for problem in std::mem::take(&mut state.bitrix24.problems) {
        let name = call.name;
        state.report.violation(format!("Bitrix24: {name}: {problem}"));
    }
    state.note_bitrix(call, reply.status);
    reply
}

/// The portal's own refusals.
fn refused(fault: &FaultKind) -> Option<Failure> {
    Some(match fault {
        FaultKind::QueryLimit => query_limit(),
        FaultKind::OperationLimit => out_of_time(),
        FaultKind::Overload => {
            let text = "REST API is blocked due to overload.";
            Failure::new(503, "OVERLOAD_LIMIT", text)
        }
        _ => return None,
    })
}

fn query_limit() -> Failure {
    Failure::new(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
}

/// Headers that no request may have.
fn look_at(shared: &Shared, headers: &HeaderMap) {
    let secret = shared.lock().bitrix24.secret.clone();
    if header(headers, &REFERER).is_some_and(|referer| referer.contains(&secret)) {
        shared.violation("Bitrix24: the webhook's secret stands in a Referer".to_owned());
    }
    if headers.contains_key(AUTHORIZATION) {
        shared.violation("Bitrix24 was sent an Authorization header".to_owned());
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?;
    (!value.trim().is_empty()).then_some(value)
}

/// A method that there is not, or no method at all.
fn unknown(shared: &Shared, user: &str, secret: &str, name: &str) -> Reply {
    let mut state = shared.lock();
    if let Err(failure) = state.holds_secret(user, secret) {
        return failure.reply();
    }
    state.report.violation(format!("Bitrix24: no method {name}"));
    Failure::new(404, "ERROR_METHOD_NOT_FOUND", "Method not found!").reply()
}

async fn read(head: &hyper::http::request::Parts, body: Incoming) -> Result<Value, String> {
    let in_query = params::of_form(head.uri.query().unwrap_or_default())?;
    match head.method.as_str() {
        "GET" => return Ok(in_query),
        "POST" => {}
        other => return Err(format!("{other} is no way to ask")),
    }
    let body = Limited::new(body, LONGEST_BODY).collect();
    let body = body.await.map_err(|error| format!("the body: {error}"))?;
    let body: Bytes = body.to_bytes();
    let kind = header(&head.headers, &CONTENT_TYPE).unwrap_or_default();
    let in_body = if kind.starts_with("application/json") {
        params::of_json(&body)?
    } else if body.is_empty() || kind.starts_with("application/x-www-form-urlencoded") {
        let form = std::str::from_utf8(&body).map_err(|_| "the form is not UTF-8")?;
        params::of_form(form)?
    } else {
        return Err(format!("a POST of {kind:?}"));
    };
    Ok(params::merged(in_body, in_query))
}

/// The status of a call that was noted before it was known.
fn renote(shared: &Shared, place: Option<usize>, status: u16) {
    let mut state = shared.lock();
    if let Some(call) = place.and_then(|place| state.report.bitrix24.get_mut(place)) {
        call.status = status;
    }
}

impl State {
    fn holds_secret(&mut self, user: &str, secret: &str) -> Result<(), Failure> {
        let decoded = percent_decode_str(secret).decode_utf8_lossy();
        if user == "1" && decoded == self.bitrix24.secret {
            return Ok(());
        }
        self.report.unauthorized += 1;
        let text = "Wrong authorization data";
        Err(Failure::new(401, "NO_AUTH_FOUND", text))
    }

    fn webhook(&mut self, call: &Call<'_>, spoilt: bool) -> Reply {
        if let Err(failure) = self.holds_secret(call.user, call.secret) {
            return failure.reply();
        }
        let memory = &mut self.bitrix24;
        memory.calls += 1;
        if let Some(bucket) = memory.options.bucket
            && !memory.level.take(bucket)
        {
            return query_limit().reply();
        }
        let done = match call.method {
            Method::GetFile => return self.download(call),
            Method::Batch => memory.batch(call.params, spoilt),
            method => memory.call(method, call.params),
        };
        match done {
            Ok(done) => envelope::answer(memory, &done),
            Err(failure) => failure.reply(),
        }
    }

    fn download(&mut self, call: &Call<'_>) -> Reply {
        let memory = &mut self.bitrix24;
        let strict = memory.options.strict_downloads;
        let more = [hyper::header::ACCEPT, hyper::header::ACCEPT_LANGUAGE];
        let known = header(call.headers, &USER_AGENT).is_some()
            && (!strict || more.iter().all(|name| header(call.headers, name).is_some()));
        let token = call.params["token"].as_str().unwrap_or_default();
        let opened = memory.opened(token).filter(|_| known && call.http == "GET");
        let Some((id, file)) = opened else {
            return Reply::whole(404, HTML, NO_PAGE);
        };
        memory.downloads += 1;
        *self.report.bitrix_downloads.entry(id).or_default() += 1;
        Reply::whole(200, file.content_type(), file.bytes()).named(&file.name)
    }

    /// Keeps a call where calls are kept; answers its place then.
    fn note_bitrix(&mut self, call: &Call<'_>, status: u16) -> Option<usize> {
        if !self.record {
            return None;
        }
        let mut params = call.params.clone();
        if let Some(members) = params.as_object_mut() {
            members.remove("token");
        }
        self.report.bitrix24.push(BitrixCall {
            method: call.name.to_owned(),
            http: call.http.to_owned(),
            params,
            status,
        });
        Some(self.report.bitrix24.len() - 1)
    }
}

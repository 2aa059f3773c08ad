//! A request that has an effect: its body, its Idempotency-Key, and the transaction that holds
//! the effect, the row of `act` and the answer to be given again.
//!
//! The key is looked up in the transaction of the effect. The writer takes one after the other,
//! so of two requests with one key the later waits for the earlier and then finds its answer; a
//! crash leaves the effect with its answer, or neither. Only what had its effect is kept: what
//! was refused may be asked again with the same key, once its reason is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{self, HeaderMap};
use hyper::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::acts::{Act, Actor, Refused, Via, Why, Wrong};
use crate::ledger::{Earlier, Error, KeptAnswer, RequestKey, Tx, hex};
use crate::web::auth::Caller;
use crate::web::places::Place;
use crate::web::problem::Problem;
use crate::web::{Shared, body};

/// The header that names a request.
const KEY: &str = "idempotency-key";
/// What is told of it.
pub(super) const KEY_TOLD: &str = "Names the request: the same one again has no second effect and gets the same answer, \
    for 7 days. Any text of 1 to 200 characters";
/// The most characters of a key.
const LONGEST_KEY: usize = 200;
/// How often it is looked whether the disk has become full.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// So long a write that was given up is waited for: it may have been committed.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(2);

/// A request with an effect, read whole.
pub(super) struct Effect {
    web: Shared,
    actor: Actor,
    key: Option<RequestKey>,
    body: Bytes,
}

impl FromRequest<Shared> for Effect {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Shared) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let Some(caller) = parts.extensions.get::<Caller>().cloned() else {
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "no token was shown"));
        };
        let body = body::json(&parts, body).await?;
        let key = key(&parts.headers)?.map(|key| RequestKey {
            token: caller.name().to_owned(),
            key,
            request_sha256: digest(&parts, &body),
        });
        let actor = Actor::new(caller.name(), Via::Api);
        Ok(Self { web: Shared::clone(web), actor, key, body })
    }
}

/// The key of a request.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all(KEY).iter();
    let Some(first) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(Problem::bad_request("Idempotency-Key is given twice"));
    }
    let key = std::str::from_utf8(first.as_bytes());
    let key = key.map_err(|_| Problem::bad_request("Idempotency-Key is not UTF-8"))?;
    match key.chars().count() {
        0 => Err(Problem::bad_request("Idempotency-Key is empty")),
        1..=LONGEST_KEY => Ok(Some(key.to_owned())),
        _ => {
            let problem = format!("Idempotency-Key has more than {LONGEST_KEY} characters");
            Err(Problem::bad_request(problem))
        }
    }
}

/// What makes two requests the same: method, path with query, bytes of the body.
fn digest(parts: &Parts, body: &[u8]) -> String {
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let mut digest = Sha256::new();
    for part in [parts.method.as_str(), path] {
        digest.update(part.as_bytes());
        // Stands in neither.
        digest.update(b"\n");
    }
    digest.update(body);
    hex(&digest.finalize())
}

/// Why nothing was done. Goes through the ledger's transaction, which it takes back.
#[derive(Debug, Clone, thiserror::Error)]
enum NotDone {
    #[error("the request was given up")]
    GivenUp,
    #[error("another request had this Idempotency-Key")]
    AnotherRequest,
    #[error("{0}")]
    Wrong(Wrong),
}

/// A value that an act cannot take now; it is a 400, and takes the transaction back.
pub(super) fn wrong(wrong: Wrong) -> Error {
    Error::system(NotDone::Wrong(wrong))
}

impl From<Wrong> for Problem {
    fn from(wrong: Wrong) -> Self {
        Problem::bad_request(wrong.to_string())
    }
}

impl Effect {
    /// The body as it is to be.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        body::parsed(&self.body)
    }

    /// Nothing, or an object without members, is to be the body.
    pub(super) fn no_body(&self) -> Result<(), Problem> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}

        self.body::<Nothing>().map(drop)
    }

    /// Has `work` done in one transaction, with its answer kept for the key; answers what it
    /// answers, or what the same request was answered before.
    ///
    /// # Errors
    /// [`Problem`]: it was refused, the key had another request, or the disk is full.
    pub(super) async fn carry_out<A: Serialize>(
        self,
        status: StatusCode,
        work: impl Fn(&Tx<'_>, &Act) -> Result<A, Error> + Send + 'static,
    ) -> Result<Response, Problem> {
        let Self { web, actor, key, .. } = self;
        let _place = web.place(Place::Acts)?;
        let act = Act::of(actor);
        let is_given_up = Arc::new(AtomicBool::new(false));
        let given_up = Arc::clone(&is_given_up);
        let writing = web.ledger.write(move |tx| {
            if given_up.load(Ordering::SeqCst) {
                return Err(Error::system(NotDone::GivenUp));
            }
            if let Some(key) = &key {
                match tx.earlier_answer(key)? {
                    Earlier::None => {}
                    Earlier::Answered(answer) => return Ok(answer),
                    Earlier::AnotherRequest => return Err(Error::system(NotDone::AnotherRequest)),
                }
            }
            let done = work(tx, &act)?;
            let body = serde_json::to_string(&done).map_err(Error::system)?;
            let answer = KeptAnswer { status: status.as_u16(), body };
            if let Some(key) = &key {
                tx.keep_answer(key, &answer)?;
            }
            Ok(answer)
        });
        let mut writing = std::pin::pin!(writing);
        let mut until = None;
        let written = loop {
            tokio::select! {
                written = &mut writing => break written,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            // The writer waits for room on the disk. The client is not kept waiting, and what it
            // asked for is not done later, when it may have asked again.
            if web.ledger.is_disk_full() {
                is_given_up.store(true, Ordering::SeqCst);
                let until = *until.get_or_insert_with(|| Instant::now() + GIVEN_UP_WITHIN);
                if Instant::now() >= until {
                    return Err(Error::DiskFull.into());
                }
            }
        };
        match written {
            Ok(answer) => Ok(shown(answer)),
            Err(error) => Err(problem(error)),
        }
    }
}

fn shown(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "application/json")], answer.body).into_response()
}

/// What a transaction that was taken back is answered.
fn problem(error: Error) -> Problem {
    match error.of_system::<NotDone>() {
        Some(NotDone::GivenUp) => return Error::DiskFull.into(),
        Some(NotDone::AnotherRequest) => {
            let detail = "another request came with this Idempotency-Key within the last 7 days; \
                          each request needs one of its own";
            return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
        }
        Some(NotDone::Wrong(wrong)) => return wrong.clone().into(),
        None => {}
    }
    let Some(refused) = Refused::of(&error) else { return error.into() };
    let problem = match refused.why {
        Why::Missing => Problem::not_found(refused.detail),
        Why::Conflict | Why::Done => Problem::conflict(refused.detail),
    };
    match refused.call {
        Some(call) => problem.with("call", call),
        None => problem,
    }
}

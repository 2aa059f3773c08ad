//! `/changes`: the log of changes for programs that follow the ledger with one cursor,
//! 1C before all.
//!
//! Changes hold personal data: they are served to clients with the token only, and not at
//! all while none is configured. A client that has read to the end may wait there for the
//! next change. An answer is whole before it is sent, so a slow client holds no reader of
//! the ledger.

use std::time::{Duration, Instant};

use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::query::{Asked, Form};
use super::{Admin, Answer};
use crate::ledger::{Change, ChangePage, ChangeSeq, Error, Reader, Wanted};

/// So many may ask or wait at once.
const CLIENTS: usize = 32;
/// How often it is looked whether something came.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The cursor, for those who read lines.
const LAST: HeaderName = HeaderName::from_static("x-last-seq");
/// The ledger that the cursor is of.
const LEDGER: HeaderName = HeaderName::from_static("x-ledger");

/// Who is let in.
pub(super) struct Door {
    /// The token's SHA-256. `None`: every request is refused.
    token: Option<[u8; 32]>,
    clients: Semaphore,
}

impl Door {
    pub(super) fn new(token: Option<&SecretString>) -> Self {
        Self {
            token: token.map(|token| Sha256::digest(token.expose_secret()).into()),
            clients: Semaphore::new(CLIENTS),
        }
    }

    /// The refusal of a request that may not be answered.
    fn refused<B>(&self, request: &Request<B>) -> Option<Answer> {
        let Some(token) = &self.token else {
            let why = "the changes are not served without a token: give token, token_file, the environment variable ADMIN_TOKEN \
                       or the systemd credential admin-token in [admin], and restart the service";
            return Some(refusal(StatusCode::FORBIDDEN, why));
        };
        let given = request.headers().get(header::AUTHORIZATION).map(bearer);
        let challenge = match given {
            Some(Some(given)) if is_same(token, &Sha256::digest(given).into()) => return None,
            Some(_) => "Bearer realm=\"uzhkh-ledger\", error=\"invalid_token\"",
            None => "Bearer realm=\"uzhkh-ledger\"",
        };
        let why = "send the header Authorization: Bearer TOKEN, with the token of [admin]";
        let mut answer = refusal(StatusCode::UNAUTHORIZED, why);
        let challenge = HeaderValue::from_static(challenge);
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        Some(answer)
    }
}

/// The token that a header brings.
fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = value.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

/// Takes as long wherever they differ.
fn is_same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    let differences = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    std::hint::black_box(differences) == 0
}

/// Answers, at the latest when the client has waited as long as it wanted, or the
/// service stops.
pub(super) async fn answer<B>(admin: &Admin, request: &Request<B>) -> Answer {
    if request.method() != Method::GET {
        let mut answer = refusal(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here");
        let allowed = HeaderValue::from_static("GET");
        answer.headers_mut().insert(header::ALLOW, allowed);
        return answer;
    }
    if let Some(refused) = admin.door.refused(request) {
        return refused;
    }
    let asked = match Asked::read(request) {
        Ok(asked) => asked,
        Err(problem) => return refusal(StatusCode::BAD_REQUEST, &problem),
    };
    let Ok(_place) = admin.door.clients.try_acquire() else {
        let why = "too many clients follow the changes at once; ask again";
        let mut answer = refusal(StatusCode::SERVICE_UNAVAILABLE, why);
        let soon = HeaderValue::from_static("1");
        answer.headers_mut().insert(header::RETRY_AFTER, soon);
        return answer;
    };
    match wait(admin, asked.wanted, asked.wait).await {
        Ok(page) => shown(&page, asked.form),
        Err(error) if error.newest_change().is_some() => gone(admin, &error).await,
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// The next changes, as soon as there are any.
async fn wait(admin: &Admin, mut wanted: Wanted, patience: Duration) -> Result<ChangePage, Error> {
    let deadline = Instant::now() + patience;
    loop {
        let page = read(admin, wanted.clone()).await?;
        let is_over = Instant::now() >= deadline || admin.stop.is_cancelled();
        if !page.changes.is_empty() || is_over {
            return Ok(page);
        }
        wanted.after = page.last;
        // What was passed over may be long; what comes after it is not waited for.
        while page.is_end && admin.ledger.read(Reader::newest_change).await? <= page.last {
            let left = deadline.saturating_duration_since(Instant::now());
            tokio::select! {
                () = admin.stop.cancelled() => return Ok(page),
                () = tokio::time::sleep(LOOK_EVERY.min(left)) => {}
            }
            if Instant::now() >= deadline {
                break;
            }
        }
    }
}

/// Reading much takes time: it has a reader of its own, so that nothing waits for it.
async fn read(admin: &Admin, wanted: Wanted) -> Result<ChangePage, Error> {
    let path = admin.path.clone();
    let reading = tokio::task::spawn_blocking(move || Reader::open(&path)?.changes(&wanted));
    reading.await.unwrap_or(Err(Error::Closed))
}

/// What is answered.
#[derive(Serialize)]
struct Page<'p> {
    ledger: &'p str,
    changes: &'p [Change],
    last: ChangeSeq,
}

fn shown(page: &ChangePage, form: Form) -> Answer {
    let (last, changes) = (page.last, page.changes.as_slice());
    let mut text = Vec::new();
    let (written, kind) = match form {
        Form::Object => {
            let page = Page { ledger: &page.ledger, changes, last };
            (serde_json::to_writer(&mut text, &page), "application/json")
        }
        Form::Lines => (lines(&mut text, changes), "application/x-ndjson"),
    };
    if let Err(error) = written {
        return refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string());
    }
    let mut answer = with(StatusCode::OK, text, kind);
    answer.headers_mut().insert(LAST, HeaderValue::from(last.0));
    if let Ok(ledger) = HeaderValue::from_str(&page.ledger) {
        answer.headers_mut().insert(LEDGER, ledger);
    }
    answer
}

/// A cursor of no use: what to begin anew with.
async fn gone(admin: &Admin, error: &Error) -> Answer {
    let ledger = match admin.ledger.read(Reader::ledger_id).await {
        Ok(ledger) => ledger,
        Err(error) => return refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    };
    let last = error.newest_change();
    let text = serde_json::json!({ "error": error.to_string(), "ledger": ledger, "last": last });
    with(StatusCode::GONE, text.to_string().into_bytes(), "application/json")
}

fn lines(text: &mut Vec<u8>, changes: &[Change]) -> serde_json::Result<()> {
    for change in changes {
        serde_json::to_writer(&mut *text, change)?;
        text.push(b'\n');
    }
    Ok(())
}

/// Says what is wrong, as JSON too.
fn refusal(status: StatusCode, why: &str) -> Answer {
    let text = serde_json::json!({ "error": why }).to_string();
    with(status, text.into_bytes(), "application/json")
}

fn with(status: StatusCode, text: Vec<u8>, kind: &'static str) -> Answer {
    let mut answer = Response::new(http_body_util::Full::new(text.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

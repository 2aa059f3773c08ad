//! Programs, known by their tokens.
//!
//! The order is fixed: who asks (401) comes before whether there is such a path (404) and a
//! method of it (405), and that before what the token may do (403). So one without a token
//! learns nothing of what there is.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::api::OPENAPI;
use super::problem::Problem;
use super::{Shared, Web};
use crate::config::{Scope, WebToken};

/// The tokens of the config, hashed.
pub(super) struct Tokens(Vec<Token>);

struct Token {
    sha256: [u8; 32],
    caller: Caller,
}

/// A program that has shown its token. Only [`authenticate`] makes one.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    name: Arc<str>,
    reads: bool,
    writes: bool,
}

impl Caller {
    /// `[[web.token]]`: its name, which is unique.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Tokens {
    pub(super) fn new(tokens: &[WebToken]) -> Self {
        let token = |token: &WebToken| Token {
            sha256: Sha256::digest(token.token.expose_secret()).into(),
            caller: Caller {
                name: token.name.as_str().into(),
                reads: token.scopes.contains(&Scope::Read),
                writes: token.scopes.contains(&Scope::Write),
            },
        };
        Self(tokens.iter().map(token).collect())
    }

    /// Who has this token. Takes as long wherever it differs.
    fn find(&self, given: &[u8]) -> Option<Caller> {
        let given: [u8; 32] = Sha256::digest(given).into();
        let mut found = None;
        for token in &self.0 {
            if is_same(&token.sha256, &given) {
                found = Some(token.caller.clone());
            }
        }
        found
    }
}

fn is_same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    let differences = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    std::hint::black_box(differences) == 0
}

/// The token that a header brings.
fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = value.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

/// Lets a request through with the [`Caller`] whose token it brings. What the interface is
/// like is told to all.
pub(super) async fn authenticate(
    State(web): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.uri().path() == OPENAPI {
        return next.run(request).await;
    }
    match caller(&web, request.headers()) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

fn caller(web: &Web, headers: &hyper::HeaderMap) -> Result<Caller, Problem> {
    let given = headers.get(header::AUTHORIZATION);
    let found = given.and_then(bearer).and_then(|token| web.tokens.find(token));
    found.ok_or_else(|| {
        let challenge = match given {
            Some(_) => "Bearer realm=\"uzhkh-ledger\", error=\"invalid_token\"",
            None => "Bearer realm=\"uzhkh-ledger\"",
        };
        let detail =
            "send the header Authorization: Bearer TOKEN, with the token of a [[web.token]]";
        Problem::new(StatusCode::UNAUTHORIZED, detail)
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    })
}

/// Lets a request through whose caller may do what its method does.
pub(super) async fn check_scope(caller: Caller, request: Request, next: Next) -> Response {
    let (may, scope) = match *request.method() {
        Method::GET | Method::HEAD => (caller.reads, "read"),
        _ => (caller.writes, "write"),
    };
    if may {
        return next.run(request).await;
    }
    let detail = format!("the token of {} has no scope {scope:?}", caller.name);
    Problem::new(StatusCode::FORBIDDEN, detail).into_response()
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "no token was shown"))
    }
}

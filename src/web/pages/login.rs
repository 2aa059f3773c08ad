//! Signing in and out.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::form::Form;
use super::frame::page as rendered;
use super::{Console, Fault, Frame};
use crate::web::guard::Signed;
use crate::web::site::Peer;

#[derive(Template)]
#[template(path = "login.html")]
struct Page<'p> {
    f: &'p Frame,
    problem: &'static str,
}

/// Where one signs in.
pub(super) async fn page(frame: Frame) -> Result<Response, Fault> {
    if frame.visitor.is_some() {
        return Ok(to("/"));
    }
    rendered(&Page { f: &frame, problem: "" })
}

/// A name and a password.
pub(super) async fn sign_in(
    State(console): State<Arc<Console>>,
    frame: Frame,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    let (name, password) = (form.text("name").trim(), form.text("password").to_owned());
    let address = peer.map(|Extension(peer)| peer.address);
    let (status, problem, wait) =
        match console.guard.sign_in(name, password, address, &headers).await {
            Signed::In(cookie) => {
                let cookie = HeaderValue::from_str(&cookie).map_err(|_| Fault::Failed)?;
                return Ok(([(header::SET_COOKIE, cookie)], to("/")).into_response());
            }
            Signed::Wrong => (StatusCode::UNAUTHORIZED, frame.w.wrong_password, None),
            Signed::Wait(wait) => {
                // A part of a second is waited for too.
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                (StatusCode::TOO_MANY_REQUESTS, frame.w.too_many, Some(seconds))
            }
            Signed::Failed => return Err(Fault::Failed),
        };
    let mut response = rendered(&Page { f: &frame, problem })?;
    *response.status_mut() = status;
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

/// Ends the session.
pub(super) async fn sign_out(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let cookie = console.guard.sign_out(&headers);
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Fault::Failed)?;
    Ok(([(header::SET_COOKIE, cookie)], to("/login")).into_response())
}

/// Sends the browser on, to be read.
pub(super) fn to(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(path) => (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response(),
        Err(_) => Fault::Failed.into_response(),
    }
}

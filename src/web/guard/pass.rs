//! The one way in to the pages.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{LANGUAGE, cookie, headers, origin, set_language};
use crate::web::pages::{Console, Fault, Frame};
use crate::web::words::Lang;

/// Where one signs in.
const LOGIN: &str = "/login";
/// What needs no session.
const PUBLIC: [&str; 2] = [LOGIN, "/assets/"];
/// What htmx sends with each of its requests.
const BY_SCRIPT: HeaderName = HeaderName::from_static("hx-request");

/// Lets a request through to its page, or answers it.
pub(in crate::web) async fn pass(
    State(console): State<Arc<Console>>,
    mut request: Request,
    next: Next,
) -> Response {
    let chosen = chosen_language(request.uri());
    let lang = chosen.or_else(|| remembered_language(request.headers())).unwrap_or(Lang::Ru);
    let mut frame = Frame::new(lang, request.uri());
    // A page that refreshes itself says in which language it is, and chooses none.
    let is_choosing = matches!(*request.method(), Method::GET | Method::HEAD)
        && !request.headers().contains_key(BY_SCRIPT);
    let mut answer = if !origin::is_ours(request.method(), request.uri(), request.headers()) {
        Fault::Forged.into_response()
    } else {
        let visitor = console.visitor(request.headers());
        let is_public = PUBLIC.iter().any(|path| request.uri().path().starts_with(path));
        frame.visitor.clone_from(&visitor);
        request.extensions_mut().insert(frame.clone());
        match visitor {
            Some(visitor) => {
                request.extensions_mut().insert(visitor);
                next.run(request).await
            }
            None if is_public => next.run(request).await,
            None => to_login(request.headers()),
        }
    };
    if let Some(fault) = answer.extensions_mut().remove::<Fault>() {
        answer = fault.page(&frame);
    }
    headers::put(answer.headers_mut());
    if let Some(lang) = chosen.filter(|_| is_choosing) {
        set_language(answer.headers_mut(), lang);
    }
    answer
}

impl Console {
    fn visitor(&self, headers: &HeaderMap) -> Option<super::Visitor> {
        let name = cookie::session_name(self.guard.is_secure);
        let text = cookie::read(headers, name)?;
        self.guard.sessions.visitor(text, self.guard.clock.now())
    }
}

/// The language that the address asks for.
fn chosen_language(uri: &Uri) -> Option<Lang> {
    let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    pairs.filter(|(name, _)| name == "lang").find_map(|(_, word)| Lang::of(&word))
}

/// The language that was chosen before, or the browser's.
fn remembered_language(headers: &HeaderMap) -> Option<Lang> {
    let remembered = cookie::read(headers, LANGUAGE).and_then(Lang::of);
    remembered.or_else(|| {
        let accepted = headers.get(header::ACCEPT_LANGUAGE)?;
        Lang::accepted(accepted.to_str().ok()?)
    })
}

/// Sends a browser to where one signs in; a script has its page loaded anew, which leads there.
fn to_login(headers: &HeaderMap) -> Response {
    if headers.contains_key(BY_SCRIPT) {
        let refresh = [(HeaderName::from_static("hx-refresh"), HeaderValue::from_static("true"))];
        return (StatusCode::UNAUTHORIZED, refresh).into_response();
    }
    (StatusCode::SEE_OTHER, [(header::LOCATION, LOGIN)]).into_response()
}

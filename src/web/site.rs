//! What is answered at the address of `[web]`: `/api/v1/…` to programs, all else to people.

use std::net::IpAddr;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::Method;
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};
use tower::ServiceExt;

use super::host::Hosts;
use super::problem::Problem;
use super::{Shared, api, pages};
use crate::metrics::{self, Metric};

/// What the paths of programs begin with.
const PROGRAMS: &str = "/api/v1";

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The address of the client, or of the proxy in front.
    pub(crate) address: IpAddr,
    /// Whether it came by TLS of ours.
    pub(crate) is_encrypted: bool,
}

/// The path of the routing table that a request was answered by.
#[derive(Debug, Clone)]
struct Route(MatchedPath);

/// Everything that is answered.
pub(super) struct Site {
    hosts: Hosts,
    api: Router,
    pages: Router,
}

impl Site {
    pub(super) fn new(web: &Shared) -> Self {
        let hosts = web.config.web.as_ref().map(|web| web.hosts.as_slice());
        Self {
            hosts: Hosts::new(hosts.unwrap_or_default()),
            api: told(api::router(web)),
            pages: told(pages::router(web).unwrap_or_else(nothing)),
        }
    }

    /// Answers a request.
    pub(super) async fn answer(&self, request: hyper::Request<Incoming>) -> Response {
        let began = Instant::now();
        let method = known(request.method());
        let path = request.uri().path();
        let is_program = path
            .strip_prefix(PROGRAMS)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let router = if is_program { &self.api } else { &self.pages };
        let mut response = match self.hosts.check(&request) {
            Ok(()) => {
                let answered = router.clone().oneshot(request.map(Body::new)).await;
                answered.unwrap_or_else(|never| match never {})
            }
            Err(problem) => problem.into_response(),
        };
        let route = response.extensions_mut().remove::<Route>();
        let route = route.as_ref().map_or("none", |route| route.0.as_str());
        let status = response.status();
        metrics::count(Metric::WebRequests, &[route, method, status.as_str()], 1);
        metrics::observe(Metric::WebRequestSeconds, &[route], began.elapsed());
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (HeaderName::from_static("referrer-policy"), "no-referrer"),
        ] {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        response
    }
}

/// Where no user is in the config, people find nothing.
fn nothing() -> Router {
    let nothing =
        || async { Problem::not_found("there is nothing here; programs ask below /api/v1/") };
    Router::new().fallback(nothing)
}

/// Has the answers of a router tell by which route they came: its own word, never what the
/// client has put in its place.
fn told(router: Router) -> Router {
    router.layer(axum::middleware::from_fn(async |request: Request, next: Next| {
        let route = request.extensions().get::<MatchedPath>().cloned();
        let mut response = next.run(request).await;
        if let Some(route) = route {
            response.extensions_mut().insert(Route(route));
        }
        response
    }))
}

/// A method as a label: a word of ours, whatever the client says.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

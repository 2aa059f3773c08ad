//! Routing of a request to a system, and the simulator's own pages.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Request, Response};

use super::answer::{Answer, Dropped};
use super::reply::{JSON, PLAIN, REDIRECTED, Reply, sound};
use super::server::Shared;
use super::{alma, bitrix24, domoplaner, macrocrm, uzhkh};

/// Answers one request; the error closes the connection without an answer.
pub(super) async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Dropped> {
    let path = request.uri().path();
    if let Some(inside) = path.strip_prefix("/internal/") {
        uzhkh::routes::answer(&shared, &request, inside).await
    } else if let Some(link) = path.strip_prefix("/dc-api/feeds/") {
        domoplaner::routes::answer(&shared, &request, link).await
    } else if path.starts_with("/estate/") {
        macrocrm::routes::answer(&shared, request).await
    } else if path.starts_with("/external_api/") {
        alma::routes::answer(&shared, request).await
    } else if path.starts_with("/rest/") {
        bitrix24::routes::answer(&shared, request).await
    } else if path.starts_with("/bitrix/") {
        sound(bitrix24::routes::page(&shared))
    } else {
        sound(beside(&shared, path))
    }
}

/// The simulator's own pages, which need no token.
fn beside(shared: &Shared, path: &str) -> Reply {
    match path {
        "/simulator/ready" => Reply::whole(200, PLAIN, "ready\n"),
        "/simulator/report" => match serde_json::to_vec_pretty(&shared.report()) {
            Ok(json) => Reply::whole(200, JSON, json),
            Err(error) => Reply::whole(500, PLAIN, error.to_string()),
        },
        REDIRECTED => {
            shared.violation("a redirect was followed".to_owned());
            Reply::whole(200, JSON, "[]")
        }
        _ => {
            shared.violation(format!("no such path: {path}"));
            Reply::whole(404, PLAIN, "no such path")
        }
    }
}

//! The interface for programs: a file a resource, and here what is common to all.
//!
//! A route is [`guarded`]: it is reached only by a [`Caller`](super::auth::Caller) whose scope
//! its method is of. What belongs to a system is [`of`] that system: without its section in
//! the config the path is not there.

mod alma;
mod alma_acts;
mod answer;
mod asked;
mod book;
mod calls;
mod changes;
mod decide;
mod decisions;
mod description;
mod effect;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod identities;
mod keys;
mod name;
mod quarantine;
mod records;
mod repair;
mod settle;
mod status;

use std::sync::Arc;

use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::any;
use axum::{Extension, Router};
use hyper::StatusCode;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::problem::Problem;
use super::{Shared, auth};

/// Where the interface is described, to all.
pub(super) const OPENAPI: &str = "/api/v1/openapi.json";

/// All routes.
pub(super) fn router(web: &Shared) -> Router {
    let config = &web.config;
    let uzhkh = |routes| of("uzhkh", config.uzhkh.is_some(), guarded(routes));
    let macrocrm = |routes| of("macrocrm", config.macrocrm.is_some(), guarded(routes));
    let alma = |routes| of("alma", config.alma.is_some(), guarded(routes));
    let (router, description) = OpenApiRouter::with_openapi(description::begun())
        .routes(routes!(description::openapi))
        .routes(guarded(routes!(status::status)))
        .routes(guarded(routes!(changes::changes)))
        .routes(guarded(routes!(records::records)))
        .routes(guarded(routes!(records::record)))
        .routes(guarded(routes!(records::history)))
        .routes(uzhkh(routes!(identities::identities, name::name)))
        .routes(uzhkh(routes!(decisions::decisions, decide::decide)))
        .routes(macrocrm(routes!(keys::free_times)))
        .routes(guarded(routes!(calls::calls)))
        .routes(guarded(routes!(calls::call)))
        .routes(guarded(routes!(quarantine::quarantine)))
        .routes(guarded(routes!(quarantine::quarantined)))
        .routes(alma(routes!(alma::alma)))
        .routes(macrocrm(routes!(book::book)))
        .routes(guarded(routes!(settle::settle)))
        .routes(guarded(routes!(repair::retry)))
        .routes(guarded(routes!(repair::acknowledge)))
        .routes(alma(routes!(alma_acts::retry)))
        .routes(alma(routes!(alma_acts::release)))
        .routes(alma(routes!(alma_acts::block)))
        .routes(alma(routes!(alma_acts::unblock)))
        .routes(uzhkh(routes!(asked::resync)))
        .routes(guarded(routes!(asked::accept_shrink)))
        .split_for_parts();
    router
        .method_not_allowed_fallback(not_allowed)
        .fallback(not_found)
        .layer(Extension(description::written(description)))
        .layer(from_fn_with_state(Arc::clone(web), auth::authenticate))
        .with_state(Arc::clone(web))
}

/// A route whose caller's scope is looked at once its path and its method are known to be
/// there.
fn guarded(routes: UtoipaMethodRouter<Shared>) -> UtoipaMethodRouter<Shared> {
    routes.map(|methods| methods.route_layer(from_fn(auth::check_scope)))
}

/// A route of a section of the config: without that there is nothing.
fn of(
    section: &'static str,
    is_there: bool,
    routes: UtoipaMethodRouter<Shared>,
) -> UtoipaMethodRouter<Shared> {
    if is_there {
        return routes;
    }
    routes.map(|_| {
        any(move || async move {
            Problem::not_found(format!("there is no section [{section}] in the config"))
        })
    })
}

async fn not_found() -> Problem {
    Problem::not_found(format!("there is no such path; {OPENAPI} lists those there are"))
}

async fn not_allowed() -> impl IntoResponse {
    let detail = "there is no such method of this path; the header Allow has those there are";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

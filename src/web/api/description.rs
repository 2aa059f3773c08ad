//! The interface described: OpenAPI 3.1, made of the routes themselves.

use std::sync::Arc;

use axum::Extension;
use axum::response::Response;
use serde::Serialize;
use utoipa::PartialSchema;
use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, ResponseBuilder};

use super::answer;
use crate::web::problem;
use crate::web::query::Query;

/// What is told beside the paths.
const ABOUT: &str = "What a shell can do with a ledger, a program can. Each program sends the token that \
    `[[web.token]]` gives it as `Authorization: Bearer TOKEN`; the scope `read` is for GET, `write` for the rest. \
    Bodies are JSON, at most 1 MiB. Errors are `application/problem+json`. What has an effect takes \
    `Idempotency-Key`: the same key with the same request has one effect and the same answer for 7 days.";

/// What is said where a request is not carried out (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Problem {
    /// Always `about:blank`: the status tells the kind.
    #[schema(example = "about:blank")]
    r#type: String,
    /// The status in words.
    #[schema(example = "Bad Request")]
    title: String,
    /// The status of the answer.
    #[schema(example = 400)]
    status: u16,
    /// What is wrong, and what to do next.
    #[schema(example = "limit must be a number from 1 to 10000")]
    detail: String,
    /// 409: the call that stands in the way.
    #[schema(required = false)]
    call: Option<i64>,
    /// 410: the id of the ledger to begin anew with.
    #[schema(required = false)]
    ledger: Option<String>,
    /// 410: its last change.
    #[schema(required = false)]
    last: Option<i64>,
}

/// The whole description, as JSON.
#[derive(Debug, Clone)]
pub(super) struct Written(Arc<str>);

/// The interface, described
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "description", operation_id = "openapi",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1 of all of it; no token is needed", body = Object)),
)]
pub(super) async fn openapi(
    Extension(Written(text)): Extension<Written>,
    query: Query,
) -> Result<Response, problem::Problem> {
    query.only(&[])?;
    Ok(answer::text(text.as_bytes().to_vec(), "application/json"))
}

/// The name of the scheme by which programs are known.
const TOKEN: &str = "token";

/// The beginning of the description, to which routes add themselves.
pub(super) fn begun() -> OpenApi {
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("uzhkh-ledger")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT)),
        )
        .security(Some([SecurityRequirement::new(TOKEN, Vec::<String>::new())]))
        .build()
}

/// Ends the description: to each operation is added what all have in common.
pub(super) fn written(mut description: OpenApi) -> Written {
    let mut components = description.components.take().unwrap_or_default();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    components.schemas.insert("Problem".to_owned(), Problem::schema());
    description.components = Some(components);
    for item in description.paths.paths.values_mut() {
        operations(item).for_each(add_problem);
    }
    Written(serde_json::to_string(&description).unwrap_or_default().into())
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post].into_iter().flatten()
}

/// What may go wrong everywhere.
fn add_problem(operation: &mut Operation) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let problem = ResponseBuilder::new()
        .description("Not carried out: the detail says why")
        .content("application/problem+json", content)
        .build();
    operation.responses.responses.insert("default".to_owned(), problem.into());
}

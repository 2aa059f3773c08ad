//! `[web]`: programs over HTTP, through the real listener of a service that drains beside it.

mod accounting;
mod acts;
mod canary;
mod changes;
mod full;
mod lists;
mod once;
mod onec;
mod openapi;
mod rules;
mod schema;
pub(crate) mod served;
mod silent;
mod tls;

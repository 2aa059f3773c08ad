//! What a handler is given of who asks. Both values are made here alone, from a session.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::acts::{Act, Actor, Via};
use crate::config::Role;
use crate::web::pages::{Console, Fault};

/// A person who has signed in.
#[derive(Debug, Clone)]
pub(in crate::web) struct Visitor {
    name: String,
    role: Role,
}

impl Visitor {
    pub(super) fn new(name: String, role: Role) -> Self {
        Self { name, role }
    }

    /// The name.
    pub(in crate::web) fn name(&self) -> &str {
        &self.name
    }

    /// The role.
    pub(in crate::web) fn role(&self) -> Role {
        self.role
    }

    /// Whether texts that may name people are shown.
    pub(in crate::web) fn sees_people(&self) -> bool {
        self.role != Role::Viewer
    }

    /// Whether acts are shown.
    pub(in crate::web) fn acts(&self) -> bool {
        self.role == Role::Operator
    }

    /// Whether the log is shown.
    pub(in crate::web) fn sees_log(&self) -> bool {
        self.role == Role::Auditor
    }
}

/// A person who may act, by a form that one of our pages made.
#[derive(Debug, Clone)]
pub(in crate::web) struct Operator(Visitor);

impl Operator {
    /// The act that a form with this id asks for.
    pub(in crate::web) fn act(&self, id: &str) -> Act {
        Act::once(Actor::new(self.0.name.clone(), Via::Web), id)
    }
}

impl FromRequestParts<Arc<Console>> for Visitor {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Console>) -> Result<Self, Fault> {
        parts.extensions.get::<Self>().cloned().ok_or(Fault::Forbidden)
    }
}

impl FromRequestParts<Arc<Console>> for Operator {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Fault> {
        let visitor = Visitor::from_request_parts(parts, console).await?;
        if visitor.acts() { Ok(Self(visitor)) } else { Err(Fault::Forbidden) }
    }
}

//! What a form has sent.

use axum::extract::{FromRequest, Request};
use axum::http::header;
use url::form_urlencoded;
use uuid::Uuid;

use super::Fault;
use crate::web::body::{self, Unread};

/// The largest form, in bytes.
const MOST: usize = 64 << 10;
/// So many things are acted on at once.
pub(super) const AT_ONCE: usize = 1000;
/// The longest act id.
const LONGEST_ID: usize = 64;

/// The fields of a form, in their order.
#[derive(Debug, Clone)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// A field; empty where it was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// A field that is needed.
    pub(super) fn needed(&self, name: &str) -> Result<&str, Fault> {
        Some(self.text(name)).filter(|text| !text.is_empty()).ok_or(Fault::BadForm)
    }

    /// A field where it was filled.
    pub(super) fn filled(&self, name: &str) -> Option<String> {
        let text = self.text(name);
        (!text.trim().is_empty()).then(|| text.trim().to_owned())
    }

    /// A field of a filter, where it chooses something.
    pub(super) fn chosen(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Whether a box was ticked.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// The number in a field.
    pub(super) fn number(&self, name: &str) -> Result<i64, Fault> {
        self.text(name).parse().map_err(|_| Fault::BadForm)
    }

    /// The numbers of several things; `None` where the form is about one.
    pub(super) fn numbers(&self) -> Result<Option<Vec<i64>>, Fault> {
        let Some(text) = self.filled("numbers") else { return Ok(None) };
        let numbers = text.split(',').map(|one| one.parse().map_err(|_| Fault::BadForm));
        let numbers = numbers.collect::<Result<Vec<i64>, _>>()?;
        if numbers.len() > AT_ONCE { Err(Fault::BadForm) } else { Ok(Some(numbers)) }
    }

    /// Whether a call was carried out, as a person says.
    pub(super) fn is_done(&self) -> Result<bool, Fault> {
        match self.text("outcome") {
            "done" => Ok(true),
            "failed" => Ok(false),
            _ => Err(Fault::BadForm),
        }
    }

    /// The id of the act that the form asks for.
    pub(super) fn act_id(&self) -> Result<&str, Fault> {
        let id = self.needed("act_id")?;
        let is_plain = |one: char| one.is_ascii_alphanumeric() || one == '-';
        if id.len() > LONGEST_ID || !id.chars().all(is_plain) {
            return Err(Fault::BadForm);
        }
        Ok(id)
    }
}

/// The id of the act that a new form asks for: it is done once, however often the form is sent.
pub(super) fn new_act_id() -> String {
    Uuid::now_v7().to_string()
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &S) -> Result<Self, Fault> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
            return Err(Fault::BadForm);
        }
        let read = body::whole(request.into_body(), MOST).await;
        let body = read.map_err(|unread| match unread {
            Unread::Late => Fault::Late,
            Unread::TooLarge | Unread::Broken => Fault::BadForm,
        })?;
        Ok(Self(form_urlencoded::parse(&body).into_owned().collect()))
    }
}

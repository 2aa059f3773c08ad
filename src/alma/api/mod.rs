//! Alma over HTTP: the calls of its document and their answers, nothing more.
//!
//! Source: «Alma External API Documentation». Every path ends in a slash. What only asks
//! is asked again where that may help; what changes something is sent once.
//!
//! Alma reads back in other shapes than it is written in. An [`Object`] has them turned
//! back, so that what is there can be compared with what should be.

mod answer;
mod contracts;
mod error;
mod object;
mod paths;
mod people;
mod realty;
mod refusal;
mod rows;

use reqwest::header::HeaderName;
use serde_json::json;

use super::Fields;
use crate::config;
use crate::http::{self, Authorization, BuildError, Patience, Response, Upstream};
use crate::ledger::AlmaKind;
use paths::operation;

pub use error::Error;
pub use object::{Object, RentalObject};
pub use paths::At;
pub use rows::Row;

/// The most that is read of an answer about one object.
const ANSWER: usize = 4 << 20;

/// A file to hand over, in one of the two ways that `alma.upload` names.
pub enum File<'f> {
    /// Its content.
    Content(http::File),
    /// Its link, which Alma follows.
    Link(&'f str),
}

/// Alma's side of the wire.
pub struct Api {
    upstream: Upstream,
    upload_part: String,
}

impl Api {
    /// Sets up the way to Alma. Nothing is sent yet.
    ///
    /// # Errors
    /// The way out cannot be built (see [`BuildError`]).
    pub fn new(
        config: &config::Alma,
        http: &config::Http,
        patience: Patience,
    ) -> Result<Self, BuildError> {
        let key = Authorization {
            header: HeaderName::from_static("api-key"),
            value: config.api_key.clone(),
        };
        let pause = http::UNAUTHORIZED_PAUSE;
        let upstream = Upstream::new("alma", &config.base_url, Some(key), http, patience, pause)?;
        Ok(Self { upstream: upstream.wanting_json(), upload_part: config.upload_part.clone() })
    }

    /// The way to Alma, to see whether it is paused.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Makes an object, and answers Alma's id of it.
    ///
    /// # Errors
    /// See [`Error`]. Where it is of class `Retry`, the object may be there all the same.
    pub async fn create(&self, kind: AlmaKind, fields: &Fields) -> Result<i64, Error> {
        let operation = operation!("create", kind);
        let path = paths::all(kind);
        let answer = self.upstream.post_json(operation, path, fields.text());
        answer::id(operation, answer.await?).await
    }

    /// An object; `None` where there is none.
    ///
    /// Of contracts the document has two paths by external id, which disagree: this takes
    /// the one that it has for PATCH. Where that finds nothing, the list may know better.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn read(&self, kind: AlmaKind, at: &At) -> Result<Option<Object>, Error> {
        let operation = operation!("read", kind);
        let path = paths::one(operation, kind, at)?;
        let answer = self.ask(operation, &path, &[]).await?;
        let is_doubtful = kind.is_contract() && matches!(at, At::ExternalId(_));
        if is_doubtful && matches!(answer.status(), 404 | 405) {
            // It may be the path that is not there, or there for PATCH alone.
            answer::forget(answer).await;
            return Ok(None);
        }
        let Some((status, body)) = answer::sought(operation, answer).await? else {
            return Ok(None);
        };
        let object = Object::read(kind, &body);
        object.map(Some).map_err(Error::on(operation, status))
    }

    /// All objects of a kind, in short.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn list(&self, kind: AlmaKind) -> Result<Vec<Row>, Error> {
        rows::all(self, operation!("list", kind), paths::all(kind)).await
    }

    /// Sets fields of an object. With a `name` goes what the object is in: `project`,
    /// `building` or `parent_unit`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn change(&self, kind: AlmaKind, at: &At, fields: &Fields) -> Result<(), Error> {
        let operation = operation!("change", kind);
        let path = paths::one(operation, kind, at)?;
        let answer = self.upstream.patch_json(operation, &path, fields.text());
        answer::done(operation, answer.await?).await
    }

    /// Archives a unit or a room, or brings it back. Archiving takes the contracts along,
    /// for good; of a unit the rooms too.
    ///
    /// # Errors
    /// See [`Error`]; also where another kind is meant, of which Alma has no such call.
    pub async fn archive(&self, kind: AlmaKind, at: &At, is_archived: bool) -> Result<(), Error> {
        let operation = operation!("archive", kind);
        let path = paths::of_rental(operation, kind, at, "archive")?;
        let body = json!({ "is_archived": is_archived }).to_string();
        let answer = self.upstream.patch_json(operation, &path, body);
        answer::done(operation, answer.await?).await
    }

    /// Blocks a unit or a room from today on, or ends that.
    ///
    /// # Errors
    /// See [`Error`]; also where another kind is meant, of which Alma has no such call.
    pub async fn block(&self, kind: AlmaKind, at: &At, is_blocked: bool) -> Result<(), Error> {
        let operation = operation!("block", kind);
        let path = paths::of_rental(operation, kind, at, "block")?;
        let body = json!({ "is_blocked": is_blocked }).to_string();
        let answer = self.upstream.patch_json(operation, &path, body);
        let (status, body) = answer::found(operation, answer.await?).await?;
        if body.trim() == "true" {
            Ok(())
        } else {
            Err(Error::on(operation, status)("it is not true"))
        }
    }

    /// The unit or room that a contract names by an id of the source; `None` where there
    /// is none.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn rental_object(&self, external_id: &str) -> Result<Option<RentalObject>, Error> {
        let operation = "read rental object";
        let path = paths::rental_object(operation, external_id)?;
        let answer = self.ask(operation, &path, &[]).await?;
        let Some((status, body)) = answer::sought(operation, answer).await? else {
            return Ok(None);
        };
        let object = RentalObject::read(&body);
        object.map(Some).map_err(Error::on(operation, status))
    }

    /// Hands a file over, and answers the id that photos and scans name it by.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn upload(&self, file: File<'_>) -> Result<i64, Error> {
        let operation = "upload file";
        let path = paths::FILES;
        let upstream = &self.upstream;
        match file {
            File::Content(file) => {
                let part = &self.upload_part;
                let answer = upstream.post_file(operation, path, part, file).await?;
                answer::file_id(operation, answer).await
            }
            File::Link(link) => {
                let body = json!({ "url": link }).to_string();
                let answer = upstream.post_json(operation, path, body).await?;
                let id = answer::file_id(operation, answer).await;
                id.map_err(|error| error.without_link(link))
            }
        }
    }

    /// Whether Alma is there and takes our key: reads the list of buildings, of which there
    /// are not many.
    pub(super) async fn probe(&self) -> Result<(), Error> {
        self.list(AlmaKind::Building).await.map(drop)
    }

    async fn ask(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Response, http::Error> {
        self.upstream.get_patiently(operation, path, query).await
    }
}

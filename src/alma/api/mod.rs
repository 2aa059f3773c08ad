//! Alma over HTTP: the requests of its document and their answers, nothing more.
//!
//! Source: «Alma External API Documentation». Every path ends in a slash. A GET is retried
//! where that may help; a request that changes something is sent once.
//!
//! Alma reads back in other shapes than it is written in. An [`Object`] has them turned
//! back, so that what Alma holds can be compared with what it should hold.

mod answer;
mod error;
mod fields;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod members;
mod object;
mod paths;
mod refusal;
mod rows;

use reqwest::header::HeaderName;
use serde_json::json;

use super::Fields;
use crate::config;
use crate::http::{self, Authorization, BuildError, Class, Deadline, Upstream};
use crate::ledger::AlmaKind;
use paths::operation;

pub use error::Error;
pub use object::{Object, RentalObject};
pub use paths::At;
pub use rows::Row;

/// The most bytes that are read of an answer about one object.
const ANSWER: usize = 4 << 20;

/// A file to upload, in one of the two ways that `alma.upload` names.
pub enum File<'f> {
    /// Its content.
    Content(http::File),
    /// Its link, which Alma follows.
    Link(&'f str),
}

/// A client of Alma's API.
pub struct Api {
    upstream: Upstream,
    upload_part: String,
}

impl Api {
    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// The HTTP client could not be built.
    pub fn new(
        config: &config::Alma,
        http: &config::Http,
        deadline: &Deadline,
    ) -> Result<Self, BuildError> {
        let key = Authorization {
            header: HeaderName::from_static("api-key"),
            value: secrecy::SecretString::clone(&config.api_key),
        };
        let pause = http::UNAUTHORIZED_PAUSE;
        let upstream = Upstream::new("alma", &config.base_url, Some(key), http, deadline, pause)?;
        Ok(Self { upstream: upstream.wanting_json(), upload_part: config.upload_part.clone() })
    }

    /// The HTTP client, which knows whether Alma is paused.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Creates an object; answers Alma's id of it.
    ///
    /// # Errors
    /// After one of class `Retry` the object may have been created all the same.
    pub async fn create(&self, kind: AlmaKind, fields: &Fields) -> Result<i64, Error> {
        let operation = operation!("create", kind);
        let path = paths::all(kind);
        let answer = self.upstream.post_json(operation, path, fields.text());
        answer::id(operation, answer.await?).await
    }

    /// An object; `None` where there is none.
    ///
    /// The document has two paths for contracts by external id, which disagree: this takes
    /// the one that it has for PATCH. Where that finds nothing, the list decides.
    pub async fn read(&self, kind: AlmaKind, at: &At) -> Result<Option<Object>, Error> {
        let operation = operation!("read", kind);
        let path = paths::one(operation, kind, at)?;
        let (status, body) = self.ask(operation, &path).await?;
        let is_doubtful = kind.is_contract() && matches!(at, At::ExternalId(_));
        if is_doubtful && matches!(status, 404 | 405) {
            // The path itself may be missing, or take PATCH alone.
            return Ok(None);
        }
        let Some((status, body)) = answer::sought(operation, status, body)? else {
            return Ok(None);
        };
        let object = Object::read(kind, &body);
        object.map(Some).map_err(Error::on(operation, status))
    }

    /// All objects of a kind, a few members of each.
    pub async fn list(&self, kind: AlmaKind) -> Result<Vec<Row>, Error> {
        rows::all(self, operation!("list", kind), paths::all(kind)).await
    }

    /// Sets fields of an object. A new `name` needs what the object is in beside it:
    /// `project`, `building` or `parent_unit`.
    pub async fn change(&self, kind: AlmaKind, at: &At, fields: &Fields) -> Result<(), Error> {
        let operation = operation!("change", kind);
        let path = paths::one(operation, kind, at)?;
        let answer = self.upstream.patch_json(operation, &path, fields.text());
        answer::done(operation, answer.await?).await
    }

    /// Archives or unarchives a unit or a room. Archiving also archives the contracts, for
    /// good, and the rooms of a unit.
    ///
    /// # Errors
    /// [`Error::NotSent`] for another kind: Alma has no such call.
    pub async fn archive(&self, kind: AlmaKind, at: &At, is_archived: bool) -> Result<(), Error> {
        let operation = operation!("archive", kind);
        let path = paths::of_rental(operation, kind, at, "archive")?;
        let body = json!({ "is_archived": is_archived }).to_string();
        let answer = self.upstream.patch_json(operation, &path, body);
        answer::done(operation, answer.await?).await
    }

    /// Blocks a unit or a room from today on, or unblocks it; answers what Alma said to it.
    ///
    /// # Errors
    /// [`Error::NotSent`] for another kind: Alma has no such call.
    pub async fn block(
        &self,
        kind: AlmaKind,
        at: &At,
        is_blocked: bool,
    ) -> Result<Option<String>, Error> {
        let operation = operation!("block", kind);
        let path = paths::of_rental(operation, kind, at, "block")?;
        let body = json!({ "is_blocked": is_blocked }).to_string();
        let answer = self.upstream.patch_json_apart(operation, &path, body);
        let (status, body) = answer::found(operation, answer.await?).await?;
        if body.trim() == "true" {
            Ok(http::words(&body, &[]))
        } else {
            Err(Error::on(operation, status)("it is not true"))
        }
    }

    /// The unit or room that a contract names by an id of the source; `None` where there
    /// is none.
    pub async fn rental_object(&self, external_id: &str) -> Result<Option<RentalObject>, Error> {
        let operation = "read rental object";
        let path = paths::rental_object(operation, external_id)?;
        let (status, body) = self.ask(operation, &path).await?;
        let Some((status, body)) = answer::sought(operation, status, body)? else {
            return Ok(None);
        };
        let object = RentalObject::read(&body);
        object.map(Some).map_err(Error::on(operation, status))
    }

    /// Uploads a file; answers the id that photos and scans name it by.
    ///
    /// # Errors
    /// [`Error::Nameless`] where the upload went through and its answer has no id.
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

    /// Whether Alma can be reached and takes our key: reads the list of buildings, which is
    /// short.
    pub(super) async fn probe(&self) -> Result<(), Error> {
        self.list(AlmaKind::Building).await.map(drop)
    }

    /// The status and the text of an answer about one object.
    async fn ask(&self, operation: &'static str, path: &str) -> Result<(u16, String), Error> {
        let ask = || async {
            let answer = self.upstream.get(operation, path, &[]).await?;
            let status = answer.status();
            match answer.json(ANSWER).await {
                Err(error) if error.class() == Class::Reject => Ok((status, None)),
                body => Ok((status, Some(body?))),
            }
        };
        let (status, body) = self.upstream.repeat(operation, ask).await?;
        Ok((status, answer::told(operation, status, body)?))
    }

    /// The status and the body of a page of a list, of at most so many bytes.
    async fn page(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&str, &str)],
        limit: usize,
    ) -> Result<(u16, Vec<u8>), http::Error> {
        let ask = || async {
            let answer = self.upstream.get(operation, path, query).await?;
            Ok((answer.status(), answer.large_json(limit).await?))
        };
        self.upstream.repeat(operation, ask).await
    }
}

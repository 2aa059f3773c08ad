//! Requests whose body is JSON, or a file as a browser sends one: `multipart/form-data`
//! (RFC 7578).
//!
//! A whole request is made in memory, so that its length is known and nothing is left
//! half sent by a source that fails; hence the limit of a file.

use bytes::{BufMut, Bytes, BytesMut};
use memchr::memmem;
use reqwest::Method;
use reqwest::header::HeaderValue;

use super::error::{Error, Problem};
use super::parameters::Parameters;
use super::{Response, Upstream};

/// The largest file that is sent, in bytes.
pub const LARGEST_FILE: usize = 64 << 20;

/// A file to send.
#[derive(Clone, Copy)]
pub struct File<'f> {
    /// What it is called.
    pub name: &'f str,
    /// Its media type; what cannot be one is sent as `application/octet-stream`.
    pub content_type: &'f str,
    /// What is in it.
    pub content: &'f [u8],
}

impl Upstream {
    /// As [`Upstream::get`], by POST with JSON.
    pub async fn post_json(
        &self,
        operation: &'static str,
        path: &str,
        body: String,
    ) -> Result<Response, Error> {
        self.once(operation, path, Parameters::Json(Method::POST, body))
            .await
    }

    /// As [`Upstream::get_any_status`], by POST with JSON.
    pub async fn post_json_any_status(
        &self,
        operation: &'static str,
        path: &str,
        body: String,
    ) -> Result<Response, Error> {
        self.any_status(operation, path, Parameters::Json(Method::POST, body))
            .await
    }

    /// As [`Upstream::get`], by PATCH with JSON.
    pub async fn patch_json(
        &self,
        operation: &'static str,
        path: &str,
        body: String,
    ) -> Result<Response, Error> {
        self.once(operation, path, Parameters::Json(Method::PATCH, body))
            .await
    }

    /// As [`Upstream::get`], by POST with a file: `multipart/form-data` of one part.
    /// A file of more than [`LARGEST_FILE`] bytes is not sent, an error of class
    /// `Reject`.
    pub async fn post_file(
        &self,
        operation: &'static str,
        path: &str,
        part: &str,
        file: &File<'_>,
    ) -> Result<Response, Error> {
        if file.content.len() > LARGEST_FILE {
            return Err(self.error(operation, Problem::FileTooLarge));
        }
        let form = Form::new(part, file);
        self.once(operation, path, Parameters::File(form)).await
    }
}

/// A form with nothing but a file in it.
pub(super) struct Form {
    pub(super) content_type: HeaderValue,
    pub(super) body: Bytes,
}

impl Form {
    pub(super) fn new(part: &str, file: &File<'_>) -> Form {
        let (boundary, content_type) = boundary(file.content);
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            quotable(part),
            quotable(file.name),
            media_type(file.content_type)
        );
        let tail = format!("\r\n--{boundary}--\r\n");
        let mut body = BytesMut::with_capacity(head.len() + file.content.len() + tail.len());
        body.put_slice(head.as_bytes());
        body.put_slice(file.content);
        body.put_slice(tail.as_bytes());
        Form {
            content_type,
            body: body.freeze(),
        }
    }
}

/// A line that does not occur in the content, and the header that names it.
fn boundary(content: &[u8]) -> (String, HeaderValue) {
    loop {
        let boundary = format!("file-{:032x}", fastrand::u128(..));
        let content_type = format!("multipart/form-data; boundary={boundary}");
        if memmem::find(content, boundary.as_bytes()).is_none()
            && let Ok(content_type) = HeaderValue::from_str(&content_type)
        {
            return (boundary, content_type);
        }
    }
}

/// A name as browsers write it between quotes; control characters other than line
/// breaks have no spelling and no use.
fn quotable(name: &str) -> String {
    let mut quotable = String::with_capacity(name.len());
    for one in name.chars() {
        match one {
            '"' => quotable.push_str("%22"),
            '\r' => quotable.push_str("%0D"),
            '\n' => quotable.push_str("%0A"),
            one if one.is_control() => {}
            one => quotable.push(one),
        }
    }
    quotable
}

fn media_type(text: &str) -> &str {
    let is_one = text.contains('/') && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_one {
        text
    } else {
        "application/octet-stream"
    }
}

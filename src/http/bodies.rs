//! Requests whose body is JSON, or a file as a browser sends one: `multipart/form-data`
//! (RFC 7578).
//!
//! A file is read while it is sent, and its length is told before, so that a source that
//! fails half way leaves nothing that could be taken for the file.

use std::io::{self, Read};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use reqwest::Method;
use reqwest::header::HeaderValue;

use super::error::Error;
use super::parameters::Parameters;
use super::{Response, Upstream};

/// How much of a file is in memory at once.
const PIECE: u64 = 64 << 10;

/// A file to send.
pub struct File {
    /// What it is called.
    pub name: String,
    /// Its media type; what cannot be one is sent as `application/octet-stream`.
    pub content_type: String,
    /// How many bytes it has.
    pub length: u64,
    /// What is in it, from the beginning.
    pub content: Box<dyn Read + Send + Sync>,
}

impl Upstream {
    /// As [`Upstream::get`], by POST with JSON.
    pub async fn post_json(
        &self,
        operation: &'static str,
        path: &str,
        body: String,
    ) -> Result<Response, Error> {
        self.once(operation, path, Parameters::Json(Method::POST, body)).await
    }

    /// As [`Upstream::get_any_status`], by POST with JSON.
    pub async fn post_json_any_status(
        &self,
        operation: &'static str,
        path: &str,
        body: String,
    ) -> Result<Response, Error> {
        self.any_status(operation, path, Parameters::Json(Method::POST, body)).await
    }

    /// As [`Upstream::get`], by PATCH with JSON.
    pub async fn patch_json(
        &self,
        operation: &'static str,
        path: &str,
        body: String,
    ) -> Result<Response, Error> {
        self.once(operation, path, Parameters::Json(Method::PATCH, body)).await
    }

    /// As [`Upstream::get`], by POST with a file: `multipart/form-data` of one part.
    pub async fn post_file(
        &self,
        operation: &'static str,
        path: &str,
        part: &str,
        file: File,
    ) -> Result<Response, Error> {
        let form = Form::new(part, file);
        self.once(operation, path, Parameters::File(form)).await
    }
}

/// A form with nothing but a file in it.
pub(super) struct Form {
    pub(super) content_type: HeaderValue,
    pub(super) body: FormBody,
    pub(super) progress: Progress,
}

impl Form {
    fn new(part: &str, file: File) -> Form {
        // Made anew for each body, so nothing in a file is taken for it.
        let boundary = format!("file-{:032x}", fastrand::u128(..));
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            quotable(part),
            quotable(&file.name),
            media_type(&file.content_type)
        );
        let content_type = format!("multipart/form-data; boundary={boundary}");
        let progress = Progress::default();
        Form {
            progress: progress.clone(),
            content_type: HeaderValue::from_str(&content_type)
                .unwrap_or(HeaderValue::from_static("multipart/form-data")),
            body: FormBody {
                head: head.into(),
                content: file.content,
                left: file.length,
                tail: format!("\r\n--{boundary}--\r\n").into(),
                progress,
            },
        }
    }
}

/// When a form that is sent has got on last.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<Mutex<Option<Instant>>>);

impl Progress {
    fn made(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// `None`: not at all yet.
    pub(super) fn last(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A form that is read while it is sent.
pub(super) struct FormBody {
    head: Bytes,
    content: Box<dyn Read + Send + Sync>,
    /// The bytes of the content that are still to be read.
    left: u64,
    tail: Bytes,
    progress: Progress,
}

impl FormBody {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        if !self.head.is_empty() {
            return Ok(Some(std::mem::take(&mut self.head)));
        }
        if self.left == 0 {
            return Ok(Some(std::mem::take(&mut self.tail)).filter(|tail| !tail.is_empty()));
        }
        let mut piece = Vec::new();
        let read = self.content.by_ref().take(self.left.min(PIECE)).read_to_end(&mut piece)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(Some(piece.into()))
    }
}

impl Body for FormBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.progress.made();
        let piece = self.get_mut().next().transpose();
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.tail.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let ends = self.head.len() as u64 + self.tail.len() as u64;
        SizeHint::with_exact(ends + self.left)
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
    if is_one { text } else { "application/octet-stream" }
}

//! The body of a request, of a bounded size, in a bounded time: of a program JSON, of a page a
//! form.
//!
//! Its size (413) comes before its media type (415), and that before what it says (400). A
//! sender that takes its time holds no place of those who act.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::header::{self, HeaderMap};
use hyper::http::request::Parts;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::problem::Problem;

/// The largest body.
const MOST: usize = 1 << 20;
/// How long a body may take as a whole.
const WITHIN: Duration = Duration::from_secs(30);
/// How long it may pause on its way.
const PAUSE: Duration = Duration::from_secs(10);

/// The bytes of a body that is to be JSON.
///
/// # Errors
/// 408, 413, 415; 400 where there are parameters beside it.
pub(crate) async fn json(head: &Parts, body: Body) -> Result<Bytes, Problem> {
    let bytes = whole(body, MOST).await.map_err(|unread| match unread {
        Unread::TooLarge => {
            let detail =
                format!("the body is larger than {MOST} bytes; send it in several requests");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
        }
        Unread::Broken => Problem::bad_request("the body did not come whole"),
        Unread::Late => {
            let detail = "the body did not come in time";
            Problem::new(StatusCode::REQUEST_TIMEOUT, detail)
                .header(header::CONNECTION, header::HeaderValue::from_static("close"))
        }
    })?;
    check_media_type(&head.headers, &bytes)?;
    if head.uri.query().is_some_and(|query| !query.is_empty()) {
        let detail = "there are no parameters here: what is wanted stands in the body";
        return Err(Problem::bad_request(detail));
    }
    Ok(bytes)
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is larger than it may be.
    TooLarge,
    /// It broke off.
    Broken,
    /// It took too long. The connection is to be closed: what is still to come is no request.
    Late,
}

/// All of a body, of at most so many bytes. Nothing else waits for a body: as long as one is
/// awaited, its connection makes room for no other.
pub(crate) async fn whole(mut body: Body, most: usize) -> Result<Bytes, Unread> {
    if body.size_hint().lower() > most as u64 {
        return Err(Unread::TooLarge);
    }
    let reading = async {
        let mut bytes = BytesMut::new();
        while let Some(frame) = tokio::time::timeout(PAUSE, body.frame()).await? {
            let Ok(frame) = frame else {
                return Ok(Err(Unread::Broken));
            };
            if let Ok(data) = frame.into_data() {
                if bytes.len() + data.len() > most {
                    return Ok(Err(Unread::TooLarge));
                }
                bytes.extend_from_slice(&data);
            }
        }
        Ok::<_, tokio::time::error::Elapsed>(Ok(bytes.freeze()))
    };
    match tokio::time::timeout(WITHIN, reading).await {
        Ok(Ok(read)) => read,
        _ => Err(Unread::Late),
    }
}

/// A body that says nothing needs no media type.
fn check_media_type(headers: &HeaderMap, bytes: &Bytes) -> Result<(), Problem> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let media_type = text(header::CONTENT_TYPE);
    let is_json = media_type.is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("application/json")
    });
    let is_plain = text(header::CONTENT_ENCODING)
        .is_none_or(|encoding| encoding.trim().eq_ignore_ascii_case("identity"));
    if is_plain && (is_json || (bytes.is_empty() && media_type.is_none())) {
        return Ok(());
    }
    let detail = "the body must be JSON, not compressed, with Content-Type: application/json";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
}

/// What JSON has as an object: without it an array is taken for the members in their order.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, members: M) -> Result<T, M::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

/// Reads a JSON object; what is wrong names its member. An empty body is an empty object.
pub(crate) fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Problem::bad_request("the body is not UTF-8"))?
        .trim_start_matches('\u{feff}');
    let text = if text.is_empty() { "{}" } else { text };
    serde_json::from_str::<IgnoredAny>(text)
        .map_err(|error| Problem::bad_request(format!("the body is not JSON: {error}")))?;
    let mut json = serde_json::Deserializer::from_str(text);
    let Object(parsed) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let problem = error.into_inner();
        match path.as_str() {
            "." | "?" => Problem::bad_request(problem.to_string()),
            path => Problem::bad_request(format!("{path}: {problem}")),
        }
    })?;
    Ok(parsed)
}

//! An answer as it should be, and what a fault makes of it.

use bytes::Bytes;
use hyper::Response;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE};

use super::WordStyle;
use super::answer::{Answer, Damage, Drip, Dropped, Source, Walk};
use super::fault::{FaultKind, WORDS};
use super::server::Shared;

pub(super) const JSON: &str = "application/json; charset=utf-8";
pub(super) const PLAIN: &str = "text/plain; charset=utf-8";
pub(super) const HTML: &str = "text/html; charset=utf-8";
const BOM: &[u8] = b"\xef\xbb\xbf";

/// A header beside the content's own.
pub(super) type Header = (hyper::header::HeaderName, String);

/// An answer before any damage.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) source: Source,
}

impl Reply {
    pub(super) fn whole(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let source = Source::Whole(body.into());
        Self {
            status,
            content_type,
            source,
        }
    }
}

/// One of SetId's words, with its status, plain or as a JSON string.
pub(super) fn word(shared: &Shared, word: &str) -> Reply {
    let status = WORDS
        .iter()
        .find_map(|(known, status)| (*known == word).then_some(*status))
        .unwrap_or(500);
    let quoted = match shared.words {
        WordStyle::Plain => false,
        WordStyle::Json => true,
        WordStyle::Mixed => shared.lock().random.bool(),
    };
    if quoted {
        Reply::whole(status, JSON, format!("\"{word}\""))
    } else {
        Reply::whole(status, PLAIN, word.to_owned())
    }
}

/// Applies a fault to a finished answer.
pub(super) fn damaged(
    shared: &Shared,
    mut reply: Reply,
    fault: Option<&FaultKind>,
) -> Result<Response<Answer>, Dropped> {
    let mut headers = Vec::new();
    let damage = match fault {
        Some(FaultKind::LostAnswer) => return Err(Dropped),
        Some(cut @ (FaultKind::CutBody | FaultKind::CutAnnounced)) => {
            let length = reply.source.length();
            if *cut == FaultKind::CutAnnounced {
                // An empty body can only be broken by promising more than nothing.
                headers.push((CONTENT_LENGTH, length.max(1).to_string()));
            }
            let kept = match length {
                0 | 1 => 0,
                _ => shared.lock().random.usize(1..length),
            };
            Damage::Cut(kept)
        }
        Some(FaultKind::StallBody) => Damage::Stall(reply.source.length() / 2),
        Some(FaultKind::Drip) => Damage::Drip(Drip::default()),
        Some(FaultKind::Bom) => {
            reply.source = marked(reply.source);
            Damage::None
        }
        _ => Damage::None,
    };
    finish(reply, damage, &headers)
}

/// The same bytes after a byte order mark.
fn marked(source: Source) -> Source {
    match source {
        Source::Whole(bytes) => Source::Whole([BOM, &bytes].concat().into()),
        Source::Queue(walk) => Source::Queue(Walk { mark: BOM, ..walk }),
    }
}

pub(super) fn finish(
    reply: Reply,
    damage: Damage,
    headers: &[Header],
) -> Result<Response<Answer>, Dropped> {
    let mut response = Response::builder()
        .status(reply.status)
        .header(CONTENT_TYPE, reply.content_type);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    let body = Answer {
        source: reply.source,
        damage,
    };
    response.body(body).map_err(|_| Dropped)
}

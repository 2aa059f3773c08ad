//! An answer as it should be, and what a fault makes of it.

use bytes::Bytes;
use hyper::Response;
use hyper::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::{Answer, Damage, Drip, Dropped, Source};
use super::fault::FaultKind;
use super::server::Shared;

pub(super) const JSON: &str = "application/json; charset=utf-8";
pub(super) const PLAIN: &str = "text/plain; charset=utf-8";
pub(super) const HTML: &str = "text/html; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";
const BOM: &[u8] = b"\xef\xbb\xbf";

const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Вход</title></head>\
    <body><form action=\"/login\">Логин <input name=\"login\"></form></body></html>\n";
/// Answer of a feed of another type at the same kind of link.
const XML_FEED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <realty-feed xmlns=\"http://webmaster.yandex.ru/schemas/feed/realty/2010-06\">\
    <generation-date>2026-01-12T10:00:00+03:00</generation-date></realty-feed>\n";
/// Target of redirects; following one is a violation.
pub(super) const REDIRECTED: &str = "/simulator/redirected";

/// A header beside the content's own.
type Header = (hyper::header::HeaderName, String);

/// An answer before any damage.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) source: Source,
    /// The name of the file that it is.
    name: Option<String>,
}

impl Reply {
    pub(super) fn whole(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, source: Source::Whole(body.into()), name: None }
    }

    /// JSON that may be longer than one chunk.
    pub(super) fn json(source: Source) -> Self {
        Self { status: 200, content_type: JSON, source, name: None }
    }

    /// Names the file in the answer.
    pub(super) fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }
}

/// The answer of a fault that keeps the effect from happening; `refusal` is how
/// the system refuses unknown credentials.
pub(super) async fn instead(
    fault: &FaultKind,
    refusal: impl FnOnce() -> Reply,
) -> Result<Option<Response<Answer>>, Dropped> {
    let mut headers = Vec::new();
    let reply = match fault {
        FaultKind::Error500 => Reply::whole(500, HTML, "<h1>Server Error</h1>"),
        FaultKind::Unavailable { retry_after_seconds } => {
            headers.push((RETRY_AFTER, retry_after_seconds.to_string()));
            Reply::whole(503, HTML, "<h1>Service Unavailable</h1>")
        }
        FaultKind::TooMany => Reply::whole(429, PLAIN, "too many requests"),
        FaultKind::Forbidden => refusal(),
        FaultKind::Html => Reply::whole(200, HTML, LOGIN_PAGE),
        FaultKind::Xml => Reply::whole(200, XML, XML_FEED),
        FaultKind::Redirect => {
            headers.push((LOCATION, REDIRECTED.to_owned()));
            Reply::whole(302, HTML, "<h1>Object moved</h1>")
        }
        FaultKind::ResetBefore => return Err(Dropped),
        FaultKind::Stall => std::future::pending().await,
        _ => return Ok(None),
    };
    finish(reply, Damage::None, &headers).map(Some)
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
        Some(FaultKind::CutFramed) => {
            let length = reply.source.length();
            Damage::End(if length > 1 { shared.lock().random.usize(1..length) } else { length })
        }
        Some(FaultKind::StallBody) => Damage::Stall(reply.source.length() / 2),
        Some(FaultKind::Drip) => Damage::Drip(Drip::default()),
        Some(FaultKind::Bom) => {
            reply.source = reply.source.after(BOM);
            Damage::None
        }
        _ => Damage::None,
    };
    finish(reply, damage, &headers)
}

/// An answer as it should be.
pub(super) fn sound(reply: Reply) -> Result<Response<Answer>, Dropped> {
    finish(reply, Damage::None, &[])
}

fn finish(reply: Reply, damage: Damage, headers: &[Header]) -> Result<Response<Answer>, Dropped> {
    let mut response =
        Response::builder().status(reply.status).header(CONTENT_TYPE, reply.content_type);
    if let Some(name) = &reply.name {
        let encoded = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let disposition = format!("attachment; filename*=utf-8''{encoded}");
        response = response.header(CONTENT_DISPOSITION, disposition);
    }
    for (name, value) in headers {
        response = response.header(name, value);
    }
    let body = Answer { source: reply.source, damage };
    response.body(body).map_err(|_| Dropped)
}

//! What is sent: parameters in the query or form-encoded in the body, JSON, a file.

use std::borrow::Borrow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderValue, REFERER};
use reqwest::{Body, Method, Request};
use url::Url;

use super::bodies::{Form, Progress};

/// Everything but the unreserved characters of RFC 3986 is encoded: `+` and
/// `&` in a value would otherwise mean something else at the other end. A form's
/// reader takes `%20` for a blank as it takes `+`.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is asked for, encoded, and the method that goes with it.
pub(super) enum Parameters {
    /// A GET with these in its query.
    Query(String),
    /// A POST with these in its body, `application/x-www-form-urlencoded`.
    Form(String),
    /// This JSON text as the body, with the method.
    Json(Method, String),
    /// A GET of this address, as a browser asks for a file.
    Download(Url),
    /// A POST with a file in its body, `multipart/form-data`.
    File(Form),
}

impl Parameters {
    pub(super) fn query(pairs: &[(&str, &str)]) -> Parameters {
        Parameters::Query(encode(pairs))
    }

    pub(super) fn form(pairs: &[(&str, impl Borrow<str>)]) -> Parameters {
        Parameters::Form(encode(pairs))
    }

    /// Of a file, how it gets on while it is sent.
    pub(super) fn progress(&self) -> Option<Progress> {
        match self {
            Parameters::File(form) => Some(form.progress.clone()),
            _ => None,
        }
    }

    /// The request for a path below `base_url`.
    pub(super) fn request(self, base_url: &Url, path: &str) -> Request {
        let mut url = address(base_url, path);
        match self {
            Parameters::Query(query) => {
                let kept = url.query().filter(|kept| !kept.is_empty());
                let all = match kept {
                    Some(kept) => format!("{kept}&{query}"),
                    None => query.clone(),
                };
                if !query.is_empty() {
                    url.set_query(Some(&all));
                }
                Request::new(Method::GET, url)
            }
            Parameters::Form(form) => {
                let form_encoded = HeaderValue::from_static("application/x-www-form-urlencoded");
                with_body(Method::POST, url, form_encoded, form.into())
            }
            Parameters::Json(method, text) => {
                let json = HeaderValue::from_static("application/json");
                with_body(method, url, json, text.into())
            }
            Parameters::Download(url) => download(url),
            Parameters::File(form) => {
                let body = Body::wrap(form.body);
                with_body(Method::POST, url, form.content_type, body)
            }
        }
    }
}

/// A GET whose headers are a browser's: some servers give files to browsers only. The
/// Referer is the root of the server, which holds no secret.
fn download(url: Url) -> Request {
    let root = url.origin().ascii_serialization();
    let mut request = Request::new(Method::GET, url);
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en"));
    if let Ok(root) = HeaderValue::from_str(&format!("{root}/")) {
        headers.insert(REFERER, root);
    }
    request
}

fn with_body(method: Method, url: Url, content_type: HeaderValue, body: Body) -> Request {
    let mut request = Request::new(method, url);
    request.headers_mut().insert(CONTENT_TYPE, content_type);
    *request.body_mut() = Some(body);
    request
}

/// A text as one segment of a path, whatever it holds; `None` where no address can name
/// it: nothing, `.` and `..` mean another place there.
pub fn segment(text: &str) -> Option<String> {
    let names_itself = !matches!(text, "" | "." | "..");
    names_itself.then(|| utf8_percent_encode(text, STRICT).to_string())
}

/// A path below the base; a leading slash in the documents still means below it.
/// The empty path is the base itself, to the letter.
fn address(base_url: &Url, path: &str) -> Url {
    let mut url = base_url.clone();
    if !path.is_empty() {
        let base = url.path().trim_end_matches('/');
        url.set_path(&format!("{base}/{}", path.trim_start_matches('/')));
    }
    url
}

fn encode(pairs: &[(&str, impl Borrow<str>)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            format!(
                "{}={}",
                utf8_percent_encode(name, STRICT),
                utf8_percent_encode(value.borrow(), STRICT)
            )
        })
        .collect();
    pairs.join("&")
}

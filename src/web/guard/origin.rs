//! Whether what is sent comes from our own pages: the browser says so itself.

use axum::http::{HeaderMap, Method, Uri, header};

use super::host;

/// Whether a request may be carried out: it only reads, or one of our pages sent it.
pub(super) fn is_ours(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD) {
        return true;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return site.as_bytes() == b"same-origin";
    }
    // A browser that does not know that header says where the page is from.
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let origin = origin.and_then(|origin| {
        origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))
    });
    origin.is_some_and(|origin| {
        host(uri, headers).is_some_and(|host| host.eq_ignore_ascii_case(origin))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(method: &Method, given: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "ledger.example.ru:8464".parse().unwrap());
        for (name, value) in given {
            headers.insert(*name, value.parse().unwrap());
        }
        is_ours(method, &Uri::from_static("/login"), &headers)
    }

    #[test]
    fn what_another_site_sends_is_not_ours() {
        assert!(
            ours(&Method::GET, &[]) && ours(&Method::HEAD, &[("origin", "https://evil.example")])
        );
        for given in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://ledger.example.ru")],
            &[("origin", "https://ledger.example.ru:8464.evil.example")],
            &[("origin", "ftp://ledger.example.ru:8464")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-site"), ("origin", "https://ledger.example.ru:8464")],
            &[("sec-fetch-site", "cross-site")],
        ] {
            assert!(!ours(&Method::POST, given), "{given:?}");
        }
        assert!(ours(&Method::POST, &[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(ours(&Method::POST, &[("origin", "https://Ledger.example.ru:8464")]));
        assert!(ours(&Method::DELETE, &[("origin", "http://ledger.example.ru:8464")]));
        assert!(!ours(&Method::OPTIONS, &[]));
    }
}

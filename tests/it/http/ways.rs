//! Proxies, addresses, certificates: which way a request takes.

use std::net::{IpAddr, SocketAddr};

use secrecy::SecretString;
use uzhkh_ledger::config::Http;
use uzhkh_ledger::http::{Authorization, BuildError, Deadline, Sent, Upstream};

use crate::http::server::{Server, answer};
use crate::http::{CERTIFICATE, PAUSE, QUERY, RETRY, TOKEN, calm, upstream, upstream_of, words};
use crate::support::nowhere;

#[tokio::test]
async fn the_proxy_is_used_and_its_password_not_shown() {
    let proxy = Server::start(vec![answer("200 OK", "", "b0dy")]).await;
    let url = format!("http://user:pa55@{}/", proxy.address).parse().unwrap();
    let http = Http { proxy: Some(url), ..calm() };
    let base = "http://host.invalid/s3cret-base/".parse().unwrap();
    let upstream = Upstream::new("uzhkh", &base, None, &http, &Deadline::none(), PAUSE).unwrap();
    assert_eq!(upstream.get("Requests", "x", &[]).await.unwrap().text(9).await.unwrap(), "b0dy");
    let head = proxy.seen()[0].head.to_lowercase();
    assert!(head.starts_with("get http://host.invalid/s3cret-base/x http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nproxy-authorization: basic "), "{head}");
    assert!(!format!("{upstream:?} {http:?}").contains("pa55"));
}

#[tokio::test]
async fn a_proxy_that_is_down_is_an_upstream_not_reached() {
    let url = format!("http://user:pa55@{}/", nowhere()).parse().unwrap();
    let http = Http { proxy: Some(url), ..calm() };
    let base = "http://host.invalid/s3cret-base/".parse().unwrap();
    let upstream = Upstream::new("uzhkh", &base, None, &http, &Deadline::none(), PAUSE).unwrap();
    let error = upstream.get("Requests", "x", QUERY).await.unwrap_err();
    assert_eq!((error.class(), error.sent()), (RETRY, Sent::No));
    assert!(!words(&error).contains("pa55"));
}

#[tokio::test]
async fn the_local_address_is_the_one_the_server_sees() {
    let server = Server::start(vec![answer("200 OK", "", "")]).await;
    let own: IpAddr = "127.0.0.2".parse().unwrap();
    let http = Http { local_address: Some(own), ..calm() };
    upstream_of(&server, &http, &Deadline::none()).get("Requests", "x", QUERY).await.unwrap();
    assert_eq!(server.seen()[0].peer.ip(), own);
}

#[tokio::test]
async fn a_local_address_that_is_not_ours_says_so() {
    let server = Server::start(vec![answer("200 OK", "", "")]).await;
    let http = Http { local_address: Some("192.0.2.1".parse().unwrap()), ..calm() };
    let error = upstream_of(&server, &http, &Deadline::none())
        .get("Requests", "x", QUERY)
        .await
        .unwrap_err();
    assert_eq!(error.sent(), Sent::No);
    assert!(words(&error).contains("check http.local_address"), "{error}");
}

#[tokio::test]
async fn a_local_address_of_the_other_kind_was_not_named() {
    let listener = tokio::net::TcpListener::bind("[::1]:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let http = Http { local_address: Some("127.0.0.1".parse().unwrap()), ..calm() };
    let upstream = Upstream::new("uzhkh", &base, None, &http, &Deadline::none(), PAUSE).unwrap();
    let error = upstream.get("Requests", "x", QUERY).await.unwrap_err();
    assert_eq!(error.sent(), Sent::No);
    assert!(words(&error).contains("http.local_address"), "{error}");
}

#[test]
fn what_cannot_be_built_says_why_without_the_secret() {
    let base = "http://127.0.0.1/s3cret-base/".parse().unwrap();
    let build = |token: &str, http: &Http| {
        let token = Authorization::bearer(&SecretString::from(token));
        Upstream::new("uzhkh", &base, Some(token), http, &Deadline::none(), PAUSE)
            .expect_err("it cannot be built")
    };
    let error = build("s3cret\n", &calm());
    assert!(matches!(error, BuildError::Token("uzhkh")));
    words(&error);

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    let http = Http { ca_file: Some(path.clone()), ..calm() };
    let error = build("t", &http);
    assert!(matches!(error, BuildError::CaUnreadable { .. }));
    assert!(words(&error).contains(path.to_str().unwrap()));
    for broken in ["", "b0dy", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        std::fs::write(&path, broken).unwrap();
        let error = build("t", &http);
        assert!(matches!(error, BuildError::CaInvalid { .. }), "{error}");
        assert!(words(&error).contains(path.to_str().unwrap()));
    }
    std::fs::write(&path, CERTIFICATE).unwrap();
    Upstream::new("uzhkh", &base, None, &http, &Deadline::none(), PAUSE).unwrap();
}

#[test]
fn debug_of_the_upstream_shows_no_secret() {
    let upstream = upstream(SocketAddr::from(([127, 0, 0, 1], 1)), &calm(), &Deadline::none());
    let shown = format!("{upstream:?} {:?}", Authorization::bearer(&SecretString::from(TOKEN)));
    for secret in [TOKEN, "s3cret", "127.0.0.1"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

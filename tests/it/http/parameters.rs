//! What is sent: method, address, query and form.

use uzhkh_ledger::http::{Class, Deadline, Sent, Upstream};

use crate::http::server::{Server, answer, hold};
use crate::http::{PAUSE, QUERY, calm, hasty, upstream_of, words};

/// A value in which every character needs its encoding, and what becomes of it.
const FORM: &[(&str, &str)] = &[("domain", "сайт.рф"), ("phone", "+7 900&b=c%"), ("x", "")];
const ENCODED: &str = "domain=%D1%81%D0%B0%D0%B9%D1%82.%D1%80%D1%84&phone=%2B7%20900%26b%3Dc%25&x=";

fn upstream_at(server: &Server, base: &str) -> Upstream {
    let base = format!("http://{}{base}", server.address).parse().unwrap();
    Upstream::new("feed", &base, None, &calm(), &Deadline::none(), PAUSE).unwrap()
}

#[tokio::test]
async fn a_request_carries_what_it_should_and_strictly_encoded() {
    let server = Server::start(vec![answer("200 OK", "Content-Type: text/x\r\n", "b0dy")]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::none());
    let query = [("guid", "Ж a&b+c#d%e/f?g=h"), ("x", ""), ("a-b", "~._-")];
    let answer = upstream.get("Delete", "/To1c/Delete", &query).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.content_type(), Some("text/x"));
    assert!(!format!("{answer:?}").contains("s3cret"));
    assert_eq!(answer.text(100).await.unwrap(), "b0dy");
    let head = server.seen()[0].head.to_lowercase();
    let line = "get /s3cret-base/to1c/delete?guid=%d0%96%20a%26b%2bc%23d%25e%2ff%3fg%3dh&x=&a-b=~._- http/1.1\r\n";
    assert!(head.starts_with(line), "{head}");
    assert!(head.contains("\r\nauthorization: bearer t0ken\r\n"), "{head}");
    assert!(
        head.contains(&format!("\r\nuser-agent: uzhkh-ledger/{}\r\n", env!("CARGO_PKG_VERSION"))),
        "{head}"
    );
    assert!(head.contains("\r\naccept-encoding: gzip\r\n"), "{head}");
}

#[tokio::test]
async fn a_request_without_a_query_has_no_question_mark() {
    let server = Server::start(vec![answer("200 OK", "", "")]).await;
    upstream_of(&server, &calm(), &Deadline::none())
        .get("Requests", "To1c/Requests", &[])
        .await
        .unwrap();
    assert!(server.seen()[0].head.starts_with("GET /s3cret-base/To1c/Requests HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_form_is_posted_and_strictly_encoded() {
    let server = Server::start(vec![answer("200 OK", "", "b0dy")]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::none());
    let answer = upstream.post("add", "/estate/transfer/add/", FORM).await;
    assert_eq!(answer.unwrap().bytes(9).await.unwrap(), b"b0dy");
    let seen = &server.seen()[0];
    let head = seen.head.to_lowercase();
    assert!(head.starts_with("post /s3cret-base/estate/transfer/add/ http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"), "{head}");
    assert!(head.contains("\r\nauthorization: bearer t0ken\r\n"), "{head}");
    assert_eq!(seen.body, ENCODED);
}

#[tokio::test]
async fn the_statuses_of_a_post_are_told_apart_as_those_of_a_get() {
    let server = Server::start(vec![answer("500 Error", "", "b0dy")]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::none());
    let error = upstream.post("add", "x", FORM).await.unwrap_err();
    assert_eq!((error.sent(), error.status()), (Sent::Answered, Some(500)));
    words(&error);
    assert_eq!(server.requests(), 1, "a post is not repeated unasked");

    let server = Server::start(vec![answer("403 Forbidden", "", "")]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::none());
    let error = upstream.post("add", "x", FORM).await.unwrap_err();
    assert_eq!(error.class(), Class::Unauthorized);
    assert!(upstream.paused().is_some());
    let error = upstream.post("add", "x", FORM).await.unwrap_err();
    assert_eq!(error.sent(), Sent::No);

    let server = Server::start(vec![hold("")]).await;
    let upstream = upstream_of(&server, &hasty(), &Deadline::none());
    let error = upstream.post("add", "x", FORM).await.unwrap_err();
    assert_eq!(error.sent(), Sent::Maybe);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn the_empty_path_is_the_configured_url_to_the_letter() {
    for (base, query, line) in [
        ("/feed", [].as_slice(), "/feed"),
        ("/feed/", &[], "/feed/"),
        ("/feed//", &[], "/feed//"),
        ("/feed/?k=%D0%96+1", &[], "/feed/?k=%D0%96+1"),
        ("/feed?k=%D0%96+1", QUERY, "/feed?k=%D0%96+1&guid=q-value"),
        ("/feed?", QUERY, "/feed?guid=q-value"),
    ] {
        let server = Server::start(vec![answer("200 OK", "", "")]).await;
        upstream_at(&server, base).get("read", "", query).await.unwrap();
        let head = &server.seen()[0].head;
        assert!(head.starts_with(&format!("GET {line} HTTP/1.1\r\n")), "{head}");
    }
}

//! Connections that fail, and bodies that do.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use uzhkh_ledger::config::Http;
use uzhkh_ledger::http::{Class, Deadline, Sent, Upstream};

use crate::http::server::{Server, close, hold};
use crate::http::{CERTIFICATE, PAUSE, QUERY, RETRY, calm, hasty, upstream, upstream_of, words};
use crate::support::nowhere;

#[tokio::test]
async fn a_refused_connection_was_never_sent() {
    let upstream = upstream(nowhere(), &calm(), &Deadline::none());
    let error = upstream.get("Requests", "x", QUERY).await.unwrap_err();
    assert_eq!((error.class(), error.sent(), error.status()), (RETRY, Sent::No, None));
    assert_eq!(
        words(&error),
        "uzhkh: Requests: cannot connect: connection refused; check the configured URL, its port and http.proxy"
    );
}

#[tokio::test]
async fn a_name_that_does_not_exist_was_never_sent() {
    let base = "http://s3cret.invalid/s3cret-base/".parse().unwrap();
    let upstream = Upstream::new("uzhkh", &base, None, &calm(), &Deadline::none(), PAUSE).unwrap();
    let error = upstream.get("Requests", "x", QUERY).await.unwrap_err();
    assert_eq!((error.class(), error.sent()), (RETRY, Sent::No));
    assert!(words(&error).contains("the host name was not found"), "{error}");
}

#[tokio::test]
async fn tls_with_a_server_that_has_none_was_never_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}/s3cret-base/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 b0dy\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await;
    });
    // With a certificate of its own, it does not depend on this host's.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    std::fs::write(&path, CERTIFICATE).unwrap();
    let http = Http { ca_file: Some(path), ..calm() };
    let upstream = Upstream::new("uzhkh", &base, None, &http, &Deadline::none(), PAUSE).unwrap();
    let error = upstream.get("Requests", "x", QUERY).await.unwrap_err();
    assert_eq!((error.class(), error.sent()), (RETRY, Sent::No));
    assert!(words(&error).contains("the TLS handshake failed"), "{error}");
}

#[tokio::test]
async fn no_answer_in_time_may_have_been_received() {
    let server = Server::start(vec![hold("")]).await;
    let upstream = upstream_of(&server, &hasty(), &Deadline::none());
    let error = upstream.get("SetId", "SetId", QUERY).await.unwrap_err();
    assert_eq!((error.class(), error.sent(), error.status()), (RETRY, Sent::Maybe, None));
    assert_eq!(
        words(&error),
        "uzhkh: SetId: no answer within 200ms; the request may have been received"
    );
}

#[tokio::test]
async fn a_connection_closed_before_the_answer_may_have_been_received() {
    for broken in ["", "HTTP/1.1 200 O", "b0dy that is no HTTP\r\n\r\n"] {
        let server = Server::start(vec![close(broken)]).await;
        let upstream = upstream_of(&server, &calm(), &Deadline::none());
        let error = upstream.get("SetId", "SetId", QUERY).await.unwrap_err();
        assert_eq!((error.class(), error.sent()), (RETRY, Sent::Maybe), "{broken:?}");
        words(&error);
        assert_eq!(server.requests(), 1, "{broken:?} is not repeated unasked");
    }
}

#[tokio::test]
async fn a_body_that_stalls_is_not_waited_for() {
    let server =
        Server::start(vec![hold("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nb0dy")]).await;
    let upstream = upstream_of(&server, &hasty(), &Deadline::none());
    let mut answer = upstream.get("Requests", "x", QUERY).await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "b0dy");
    let error = answer.chunk().await.unwrap_err();
    assert_eq!((error.class(), error.sent()), (RETRY, Sent::Answered));
    assert_eq!(
        words(&error),
        "uzhkh: Requests: the answer stopped: nothing more came within 200ms"
    );
}

#[tokio::test]
async fn a_small_answer_that_stalls_is_not_waited_for() {
    let server =
        Server::start(vec![hold("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nb0dy")]).await;
    let http = Http { idle_timeout: Duration::from_secs(60), ..hasty() };
    let answer =
        upstream_of(&server, &http, &Deadline::none()).get("SetId", "x", QUERY).await.unwrap();
    let error = answer.text(100).await.unwrap_err();
    assert_eq!(words(&error), "uzhkh: SetId: the answer took longer than 200ms to read");
    assert_eq!((error.class(), error.sent()), (RETRY, Sent::Answered));
}

#[tokio::test]
async fn a_large_answer_without_an_end_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert_ne!(stream.read(&mut [0; 4096]).await.unwrap(), 0);
        let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n[").await;
        while sent.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            sent = stream.write_all(&[b' '; 100]).await;
        }
    });
    let whole = Duration::from_millis(300);
    let upstream = upstream(address, &Http { answer_timeout: whole, ..calm() }, &Deadline::none());
    let answer = upstream.get("clients", "x", QUERY).await.unwrap();
    let error = answer.large_json(1 << 20).await.unwrap_err();
    assert_eq!((error.class(), error.sent()), (RETRY, Sent::Answered));
    assert_eq!(
        words(&error),
        "uzhkh: clients: the answer had no end: it was waited for 300ms in all"
    );
}

#[tokio::test]
async fn a_body_cut_short_is_an_error_whatever_frames_it() {
    for head in ["Content-Length: 9\r\n\r\nb0dy", "Transfer-Encoding: chunked\r\n\r\n4\r\nb0dy\r\n"]
    {
        let server = Server::start(vec![close(format!("HTTP/1.1 200 OK\r\n{head}"))]).await;
        let upstream = upstream_of(&server, &calm(), &Deadline::none());
        let answer = upstream.get("Requests", "x", QUERY).await.unwrap();
        let error = answer.text(100).await.unwrap_err();
        assert_eq!((error.class(), error.sent()), (RETRY, Sent::Answered), "{head}");
        assert!(words(&error).contains("the answer was cut short"), "{error}");
    }
}

#[tokio::test]
async fn a_body_beyond_the_cap_is_rejected_with_and_without_a_length() {
    let http = Http { max_body_bytes: 7, ..calm() };
    for frame in ["Content-Length: 8\r\n\r\n", "\r\n"] {
        let server =
            Server::start(vec![close(format!("HTTP/1.1 200 OK\r\n{frame}b0dyb0dy"))]).await;
        let upstream = upstream_of(&server, &http, &Deadline::none());
        let answer = upstream.get("Requests", "x", QUERY).await.unwrap();
        let error = answer.text(100).await.unwrap_err();
        assert_eq!((error.class(), error.sent()), (Class::Reject, Sent::Answered));
        assert!(words(&error).contains("larger than http.max_body_bytes (7 bytes)"), "{error}");
    }
}

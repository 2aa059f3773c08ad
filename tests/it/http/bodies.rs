//! JSON and files on their way out.

use std::time::Duration;

use reqwest::header::HeaderName;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use uzhkh_ledger::config::Http;
use uzhkh_ledger::http::{
    Authorization, Class, Deadline, Error, File, Response, Sent, Upstream, segment,
};

use crate::http::server::{Server, answer, hold};
use crate::http::{PAUSE, RETRY, calm, hasty, upstream, upstream_of, words};

const JSON: &str = r#"{"name":"Дом 1","area":45.30}"#;

/// The three ways to send a body of these kinds.
const WAYS: [&str; 3] = ["POST", "PATCH", "file"];

fn file(name: &str, content_type: &str, content: &'static [u8]) -> File {
    File {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        length: content.len() as u64,
        content: Box::new(content),
    }
}

async fn send(upstream: &Upstream, way: &str) -> Result<Response, Error> {
    let file = file("b0dy.jpg", "image/jpeg", b"b0dy");
    match way {
        "POST" => upstream.post_json("send", "/x/", JSON.to_owned()).await,
        "PATCH" => upstream.patch_json("send", "/x/", JSON.to_owned()).await,
        _ => upstream.post_file("send", "/x/", "file", file).await,
    }
}

#[tokio::test]
async fn json_goes_out_to_the_letter() {
    for method in ["POST", "PATCH"] {
        let server = Server::start(vec![answer("201 Created", "", "b0dy")]).await;
        let upstream = upstream_of(&server, &calm(), &Deadline::none());
        let answer = send(&upstream, method).await.unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.large(4).await.unwrap(), b"b0dy");
        let seen = &server.seen()[0];
        let line = format!("{method} /s3cret-base/x/ HTTP/1.1\r\n");
        assert!(seen.head.starts_with(&line), "{}", seen.head);
        let head = seen.head.to_lowercase();
        for header in
            ["content-type: application/json", "authorization: bearer t0ken", "accept: */*"]
        {
            assert!(head.contains(&format!("\r\n{header}\r\n")), "{head}");
        }
        assert_eq!(seen.body, JSON);
    }
}

#[tokio::test]
async fn a_key_may_have_a_header_of_its_own_and_json_be_asked_for() {
    let server = Server::start(vec![answer("200 OK", "", "")]).await;
    let base = format!("http://{}/", server.address).parse().unwrap();
    let key = Authorization {
        header: HeaderName::from_static("api-key"),
        value: SecretString::from("k3y"),
    };
    let upstream = Upstream::new("alma", &base, Some(key), &calm(), &Deadline::of_pass(), PAUSE);
    let upstream = upstream.unwrap().wanting_json();
    upstream.get("read", "x/", &[]).await.unwrap();
    send(&upstream, "POST").await.unwrap();
    send(&upstream, "file").await.unwrap();
    for seen in server.seen() {
        let head = seen.head.to_lowercase();
        assert!(head.contains("\r\napi-key: k3y\r\n"), "{head}");
        assert!(head.contains("\r\naccept: application/json\r\n"), "{head}");
        assert!(!head.contains("authorization"), "{head}");
    }
}

#[tokio::test]
async fn a_file_is_the_one_part_of_a_form() {
    let content = "line\r\n--file-\r\nß\0";
    for (name, content_type, expected) in [
        (
            "план \"1\".jpg",
            "image/jpeg",
            "filename=\"план %221%22.jpg\"\r\nContent-Type: image/jpeg\r\n",
        ),
        (
            "a\r\nX: y\t",
            "x/y\r\nX: y",
            "filename=\"a%0D%0AX: y\"\r\nContent-Type: application/octet-stream\r\n",
        ),
        ("", "", "filename=\"\"\r\nContent-Type: application/octet-stream\r\n"),
    ] {
        let server = Server::start(vec![answer("201 Created", "", "")]).await;
        let upstream = upstream_of(&server, &calm(), &Deadline::none());
        let file = file(name, content_type, content.as_bytes());
        let sent = upstream.post_file("upload", "image/", "file", file).await;
        assert_eq!(sent.unwrap().status(), 201);
        let seen = &server.seen()[0];
        let head = seen.head.to_lowercase();
        assert!(head.starts_with("post /s3cret-base/image/ http/1.1\r\n"), "{head}");
        let length = format!("\r\ncontent-length: {}\r\n", seen.body.len());
        assert!(head.contains(&length), "{head}");
        let marker = "\r\ncontent-type: multipart/form-data; boundary=";
        let (_, boundary) = head.split_once(marker).unwrap();
        let (boundary, _) = boundary.split_once("\r\n").unwrap();
        assert!(!content.contains(boundary));
        assert_eq!(
            seen.body,
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; {expected}\r\n{content}\r\n--{boundary}--\r\n"
            )
        );
    }
}

#[tokio::test]
async fn a_file_that_ends_too_early_is_never_a_whole_one() {
    let server = Server::start(vec![answer("201 Created", "", "")]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::none());
    let mut file = file("b0dy", "image/png", b"b0dy");
    file.length = 5;
    let sent = upstream.post_file("upload", "x/", "file", file).await;
    let error = sent.unwrap_err();
    assert_eq!(error.class(), RETRY);
    words(&error);
}

#[tokio::test]
async fn a_file_may_take_longer_than_an_answer_as_long_as_it_gets_on() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let length: usize = 32 << 20;
    let reading = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut piece = vec![0; 1 << 20];
        let mut left = length;
        while left > 0 {
            let read = stream.read(&mut piece).await.unwrap();
            assert!(read > 0, "it was given up");
            left = left.saturating_sub(read);
            // As slow as a line of some 30 MB a second.
            tokio::time::sleep(Duration::from_millis(read as u64 >> 15)).await;
        }
        let answer = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    });
    let http = Http { timeout: Duration::from_millis(300), ..calm() };
    let upstream = upstream(address, &http, &Deadline::none());
    let file = File {
        name: "a".to_owned(),
        content_type: "image/png".to_owned(),
        length: length as u64,
        content: Box::new(std::io::repeat(7)),
    };
    let sent = upstream.post_file("upload", "x/", "file", file).await;
    assert_eq!(sent.unwrap().status(), 201);
    reading.await.unwrap();
}

#[tokio::test]
async fn what_changes_something_is_sent_once_whatever_comes_back() {
    for way in WAYS {
        for (status, class) in [
            ("302 Found", RETRY),
            ("401 Unauthorized", Class::Unauthorized),
            ("408 Timeout", RETRY),
            ("429 Too Many", RETRY),
            ("500 Error", RETRY),
            ("503 Busy", RETRY),
        ] {
            let server = Server::start(vec![answer(status, "", "b0dy")]).await;
            let upstream = upstream_of(&server, &calm(), &Deadline::none());
            let error = send(&upstream, way).await.unwrap_err();
            assert_eq!((error.class(), error.sent()), (class, Sent::Answered));
            assert_eq!(error.status().unwrap().to_string(), status[..3]);
            words(&error);
            assert_eq!(server.requests(), 1, "{way} {status}");
            assert_eq!(upstream.paused().is_some(), class == Class::Unauthorized);
        }
        for status in ["400 Bad", "404 Not Found", "405 Not Allowed", "409 Conflict"] {
            let server = Server::start(vec![answer(status, "", "")]).await;
            let upstream = upstream_of(&server, &calm(), &Deadline::none());
            let answer = send(&upstream, way).await.unwrap();
            assert_eq!(answer.status().to_string(), status[..3]);
        }
        let server = Server::start(vec![hold("")]).await;
        let upstream = upstream_of(&server, &hasty(), &Deadline::none());
        let error = send(&upstream, way).await.unwrap_err();
        assert_eq!((error.class(), error.sent()), (RETRY, Sent::Maybe));
        assert_eq!(server.requests(), 1, "{way}");
    }
}

#[tokio::test]
async fn a_large_answer_has_a_limit_too() {
    let server = Server::start(vec![answer("200 OK", "", "b0dy")]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::none());
    let answer = upstream.get("list", "x", &[]).await.unwrap();
    let error = answer.large(3).await.unwrap_err();
    assert_eq!((error.class(), error.sent()), (Class::Reject, Sent::Answered));
    assert_eq!(
        words(&error),
        "uzhkh: list: the answer is larger than the 3 bytes that it could have"
    );
}

#[tokio::test]
async fn an_id_is_one_segment_of_a_path_whatever_it_holds() {
    for (id, expected) in [
        ("21_01-8.~", "21_01-8.~"),
        ("a/b?c#d%2F", "a%2Fb%3Fc%23d%252F"),
        ("кв 1", "%D0%BA%D0%B2%201"),
        ("a\\b;c=d&e+f:g@h", "a%5Cb%3Bc%3Dd%26e%2Bf%3Ag%40h"),
        ("...", "..."),
        ("\r\n", "%0D%0A"),
    ] {
        let encoded = segment(id).unwrap();
        assert_eq!(encoded, expected);
        let server = Server::start(vec![answer("200 OK", "", "")]).await;
        let upstream = upstream_of(&server, &calm(), &Deadline::none());
        let path = format!("units/{encoded}/");
        upstream.get("read", &path, &[]).await.unwrap();
        let head = &server.seen()[0].head;
        let line = format!("GET /s3cret-base/units/{expected}/ HTTP/1.1\r\n");
        assert!(head.starts_with(&line), "{head}");
    }
    for elsewhere in ["", ".", ".."] {
        assert_eq!(segment(elsewhere), None);
    }
}

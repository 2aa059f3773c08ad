//! How answers are told apart, and read.

use std::time::Duration;

use uzhkh_ledger::http::{Class, Deadline, Sent, Upstream};

use crate::http::server::{Server, answer, close};
use crate::http::{PAUSE, QUERY, calm, upstream_of, words};

#[tokio::test]
async fn text_is_cut_at_its_limit_and_survives_what_is_not_utf8() {
    let body =
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nab\xffcde".as_slice()]
            .concat();
    let server = Server::start(vec![close(body)]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::none());
    for (limit, expected) in
        [(0, ""), (3, "ab\u{fffd}"), (6, "ab\u{fffd}cde"), (9, "ab\u{fffd}cde")]
    {
        let answer = upstream.get("SetId", "x", &[]).await.unwrap();
        assert_eq!(answer.text(limit).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn bytes_are_all_of_an_answer_or_an_error() {
    let body =
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nab\xffcde".as_slice()]
            .concat();
    let server = Server::start(vec![close(body)]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::none());
    for limit in [6, 7] {
        let answer = upstream.get("SetId", "x", &[]).await.unwrap();
        assert_eq!(answer.bytes(limit).await.unwrap(), b"ab\xffcde");
    }
    for limit in [0, 5] {
        let answer = upstream.get("SetId", "x", &[]).await.unwrap();
        let error = answer.bytes(limit).await.unwrap_err();
        assert_eq!(
            words(&error),
            format!("uzhkh: SetId: the answer is larger than the {limit} bytes that it could have")
        );
        assert_eq!((error.class(), error.sent()), (Class::Reject, Sent::Answered));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(vec![answer("200 OK", "", "")]).await;
    let location = format!("Location: http://{}/\r\n", elsewhere.address);
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent", "304 Not Modified"] {
        let server = Server::start(vec![answer(status, &location, "")]).await;
        let upstream = upstream_of(&server, &calm(), &Deadline::none());
        let error = upstream.get_patiently("Delete", "x", QUERY).await.unwrap_err();
        assert!(words(&error).contains("the configured URL must be the final address"), "{error}");
        assert_eq!(error.sent(), Sent::Answered);
        assert_eq!(server.requests(), 1);
        upstream
            .get_any_status("Delete", "x", QUERY)
            .await
            .expect_err("redirects are never handed back");
    }
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn a_refusal_pauses_the_upstream() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let server = Server::start(vec![answer(status, "", "b0dy")]).await;
        let upstream = upstream_of(&server, &calm(), &Deadline::none());
        assert_eq!(upstream.paused(), None);
        let error = upstream.get_patiently("Requests", "x", QUERY).await.unwrap_err();
        assert_eq!((error.class(), error.sent()), (Class::Unauthorized, Sent::Answered));
        assert_eq!(error.status().unwrap().to_string(), status[..3]);
        assert!(words(&error).contains("check the token"), "{error}");
        assert!(upstream.paused().is_some_and(|left| left <= PAUSE));
        for paused in [
            upstream.get("Requests", "x", QUERY).await.unwrap_err(),
            upstream.get_any_status("SetId", "x", QUERY).await.unwrap_err(),
            upstream.get_patiently("Requests", "x", QUERY).await.unwrap_err(),
        ] {
            assert_eq!((paused.class(), paused.sent()), (Class::Unauthorized, Sent::No));
            assert!(words(&paused).contains("not sent: paused for another"), "{paused}");
        }
        assert_eq!(server.requests(), 1);
    }
}

#[tokio::test]
async fn the_pause_ends_by_itself() {
    let server =
        Server::start(vec![answer("403 Forbidden", "", ""), answer("200 OK", "", "")]).await;
    let base = format!("http://{}/", server.address).parse().unwrap();
    let none = Duration::from_nanos(1);
    let upstream = Upstream::new("uzhkh", &base, None, &calm(), &Deadline::none(), none).unwrap();
    upstream.get("Requests", "x", &[]).await.expect_err("refused");
    assert_eq!(upstream.paused(), None);
    assert_eq!(upstream.get("Requests", "x", &[]).await.unwrap().status(), 200);
}

#[tokio::test]
async fn any_status_is_handed_back_to_who_asks_for_it() {
    for (status, class) in [
        ("403 Forbidden", Class::Unauthorized),
        ("404 Not Found", Class::Reject),
        ("429 Too Many", Class::Retry { after: Some(Duration::from_secs(7)) }),
        ("500 Error", Class::Retry { after: Some(Duration::from_secs(7)) }),
    ] {
        let server = Server::start(vec![answer(status, "Retry-After: 7\r\n", "word")]).await;
        let upstream = upstream_of(&server, &calm(), &Deadline::none());
        let answer = upstream.get_any_status("SetId", "SetId", QUERY).await.unwrap();
        assert_eq!(answer.status().to_string(), status[..3]);
        assert_eq!(answer.as_error().class(), class);
        words(&answer.as_error());
        assert_eq!(answer.text(100).await.unwrap(), "word");
        assert_eq!(upstream.paused(), None);
    }
}

#[tokio::test]
async fn other_statuses_are_for_the_caller_to_judge() {
    for status in ["200 OK", "204 None", "400 Bad", "404 Not Found", "409 Conflict"] {
        let server = Server::start(vec![answer(status, "", "")]).await;
        let upstream = upstream_of(&server, &calm(), &Deadline::none());
        let answer = upstream.get_patiently("Delete", "x", QUERY).await.unwrap();
        assert_eq!(answer.status().to_string(), status[..3]);
    }
}

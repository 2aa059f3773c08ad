//! Lists, bare and in pages.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};

use uzhkh_ledger::alma::api::{Api, Error, Row};
use uzhkh_ledger::http::{Class, Sent};
use uzhkh_ledger::ledger::AlmaKind;

use super::wire::{api_at, json, staged};
use crate::http::server::{Server, close};
use crate::support::raw::Raw;

async fn list(bodies: &[&str]) -> (Server, Result<Vec<Row>, Error>) {
    let replies = bodies.iter().map(|body| json("200 OK", body)).collect();
    let (server, api) = staged(replies).await;
    let rows = units(&api).await;
    (server, rows)
}

async fn units(api: &Api) -> Result<Vec<Row>, Error> {
    api.list(AlmaKind::Unit).await
}

fn ids(rows: &[Row]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_bare_list_is_read_as_documented() {
    let body = r#"[{"id":9209,"name":"21_01_11","header":"","external_id":"21_01_11"},
        {"id":9208,"name":null,"external_id":""},{"id":1,"external_id":4330,"email":"a@example.com","status":"active","more":[1.50]}]"#;
    let (server, rows) = list(&[body]).await;
    let row = |id, external_id: Option<&str>, name: Option<&str>, email: Option<&str>| Row {
        id,
        external_id: external_id.map(str::to_owned),
        name: name.map(str::to_owned),
        email: email.map(str::to_owned),
    };
    assert_eq!(
        rows.unwrap(),
        [
            row(9209, Some("21_01_11"), Some("21_01_11"), None),
            row(9208, None, None, None),
            row(1, Some("4330"), None, Some("a@example.com")),
        ]
    );
    let head = &server.seen()[0].head;
    assert!(head.starts_with("GET /external_api/realty/units/ HTTP/1.1\r\n"), "{head}");
    assert!(list(&["[]"]).await.1.unwrap().is_empty());
}

#[tokio::test]
async fn a_list_may_have_something_around_it() {
    for word in ["results", "data", "items", "rows"] {
        let body = format!(r#"{{"count":1,"{word}":[{{"id":7}}],"next":null,"previous":null}}"#);
        let (server, rows) = list(&[&body]).await;
        assert_eq!(ids(&rows.unwrap()), [7], "{word}");
        assert_eq!(server.requests(), 1);
    }
}

#[tokio::test]
async fn pages_are_followed_by_their_query_and_never_elsewhere() {
    let page = |next: &str, ids: &[i64]| {
        let rows: Vec<String> = ids.iter().map(|id| format!("{{\"id\":{id}}}")).collect();
        format!(r#"{{"count":4,"next":{next},"previous":null,"results":[{}]}}"#, rows.join(","))
    };
    let pages = [
        page(r#""https://s3cret.example/elsewhere/?cursor=a%2Fb%20c&page=2#x""#, &[1, 2]),
        page(r#""?page=3""#, &[2, 3]),
        page(r#""""#, &[4]),
    ];
    let (server, rows) = list(&pages.each_ref().map(String::as_str)).await;
    assert_eq!(ids(&rows.unwrap()), [1, 2, 3, 4], "each once");
    let asked: Vec<String> =
        server.seen().iter().map(|seen| seen.head.lines().next().unwrap().to_owned()).collect();
    assert_eq!(
        asked,
        [
            "GET /external_api/realty/units/ HTTP/1.1",
            "GET /external_api/realty/units/?cursor=a%2Fb%20c&page=2 HTTP/1.1",
            "GET /external_api/realty/units/?page=3 HTTP/1.1",
        ]
    );
}

#[tokio::test]
async fn a_list_that_leads_nowhere_is_an_error() {
    for (body, what, requests) in [
        (
            r#"{"next":"https://a.example/units/2/","results":[{"id":1}]}"#,
            "its next page has an address without a query",
            1,
        ),
        (
            r#"{"next":"?page=2","results":[{"id":1}]}"#,
            "a page brings nothing, and names a next one",
            2,
        ),
        (r#"{"next":"?page=2","results":[]}"#, "a page brings nothing, and names a next one", 1),
        (r#"{"next":2,"results":[]}"#, "it holds no list of objects with ids", 1),
        (r#"{"count":0}"#, "it holds no list of objects with ids", 1),
        (r#"[{"name":"x"}]"#, "it is no list of objects with ids", 1),
        (r#"[{"id":"7"}]"#, "it is no list of objects with ids", 1),
        (r#"[{"id":1.0}]"#, "it is no list of objects with ids", 1),
        ("null", "it is no list of objects with ids", 1),
        ("[{\"id\":1},]", "it is not JSON", 1),
        ("", "it is empty", 1),
        (" <html>", "it is a page for people", 1),
    ] {
        let (server, rows) = list(&[body]).await;
        let error = rows.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("alma: list unit: an answer that is not documented (HTTP 200): {what}"),
            "{body}"
        );
        assert_eq!(error.class(), Class::Retry { after: None });
        assert_eq!(server.requests(), requests, "{body}");
    }
}

#[tokio::test]
async fn a_list_without_end_is_left() {
    let served = AtomicI64::new(0);
    let server = Raw::start(move |_| {
        let n = served.fetch_add(1, Ordering::Relaxed);
        format!(r#"{{"next":"?page={n}","results":[{{"id":{n}}}]}}"#)
    });
    let error = units(&api_at(&server.base_url(), "")).await.unwrap_err();
    assert!(error.to_string().ends_with("it has no end"), "{error}");
    assert_eq!(server.targets().len(), 10_000);
}

#[tokio::test]
async fn a_long_list_is_read_whole() {
    let mut body = String::from("[");
    for id in 0..100_000 {
        let comma = if id == 0 { "" } else { "," };
        write!(body, "{comma}{{\"id\":{id},\"external_id\":\"x{id}\"}}").unwrap();
    }
    body.push(']');
    let rows = list(&[&body]).await.1.unwrap();
    assert_eq!(rows.len(), 100_000);
    assert_eq!(rows[99_999].external_id.as_deref(), Some("x99999"));
}

#[tokio::test]
async fn a_list_that_is_cut_is_no_list() {
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[{\"id\":1}]";
    let (_server, api) = staged(vec![close(cut)]).await;
    let error = units(&api).await.unwrap_err();
    assert_eq!(error.class(), Class::Retry { after: None });
    assert_eq!(error.sent(), Sent::Answered);
    assert!(error.to_string().contains("cut short"), "{error}");
}

#[tokio::test]
async fn a_list_that_is_not_there_is_said() {
    let (_server, api) = staged(vec![json("404 Not Found", r#"{"detail":"Not found."}"#)]).await;
    let error = units(&api).await.unwrap_err();
    assert!(error.is_refusal(), "{error}");
    assert_eq!(error.status(), Some(404));
}

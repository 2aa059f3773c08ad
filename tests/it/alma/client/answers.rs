//! What is sent for each call, and what is taken for a yes.

use uzhkh_ledger::alma::api::{Api, At, Error, File};
use uzhkh_ledger::http;
use uzhkh_ledger::ledger::AlmaKind;

use super::wire::{KEY, external, json, of, staged};

/// The request line and the body of what a call sends.
async fn sent(answer: &str, call: impl AsyncFnOnce(Api)) -> (String, String) {
    let (server, api) = staged(vec![json("200 OK", answer)]).await;
    call(api).await;
    let seen = server.seen().remove(0);
    let head = seen.head.to_lowercase();
    assert!(head.contains(&format!("\r\napi-key: {KEY}\r\n")), "{head}");
    assert!(head.contains("\r\naccept: application/json\r\n"), "{head}");
    assert!(!head.contains("\r\nauthorization:"), "{head}");
    let line = seen.head.lines().next().unwrap();
    (line.replace(" HTTP/1.1", ""), seen.body)
}

const PATHS: [(AlmaKind, &str); 6] = [
    (AlmaKind::Building, "/external_api/realty/buildings/"),
    (AlmaKind::Unit, "/external_api/realty/units/"),
    (AlmaKind::Room, "/external_api/realty/rooms/"),
    (AlmaKind::Client, "/external_api/users/clients/"),
    (AlmaKind::OwnerContract, "/external_api/realty/contracts/owner_contracts/"),
    (AlmaKind::TenantContract, "/external_api/realty/contracts/tenant_contracts/"),
];

#[tokio::test]
async fn every_kind_has_its_place() {
    let fields = r#"{"name":"Дом","area":45.30}"#;
    for (kind, path) in PATHS {
        let made = sent("{\"id\":7}", async |api| {
            assert_eq!(api.create(kind, &of(fields)).await.unwrap(), 7);
        });
        assert_eq!(made.await, (format!("POST {path}"), fields.to_owned()));
        let changed = sent("{\"id\":7}", async |api| {
            api.change(kind, &At::Id(7), &of(fields)).await.unwrap();
        });
        assert_eq!(changed.await, (format!("PATCH {path}7/"), fields.to_owned()));
        let changed = sent("{\"id\":7}", async |api| {
            let at = external("a/b");
            api.change(kind, &at, &of(fields)).await.unwrap();
        });
        let line = format!("PATCH {path}external_id/a%2Fb/");
        assert_eq!(changed.await, (line, fields.to_owned()));
        let read = sent("{\"id\":7}", async |api| {
            api.read(kind, &external("ж")).await.unwrap();
        });
        let line = format!("GET {path}external_id/%D0%B6/");
        assert_eq!(read.await, (line, String::new()));
        let listed = sent("[]", async |api| {
            api.list(kind).await.unwrap();
        });
        assert_eq!(listed.await, (format!("GET {path}"), String::new()));
    }
}

#[tokio::test]
async fn archiving_and_blocking_have_places_of_their_own() {
    for (kind, path) in &PATHS[1..3] {
        for is in [true, false] {
            let archived = sent("", async |api| {
                api.archive(*kind, &At::Id(7), is).await.unwrap();
            });
            let body = format!("{{\"is_archived\":{is}}}");
            assert_eq!(archived.await, (format!("PATCH {path}7/archive/"), body));
            let blocked = sent("true", async |api| {
                api.block(*kind, &external("x y"), is).await.unwrap();
            });
            let line = format!("PATCH {path}external_id/x%20y/block/");
            assert_eq!(blocked.await, (line, format!("{{\"is_blocked\":{is}}}")));
        }
    }
}

#[tokio::test]
async fn a_link_is_handed_over_as_json() {
    let uploaded = sent("{\"id\":9147}", async |api| {
        let file = File::Link("https://portal.example/?a=\"1\"");
        assert_eq!(api.upload(file).await.unwrap(), 9147);
    });
    let body = r#"{"url":"https://portal.example/?a=\"1\""}"#;
    let line = "POST /external_api/external-image/".to_owned();
    assert_eq!(uploaded.await, (line, body.to_owned()));
}

#[tokio::test]
async fn what_was_made_has_an_id_or_the_answer_is_not_documented() {
    for (status, body, made) in [
        ("200 OK", r#"{"id":7}"#, Some(7)),
        ("201 Created", r#"{"name":"x","id":7}"#, Some(7)),
        ("202 Accepted", r#"{"id":7}"#, None),
        ("204 No Content", "", None),
        ("201 Created", "", None),
        ("201 Created", "<html>", None),
        ("201 Created", "{}", None),
        ("201 Created", r#"{"id":"7"}"#, None),
        ("201 Created", r#"{"id":7.0}"#, None),
        ("201 Created", "{\"id\":7", None),
        ("201 Created", "7", None),
        ("201 Created", "true", None),
    ] {
        let (server, api) = staged(vec![json(status, body)]).await;
        match (api.create(AlmaKind::Unit, &of("{}")).await, made) {
            (Ok(id), Some(made)) => assert_eq!(id, made),
            (Err(error), None) => undocumented(&error, body),
            (other, _) => panic!("{status} {body}: {other:?}"),
        }
        assert_eq!(server.requests(), 1, "nothing is sent twice");
    }
}

fn file() -> File<'static> {
    File::Content(http::File {
        name: "a".to_owned(),
        content_type: "image/png".to_owned(),
        length: 1,
        content: Box::new(&b"a"[..]),
    })
}

#[tokio::test]
async fn an_upload_that_was_taken_is_not_made_again_for_want_of_an_id() {
    for (status, body, id) in [
        ("201 Created", r#"{"id":7}"#, 7),
        ("200 OK", r#"{"id":"7"}"#, 7),
        ("202 Accepted", r#"{"external_file_id":7}"#, 7),
        ("201 Created", r#"{"file_id":7,"id":null}"#, 7),
        ("201 Created", " 7 ", 7),
    ] {
        let (_server, api) = staged(vec![json(status, body)]).await;
        assert_eq!(api.upload(file()).await.unwrap(), id, "{body}");
    }
    for (status, body) in [
        ("201 Created", "{}"),
        ("201 Created", ""),
        ("204 No Content", ""),
        ("200 OK", "true"),
        ("200 OK", r#"{"id":7.5}"#),
    ] {
        let (_server, api) = staged(vec![json(status, body)]).await;
        let error = api.upload(file()).await.unwrap_err();
        assert!(error.is_final(), "{body}: {error}");
    }
    // From something in front of Alma.
    for body in ["<html>", "{\"id\":7", "OK"] {
        let (_server, api) = staged(vec![json("200 OK", body)]).await;
        undocumented(&api.upload(file()).await.unwrap_err(), body);
    }
}

#[tokio::test]
async fn what_alma_says_of_a_link_is_not_told() {
    let link = "https://portal.example/rest/1/s3cret0f/crm.getFile/?token=crm%7C31.7%7Cab12cd34";
    for (words, is_told) in [
        (format!("Cannot fetch {link}."), false),
        (format!("Cannot fetch {}…", &link[..40]), false),
        ("No such file: crm|31.7|ab12cd34".to_owned(), false),
        ("Enter a valid URL.".to_owned(), true),
    ] {
        let body = format!("{{\"url\":[{words:?}]}}");
        let (_server, api) = staged(vec![json("400 Bad Request", &body)]).await;
        let error = api.upload(File::Link(link)).await.unwrap_err();
        let told = error.in_full();
        assert_eq!(told.contains(&words), is_told, "{told}");
        for secret in ["s3cret0f", "portal", "ab12cd34"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

#[tokio::test]
async fn a_change_is_done_where_the_answer_is_an_object_or_nothing() {
    for (status, body, is_done) in [
        ("200 OK", r#"{"id":7,"name":"x"}"#, true),
        ("200 OK", "{}", true),
        ("200 OK", "true", true),
        ("202 Accepted", "", true),
        ("204 No Content", "", true),
        ("200 OK", "false", false),
        ("200 OK", "[]", false),
        ("200 OK", "{\"id\":", false),
        ("200 OK", "<html>", false),
        ("200 OK", "OK", false),
    ] {
        let (_server, api) = staged(vec![json(status, body)]).await;
        let answers = [
            api.change(AlmaKind::Client, &At::Id(1), &of("{}")).await,
            api.archive(AlmaKind::Unit, &At::Id(1), true).await,
        ];
        for answer in answers {
            assert_eq!(answer.is_ok(), is_done, "{status} {body}");
            if let Err(error) = answer {
                undocumented(&error, body);
            }
        }
    }
}

#[tokio::test]
async fn a_block_is_answered_true() {
    for (body, is_done) in [
        ("true", true),
        (" true\n", true),
        ("false", false),
        ("\"true\"", false),
        ("{\"id\":7}", false),
        ("", false),
        ("null", false),
    ] {
        let (_server, api) = staged(vec![json("200 OK", body)]).await;
        let answer = api.block(AlmaKind::Room, &At::Id(1), true).await;
        assert_eq!(answer.is_ok(), is_done, "{body}");
        if let Err(error) = answer {
            undocumented(&error, body);
        }
    }
}

#[tokio::test]
async fn an_answer_beyond_all_measure_is_not_read_to_its_end() {
    let body = format!(r#"{{"id":7,"name":"{}"}}"#, "x".repeat(5 << 20));
    let (_server, api) = staged(vec![json("201 Created", &body)]).await;
    let error = api.create(AlmaKind::Unit, &of("{}")).await.unwrap_err();
    undocumented(&error, "too long");
    assert!(error.to_string().ends_with("it is too long"), "{error}");
}

#[track_caller]
fn undocumented(error: &Error, body: &str) {
    assert!(matches!(error, Error::Undocumented { .. }), "{body}: {error}");
    assert_eq!(error.class(), http::Class::Retry { after: None });
    assert_eq!(error.sent(), http::Sent::Answered);
}

//! Alma says no: its words are kept, and stay out of the log.

use uzhkh_ledger::alma::api::{Api, At, Error};
use uzhkh_ledger::http::{Class, Sent};
use uzhkh_ledger::ledger::AlmaKind;

use super::wire::{client, json, of, staged, tenant_contract, unit, wire};
use crate::http::server::answer;

#[track_caller]
fn refused(error: &Error, display: &str, words: &str) {
    assert!(error.is_refusal(), "{error}");
    assert_eq!(error.class(), Class::Reject);
    assert_eq!(error.sent(), Sent::Answered);
    assert_eq!(error.to_string(), display);
    let full = match words {
        "" => display.to_owned(),
        words => format!("{display}: {words}"),
    };
    assert_eq!(error.in_full(), full);
}

async fn make(api: &Api) -> Error {
    let fields = of(&client("c1"));
    api.create(AlmaKind::Client, &fields).await.unwrap_err()
}

#[tokio::test]
async fn a_rule_of_alma_is_told_in_its_own_words() {
    let wire = wire().await;
    let building = wire.building().await;
    let (apartment, person) = (wire.unit(building, "u1").await, wire.client("c1").await);
    let contract = async |start: &str, end: &str| {
        let fields = of(&tenant_contract(apartment, person, start, end));
        wire.api.create(AlmaKind::TenantContract, &fields).await
    };
    let refusal = "alma: create tenant contract: refused with HTTP 400";
    let error = contract("2024-01-01", "2025-01-01").await.unwrap_err();
    let words = "Rental period end date must be greater than today.";
    refused(&error, refusal, words);
    assert!(!error.refused_field("non_field_errors") && !error.refused_field("end_date"));
    contract("2025-08-21", "2025-08-25").await.unwrap();
    let error = contract("2025-08-24", "2025-08-29").await.unwrap_err();
    assert!(
        error.in_full().starts_with(&format!(
            "{refusal}: There are intersections in the use of the unit. Nearest intersection usage id:"
        )),
        "{}",
        error.in_full()
    );
    let twin = of(&client("c2"));
    let error = wire.api.create(AlmaKind::Client, &twin).await.unwrap_err();
    assert!(error.refused_field("email") && !error.refused_field("phone"));
    assert!(error.in_full().contains(": email: "), "{}", error.in_full());
    assert!(!error.to_string().contains("email"), "{error}");
    wire.clean();
}

#[tokio::test]
async fn a_field_that_is_missing_and_one_that_is_null_are_named() {
    let wire = wire().await;
    let building = wire.building().await;
    let mut fields = of(&unit(building, "u1"));
    fields.set("number", "null");
    fields.set("building", "99");
    let error = wire.api.create(AlmaKind::Unit, &fields).await.unwrap_err();
    for (field, words) in [
        ("number", "number: This field may not be null."),
        ("building", "building: Invalid pk \"99\" - object does not exist."),
    ] {
        assert!(error.refused_field(field), "{}", error.in_full());
        assert!(error.in_full().contains(words), "{}", error.in_full());
    }
    let error = wire.api.create(AlmaKind::Building, &of("{}")).await;
    let error = error.unwrap_err();
    assert_eq!(
        error.in_full(),
        "alma: create building: refused with HTTP 400: name: This field is required.; project: This field is required."
    );
}

#[tokio::test]
async fn every_form_of_a_refusal_is_understood() {
    for (status, body, words) in [
        ("400 Bad", r#"{"non_field_errors":["One.","Two."]}"#, "One.; Two."),
        (
            "400 Bad",
            r#"{"email":["client with this email already exists: anna@example.com"]}"#,
            "email: client with this email already exists: anna@example.com",
        ),
        (
            "400 Bad",
            r#"{"photos":[{"external_file_id":["A valid integer is required."]}]}"#,
            "photos.0.external_file_id: A valid integer is required.",
        ),
        ("404 Not Found", r#"{"detail":"Not found."}"#, "Not found."),
        (
            "405 Not Allowed",
            r#"{"detail":"Method \"POST\" not allowed."}"#,
            "Method \"POST\" not allowed.",
        ),
        ("409 Conflict", "Bad\u{1b}[31m\r\nwords", "Bad [31m words"),
        ("400 Bad", "<html><h1>Bad Request</h1>", "a page for people"),
        ("413 Too Large", "", ""),
    ] {
        let (server, api) = staged(vec![json(status, body)]).await;
        let error = make(&api).await;
        let display = format!("alma: create client: refused with HTTP {}", &status[..3]);
        refused(&error, &display, words);
        assert_eq!(error.status().unwrap().to_string(), status[..3]);
        assert_eq!(server.requests(), 1);
        assert_eq!(error.refused_field("email"), words.starts_with("email"));
    }
}

#[tokio::test]
async fn a_long_story_is_cut() {
    let body = format!(r#"{{"name":["{}"]}}"#, "я".repeat(2000));
    let (_server, api) = staged(vec![json("400 Bad", &body)]).await;
    let full = make(&api).await.in_full();
    let (_, words) = full.split_once("HTTP 400: ").unwrap();
    assert_eq!(words.chars().count(), 500);
}

#[tokio::test]
async fn a_read_may_be_refused_too() {
    let (server, api) = staged(vec![json("400 Bad", r#"{"detail":"No."}"#)]).await;
    let read = api.read(AlmaKind::Room, &At::Id(1)).await.unwrap_err();
    refused(&read, "alma: read room: refused with HTTP 400", "No.");
    let found = api.rental_object("x").await.unwrap_err();
    let display = "alma: read rental object: refused with HTTP 400";
    refused(&found, display, "No.");
    let list = api.list(AlmaKind::Room).await.unwrap_err();
    refused(&list, "alma: list room: refused with HTTP 400", "No.");
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_key_that_is_refused_pauses_everything() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let body = r#"{"detail":"Authentication credentials were not provided."}"#;
        let (server, api) = staged(vec![answer(status, "", body)]).await;
        let error = make(&api).await;
        assert_eq!(error.class(), Class::Unauthorized);
        assert!(!error.is_refusal());
        assert_eq!(error.status().unwrap().to_string(), status[..3]);
        assert!(api.upstream().paused().is_some());
        let error = api.list(AlmaKind::Unit).await.unwrap_err();
        assert_eq!(error.sent(), Sent::No);
        assert_eq!(server.requests(), 1);
    }
}

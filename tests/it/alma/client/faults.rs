//! What the network and a server in trouble make of a call.

use simulator::{self, Endpoint, Fault, FaultKind, Options};
use uzhkh_ledger::alma::api::{At, Error};
use uzhkh_ledger::http::{Class, Sent};
use uzhkh_ledger::ledger::AlmaKind;

use super::wire::{KEY, Wire, api_at, external, of, wire, wired};
use crate::http::server::{Server, hold};

const BUILDING: &str = r#"{"name":"1","project":207}"#;

async fn make(wire: &Wire) -> Result<i64, Error> {
    wire.api.create(AlmaKind::Building, &of(BUILDING)).await
}

fn made(wire: &Wire) -> usize {
    wire.alma().objects(simulator::AlmaKind::Building).len()
}

#[tokio::test]
async fn a_write_is_sent_once_and_says_what_may_have_become_of_it() {
    for (kind, sent, is_made) in [
        (FaultKind::Error500, Sent::Answered, false),
        (FaultKind::TooMany, Sent::Answered, false),
        (FaultKind::Redirect, Sent::Answered, false),
        (FaultKind::ResetBefore, Sent::Maybe, false),
        (FaultKind::LostAnswer, Sent::Maybe, true),
        (FaultKind::CutBody, Sent::Answered, true),
        (FaultKind::CutAnnounced, Sent::Answered, true),
        (FaultKind::Html, Sent::Answered, false),
    ] {
        let wire = wire().await;
        let words = kind.to_string();
        wire.fault(Fault::new(kind).at(Endpoint::AlmaBuildings).times(1));
        let error = make(&wire).await.unwrap_err();
        assert!(matches!(error.class(), Class::Retry { .. }), "{words}");
        assert_eq!(error.sent(), sent, "{words}: {error}");
        assert!(!error.is_refusal() && !error.refused_field("name"));
        assert!(!error.in_full().contains(KEY));
        assert_eq!(error.in_full(), error.to_string());
        assert_eq!(wire.alma().writes(), 1, "{words}");
        assert_eq!(made(&wire), usize::from(is_made), "{words}");
        make(&wire).await.map_or_else(|error| assert!(is_made, "{error}"), drop);
    }
}

#[tokio::test]
async fn a_read_is_asked_for_again() {
    for kind in [FaultKind::Error500, FaultKind::ResetBefore, FaultKind::TooMany] {
        let wire = wire().await;
        let id = make(&wire).await.unwrap();
        let fault = Fault::new(kind.clone()).at(Endpoint::AlmaBuildings).times(2);
        wire.fault(fault);
        let object = wire.read(AlmaKind::Building, id).await;
        assert_eq!(object.id, id);
        assert_eq!(wire.alma().reads(), 3, "{kind}");
    }
}

#[tokio::test]
async fn a_page_for_people_is_no_answer() {
    let wire = wire().await;
    wire.fault(Fault::new(FaultKind::Html));
    let at = external("x");
    let errors = [
        wire.api.read(AlmaKind::Unit, &at).await.unwrap_err(),
        wire.api.list(AlmaKind::Unit).await.unwrap_err(),
        wire.api.rental_object("x").await.unwrap_err(),
        make(&wire).await.unwrap_err(),
        wire.change(AlmaKind::Unit, 1, "{}").await.unwrap_err(),
        wire.api.archive(AlmaKind::Unit, &at, true).await.unwrap_err(),
        wire.api.block(AlmaKind::Unit, &at, true).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Undocumented { .. }), "{error}");
        assert_eq!(error.class(), Class::Retry { after: None });
        assert_eq!((error.sent(), error.status()), (Sent::Answered, Some(200)));
    }
}

#[tokio::test]
async fn another_key_is_refused_until_the_pause_is_over() {
    let wire = wired(Options::default(), "").await;
    wire.alma().set_api_key("another");
    let error = make(&wire).await.unwrap_err();
    assert_eq!(error.class(), Class::Unauthorized);
    assert!(wire.api.upstream().paused().is_some());
    let read = wire.api.read(AlmaKind::Unit, &At::Id(1)).await;
    assert_eq!(read.unwrap_err().sent(), Sent::No);
    assert_eq!(wire.simulator.report().unauthorized, 1);
}

#[tokio::test]
async fn an_answer_in_pieces_is_an_answer() {
    let wire = wire().await;
    wire.fault(Fault::new(FaultKind::Drip).times(2));
    let id = make(&wire).await.unwrap();
    assert_eq!(wire.read(AlmaKind::Building, id).await.id, id);
}

#[tokio::test]
async fn no_answer_in_time_leaves_a_write_in_doubt() {
    let server = Server::start(vec![hold("")]).await;
    let base_url = format!("http://{}/", server.address);
    let api = api_at(&base_url, "[http]\ntimeout = \"200ms\"");
    let made = api.create(AlmaKind::Building, &of(BUILDING)).await;
    let error = made.unwrap_err();
    assert_eq!((error.sent(), error.status()), (Sent::Maybe, None));
    assert!(error.to_string().contains("may have been received"));
    assert_eq!(server.requests(), 1);
}

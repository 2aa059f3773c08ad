//! One item by itself: with fresh links of its files.

use std::path::Path;
use std::sync::Arc;

use simulator::{BitrixKind, Endpoint, FaultKind};
use tokio_util::sync::CancellationToken;
use uzhkh_ledger::bitrix24::{Api, Error};
use uzhkh_ledger::clock::{SharedClock, SystemClock};
use uzhkh_ledger::config::{Config, Environment};
use uzhkh_ledger::http::Deadline;

use crate::bitrix24::bench::{Bench, SECRET, bench};

fn api(bench: &Bench) -> Api {
    let text = format!("[bitrix24]\nwebhook_url = {:?}\n", bench.portal().webhook_url());
    let config = Config::parse(&text, Path::new("config.toml"), &Environment::new()).unwrap();
    let clock: SharedClock = Arc::new(SystemClock);
    let settings = config.bitrix24.unwrap();
    let stop = CancellationToken::new();
    Api::new(&settings, &config.http, &Deadline::of_pass(), &clock, &stop).unwrap()
}

#[test]
fn an_item_comes_with_links_of_its_files() {
    let bench = bench("");
    bench.apartments(1);
    let field = "ufCrm6_1682238498225";
    let content = b"photo".as_slice();
    bench.portal().add_file(BitrixKind::Apartment, 1, field, "1.jpg", content);
    bench.portal().put(BitrixKind::Contact, 9, r#"{"NAME":"Анна"}"#);
    let api = api(&bench);
    let get = |kind, id| bench.runtime.block_on(api.item(kind, id)).unwrap();
    let apartment = get("apartment", 1).unwrap();
    assert!(apartment.starts_with('{') && apartment.contains("urlMachine"));
    assert!(get("contact", 9).unwrap().contains("Анна"));
    assert_eq!(get("apartment", 2), None);
    assert_eq!(get("contact", 2), None);
    assert_eq!(get("deal", 1), None);
}

#[test]
fn an_item_that_cannot_be_had_is_an_error_without_secrets() {
    let bench = bench("");
    bench.apartments(1);
    bench.fault(FaultKind::Html, Endpoint::BitrixGet, 1);
    let api = api(&bench);
    let get = || bench.runtime.block_on(api.item("apartment", 1));
    assert!(matches!(get(), Err(Error::Undocumented { .. })));
    bench.portal().set_secret("another");
    let error = get().unwrap_err();
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.contains(SECRET) && !shown.contains("127.0.0.1"), "{shown}");
    }
}

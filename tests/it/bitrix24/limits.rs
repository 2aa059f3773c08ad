//! How much a portal bears.

use std::time::Duration;

use simulator::{BitrixOptions, Bucket, Endpoint, FaultKind};

use crate::bitrix24::bench::{Bench, bench, with};

#[test]
fn a_portals_pace_is_kept() {
    let bench = with("", |options| {
        options.bitrix = BitrixOptions { bucket: Some(Bucket::USUAL), ..BitrixOptions::default() };
    });
    // 51 pages and four lists without anything.
    bench.apartments(2510);
    bench.pass();
    assert_eq!(bench.live("apartment"), "2510");
    let calls = bench.calls();
    assert_eq!(calls.len(), 55);
    assert!(calls.iter().all(|call| call.status == 200));
}

#[test]
fn a_bucket_that_others_have_filled_is_waited_for() {
    let bench = bench("");
    bench.apartments(3);
    bench.fault(FaultKind::QueryLimit, Endpoint::BitrixList, 2);
    bench.pass();
    assert_eq!(bench.live("apartment"), "3");
    bench.fault(FaultKind::QueryLimit, Endpoint::BitrixBatch, 1000);
    bench.fail();
    let error = bench.poll_error("apartment");
    assert!(error.contains("QUERY_LIMIT_EXCEEDED"), "{error}");
    assert_eq!(bench.asked("BitrixBatch"), 3);
}

/// A portal that tells that its methods have time again so many seconds later, and of
/// which the second page of what has changed is refused for that.
fn out_of_time(seconds: u64) -> Bench {
    let bench = with("", |options| {
        options.bitrix = BitrixOptions {
            operating_reset: Duration::from_secs(seconds),
            ..BitrixOptions::default()
        };
    });
    bench.pass();
    bench.apartments(60);
    bench.fault(FaultKind::OperationLimit, Endpoint::BitrixList, 1);
    bench
}

#[test]
fn a_method_that_soon_has_time_again_is_waited_for() {
    let bench = out_of_time(2);
    let ended = bench.pass();
    assert!(ended.took > Duration::from_secs(1), "{:?}", ended.took);
    assert_eq!(bench.polled("apartment"), "ok|60|60");
}

#[test]
fn a_pass_does_not_sit_out_ten_minutes() {
    let bench = out_of_time(600);
    bench.fail();
    let error = bench.poll_error("apartment");
    assert!(error.contains("(OPERATION_TIME_LIMIT); it has some again in 9m"), "{error}");
    assert_eq!(bench.live("apartment"), "0");
    assert_eq!(bench.polled("contact"), "ok|0|0");
    bench.pass();
    assert_eq!(bench.polled("apartment"), "ok|60|60");
}

#[test]
fn a_portal_that_is_shut_is_left_alone() {
    let bench = bench("");
    bench.pass();
    bench.fault(FaultKind::Overload, Endpoint::BitrixBatch, 1000);
    let ended = bench.fail();
    assert_eq!(bench.asked("BitrixBatch"), 1);
    assert!(ended.stderr.contains("all requests to it are paused"), "{}", ended.stderr);
    let error = bench.poll_error("contact");
    assert!(error.contains("OVERLOAD_LIMIT"), "{error}");
}

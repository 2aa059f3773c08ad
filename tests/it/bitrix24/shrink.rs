//! The guard: a list that suddenly lacks much deletes nothing.

use simulator::BitrixKind;

use crate::bitrix24::bench::bench;

#[test]
fn a_list_that_lacks_too_much_deletes_nothing_until_an_operator_accepts_it() {
    let bench = bench("");
    bench.apartments(60);
    bench.portal().put(BitrixKind::Unit, 1, r#"{"title":"U"}"#);
    bench.pass();
    for id in 1..=20 {
        bench.portal().remove(BitrixKind::Apartment, id);
    }
    bench.portal().change(BitrixKind::Apartment, 30, "title", "\"B\"");
    bench.forget_full_reads();
    bench.fail();
    assert_eq!(bench.live("apartment"), "60");
    assert_eq!(bench.changes().last().unwrap(), "update apartment/30");
    let error = bench.poll_error("apartment");
    assert!(
        error.contains("20 of the 60 it showed are missing")
            && error.contains("--accept-shrink apartment"),
        "{error}"
    );
    assert_eq!(bench.polled("unit"), "ok|1|0");
    let ended = bench.run(&["run", "--once", "--accept-shrink", "apartment"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(bench.live("apartment"), "40");
    bench.verified();
}

#[test]
fn what_an_operator_accepts_is_read_whole_at_once() {
    let bench = bench("max_shrink = 0");
    bench.apartments(10);
    bench.pass();
    bench.portal().remove(BitrixKind::Apartment, 3);
    bench.pass();
    assert_eq!(bench.live("apartment"), "10");
    let ended = bench.run(&["run", "--once", "--accept-shrink", "bitrix24/apartment"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(bench.live("apartment"), "9");
}

#[test]
fn a_list_that_comes_empty_deletes_nothing() {
    let bench = bench("max_shrink = 100");
    bench.apartments(1);
    bench.pass();
    bench.portal().remove(BitrixKind::Apartment, 1);
    bench.forget_full_reads();
    bench.fail();
    assert_eq!(bench.live("apartment"), "1");
    let error = bench.poll_error("apartment");
    assert!(error.contains("it came empty, and showed 1 before"), "{error}");
}

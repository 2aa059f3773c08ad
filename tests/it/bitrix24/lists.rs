//! Lists read whole.

use simulator::{BitrixKind, BitrixShape, Endpoint, FaultKind};

use crate::bitrix24::bench::{bench, with};

#[test]
fn a_list_is_read_page_by_page_after_the_last_id() {
    let bench = bench("");
    bench.apartments(120);
    bench.pass();
    assert_eq!(bench.polled("apartment"), "ok|120|120");
    assert_eq!(bench.live("apartment"), "120");
    let calls = bench.calls();
    let mut pages = calls.iter().filter(|call| call.params["entityTypeId"] == 144);
    for after in [0, 50, 100] {
        let params = &pages.next().unwrap().params;
        assert_eq!(params["filter"][">id"], after);
        assert_eq!(params["start"], -1);
    }
    assert!(pages.next().is_none());
    assert_eq!(bench.asked("BitrixBatch"), 0);
}

#[test]
fn a_page_that_is_just_full_is_followed_by_another() {
    let bench = bench("");
    bench.apartments(100);
    bench.pass();
    assert_eq!(bench.polled("apartment"), "ok|100|100");
    // Three of the apartments, one of each other kind.
    assert_eq!(bench.asked("BitrixList"), 3 + 4);
}

#[test]
fn every_shape_that_a_portal_gives_its_values_is_kept() {
    for shape in [BitrixShape::Documented, BitrixShape::Odd, BitrixShape::Mixed] {
        let bench = with("", |options| {
            options.bitrix_apartments = 70;
            options.bitrix_shape = shape;
        });
        bench.pass();
        for kind in BitrixKind::ALL {
            let ids = bench.portal().ids(kind).len();
            assert!(ids > 20, "{kind:?}: {ids}");
            assert_eq!(bench.live(kind.word()), ids.to_string(), "{kind:?}");
        }
        assert_eq!(bench.one("SELECT count(*) FROM item"), "0");
        assert_eq!(bench.one("SELECT count(*) FROM finding"), "0");
        for link in [
            // Some apartments come later.
            "bitrix_unit WHERE apartment_id IS NULL OR apartment_id GLOB '*[^0-9]*'",
            "bitrix_owner_contract AS a WHERE a.contact_id NOT IN (SELECT id FROM bitrix_contact)",
            "bitrix_tenant_contract AS a WHERE a.contact_id NOT IN (SELECT id FROM bitrix_contact)",
            "bitrix_apartment WHERE sharing NOT IN ('4598', '4600') OR swimming_pool NOT IN (0, 1)",
            "bitrix_tenant_contract WHERE start_date NOT GLOB '20[0-9][0-9]-[01][0-9]-[0-3][0-9]'",
        ] {
            assert_eq!(bench.one(&format!("SELECT count(*) FROM {link}")), "0", "{link}");
        }
        // What was read again is what it was, whatever the tokens of its files are by now.
        let before = bench.lines("SELECT kind, id, body FROM record ORDER BY kind, id");
        let changes = bench.changes().len();
        bench.forget_full_reads();
        bench.pass();
        assert_eq!(bench.changes().len(), changes);
        let after = bench.lines("SELECT kind, id, body FROM record ORDER BY kind, id");
        assert_eq!(before, after);
        bench.verified();
    }
}

#[test]
fn of_a_file_the_id_stays() {
    let bench = bench("");
    bench.apartments(1);
    let field = "ufCrm6_1682238498225";
    let add = |name: &str| {
        let portal = bench.portal();
        portal.add_file(BitrixKind::Apartment, 1, field, name, b"photo".as_slice())
    };
    let (first, second) = (add("1.jpg"), add("2.jpg"));
    bench.pass();
    let photos = bench.one("SELECT photos FROM bitrix_apartment");
    assert_eq!(photos, format!(r#"[{{"id":{first}}},{{"id":{second}}}]"#));
    assert_eq!(bench.asked("BitrixFile"), 0);
}

#[test]
fn a_list_that_breaks_off_changes_nothing() {
    let bench = bench("");
    bench.apartments(120);
    bench.fault(FaultKind::Html, Endpoint::BitrixList, 20);
    bench.fail();
    assert_eq!(bench.live("apartment"), "0");
    let error = bench.poll_error("apartment");
    assert!(error.contains("it is an HTML page"), "{error}");
    bench.simulator.clear_faults();
    bench.pass();
    assert_eq!(bench.live("apartment"), "120");
}

#[test]
fn what_is_cut_short_or_refused_for_a_moment_is_asked_for_again() {
    for kind in [
        FaultKind::Error500,
        FaultKind::CutBody,
        FaultKind::LostAnswer,
        FaultKind::Bom,
        FaultKind::ResetBefore,
    ] {
        let bench = bench("");
        bench.apartments(60);
        bench.fault(kind, Endpoint::BitrixList, 2);
        bench.pass();
        assert_eq!(bench.live("apartment"), "60");
    }
}

#[test]
fn a_portal_that_is_down_ends_a_pass_and_says_so() {
    let bench = bench("");
    bench.fault(FaultKind::Stall, Endpoint::BitrixList, 1000);
    let ended = bench.fail();
    assert!(ended.took.as_secs() < 30, "{:?}", ended.took);
    let error = bench.poll_error("contact");
    assert!(error.contains("no answer within 10s") || error.contains("given up"), "{error}");
}

#[test]
fn letters_that_end_before_they_begin_are_remarked_on() {
    let bench = bench("");
    let dates = r#"{"title":"C","ufCrm10_1708956056":"2025-03-01T03:00:00+03:00","ufCrm10_1708955996":"2025-02-01T03:00:00+03:00"}"#;
    bench.portal().put(BitrixKind::OwnerContract, 7, dates);
    bench.pass();
    let finding = bench.one("SELECT kind, id, path, problem FROM finding");
    assert!(
        finding.starts_with("owner_contract|7|ufCrm10_1708956056|is after ufCrm10_1708955996"),
        "{finding}"
    );
}

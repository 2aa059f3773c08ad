//! What UZhKH is told of a name, and until when a name may be corrected.

use super::external::{external, named, refused};
use crate::support::entities::{
    car, counter, deletion, envelope, request, resident, to_object_adding, to_register,
};
use crate::support::setup;
use simulator::{Endpoint, Fault, FaultKind};

#[test]
fn an_entry_not_yet_acknowledged_carries_the_name() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::Delete));
    bench.fail();
    bench.uzhkh().clear_faults();
    named(&bench, "counter", "--5", "33dssdsd", "named");
    assert_eq!(bench.one("SELECT count(*) FROM call"), "0");
    bench.pass();
    assert_eq!(bench.deletes("g1").last(), Some(&Some("33dssdsd".to_owned())));
    assert!(bench.set_ids().is_empty());
    assert_eq!(bench.one("SELECT state FROM identity"), "announced");
}

#[test]
fn a_name_may_be_corrected_until_uzhkh_may_know_it() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    named(&bench, "counter", "--5", "wrong", "named");
    named(&bench, "counter", "--5", "right", "named");
    assert_eq!(bench.one("SELECT id, body ->> '$.Id' FROM record"), "right|right");
    assert_eq!(bench.lines("SELECT params ->> '$.externalId' FROM call"), ["right"]);
    // A refusal at the door tells nothing.
    bench.uzhkh().inject(Fault::new(FaultKind::Forbidden).at(Endpoint::SetId));
    bench.fail();
    bench.uzhkh().clear_faults();
    named(&bench, "counter", "--5", "better", "named");
    // An answer that was lost may have.
    bench.uzhkh().inject(Fault::new(FaultKind::LostAnswer).at(Endpoint::SetId));
    bench.fail();
    bench.uzhkh().clear_faults();
    refused(&bench, "counter", "--5", "late");
    bench.pass();
    refused(&bench, "counter", "--5", "late");
    assert_eq!(bench.uzhkh().current_id("counter", "--5"), "better");
    bench.verified();
}

#[test]
fn a_refusal_does_not_take_back_that_another_entry_may_have_told_the_name() {
    let bench = setup()
        .uzhkh("acknowledge_concurrency = 1")
        .section("[identity]\nassign = \"external\"")
        .start();
    bench.pass();
    named(&bench, "counter", "--5", "right", "named");
    for (guid, value) in [("g1", "11.00"), ("g2", "12.00")] {
        let entity = counter("--5").replace("10.50", value);
        bench.uzhkh().push_request(envelope(guid, "Counter", &entity));
    }
    bench.uzhkh().inject(Fault::new(FaultKind::LostAnswer).at(Endpoint::Delete).about("guid=g1"));
    bench.uzhkh().inject(Fault::new(FaultKind::Forbidden).at(Endpoint::Delete).about("guid=g2"));
    bench.fail();
    bench.uzhkh().clear_faults();
    assert_eq!(bench.uzhkh().current_id("counter", "--5"), "right");
    refused(&bench, "counter", "--5", "late");
    bench.pass();
    assert_eq!(bench.one("SELECT permanent_id, state FROM identity"), "right|announced");
    bench.verified();
}

#[test]
fn a_name_that_waits_with_its_entry_may_be_corrected_too() {
    let bench = external();
    bench.pass();
    named(&bench, "counter", "--5", "wrong", "named");
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.uzhkh().inject(Fault::new(FaultKind::Forbidden).at(Endpoint::Delete));
    bench.fail();
    bench.uzhkh().clear_faults();
    named(&bench, "counter", "--5", "right", "named");
    bench.pass();
    assert_eq!(bench.uzhkh().current_id("counter", "--5"), "right");
    assert_eq!(bench.one("SELECT id FROM counter"), "right");
    bench.verified();
}

#[test]
fn a_car_is_told_by_its_own_entry_alone() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Car", &car("--9")));
    bench.pass();
    named(&bench, "car", "--9", "car-9", "named");
    bench.pass();
    assert!(bench.set_ids().is_empty());
    assert_eq!(bench.one("SELECT id FROM car"), "car-9");
    assert_eq!(bench.one("SELECT state FROM identity"), "reserved");
    assert_eq!(bench.one("SELECT kind, id, path FROM finding"), "car|car-9|Id");
    bench.verified();
}

#[test]
fn several_in_one_entry_wait_each_and_are_told_by_set_id() {
    let bench = external();
    let (resident, counter) = (resident("--8"), counter("--5"));
    bench
        .uzhkh()
        .push_request(format!(r#"{{"Guid":"g1","Resident":{resident},"Counter":{counter}}}"#));
    bench.pass();
    assert_eq!(bench.deletes("g1"), [None]);
    named(&bench, "resident", "--8", "r8", "named");
    bench.pass();
    assert_eq!(bench.set_ids(), ["resident/--8=r8 success"]);
    assert_eq!(
        bench.lines("SELECT id FROM resident UNION ALL SELECT id FROM counter"),
        ["r8", "--5"]
    );
}

#[test]
fn a_deletion_of_what_waits_stands_under_its_name() {
    let bench = external();
    bench.uzhkh().push_deleted(deletion("d1", "counter", "--5"));
    bench.pass();
    named(&bench, "counter", "--5", "33d", "named");
    assert_eq!(
        bench.one("SELECT id, body, deleted_at IS NULL FROM record"),
        r#"33d|{"Id":"33d"}|0"#
    );
    bench.verified();
}

#[test]
fn a_request_is_deleted_under_its_temporary_spelling() {
    let of = |kind: &str, id: u32| match kind {
        "request" => request(id),
        "requesttoregister" => to_register(&id.to_string()),
        _ => to_object_adding(&id.to_string()),
    };
    for (kind, member, view) in [
        ("request", "Request", "request"),
        ("requesttoregister", "RequestToRegister", "request_to_register"),
        ("requesttoobjectadding", "RequestToObjectAdding", "request_to_object_adding"),
    ] {
        let bench = setup().start();
        bench.uzhkh().push_request(envelope("g1", member, &of(kind, 501)));
        bench.pass();
        bench.uzhkh().push_deleted(deletion("d1", kind, "--501"));
        bench.uzhkh().push_deleted(deletion("d2", kind, "--502"));
        bench.pass();
        let live = format!("SELECT count(*) FROM {view}");
        assert_eq!(bench.one(&live), "0", "{kind}");
        assert_eq!(
            bench.lines("SELECT kind, id, deleted_at IS NULL FROM record ORDER BY id"),
            [format!("{kind}|--502|0"), format!("{kind}|501|0")]
        );
        // A late entry of that number finds the tombstone.
        bench.uzhkh().push_request(envelope("g2", member, &of(kind, 502)));
        bench.pass();
        assert_eq!(bench.one(&live), "0", "{kind}");
        bench.verified();
    }
}

#[test]
fn ids_of_decisions_may_begin_with_dashes() {
    let bench = setup().start();
    bench.pass();
    let ended = bench.run(&["decide", "register", "--61", "--approve"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let ended = bench.run(&["decide", "object", "--reject", "--62"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(bench.lines("SELECT params ->> '$.id' FROM call ORDER BY seq"), ["--61", "--62"]);
}

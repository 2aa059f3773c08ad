//! References by temporary ids: resolved at once, announced in their own time.

use crate::support::entities::{
    account, account_of, car, counter, document, envelope, object, payment, person, request,
    resident, to_object_adding, to_register,
};
use crate::support::{is_uuid_v7, setup, wait_until};

/// Replaces the value of a member.
fn with(entity: &str, member: &str, was: &str, value: &str) -> String {
    let (before, after) = (format!(r#""{member}":{was}"#), format!(r#""{member}":"{value}""#));
    assert!(entity.contains(&before), "{entity} has no {before}");
    entity.replace(&before, &after)
}

#[test]
fn every_reference_is_resolved() {
    let (o1, r1, a1, null) = ("\"o1\"", "\"r1\"", "\"a1\"", "null");
    let cases = [
        ("Account", account("a1"), "ApartmentID", o1, "object"),
        ("Account", account("a2"), "RelatedAccountId", null, "account"),
        ("Account", account_of("a3", &[person("r3")]), "ParentResidentId", null, "resident"),
        ("Resident", resident("r4"), "ParentResidentId", null, "resident"),
        ("Counter", counter("c1"), "FlatId", o1, "object"),
        ("Request", request(1), "AccountId", a1, "account"),
        ("Request", request(2), "ResidentId", r1, "resident"),
        ("Request", request(3), "FlatId", o1, "object"),
        ("Request", request(4), "IdCounter", null, "counter"),
        ("Payment", payment("p1"), "AccountId", a1, "account"),
        ("RequestToRegister", to_register("1"), "FlatId", o1, "object"),
        ("RequestToObjectAdding", to_object_adding("1"), "FlatId", o1, "object"),
        ("RequestToObjectAdding", to_object_adding("2"), "ResidentId", r1, "resident"),
        ("Car", car("k1"), "ResidentId", r1, "resident"),
    ];
    let bench = setup().start();
    for (n, (member, entity, field, was, _)) in cases.iter().enumerate() {
        let entity = with(entity, field, was, &format!("--{n}"));
        bench.uzhkh().push_request(envelope(&format!("g{n}"), member, &entity));
    }
    bench.pass();
    for (n, (_, entity, field, was, kind)) in cases.iter().enumerate() {
        let permanent = bench.permanent(kind, &format!("--{n}"));
        assert!(is_uuid_v7(&permanent), "{permanent}");
        let body = bench.one(&format!(
            "SELECT r.body FROM change AS c JOIN record AS r USING (kind, id) \
             WHERE c.envelope_seq = {} ORDER BY c.seq LIMIT 1",
            n + 1
        ));
        assert_eq!(body, with(entity, field, was, &permanent));
        assert_eq!(bench.deletes(&format!("g{n}")), [None]);
    }
    assert_eq!(bench.lines("SELECT state, count(*) FROM identity GROUP BY state"), ["reserved|14"]);
    assert_eq!(bench.asked("SetId"), 0);
}

#[test]
fn lists_keep_what_surrounds_their_ids() {
    let bench = setup().start();
    let document = document("news", "--1");
    let document = with(&document, "ResidentsIds", "null", "7, --2,--3 ");
    let document = with(&document, "ResidentToFlatsIds", "null", "--4");
    let document = with(&document, "HousesIds", "\"h4\"", "--4,--6");
    bench.uzhkh().push_request(envelope("g1", "Doc", &document));
    bench.pass();
    let ids = [
        bench.permanent("news", "--1"),
        bench.permanent("resident", "--2"),
        bench.permanent("resident", "--3"),
        bench.permanent("account", "--4"),
    ];
    assert_eq!(
        bench.one("SELECT id, residents_ids, resident_to_flats_ids, houses_ids FROM document"),
        format!("{}|7, {},{} |{}|--4,--6", ids[0], ids[1], ids[2], ids[3])
    );
    assert_eq!(bench.one("SELECT count(*) FROM identity"), "4");
}

#[test]
fn references_to_requests_are_left_alone() {
    let bench = setup().start();
    let payment = with(&payment("p1"), "IdRequest", "null", "--3");
    bench.uzhkh().push_request(envelope("g1", "Payment", &payment));
    bench.pass();
    assert_eq!(bench.one("SELECT id_request FROM payment"), "--3");
    assert_eq!(bench.one("SELECT count(*) FROM identity"), "0");
}

#[test]
fn an_escaped_spelling_is_the_same_id() {
    let bench = setup().start();
    let escaped = with(&counter("c1"), "FlatId", "\"o1\"", r"\u002d\u002d7");
    let plain = with(&counter("c2"), "FlatId", "\"o1\"", "--7");
    bench.uzhkh().push_request(envelope("g1", "Counter", &escaped));
    bench.uzhkh().push_request(envelope("g2", "Counter", &plain));
    bench.pass();
    let permanent = bench.permanent("object", "--7");
    assert_eq!(bench.lines("SELECT DISTINCT flat_id FROM counter"), [permanent]);
}

#[test]
fn a_reserved_id_is_the_entitys_own_when_it_comes() {
    let bench = setup().start();
    let referring = with(&counter("c1"), "FlatId", "\"o1\"", "--7");
    bench.uzhkh().push_request(envelope("g1", "Counter", &referring));
    bench.pass();
    let permanent = bench.permanent("object", "--7");
    assert_eq!(bench.one("SELECT state FROM temporary_id"), "reserved");
    bench.uzhkh().push_request(envelope("g2", "Obj", &object("--7")));
    bench.pass();
    assert_eq!(bench.deletes("g2"), [Some(permanent.clone())]);
    assert_eq!(bench.one("SELECT id FROM object"), permanent);
    assert_eq!(bench.one("SELECT state FROM identity"), "announced");
    assert_eq!(bench.asked("SetId"), 0);
}

#[test]
fn an_id_that_stays_reserved_is_announced_by_set_id() {
    let bench = setup().section("[identity]\nannounce_after = \"1s\"").start();
    let referring = with(&counter("c1"), "FlatId", "\"o1\"", "--7");
    bench.uzhkh().push_request(envelope("g1", "Counter", &referring));
    bench.pass();
    assert_eq!(bench.deletes("g1"), [None]);
    let permanent = bench.permanent("object", "--7");
    wait_until("the announcement", || {
        bench.pass();
        bench.asked("SetId") > 0
    });
    let expected = format!("object/--7={permanent} success");
    assert_eq!(bench.set_ids(), [expected]);
    assert_eq!(
        bench.one(
            "SELECT state, (julianday(announced_at) - julianday(reserved_at)) * 86400 >= 1 FROM identity"
        ),
        "announced|1"
    );
    bench.pass();
    assert_eq!(bench.asked("SetId"), 1);
}

#[test]
fn the_service_looks_for_ids_that_stay_reserved() {
    let bench = setup().every_second().section("[identity]\nannounce_after = \"0s\"").start();
    let daemon = bench.daemon();
    wait_until("the first fetch", || bench.asked("Requests") >= 1);
    let referring = with(&counter("c1"), "FlatId", "\"o1\"", "--7");
    bench.uzhkh().push_request(envelope("g1", "Counter", &referring));
    wait_until("the announcement", || {
        bench.uzhkh().temporary_ids().is_empty() && bench.asked("SetId") == 1
    });
    daemon.stop();
    assert_eq!(bench.one("SELECT state FROM identity"), "announced");
    assert_eq!(bench.asked("SetId"), 1);
}

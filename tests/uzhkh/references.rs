//! References by temporary ids: resolved at once, announced in their own time.

use super::support::entities::{
    account, account_of, car, counter, document, envelope, object, payment, person, request,
    to_object_adding, to_register,
};
use super::support::{is_uuid_v7, setup, wait_until};

/// Replaces the value of a member.
fn with(entity: &str, member: &str, was: &str, value: &str) -> String {
    let (before, after) = (
        format!(r#""{member}":{was}"#),
        format!(r#""{member}":"{value}""#),
    );
    assert!(entity.contains(&before), "{entity} has no {before}");
    entity.replace(&before, &after)
}

#[test]
fn every_reference_is_resolved() {
    let bench = setup().start();
    let child = with(&person("r3"), "ParentResidentId", "null", "--3");
    let cases = [
        (
            "Account",
            with(&account("a1"), "ApartmentID", "\"o1\"", "--1"),
            "ApartmentID",
            "object",
            "--1",
        ),
        (
            "Account",
            with(&account("a2"), "RelatedAccountId", "null", "--2"),
            "RelatedAccountId",
            "account",
            "--2",
        ),
        (
            "Account",
            account_of("a3", &[child]),
            "Persons[0].ParentResidentId",
            "resident",
            "--3",
        ),
        (
            "Counter",
            with(&counter("c1"), "FlatId", "\"o1\"", "--4"),
            "FlatId",
            "object",
            "--4",
        ),
        (
            "Request",
            with(&request(1), "AccountId", "\"a1\"", "--5"),
            "AccountId",
            "account",
            "--5",
        ),
        (
            "Request",
            with(&request(2), "ResidentId", "\"r1\"", "--6"),
            "ResidentId",
            "resident",
            "--6",
        ),
        (
            "Request",
            with(&request(3), "FlatId", "\"o1\"", "--7"),
            "FlatId",
            "object",
            "--7",
        ),
        (
            "Request",
            with(&request(4), "IdCounter", "null", "--8"),
            "IdCounter",
            "counter",
            "--8",
        ),
        (
            "Payment",
            with(&payment("p1"), "AccountId", "\"a1\"", "--9"),
            "AccountId",
            "account",
            "--9",
        ),
        (
            "RequestToRegister",
            with(&to_register("1"), "FlatId", "\"o1\"", "--10"),
            "FlatId",
            "object",
            "--10",
        ),
        (
            "RequestToObjectAdding",
            with(&to_object_adding("1"), "FlatId", "\"o1\"", "--11"),
            "FlatId",
            "object",
            "--11",
        ),
        (
            "RequestToObjectAdding",
            with(&to_object_adding("2"), "ResidentId", "\"r1\"", "--12"),
            "ResidentId",
            "resident",
            "--12",
        ),
        (
            "Car",
            with(&car("k1"), "ResidentId", "\"r1\"", "--13"),
            "ResidentId",
            "resident",
            "--13",
        ),
    ];
    for (n, (member, entity, ..)) in cases.iter().enumerate() {
        bench
            .uzhkh()
            .push_request(envelope(&format!("g{n}"), member, entity));
    }
    bench.pass();
    for (n, (_, entity, path, kind, temporary)) in cases.iter().enumerate() {
        let permanent = bench.permanent(kind, temporary);
        assert!(is_uuid_v7(&permanent), "{permanent}");
        let seq = n + 1;
        let found = bench.one(&format!(
            "SELECT r.body ->> '$.{path}', r.body FROM change AS c JOIN record AS r USING (kind, id) \
             WHERE c.envelope_seq = {seq} ORDER BY c.seq LIMIT 1"
        ));
        let expected = entity.replace(&format!("\"{temporary}\""), &format!("\"{permanent}\""));
        assert_eq!(found, format!("{permanent}|{expected}"));
        assert_eq!(bench.deletes(&format!("g{n}")), [None]);
    }
    assert_eq!(
        bench.lines("SELECT state, count(*) FROM identity GROUP BY state"),
        ["reserved|13"]
    );
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
    bench
        .uzhkh()
        .push_request(envelope("g1", "Payment", &payment));
    bench.pass();
    assert_eq!(bench.one("SELECT id_request FROM payment"), "--3");
    assert_eq!(bench.one("SELECT count(*) FROM identity"), "0");
}

#[test]
fn an_escaped_spelling_is_the_same_id() {
    let bench = setup().start();
    let escaped = with(&counter("c1"), "FlatId", "\"o1\"", r"\u002d\u002d7");
    let plain = with(&counter("c2"), "FlatId", "\"o1\"", "--7");
    bench
        .uzhkh()
        .push_request(envelope("g1", "Counter", &escaped));
    bench
        .uzhkh()
        .push_request(envelope("g2", "Counter", &plain));
    bench.pass();
    let permanent = bench.permanent("object", "--7");
    assert_eq!(
        bench.lines("SELECT DISTINCT flat_id FROM counter"),
        [permanent]
    );
}

#[test]
fn a_reserved_id_is_the_entitys_own_when_it_comes() {
    let bench = setup().start();
    let referring = with(&counter("c1"), "FlatId", "\"o1\"", "--7");
    bench
        .uzhkh()
        .push_request(envelope("g1", "Counter", &referring));
    bench.pass();
    let permanent = bench.permanent("object", "--7");
    assert_eq!(bench.one("SELECT state FROM temporary_id"), "reserved");
    bench
        .uzhkh()
        .push_request(envelope("g2", "Obj", &object("--7")));
    bench.pass();
    assert_eq!(bench.deletes("g2"), [Some(permanent.clone())]);
    assert_eq!(bench.one("SELECT id FROM object"), permanent);
    assert_eq!(bench.one("SELECT state FROM identity"), "announced");
    assert_eq!(bench.asked("SetId"), 0);
}

#[test]
fn an_id_that_stays_reserved_is_announced_by_set_id() {
    let bench = setup()
        .section("[identity]\nannounce_after = \"1s\"")
        .start();
    let referring = with(&counter("c1"), "FlatId", "\"o1\"", "--7");
    bench
        .uzhkh()
        .push_request(envelope("g1", "Counter", &referring));
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
    let bench = setup()
        .every_second()
        .section("[identity]\nannounce_after = \"0s\"")
        .start();
    let daemon = bench.daemon();
    wait_until("the first fetch", || bench.asked("Requests") >= 1);
    let referring = with(&counter("c1"), "FlatId", "\"o1\"", "--7");
    bench
        .uzhkh()
        .push_request(envelope("g1", "Counter", &referring));
    wait_until("the announcement", || {
        bench.uzhkh().temporary_ids().is_empty() && bench.asked("SetId") == 1
    });
    daemon.stop();
    assert_eq!(bench.one("SELECT state FROM identity"), "announced");
    assert_eq!(bench.asked("SetId"), 1);
}

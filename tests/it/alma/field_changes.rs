//! A change of a field arrives as a PATCH of exactly what it changes, with the companion
//! that the document demands.

use simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::alma::wire::{
    BUILDINGS, CLIENTS, OWNER_CONTRACTS, TENANT_CONTRACTS, UNITS, patch, post,
};
use crate::support::Bench;
use crate::support::entities::resident;

/// One flat with an owner and a tenant, in Alma.
fn furnished() -> Bench {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    bench
}

/// A text in which something is replaced that must be in it.
#[track_caller]
fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

/// r1 as a resident of its own, as the account has it.
fn r1() -> String {
    with(&resident("r1"), "inna@", "r1@")
}

fn people() -> Vec<String> {
    vec![owner("r1"), tenant("r2")]
}

#[test]
fn a_change_of_an_object_is_a_patch_of_what_it_changes() {
    let bench = furnished();
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    let building = bench.building("Лодочная, 4");
    let twelve = flat("o1", "12");
    let unit = |fields: &str| patch(UNITS, unit, &format!("{{{fields}}}"));
    let named = format!(r#""name":"12а","number":"12а","building":{building}"#);
    let nameless = format!(r#""name":"0","number":"0","building":{building}"#);
    let address = r#""header":"ул. Лодочная, 4-12","address":"ул. Лодочная, 4-12""#;
    let studio = r#""property_type":"studio","number_of_bedrooms":1"#;
    for (from, to, expected) in [
        (r#""FlatNumber":"12""#, r#""FlatNumber":"12а""#, named.as_str()),
        (r#""FlatNumber":"12""#, r#""FlatNumber":null"#, &nameless),
        ("ул. Лодочная, д. 4, кв. 12", "ул. Лодочная, 4-12", address),
        (r#""CountRooms":"2""#, r#""CountRooms":"студия""#, studio),
        (r#""CountRooms":"2""#, r#""CountRooms":"3""#, r#""number_of_bedrooms":3"#),
        (
            r#""SquareAll":54.3"#,
            r#""SquareAll":54.35"#,
            r#""internal_area":54.35,"total_buildable_area":54.35"#,
        ),
        (r#""EtazhNumber":3"#, r#""EtazhNumber":null"#, r#""floor":null"#),
        (r#""EtazhNumber":3"#, r#""EtazhNumber":-1"#, r#""floor":-1"#),
    ] {
        bench.say("Obj", &with(&twelve, from, to));
        bench.pass_writes_only(&[unit(expected)]);
        bench.say("Obj", &twelve);
        assert_eq!(bench.pass_writes().len(), 1, "back: {to}");
    }
    let back = bench.held(AlmaKind::Unit, "o1");
    assert_eq!(back.fields["name"], r#""12""#);
    assert_eq!(back.fields["floor"], "3");
    bench.rests();
}

#[test]
fn what_alma_does_not_hold_or_reads_the_same_writes_nothing() {
    let bench = furnished();
    let changes = [
        (r#""SquareLiving":31.0"#, r#""SquareLiving":32.0"#),
        (r#""PodyezdNumber":"1""#, r#""PodyezdNumber":"2""#),
        (r#""YearOfHouse":2019"#, r#""YearOfHouse":2020"#),
        ("Заречный", "Заозёрный"),
        (r#""SquareAll":54.3"#, r#""SquareAll":"54,30""#),
        (r#""EtazhNumber":3"#, r#""EtazhNumber":"3""#),
        (r#""CountRooms":"2""#, r#""CountRooms":"2-комнатная""#),
    ];
    for (from, to) in changes {
        bench.say("Obj", &with(&flat("o1", "12"), from, to));
        bench.pass_writes_only(&[]);
    }
    let lodgers = account("a1", "o1", &people());
    for (from, to) in [
        (r#""Balance":10.50"#, r#""Balance":11.50"#),
        (r#""IsActive":true"#, r#""IsActive":false"#),
        ("2023-01-15T00:00:00", "2023-01-15T13:00:00"),
        ("2023-01-15T00:00:00", "15.01.2023"),
        (r#""Patronymic":"Павловна""#, r#""Patronymic":"Петровна""#),
        ("+70000000001", "8 (000) 000-00-01"),
    ] {
        bench.say("Account", &with(&lodgers, from, to));
        bench.pass_writes_only(&[]);
    }
}

#[test]
fn a_change_of_a_person_is_a_patch_of_what_it_changes() {
    let bench = furnished();
    let id = bench.alma_id(AlmaKind::Client, "r1");
    for (from, to, expected) in [
        (r#""Name":"Инна""#, r#""Name":"Инга""#, r#"{"first_name":"Инга"}"#),
        ("Ветрова", "Бор", r#"{"last_name":"Бор"}"#),
        ("r1@", "r1.new@", r#"{"email":"r1.new@example.invalid"}"#),
        ("+70000000001", "+7 900 000-00-02", r#"{"phone":"+79000000002"}"#),
        (
            r#""UrCompanyName":null"#,
            r#""UrCompanyName":"ООО «Пример»""#,
            r#"{"first_name":"ООО «Пример»"}"#,
        ),
    ] {
        // As a resident of its own, and as a person of the account.
        bench.say("Resident", &with(&r1(), from, to));
        bench.pass_writes_only(&[patch(CLIENTS, id, expected)]);
        bench.say("Account", &account("a1", "o1", &people()));
        assert_eq!(bench.pass_writes().len(), 1, "back: {to}");
        let changed = [with(&owner("r1"), from, to), tenant("r2")];
        bench.say("Account", &account("a1", "o1", &changed));
        bench.pass_writes_only(&[patch(CLIENTS, id, expected)]);
        bench.say("Resident", &r1());
        assert_eq!(bench.pass_writes().len(), 1, "back: {to}");
    }
    bench.rests();
}

#[test]
fn a_change_of_an_account_is_a_patch_of_both_contracts() {
    let bench = furnished();
    let owners = bench.alma_id(AlmaKind::OwnerContract, "a1:r1");
    let tenants = bench.alma_id(AlmaKind::TenantContract, "a1:r2");
    let lodgers = account("a1", "o1", &people());
    for (from, to, expected) in [
        (r#""AccountNumber":"1001""#, r#""AccountNumber":1002"#, r#"{"name":"ЛС 1002"}"#),
        ("2023-01-15T00:00:00", "2023-02-01T00:00:00", r#"{"start_date":"2023-02-01T00:00:00"}"#),
        (
            r#""DateTimeClose":null"#,
            r#""DateTimeClose":"2098-05-31T23:59:59""#,
            r#"{"end_date":"2098-05-31T00:00:00"}"#,
        ),
        (
            // An evening in UTC is the next day in Moscow.
            "2023-01-15T00:00:00",
            "2023-01-15T21:00:00Z",
            r#"{"start_date":"2023-01-16T00:00:00"}"#,
        ),
    ] {
        bench.say("Account", &with(&lodgers, from, to));
        bench.pass_writes_only(&[
            patch(OWNER_CONTRACTS, owners, expected),
            patch(TENANT_CONTRACTS, tenants, expected),
        ]);
        bench.say("Account", &lodgers);
        assert_eq!(bench.pass_writes().len(), 2, "back: {to}");
    }
    bench.rests();
}

#[test]
fn another_co_tenant_or_another_name_of_one_changes_the_contract_alone() {
    let bench = furnished();
    let id = bench.alma_id(AlmaKind::TenantContract, "a1:r2");
    let three = [people(), vec![tenant("r3")]].concat();
    bench.say("Account", &account("a1", "o1", &three));
    let came = r#"{"co_tenant":"Ветрова Инна Павловна"}"#;
    let mut writes = bench.pass_writes();
    writes.retain(|write| write.starts_with("PATCH"));
    assert_eq!(writes, [patch(TENANT_CONTRACTS, id, came)]);
    bench.rests();
    let renamed = with(&resident("r3"), "inna@", "r3@");
    let renamed = with(&renamed, "Павловна", "Петровна");
    bench.say("Resident", &renamed);
    let now = r#"{"co_tenant":"Ветрова Инна Петровна"}"#;
    bench.pass_writes_only(&[patch(TENANT_CONTRACTS, id, now)]);
    bench.say("Account", &account("a1", "o1", &people()));
    let gone = r#"{"co_tenant":""}"#;
    assert_eq!(bench.pass_writes(), [patch(TENANT_CONTRACTS, id, gone)]);
    assert_eq!(bench.state("client", "r3"), "held");
}

#[test]
fn a_house_that_is_called_otherwise_is_renamed_with_its_project() {
    let bench = furnished();
    let id = bench.building("Лодочная, 4");
    for (from, to, name) in [
        ("\"Лодочная\"", "\"Парусная\"", "Парусная, 4"),
        (r#""HouseNumber":"4""#, r#""HouseNumber":"4 к. 1""#, "Лодочная, 4 к. 1"),
    ] {
        bench.say("Obj", &with(&flat("o1", "12"), from, to));
        let fields = format!(r#"{{"name":"{name}","project":207}}"#);
        bench.pass_writes_only(&[patch(BUILDINGS, id, &fields)]);
    }
}

#[test]
fn a_flat_that_is_moved_to_another_house_stands_in_another_building() {
    let bench = furnished();
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    bench.say(
        "Obj",
        &with(
            &with(&flat("o1", "12"), r#""HouseId":"h4""#, r#""HouseId":"h5""#),
            r#""HouseNumber":"4""#,
            r#""HouseNumber":"5""#,
        ),
    );
    let writes = bench.pass_writes();
    let building = bench.building("Лодочная, 5");
    assert_eq!(
        writes,
        [
            patch(UNITS, unit, &format!(r#"{{"building":{building}}}"#)),
            post(BUILDINGS, r#"{"name":"Лодочная, 5","project":207}"#),
        ]
    );
    assert_eq!(bench.state("building", "h4"), "held");
    bench.rests();
}

#[test]
fn an_account_that_is_moved_to_another_flat_moves_its_contracts() {
    let bench = furnished();
    bench.say("Obj", &flat("o2", "13"));
    bench.pass();
    let owners = bench.alma_id(AlmaKind::OwnerContract, "a1:r1");
    let tenants = bench.alma_id(AlmaKind::TenantContract, "a1:r2");
    let unit = bench.alma_id(AlmaKind::Unit, "o2");
    bench.say("Account", &account("a1", "o2", &people()));
    let moved = format!(r#"{{"unit_id":{unit}}}"#);
    bench.pass_writes_only(&[
        patch(OWNER_CONTRACTS, owners, &moved),
        patch(TENANT_CONTRACTS, tenants, &moved),
    ]);
}

#[test]
fn several_changes_between_two_passes_are_one_patch_of_what_is_left_of_them() {
    let bench = furnished();
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    let twelve = flat("o1", "12");
    bench.say("Obj", &with(&twelve, r#""EtazhNumber":3"#, r#""EtazhNumber":4"#));
    bench.say("Obj", &with(&twelve, r#""SquareAll":54.3"#, r#""SquareAll":60"#));
    let fields = r#"{"internal_area":60,"total_buildable_area":60}"#;
    bench.pass_writes_only(&[patch(UNITS, unit, fields)]);
    bench.say("Obj", &twelve);
    bench.say("Obj", &with(&twelve, r#""SquareAll":54.3"#, r#""SquareAll":60.0"#));
    bench.pass_writes_only(&[]);
}

#[test]
fn what_people_changed_in_alma_is_left_alone_but_for_what_the_ledger_changes() {
    let bench = furnished();
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    let alma = bench.alma();
    alma.edit(AlmaKind::Unit, unit, "header", r#""С видом на реку""#);
    alma.edit(AlmaKind::Unit, unit, "goal_rent_cost", "50000");
    // Somebody has corrected the floor there before the ledger heard of it.
    alma.edit(AlmaKind::Unit, unit, "floor", "4");
    let four = with(&flat("o1", "12"), r#""EtazhNumber":3"#, r#""EtazhNumber":4"#);
    bench.say("Obj", &four);
    bench.pass_writes_only(&[]);
    bench.say("Obj", &with(&four, r#""CountRooms":"2""#, r#""CountRooms":"3""#));
    bench.pass_writes_only(&[patch(UNITS, unit, r#"{"number_of_bedrooms":3}"#)]);
}

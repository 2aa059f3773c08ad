//! Each row of the table of what UZhKH's entities become, as it comes over the wire.

use simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::alma::wire::{BUILDINGS, CLIENTS, OWNER_CONTRACTS, TENANT_CONTRACTS, UNITS, post};
use crate::support::Bench;

/// What is posted of a unit: the whole row of the table.
fn unit(id: &str, building: i64, row: &Row) -> String {
    let Row { number, property_type, bedrooms, area, floor } = row;
    let address = "ул. Лодочная, д. 4, кв. 12";
    post(
        UNITS,
        &format!(
            r#"{{"external_id":"{id}","additional_external_id":"","is_used_additional_external_id":false,"name":"{number}","header":"{address}","building":{building},"property_type":"{property_type}","number":"{number}","internal_area":{area},"photos":[],"address":"{address}","number_of_bedrooms":{bedrooms},"number_of_baths":0,"is_roof_garden":false,"parking":"not_applicable","is_swimming_pool":false,"total_buildable_area":{area},"floor":{floor}}}"#
        ),
    )
}

struct Row {
    number: &'static str,
    property_type: &'static str,
    bedrooms: u8,
    area: &'static str,
    floor: &'static str,
}

/// The flat of the tests.
const TWELVE: Row =
    Row { number: "12", property_type: "apartment", bedrooms: 2, area: "54.3", floor: "3" };

fn client(id: &str) -> String {
    post(
        CLIENTS,
        &format!(
            r#"{{"external_id":"{id}","first_name":"Инна","last_name":"Ветрова","email":"{id}@example.invalid","phone":"+70000000001","country":4}}"#
        ),
    )
}

/// The terms that both kinds of contracts begin with.
fn terms(bench: &Bench, external_id: &str, unit: &str, client: &str, name: &str) -> String {
    let unit = bench.alma_id(AlmaKind::Unit, unit);
    let client = bench.alma_id(AlmaKind::Client, client);
    format!(
        r#""external_id":"{external_id}","unit_id":{unit},"client_id":{client},"name":"{name}","start_date":"2023-01-15T00:00:00","end_date":"2099-12-31T00:00:00""#
    )
}

fn owner_contract(terms: &str) -> String {
    post(OWNER_CONTRACTS, &format!(r#"{{{terms},"work_model":"Long term"}}"#))
}

fn tenant_contract(terms: &str, co_tenant: &str) -> String {
    post(
        TENANT_CONTRACTS,
        &format!(
            r#"{{{terms},"price":"0.00","co_tenant":"{co_tenant}","type_contract":"Long-term 3+ months"}}"#
        ),
    )
}

fn building(name: &str) -> String {
    post(BUILDINGS, &format!(r#"{{"name":"{name}","project":207}}"#))
}

#[track_caller]
fn assert_written(mut written: Vec<String>, mut expected: Vec<String>) {
    written.sort();
    expected.sort();
    assert_eq!(written, expected);
}

#[test]
fn every_row_of_the_table_arrives_as_it_says() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    assert_written(
        bench.writes(),
        vec![
            building("Лодочная, 4"),
            unit("o1", bench.building("Лодочная, 4"), &TWELVE),
            client("r1"),
            client("r2"),
            owner_contract(&terms(&bench, "a1:r1", "o1", "r1", "ЛС 1001")),
            tenant_contract(&terms(&bench, "a1:r2", "o1", "r2", "ЛС 1001"), ""),
        ],
    );
    bench.rests();
}

#[test]
fn the_first_tenant_has_the_contract_and_the_others_are_named_in_it() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    let others = [
        tenant("r3").replace("Ветрова", "Бор \\\"Б\\\""),
        tenant("r4").replace(r#""UrCompanyName":null"#, r#""UrCompanyName":"ООО «Ёлка»""#),
    ];
    let persons = [vec![owner("r1"), tenant("r2")], others.to_vec()].concat();
    bench.say("Account", &account("a1", "o1", &persons));
    bench.pass();
    assert_eq!(bench.alma().objects(AlmaKind::TenantContract).len(), 1);
    assert_eq!(
        bench.field(AlmaKind::TenantContract, "a1:r2", "co_tenant"),
        r#""Бор \"Б\" Инна Павловна; ООО «Ёлка»""#
    );
    assert!(bench.alma().object(AlmaKind::Client, "r4").is_some());
    bench.rests();
}

#[test]
fn who_both_owns_and_rents_has_both_contracts_and_is_one_client() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    let both_roles = owner("r1").replace(r#""IsEmployer":false"#, r#""IsEmployer":true"#);
    bench.say("Account", &account("a1", "o1", &[both_roles]));
    bench.pass();
    assert_written(
        bench.writes().split_off(2),
        vec![
            client("r1"),
            owner_contract(&terms(&bench, "a1:r1", "o1", "r1", "ЛС 1001")),
            tenant_contract(&terms(&bench, "a1:r1", "o1", "r1", "ЛС 1001"), ""),
        ],
    );
    bench.rests();
}

#[test]
fn a_company_is_called_by_its_name() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    let company = owner("r1")
        .replace(r#""UrCompanyName":null"#, r#""UrCompanyName":"ООО «Пример»""#)
        .replace(r#""Surname":"Ветрова""#, r#""Surname":"""#)
        .replace(r#""Name":"Инна""#, r#""Name":"""#);
    bench.say("Account", &account("a1", "o1", &[company]));
    bench.pass();
    let company = bench.held(AlmaKind::Client, "r1");
    assert_eq!(company.fields["first_name"], r#""ООО «Пример»""#);
    // Alma refuses a blank one.
    assert_eq!(company.fields["last_name"], r#""-""#);
    assert_eq!(bench.state("owner_contract", "a1:r1"), "synced");
    bench.rests();
}

#[test]
fn a_phone_arrives_as_e164_however_people_typed_it() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    let typed = owner("r1").replace("+70000000001", "8 (900) 000-00-01");
    bench.say("Account", &account("a1", "o1", &[typed]));
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Client, "r1", "phone"), r#""+79000000001""#);
    bench.rests();
}

#[test]
fn what_an_object_lacks_or_spells_otherwise_arrives_as_the_table_says() {
    let bench = both().start();
    let of = |id: &str, number: &'static str, changes: &[(&str, &str)]| {
        let mut object = flat(id, number);
        for (from, to) in changes {
            assert!(object.contains(from), "{from}");
            object = object.replace(from, to);
        }
        bench.say("Obj", &object);
    };
    let (rooms, floor) = (r#""CountRooms":"2""#, r#""EtazhNumber":3"#);
    let area = r#""SquareAll":54.3"#;
    of("o1", "1", &[(rooms, r#""CountRooms":"Студия""#)]);
    of("o2", "", &[(rooms, r#""CountRooms":null"#), (floor, r#""EtazhNumber":null"#)]);
    of("o3", "3", &[(area, r#""SquareAll":null"#), (rooms, r#""CountRooms":"""#)]);
    of("o4", "4", &[(area, r#""SquareAll":"54,30""#), (floor, r#""EtazhNumber":"-1""#)]);
    of("o5", "5", &[(area, r#""SquareAll":1234567890.123456789012"#)]);
    of("o6", "6", &[(r#""FlatNumber":"6""#, r#""FlatNumber":6"#), (rooms, r#""CountRooms":4"#)]);
    of("o7", "К-1.4", &[(rooms, r#""CountRooms":"3 комнаты""#)]);
    bench.pass();
    let at = bench.building("Лодочная, 4");
    let is = |number, property_type, bedrooms, area, floor| Row {
        number,
        property_type,
        bedrooms,
        area,
        floor,
    };
    let expected = [
        ("o1", is("1", "studio", 1, "54.3", "3")),
        ("o2", is("0", "apartment", 0, "54.3", "null")),
        ("o3", is("3", "apartment", 0, "0", "3")),
        ("o4", is("4", "apartment", 2, "54.30", "-1")),
        ("o5", is("5", "apartment", 2, "1234567890.123456789012", "3")),
        ("o6", is("6", "apartment", 4, "54.3", "3")),
        ("o7", is("К-1.4", "apartment", 3, "54.3", "3")),
    ];
    let units = expected.iter().map(|(id, row)| unit(id, at, row));
    assert_written(bench.writes(), units.chain([building("Лодочная, 4")]).collect());
    bench.rests();
}

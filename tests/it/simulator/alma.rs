//! Alma's objects: made, listed, read and changed as its document shows.

use serde_json::json;
use simulator::{AlmaKind, Options};

use crate::simulator::Bench;
use crate::simulator::alma_bench::{unit, with};

#[tokio::test]
async fn a_unit_reads_as_documented() {
    let bench = Bench::empty().await;
    let building = bench.building("Building Import 1").await;
    let text = format!(
        r#"{{"external_id":"21_01_8","additional_external_id":"21_01_7_1",
        "is_used_additional_external_id":true,"name":"21_01_8","header":"21_01_8",
        "building":{building},"property_type":"detached_villa","number":"123",
        "internal_area":1111.0,"photos":[],"goal_rent_cost":12.22,"address":"1231",
        "number_of_bedrooms":1,"number_of_baths":1,"is_roof_garden":false,
        "parking":"not_applicable","is_swimming_pool":false,"total_buildable_area":1111,
        "floor":null,"internet_login":"","internet_password":"","subway_station":"",
        "parking_number":"","keybox_code":null,"electronic_lock_password":null}}"#
    );
    let (status, answer) = bench.alma_text("POST", "realty/units/", Some(text)).await;
    let expected = r#"{"id":9191,"external_id":"21_01_8","additional_external_id":"21_01_7_1","is_used_additional_external_id":true,"name":"21_01_8","header":"21_01_8","building":{"id":1075,"name":"Building Import 1"},"property_type":{"name":"property_type.detached_villa","value":"detached_villa"},"number":"123","internal_area":1111.0,"status":"available","project":{"id":207,"name":"Project 207"},"is_archived":false,"photos":[],"goal_rent_cost":12.22,"address":"1231","address_number":"","number_of_bedrooms":1,"number_of_baths":1,"is_roof_garden":false,"parking":{"name":"parking_type.not_applicable","value":"not_applicable"},"plot":null,"is_swimming_pool":false,"covered_verandas":null,"uncovered_verandas":null,"lower_level":null,"storage":null,"total_buildable_area":1111.0,"floor":null,"internet_login":"","internet_password":"","subway_station":"","parking_number":"","keybox_code":null,"electronic_lock_password":null}"#;
    assert_eq!((status, &*answer), (201, expected));
    for path in ["realty/units/9191/", "realty/units/external_id/21_01_8/"] {
        assert_eq!(bench.alma_text("GET", path, None).await.1, expected);
    }
    assert_eq!(bench.report().violations, [""; 0]);
}

#[tokio::test]
async fn what_was_not_written_reads_as_empty() {
    let bench = Bench::empty().await;
    let (building, unit, client) = bench.home().await;
    assert_eq!(
        bench.read(&format!("realty/buildings/{building}/")).await,
        json!({"id": building, "name": "Дом 1", "project": {"id": 207, "name": "Project 207"},
            "number_of_units": 1, "address": "", "is_archived": false, "number": "",
            "external_id": ""})
    );
    assert_eq!(
        bench.read(&format!("users/clients/{client}/")).await,
        json!({"id": client, "external_id": "c1", "first_name": "Иван", "last_name": "Петров",
            "status": "unconfirmed", "email": "c1@example.com", "phone": "+79000000000",
            "passport": "", "country": {"name": "country.cyprus", "value": 4}, "id_number": "",
            "passport_scan": null, "id_scan": null, "birthday": null})
    );
    let room = bench.room(unit, "Bed1").await;
    assert_eq!(
        bench.read(&format!("realty/rooms/{room}/")).await,
        json!({"id": room, "external_id": "r-Bed1", "name": "Bed1", "header": "",
            "goal_rent_cost": null,
            "parent_unit": {"id": unit, "name": "1", "header": "", "external_id": "u-1"},
            "building": {"id": building, "name": "Дом 1"},
            "property_type": {"name": "property_type.bunk", "value": "bunk"}, "number": "",
            "internal_area": 0.0, "status": "available",
            "project": {"id": 207, "name": "Project 207"}, "is_archived": false, "photos": [],
            "keybox_code": null, "electronic_lock_password": null})
    );
}

#[tokio::test]
async fn lists_show_the_documented_members_alone() {
    let bench = Bench::empty().await;
    let (building, first, client) = bench.home().await;
    let second = bench.unit(building, "2").await;
    let room = bench.room(first, "Bed1").await;
    let rows = [
        ("realty/buildings/", json!([{"id": building, "name": "Дом 1"}])),
        (
            "realty/units/",
            json!([{"id": second, "name": "2", "header": "", "external_id": "u-2"},
                {"id": first, "name": "1", "header": "", "external_id": "u-1"}]),
        ),
        (
            "realty/rooms/",
            json!([{"id": room, "name": "Bed1", "header": "", "external_id": "r-Bed1"}]),
        ),
        (
            "users/clients/",
            json!([{"id": client, "external_id": "c1", "first_name": "Иван",
                "last_name": "Петров", "status": "unconfirmed", "email": "c1@example.com"}]),
        ),
        ("realty/contracts/owner_contracts/", json!([])),
        ("realty/contracts/tenant_contracts/", json!([])),
    ];
    for (path, expected) in rows {
        assert_eq!(bench.read(path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let bench = Bench::empty().await;
    let (building, unit, _) = bench.home().await;
    let path = format!("realty/units/{unit}/");
    let before = bench.read(&path).await;
    let after = bench.patched("realty/units/external_id/u-1/", json!({"floor": 7})).await;
    assert_eq!(after, with(before, json!({"floor": 7})));
    assert_eq!(bench.read(&path).await, after);
    bench.patched(&path, json!({"external_id": "new"})).await;
    assert_eq!(bench.read("realty/units/external_id/new/").await["id"], unit);
    let old = bench.alma("GET", "realty/units/external_id/u-1/", None).await;
    assert_eq!(old, (404, json!({"detail": "Not found."})));
    let building = format!("realty/buildings/{building}/");
    let named = bench.patched(&building, json!({"name": "Дом 2", "project": 207})).await;
    assert_eq!((&named["name"], &named["number_of_units"]), (&json!("Дом 2"), &json!(1)));
}

#[tokio::test]
async fn external_ids_are_decoded() {
    let bench = Bench::empty().await;
    let building = bench.building("Дом").await;
    let odd = with(unit(building, "1"), json!({"external_id": "а/б:в г"}));
    let id = bench.made("realty/units/", odd).await;
    let path = "realty/units/external_id/%D0%B0%2F%D0%B1:%D0%B2%20%D0%B3/";
    assert_eq!(bench.read(path).await["id"], id);
    let call = bench.report().alma.pop().unwrap();
    assert_eq!(
        (&*call.method, &*call.path, call.body, call.status),
        ("GET", "external_api/realty/units/external_id/а/б:в г/", None, 200)
    );
}

#[tokio::test]
async fn the_resolver_finds_what_is_to_be_rented() {
    let bench = Bench::empty().await;
    let (building, plain, _) = bench.home().await;
    let whole = with(
        unit(building, "2"),
        json!({"additional_external_id": "bx-7", "is_used_additional_external_id": true}),
    );
    let whole = bench.made("realty/units/", whole).await;
    let unused = with(unit(building, "3"), json!({"additional_external_id": "bx-8"}));
    bench.made("realty/units/", unused).await;
    let room = bench.room(plain, "1").await;
    assert_eq!(
        bench.read("realty/rental_object/bx-7/").await,
        json!({"id": whole, "external_id": "u-2", "additional_external_id": "bx-7",
            "is_used_additional_external_id": true, "parent_unit": null})
    );
    assert_eq!(
        bench.read("realty/rental_object/r-1/").await,
        json!({"id": room, "external_id": "r-1", "additional_external_id": "",
            "is_used_additional_external_id": false, "parent_unit": plain})
    );
    assert_eq!(bench.read("realty/rental_object/u-1/").await["id"], plain);
    for path in ["realty/rental_object/bx-8/", "realty/rental_object/none/"] {
        let answer = bench.alma("GET", path, None).await;
        assert_eq!(answer, (404, json!({"detail": "Not found."})));
    }
    // A room goes before a unit that has the same id, unless it is archived.
    bench.patched(&format!("realty/rooms/{room}/"), json!({"external_id": "u-1"})).await;
    assert_eq!(bench.read("realty/rental_object/u-1/").await["id"], room);
    bench.simulator.alma().archive(AlmaKind::Room, room, true);
    assert_eq!(bench.read("realty/rental_object/u-1/").await["id"], plain);
}

#[tokio::test]
async fn people_know_no_rules_and_twins_show() {
    let bench = Bench::empty().await;
    let (building, unit, client) = bench.home().await;
    let alma = bench.simulator.alma();
    assert_eq!(alma.twins(), [""; 0]);
    let twin =
        alma.create(AlmaKind::Unit, &format!(r#"{{"external_id":"u-1","building":{building}}}"#));
    let email = r#"{"email":"C1@example.com"}"#;
    let other = alma.create(AlmaKind::Client, email);
    assert_eq!(alma.twins(), ["client c1@example.com", "unit u-1"]);
    let dates = r#""start_date":"2020-01-01T00:00:00","end_date":"2020-02-01T00:00:00""#;
    let contract =
        format!(r#"{{"external_id":"k","unit_id":{unit},"client_id":{client},{dates}}}"#);
    let contracts = [0; 2].map(|_| alma.create(AlmaKind::OwnerContract, &contract));
    assert_eq!(alma.twins().len(), 3);
    alma.archive(AlmaKind::OwnerContract, contracts[0], true);
    assert_eq!(alma.twins().len(), 2);
    let live = alma.object(AlmaKind::OwnerContract, "k").unwrap();
    assert_eq!((live.id, live.is_archived), (contracts[1], false));
    alma.archive(AlmaKind::Unit, unit, true);
    assert_eq!(alma.object(AlmaKind::Unit, "u-1").unwrap().id, twin);
    alma.edit(AlmaKind::Unit, twin, "floor", "12");
    alma.edit(AlmaKind::Unit, twin, "internal_area", "12.340");
    let found = alma.object(AlmaKind::Unit, "u-1").unwrap();
    assert_eq!((&*found.fields["floor"], &*found.fields["internal_area"]), ("12", "12.340"));
    assert_eq!(found.fields["building"], building.to_string());
    let read = bench.read(&format!("realty/units/{twin}/")).await;
    assert_eq!((&read["floor"], &read["internal_area"]), (&json!(12), &json!(12.34)));
    alma.remove(AlmaKind::Client, other);
    alma.remove(AlmaKind::Building, building);
    assert_eq!(alma.twins(), [""; 0]);
    for kind in [AlmaKind::Building, AlmaKind::Unit, AlmaKind::OwnerContract] {
        assert_eq!(alma.objects(kind), []);
    }
    assert_eq!(alma.objects(AlmaKind::Client).len(), 1);
}

#[tokio::test]
async fn key_and_project_are_options() {
    let bench = Bench::start(Options {
        api_key: "other".to_owned(),
        alma_project: 240,
        ..Options::default()
    })
    .await;
    let alma = bench.simulator.alma();
    assert_eq!((alma.api_key(), alma.project()), ("other".to_owned(), 240));
    assert_eq!(bench.alma("GET", "realty/units/", None).await.0, 403);
    alma.set_api_key("simulator-key");
    let body = json!({"name": "Дом", "project": 207});
    let refused = bench.refused("POST", "realty/buildings/", body).await;
    assert_eq!(refused, json!({"project": ["Invalid pk \"207\" - object does not exist."]}));
    bench.made("realty/buildings/", json!({"name": "Дом", "project": 240})).await;
}

#[tokio::test]
async fn every_kind_is_read_and_changed_by_either_id() {
    let bench = Bench::empty().await;
    let (building, unit, client) = bench.home().await;
    let room = bench.room(unit, "1").await;
    let path = format!("realty/buildings/{building}/");
    bench.patched(&path, json!({"external_id": "b"})).await;
    let contract = json!({"external_id": "k", "unit_id": unit, "client_id": client,
        "name": "x", "start_date": "2020-01-01T00:00:00", "end_date": "2999-01-01T00:00:00"});
    let owner = bench.made("realty/contracts/owner_contracts/", contract.clone()).await;
    let contract = with(contract, json!({"unit_id": room, "price": "0.00"}));
    let tenant = bench.made("realty/contracts/tenant_contracts/", contract).await;
    for (path, id, external_id, field) in [
        ("realty/buildings", building, "b", "address"),
        ("realty/units", unit, "u-1", "header"),
        ("realty/rooms", room, "r-1", "header"),
        ("users/clients", client, "c1", "first_name"),
        ("realty/contracts/owner_contracts", owner, "k", "work_model"),
        ("realty/contracts/tenant_contracts", tenant, "k", "history"),
    ] {
        let by_id = format!("{path}/{id}/");
        let by_external_id = format!("{path}/external_id/{external_id}/");
        for (at, value) in [(&by_id, "one"), (&by_external_id, "two")] {
            assert_eq!(bench.patched(at, json!({field: value})).await[field], value);
            assert_eq!(bench.read(&by_id).await[field], value, "{at}");
            assert_eq!(bench.read(&by_external_id).await["id"], id, "{at}");
        }
        let unknown = [format!("{path}/77/"), format!("{path}/external_id/none/")];
        for (at, method) in unknown.iter().zip(["GET", "PATCH"]) {
            let answer = bench.alma(method, at, Some(&json!({}))).await;
            assert_eq!(answer, (404, json!({"detail": "Not found."})), "{at}");
        }
    }
    assert_eq!(bench.report().violations, [""; 0]);
}

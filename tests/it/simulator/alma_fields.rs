//! What Alma refuses of single fields, and what it calls a violation.

use serde_json::{Value, json};
use simulator::AlmaKind;

use crate::simulator::Bench;
use crate::simulator::alma_bench::{client, room, unit, with};

const REQUIRED: &str = "This field is required.";

/// A body without its optional members, for each kind: path, body, what may be left out.
async fn bodies(bench: &Bench) -> Vec<(&'static str, Value, Vec<&'static str>)> {
    let (building, unit_id, client_id) = bench.home().await;
    let contract = json!({"external_id": "k", "unit_id": unit_id, "client_id": client_id,
        "name": "ЛС 1", "start_date": "2020-01-01T00:00:00", "end_date": "2999-01-01T00:00:00"});
    vec![
        ("realty/buildings/", json!({"name": "Дом 2", "project": 207}), vec![]),
        ("realty/units/", unit(building, "2"), vec!["external_id"]),
        ("users/clients/", client("c2"), vec![]),
        ("realty/contracts/owner_contracts/", contract.clone(), vec![]),
        ("realty/contracts/tenant_contracts/", with(contract, json!({"price": "0.00"})), vec![]),
        // After the tenant, who would find the unit divided.
        ("realty/rooms/", room(unit_id, "2"), vec!["external_id"]),
    ]
}

#[tokio::test]
async fn what_is_required_must_be_there_and_not_null() {
    let bench = Bench::empty().await;
    for (path, body, optional) in bodies(&bench).await {
        let members = body.as_object().unwrap();
        let empty = bench.refused("POST", path, json!({})).await;
        let missing: Vec<&String> = empty.as_object().unwrap().keys().collect();
        let mut expected: Vec<&String> = members.keys().collect();
        expected.retain(|name| !optional.contains(&name.as_str()));
        expected.sort();
        assert_eq!(missing, expected, "{path}");
        for name in expected {
            assert_eq!(empty[name], json!([REQUIRED]), "{path} {name}");
            let nothing = with(body.clone(), json!({name: null}));
            let refused = bench.refused("POST", path, nothing).await;
            assert_eq!(refused, json!({name: ["This field may not be null."]}), "{path}");
        }
        bench.made(path, body).await;
    }
    assert_eq!(bench.report().violations, [""; 0]);
}

#[tokio::test]
async fn some_fields_may_be_null() {
    let bench = Bench::empty().await;
    let (_, unit, client) = bench.home().await;
    let nulls = json!({"floor": null, "keybox_code": null, "electronic_lock_password": null,
        "goal_rent_cost": null, "subway_station": null});
    bench.patched(&format!("realty/units/{unit}/"), nulls).await;
    let path = format!("users/clients/{client}/");
    let nulls = json!({"passport_scan": null, "id_scan": null, "birthday": null, "last_name": ""});
    assert_eq!(bench.patched(&path, nulls).await["last_name"], "");
    for (name, value, problem) in [
        ("last_name", json!(null), "This field may not be null."),
        ("first_name", json!(""), "This field may not be blank."),
        ("first_name", json!(" "), "This field may not be blank."),
        ("email", json!(""), "This field may not be blank."),
        ("email", json!("example.com"), "Enter a valid email address."),
    ] {
        let refused = bench.refused("PATCH", &path, json!({name: value})).await;
        assert_eq!(refused, json!({name: [problem]}));
    }
}

#[tokio::test]
async fn a_wrong_type_is_refused_with_all_that_is_wrong() {
    let bench = Bench::empty().await;
    let building = bench.building("Дом").await;
    let wrong = json!({
        "name": 7, "building": "x", "property_type": "54", "number": "", "internal_area": "",
        "photos": {}, "number_of_bedrooms": 1.5, "is_roof_garden": "no", "parking": null,
        "is_swimming_pool": 0, "floor": "7",
    });
    let refused = bench.refused("POST", "realty/units/", with(unit(building, "1"), wrong)).await;
    assert_eq!(
        refused,
        json!({
            "name": ["Not a valid string."],
            "building": ["Incorrect type. Expected pk value, received str."],
            "property_type": ["\"54\" is not a valid choice."],
            "number": ["This field may not be blank."],
            "internal_area": ["A valid number is required."],
            "photos": ["Expected a list of items but got type \"dict\"."],
            "number_of_bedrooms": ["A valid integer is required."],
            "is_roof_garden": ["Must be a valid boolean."],
            "parking": ["This field may not be null."],
            "is_swimming_pool": ["Must be a valid boolean."],
            "floor": ["A valid integer is required."],
        })
    );
    let of_client = json!({"country": 5, "birthday": "2019-08-24", "passport_scan": 1});
    let refused = bench.refused("POST", "users/clients/", with(client("c"), of_client)).await;
    assert_eq!(refused["country"], json!(["\"5\" is not a valid choice."]));
    let moment = refused["birthday"][0].as_str().unwrap();
    assert!(moment.starts_with("Datetime has wrong format."), "{moment}");
    assert_eq!(refused["passport_scan"], json!(["Invalid pk \"1\" - object does not exist."]));
    assert_eq!(bench.simulator.alma().objects(AlmaKind::Client), []);
}

#[tokio::test]
async fn a_reference_must_lead_somewhere() {
    let bench = Bench::empty().await;
    let (_, unit_id, _) = bench.home().await;
    let nowhere = json!(["Invalid pk \"77\" - object does not exist."]);
    let refused = bench.refused("POST", "realty/units/", unit(77, "2")).await;
    assert_eq!(refused, json!({"building": nowhere}));
    let refused = bench.refused("POST", "realty/rooms/", room(77, "2")).await;
    assert_eq!(refused, json!({"parent_unit": nowhere}));
    let photo = with(room(unit_id, "2"), json!({"photos": [{"external_file_id": 77}]}));
    let refused = bench.refused("POST", "realty/rooms/", photo).await;
    assert_eq!(refused, json!({"photos": nowhere}));
    for path in ["owner_contracts", "tenant_contracts"] {
        let body = json!({"external_id": "k", "unit_id": 77, "client_id": 77, "name": "k",
            "start_date": "2020-01-01T00:00:00", "end_date": "2999-01-01T00:00:00",
            "price": "0.00"});
        let path = format!("realty/contracts/{path}/");
        let refused = bench.refused("POST", &path, body).await;
        assert_eq!(refused, json!({"unit_id": nowhere, "client_id": nowhere}));
    }
}

#[tokio::test]
async fn names_are_unique_where_they_stand() {
    let bench = Bench::empty().await;
    let (building, one, _) = bench.home().await;
    let taken = with(unit(building, "1"), json!({"external_id": "other"}));
    let refused = bench.refused("POST", "realty/units/", taken).await;
    let text = "The fields building, name must make a unique set.";
    assert_eq!(refused, json!({"non_field_errors": [text]}));
    let two = bench.unit(building, "2").await;
    let rename = json!({"name": "1", "building": building});
    let refused = bench.refused("PATCH", &format!("realty/units/{two}/"), rename.clone()).await;
    assert_eq!(refused, json!({"non_field_errors": [text]}));
    bench.patched(&format!("realty/units/{one}/"), rename).await;
    let body = json!({"name": "Дом 1", "project": 207});
    let refused = bench.refused("POST", "realty/buildings/", body).await;
    let text = "The fields project, name must make a unique set.";
    assert_eq!(refused, json!({"non_field_errors": [text]}));
    // Rooms may share a name, and units in other buildings too.
    let other = bench.building("Дом 2").await;
    let same = with(unit(other, "1"), json!({"external_id": "o-1"}));
    bench.made("realty/units/", same).await;
    bench.room(one, "1").await;
    bench.made("realty/rooms/", with(room(one, "1"), json!({"external_id": "r"}))).await;
}

#[tokio::test]
async fn external_ids_and_emails_are_unique_among_their_kind() {
    let bench = Bench::empty().await;
    let (building, unit_id, _) = bench.home().await;
    let same = with(unit(building, "2"), json!({"external_id": "u-1"}));
    let refused = bench.refused("POST", "realty/units/", same).await;
    assert_eq!(refused, json!({"external_id": ["unit with this external_id already exists."]}));
    bench.made("realty/rooms/", with(room(unit_id, "1"), json!({"external_id": "u-1"}))).await;
    let same = with(room(unit_id, "2"), json!({"external_id": "u-1"}));
    let refused = bench.refused("POST", "realty/rooms/", same).await;
    assert_eq!(refused, json!({"external_id": ["room with this external_id already exists."]}));
    let same = with(client("c1"), json!({"email": "C1@Example.com"}));
    let refused = bench.refused("POST", "users/clients/", same).await;
    assert_eq!(
        refused,
        json!({"external_id": ["client with this external_id already exists."],
            "email": ["client with this email already exists."]})
    );
    for name in ["3", "4"] {
        let nameless = with(unit(building, name), json!({"external_id": ""}));
        bench.made("realty/units/", nameless).await;
    }
    bench.patched("users/clients/external_id/c1/", json!({"email": "c1@example.com"})).await;
}

#[tokio::test]
async fn a_new_name_comes_with_where_it_stands() {
    let bench = Bench::empty().await;
    let (building, unit, _) = bench.home().await;
    let room = bench.room(unit, "1").await;
    for (path, companion, id) in [
        (format!("realty/units/{unit}/"), "building", building),
        (format!("realty/rooms/{room}/"), "parent_unit", unit),
        (format!("realty/buildings/{building}/"), "project", 207),
    ] {
        let refused = bench.refused("PATCH", &path, json!({"name": "new"})).await;
        assert_eq!(refused, json!({companion: [REQUIRED]}));
        let named = bench.patched(&path, json!({"name": "new", companion: id})).await;
        assert_eq!(named["name"], "new");
    }
}

#[tokio::test]
async fn what_is_not_written_is_a_violation_and_ignored() {
    let bench = Bench::empty().await;
    let (building, unit_id, _) = bench.home().await;
    let more = json!({"status": "rented", "is_archived": true, "id": 5, "colour": "red"});
    let body = with(unit(building, "2"), more.clone());
    let (status, made) = bench.alma("POST", "realty/units/", Some(&body)).await;
    assert_eq!(
        (status, &made["status"], &made["is_archived"]),
        (201, &json!("available"), &json!(false))
    );
    assert_eq!(bench.report().violations.len(), 4);
    bench.patched(&format!("realty/units/{unit_id}/"), more).await;
    let violations = bench.report().violations;
    assert_eq!(violations.len(), 8);
    assert!(violations.contains(&"Alma: status of a unit is not written".to_owned()));
    let not_json = bench.alma_text("POST", "realty/units/", Some("{".to_owned())).await;
    assert!(not_json.0 == 400 && not_json.1.contains("JSON parse error"), "{not_json:?}");
    let list = bench.alma("POST", "realty/units/", Some(&json!([]))).await;
    assert_eq!(list.0, 400);
    assert_eq!(bench.report().violations.len(), 10);
}

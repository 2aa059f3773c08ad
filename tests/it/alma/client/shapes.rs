//! What Alma reads back, in the document's very examples, and what becomes of it.

use uzhkh_ledger::alma::api::{At, Error, Object, RentalObject};
use uzhkh_ledger::http::{Class, Sent};
use uzhkh_ledger::ledger::AlmaKind;

use super::wire::{json, staged};

async fn read(kind: AlmaKind, body: &str) -> Result<Object, Error> {
    let (_server, api) = staged(vec![json("200 OK", body)]).await;
    api.read(kind, &At::Id(1)).await.map(Option::unwrap)
}

async fn becomes(kind: AlmaKind, body: &str, id: i64, external_id: &str, fields: &str) {
    let object = read(kind, body).await.unwrap();
    assert_eq!(object.id, id);
    assert_eq!(object.external_id.as_deref().unwrap_or_default(), external_id);
    assert!(!object.is_archived);
    assert_eq!(object.fields.text(), fields);
    // What is archived says so in one place.
    let archived = body.replace("\"is_archived\": false", "\"is_archived\": true");
    let object = read(kind, &archived).await.unwrap();
    assert_eq!(object.is_archived, kind != AlmaKind::Client);
    assert_eq!(object.fields.text(), fields);
}

#[tokio::test]
async fn a_unit_of_the_document() {
    let body = r#"{
   "id": 9199,
   "external_id": "21_01_8",
   "additional_external_id": "21_01_7_1",
   "is_used_additional_external_id": true,
   "name": "21_01_8",
   "header": "",
   "building": {
       "id": 1075,
       "name": "Building Import 1"
   },
   "property_type": {
       "name": "property_type.detached_villa",
       "value": "detached_villa"
   },
   "number": "123",
   "internal_area": 1111.0,
   "status": "available",
   "project": {
       "id": 518,
       "name": "Project Import 1"
   },
   "is_archived": false,
   "photos": [],
   "goal_rent_cost": 12.22,
   "address": "1231",
   "address_number": "121",
   "number_of_bedrooms": 1,
   "number_of_baths": 1,
   "is_roof_garden": false,
   "parking": {
       "name": "parking_type.uncovered",
       "value": "uncovered"
   },
   "plot": null,
   "is_swimming_pool": false,
   "covered_verandas": null,
   "uncovered_verandas": null,
   "lower_level": null,
   "storage": null,
   "total_buildable_area": 1111.0,
   "floor": null,
   "internet_login": "",
   "internet_password": "",
   "subway_station": "",
   "parking_number": "",
   "keybox_code": null,
   "electronic_lock_password": null
}"#;
    let fields = r#"{"external_id":"21_01_8","additional_external_id":"21_01_7_1","is_used_additional_external_id":true,"name":"21_01_8","header":"","building":1075,"property_type":"detached_villa","number":"123","internal_area":1111.0,"photos":[],"goal_rent_cost":12.22,"address":"1231","number_of_bedrooms":1,"number_of_baths":1,"is_roof_garden":false,"parking":"uncovered","is_swimming_pool":false,"total_buildable_area":1111.0,"floor":null,"internet_login":"","internet_password":"","subway_station":"","parking_number":"","keybox_code":null,"electronic_lock_password":null}"#;
    becomes(AlmaKind::Unit, body, 9199, "21_01_8", fields).await;
}

#[tokio::test]
async fn a_room_of_the_document() {
    let body = r#"{
   "id": 9211,
   "external_id": "12_12_12",
   "name": "12_12_12",
   "header": "21_01_11",
   "goal_rent_cost": 12.2,
   "parent_unit": {
       "id": 9209,
       "name": "21_01_11",
       "header": "21_01_11",
       "external_id": "21_01_11"
   },
   "building": {
       "id": 1075,
       "name": "Building Import 1"
   },
   "property_type": {
       "name": "property_type.bunk",
       "value": "bunk"
   },
   "number": "",
   "internal_area": 0.0,
   "status": "available",
   "project": {
       "id": 518,
       "name": "Project Import 1"
   },
   "is_archived": false,
   "photos": [{"id": 4506, "image": "/media/a.jpg"}, {"id": 4507}],
   "keybox_code": null,
   "electronic_lock_password": null
}"#;
    let fields = r#"{"external_id":"12_12_12","name":"12_12_12","header":"21_01_11","goal_rent_cost":12.2,"parent_unit":9209,"property_type":"bunk","number":"","internal_area":0.0,"photos":[{"id":4506},{"id":4507}],"keybox_code":null,"electronic_lock_password":null}"#;
    becomes(AlmaKind::Room, body, 9211, "12_12_12", fields).await;
}

#[tokio::test]
async fn a_building_of_the_document() {
    let body = r#"{
   "id": 1088,
   "name": "02_02_03",
   "project": {
       "id": 305,
       "name": "Test"
   },
   "number_of_units": 0,
   "address": "",
   "is_archived": false,
   "number": "",
   "external_id": ""
}"#;
    let fields = r#"{"name":"02_02_03","project":305,"address":"","number":"","external_id":""}"#;
    becomes(AlmaKind::Building, body, 1088, "", fields).await;
}

#[tokio::test]
async fn a_client_of_the_document() {
    let body = r#"{
   "id": 851,
   "external_id": "02_02",
   "first_name": "William",
   "last_name": "Lee",
   "status": "unconfirmed",
   "email": "test3@example.com",
   "phone": "+79000000000",
   "passport": "",
   "country": {
       "name": "country.cyprus",
       "value": 4
   },
   "id_number": "",
   "passport_scan": "/private-media/127/clients_files/client_851/passport_scan/test_logo_ZLCkSIq.jpg",
   "id_scan": null,
   "birthday": "2019-08-24T00:00:00",
   "is_archived": false
}"#;
    let fields = r#"{"external_id":"02_02","first_name":"William","last_name":"Lee","email":"test3@example.com","phone":"+79000000000","country":4,"passport_scan":"/private-media/127/clients_files/client_851/passport_scan/test_logo_ZLCkSIq.jpg","id_scan":null,"birthday":"2019-08-24T00:00:00"}"#;
    becomes(AlmaKind::Client, body, 851, "02_02", fields).await;
}

#[tokio::test]
async fn an_owners_contract_of_the_document() {
    let body = r#"{
   "id": 542,
   "name": "string2",
   "number": "",
   "start_date": "2024-10-21T00:00:00",
   "end_date": "2024-10-29T00:00:00",
   "external_id": "4330",
   "unit_usage": {
       "usage_id": 1941,
       "client_id": 256,
       "unit_id": 4330,
       "client_type": "owner",
       "is_archived": false
   },
   "contract_with_client_scan": null,
   "property_title_deed_scan": "/private-media/127/a.pdf",
   "property_management_letter_scan": null,
   "dtcm_permit_scan": null,
   "pml_start_date": "2024-07-22T00:00:00",
   "pml_end_date": "2024-08-22T00:00:00",
   "work_model": "TM 10%",
   "created_at": "2025-09-19T08:58:32.835589Z"
}"#;
    let fields = r#"{"external_id":"4330","unit_id":4330,"client_id":256,"name":"string2","start_date":"2024-10-21T00:00:00","end_date":"2024-10-29T00:00:00","contract_with_client_scan":null,"property_title_deed_scan":"/private-media/127/a.pdf","property_management_letter_scan":null,"dtcm_permit_scan":null,"pml_start_date":"2024-07-22T00:00:00","pml_end_date":"2024-08-22T00:00:00","work_model":"TM 10%"}"#;
    becomes(AlmaKind::OwnerContract, body, 542, "4330", fields).await;
}

#[tokio::test]
async fn a_tenants_contract_of_the_document() {
    let body = r#"{
   "id": 969,
   "name": "test",
   "number": "",
   "start_date": "2025-08-21T00:00:00",
   "end_date": "2025-08-25T00:00:00",
   "external_id": "02_o2",
   "unit_usage": {
       "usage_id": 1942,
       "client_id": 250,
       "unit_id": 9212,
       "client_type": "tenant",
       "is_archived": false
   },
   "price": "0.00",
   "contract_scan": null,
   "co_tenant": "text",
   "co_tenant_id_scan": null,
   "history": "text",
   "type_contract": "text",
   "co_tenant_id": "text"
}"#;
    let fields = r#"{"external_id":"02_o2","unit_id":9212,"client_id":250,"name":"test","start_date":"2025-08-21T00:00:00","end_date":"2025-08-25T00:00:00","price":"0.00","contract_scan":null,"co_tenant":"text","history":"text","type_contract":"text","co_tenant_id_scan":null,"co_tenant_id":"text"}"#;
    becomes(AlmaKind::TenantContract, body, 969, "02_o2", fields).await;
}

#[tokio::test]
async fn what_is_missing_is_left_out_and_what_is_null_is_null() {
    for kind in AlmaKind::ALL {
        let object = read(kind, r#"{"id":7,"unknown":{"deep":[1]}}"#).await.unwrap();
        assert_eq!((object.id, object.external_id, object.is_archived), (7, None, false));
        assert!(object.fields.is_empty(), "{kind}");
    }
    for (kind, body, fields) in [
        (
            AlmaKind::Unit,
            r#"{"id":7,"external_id":null,"building":null,"parking":null,"is_archived":null,"photos":null,"internal_area":null,"is_roof_garden":null}"#,
            r#"{"external_id":null,"building":null,"internal_area":null,"photos":null,"is_roof_garden":null,"parking":null}"#,
        ),
        (
            AlmaKind::Unit,
            r#"{"id":7,"property_type":{"value":null},"number":12}"#,
            r#"{"property_type":null,"number":12}"#,
        ),
        (AlmaKind::OwnerContract, r#"{"id":7,"unit_usage":null}"#, "{}"),
        (
            AlmaKind::TenantContract,
            r#"{"id":7,"unit_usage":{"unit_id":null}}"#,
            r#"{"unit_id":null}"#,
        ),
    ] {
        let object = read(kind, body).await.unwrap();
        assert_eq!(object.fields.text(), fields);
    }
}

#[tokio::test]
async fn a_number_stays_as_it_was_written() {
    let number = "12345678901234567890.123456789012345678901234567890";
    let body = format!(r#"{{"id":7,"internal_area":{number},"external_id":4330}}"#);
    let object = read(AlmaKind::Room, &body).await.unwrap();
    assert_eq!(object.fields.get("internal_area"), Some(number));
    assert_eq!(object.external_id.as_deref(), Some("4330"));
}

#[tokio::test]
async fn another_shape_is_not_documented_and_not_quoted() {
    for (body, what) in [
        ("", "it is empty"),
        ("<!DOCTYPE html>", "it is a page for people"),
        ("{\"id\":7,}", "it is not JSON"),
        ("[7]", "it is not an object"),
        ("true", "it is not an object"),
        ("{}", "it has no id"),
        (r#"{"id":null}"#, "it has no id"),
        (r#"{"detail":"anna@example.com"}"#, "it has no id"),
        (r#"{"id":"anna@example.com"}"#, "a member is not as documented"),
        (r#"{"id":7,"building":{"name":"x"}}"#, "a member is not as documented"),
        (r#"{"id":7,"name":{"anna@example.com":1}}"#, "a member is not as documented"),
        (r#"{"id":7,"photos":{"id":1}}"#, "a member is not as documented"),
        (r#"{"id":7,"is_archived":"no"}"#, "a member is not as documented"),
    ] {
        let error = read(AlmaKind::Unit, body).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("alma: read unit: an answer that is not documented (HTTP 200): {what}"),
            "{body}"
        );
        assert_eq!(error.in_full(), error.to_string());
        assert_eq!(error.class(), Class::Retry { after: None });
        assert_eq!((error.sent(), error.status()), (Sent::Answered, Some(200)));
    }
    let other = json("202 Accepted", "{\"id\":7}");
    let (_server, api) = staged(vec![other]).await;
    let error = api.read(AlmaKind::Unit, &At::Id(1)).await.unwrap_err();
    assert!(error.to_string().ends_with("its status is another"), "{error}");
}

#[tokio::test]
async fn a_rental_object_whose_unit_is_an_object_or_missing() {
    for (body, unit) in [
        (r#"{"id":7,"parent_unit":{"id":5,"name":"x"}}"#, Some(5)),
        (r#"{"id":7,"parent_unit":null}"#, None),
        (r#"{"id":7}"#, None),
    ] {
        let (_server, api) = staged(vec![json("200 OK", body)]).await;
        let found = api.rental_object("x").await.unwrap().unwrap();
        assert_eq!((found.id, found.parent_unit), (7, unit), "{body}");
    }
}

#[tokio::test]
async fn a_rental_object_of_the_document() {
    let body = r#"{"id":5533,"external_id":"1022","additional_external_id":"","is_used_additional_external_id":false,"parent_unit":2613}"#;
    let (server, api) = staged(vec![json("200 OK", body)]).await;
    let found = api.rental_object("кв/1").await.unwrap().unwrap();
    let expected = RentalObject {
        id: 5533,
        external_id: Some("1022".to_owned()),
        additional_external_id: None,
        is_used_additional_external_id: false,
        parent_unit: Some(2613),
    };
    assert_eq!(found, expected);
    let head = &server.seen()[0].head;
    let line = "GET /external_api/realty/rental_object/%D0%BA%D0%B2%2F1/ HTTP/1.1\r\n";
    assert!(head.starts_with(line), "{head}");
}

#[tokio::test]
async fn an_id_or_a_word_may_stand_where_the_document_has_an_object() {
    let body = r#"{"id":7,"building":1075,"parking":"uncovered","photos":[5,{"image":"x"},{"id":6,"image":"y"}]}"#;
    let object = read(AlmaKind::Unit, body).await.unwrap();
    assert_eq!(object.fields.get("building"), Some("1075"));
    assert_eq!(object.fields.get("parking"), Some("\"uncovered\""));
    assert_eq!(object.fields.get("photos"), Some(r#"[{"id":5},{"image":"x"},{"id":6}]"#));
}

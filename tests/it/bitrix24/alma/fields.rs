//! Each field of the document, written in the portal and read in Alma.

use simulator::{AlmaKind, BitrixKind};

use super::{SHARED, rentals};

/// All that the document maps, in the shapes that it has.
const FULL_APARTMENT: &str = r#"{
    "title": "Gate 1204",
    "ufCrm6_1682232363193": "Golden Gate",
    "ufCrm6_1736951470242": 4598,
    "ufCrm6_1684425402": [22],
    "ufCrm6_1682232863625": 58,
    "ufCrm6_1682232396330": "1204",
    "ufCrm6_1682232424142": "70.50",
    "ufCrm6_1682232447205": "120000|AED",
    "ufCrm6_1718821717": "12 Example Street",
    "ufCrm6_1682232465964": 2,
    "ufCrm6_1697622591377": "Y",
    "ufCrm6_1682232312628": 12,
    "ufCrm6_1682235809295": "guest",
    "ufCrm6_1686728251990": "w1-f1",
    "ufCrm6_1682233481671": 94,
    "ufCrm6_1683299159437": "P-7",
    "ufCrm6_1720794204": "0042",
    "ufCrm6_1715777670": "1234"
}"#;

#[test]
fn an_apartment_arrives_field_by_field() {
    let bench = rentals();
    bench.portal().put(BitrixKind::Apartment, 7, FULL_APARTMENT);
    bench.unit(22, 7);
    bench.pass();
    let buildings = bench.alma().objects(AlmaKind::Building);
    assert_eq!(buildings.len(), 1);
    assert_eq!(buildings[0].fields["name"], "\"Golden Gate\"");
    assert_eq!(buildings[0].fields["project"], "207");
    let expected = [
        ("external_id", "\"7\""),
        ("additional_external_id", "\"22\""),
        ("is_used_additional_external_id", "true"),
        ("name", "\"Gate 1204\""),
        ("header", "\"Gate 1204\""),
        ("building", &buildings[0].id.to_string()),
        ("property_type", "\"apartment\""),
        ("number", "\"1204\""),
        ("internal_area", "70.50"),
        ("photos", "[]"),
        ("goal_rent_cost", "120000"),
        ("address", "\"12 Example Street\""),
        ("number_of_bedrooms", "3"),
        ("number_of_baths", "2"),
        ("is_roof_garden", "false"),
        ("parking", "\"not_applicable\""),
        ("is_swimming_pool", "true"),
        ("total_buildable_area", "70.50"),
        ("floor", "12"),
        ("internet_login", "\"guest\""),
        ("internet_password", "\"w1-f1\""),
        ("subway_station", "\"Burj Khalifa / Dubai Mall\""),
        ("parking_number", "\"P-7\""),
        ("keybox_code", "\"0042\""),
        ("electronic_lock_password", "\"1234\""),
    ];
    bench.holds(AlmaKind::Unit, "7", &expected);
    assert!(bench.alma().objects(AlmaKind::Room).is_empty());
    bench.rests();
}

/// «Если пустая строка, то передайте 0», and what the document says of the rest.
#[test]
fn an_apartment_with_nothing_in_its_fields_has_the_documents_defaults() {
    let bench = rentals();
    for (id, nothing) in [(1, "null"), (2, "\"\""), (3, "[]")] {
        let mut fields = format!(
            r#"{{"title":"Gate {id}","ufCrm6_1682232363193":"Golden Gate","ufCrm6_1736951470242":{SHARED},"ufCrm6_1682232863625":52"#
        );
        for code in [
            "1682232396330",
            "1682232424142",
            "1682232447205",
            "1718821717",
            "1682232465964",
            "1697622591377",
            "1682232312628",
            "1682235809295",
            "1686728251990",
            "1682233481671",
            "1683299159437",
            "1720794204",
            "1715777670",
            "1684425402",
        ] {
            fields.push_str(&format!(",\"ufCrm6_{code}\":{nothing}"));
        }
        fields.push('}');
        bench.portal().put(BitrixKind::Apartment, id, &fields);
    }
    bench.pass();
    let building = bench.alma().objects(AlmaKind::Building)[0].id.to_string();
    for id in ["1", "2", "3"] {
        let (external_id, title) = (format!("\"{id}\""), format!("\"Gate {id}\""));
        let expected = [
            ("external_id", external_id.as_str()),
            ("additional_external_id", "\"\""),
            ("is_used_additional_external_id", "false"),
            ("name", &title),
            ("header", &title),
            ("building", &building),
            ("property_type", "\"studio\""),
            ("number", "\"0\""),
            ("internal_area", "0"),
            ("photos", "[]"),
            ("address", "\"\""),
            ("number_of_bedrooms", "1"),
            ("number_of_baths", "0"),
            ("is_roof_garden", "false"),
            ("parking", "\"not_applicable\""),
            ("is_swimming_pool", "false"),
            ("total_buildable_area", "0"),
            ("floor", "null"),
            ("internet_login", "\"\""),
            ("internet_password", "\"\""),
            ("subway_station", "null"),
            ("parking_number", "\"\""),
            ("keybox_code", "null"),
            ("electronic_lock_password", "null"),
        ];
        bench.holds(AlmaKind::Unit, id, &expected);
    }
    bench.rests();
}

#[test]
fn a_unit_of_a_shared_apartment_arrives_as_a_room_field_by_field() {
    let bench = rentals();
    bench.apartment(7, SHARED, "[22,23]");
    let full = r#"{"title":"Gate 1204 / Bed1","ufCrm8_1684429208":[7],"ufCrm8_1698838056004":5902,
        "ufCrm8_1686662655574":"1204-B","ufCrm8_1699620518232":"2500.50","ufCrm8_1686662606534":"12.5",
        "ufCrm8_1682957076924":244}"#;
    bench.portal().put(BitrixKind::Unit, 22, full);
    let bare = r#"{"title":"Gate 1204 / 2","ufCrm8_1684429208":7,"ufCrm8_1698838056004":"1296",
        "ufCrm8_1686662655574":"","ufCrm8_1699620518232":"","ufCrm8_1686662606534":"",
        "ufCrm8_1682957076924":["242"]}"#;
    bench.portal().put(BitrixKind::Unit, 23, bare);
    bench.pass();
    let parent = bench.id(AlmaKind::Unit, "7").to_string();
    let expected = [
        ("external_id", "\"22\""),
        ("goal_rent_cost", "2500.50"),
        ("name", "\"Bed1\""),
        ("header", "\"Gate 1204 / Bed1\""),
        ("number", "\"1204-B\""),
        ("internal_area", "12.5"),
        ("photos", "[]"),
        ("parent_unit", &parent),
        ("property_type", "\"bunk\""),
    ];
    bench.holds(AlmaKind::Room, "22", &expected);
    let expected = [
        ("external_id", "\"23\""),
        ("name", "\"2\""),
        ("header", "\"Gate 1204 / 2\""),
        ("number", "\"\""),
        ("internal_area", "0"),
        ("photos", "[]"),
        ("parent_unit", &parent),
        ("property_type", "\"room\""),
    ];
    bench.holds(AlmaKind::Room, "23", &expected);
    assert_eq!(bench.field(AlmaKind::Unit, "7", "additional_external_id"), "\"\"");
    bench.rests();
}

#[test]
fn people_arrive_field_by_field() {
    let bench = rentals();
    bench.furnish();
    // The first for work, wherever it stands.
    let full = r#"{"NAME":"William","LAST_NAME":"Lee","UF_CRM_1727788747":"lee@example.com",
        "BIRTHDATE":"1990-08-24T03:00:00+03:00","EMAIL":[{"ID":"9","VALUE_TYPE":"WORK","VALUE":"other@example.com","TYPE_ID":"EMAIL"}],
        "PHONE":[{"ID":"1","VALUE_TYPE":"MOBILE","VALUE":"+7 900 000-00-01","TYPE_ID":"PHONE"},
                 {"ID":"2","VALUE_TYPE":"WORK","VALUE":"050 000 00 02","TYPE_ID":"PHONE"},
                 {"ID":"3","VALUE_TYPE":"WORK","VALUE":"+7 900 000-00-03","TYPE_ID":"PHONE"}]}"#;
    bench.portal().put(BitrixKind::Contact, 51, full);
    let bare = r#"{"NAME":"Анна","LAST_NAME":null,"UF_CRM_1727788747":" anna@example.com ","BIRTHDATE":"",
        "PHONE":[{"ID":"4","VALUE_TYPE":"HOME","VALUE":"+971 50 000 0004","TYPE_ID":"PHONE"}]}"#;
    bench.portal().put(BitrixKind::Contact, 52, bare);
    bench.pass();
    let expected = [
        ("external_id", "\"51\""),
        ("first_name", "\"William\""),
        ("last_name", "\"Lee\""),
        ("email", "\"lee@example.com\""),
        ("phone", "\"+971500000002\""),
        ("country", "4"),
        ("birthday", "\"1990-08-24T00:00:00\""),
    ];
    bench.holds(AlmaKind::Client, "51", &expected);
    let expected = [
        ("external_id", "\"52\""),
        ("first_name", "\"Анна\""),
        ("last_name", "\"-\""),
        ("email", "\"anna@example.com\""),
        ("phone", "\"+971500000004\""),
        ("country", "4"),
    ];
    bench.holds(AlmaKind::Client, "52", &expected);
    bench.rests();
    // A contact who changes moves no contract.
    let before = bench.alma().writes();
    let title = "\"Liam\"";
    bench.portal().change(BitrixKind::Contact, 51, "NAME", title);
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Client, "51", "first_name"), title);
    assert_eq!(bench.alma().writes(), before + 1);
}

#[test]
fn an_owners_contract_arrives_field_by_field() {
    let bench = rentals();
    bench.furnish();
    let full = r#"{"title":"LL 1204","ufCrm10_1693823301":7,"contactId":51,
        "ufCrm10_1693823247516":"2024-10-21T00:10:10+03:00","ufCrm10_1693823282826":"2097-10-29T23:59:59-05:00",
        "ufCrm10_1708956056":"2024-07-22T03:00:00+03:00","ufCrm10_1708955996":"2024-08-22",
        "ufCrm10_1708955821":1698}"#;
    bench.portal().put(BitrixKind::OwnerContract, 1, full);
    bench.pass();
    let expected = [
        ("external_id", "\"1\""),
        ("unit_id", &bench.id(AlmaKind::Unit, "7").to_string()),
        ("client_id", &bench.id(AlmaKind::Client, "51").to_string()),
        ("name", "\"LL 1204\""),
        // The day that is written, whatever the offset.
        ("start_date", "\"2024-10-21T00:00:00\""),
        ("end_date", "\"2097-10-29T00:00:00\""),
        ("pml_start_date", "\"2024-07-22T00:00:00\""),
        ("pml_end_date", "\"2024-08-22T00:00:00\""),
        ("work_model", "\"TM 10%\""),
    ];
    bench.holds(AlmaKind::OwnerContract, "1", &expected);
    let expected = [
        ("external_id", "\"2\""),
        ("unit_id", &bench.id(AlmaKind::Unit, "8").to_string()),
        ("client_id", &bench.id(AlmaKind::Client, "51").to_string()),
        ("name", "\"LL 1204\""),
        ("start_date", "\"2024-10-21T00:00:00\""),
        ("end_date", "\"2097-10-29T00:00:00\""),
        ("work_model", "\"TM 10%\""),
    ];
    bench.holds(AlmaKind::OwnerContract, "2", &expected);
    bench.rests();
}

#[test]
fn a_tenants_contract_arrives_field_by_field() {
    let bench = rentals();
    bench.furnish();
    let full = r#"{"title":"Lease 1204","ufCrm20_1693919019":22,"contactId":52,"opportunity":5500.5,"currencyId":"AED",
        "ufCrm20ContractStartDate":"2025-08-21","ufCrm20ContractEndDate":"2098-08-25T03:00:00+03:00",
        "ufCrm20ContractHistory":["Signed","","Keys"],"ufCrm20_1693561495":["884"]}"#;
    bench.portal().put(BitrixKind::TenantContract, 1, full);
    bench.pass();
    let expected = [
        ("external_id", "\"1\""),
        ("unit_id", &bench.id(AlmaKind::Unit, "7").to_string()),
        ("client_id", &bench.id(AlmaKind::Client, "52").to_string()),
        ("name", "\"Lease 1204\""),
        ("start_date", "\"2025-08-21T00:00:00\""),
        ("end_date", "\"2098-08-25T00:00:00\""),
        ("price", "\"5500.50\""),
        ("co_tenant", "\"\""),
        ("history", "\"Signed; Keys\""),
        ("type_contract", "\"Short term from 1 to 3 months\""),
    ];
    bench.holds(AlmaKind::TenantContract, "1", &expected);
    let room = bench.id(AlmaKind::Room, "7").to_string();
    assert_eq!(bench.field(AlmaKind::TenantContract, "2", "unit_id"), room);
    assert_eq!(bench.field(AlmaKind::TenantContract, "2", "price"), "\"5500.00\"");
    assert_eq!(bench.field(AlmaKind::TenantContract, "2", "history"), "\"\"");
    bench.rests();
}

#[test]
fn odd_shapes_of_every_link_and_choice_arrive_the_same() {
    for (sharing, unit, apartment, contact) in [
        ("4598", "[22]", "[7]", "52"),
        ("\"4598\"", "\"22\"", "\"7\"", "\"52\""),
        ("[4598]", "\"Ta7_22\"", "[\"T90_7\"]", "52"),
        ("[\"4598\"]", "[\"22\"]", "7", "[52]"),
    ] {
        let bench = rentals();
        bench.furnish();
        let portal = bench.portal();
        for (kind, id, field, raw) in [
            (BitrixKind::Apartment, 7, "ufCrm6_1736951470242", sharing),
            (BitrixKind::Apartment, 7, "ufCrm6_1684425402", unit),
            (BitrixKind::Unit, 22, "ufCrm8_1684429208", apartment),
            (BitrixKind::OwnerContract, 1, "ufCrm10_1693823301", apartment),
            (BitrixKind::TenantContract, 1, "ufCrm20_1693919019", unit),
            (BitrixKind::TenantContract, 1, "contactId", contact),
        ] {
            portal.change(kind, id, field, raw);
        }
        bench.pass();
        assert_eq!(bench.stuck(), [""; 0], "{sharing}");
        let whole = bench.held(AlmaKind::Unit, "7");
        assert_eq!(whole.fields["additional_external_id"], "\"22\"");
        let id = whole.id.to_string();
        assert_eq!(bench.field(AlmaKind::OwnerContract, "1", "unit_id"), id);
        assert_eq!(bench.field(AlmaKind::TenantContract, "1", "unit_id"), id);
        let tenant = bench.id(AlmaKind::Client, "52").to_string();
        assert_eq!(bench.field(AlmaKind::TenantContract, "1", "client_id"), tenant);
        bench.rests();
    }
}

/// What was read in one spelling and comes again in the other is the same to Alma, but
/// for what has changed.
#[test]
fn the_other_spelling_of_an_apartment_changes_nothing() {
    let bench = rentals();
    bench.portal().put(BitrixKind::Apartment, 7, FULL_APARTMENT);
    bench.unit(22, 7);
    bench.pass();
    let calls = bench.simulator.report().alma.len();
    bench.tamper(
        r#"UPDATE record SET body = replace(replace(replace(body, 'ufCrm6_', 'UF_CRM_6_'), '"title"', '"TITLE"'), '"guest"', '"guests"')
           WHERE source = 'bitrix24' AND kind = 'apartment' AND id = '7';
           INSERT INTO change (at, source, kind, id, op)
           VALUES ('2026-01-01T00:00:00.000Z', 'bitrix24', 'apartment', '7', 'insert')"#,
    );
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    let calls = bench.simulator.report().alma.split_off(calls);
    let writes = calls.into_iter().filter(|call| call.method != "GET");
    let bodies: Vec<String> = writes.filter_map(|call| call.body).collect();
    assert_eq!(bodies, [r#"{"internet_login":"guests"}"#]);
}

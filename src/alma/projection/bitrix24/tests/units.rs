//! Apartments that become units, and their buildings.

use super::*;

const BUILDING: AlmaKind = AlmaKind::Building;
const UNIT_: AlmaKind = AlmaKind::Unit;

fn whole(name: &str, value: &str) -> Ledger {
    small().with(APARTMENT, "7", name, value)
}

#[test]
fn an_apartment_becomes_a_unit_with_every_field_of_the_document() {
    assert_eq!(
        small().wanted(UNIT_, "7"),
        r#"{"external_id":"7","additional_external_id":"22","is_used_additional_external_id":true,"name":"Marina Gate 1 - 1204","header":"Marina Gate 1 - 1204","building":"Marina Gate 1","property_type":"apartment","number":"1204","internal_area":85.50,"photos":[{"file":"apartment/7/ufCrm6_1682238498225/31"},{"file":"apartment/7/ufCrm6_1682238498225/32"}],"goal_rent_cost":12500,"address":"Al Seba St","number_of_bedrooms":2,"number_of_baths":2,"is_roof_garden":false,"parking":"not_applicable","is_swimming_pool":true,"total_buildable_area":85.50,"floor":12,"internet_login":"gate","internet_password":"w1f1","subway_station":"DMCC","parking_number":"P2-17","keybox_code":"4411","electronic_lock_password":null}"#
    );
}

#[test]
fn what_an_apartment_lacks_altogether_is_not_sent() {
    assert_eq!(
        small().wanted(UNIT_, "8"),
        r#"{"external_id":"8","additional_external_id":"","is_used_additional_external_id":false,"name":"Damac Heights - 305","header":"Damac Heights - 305","building":"Damac Heights","property_type":"apartment","number_of_bedrooms":3,"is_roof_garden":false,"parking":"not_applicable"}"#
    );
}

#[test]
fn what_an_apartment_has_empty_is_what_the_document_has_for_it() {
    let mut empty = small();
    for (_, code) in [
        ("number", "1682232396330"),
        ("area", "1682232424142"),
        ("rent", "1682232447205"),
        ("address", "1718821717"),
        ("baths", "1682232465964"),
        ("pool", "1697622591377"),
        ("floor", "1682232312628"),
        ("Wi-Fi", "1682235809295"),
        ("its password", "1686728251990"),
        ("metro", "1682233481671"),
        ("parking", "1683299159437"),
        ("key box", "1720794204"),
        ("lock", "1715777670"),
        ("photos", "1682238498225"),
    ] {
        empty = empty.with(APARTMENT, "8", &format!("ufCrm6_{code}"), "null");
    }
    assert_eq!(
        empty.wanted(UNIT_, "8"),
        r#"{"external_id":"8","additional_external_id":"","is_used_additional_external_id":false,"name":"Damac Heights - 305","header":"Damac Heights - 305","building":"Damac Heights","property_type":"apartment","number":"0","internal_area":0,"photos":[],"goal_rent_cost":null,"address":"","number_of_bedrooms":3,"number_of_baths":0,"is_roof_garden":false,"parking":"not_applicable","is_swimming_pool":false,"total_buildable_area":0,"floor":null,"internet_login":"","internet_password":"","subway_station":null,"parking_number":"","keybox_code":null,"electronic_lock_password":null,"blank_fields":"internal_area total_buildable_area number number_of_baths is_swimming_pool"}"#
    );
}

#[test]
fn an_apartment_that_lacks_its_type_or_sharing_is_not_made_and_goes_on_where_it_is() {
    let mut ledger = small();
    let body = r#"{"id":8,"title":"Damac Heights - 305","ufCrm6_1682232363193":"Damac Heights","ufCrm6_1715777670":"1234"}"#;
    ledger.put(APARTMENT, "8", Some(body));
    assert_eq!(
        ledger.wanted(UNIT_, "8"),
        r#"{"external_id":"8","name":"Damac Heights - 305","header":"Damac Heights - 305","building":"Damac Heights","is_roof_garden":false,"parking":"not_applicable","electronic_lock_password":"1234","why_not_new":"apartment 8 has no Sharing (ufCrm6_1736951470242), which the item lacks altogether; and no Type (ufCrm6_1682232863625), which the item lacks altogether: is the code in [bitrix24.fields] right, and may the webhook read the field?"}"#
    );
    // Its rooms and their contracts stay where they are.
    assert!(ledger.reason(AlmaKind::Room, "7").starts_with("apartment 8 has no Sharing"));
}

#[test]
fn a_field_may_have_other_codes_of_which_the_first_that_is_filled_counts() {
    let fields = Bitrix24Fields::default()
        .with("apartment_lock", &["ufCrm11_1", "UF_CRM_11_2"])
        .with("apartment_keybox", &[])
        .with("apartment_photos", &["ufCrm11_3"]);
    let projection = Bitrix24::new(Settings { fields, ..settings() });
    let lock = |members: &str| {
        let body = WHOLE.replace("\"id\":7,", &format!("\"id\":7,{members}"));
        let ledger = Ledger::of(&[(APARTMENT, "7", &body), (UNIT, "22", OF_WHOLE)]);
        let wanted = projection.project(&AlmaKey::new(UNIT_, "7"), &ledger).unwrap();
        let Wanted::Yes(fields) = wanted else { panic!("{wanted:?}") };
        assert_eq!(fields.get("keybox_code"), None);
        let value = |name| fields.get(name).unwrap_or_default().to_owned();
        (value("electronic_lock_password"), value("photos"))
    };
    let shown = |lock: &str, photos: &str| (lock.to_owned(), photos.to_owned());
    assert_eq!(lock("\"ufCrm11_1\":\"\",\"ufCrm11_2\":\"77\","), shown("\"77\"", ""));
    assert_eq!(lock("\"ufCrm11_1\":\"66\",\"ufCrm11_2\":\"77\","), shown("\"66\"", ""));
    assert_eq!(lock("\"UF_CRM_11_2\":null,"), shown("null", ""));
    assert_eq!(
        lock("\"ufCrm11_3\":{\"id\":9},"),
        shown("", r#"[{"file":"apartment/7/ufCrm11_3/9"}]"#)
    );
}

#[test]
fn odd_values_of_an_apartment() {
    for (code, value, field, expected) in [
        ("1682232396330", "\" \"", "number", "\"0\""),
        // A file that is named twice is one photo.
        (
            "1682238498225",
            "[{\"id\":31},{\"id\":\"31\"},31]",
            "photos",
            "[{\"file\":\"apartment/7/ufCrm6_1682238498225/31\"}]",
        ),
        ("1682232396330", "1204", "number", "\"1204\""),
        ("1682232396330", "[\"\",\"1204\"]", "number", "\"1204\""),
        ("1682232424142", "[\"\",\"85\"]", "internal_area", "85"),
        ("1682233481671", "[\" \",66]", "subway_station", "\"Rashidiya\""),
        ("1682232424142", "\"\"", "internal_area", "0"),
        ("1682232424142", "\"85,5\"", "internal_area", "85.5"),
        ("1682232424142", "\"1245,5\"", "internal_area", "1245.5"),
        ("1682232424142", "1.245", "internal_area", "1.245"),
        ("1682232424142", "\"1.245\"", "internal_area", "1.245"),
        ("1682232424142", "1111.0", "total_buildable_area", "1111.0"),
        ("1682232465964", "\"\"", "number_of_baths", "0"),
        ("1682232465964", "\"2\"", "number_of_baths", "2"),
        ("1682232447205", "\"\"", "goal_rent_cost", "null"),
        ("1682232447205", "\"|AED\"", "goal_rent_cost", "null"),
        ("1682232447205", "null", "goal_rent_cost", "null"),
        ("1682232447205", "12.22", "goal_rent_cost", "12.22"),
        ("1682232447205", "\"12.20|AED\"", "goal_rent_cost", "12.20"),
        ("1697622591377", "\"N\"", "is_swimming_pool", "false"),
        ("1697622591377", "\"\"", "is_swimming_pool", "false"),
        ("1697622591377", "false", "is_swimming_pool", "false"),
        ("1697622591377", "1", "is_swimming_pool", "true"),
        ("1697622591377", "\"1\"", "is_swimming_pool", "true"),
        ("1697622591377", "\"0\"", "is_swimming_pool", "false"),
        ("1682232312628", "\"\"", "floor", "null"),
        ("1682232312628", "\"G\"", "floor", "null"),
        ("1682232312628", "12.0", "floor", "12"),
        ("1682232312628", "-1", "floor", "-1"),
        ("1682233481671", "\"\"", "subway_station", "null"),
        ("1682233481671", "false", "subway_station", "null"),
        ("1682233481671", "[]", "subway_station", "null"),
        ("1682233481671", "[\"150\"]", "subway_station", "\"Al Fahidi\""),
        ("1720794204", "\"  \"", "keybox_code", "null"),
        ("1720794204", "117", "keybox_code", "\"117\""),
        ("1715777670", "\"12345678#\"", "electronic_lock_password", "\"12345678#\""),
        (
            "1682238498225",
            "{\"id\":9}",
            "photos",
            r#"[{"file":"apartment/7/ufCrm6_1682238498225/9"}]"#,
        ),
        (
            "1682238498225",
            "[5,{\"ID\":\"6\"},{},null,\"x\"]",
            "photos",
            r#"[{"file":"apartment/7/ufCrm6_1682238498225/5"},{"file":"apartment/7/ufCrm6_1682238498225/6"}]"#,
        ),
        ("1682238498225", "false", "photos", "[]"),
    ] {
        let ledger = whole(&format!("ufCrm6_{code}"), value);
        assert_eq!(ledger.field(UNIT_, "7", field), expected, "{code} {value}");
    }
}

#[test]
fn an_apartment_that_lacks_something_is_blocked_alone_and_says_all() {
    for (name, value, expected) in [
        ("title", "\" \"", "no title (title): give it in Bitrix24"),
        ("ufCrm6_1682232363193", "\"\"", "no Building (ufCrm6_1682232363193): give it in Bitrix24"),
        ("ufCrm6_1682232863625", "\"\"", "no Type (ufCrm6_1682232863625): give it in Bitrix24"),
        ("ufCrm6_1682232863625", "null", "no Type (ufCrm6_1682232863625): give it in Bitrix24"),
        ("ufCrm6_1736951470242", "[]", "no Sharing (ufCrm6_1736951470242): give it in Bitrix24"),
        (
            "ufCrm6_1736951470242",
            "4599",
            "4599 in Sharing (ufCrm6_1736951470242), which the table does not know: correct it in Bitrix24, or add it to [alma.tables.sharing]",
        ),
        (
            "ufCrm6_1682233481671",
            "\"9999\"",
            "9999 in Dubai Metro (ufCrm6_1682233481671), which the table does not know: correct it in Bitrix24, or add it to [alma.tables.subway_station]",
        ),
        (
            "ufCrm6_1682232424142",
            "\"large\"",
            "a value in area (ufCrm6_1682232424142) that is no number: correct it in Bitrix24",
        ),
        (
            "ufCrm6_1682232424142",
            "\"1,245\"",
            "a value in area (ufCrm6_1682232424142) that is no number: correct it in Bitrix24",
        ),
        (
            "ufCrm6_1682232447205",
            "\"12,500\"",
            "a value in rent (ufCrm6_1682232447205) that is no number: correct it in Bitrix24",
        ),
        (
            "ufCrm6_1682232447205",
            "\" 5,500|AED\"",
            "a value in rent (ufCrm6_1682232447205) that is no number: correct it in Bitrix24",
        ),
        (
            "ufCrm6_1682232447205",
            "\"1,234,567\"",
            "a value in rent (ufCrm6_1682232447205) that is no number: correct it in Bitrix24",
        ),
        (
            "ufCrm6_1682232447205",
            "\"1,245.50\"",
            "a value in rent (ufCrm6_1682232447205) that is no number: correct it in Bitrix24",
        ),
        (
            "ufCrm6_1697622591377",
            "\"perhaps\"",
            "a value in pool (ufCrm6_1697622591377) that is no Y or N: correct it in Bitrix24",
        ),
    ] {
        let ledger = whole(name, value);
        assert_eq!(ledger.reason(UNIT_, "7"), format!("apartment 7 has {expected}"));
        ledger.wanted(UNIT_, "8");
        ledger.wanted(AlmaKind::OwnerContract, "3");
    }
    let ledger = whole("ufCrm6_1682232863625", "66").with(APARTMENT, "7", "title", "null");
    assert_eq!(
        ledger.reason(UNIT_, "7"),
        "apartment 7 has no title (title): give it in Bitrix24; and 66 in Type \
         (ufCrm6_1682232863625), which the table does not know: correct it in Bitrix24, or add \
         it to [alma.tables.property_type]; and 66 in Type (ufCrm6_1682232863625), which the \
         table does not know: correct it in Bitrix24, or add it to [alma.tables.bedrooms]"
    );
}

#[test]
fn an_apartment_that_lacks_its_unit_altogether_leaves_the_number_that_alma_has() {
    let lacks = WHOLE.replace("ufCrm6_1684425402", "ufCrm99_1");
    let mut ledger = small();
    ledger.put(APARTMENT, "7", Some(&lacks));
    // The only unit that names it tells.
    assert_eq!(ledger.field(UNIT_, "7", "additional_external_id"), "\"22\"");
    ledger.put(UNIT, "22", Some(r#"{"id":22,"title":"Gate"}"#));
    let wanted = ledger.wanted(UNIT_, "7");
    assert!(!wanted.contains(r#""additional_external_id":"#), "{wanted}");
    assert!(wanted.contains(r#""is_used_additional_external_id":true"#), "{wanted}");
    assert_eq!(ledger.field(UNIT_, "7", "fields_of_new"), r#""{\"additional_external_id\":\"\"}""#);
    // Where the config has no such field, it is the units that tell: none names it.
    let fields = Bitrix24Fields::default().with("apartment_unit", &[]);
    let projection = Bitrix24::new(Settings { fields, ..settings() });
    let wanted = projection.project(&AlmaKey::new(UNIT_, "7"), &ledger).unwrap();
    let Wanted::Yes(fields) = wanted else { panic!("{wanted:?}") };
    assert_eq!(fields.get("additional_external_id"), Some("\"\""));
}

#[test]
fn an_apartment_that_is_gone_is_no_unit() {
    assert_eq!(small().without(APARTMENT, "7").project(UNIT_, "7"), Wanted::No);
    for body in ["[]", "\"x\"", "null", "", "{", "7"] {
        let ledger = Ledger::of(&[(APARTMENT, "7", body)]);
        assert_eq!(ledger.project(UNIT_, "7"), Wanted::No, "{body}");
    }
}

#[test]
fn an_apartment_that_is_not_shared_has_the_number_of_its_unit() {
    let additional = |ledger: &Ledger| ledger.field(UNIT_, "7", "additional_external_id");
    for (value, expected) in [
        ("23", "\"23\""),
        ("\"Ta7_23\"", "\"23\""),
        ("[\"23\",24]", "\"23\""),
        // It names none: the only unit that names it.
        ("null", "\"22\""),
        ("[]", "\"22\""),
        ("0", "\"22\""),
    ] {
        let ledger = whole("ufCrm6_1684425402", value);
        assert_eq!(additional(&ledger), expected, "{value}");
    }
    let unnamed = whole("ufCrm6_1684425402", "false");
    assert_eq!(additional(&unnamed.without(UNIT, "22")), "\"\"");
    let mut two = unnamed.clone();
    two.put(UNIT, "23", Some(OF_WHOLE));
    assert_eq!(
        two.reason(UNIT_, "7"),
        "apartment 7 has 2 units and is not shared: say in ufCrm6_1684425402 which of them it is \
         let as, or correct Sharing in Bitrix24"
    );
}

#[test]
fn a_building_is_wanted_while_an_apartment_names_it() {
    assert_eq!(
        small().wanted(BUILDING, "Marina Gate 1"),
        r#"{"name":"Marina Gate 1","project":207}"#
    );
    let spaced = whole("ufCrm6_1682232363193", "\" Marina \\t Gate 1 \"");
    assert_eq!(spaced.field(UNIT_, "7", "building"), "\"Marina Gate 1\"");
    spaced.wanted(BUILDING, "Marina Gate 1");
    for ledger in [
        small().without(APARTMENT, "7"),
        whole("ufCrm6_1682232363193", "\"Marina Gate 2\""),
        whole("ufCrm6_1682232363193", "\"\""),
    ] {
        assert_eq!(ledger.project(BUILDING, "Marina Gate 1"), Wanted::No);
        ledger.wanted(BUILDING, "Damac Heights");
    }
}

//! Units of shared apartments, which become rooms.

use super::*;

const ROOM: AlmaKind = AlmaKind::Room;

fn unit(name: &str, value: &str) -> Ledger {
    small().with(UNIT, "7", name, value)
}

#[test]
fn a_unit_of_a_shared_apartment_becomes_a_room_with_every_field_of_the_document() {
    assert_eq!(
        small().wanted(ROOM, "7"),
        r#"{"external_id":"7","goal_rent_cost":3100.5,"name":"2","header":"Damac Heights - 305 / 2","number":"2","internal_area":14.2,"parent_unit":"8","property_type":"room"}"#
    );
    assert_eq!(unit("ufCrm8_1686662606534", "\"\"").field(ROOM, "7", "internal_area"), "0");
    assert_eq!(unit("ufCrm8_1699620518232", "\"\"").field(ROOM, "7", "goal_rent_cost"), "null");
    assert_eq!(unit("ufCrm8_1686662655574", "null").field(ROOM, "7", "number"), "\"\"");
}

#[test]
fn a_unit_of_an_apartment_that_is_not_shared_becomes_none() {
    assert_eq!(small().project(ROOM, "22"), Wanted::No);
    let turned = small().with(APARTMENT, "8", "ufCrm6_1736951470242", "4598");
    assert_eq!(turned.project(ROOM, "7"), Wanted::No);
    assert_eq!(small().without(UNIT, "7").project(ROOM, "7"), Wanted::No);
}

#[test]
fn a_unit_is_in_the_apartment_that_it_names_or_that_names_it() {
    let unnamed = unit("ufCrm8_1684429208", "[]");
    let reason = "unit 7 has no apartment (ufCrm8_1684429208): give it one in Bitrix24";
    assert_eq!(unnamed.reason(ROOM, "7"), reason);
    let named = unnamed.with(APARTMENT, "8", "ufCrm6_1684425402", "[6,7]");
    assert_eq!(named.field(ROOM, "7", "parent_unit"), "\"8\"");
    let mut twice = named.clone();
    twice.put(APARTMENT, "9", Some(&named.bodies[&pair(APARTMENT, "8")]));
    assert_eq!(twice.reason(ROOM, "7"), reason);
}

#[test]
fn a_unit_that_lacks_something_is_blocked() {
    for (name, value, expected) in [
        ("title", "\"\"", "unit 7 has no title (title): give it in Bitrix24"),
        (
            "ufCrm8_1698838056004",
            "null",
            "unit 7 has no Number of Unit (ufCrm8_1698838056004): give it in Bitrix24",
        ),
        (
            "ufCrm8_1698838056004",
            "1304",
            "unit 7 has 1304 in Number of Unit (ufCrm8_1698838056004), which the table does not know: correct it in Bitrix24, or add it to [alma.tables.room_name]",
        ),
        (
            "ufCrm8_1682957076924",
            "[240]",
            "unit 7 has 240 in Housing Type (ufCrm8_1682957076924), which the table does not know: correct it in Bitrix24, or add it to [alma.tables.housing_type]",
        ),
        ("ufCrm8_1684429208", "[9]", "waits for apartment 9, which the ledger does not have"),
    ] {
        assert_eq!(unit(name, value).reason(ROOM, "7"), expected);
    }
    let unclear = small().with(APARTMENT, "8", "ufCrm6_1736951470242", "null");
    assert_eq!(
        unclear.reason(ROOM, "7"),
        "apartment 8 has no Sharing (ufCrm6_1736951470242): give it in Bitrix24"
    );
}

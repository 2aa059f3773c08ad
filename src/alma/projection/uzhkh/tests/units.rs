//! Objects that become units.

use super::*;

fn flat(name: &str, value: &str) -> Ledger {
    Ledger::of(&[(OBJECT, "o1", &with(FLAT, name, value))])
}

#[test]
fn an_object_becomes_a_unit_with_every_field_of_the_table() {
    assert_eq!(
        small().wanted(AlmaKind::Unit, "o1"),
        r#"{"external_id":"o1","additional_external_id":"","is_used_additional_external_id":false,"name":"12","header":"ул. Лодочная, д. 4, кв. 12","building":"h4","property_type":"apartment","number":"12","internal_area":54.30,"photos":[],"address":"ул. Лодочная, д. 4, кв. 12","number_of_bedrooms":2,"number_of_baths":0,"is_roof_garden":false,"parking":"not_applicable","is_swimming_pool":false,"total_buildable_area":54.30,"floor":3,"blank_fields":"number_of_baths is_swimming_pool"}"#
    );
}

#[test]
fn what_an_object_does_not_say_is_noted_as_blank() {
    let baths = "number_of_baths is_swimming_pool";
    for (name, value, expected) in [
        ("FlatNumber", "\"\"", "number name"),
        ("SquareAll", "null", "internal_area total_buildable_area"),
        ("SquareAll", "\"45 м²\"", "internal_area total_buildable_area"),
        ("CountRooms", "null", "number_of_bedrooms property_type"),
        ("CountRooms", "\"?\"", "number_of_bedrooms property_type"),
    ] {
        let blank = flat(name, value).field(AlmaKind::Unit, "o1", "blank_fields");
        assert_eq!(blank, format!("\"{baths} {expected}\""), "{name} {value}");
    }
    for (name, value) in [("SquareAll", "0"), ("CountRooms", "0"), ("CountRooms", "\"студия\"")]
    {
        let blank = flat(name, value).field(AlmaKind::Unit, "o1", "blank_fields");
        assert_eq!(blank, format!("\"{baths}\""), "{name} {value}");
    }
}

#[test]
fn an_object_that_is_gone_or_of_another_type_becomes_none() {
    for kind in [AlmaKind::Unit, AlmaKind::Building] {
        let id = if kind == AlmaKind::Unit { "o1" } else { "h4" };
        assert_eq!(Ledger::default().project(kind, id), Wanted::No);
        for value in ["\"Кладовка\"", "\"квартира\"", "null", "7", "[]"] {
            assert_eq!(flat("TypeObject", value).project(kind, id), Wanted::No, "{value}");
        }
        for body in ["[]", "\"Квартира\"", "null", "", "{", "7"] {
            let ledger = Ledger::of(&[(OBJECT, "o1", body)]);
            assert_eq!(ledger.project(kind, id), Wanted::No, "{body}");
        }
    }
    for value in ["\" Квартира\\t\"", "\"Апартаменты\""] {
        flat("TypeObject", value).wanted(AlmaKind::Unit, "o1");
    }
}

#[test]
fn an_object_without_a_house_is_blocked() {
    for value in ["null", "\"\"", "\" \"", "{}", "true"] {
        let reason = flat("HouseId", value).reason(AlmaKind::Unit, "o1");
        assert_eq!(reason, "object o1 has no HouseId: give it a house in Umnoe ZhKH");
    }
    let unit = |value| flat("HouseId", value).field(AlmaKind::Unit, "o1", "building");
    assert_eq!(unit("17"), "\"17\"");
    assert_eq!(unit("\"017\""), "\"017\"");
}

#[test]
fn odd_values_of_a_unit_become_what_the_table_says() {
    for (name, value, field, expected) in [
        ("FlatNumber", "null", "number", "\"0\""),
        ("FlatNumber", "\"  \"", "name", "\"0\""),
        ("FlatNumber", "12.10", "number", "\"12.10\""),
        ("FlatNumber", "\" 7Б \"", "name", "\"7Б\""),
        ("FlatNumber", "[1]", "number", "\"0\""),
        ("Address", "\"\"", "header", "\"12\""),
        ("Address", "null", "address", "\"\""),
        ("Address", "\" Лодочная \"", "address", "\"Лодочная\""),
        ("CountRooms", "\"Студия\"", "property_type", "\"studio\""),
        ("CountRooms", "\"Студия\"", "number_of_bedrooms", "1"),
        ("CountRooms", "\"3-комн., КВАРТИРА-СТУДИЯ\"", "number_of_bedrooms", "1"),
        ("CountRooms", "\"2-комнатная\"", "number_of_bedrooms", "2"),
        ("CountRooms", "\"2-комнатная\"", "property_type", "\"apartment\""),
        ("CountRooms", "\"комнат: 03\"", "number_of_bedrooms", "3"),
        ("CountRooms", "4", "number_of_bedrooms", "4"),
        ("CountRooms", "2.5", "number_of_bedrooms", "2"),
        ("CountRooms", "-2", "number_of_bedrooms", "0"),
        ("CountRooms", "null", "number_of_bedrooms", "0"),
        ("CountRooms", "\"\"", "number_of_bedrooms", "0"),
        ("CountRooms", "true", "number_of_bedrooms", "0"),
        ("CountRooms", "[\"студия\"]", "property_type", "\"apartment\""),
        ("CountRooms", "\"99999999999999999999\"", "number_of_bedrooms", "0"),
        ("SquareAll", "null", "internal_area", "0"),
        ("SquareAll", "45", "internal_area", "45"),
        ("SquareAll", "45.10", "total_buildable_area", "45.10"),
        ("SquareAll", "\"45,5\"", "internal_area", "45.5"),
        ("SquareAll", "\" 045.50 \"", "internal_area", "45.50"),
        ("SquareAll", "\"0\"", "internal_area", "0"),
        ("SquareAll", "\"00,5\"", "internal_area", "0.5"),
        ("SquareAll", "-45.5", "internal_area", "0"),
        ("SquareAll", "\"-45.5\"", "internal_area", "0"),
        ("SquareAll", "\"45 м²\"", "internal_area", "0"),
        ("SquareAll", "\"1,234.5\"", "internal_area", "0"),
        ("SquareAll", "\"45.\"", "internal_area", "0"),
        ("SquareAll", "\".5\"", "internal_area", "0"),
        ("SquareAll", "\"1e3\"", "internal_area", "0"),
        ("SquareAll", "{}", "internal_area", "0"),
        ("EtazhNumber", "null", "floor", "null"),
        ("EtazhNumber", "-1", "floor", "-1"),
        ("EtazhNumber", "\"5\"", "floor", "5"),
        ("EtazhNumber", "5.0", "floor", "5"),
        ("EtazhNumber", "5.5", "floor", "null"),
        ("EtazhNumber", "5e0", "floor", "null"),
        ("EtazhNumber", "\"цоколь\"", "floor", "null"),
        ("EtazhNumber", "false", "floor", "null"),
        ("EtazhNumber", "123456789012345678901234567890", "floor", "null"),
    ] {
        let found = flat(name, value).field(AlmaKind::Unit, "o1", field);
        assert_eq!(found, expected, "{name} {value}");
    }
}

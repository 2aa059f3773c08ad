//! Houses that become buildings.

use super::*;

fn object(house: &str, locality: &str, street: &str, number: &str) -> String {
    format!(
        r#"{{"TypeObject":"Квартира","HouseId":{house},"Locality":{locality},"Street":{street},"HouseNumber":{number}}}"#
    )
}

fn name(ledger: &Ledger, house: &str) -> String {
    ledger.field(AlmaKind::Building, house, "name")
}

const AT_RIVER: &str = "\"Заречный\"";
const AT_HILL: &str = "\"Горный\"";

#[test]
fn a_house_is_called_by_its_street_and_number() {
    let ledger = small();
    let text = ledger.wanted(AlmaKind::Building, "h4");
    assert_eq!(text, r#"{"name":"Лодочная, 4","project":207}"#);
    assert_eq!(ledger.project(AlmaKind::Building, "h5"), Wanted::No);

    let odd = object("17", "null", "\" Новая\\t улица \"", "12.0");
    let ledger = Ledger::of(&[(OBJECT, "o1", &odd)]);
    assert_eq!(name(&ledger, "17"), "\"Новая улица, 12.0\"");
}

#[test]
fn the_first_object_that_has_a_street_and_a_number_names_the_house() {
    let mut ledger = Ledger::of(&[
        (OBJECT, "o1", &object("\"h\"", AT_RIVER, "\" \"", "\"1\"")),
        (OBJECT, "o2", &object("\"h\"", AT_RIVER, "\"Б\"", "null")),
    ]);
    let reason = ledger.reason(AlmaKind::Building, "h");
    assert!(reason.contains("house h has both Street and HouseNumber"), "{reason}");
    let body = object("\"h\"", AT_RIVER, "\"В\"", "3");
    ledger.put(OBJECT, "o3", Some(&body));
    let body = object("\"h\"", AT_RIVER, "\"Г\"", "4");
    ledger.put(OBJECT, "o4", Some(&body));
    assert_eq!(name(&ledger, "h"), "\"В, 3\"");
    ledger.put(OBJECT, "o3", None);
    assert_eq!(name(&ledger, "h"), "\"Г, 4\"");
}

#[test]
fn houses_of_one_name_are_told_apart_by_their_place() {
    let mut ledger = Ledger::of(&[
        (OBJECT, "o1", &object("\"h1\"", AT_RIVER, "\"А\"", "\"1\"")),
        (OBJECT, "o2", &object("\"h2\"", AT_HILL, "\"А\"", "1")),
        (OBJECT, "o3", &object("\"h3\"", "null", "\"А\"", "\"1\"")),
        (OBJECT, "o4", &object("\"h4\"", AT_HILL, "\"А\"", "\"11\"")),
    ]);
    assert_eq!(name(&ledger, "h1"), "\"Заречный, А, 1\"");
    assert_eq!(name(&ledger, "h2"), "\"Горный, А, 1\"");
    assert_eq!(name(&ledger, "h3"), "\"А, 1\"");
    assert_eq!(name(&ledger, "h4"), "\"А, 11\"");

    ledger.put(OBJECT, "o2", None);
    ledger.put(OBJECT, "o3", None);
    assert_eq!(name(&ledger, "h1"), "\"А, 1\"");
}

#[test]
fn an_object_that_does_not_name_its_house_makes_no_other_longer() {
    let ledger = Ledger::of(&[
        (OBJECT, "o1", &object("\"h1\"", AT_RIVER, "\"А\"", "\"1\"")),
        (OBJECT, "o2", &object("\"h2\"", AT_RIVER, "\"Б\"", "\"2\"")),
        (OBJECT, "o3", &object("\"h2\"", AT_RIVER, "\"А\"", "\"1\"")),
    ]);
    assert_eq!(name(&ledger, "h1"), "\"А, 1\"");
    assert_eq!(name(&ledger, "h2"), "\"Б, 2\"");
}

#[test]
fn of_houses_that_stay_the_same_the_least_keeps_the_name() {
    let ledger = Ledger::of(&[
        (OBJECT, "o1", &object("\"h3\"", AT_RIVER, "\"А\"", "\"1\"")),
        (OBJECT, "o2", &object("\"h2\"", AT_RIVER, "\"А\"", "\"1\"")),
        (OBJECT, "o3", &object("\"h1\"", AT_HILL, "\"А\"", "\"1\"")),
        (OBJECT, "o4", &object("\"h5\"", "null", "\"А\"", "\"1\"")),
        (OBJECT, "o5", &object("\"h6\"", "\"\"", "\"А\"", "\"1\"")),
        (OBJECT, "o6", &object("\"h7\"", "null", "\"А\"", "\"1\"")),
    ]);
    assert_eq!(name(&ledger, "h1"), "\"Горный, А, 1\"");
    assert_eq!(name(&ledger, "h2"), "\"Заречный, А, 1\"");
    assert_eq!(name(&ledger, "h5"), "\"А, 1\"");
    for (house, least) in [("h3", "h2"), ("h6", "h5"), ("h7", "h5")] {
        let reason = ledger.reason(AlmaKind::Building, house);
        assert!(reason.starts_with(&format!("house {least} has the same name")), "{reason}");
        assert!(!reason.contains('А'), "{reason}");
    }
}

#[test]
fn an_object_that_moved_counts_no_more_before_its_links_are_up_to_date() {
    let mut ledger = small();
    let moved = with(FLAT, "HouseId", "\"h9\"");
    ledger.put_body(OBJECT, "o1", Some(&moved));
    assert_eq!(ledger.project(AlmaKind::Building, "h4"), Wanted::No);
}

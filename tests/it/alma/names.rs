//! Alma tells buildings apart by their names alone: a name that goes from one house to
//! another takes no building along.

use simulator::AlmaKind;

use crate::alma::bench::{both, flat};
use crate::alma::wire::{BUILDINGS, patch, post};
use crate::support::{Bench, wait_until};

/// A flat in this house, which has this number in its street.
fn in_house(id: &str, house: &str, number: &str) -> String {
    flat(id, id)
        .replace(r#""HouseId":"h4""#, &format!(r#""HouseId":"{house}""#))
        .replace(r#""HouseNumber":"4""#, &format!(r#""HouseNumber":"{number}""#))
}

fn renamed(id: i64, name: &str) -> String {
    let fields = format!(r#"{{"name":"{name}","project":207}}"#);
    patch(BUILDINGS, id, &fields)
}

fn made(name: &str) -> String {
    let fields = format!(r#"{{"name":"{name}","project":207}}"#);
    post(BUILDINGS, &fields)
}

/// The building that a unit stands in, and what that is called.
fn stands_in(bench: &Bench, unit: &str) -> (String, String) {
    let building = bench.field(AlmaKind::Unit, unit, "building");
    let buildings = bench.alma().objects(AlmaKind::Building);
    let mut here = buildings.iter().filter(|one| one.id.to_string() == building);
    let name = here.next().unwrap().fields["name"].clone();
    (building, name)
}

#[test]
fn a_name_that_goes_to_another_house_in_one_pass_takes_no_building_along() {
    for (first, second) in [("h1", "h2"), ("h2", "h1")] {
        let bench = both().start();
        bench.say("Obj", &in_house("o1", first, "4"));
        bench.pass();
        let building = bench.building("Лодочная, 4");
        bench.say("Obj", &in_house("o1", first, "4А"));
        bench.say("Obj", &in_house("o2", second, "4"));
        let mut writes = bench.pass_writes();
        writes.retain(|write| write.contains(BUILDINGS));
        assert_eq!(writes, [renamed(building, "Лодочная, 4А"), made("Лодочная, 4")]);
        assert_eq!(stands_in(&bench, "o1"), (building.to_string(), r#""Лодочная, 4А""#.to_owned()));
        assert_eq!(stands_in(&bench, "o2").1, r#""Лодочная, 4""#);
        bench.rests();
    }
}

#[test]
fn the_service_takes_no_building_by_the_name_that_it_had() {
    let bench = both().every_second().start();
    bench.say("Obj", &in_house("o1", "h1", "4"));
    let daemon = bench.daemon();
    let settled = |count: &str| {
        let sql = "SELECT count(*) FROM alma_object WHERE state = 'synced' \
                   AND (SELECT count(*) FROM alma_dirty) = 0";
        wait_until("all is in Alma", || bench.one_or_none(sql) == count);
    };
    settled("2");
    let building = bench.building("Лодочная, 4");
    bench.say("Obj", &in_house("o1", "h1", "4А"));
    wait_until("the house is renamed", || {
        bench.writes().contains(&renamed(building, "Лодочная, 4А"))
    });
    bench.say("Obj", &in_house("o2", "h2", "4"));
    settled("4");
    daemon.stop();
    assert_eq!(stands_in(&bench, "o1").1, r#""Лодочная, 4А""#);
    assert_eq!(stands_in(&bench, "o2").1, r#""Лодочная, 4""#);
    bench.rests();
}

#[test]
fn the_service_adopts_a_building_that_people_made_meanwhile() {
    let bench = both().every_second().start();
    bench.say("Obj", &in_house("o1", "h1", "4"));
    let daemon = bench.daemon();
    let settled = |count: &str| {
        let sql = "SELECT count(*) FROM alma_object WHERE state = 'synced'";
        wait_until("all is in Alma", || bench.one_or_none(sql) == count);
    };
    settled("2");
    let fields = r#"{"name":"Лодочная, 5","project":207}"#;
    let people_s = bench.alma().create(AlmaKind::Building, fields);
    bench.say("Obj", &in_house("o2", "h2", "5"));
    settled("4");
    daemon.stop();
    assert_eq!(stands_in(&bench, "o2").0, people_s.to_string());
    bench.rests();
}

#[test]
fn a_house_that_comes_again_under_another_id_takes_its_building_over() {
    let bench = both().alma("archive = \"auto\"").start();
    bench.say("Obj", &in_house("o1", "h1", "4"));
    bench.pass();
    let building = bench.building("Лодочная, 4");
    bench.say("Obj", &in_house("o1", "h2", "4"));
    bench.pass_writes_only(&[]);
    assert_eq!(stands_in(&bench, "o1").0, building.to_string());
    assert_eq!(bench.stand(), ["building h2 synced", "unit o1 synced"]);
    // And back again.
    bench.say("Obj", &in_house("o1", "h1", "4"));
    bench.pass_writes_only(&[]);
    assert_eq!(bench.stand(), ["building h1 synced", "unit o1 synced"]);
}

#[test]
fn a_house_under_another_id_waits_until_the_operator_lets_the_old_one_go() {
    let bench = both().start();
    bench.say("Obj", &in_house("o1", "h1", "4"));
    bench.pass();
    let building = bench.building("Лодочная, 4");
    bench.say("Obj", &in_house("o1", "h2", "4"));
    bench.pass_writes_only(&[]);
    assert_eq!(bench.stand(), ["building h1 held", "building h2 blocked", "unit o1 blocked"]);
    assert!(bench.reason("building", "h2").contains("h1"));
    let released = bench.run(&["alma", "release", "building", "h1"]);
    assert_eq!(released.code, Some(0), "{}", released.stderr);
    bench.pass_writes_only(&[]);
    assert_eq!(bench.stand(), ["building h2 synced", "unit o1 synced"]);
    assert_eq!(stands_in(&bench, "o1").0, building.to_string());
}

#[test]
fn houses_with_one_name_have_their_place_in_front() {
    let bench = both().start();
    let at = |id: &str, house: &str, place: &str| {
        let object = flat(id, id)
            .replace(r#""HouseId":"h4""#, &format!(r#""HouseId":"{house}""#))
            .replace("Заречный", place);
        bench.say("Obj", &object);
    };
    at("o1", "h1", "Заречный");
    bench.pass();
    let first = bench.building("Лодочная, 4");
    at("o2", "h2", "Заозёрный");
    at("o3", "h3", "Заозёрный");
    bench.pass();
    assert_eq!(first, bench.building("Заречный, Лодочная, 4"));
    assert_eq!(bench.alma().objects(AlmaKind::Building).len(), 2);
    let second = bench.building("Заозёрный, Лодочная, 4");
    assert_eq!(bench.field(AlmaKind::Unit, "o2", "building"), second.to_string());
    assert_eq!(bench.state("building", "h3"), "blocked");
    assert!(bench.reason("building", "h3").contains("h2"), "it says of whom");
    assert_eq!(bench.state("unit", "o3"), "blocked");
    bench.rests();
}

#[test]
fn two_houses_that_exchange_their_names_keep_their_buildings() {
    let bench = both().start();
    bench.say("Obj", &in_house("o1", "h1", "4"));
    bench.say("Obj", &in_house("o2", "h2", "5"));
    bench.pass();
    let (first, second) = (stands_in(&bench, "o1").0, stands_in(&bench, "o2").0);
    bench.say("Obj", &in_house("o1", "h1", "5"));
    bench.say("Obj", &in_house("o2", "h2", "4"));
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(stands_in(&bench, "o1"), (first, r#""Лодочная, 5""#.to_owned()));
    assert_eq!(stands_in(&bench, "o2"), (second, r#""Лодочная, 4""#.to_owned()));
    bench.rests();
}

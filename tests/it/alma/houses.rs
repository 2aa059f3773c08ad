//! Houses, which Alma knows by their names alone, and UZhKH by nothing but their flats.

use simulator::AlmaKind;

use crate::alma::bench::{both, flat};
use crate::alma::watch::lets;

#[test]
fn a_flat_without_a_house_waits_and_its_owner_does_not() {
    let bench = both().start();
    lets(&bench, 1, |text| text.replace(r#""HouseId":"h4""#, r#""HouseId":null"#));
    lets(&bench, 2, |text| {
        text.replace(r#""HouseId":"h4""#, r#""HouseId":"h5""#)
            .replace(r#""Street":"Лодочная""#, r#""Street":null"#)
    });
    bench.traced_pass();
    assert_eq!(
        bench.stuck(),
        [
            "building h5 blocked: no object of house h5 has both Street and HouseNumber: give them in \
             Umnoe ZhKH",
            "owner_contract a1:r1 blocked: waits for unit o1, which is blocked",
            "owner_contract a2:r2 blocked: waits for unit o2, which is blocked",
            "unit o1 blocked: object o1 has no HouseId: give it a house in Umnoe ZhKH",
            "unit o2 blocked: waits for building h5, which is blocked",
        ]
    );
    bench.rests();
    // A neighbour says where the house stands.
    bench.say("Obj", &flat("o3", "3").replace(r#""HouseId":"h4""#, r#""HouseId":"h5""#));
    bench.pass();
    assert_eq!(bench.state("owner_contract", "a2:r2"), "synced");
    bench.say("Obj", &flat("o1", "1"));
    bench.pass();
    assert_eq!(bench.stuck().len(), 1, "two houses of one name: {:?}", bench.stuck());
    assert!(bench.reason("building", "h5").starts_with("house h4 has the same name"));
}

#[test]
fn two_houses_of_one_name_are_one_too_many() {
    let bench = both().start();
    let of = |id: &str, house: &str| {
        let house = format!(r#""HouseId":"{house}""#);
        flat(id, id).replace(r#""HouseId":"h4""#, &house)
    };
    bench.say("Obj", &of("o1", "h4"));
    bench.say("Obj", &of("o2", "h5"));
    bench.pass();
    assert_eq!(bench.state("building", "h4"), "synced");
    assert!(bench.reason("building", "h5").starts_with("house h4 has the same name"));
    assert_eq!(bench.reason("unit", "o2"), "waits for building h5, which is blocked");
    // Which of the two keeps the name changes with the places.
    bench.say("Obj", &of("o1", "h4").replace("Заречный", "Нагорный"));
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    let name = |house: &str| {
        let id = bench.one(&format!(
            "SELECT alma_id FROM alma_object WHERE kind = 'building' AND external_id = '{house}'"
        ));
        let mut all = bench.alma().objects(AlmaKind::Building).into_iter();
        let building = all.find(|building| building.id.to_string() == id).unwrap();
        building.fields["name"].clone()
    };
    assert_eq!(name("h4"), "\"Нагорный, Лодочная, 4\"");
    assert_eq!(name("h5"), "\"Заречный, Лодочная, 4\"");
    bench.rests();
}

#[test]
fn a_house_that_comes_back_under_another_id_gets_its_building() {
    let bench = both().start();
    lets(&bench, 1, |text| text);
    bench.pass();
    lets(&bench, 1, |text| text.replace(r#""h4""#, r#""h9""#));
    bench.pass();
    assert_eq!(bench.state("building", "h4"), "held");
    assert_eq!(
        bench.reason("building", "h9"),
        "its name is that of Alma's building 1075, which is that of house h4: waits until that one \
         is called otherwise, or released"
    );
    assert_eq!(bench.reason("unit", "o1"), "waits for building h9, which is blocked");
    bench.rests();
    let before = bench.alma().writes();
    bench.orders(&["release", "building", "h4"]);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.alma().objects(AlmaKind::Building).len(), 1);
    assert_eq!(bench.alma().writes(), before);
    bench.rests();
}

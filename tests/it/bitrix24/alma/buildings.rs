//! Buildings, which the portal knows by their names alone, and floors.

use simulator::{AlmaKind, BitrixKind, Endpoint, FaultKind};

use super::{SHARED, rentals};
use crate::bitrix24::bench::Bench;

const BUILDING: &str = "ufCrm6_1682232363193";
const FLOOR: &str = "ufCrm6_1682232312628";

impl Bench {
    fn is_in(&self, apartment: u64, building: &str) {
        let name = format!("{building:?}");
        self.portal().change(BitrixKind::Apartment, apartment, BUILDING, &name);
    }

    /// The names of the buildings in Alma, with their ids.
    fn buildings(&self) -> Vec<(i64, String)> {
        let buildings = self.alma().objects(AlmaKind::Building).into_iter();
        buildings.map(|one| (one.id, one.fields["name"].trim_matches('"').to_owned())).collect()
    }
}

#[test]
fn a_building_renamed_in_all_its_apartments_is_renamed_and_no_second_one() {
    let bench = rentals();
    bench.furnish();
    bench.apartment(9, SHARED, "[]");
    bench.is_in(9, "Other Tower");
    bench.pass();
    let before = bench.buildings();
    let gate = before.iter().find(|(_, name)| name == "Golden Gate").unwrap().0;
    for id in [7, 8] {
        bench.is_in(id, "Silver Gate");
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.buildings().len(), 2);
    assert!(bench.buildings().contains(&(gate, "Silver Gate".to_owned())));
    for id in ["7", "8"] {
        assert_eq!(bench.field(AlmaKind::Unit, id, "building"), gate.to_string());
    }
    assert_eq!(bench.state("building", "Silver Gate"), "synced");
    bench.rests();
    // One apartment moves for good.
    bench.is_in(8, "Third Gate");
    bench.pass();
    bench.tell(&["release", "building", "Third Gate"]);
    assert_eq!(bench.buildings().len(), 3);
    assert_eq!(bench.field(AlmaKind::Unit, "7", "building"), gate.to_string());
    assert_ne!(bench.field(AlmaKind::Unit, "8", "building"), gate.to_string());
    bench.rests();
    // Into one that there is: the empty one is left.
    bench.is_in(8, "Silver Gate");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "8", "building"), gate.to_string());
    assert_eq!(bench.state("building", "Third Gate"), "held");
}

#[test]
fn a_building_renamed_apartment_by_apartment_is_held_until_all_have_the_new_name() {
    let bench = rentals();
    bench.furnish();
    bench.apartment(9, SHARED, "[]");
    bench.pass();
    let [(gate, _)] = bench.buildings()[..] else { panic!("one building") };
    let rent = "ufCrm6_1682232447205";
    for (moved, id) in [(1, 7), (2, 8)] {
        bench.is_in(id, "Silver Gate");
        bench.portal().change(BitrixKind::Apartment, id, rent, "\"4000\"");
        bench.pass();
        assert_eq!(bench.buildings(), [(gate, "Golden Gate".to_owned())]);
        assert_eq!(bench.state("building", "Silver Gate"), "held");
        let why = bench.why("building", "Silver Gate");
        for part in [
            &format!("{moved} of 3 apartments of Golden Gate name it so"),
            "`uzhkh-ledger alma release building 'Silver Gate'`",
        ] {
            assert!(why.contains(part), "{part}: {why}");
        }
        // All else about them goes on.
        assert_eq!(bench.field(AlmaKind::Unit, &id.to_string(), "goal_rent_cost"), "4000");
        assert_eq!(bench.state("unit", &id.to_string()), "blocked");
        bench.rests();
    }
    bench.is_in(9, "Silver Gate");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.buildings(), [(gate, "Silver Gate".to_owned())]);
    for id in ["7", "8", "9"] {
        assert_eq!(bench.field(AlmaKind::Unit, id, "building"), gate.to_string());
    }
    bench.rests();
    bench.verified();
}

#[test]
fn apartments_that_moved_for_good_get_another_building_when_the_operator_says_so() {
    let bench = rentals();
    bench.furnish();
    bench.pass();
    bench.is_in(7, "Silver Gate");
    bench.pass();
    let plan = bench.run(&["alma", "plan"]).stdout;
    assert!(plan.contains("1 of 2 apartments of Golden Gate name it so"), "{plan}");
    let said = bench.run(&["alma", "release", "building", "Silver Gate"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    // A crash after it was created, and before that was recorded.
    bench.fault(FaultKind::LostAnswer, Endpoint::AlmaBuildings, 1);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    let names: Vec<String> = bench.buildings().into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["Golden Gate", "Silver Gate"]);
    bench.rests();
    // Into one that there is, and one that people have made in Alma, they move at once.
    let theirs = bench.alma().create(AlmaKind::Building, r#"{"name":"Third Gate","project":207}"#);
    bench.apartment(9, SHARED, "[]");
    bench.is_in(8, "Silver Gate");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.is_in(8, "Third Gate");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::Unit, "8", "building"), theirs.to_string());
    bench.rests();
}

#[test]
fn apartments_that_are_moved_back_leave_nothing_held() {
    let bench = rentals();
    bench.furnish();
    bench.pass();
    let before = bench.buildings();
    bench.is_in(7, "Silver Gate");
    bench.pass();
    assert_eq!(bench.state("building", "Silver Gate"), "held");
    bench.is_in(7, "Golden Gate");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.buildings(), before);
    bench.rests();
}

#[test]
fn a_name_in_another_case_is_the_same_building() {
    let bench = rentals();
    // People have made it in Alma.
    let theirs = bench.alma().create(AlmaKind::Building, r#"{"name":"Golden gate","project":207}"#);
    bench.furnish();
    bench.apartment(9, SHARED, "[]");
    bench.is_in(9, "GOLDEN  GATE");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.buildings(), [(theirs, "Golden Gate".to_owned())]);
    for id in ["7", "8", "9"] {
        assert_eq!(bench.field(AlmaKind::Unit, id, "building"), theirs.to_string());
    }
    bench.rests();
    // The spelling that most have.
    for id in [7, 8] {
        bench.is_in(id, "golden gate");
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.buildings(), [(theirs, "golden gate".to_owned())]);
    bench.rests();
}

#[test]
fn a_floor_that_is_no_number_is_a_finding() {
    let bench = rentals();
    bench.furnish();
    bench.portal().change(BitrixKind::Apartment, 7, FLOOR, "12");
    bench.portal().change(BitrixKind::Apartment, 8, FLOOR, "\"G\"");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "floor"), "12");
    assert_eq!(bench.field(AlmaKind::Unit, "8", "floor"), "null");
    let findings = bench.lines(
        "SELECT id || ' ' || path || ' ' || problem FROM finding WHERE problem LIKE '%whole number%'",
    );
    assert_eq!(
        findings,
        [format!("8 {FLOOR} is no whole number, as floors are in Alma, which is sent none")]
    );
    bench.rests();
}

//! Buildings, which the portal knows by their names alone, and floors.

use uzhkh_ledger::simulator::{AlmaKind, BitrixKind};

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
    // One apartment moves: that is no other name.
    bench.is_in(8, "Third Gate");
    bench.pass();
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

//! What a tenant's contract is about, where units and apartments have the same numbers.

use simulator::{AlmaKind, BitrixKind};

use super::{SHARED, WHOLE, rentals};
use crate::bitrix24::bench::Bench;

const UNIT: &str = "ufCrm20_1693919019";

impl Bench {
    /// A contract whose field has this value, raw JSON.
    fn rents_as(&self, id: u64, value: &str, contact: u64) {
        self.rents(id, 1, contact);
        self.portal().change(BitrixKind::TenantContract, id, UNIT, value);
    }

    fn is_about(&self, contract: &str, kind: AlmaKind, external_id: &str) {
        let unit_id = self.field(AlmaKind::TenantContract, contract, "unit_id");
        assert_eq!(unit_id, self.id(kind, external_id).to_string());
    }
}

#[test]
fn a_mark_decides_which_of_two_with_one_number_is_let() {
    let bench = rentals();
    bench.furnish();
    bench.portal().change(BitrixKind::TenantContract, 2, UNIT, "\"Ta7_7\"");
    bench.rents_as(3, "\"T91_7\"", 52);
    bench.pass();
    bench.is_about("2", AlmaKind::Room, "7");
    let stuck = bench.stuck();
    assert_eq!(stuck.len(), 1, "{stuck:?}");
    assert!(stuck[0].starts_with(
        "tenant_contract 3 blocked: tenant_contract 3 has item 7 of entityTypeId 145"
    ));
    bench.rests();
}

#[test]
fn an_apartment_is_named_by_its_number_and_kept_when_a_unit_gets_the_number() {
    let bench = rentals();
    bench.furnish();
    bench.apartment(9, WHOLE, "[]");
    bench.pass();
    // The units bring nothing when they are read for the contract's sake.
    bench.rents(3, 9, 52);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.is_about("3", AlmaKind::Unit, "9");
    bench.rests();
    // A unit of that number is made in a shared apartment.
    bench.unit(9, 8);
    bench.pass();
    bench.is_about("3", AlmaKind::Unit, "9");
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn the_number_of_a_deleted_unit_is_never_the_apartments() {
    let bench = rentals();
    bench.furnish();
    bench.apartment(9, WHOLE, "[]");
    bench.unit(9, 8);
    bench.pass();
    bench.portal().remove(BitrixKind::Unit, 9);
    bench.forget_full_reads();
    bench.fail();
    let accepted = bench.run(&["run", "--once", "--accept-shrink", "unit"]);
    assert_eq!(accepted.code, Some(0), "{}", accepted.stderr);
    bench.rents(3, 9, 52);
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "3"), "blocked");
    assert!(bench.alma().object(AlmaKind::TenantContract, "3").is_none());
    bench.rests();
}

#[test]
fn a_shared_apartment_is_not_let_by_its_number_before_the_room_is_named() {
    let bench = rentals();
    bench.furnish();
    bench.rents(3, 8, 52);
    bench.pass();
    let stuck = bench.stuck();
    assert_eq!(stuck.len(), 1, "{stuck:?}");
    assert!(stuck[0].contains("is shared: name the room in ufCrm20_1693919019"), "{stuck:?}");
    // The apartment is let whole by now.
    bench.portal().change(BitrixKind::TenantContract, 2, UNIT, "22");
    bench.apartment(9, SHARED, "[]");
    bench.portal().change(BitrixKind::TenantContract, 3, UNIT, "9");
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "3"), "blocked");
    bench.apartment(9, WHOLE, "[]");
    bench.pass();
    bench.is_about("3", AlmaKind::Unit, "9");
}

#[test]
fn a_contract_waits_where_alma_finds_another_under_its_number() {
    let bench = rentals();
    bench.furnish();
    bench.apartment(9, WHOLE, "[]");
    bench.unit(9, 8);
    bench.rents_as(3, "\"T90_9\"", 52);
    bench.pass();
    let stuck = bench.stuck();
    assert_eq!(stuck.len(), 1, "{stuck:?}");
    assert!(
        stuck[0].starts_with("tenant_contract 3 blocked: it is about unit 9 (")
            && stuck[0].contains("another live one, room 9"),
        "{stuck:?}"
    );
    assert!(bench.alma().object(AlmaKind::TenantContract, "3").is_none());
    bench.rests();
}

/// It may name a unit that was made after the units were read.
#[test]
fn the_units_are_read_once_more_where_a_contract_came_and_only_there() {
    let bench = rentals();
    bench.furnish();
    bench.pass();
    let asked = |pass: &dyn Fn()| {
        let before = bench.calls().len();
        pass();
        let calls = bench.calls().split_off(before);
        calls.iter().filter(|call| call.params["entityTypeId"] == 167).count()
    };
    // What has changed is asked for in a batch, of all kinds together.
    assert_eq!(asked(&|| drop(bench.pass())), 0);
    bench.rents(3, 22, 53);
    assert_eq!(asked(&|| drop(bench.pass())), 1);
}

//! Tenants who are each to have the flat of the next one.

use simulator::{AlmaKind, BitrixKind, Endpoint, Fault, FaultKind, Way};

use super::{SHARED, rentals};
use crate::bitrix24::bench::Bench;
use crate::support::wait_until;

const UNIT: &str = "ufCrm20_1693919019";
const START: &str = "ufCrm20ContractStartDate";
const END: &str = "ufCrm20ContractEndDate";
const TENANT: AlmaKind = AlmaKind::TenantContract;
/// The rooms of 1, 2 and 3, and their start and end as they are furnished.
const ROOMS: [u64; 3] = [31, 32, 33];
const FROM: &str = "\"2025-08-21T00:00:00\"";
const TO: &str = "\"2098-08-25T00:00:00\"";

impl Bench {
    /// Apartment 8 with three rooms, let to three people.
    fn lodge(&self) {
        self.apartment(8, SHARED, "[]");
        for (at, room) in ROOMS.into_iter().enumerate() {
            let (id, name) = (at as u64 + 1, 1294 + 2 * at);
            self.unit(room, 8);
            self.portal().change(BitrixKind::Unit, room, "ufCrm8_1698838056004", &name.to_string());
            self.person(50 + id);
            self.rents(id, room, 50 + id);
        }
    }

    fn lets(&self, contract: u64, field: &str, value: &str) {
        self.portal().change(BitrixKind::TenantContract, contract, field, value);
    }

    /// These contracts are each about the room of the next one, the last about that of the first.
    fn go_round(&self, contracts: &[u64]) {
        let nexts = contracts.iter().cycle().skip(1);
        for (contract, next) in contracts.iter().zip(nexts) {
            self.lets(*contract, UNIT, &ROOMS[*next as usize - 1].to_string());
        }
    }

    /// The room that a contract is about in Alma, and when it begins and ends there.
    fn lodges(&self, contract: u64) -> (u64, String, String) {
        let fields = self.held(TENANT, &contract.to_string()).fields;
        let is_in = |room: &u64| {
            self.id(AlmaKind::Room, &room.to_string()).to_string() == fields["unit_id"]
        };
        let room = ROOMS.into_iter().find(is_in).expect("it is about a room");
        (room, fields["start_date"].clone(), fields["end_date"].clone())
    }

    #[track_caller]
    fn lodges_in(&self, rooms: &[(u64, u64)]) {
        for (contract, room) in rooms {
            let expected = (*room, FROM.to_owned(), TO.to_owned());
            assert_eq!(self.lodges(*contract), expected, "contract {contract}");
        }
    }
}

#[test]
fn tenants_in_their_flats_are_exchanged_when_the_operator_says_so() {
    let bench = rentals();
    bench.lodge();
    bench.pass();
    bench.go_round(&[1, 2]);
    bench.lets(1, "opportunity", "7000");
    bench.pass();
    bench.lodges_in(&[(1, 31), (2, 32), (3, 33)]);
    assert_eq!(bench.field(TENANT, "1", "price"), "\"7000.00\"", "all else goes on");
    for id in ["1", "2"] {
        assert_eq!(bench.state("tenant_contract", id), "held");
        let why = bench.why("tenant_contract", id);
        for part in [
            "tenant_contract 1",
            "tenant_contract 2",
            &format!("`uzhkh-ledger alma release tenant_contract {id}`"),
            "its tenant is without a flat so long",
            "There are intersections in the use of the unit",
        ] {
            assert!(why.contains(part), "{part}: {why}");
        }
    }
    bench.rests();
    let before = bench.alma().writes();
    bench.tell(&["release", "tenant_contract", "2"]);
    assert_eq!(bench.stuck(), [""; 0]);
    bench.lodges_in(&[(1, 32), (2, 31), (3, 33)]);
    // One refusal, and then aside, the other, and back.
    assert_eq!(bench.alma().writes() - before, 4);
    bench.rests();
    bench.verified();
}

#[test]
fn three_tenants_go_round() {
    let bench = rentals();
    bench.lodge();
    bench.pass();
    bench.go_round(&[1, 3, 2]);
    bench.pass();
    let held = "SELECT external_id FROM alma_object WHERE state = 'held'";
    assert_eq!(bench.lines(held), ["1", "2", "3"]);
    bench.tell(&["release", "--state", "held", "--yes"]);
    assert_eq!(bench.stuck(), [""; 0]);
    bench.lodges_in(&[(1, 33), (3, 32), (2, 31)]);
    bench.rests();
}

/// Nobody lives there by it yet.
#[test]
fn a_contract_that_has_not_begun_makes_way_by_itself() {
    let bench = rentals();
    bench.lodge();
    bench.lets(2, START, "\"2090-01-01\"");
    bench.pass();
    let before = bench.alma().writes();
    bench.go_round(&[1, 2]);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.lodges_in(&[(1, 32)]);
    assert_eq!(bench.lodges(2), (31, "\"2090-01-01T00:00:00\"".to_owned(), TO.to_owned()));
    // Two refusals; the one in force is written once.
    assert_eq!(bench.alma().writes() - before, 5);
    bench.rests();
}

#[test]
fn contracts_that_are_held_with_others_go_on_when_those_are_to_stay() {
    let bench = rentals();
    bench.lodge();
    bench.pass();
    bench.go_round(&[1, 2]);
    bench.pass();
    bench.lets(2, UNIT, "32");
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "2"), "synced");
    assert_eq!(bench.state("tenant_contract", "1"), "rejected");
    bench.rests();
    // The other moves to where nobody is, and the first follows without a word of anybody.
    bench.unit(34, 8);
    bench.portal().change(BitrixKind::Unit, 34, "ufCrm8_1698838056004", "1300");
    bench.lets(2, UNIT, "34");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.lodges_in(&[(1, 32)]);
    bench.rests();
}

#[test]
fn an_exchange_that_alma_refuses_on_the_way_leaves_everybody_where_they_were() {
    let bench = rentals();
    bench.lodge();
    bench.pass();
    // People let room 31 in Alma for a time that only the second contract is to reach.
    let room = bench.id(AlmaKind::Room, "31");
    let client = bench.id(AlmaKind::Client, "53");
    bench.alma().create(
        TENANT,
        &format!(
            r#"{{"external_id":"web","unit_id":{room},"client_id":{client},"name":"web","start_date":"2099-01-01T00:00:00","end_date":"2099-02-01T00:00:00","price":"1.00"}}"#
        ),
    );
    bench.go_round(&[1, 2]);
    bench.lets(2, END, "\"2100-01-01\"");
    bench.pass();
    bench.tell(&["release", "tenant_contract", "1"]);
    for id in ["1", "2"] {
        assert_eq!(bench.state("tenant_contract", id), "rejected");
        let why = bench.why("tenant_contract", id);
        assert!(
            why.contains("it could not be exchanged") && why.contains("intersections"),
            "{why}"
        );
    }
    bench.lodges_in(&[(1, 31), (2, 32)]);
    bench.rests();
    bench.lets(2, END, "\"2098-08-25\"");
    bench.pass();
    bench.tell(&["release", "tenant_contract", "1"]);
    assert_eq!(bench.stuck(), [""; 0]);
    bench.lodges_in(&[(1, 32), (2, 31)]);
    bench.rests();
}

/// The writes of a pass that has contracts 1 and 2 exchanged: a refusal, aside, the other, and back.
const ASIDE: u32 = 2;

/// Kills a pass when so many of its writes are done, whose last answer it never gets.
fn kill_after(bench: &Bench, writes: u32) {
    let stall = Fault::new(FaultKind::StallBody).at(Endpoint::AlmaTenantContracts).by(Way::Write);
    bench.inject(stall.after(writes - 1).times(1));
    let before = bench.alma().writes();
    let pass = bench.begin(&["run", "--once"]);
    wait_until("the write is done", || bench.alma().writes() == before + u64::from(writes));
    pass.kill();
    bench.clear_faults();
}

/// Two tenants who are to exchange their flats, one of whom the operator has released.
fn released() -> Bench {
    let bench = rentals();
    bench.lodge();
    bench.pass();
    bench.go_round(&[1, 2]);
    bench.pass();
    let said = bench.run(&["alma", "release", "tenant_contract", "1"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    bench
}

#[test]
fn kill_9_in_an_exchange_leaves_nobody_without_a_flat() {
    for writes in ASIDE..=ASIDE + 2 {
        let bench = released();
        kill_after(&bench, writes);
        let (_, start, _) = bench.lodges(1);
        assert_eq!(start == FROM, writes > ASIDE + 1, "{writes}: it is aside, or all is done");
        bench.pass();
        assert_eq!(bench.stuck(), [""; 0], "{writes}");
        bench.lodges_in(&[(1, 32), (2, 31), (3, 33)]);
        bench.rests();
        bench.verified();
    }
}

#[test]
fn kill_9_while_one_is_aside_and_the_other_is_to_stay_after_all_puts_it_back() {
    let bench = released();
    kill_after(&bench, ASIDE);
    assert_ne!(bench.lodges(1).1, FROM);
    bench.lets(2, UNIT, "32");
    bench.pass();
    bench.lodges_in(&[(1, 31), (2, 32)]);
    assert_eq!(bench.state("tenant_contract", "2"), "synced");
    assert_eq!(bench.state("tenant_contract", "1"), "rejected");
    bench.rests();
    // And one that leaves the portal comes back first, too.
    bench.go_round(&[1, 2]);
    bench.pass();
    let said = bench.run(&["alma", "release", "tenant_contract", "1"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    kill_after(&bench, ASIDE);
    bench.fills_alma("max_shrink = 100", "");
    assert!(bench.portal().remove(BitrixKind::TenantContract, 1));
    bench.forget_full_reads();
    bench.pass();
    bench.lodges_in(&[(1, 31), (2, 32)]);
    assert_eq!(bench.state("tenant_contract", "1"), "held");
}

#[test]
fn one_that_leaves_while_it_is_aside_and_alma_is_away_is_put_back_once_that_answers() {
    let bench = released();
    kill_after(&bench, ASIDE);
    bench.fills_alma("max_shrink = 100", "");
    assert!(bench.portal().remove(BitrixKind::TenantContract, 1));
    bench.forget_full_reads();
    bench.fault(FaultKind::Error500, Endpoint::AlmaTenantContracts, 1000);
    bench.once();
    assert_eq!(bench.state("tenant_contract", "1"), "held");
    assert_ne!(bench.lodges(1).1, FROM);
    bench.clear_faults();
    bench.pass();
    bench.lodges_in(&[(1, 31), (2, 32)]);
    assert_eq!(bench.state("tenant_contract", "1"), "held");
}

#[test]
fn an_exchange_that_alma_interrupts_is_brought_to_its_end() {
    let bench = rentals();
    bench.lodge();
    bench.pass();
    bench.go_round(&[1, 2]);
    bench.pass();
    let failure = Fault::new(FaultKind::Error500).at(Endpoint::AlmaTenantContracts).by(Way::Write);
    bench.inject(failure.after(ASIDE).times(1));
    bench.tell(&["release", "tenant_contract", "1"]);
    assert_eq!(bench.stuck(), [""; 0]);
    bench.lodges_in(&[(1, 32), (2, 31)]);
    bench.rests();
}

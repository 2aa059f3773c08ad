//! What Alma refuses waits alone, and goes on when what stood in its way moves.

use simulator::{AlmaKind, BitrixKind, Endpoint, Fault, FaultKind, Way};

use super::{SHARED, WHOLE, rentals};
use crate::bitrix24::bench::Bench;
use crate::support::wait_until;

const LOCK: &str = "ufCrm6_1715777670";
const WIFI: &str = "ufCrm6_1682235809295";
const EMAIL: &str = "UF_CRM_1727788747";

impl Bench {
    /// Changes a field of an item of the portal.
    fn puts(&self, kind: BitrixKind, id: u64, field: &str, value: &str) {
        self.portal().change(kind, id, field, value);
    }

    fn title(&self, id: u64, title: &str) {
        self.puts(BitrixKind::Apartment, id, "title", &format!("{title:?}"));
    }
}

#[test]
fn a_lock_code_that_is_too_long_holds_back_neither_its_flat_nor_what_is_below_it() {
    let bench = rentals();
    bench.furnish();
    bench.puts(BitrixKind::Apartment, 7, LOCK, "\"123456789\"");
    bench.pass();
    // The flat is there without it, and is let.
    let stuck = bench.stuck();
    assert_eq!(stuck.len(), 1, "{stuck:?}");
    assert!(
        stuck[0].starts_with("unit 7 rejected: ")
            && stuck[0].contains("electronic_lock_password: Ensure this field has no more than 8"),
        "{stuck:?}"
    );
    assert_eq!(bench.state("tenant_contract", "1"), "synced");
    assert_eq!(bench.field(AlmaKind::Unit, "7", "electronic_lock_password"), "");
    bench.rests();
    // All else about the flat goes on.
    bench.puts(BitrixKind::Apartment, 7, WIFI, "\"guest-7\"");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "internet_login"), "\"guest-7\"");
    assert_eq!(bench.state("unit", "7"), "rejected");
    bench.rests();
    bench.puts(BitrixKind::Apartment, 7, LOCK, "\"12345678\"");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::Unit, "7", "electronic_lock_password"), "\"12345678\"");
    bench.rests();
}

#[test]
fn two_flats_that_exchange_their_titles_do_and_a_new_lock_code_goes_with_it() {
    let bench = rentals();
    bench.apartment(7, SHARED, "[]");
    bench.apartment(8, SHARED, "[]");
    bench.pass();
    bench.title(7, "Gate 8");
    bench.title(8, "Gate 7");
    bench.puts(BitrixKind::Apartment, 7, LOCK, "\"1111\"");
    bench.puts(BitrixKind::Apartment, 8, LOCK, "\"2222\"");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    for (id, name, lock) in [("7", "\"Gate 8\"", "\"1111\""), ("8", "\"Gate 7\"", "\"2222\"")] {
        assert_eq!(bench.field(AlmaKind::Unit, id, "name"), name);
        assert_eq!(bench.field(AlmaKind::Unit, id, "electronic_lock_password"), lock);
    }
    bench.rests();
}

#[test]
fn three_flats_that_hand_their_titles_on_in_a_ring_come_to_rest() {
    let bench = rentals();
    for id in [7, 8, 9] {
        bench.apartment(id, SHARED, "[]");
    }
    bench.pass();
    for (id, title) in [(7, "Gate 8"), (8, "Gate 9"), (9, "Gate 7")] {
        bench.title(id, title);
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    for (id, name) in [("7", "\"Gate 8\""), ("8", "\"Gate 9\""), ("9", "\"Gate 7\"")] {
        assert_eq!(bench.field(AlmaKind::Unit, id, "name"), name);
    }
    bench.rests();
}

/// One of them wanted the other's title already when that one comes to want its.
#[test]
fn a_flat_that_was_refused_a_title_goes_on_when_a_ring_closes() {
    let bench = rentals();
    bench.apartment(7, SHARED, "[]");
    bench.apartment(8, SHARED, "[]");
    bench.pass();
    bench.title(7, "Gate 8");
    bench.pass();
    assert_eq!(bench.state("unit", "7"), "rejected");
    bench.rests();
    bench.title(8, "Gate 7");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::Unit, "7", "name"), "\"Gate 8\"");
    assert_eq!(bench.field(AlmaKind::Unit, "8", "name"), "\"Gate 7\"");
    bench.rests();
}

/// One after another: a refusal, the temporary title, what else is new of the first, the other's
/// title, and its own.
#[test]
fn kill_9_while_titles_are_exchanged_leaves_nobody_aside() {
    for writes in 2..=5 {
        let bench = super::of("concurrency = 1");
        bench.apartment(7, SHARED, "[]");
        bench.apartment(8, SHARED, "[]");
        bench.pass();
        bench.title(7, "Gate 8");
        bench.title(8, "Gate 7");
        let stall = Fault::new(FaultKind::StallBody).at(Endpoint::AlmaUnits).by(Way::Write);
        bench.inject(stall.after(writes - 1).times(1));
        let before = bench.alma().writes();
        let pass = bench.begin(&["run", "--once"]);
        wait_until("the write is done", || bench.alma().writes() == before + u64::from(writes));
        pass.kill();
        bench.clear_faults();
        let is_aside = bench.field(AlmaKind::Unit, "7", "name") == "\"Gate 8 (7)\"";
        assert_eq!(is_aside, writes < 5, "the moment that is meant");
        bench.pass();
        assert_eq!(bench.stuck(), [""; 0]);
        assert_eq!(bench.field(AlmaKind::Unit, "7", "name"), "\"Gate 8\"");
        assert_eq!(bench.field(AlmaKind::Unit, "8", "name"), "\"Gate 7\"");
        bench.rests();
    }
}

#[test]
fn clients_that_wait_for_each_others_e_mails_say_so_and_all_else_of_them_goes_on() {
    let bench = rentals();
    bench.furnish();
    bench.pass();
    bench.puts(BitrixKind::Contact, 52, EMAIL, "\"p53@example.com\"");
    bench.puts(BitrixKind::Contact, 53, EMAIL, "\"p52@example.com\"");
    bench.puts(BitrixKind::Contact, 52, "NAME", "\"Инга\"");
    bench.puts(BitrixKind::Contact, 53, "NAME", "\"Ида\"");
    bench.pass();
    for id in ["52", "53"] {
        assert_eq!(bench.state("client", id), "blocked");
        let reason = bench.why("client", id);
        assert!(reason.contains("client 52") && reason.contains("client 53"), "{reason}");
        let email = bench.field(AlmaKind::Client, id, "email");
        assert_eq!(email, format!("\"p{id}@example.com\""), "no login changes on the way");
    }
    assert_eq!(bench.field(AlmaKind::Client, "52", "first_name"), "\"Инга\"");
    assert_eq!(bench.field(AlmaKind::Client, "53", "first_name"), "\"Ида\"");
    bench.rests();
    // People give one of them an e-mail of its own, and then the other's.
    bench.puts(BitrixKind::Contact, 53, EMAIL, "\"aside@example.com\"");
    bench.pass();
    bench.puts(BitrixKind::Contact, 53, EMAIL, "\"p52@example.com\"");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::Client, "52", "email"), "\"p53@example.com\"");
    bench.rests();
}

#[test]
fn a_contract_whose_term_alma_refuses_gets_its_price_all_the_same() {
    let bench = rentals();
    bench.furnish();
    bench.person(54);
    bench.rents(3, 22, 54);
    let (start, end) = ("ufCrm20ContractStartDate", "ufCrm20ContractEndDate");
    bench.puts(BitrixKind::TenantContract, 1, end, "\"2090-01-01\"");
    bench.puts(BitrixKind::TenantContract, 3, start, "\"2090-01-01\"");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    // The next tenant is to come before the first one goes.
    bench.puts(BitrixKind::TenantContract, 3, start, "\"2089-01-01\"");
    bench.puts(BitrixKind::TenantContract, 3, "opportunity", "7000");
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "3"), "rejected");
    assert!(bench.why("tenant_contract", "3").contains("intersections in the use of the unit"));
    assert_eq!(bench.field(AlmaKind::TenantContract, "3", "price"), "\"7000.00\"");
    bench.rests();
    // The first one is shortened by our own PATCH, and the second needs no retry.
    bench.puts(BitrixKind::TenantContract, 1, end, "\"2089-01-01\"");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::TenantContract, "3", "start_date"), "\"2089-01-01T00:00:00\"");
    bench.rests();
}

#[test]
fn a_refusal_that_only_people_can_mend_is_looked_at_again_hours_later() {
    let bench = rentals();
    bench.furnish();
    bench.pass();
    // People let the room in Alma before the portal does.
    let room = bench.id(AlmaKind::Room, "7");
    bench.puts(BitrixKind::TenantContract, 2, "ufCrm20ContractEndDate", "\"2097-01-01\"");
    bench.pass();
    let client = bench.id(AlmaKind::Client, "52");
    let theirs = bench.alma().create(
        AlmaKind::TenantContract,
        &format!(
            r#"{{"external_id":"web","unit_id":{room},"client_id":{client},"name":"web","start_date":"2097-02-01T00:00:00","end_date":"2098-01-01T00:00:00","price":"1.00"}}"#
        ),
    );
    bench.puts(BitrixKind::TenantContract, 2, "ufCrm20ContractEndDate", "\"2097-12-01\"");
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "2"), "rejected");
    bench.alma().archive(AlmaKind::TenantContract, theirs, true);
    bench.rests();
    let due = "SELECT next_attempt_at > updated_at FROM alma_object WHERE state = 'rejected'";
    assert_eq!(bench.one(due), "1");
    bench.tamper("UPDATE alma_object SET next_attempt_at = '2020-01-01T00:00:00.000Z' WHERE state = 'rejected'");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn a_contact_that_was_merged_away_leaves_its_client_to_its_heir() {
    let bench = rentals();
    bench.furnish();
    bench.fills_alma("max_shrink = 100", "");
    bench.pass();
    let client = bench.id(AlmaKind::Client, "52");
    bench.person(54);
    bench.puts(BitrixKind::Contact, 54, EMAIL, "\"p52@example.com\"");
    bench.puts(BitrixKind::TenantContract, 1, "contactId", "54");
    bench.pass();
    // Both are there still: whose it is cannot be told.
    assert_eq!(bench.state("client", "54"), "blocked");
    bench.portal().remove(BitrixKind::Contact, 52);
    bench.pass();
    assert_eq!(bench.state("client", "54"), "blocked", "no full read has shown it yet");
    bench.forget_full_reads();
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.id(AlmaKind::Client, "54"), client);
    assert_eq!(bench.alma().objects(AlmaKind::Client).len(), 3);
    let held = bench.field(AlmaKind::TenantContract, "1", "client_id");
    assert_eq!(held, client.to_string());
    assert!(!bench.stand().contains(&"client 52 held".to_owned()), "{:?}", bench.stand());
    bench.rests();
}

#[test]
fn a_contact_that_was_deleted_keeps_its_client_while_a_contract_names_it() {
    let bench = rentals();
    bench.furnish();
    bench.fills_alma("max_shrink = 100", "");
    bench.owns(3, 7, 52);
    bench.pass();
    bench.person(54);
    bench.puts(BitrixKind::Contact, 54, EMAIL, "\"p52@example.com\"");
    bench.puts(BitrixKind::TenantContract, 1, "contactId", "54");
    bench.portal().remove(BitrixKind::Contact, 52);
    bench.forget_full_reads();
    bench.pass();
    assert_eq!(bench.held(AlmaKind::Client, "52").fields["email"], "\"p52@example.com\"");
    assert_eq!(bench.state("client", "54"), "blocked");
    bench.rests();
    // The last contract is re-pointed.
    bench.puts(BitrixKind::OwnerContract, 3, "contactId", "54");
    bench.pass();
    assert_eq!(bench.state("client", "54"), "synced");
    assert_eq!(bench.state("tenant_contract", "1"), "synced");
    bench.rests();
}

#[test]
fn a_room_that_is_let_stays_when_its_apartment_is_no_longer_shared() {
    for archive in ["archive = \"auto\"", ""] {
        let bench = rentals();
        bench.fills_alma("", archive);
        bench.furnish();
        bench.pass();
        let contract = bench.id(AlmaKind::TenantContract, "2");
        bench.apartment(8, WHOLE, "[7]");
        bench.pass();
        assert!(!bench.held(AlmaKind::Room, "7").is_archived, "{archive}");
        assert!(!bench.held(AlmaKind::TenantContract, "2").is_archived, "{archive}");
        assert_eq!(bench.state("room", "7"), "held");
        let reason = bench.why("room", "7");
        assert!(reason.contains("tenant_contract 2"), "{reason}");
        bench.rests();
        bench.tell(&["release", "room", "7"]);
        assert!(bench.held(AlmaKind::Room, "7").is_archived);
        assert_eq!(bench.state("tenant_contract", "2"), "held");
        let reason = bench.why("tenant_contract", "2");
        assert!(reason.contains("for good") && reason.contains("makes another"), "{reason}");
        bench.rests();
        bench.tell(&["release", "tenant_contract", "2"]);
        let anew = bench.held(AlmaKind::TenantContract, "2");
        assert_ne!(anew.id, contract);
        let unit = bench.id(AlmaKind::Unit, "8").to_string();
        assert_eq!(anew.fields["unit_id"], unit);
        assert_eq!(bench.state("tenant_contract", "2"), "synced");
        let stuck = bench.stuck();
        assert!(stuck.len() == 1 && stuck[0].starts_with("room 7 archived"), "{stuck:?}");
        bench.rests();
    }
}

#[test]
fn photos_that_cannot_be_told_apart_do_not_hold_the_rent_back() {
    let bench = crate::bitrix24::bench::with("", |options| options.photo_ids = false);
    bench.fills_alma("", "");
    bench.apartment(7, SHARED, "[]");
    bench.photo("one");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    // Alma deletes photos that it is not named, and names none.
    bench.photo("two");
    bench.puts(BitrixKind::Apartment, 7, "ufCrm6_1682232447205", "\"5000\"");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "goal_rent_cost"), "5000");
    assert_eq!(bench.state("unit", "7"), "blocked");
    assert!(bench.why("unit", "7").starts_with("photos: some of those in Alma have no id there"));
    bench.rests();
}

#[test]
fn thirty_ended_contracts_make_no_clients_and_bring_no_passports() {
    let bench = rentals();
    bench.furnish();
    for id in 101..=130 {
        bench.person(id);
        bench.rents(id, 22, id);
        let portal = bench.portal();
        portal.change(BitrixKind::TenantContract, id, "ufCrm20ContractEndDate", "\"2025-12-01\"");
        let passport = "UF_CRM_20_1696615939";
        portal.add_file(BitrixKind::TenantContract, id, passport, "a.jpg", "passport");
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    let ended = "SELECT kind, count(*) FROM alma_object WHERE state = 'ended' GROUP BY kind";
    assert_eq!(bench.lines(ended), ["client|30", "tenant_contract|30"]);
    assert_eq!(bench.alma().objects(AlmaKind::Client).len(), 3);
    assert_eq!(bench.alma().files().len(), 0);
    assert_eq!(bench.one("SELECT count(*) FROM alma_file"), "0");
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("nothing waits for you"), "{status}");
    bench.rests();
    bench.verified();
}

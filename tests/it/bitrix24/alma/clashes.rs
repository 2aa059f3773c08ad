//! What Alma takes only once, and the portal has twice.

use simulator::{AlmaKind, BitrixKind};

use super::{SHARED, rentals};

#[test]
fn two_apartments_of_a_building_with_one_title_are_told_apart_by_a_person() {
    let bench = rentals();
    bench.apartment(7, SHARED, "[]");
    bench.apartment(8, SHARED, "[]");
    let same = "\"Gate 7\"";
    bench.portal().change(BitrixKind::Apartment, 8, "title", same);
    bench.pass();
    let stuck = bench.stuck();
    assert_eq!(stuck.len(), 1, "{stuck:?}");
    assert!(stuck[0].contains("The fields building, name must make a unique set."));
    assert_eq!(bench.alma().objects(AlmaKind::Unit).len(), 1);
    bench.rests();
    // In another building it is free.
    let building = "ufCrm6_1682232363193";
    bench.portal().change(BitrixKind::Apartment, 8, building, "\"Silver Gate\"");
    bench.portal().change(BitrixKind::Apartment, 7, "title", "\"Gate 7a\"");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn two_contacts_with_one_e_mail_are_told_apart_by_a_person() {
    let bench = rentals();
    bench.furnish();
    let email = "UF_CRM_1727788747";
    let same = "\"p52@example.com\"";
    bench.portal().change(BitrixKind::Contact, 53, email, same);
    bench.pass();
    let stuck = bench.stuck();
    assert_eq!(stuck.len(), 2, "{stuck:?}");
    assert!(
        stuck[0].starts_with("client 5") && stuck[0].contains("give one of the two another e-mail")
    );
    assert!(stuck[1].contains("waits for client 5"), "{stuck:?}");
    assert_eq!(bench.alma().objects(AlmaKind::Client).len(), 2);
    bench.rests();
    bench.portal().change(BitrixKind::Contact, 52, email, "\"other@example.com\"");
    bench.portal().change(BitrixKind::Contact, 53, email, "\"another@example.com\"");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn two_contracts_of_one_unit_at_a_time_are_told_apart_by_a_person() {
    let bench = rentals();
    bench.furnish();
    bench.person(54);
    bench.rents(3, 22, 54);
    bench.pass();
    let stuck = bench.stuck();
    assert_eq!(stuck.len(), 1, "{stuck:?}");
    assert!(stuck[0].contains("intersections in the use of the unit"), "{stuck:?}");
    bench.rests();
    let (first, second) = match stuck[0].starts_with("tenant_contract 3") {
        true => (1, "3"),
        false => (3, "1"),
    };
    let end = "ufCrm20ContractEndDate";
    let start = "ufCrm20ContractStartDate";
    let tenant = BitrixKind::TenantContract;
    bench.portal().change(tenant, first, end, "\"2090-01-01\"");
    bench.portal().change(tenant, second.parse().unwrap(), start, "\"2090-01-01\"");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn what_people_made_in_alma_by_hand_is_taken_over() {
    let bench = rentals();
    bench.furnish();
    let alma = bench.alma();
    let building = alma.create(AlmaKind::Building, r#"{"name":"Golden Gate","project":207}"#);
    let unit = alma.create(
        AlmaKind::Unit,
        &format!(r#"{{"external_id":"7","name":"Old","header":"Old","building":{building}}}"#),
    );
    let client = alma.create(
        AlmaKind::Client,
        r#"{"external_id":"","first_name":"Inna","last_name":"V","email":"p52@example.com","phone":"+79000000052","country":4}"#,
    );
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.id(AlmaKind::Unit, "7"), unit);
    assert_eq!(bench.id(AlmaKind::Client, "52"), client);
    assert_eq!(bench.field(AlmaKind::Unit, "7", "name"), "\"Gate 7\"");
    assert_eq!(bench.field(AlmaKind::Unit, "7", "additional_external_id"), "\"22\"");
    assert_eq!(bench.alma().objects(AlmaKind::Building).len(), 1);
    bench.rests();
}

//! What Alma does not take, what it is not asked to take, and what people have there.

use simulator::{AlmaKind, BitrixKind};

use crate::bitrix24::files::both;

const SCAN: &str = "ufCrm10_1709042143";
const END: &str = "ufCrm10_1693823282826";

#[test]
fn an_upload_that_alma_has_forgotten_is_made_anew_when_the_operator_says_so() {
    let bench = both("");
    bench.fails_units();
    bench.photo("one");
    bench.fail();
    assert_eq!(bench.uploads(), 1);
    bench.tamper("UPDATE alma_file SET alma_file_id = 999999");
    bench.simulator.clear_faults();
    bench.pass();
    let sql = "SELECT state || ' ' || reason FROM alma_object WHERE kind = 'unit'";
    let reason = bench.one(sql);
    assert!(reason.starts_with("rejected ") && reason.contains("photos"), "{reason}");
    let retried = bench.run(&["alma", "retry", "unit", "7"]);
    assert_eq!(retried.code, Some(0), "{}", retried.stderr);
    bench.pass();
    assert_eq!(bench.uploads(), 2);
    assert_eq!(bench.shown().matches("external_file_id").count(), 1);
    bench.leaves_all();
}

#[test]
fn a_photo_of_people_is_not_taken_for_one_that_alma_refused() {
    let bench = both("");
    bench.pass();
    let first = bench.photo("one");
    bench.pass();
    let alma = bench.simulator.alma();
    let unit = alma.object(AlmaKind::Unit, "7").unwrap().id;
    let upload = bench.one("SELECT alma_file_id FROM alma_file");
    let ours = bench.one("SELECT photo_id FROM alma_photo");
    // The second is refused.
    bench.photo("two");
    bench.fails_units();
    bench.fail();
    bench.tamper("UPDATE alma_file SET alma_file_id = 999999 WHERE seq > 1");
    bench.simulator.clear_faults();
    bench.pass();
    // Somebody puts another there.
    let set = format!("[{{\"id\":{ours}}},{{\"external_file_id\":{upload}}}]");
    alma.edit(AlmaKind::Unit, unit, "photos", &set);
    let retried = bench.run(&["alma", "retry", "unit", "7"]);
    assert_eq!(retried.code, Some(0), "{}", retried.stderr);
    bench.pass();
    assert_eq!(bench.shown().matches("external_file_id").count(), 3);
    let portal = bench.portal();
    portal.remove_file(BitrixKind::Apartment, 7, crate::bitrix24::files::PHOTOS, first);
    bench.pass();
    assert_eq!(bench.shown().matches("external_file_id").count(), 2);
    bench.leaves_all();
}

#[test]
fn scans_of_a_contract_that_is_over_are_asked_for_when_it_is_extended() {
    let bench = both("");
    let portal = bench.portal();
    portal.change(BitrixKind::OwnerContract, 1, END, "\"2025-06-01T03:00:00+03:00\"");
    portal.add_file(BitrixKind::OwnerContract, 1, SCAN, "s.pdf", "scan");
    bench.pass();
    assert_eq!((portal.downloads(), bench.uploads()), (0, 0));
    portal.change(BitrixKind::OwnerContract, 1, END, "\"2098-06-01T03:00:00+03:00\"");
    bench.pass();
    let contract = bench.simulator.alma().object(AlmaKind::OwnerContract, "1");
    assert_ne!(contract.unwrap().fields["contract_with_client_scan"], "null");
    bench.leaves_all();
}

#[test]
fn who_else_lives_there_is_what_people_wrote_in_alma() {
    let bench = both("");
    let portal = bench.portal();
    portal.put(BitrixKind::Unit, 22, r#"{"title":"Gate 7 / 1","ufCrm8_1698838056004":1294,"ufCrm8_1682957076924":244,"ufCrm8_1684429208":[7]}"#);
    portal.put(BitrixKind::TenantContract, 2, r#"{"title":"Lease","opportunity":5500,"ufCrm20ContractStartDate":"2025-08-21","ufCrm20ContractEndDate":"2098-08-25","ufCrm20_1693561495":886,"ufCrm20_1693919019":22,"contactId":51}"#);
    bench.pass();
    let alma = bench.simulator.alma();
    let contract = alma.object(AlmaKind::TenantContract, "2").unwrap();
    assert_eq!(contract.fields["co_tenant"], "\"\"");
    alma.edit(AlmaKind::TenantContract, contract.id, "co_tenant", "\"a friend\"");
    bench.forget_ledger();
    bench.pass();
    let contract = alma.object(AlmaKind::TenantContract, "2").unwrap();
    assert_eq!(contract.fields["co_tenant"], "\"a friend\"");
    bench.leaves_all();
}

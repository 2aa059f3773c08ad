//! Files that do not come, and those beside them that do.

use simulator::{AlmaKind, BitrixKind, Endpoint, FaultKind};

use crate::bitrix24::bench::{Bench, EVERY_SECOND};
use crate::bitrix24::files::{PHOTOS, both};
use crate::support::wait_until;

const SCAN: &str = "ufCrm10_1709042143";
const DEED: &str = "ufCrm10_1694000636731";

impl Bench {
    /// Gives a field files that the portal shows and never hands out.
    fn broken(&self, kind: BitrixKind, id: u64, field: &str, files: std::ops::Range<u64>) {
        let link = format!("{}crm.controller.item.getFile?token=none", self.portal().webhook_url());
        let files = files.map(|file| format!(r#"{{"id":{file},"urlMachine":{link:?}}}"#));
        let files: Vec<String> = files.collect();
        self.portal().change(kind, id, field, &format!("[{}]", files.join(",")));
    }

    fn scan(&self, field: &str) -> String {
        let contract = self.simulator.alma().object(AlmaKind::OwnerContract, "1");
        contract.unwrap().fields[field].clone()
    }
}

#[test]
fn a_photo_that_comes_right_after_another_is_not_taken_for_gone() {
    let bench = both("");
    let alma = bench.simulator.alma();
    bench.configure(&format!(
        "{EVERY_SECOND}\n[alma]\nbase_url = {:?}\napi_key = {:?}\nsource = \"bitrix24\"",
        alma.base_url(),
        alma.api_key()
    ));
    bench.photo("one");
    let service = bench.service();
    let shows = |count| {
        let unit = alma.object(AlmaKind::Unit, "7");
        let photos = unit.map(|unit| unit.fields["photos"].clone());
        photos.is_some_and(|photos| photos.matches("external_file_id").count() == count)
    };
    wait_until("the first photo", || shows(1));
    bench.photo("two");
    wait_until("the second photo", || shows(2));
    service.kill();
    bench.leaves_all();
}

#[test]
fn a_scan_that_does_not_come_keeps_no_other_from_its_contract() {
    let bench = both("");
    let portal = bench.portal();
    portal.add_file(BitrixKind::OwnerContract, 1, SCAN, "s.pdf", "scan");
    bench.broken(BitrixKind::OwnerContract, 1, DEED, 900..901);
    bench.fault(FaultKind::Error500, Endpoint::BitrixFile, 1000);
    bench.fail();
    bench.simulator.clear_faults();
    bench.fail();
    assert_ne!(bench.scan("contract_with_client_scan"), "null");
    let reason = bench.one("SELECT reason FROM alma_object WHERE kind = 'owner_contract'");
    assert!(reason.contains("the last attempt: "), "{reason}");
    crate::bitrix24::bench::clean(&reason);
}

#[test]
fn files_that_never_come_keep_no_other_from_its_turn() {
    let bench = both("");
    bench.broken(BitrixKind::Apartment, 7, PHOTOS, 900..910);
    let portal = bench.portal();
    portal.add_file(BitrixKind::OwnerContract, 1, SCAN, "s.pdf", "scan");
    bench.fail();
    assert_ne!(bench.scan("contract_with_client_scan"), "null");
}

#[test]
fn files_that_fail_come_after_those_that_have_not_been_tried() {
    let bench = both("");
    bench.broken(BitrixKind::Apartment, 7, PHOTOS, 900..912);
    bench.fault(FaultKind::Error500, Endpoint::BitrixFile, 1000);
    bench.fail();
    bench.fail();
    let tried = bench.one("SELECT count(*) FROM alma_file WHERE attempts > 0");
    assert_eq!(tried, "12");
}

//! Files by key: of several the newest, photos of rooms, scans of identity documents; and their
//! links, read together.

use simulator::{AlmaKind, BitrixKind, Endpoint, FaultKind};

use crate::bitrix24::bench::Bench;
use crate::bitrix24::files::{PHOTOS, both};

const CONTRACT: &str = "ufCrm20Contract";
const KEYS: &str = "fields.unit_photos = \"ufCrm8_1700000001\"\n\
    fields.contact_id_scan = \"UF_CRM_1700000002\"\n\
    fields.tenant_contract_co_tenant_id_scan = \"ufCrm20_1700000003\"";

impl Bench {
    /// The same, with these lines in `[bitrix24]`.
    fn with_keys(&self) {
        self.with_lines(KEYS);
    }

    fn with_lines(&self, lines: &str) {
        let alma = self.simulator.alma();
        self.configure(&format!(
            "{lines}\n[alma]\nbase_url = {:?}\napi_key = {:?}\nsource = \"bitrix24\"",
            alma.base_url(),
            alma.api_key()
        ));
    }

    /// Unit 7 of apartment 7, let to contact 51.
    fn lets_a_room(&self) {
        let portal = self.portal();
        portal.put(BitrixKind::Unit, 7, r#"{"title":"Gate 7/1","ufCrm8_1684429208":[7],"ufCrm8_1698838056004":1294,"ufCrm8_1682957076924":244}"#);
        portal.put(BitrixKind::TenantContract, 1, r#"{"title":"T 1","ufCrm20_1693919019":"Ta7_7","contactId":51,"ufCrm20ContractStartDate":"2025-01-01","ufCrm20ContractEndDate":"2098-01-01","opportunity":1,"ufCrm20_1693561495":886}"#);
    }

    /// The content of the upload that a field of an object names.
    fn scan_of(&self, kind: AlmaKind, id: &str, field: &str) -> String {
        let alma = self.simulator.alma();
        let object = alma.object(kind, id).unwrap();
        let file = object.fields.get(field).cloned().unwrap_or_default();
        let files = alma.files();
        files
            .iter()
            .find(|known| known.id.to_string() == file)
            .map_or(file, |known| known.name.clone())
    }
}

#[test]
fn of_several_files_of_a_contract_the_newest_is_sent_and_said() {
    let bench = both("");
    bench.lets_a_room();
    let (portal, kind) = (bench.portal(), BitrixKind::TenantContract);
    portal.add_file(kind, 1, CONTRACT, "draft.pdf", "draft");
    bench.pass();
    assert_eq!(bench.scan_of(AlmaKind::TenantContract, "1", "contract_scan"), "draft.pdf");
    let signed = portal.add_file(kind, 1, CONTRACT, "signed.pdf", "signed");
    bench.pass();
    assert_eq!(bench.scan_of(AlmaKind::TenantContract, "1", "contract_scan"), "signed.pdf");
    let finding = "SELECT id || ' ' || path FROM finding WHERE problem LIKE 'holds several files%'";
    assert_eq!(bench.lines(finding), [format!("1 {CONTRACT}")]);
    bench.leaves_all();
    portal.remove_file(kind, 1, CONTRACT, signed);
    bench.pass();
    assert_eq!(bench.scan_of(AlmaKind::TenantContract, "1", "contract_scan"), "draft.pdf");
    bench.leaves_all();
}

#[test]
fn a_scan_of_ours_is_replaced_after_its_field_was_absent_for_a_while() {
    let bench = both("");
    bench.lets_a_room();
    let (portal, kind) = (bench.portal(), BitrixKind::TenantContract);
    portal.add_file(kind, 1, CONTRACT, "draft.pdf", "draft");
    bench.pass();
    bench.with_lines("fields.tenant_contract_scan = \"ufCrm20_1700000009\"");
    portal.change(kind, 1, "title", "\"T 2\"");
    bench.pass();
    assert_eq!(bench.scan_of(AlmaKind::TenantContract, "1", "contract_scan"), "draft.pdf");
    bench.with_lines("");
    portal.add_file(kind, 1, CONTRACT, "signed.pdf", "signed");
    bench.pass();
    assert_eq!(bench.scan_of(AlmaKind::TenantContract, "1", "contract_scan"), "signed.pdf");
    bench.leaves_all();
}

#[test]
fn photos_of_rooms_and_scans_by_key_arrive_and_without_keys_nothing_is_sent() {
    let bench = both("");
    bench.lets_a_room();
    let portal = bench.portal();
    portal.add_file(BitrixKind::Unit, 7, "ufCrm8_1700000001", "room.jpg", "room");
    portal.add_file(BitrixKind::Contact, 51, "UF_CRM_1700000002", "id.pdf", "id");
    let kind = BitrixKind::TenantContract;
    portal.add_file(kind, 1, "ufCrm20_1700000003", "second.pdf", "second");
    bench.pass();
    assert_eq!(bench.uploads(), 0);
    bench.with_keys();
    bench.pass();
    let room = bench.simulator.alma().object(AlmaKind::Room, "7").unwrap();
    assert_eq!(room.fields["photos"].matches("external_file_id").count(), 1);
    assert_eq!(bench.scan_of(AlmaKind::Client, "51", "id_scan"), "id.pdf");
    assert_eq!(bench.scan_of(AlmaKind::TenantContract, "1", "co_tenant_id_scan"), "second.pdf");
    bench.leaves_all();
    // Taken out again: only a client's scan cannot be taken away.
    for (kind, id, field) in [
        (BitrixKind::Unit, 7, "ufCrm8_1700000001"),
        (BitrixKind::Contact, 51, "UF_CRM_1700000002"),
        (BitrixKind::TenantContract, 1, "ufCrm20_1700000003"),
    ] {
        portal.change(kind, id, field, "[]");
    }
    bench.pass();
    let room = bench.simulator.alma().object(AlmaKind::Room, "7").unwrap();
    assert_eq!(room.fields["photos"], "[]");
    assert_eq!(bench.scan_of(AlmaKind::Client, "51", "id_scan"), "id.pdf");
    assert_eq!(bench.scan_of(AlmaKind::TenantContract, "1", "co_tenant_id_scan"), "null");
    bench.leaves_all();
}

/// So many apartments with a photo each.
fn gallery(bench: &Bench, count: u64) {
    for id in 101..=100 + count {
        let fields = format!(
            r#"{{"title":"Gate {id}","ufCrm6_1682232363193":"Gate","ufCrm6_1682232863625":54,"ufCrm6_1736951470242":4600}}"#
        );
        let portal = bench.portal();
        portal.put(BitrixKind::Apartment, id, &fields);
        portal.add_file(BitrixKind::Apartment, id, PHOTOS, "a.jpg", format!("photo {id}"));
    }
}

#[test]
fn the_links_of_many_files_are_read_fifty_items_at_a_time() {
    let bench = both("");
    gallery(&bench, 60);
    let portal = bench.portal();
    portal.add_file(BitrixKind::OwnerContract, 1, "ufCrm10_1709042143", "s.pdf", "scan");
    bench.pass();
    assert_eq!(bench.uploads(), 61);
    assert_eq!(portal.downloads(), 61);
    let calls = bench.calls();
    let gets = calls.iter().filter(|call| call.method == "crm.item.get").count();
    assert_eq!(gets, 0, "{:?}", bench.report().requests);
    bench.leaves_all();
}

#[test]
fn links_that_alma_opens_itself_are_read_fifty_items_at_a_time_too() {
    let bench = both("upload = \"json-url\"");
    gallery(&bench, 60);
    // What has failed once is sent by a link of its own.
    bench.fault(FaultKind::Error500, Endpoint::AlmaImage, 1);
    bench.pass();
    assert_eq!(bench.simulator.alma().files().len(), 60);
    assert_eq!(bench.portal().downloads(), 0);
    let calls = bench.calls();
    let gets = calls.iter().filter(|call| call.method == "crm.item.get").count();
    assert_eq!(gets, 1, "{:?}", bench.report().requests);
    bench.leaves_all();
}

#[test]
fn items_that_do_not_come_together_are_read_one_by_one() {
    let bench = both("");
    gallery(&bench, 3);
    bench.pass();
    let portal = bench.portal();
    for id in 101..=103 {
        portal.add_file(BitrixKind::Apartment, id, PHOTOS, "b.jpg", format!("other {id}"));
    }
    // The poll reads what has changed by a batch.
    bench.fault(FaultKind::Error500, Endpoint::BitrixList, 1000);
    bench.pass();
    assert_eq!(bench.uploads(), 6);
    let gets = bench.calls().into_iter().filter(|call| call.method == "crm.item.get");
    assert_eq!(gets.count(), 3);
    bench.simulator.clear_faults();
    bench.leaves_all();
}

//! Photos and scans on their way to Alma.

use uzhkh_ledger::simulator::{AlmaKind, BitrixKind, Endpoint, FaultKind};

use crate::bench::{Bench, bench};

const PHOTOS: &str = "ufCrm6_1682238498225";
const SCAN: &str = "ufCrm10_1709042143";

/// A portal with apartment 7 and an owner's contract, and Alma with these lines.
fn both(lines: &str) -> Bench {
    let bench = bench("");
    let alma = bench.simulator.alma();
    bench.configure(&format!(
        "[alma]\nbase_url = {:?}\napi_key = {:?}\nsource = \"bitrix24\"\n{lines}",
        alma.base_url(),
        alma.api_key()
    ));
    let portal = bench.portal();
    portal.put(BitrixKind::Apartment, 7, r#"{"title":"Gate 7","ufCrm6_1682232363193":"Gate","ufCrm6_1682232863625":54,"ufCrm6_1736951470242":4600}"#);
    portal.put(BitrixKind::Contact, 51, r#"{"NAME":"Anna","LAST_NAME":"B","UF_CRM_1727788747":"c51@example.com","PHONE":[{"VALUE_TYPE":"WORK","VALUE":"+79000000051"}]}"#);
    portal.put(BitrixKind::OwnerContract, 1, r#"{"title":"LL 1","ufCrm10_1693823301":7,"contactId":51,"ufCrm10_1693823247516":"2025-01-01T03:00:00+03:00","ufCrm10_1708955821":1706}"#);
    bench
}

impl Bench {
    fn photo(&self, bytes: &'static str) -> u64 {
        let portal = self.portal();
        portal.add_file(BitrixKind::Apartment, 7, PHOTOS, "a.jpg", bytes)
    }

    /// The uploads that the photos of the unit came from.
    fn shown(&self) -> String {
        let unit = self.simulator.alma().object(AlmaKind::Unit, "7").unwrap();
        unit.fields["photos"].clone()
    }

    fn uploads(&self) -> usize {
        self.simulator.alma().files().len()
    }

    fn reason(&self) -> String {
        self.one("SELECT state || ' ' || reason FROM alma_object WHERE kind = 'unit'")
    }

    #[track_caller]
    fn leaves_all(&self) {
        let before = (
            self.uploads(),
            self.portal().downloads(),
            self.simulator.alma().writes(),
        );
        self.pass();
        let after = (
            self.uploads(),
            self.portal().downloads(),
            self.simulator.alma().writes(),
        );
        assert_eq!(before, after);
        assert_eq!(
            self.lines("SELECT * FROM alma_pending"),
            Vec::<String>::new()
        );
        crate::bench::clean(&self.lines("SELECT * FROM alma_file").join("\n"));
        let told =
            self.lines("SELECT coalesce(sent, '') || coalesce(desired, '') FROM alma_object");
        crate::bench::clean(&told.join("\n"));
    }
}

#[test]
fn photos_and_scans_arrive_once_and_the_same_content_is_one_upload() {
    let bench = both("");
    bench.photo("one");
    bench.photo("two");
    bench.photo("one");
    let portal = bench.portal();
    portal.add_file(BitrixKind::OwnerContract, 1, SCAN, "s.pdf", "scan");
    bench.pass();
    assert_eq!(bench.uploads(), 3);
    assert_eq!(bench.shown().matches("external_file_id").count(), 3);
    let contract = bench.simulator.alma().object(AlmaKind::OwnerContract, "1");
    assert_ne!(
        contract.unwrap().fields["contract_with_client_scan"],
        "null"
    );
    bench.leaves_all();
}

#[test]
fn a_set_that_changes_keeps_what_stays_and_what_people_added() {
    let bench = both("");
    let first = bench.photo("one");
    bench.photo("two");
    bench.pass();
    let unit = bench.simulator.alma().object(AlmaKind::Unit, "7").unwrap();
    let photos = bench.one("SELECT sent ->> '$.photos' FROM alma_object WHERE kind = 'unit'");
    let ids: Vec<&str> = photos
        .split("\"id\":")
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap())
        .collect();
    let files = bench.simulator.alma().files();
    let set = format!(
        "[{{\"id\":{}}},{{\"id\":{}}},{{\"external_file_id\":{}}}]",
        ids[0], ids[1], files[0].id
    );
    bench
        .simulator
        .alma()
        .edit(AlmaKind::Unit, unit.id, "photos", &set);
    bench
        .portal()
        .remove_file(BitrixKind::Apartment, 7, PHOTOS, first);
    bench.photo("three");
    bench.pass();
    assert_eq!(bench.uploads(), 3);
    // The second stays, the third is new, and people's stays; the first is gone.
    let kept = bench.one("SELECT sent ->> '$.photos' FROM alma_object WHERE kind = 'unit'");
    assert!(kept.contains(&format!("\"id\":{}", ids[1])), "{kept}");
    assert!(!kept.contains(&format!("\"id\":{}}}", ids[0])), "{kept}");
    let files = bench.simulator.alma().files();
    for file in [files[0].id, files[1].id, files[2].id] {
        assert_eq!(bench.shown().matches(&file.to_string()).count(), 1);
    }
    bench.leaves_all();
}

#[test]
fn a_file_that_is_too_large_blocks_its_object_alone() {
    let bench = both("max_file_bytes = 3");
    bench.photo("four");
    bench.pass();
    assert!(
        bench.reason().contains("photos: the file apartment/7/"),
        "{}",
        bench.reason()
    );
    assert!(bench.reason().contains("more than 3 bytes"));
    assert_eq!(bench.uploads(), 0);
}

#[test]
fn an_upload_whose_answer_is_lost_is_tried_again() {
    let bench = both("");
    bench.photo("one");
    bench.fault(FaultKind::LostAnswer, Endpoint::AlmaImage, 1);
    bench.pass();
    assert_eq!(bench.shown().matches("external_file_id").count(), 1);
    bench.leaves_all();
}

#[test]
fn a_link_is_sent_where_alma_fetches_files_itself() {
    let bench = both("upload = \"json-url\"");
    bench.photo("one");
    bench.pass();
    let files = bench.simulator.alma().files();
    assert_eq!(files.len(), 1);
    assert!(
        files[0]
            .url
            .as_ref()
            .is_some_and(|url| url.starts_with("http://127"))
    );
    assert_eq!(bench.portal().downloads(), 0);
    bench.leaves_all();
}

#[test]
fn a_download_that_fails_is_asked_for_again_by_a_fresh_link() {
    let bench = both("");
    bench.photo("one");
    bench.fault(FaultKind::Error500, Endpoint::BitrixFile, 1);
    bench.pass();
    assert_eq!(bench.uploads(), 1);
    bench.leaves_all();
}

#[test]
fn a_file_that_is_gone_blocks_its_object_until_it_is_taken_out() {
    let bench = both("");
    bench.photo("one");
    bench.pass();
    let second = bench.photo("two");
    bench.fault(FaultKind::Error500, Endpoint::BitrixFile, 100);
    bench.fail();
    bench.simulator.clear_faults();
    let name = format!("apartment/7/{PHOTOS}/{second}");
    let forged = format!(
        "UPDATE alma_object SET desired = replace(desired, '{name}', '{name}9') WHERE kind = 'unit'"
    );
    bench.tamper(&forged);
    bench.pass();
    let reason = bench.reason();
    assert!(reason.contains("Bitrix24 no longer has it"), "{reason}");
    bench
        .portal()
        .remove_file(BitrixKind::Apartment, 7, PHOTOS, second);
    bench.pass();
    assert_eq!(bench.shown().matches("external_file_id").count(), 1);
    bench.leaves_all();
}

#[test]
fn kill_9_between_the_upload_and_the_object_uploads_nothing_twice() {
    let bench = both("");
    bench.photo("one");
    bench.fault(FaultKind::Stall, Endpoint::AlmaUnits, 1000);
    let service = bench.service();
    crate::support::wait_until("a look for the unit", || bench.asked("AlmaUnits") > 0);
    service.kill();
    bench.simulator.clear_faults();
    let stall = uzhkh_ledger::simulator::Fault::new(FaultKind::Stall)
        .at(Endpoint::AlmaUnits)
        .by(uzhkh_ledger::simulator::Way::Write);
    bench.simulator.inject(stall);
    let service = bench.service();
    crate::support::wait_until("the upload", || {
        bench.lines("SELECT file FROM alma_file").len() == 1
    });
    crate::bench::clean(&service.log());
    service.kill();
    bench.simulator.clear_faults();
    bench.pass();
    assert_eq!(bench.uploads(), 1);
    assert_eq!(bench.portal().downloads(), 1);
    bench.leaves_all();
}

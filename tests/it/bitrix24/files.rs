//! Photos and scans on their way to Alma: each once, beside everything else.

use simulator::{AlmaKind, BitrixKind, BitrixOptions, Endpoint, Fault, FaultKind, Way};

use crate::bitrix24::bench::{Bench, bench};

pub(crate) const PHOTOS: &str = "ufCrm6_1682238498225";
const SCAN: &str = "ufCrm10_1709042143";

/// A portal with apartment 7 and an owner's contract, and Alma with these lines.
pub(crate) fn both(lines: &str) -> Bench {
    let bench = bench("");
    bench.with_alma(lines);
    let portal = bench.portal();
    portal.put(BitrixKind::Apartment, 7, r#"{"title":"Gate 7","ufCrm6_1682232363193":"Gate","ufCrm6_1682232863625":54,"ufCrm6_1736951470242":4600}"#);
    portal.put(BitrixKind::Contact, 51, r#"{"NAME":"Anna","LAST_NAME":"B","UF_CRM_1727788747":"c51@example.com","PHONE":[{"VALUE_TYPE":"WORK","VALUE":"+79000000051"}]}"#);
    portal.put(BitrixKind::OwnerContract, 1, r#"{"title":"LL 1","ufCrm10_1693823301":7,"contactId":51,"ufCrm10_1693823247516":"2025-01-01T03:00:00+03:00","ufCrm10_1708955821":1706}"#);
    bench
}

impl Bench {
    /// The config with these lines in `[alma]`.
    pub(crate) fn with_alma(&self, lines: &str) {
        let alma = self.simulator.alma();
        self.configure(&format!(
            "[alma]\nbase_url = {:?}\napi_key = {:?}\nsource = \"bitrix24\"\n{lines}",
            alma.base_url(),
            alma.api_key()
        ));
    }

    /// The files of the apartment, as the ledger has them.
    fn photos(&self) -> Vec<u64> {
        let files =
            self.lines("SELECT file FROM alma_file WHERE file LIKE 'apartment/7/%' ORDER BY seq");
        let id = |file: &String| file.rsplit('/').next().unwrap().parse().unwrap();
        files.iter().map(id).collect()
    }

    pub(crate) fn photo(&self, bytes: &'static str) -> u64 {
        let portal = self.portal();
        portal.add_file(BitrixKind::Apartment, 7, PHOTOS, "a.jpg", bytes)
    }

    /// The uploads that the photos of the unit came from.
    pub(crate) fn shown(&self) -> String {
        let unit = self.simulator.alma().object(AlmaKind::Unit, "7").unwrap();
        unit.fields["photos"].clone()
    }

    pub(crate) fn uploads(&self) -> usize {
        self.simulator.alma().files().len()
    }

    /// A new ledger beside the same portal and the same Alma.
    pub(crate) fn forget_ledger(&self) {
        std::fs::remove_file(self.ledger()).unwrap();
        for beside in ["-wal", "-shm", ".lock"] {
            let beside = format!("{}{beside}", self.ledger().display());
            drop(std::fs::remove_file(beside));
        }
    }

    /// From now on Alma does not write units.
    pub(crate) fn fails_units(&self) {
        let fault = Fault::new(FaultKind::Error500).at(Endpoint::AlmaUnits);
        self.simulator.inject(fault.by(Way::Write));
    }

    fn reason(&self) -> String {
        self.one("SELECT state || ' ' || reason FROM alma_object WHERE kind = 'unit'")
    }

    #[track_caller]
    pub(crate) fn leaves_all(&self) {
        let before = (self.uploads(), self.portal().downloads(), self.simulator.alma().writes());
        self.pass();
        let after = (self.uploads(), self.portal().downloads(), self.simulator.alma().writes());
        assert_eq!(before, after);
        assert_eq!(self.lines("SELECT * FROM alma_pending"), Vec::<String>::new());
        crate::bitrix24::bench::clean(&self.lines("SELECT * FROM alma_file").join("\n"));
        let told =
            self.lines("SELECT coalesce(sent, '') || coalesce(desired, '') FROM alma_object");
        crate::bitrix24::bench::clean(&told.join("\n"));
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
    assert_ne!(contract.unwrap().fields["contract_with_client_scan"], "null");
    bench.leaves_all();
}

#[test]
fn a_file_that_is_too_large_is_waited_for_alone_until_the_operator_says_so() {
    let bench = both("max_file_bytes = 3");
    bench.photo("four");
    bench.pass();
    let reason = bench.reason();
    assert!(reason.starts_with("blocked photos: the file apartment/7/"), "{reason}");
    assert!(reason.contains("more than 3 bytes"), "{reason}");
    assert!(reason.ends_with("`uzhkh-ledger alma retry unit 7`"), "{reason}");
    assert_eq!(bench.uploads(), 0);
    // The unit is there all the same, and the contract on it.
    assert_eq!(bench.shown(), "[]");
    let contract = bench.simulator.alma().object(AlmaKind::OwnerContract, "1");
    assert!(contract.is_some());
    bench.with_alma("max_file_bytes = 4");
    bench.pass();
    assert_eq!(bench.uploads(), 0, "nobody has said so yet");
    let retried = bench.run(&["alma", "retry", "unit", "7"]);
    assert_eq!(retried.code, Some(0), "{}", retried.stderr);
    bench.pass();
    assert_eq!(bench.shown().matches("external_file_id").count(), 1);
    bench.leaves_all();
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
    assert!(files[0].url.as_ref().is_some_and(|url| url.starts_with("http://127")));
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
fn a_file_that_is_gone_is_waited_for_until_it_is_taken_out() {
    let bench = both("");
    bench.photo("one");
    bench.fault(FaultKind::Error500, Endpoint::BitrixFile, 100);
    bench.fail();
    let file = bench.photos()[0];
    let (portal, kind) = (bench.portal(), BitrixKind::Apartment);
    bench.simulator.clear_faults();
    // The portal loses it, and shows no change of the apartment.
    bench.fault(FaultKind::Error500, Endpoint::BitrixBatch, 100);
    portal.remove_file(kind, 7, PHOTOS, file);
    bench.fail();
    let reason = bench.reason();
    assert!(reason.contains("Bitrix24 no longer has it"), "{reason}");
    bench.simulator.clear_faults();
    portal.touch(kind, 7);
    bench.pass();
    assert_eq!(bench.shown(), "[]");
    bench.leaves_all();
}

#[test]
fn a_portal_whose_files_do_not_come_holds_up_nothing_else() {
    let bench = both("");
    bench.photo("one");
    let portal = bench.portal();
    portal.add_file(BitrixKind::OwnerContract, 1, SCAN, "s.pdf", "scan");
    bench.fault(FaultKind::Stall, Endpoint::BitrixFile, 1000);
    let service = bench.service();
    let alma = bench.simulator.alma();
    crate::support::wait_until("the contract on the unit", || {
        alma.object(AlmaKind::OwnerContract, "1").is_some()
    });
    assert_eq!(bench.shown(), "[]");
    bench.simulator.clear_faults();
    service.kill();
    bench.pass();
    assert_eq!(bench.shown().matches("external_file_id").count(), 1);
    let contract = alma.object(AlmaKind::OwnerContract, "1").unwrap();
    assert_ne!(contract.fields["contract_with_client_scan"], "null");
    bench.leaves_all();
}

#[test]
fn what_else_changes_goes_while_a_photo_is_waited_for() {
    let bench = both("max_file_bytes = 3");
    bench.photo("four");
    bench.pass();
    bench.portal().change(BitrixKind::Apartment, 7, "title", "\"Gate 8\"");
    bench.pass();
    let unit = bench.simulator.alma().object(AlmaKind::Unit, "7").unwrap();
    assert_eq!(unit.fields["name"], "\"Gate 8\"");
    let writes = bench.simulator.alma().writes();
    bench.pass();
    assert_eq!(bench.simulator.alma().writes(), writes);
    assert!(bench.reason().contains("more than 3 bytes"));
}

#[test]
fn one_content_in_two_units_is_one_upload() {
    let bench = both("");
    let portal = bench.portal();
    for id in 8..16 {
        let fields = format!(
            r#"{{"title":"Gate {id}","ufCrm6_1682232363193":"Gate","ufCrm6_1682232863625":54,"ufCrm6_1736951470242":4600}}"#
        );
        portal.put(BitrixKind::Apartment, id, &fields);
        portal.add_file(BitrixKind::Apartment, id, PHOTOS, "a.jpg", "one");
    }
    bench.pass();
    assert_eq!(bench.uploads(), 1);
    assert_eq!(portal.downloads(), 8);
    bench.leaves_all();
}

#[test]
fn a_portal_may_give_relative_links_and_want_what_a_browser_sends() {
    let bench = both("");
    let portal = bench.portal();
    portal.set_options(BitrixOptions {
        relative_links: true,
        strict_downloads: true,
        ..portal.options()
    });
    bench.photo("one");
    bench.pass();
    let files = bench.simulator.alma().files();
    assert_eq!((files.len(), files[0].name.as_str()), (1, "a.jpg"));
    bench.leaves_all();
}

#[test]
fn a_link_that_leads_elsewhere_is_not_followed_and_told_nowhere() {
    let bench = both("");
    let links = r#"[{"id":5,"url":"x","urlMachine":"http://elsewhere.example/getFile?token=1"}]"#;
    let portal = bench.portal();
    portal.change(BitrixKind::Apartment, 7, PHOTOS, links);
    bench.pass();
    let reason = bench.reason();
    assert!(reason.contains("does not lead to the portal"), "{reason}");
    assert!(!reason.contains("elsewhere"), "{reason}");
    assert_eq!((bench.uploads(), portal.downloads()), (0, 0));
}

#[test]
fn a_page_in_the_place_of_a_file_and_a_full_portal_are_asked_again() {
    for kind in [FaultKind::Html, FaultKind::QueryLimit] {
        let bench = both("");
        bench.photo("one");
        bench.fault(kind, Endpoint::BitrixFile, 1);
        bench.pass();
        assert_eq!(bench.uploads(), 1);
        let one = bench.one("SELECT sha256 || ' ' || bytes FROM alma_file");
        // Of the text `one`.
        let hash = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
        assert_eq!(one, format!("{hash} 3"));
        bench.leaves_all();
    }
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
    let stall =
        simulator::Fault::new(FaultKind::Stall).at(Endpoint::AlmaUnits).by(simulator::Way::Write);
    bench.simulator.inject(stall);
    let service = bench.service();
    crate::support::wait_until("the upload", || {
        bench.lines("SELECT file FROM alma_file").len() == 1
    });
    crate::bitrix24::bench::clean(&service.log());
    service.kill();
    bench.simulator.clear_faults();
    bench.pass();
    assert_eq!(bench.uploads(), 1);
    assert_eq!(bench.portal().downloads(), 1);
    bench.leaves_all();
}

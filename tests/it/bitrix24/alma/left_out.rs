//! What the config leaves out is neither made, written nor archived, and goes on where it stood
//! once it is wanted again.

use simulator::{AlmaKind, BitrixKind};

use super::{SHARED, WHOLE, rentals};
use crate::bitrix24::bench::Bench;

const STATUS: &str = "ufCrm6_1741697906729";
const WIFI: &str = "ufCrm6_1686728251990";
const ONLY: &str = "only.apartment_status = [5976, \"5978\"]";

impl Bench {
    fn left_out(&self) -> Vec<String> {
        self.lines(
            "SELECT kind || ' ' || external_id || ': ' || reason FROM alma_object \
             WHERE state = 'excluded' ORDER BY kind, external_id",
        )
    }

    fn status(&self, apartment: u64, status: &str) {
        self.portal().change(BitrixKind::Apartment, apartment, STATUS, status);
    }
}

#[test]
fn an_apartment_with_another_status_is_not_made_nor_what_is_about_it() {
    let bench = rentals();
    bench.fills_alma(ONLY, "");
    bench.furnish();
    bench.status(7, "5978");
    bench.status(8, "5982");
    bench.pass();
    let by = "by bitrix24.only.apartment_status";
    assert_eq!(
        bench.left_out(),
        [
            format!("owner_contract 2: left out with apartment 8, {by}"),
            format!("room 7: left out with apartment 8, {by}"),
            format!("tenant_contract 2: left out with apartment 8, {by}"),
            format!("unit 8: left out {by}"),
        ]
    );
    let alma = bench.alma();
    for (kind, id) in [
        (AlmaKind::Unit, "8"),
        (AlmaKind::Room, "7"),
        (AlmaKind::OwnerContract, "2"),
        (AlmaKind::TenantContract, "2"),
        // Wanted for nothing else.
        (AlmaKind::Client, "53"),
    ] {
        assert!(alma.object(kind, id).is_none(), "{kind:?} {id}");
    }
    assert!(alma.object(AlmaKind::Client, "51").is_some());
    assert_eq!(bench.lines("SELECT * FROM alma_pending"), [""; 0]);
    let plan = bench.run(&["alma", "plan"]);
    assert!(plan.stdout.starts_with("nothing to send"), "{}", plan.stdout);
    let status = bench.run(&["status"]);
    assert!(status.stdout.contains("nothing waits for you"), "{}", status.stdout);
    assert!(!status.stdout.contains("what is not synced"), "{}", status.stdout);
    bench.rests();
    // Wanted by now.
    bench.status(8, "5976");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert!(alma.object(AlmaKind::Client, "53").is_some());
    bench.rests();
}

#[test]
fn what_is_left_out_later_stays_in_alma_as_it_is_and_the_whole_difference_goes_out_again() {
    for archive in ["manual", "auto"] {
        let bench = rentals();
        bench.fills_alma(ONLY, &format!("archive = {archive:?}"));
        bench.furnish();
        bench.status(7, "5976");
        bench.status(8, "5976");
        bench.portal().change(BitrixKind::Apartment, 7, WIFI, "\"secret\"");
        bench.pass();
        assert_eq!(bench.stuck(), [""; 0]);
        let writes = bench.alma().writes();
        bench.status(7, "5982");
        bench.portal().change(BitrixKind::Apartment, 7, WIFI, "\"\"");
        bench.portal().change(BitrixKind::Apartment, 7, "title", "\"Gate 7a\"");
        bench.portal().change(BitrixKind::TenantContract, 1, "opportunity", "6000");
        bench.portal().change(BitrixKind::Contact, 52, "NAME", "\"Rosa\"");
        bench.pass();
        assert_eq!(bench.alma().writes(), writes, "{archive}");
        for (kind, id) in
            [("unit", "7"), ("owner_contract", "1"), ("tenant_contract", "1"), ("client", "52")]
        {
            assert_eq!(bench.state(kind, id), "excluded", "{kind} {id}");
        }
        assert!(!bench.held(AlmaKind::Unit, "7").is_archived);
        assert!(!bench.held(AlmaKind::TenantContract, "1").is_archived);
        bench.rests();
        bench.status(7, "5978");
        bench.pass();
        assert_eq!(bench.stuck(), [""; 0]);
        assert_eq!(bench.field(AlmaKind::Unit, "7", "name"), "\"Gate 7a\"");
        assert_eq!(bench.field(AlmaKind::Unit, "7", "internet_password"), "\"\"");
        assert_eq!(bench.field(AlmaKind::TenantContract, "1", "price"), "\"6000.00\"");
        assert_eq!(bench.field(AlmaKind::Client, "52", "first_name"), "\"Rosa\"");
        bench.rests();
    }
}

#[test]
fn the_config_leaves_out_and_takes_in_without_a_change_in_the_portal() {
    let bench = rentals();
    bench.furnish();
    for id in [1, 2] {
        let (kind, stage) = (BitrixKind::TenantContract, format!("\"DT183_1:{id}\""));
        bench.portal().change(kind, id, "stageId", &stage);
    }
    bench.pass();
    let writes = bench.alma().writes();
    bench.fills_alma("only.tenant_contract_stage = \"DT183_1:2\"", "");
    bench.pass();
    assert_eq!(
        bench.left_out(),
        [
            "client 52: left out with tenant_contract 1, by bitrix24.only.tenant_contract_stage",
            "tenant_contract 1: left out by bitrix24.only.tenant_contract_stage",
        ]
    );
    assert_eq!(bench.alma().writes(), writes);
    bench.fills_alma("", "");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.alma().writes(), writes);
}

#[test]
fn the_word_minus_in_a_table_is_not_in_alma_and_no_type_of_a_contract() {
    let bench = rentals();
    bench.fills_alma(
        "",
        "tables.type_contract = { 882 = \"-\" }\n\
         tables.property_type = { 60 = \"-\" }\n\
         tables.room_name = { 1302 = \"-\" }\n\
         tables.subway_station = { 94 = \"-\" }",
    );
    bench.furnish();
    let portal = bench.portal();
    portal.change(BitrixKind::TenantContract, 1, "ufCrm20_1693561495", "882");
    portal.change(BitrixKind::Apartment, 7, "ufCrm6_1682233481671", "94");
    bench.apartment(9, WHOLE, "[]");
    portal.change(BitrixKind::Apartment, 9, "ufCrm6_1682232863625", "60");
    bench.apartment(10, SHARED, "[11]");
    bench.unit(11, 10);
    portal.change(BitrixKind::Unit, 11, "ufCrm8_1698838056004", "1302");
    bench.rents(3, 11, 52);
    bench.pass();
    assert_eq!(
        bench.left_out(),
        [
            "room 11: left out by the word \"-\" for 1302 in alma.tables.room_name",
            "tenant_contract 1: left out by the word \"-\" for 882 in alma.tables.type_contract",
            "tenant_contract 3: left out with unit 11, by the word \"-\" for 1302 in alma.tables.room_name",
            "unit 9: left out by the word \"-\" for 60 in alma.tables.property_type",
        ]
    );
    assert_eq!(bench.field(AlmaKind::Unit, "7", "subway_station"), "null");
    assert_eq!(bench.lines("SELECT * FROM alma_pending"), [""; 0]);
    let contracts = bench.alma().objects(AlmaKind::TenantContract);
    assert_eq!(contracts.len(), 1);
    bench.rests();
}

#[test]
fn an_item_that_lacks_the_field_altogether_is_neither_made_nor_quietly_left_out() {
    let bench = rentals();
    bench.fills_alma(ONLY, "");
    bench.furnish();
    bench.portal().lack(BitrixKind::Apartment, STATUS);
    bench.pass();
    let reason = "lacks ufCrm6_1741697906729 altogether, by which bitrix24.only.apartment_status";
    let stuck = bench.stuck();
    assert!(stuck.iter().any(|line| line.starts_with("unit 7 blocked") && line.contains(reason)));
    assert!(bench.alma().objects(AlmaKind::Unit).is_empty());
    let ended = bench.run(&["check"]);
    let problem = "no field ufCrm6_1741697906729, which bitrix24.fields.apartment_status names";
    assert!(ended.stdout.contains(problem), "{}", ended.stdout);
    let findings = bench.lines("SELECT problem FROM finding WHERE kind = 'apartment'");
    assert!(
        findings.iter().any(|problem| problem.contains("ufCrm6_1741697906729")),
        "{findings:?}"
    );
}

#[test]
fn a_deleted_item_is_not_left_out_but_gone() {
    let bench = rentals();
    bench.fills_alma(ONLY, "");
    bench.furnish();
    for id in 10..16 {
        bench.apartment(id, WHOLE, "[]");
        bench.status(id, "5976");
    }
    bench.status(7, "5976");
    bench.status(8, "5976");
    bench.pass();
    bench.status(15, "5982");
    bench.pass();
    assert_eq!(bench.state("unit", "15"), "excluded");
    bench.portal().remove(BitrixKind::Apartment, 15);
    bench.forget_full_reads();
    bench.pass();
    assert_eq!(bench.state("unit", "15"), "held");
}

#[test]
fn what_is_left_out_is_not_archived_with_what_it_is_in_unless_a_person_says_so() {
    let bench = rentals();
    bench.furnish();
    for id in 10..20 {
        bench.apartment(id, WHOLE, "[]");
    }
    bench.pass();
    bench.fills_alma("only.tenant_contract_stage = [\"NONE\"]", "archive = \"auto\"");
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "1"), "excluded");
    bench.portal().remove(BitrixKind::Apartment, 7);
    bench.owns(1, 10, 51);
    bench.forget_full_reads();
    bench.pass();
    assert_eq!(bench.state("unit", "7"), "held");
    let reason =
        "no longer in the ledger, and tenant_contract 1, which the config leaves out, is in it: ";
    assert!(bench.reason("unit", "7").starts_with(reason), "{}", bench.reason("unit", "7"));
    assert!(!bench.held(AlmaKind::TenantContract, "1").is_archived);
    bench.orders(&["release", "unit", "7"]);
    bench.pass();
    assert!(bench.held(AlmaKind::Unit, "7").is_archived);
}

#[test]
fn what_is_left_out_in_a_room_is_not_archived_with_the_unit_after_a_restore_either() {
    let bench = rentals();
    bench.furnish();
    for id in 10..20 {
        bench.apartment(id, WHOLE, "[]");
    }
    bench.pass();
    let only = "max_shrink = 100\nonly.tenant_contract_stage = [\"NONE\"]";
    bench.fills_alma(only, "archive = \"auto\"");
    bench.portal().remove(BitrixKind::Unit, 7);
    bench.forget_full_reads();
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "2"), "excluded");
    assert_eq!(bench.state("room", "7"), "held");
    let backup = bench.file("copy.db");
    let backup = backup.to_str().unwrap();
    for arguments in [&["backup", backup][..], &["restore", backup, "--yes"][..]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    bench.portal().remove(BitrixKind::Apartment, 8);
    bench.owns(2, 10, 51);
    bench.forget_full_reads();
    bench.pass();
    assert_eq!(bench.state("unit", "8"), "held");
    assert!(bench.reason("unit", "8").contains("tenant_contract 2, which the config leaves out"));
    assert!(!bench.held(AlmaKind::TenantContract, "2").is_archived);
}

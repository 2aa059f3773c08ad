//! What `alma plan` tells before the first pass, and `alma audit` after it: both only look.

use simulator::{AlmaKind, Endpoint, FaultKind};

use super::rentals;
use crate::bitrix24::bench::Bench;

const STATUS: &str = "ufCrm6_1741697906729";

impl Bench {
    /// The portal is in the ledger, and Alma is not switched on yet.
    fn mirrored(&self) {
        self.configure("");
        self.pass();
        self.fills_alma("", "");
    }

    /// What a command of `alma` prints, which writes nothing to Alma.
    #[track_caller]
    fn looks(&self, words: &[&str]) -> String {
        let writes = self.alma().writes();
        let said = self.run(&[&["alma"], words].concat());
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        assert_eq!(self.alma().writes(), writes, "it only looks");
        said.stdout
    }
}

/// What people have in Alma: the building, unit 7 with other words, and client 52 as the portal
/// has it.
fn furnish_alma(bench: &Bench) -> (i64, i64) {
    let alma = bench.alma();
    let building = alma.create(AlmaKind::Building, r#"{"name":"Golden Gate","project":207}"#);
    let unit = alma.create(
        AlmaKind::Unit,
        &format!(
            r#"{{"external_id":"7","name":"Old","header":"Old","building":{building},"property_type":"apartment","internet_password":"hidden","electronic_lock_password":"1234"}}"#
        ),
    );
    let client = alma.create(
        AlmaKind::Client,
        r#"{"external_id":"52","first_name":"Инна","last_name":"Ветрова","email":"p52@example.com","phone":"+79000000052","country":4}"#,
    );
    (unit, client)
}

#[test]
fn what_alma_has_is_shown_as_its_differences_before_the_first_pass() {
    let bench = rentals();
    bench.furnish();
    bench.mirrored();
    let (unit, _) = furnish_alma(&bench);
    bench.alma().create(
        AlmaKind::Client,
        r#"{"external_id":"web","first_name":"X","last_name":"Y","email":"p53@example.com","phone":"+79000000053","country":4}"#,
    );
    let plan = bench.looks(&["plan"]);
    let line = |begin: &str| plan.lines().any(|line| line.starts_with(begin));
    assert!(line(&format!("~ unit 7  pending  (in Alma {unit})")), "{plan}");
    assert!(plan.contains("    name: \"Old\" -> \"Gate 7\""), "{plan}");
    assert!(line("+ unit 8"), "{plan}");
    // As it should be: not shown. Another's e-mail: a question.
    assert!(!plan.contains("client 52") && !plan.contains("building Golden Gate"), "{plan}");
    assert!(line("? client 53  blocked"), "{plan}");
    assert!(plan.contains("whose external id is web"), "{plan}");
    assert!(!plan.contains("hidden") && !plan.contains("1234\""), "{plan}");
    let json = bench.looks(&["plan", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let of = |kind: &str, id: &str| {
        let all = json.as_array().unwrap().iter();
        let found = all.clone().find(|one| one["kind"] == kind && one["external_id"] == id);
        found.unwrap_or_else(|| panic!("{kind} {id}")).clone()
    };
    assert_eq!(of("unit", "7")["sign"], "~");
    assert_eq!(of("unit", "8")["sign"], "+");
    assert_eq!(of("client", "53")["sign"], "?");
    // Nothing is adopted.
    assert_eq!(bench.one("SELECT count(*) FROM alma_object"), "0");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "electronic_lock_password"), "\"1234\"");
}

#[test]
fn what_is_archived_in_alma_is_a_question() {
    let bench = rentals();
    bench.furnish();
    bench.mirrored();
    let (unit, _) = furnish_alma(&bench);
    bench.alma().archive(AlmaKind::Unit, unit, true);
    let plan = bench.looks(&["plan"]);
    assert!(plan.contains("? unit 7  held"), "{plan}");
    assert!(plan.contains("archived in Alma, and live in the ledger"), "{plan}");
}

#[test]
fn a_plan_that_alma_does_not_answer_fails() {
    let bench = rentals();
    bench.furnish();
    bench.mirrored();
    bench.fault(FaultKind::Error500, Endpoint::AlmaUnits, 100);
    let said = bench.run(&["alma", "plan"]);
    assert_eq!(said.code, Some(1), "{}", said.stdout);
    assert_eq!(said.stdout, "");
    assert!(said.stderr.contains("alma: list unit"), "{}", said.stderr);
    bench.clear_faults();
    bench.pass();
    // Where nothing is to be looked for, Alma is not asked.
    bench.fault(FaultKind::Error500, Endpoint::AlmaUnits, 100);
    assert!(bench.looks(&["plan"]).contains("nothing to send"));
}

#[test]
fn what_a_failed_pass_left_waiting_was_planned_as_new() {
    let bench = rentals();
    bench.furnish();
    bench.mirrored();
    let (unit, _) = furnish_alma(&bench);
    bench.fault(FaultKind::Error500, Endpoint::AlmaBuildings, 100);
    bench.fail();
    bench.clear_faults();
    assert_eq!(
        bench.one("SELECT state FROM alma_object WHERE kind = 'unit' AND external_id = '7'"),
        "blocked"
    );
    let plan = bench.looks(&["plan"]);
    assert!(plan.contains(&format!("~ unit 7  pending  (in Alma {unit})")), "{plan}");
    assert!(plan.contains("    name: \"Old\" -> \"Gate 7\""), "{plan}");
    assert!(!plan.contains("which is not in Alma yet"), "{plan}");
}

#[test]
fn contracts_that_are_over_are_not_planned() {
    let bench = rentals();
    bench.furnish();
    let end = "ufCrm20ContractEndDate";
    let tenant = simulator::BitrixKind::TenantContract;
    bench.portal().change(tenant, 2, end, "\"2025-12-01\"");
    bench.mirrored();
    let plan = bench.looks(&["plan"]);
    assert!(!plan.contains("tenant_contract 2") && !plan.contains("client 53"), "{plan}");
    assert!(plan.contains("+ tenant_contract 1"), "{plan}");
}

#[test]
fn an_audit_lists_what_people_changed_and_takes_back_exactly_that() {
    let bench = rentals();
    bench.furnish();
    let lock = "ufCrm6_1715777670";
    bench.portal().change(simulator::BitrixKind::Apartment, 7, lock, "\"4321\"");
    bench.pass();
    assert_eq!(bench.looks(&["audit"]), "Alma holds all that it was sent\n");
    let alma = bench.alma();
    let unit = bench.id(AlmaKind::Unit, "7");
    alma.edit(AlmaKind::Unit, unit, "header", "\"Nice flat\"");
    alma.edit(AlmaKind::Unit, unit, "electronic_lock_password", "\"9999\"");
    let room = bench.id(AlmaKind::Room, "7");
    alma.edit(AlmaKind::Room, room, "header", "\"Nice room\"");
    let contract = bench.id(AlmaKind::TenantContract, "1");
    alma.archive(AlmaKind::TenantContract, contract, true);
    let owners = bench.id(AlmaKind::OwnerContract, "2");
    alma.remove(AlmaKind::OwnerContract, owners);
    let audit = bench.looks(&["audit"]);
    assert!(audit.contains(&format!("unit 7  differs  (in Alma {unit})")), "{audit}");
    assert!(audit.contains("    header: sent \"Gate 7\", in Alma \"Nice flat\""), "{audit}");
    assert!(audit.contains("tenant_contract 1  archived"), "{audit}");
    assert!(audit.contains("owner_contract 2  vanished"), "{audit}");
    assert!(audit.contains("electronic_lock_password: sent \"[secret]\""), "{audit}");
    assert!(!audit.contains("9999") && !audit.contains("4321"), "{audit}");
    bench.rests();
    // One object is taken back, and only what differs of it.
    let said = bench.looks(&["audit", "--take", "unit", "7"]);
    assert!(said.starts_with("unit 7: to be sent again: "), "{said}");
    let before = bench.report().alma.len();
    bench.pass();
    let calls = bench.report().alma.split_off(before);
    let writes: Vec<_> = calls.iter().filter(|call| call.method != "GET").collect();
    assert_eq!(writes.len(), 1, "{writes:?}");
    let body = writes[0].body.clone().unwrap_or_default();
    assert!(body.contains("\"header\":\"Gate 7\""), "{body}");
    assert_eq!(bench.field(AlmaKind::Unit, "7", "header"), "\"Gate 7\"");
    assert_eq!(bench.field(AlmaKind::Room, "7", "header"), "\"Nice room\"");
    assert!(!bench.looks(&["audit"]).contains("unit 7"));
    bench.rests();
}

#[test]
fn what_alma_was_not_sent_is_not_taken_back() {
    let bench = rentals();
    let only = "only.apartment_status = 5976";
    bench.fills_alma(only, "");
    bench.furnish();
    let portal = bench.portal();
    portal.change(simulator::BitrixKind::Apartment, 7, STATUS, "\"5976\"");
    portal.change(simulator::BitrixKind::Apartment, 8, STATUS, "\"5982\"");
    portal.put(
        simulator::BitrixKind::Apartment,
        9,
        &format!(r#"{{"title":"Gate 9","{STATUS}":5976}}"#),
    );
    let end = "ufCrm20ContractEndDate";
    portal.change(simulator::BitrixKind::TenantContract, 1, end, "\"2025-12-01\"");
    bench.pass();
    for (kind, id, state, expected) in [
        ("unit", "9", "blocked", "unit 9 is not in Alma yet"),
        ("unit", "8", "excluded", "unit 8 is left out by the config"),
        ("tenant_contract", "1", "ended", "tenant_contract 1 has ended"),
    ] {
        assert_eq!(bench.state(kind, id), state);
        for json in [&["--json"][..], &[]] {
            let said = bench.run(&[&["alma", "audit", "--take", kind, id], json].concat());
            assert_eq!(said.code, Some(1), "{}", said.stdout);
            assert!(said.stderr.contains(expected), "{}", said.stderr);
            assert_eq!(said.stdout, "");
        }
    }
    // What was sent before it was left out is not taken back either.
    bench.portal().change(simulator::BitrixKind::Apartment, 7, STATUS, "\"5982\"");
    bench.pass();
    let said = bench.run(&["alma", "audit", "--take", "unit", "7"]);
    assert_eq!(said.code, Some(1), "{}", said.stdout);
    assert!(said.stderr.contains("unit 7 is left out by the config"), "{}", said.stderr);
}

#[test]
fn a_first_sync_asks_for_lists_instead_of_each_object() {
    let bench = rentals();
    for id in 1..=12 {
        bench.apartment(100 + id, super::WHOLE, &format!("[{}]", 200 + id));
        bench.unit(200 + id, 100 + id);
        bench.person(500 + id);
        bench.rents(id, 200 + id, 500 + id);
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    // A building, and twelve of each: a POST for each object, and of contracts what they are about.
    let objects = 1 + 3 * 12;
    let writes = bench.alma().writes();
    assert_eq!(writes, objects);
    let reads = bench.alma().reads();
    assert!(reads <= 12 + 5, "{reads} reads for {objects} objects");
    bench.rests();
}

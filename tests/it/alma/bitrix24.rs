//! Records of Bitrix24 that arrive in Alma: sharing and not sharing, and what waits.

use simulator::{AlmaKind, AlmaObject};

use crate::support::{Bench, setup};

/// Alma, with records of Bitrix24 as its source.
fn bench() -> Bench {
    let bench = setup().alma("source = \"bitrix24\"").start();
    bench.pass();
    bench
}

impl Bench {
    /// A record as Bitrix24 has it by now.
    fn mirror(&self, kind: &str, id: u32, body: &str) {
        self.tamper(&format!(
            "INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at) \
             VALUES ('bitrix24', '{kind}', '{id}', '{body}', 'x', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z') \
             ON CONFLICT (source, kind, id) DO UPDATE SET body = excluded.body; \
             INSERT INTO change (at, source, kind, id, op) \
             VALUES ('2026-01-01T00:00:00.000Z', 'bitrix24', '{kind}', '{id}', 'insert')"
        ));
    }

    /// A record that Bitrix24 no longer has.
    fn vanish(&self, kind: &str, id: u32) {
        self.tamper(&format!(
            "UPDATE record SET deleted_at = '2026-01-01T00:00:00.000Z' \
             WHERE source = 'bitrix24' AND kind = '{kind}' AND id = '{id}'; \
             INSERT INTO change (at, source, kind, id, op) \
             VALUES ('2026-01-01T00:00:00.000Z', 'bitrix24', '{kind}', '{id}', 'delete')"
        ));
    }

    pub(super) fn apartment(&self, id: u32, sharing: u32, unit: &str) {
        let body = format!(
            r#"{{"id":{id},"title":"Gate {id}","ufCrm6_1682232363193":"Gate","ufCrm6_1682232863625":54,"ufCrm6_1736951470242":{sharing},"ufCrm6_1684425402":{unit}}}"#
        );
        self.mirror("apartment", id, &body);
    }

    fn unit(&self, id: u32, apartment: u32) {
        let body = format!(
            r#"{{"id":{id},"title":"Gate {apartment}/{id}","ufCrm8_1684429208":[{apartment}],"ufCrm8_1698838056004":1294,"ufCrm8_1682957076924":244}}"#
        );
        self.mirror("unit", id, &body);
    }

    pub(super) fn owner_contract(&self, id: u32, apartment: u32, contact: u32) {
        let body = format!(
            r#"{{"id":{id},"title":"LL {id}","ufCrm10_1693823301":{apartment},"contactId":{contact},"ufCrm10_1693823247516":"2025-01-01T03:00:00+03:00","ufCrm10_1693823282826":null,"ufCrm10_1708955821":1706}}"#
        );
        self.mirror("owner_contract", id, &body);
    }

    fn tenant_contract(&self, id: u32, unit: u32, contact: u32) {
        let body = format!(
            r#"{{"id":{id},"title":"T {id}","ufCrm20_1693919019":{unit},"contactId":{contact},"ufCrm20ContractStartDate":"2025-01-01T03:00:00+03:00","ufCrm20ContractEndDate":"2099-01-01T03:00:00+03:00","opportunity":5500.5,"ufCrm20_1693561495":882}}"#
        );
        self.mirror("tenant_contract", id, &body);
    }

    pub(super) fn contact(&self, id: u32) {
        let body = format!(
            r#"{{"ID":"{id}","NAME":"Anna","LAST_NAME":null,"UF_CRM_1727788747":"c{id}@example.com","PHONE":[{{"VALUE_TYPE":"WORK","VALUE":"+7900000{id:04}"}}]}}"#
        );
        self.mirror("contact", id, &body);
    }

    /// The operator says something about an object, and a pass follows it.
    fn tell(&self, words: &[&str]) {
        let said = self.run(&[&["alma"], words].concat());
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        self.pass();
    }

    /// Alma's id of what a contract is about.
    fn lets(&self, kind: AlmaKind, contract: &str) -> i64 {
        self.field(kind, contract, "unit_id").parse().unwrap()
    }
}

#[test]
fn apartments_units_contacts_and_contracts_arrive_and_rest() {
    let bench = bench();
    // Apartment 7 is let whole, as unit 22; unit 7 is a room of apartment 22.
    bench.apartment(7, 4598, "[22]");
    bench.unit(22, 7);
    bench.apartment(22, 4600, "[]");
    bench.unit(7, 22);
    bench.owner_contract(1, 7, 51);
    bench.owner_contract(2, 22, 51);
    bench.tenant_contract(1, 22, 52);
    bench.tenant_contract(2, 7, 53);
    for contact in 51..=53 {
        bench.contact(contact);
    }
    bench.pass();
    assert_eq!(
        bench.stand(),
        [
            "building Gate synced",
            "client 51 synced",
            "client 52 synced",
            "client 53 synced",
            "owner_contract 1 synced",
            "owner_contract 2 synced",
            "room 7 synced",
            "tenant_contract 1 synced",
            "tenant_contract 2 synced",
            "unit 22 synced",
            "unit 7 synced",
        ]
    );
    let (whole, shared) = (bench.held(AlmaKind::Unit, "7"), bench.held(AlmaKind::Unit, "22"));
    let room = bench.held(AlmaKind::Room, "7");
    assert_eq!(whole.fields["additional_external_id"], "\"22\"");
    assert_eq!(whole.fields["is_used_additional_external_id"], "true");
    assert_eq!(bench.lets(AlmaKind::OwnerContract, "1"), whole.id);
    assert_eq!(bench.lets(AlmaKind::OwnerContract, "2"), shared.id);
    assert_eq!(bench.lets(AlmaKind::TenantContract, "1"), whole.id);
    assert_eq!(bench.lets(AlmaKind::TenantContract, "2"), room.id);
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "price"), "\"5500.50\"");
    bench.rests();
}

#[test]
fn a_contract_that_came_first_waits_for_its_apartment_and_is_about_no_other() {
    let bench = bench();
    // Another apartment has the number of the unit.
    bench.apartment(22, 4598, "[]");
    bench.contact(52);
    bench.tenant_contract(1, 22, 52);
    bench.pass();
    let waits = |reason| {
        bench.pass();
        assert_eq!(bench.reason("tenant_contract", "1"), reason);
        assert!(bench.alma().object(AlmaKind::TenantContract, "1").is_none());
    };
    waits("waits for unit 22, which the ledger does not have");
    bench.unit(22, 7);
    waits("waits for apartment 7, which the ledger does not have");
    bench.apartment(7, 1, "[22]");
    bench.pass();
    assert!(bench.reason("tenant_contract", "1").starts_with("apartment 7 has 1 in Sharing"));
    bench.apartment(7, 4598, "[22]");
    bench.pass();
    let whole = bench.held(AlmaKind::Unit, "7");
    assert_eq!(bench.lets(AlmaKind::TenantContract, "1"), whole.id);
    bench.rests();
}

#[test]
fn a_contract_waits_for_a_unit_that_is_blocked_and_goes_on_with_it() {
    let bench = bench();
    bench.apartment(7, 4598, "[22]");
    bench.unit(22, 7);
    bench.contact(52);
    bench.tenant_contract(1, 22, 52);
    let body = r#"{"id":7,"title":"Gate 7","ufCrm6_1682232363193":"Gate","ufCrm6_1682232863625":99,"ufCrm6_1736951470242":4598}"#;
    bench.mirror("apartment", 7, body);
    bench.pass();
    assert!(bench.reason("unit", "7").contains("99 in Type"));
    assert_eq!(bench.reason("tenant_contract", "1"), "waits for unit 7, which is blocked");
    bench.rests();
    bench.apartment(7, 4598, "[22]");
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "1"), "synced");
    bench.rests();
}

#[test]
fn a_contract_follows_its_apartment_when_that_is_shared_no_longer() {
    let bench = bench();
    bench.apartment(7, 4600, "[]");
    bench.unit(22, 7);
    bench.contact(52);
    bench.tenant_contract(1, 22, 52);
    bench.pass();
    let room = bench.held(AlmaKind::Room, "22");
    assert_eq!(bench.lets(AlmaKind::TenantContract, "1"), room.id);
    bench.apartment(7, 4598, "[22]");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "additional_external_id"), "\"22\"");
    // Alma lets no unit that has rooms, and archives a room with its contracts: both are
    // the operator's to decide.
    assert_eq!(bench.state("room", "22"), "held");
    // Alma still finds the room under the number of the contract.
    assert_eq!(bench.state("tenant_contract", "1"), "blocked");
    bench.tell(&["release", "room", "22"]);
    assert_eq!(bench.state("tenant_contract", "1"), "held");
    bench.tell(&["release", "tenant_contract", "1"]);
    assert_eq!(bench.state("tenant_contract", "1"), "synced");
    let whole = bench.held(AlmaKind::Unit, "7");
    let contracts = bench.alma().objects(AlmaKind::TenantContract);
    let about = |contract: &AlmaObject| contract.fields["unit_id"] == whole.id.to_string();
    assert!(contracts.iter().any(about), "{contracts:?}");
}

#[test]
fn what_an_archived_apartment_takes_with_it_is_asked_for_no_more() {
    let bench = bench();
    bench.apartment(7, 4600, "[]");
    bench.unit(22, 7);
    bench.contact(51);
    bench.contact(52);
    bench.owner_contract(1, 7, 51);
    bench.tenant_contract(1, 22, 52);
    bench.pass();
    bench.rests();
    for (kind, id) in
        [("apartment", 7), ("unit", 22), ("owner_contract", 1), ("tenant_contract", 1)]
    {
        bench.vanish(kind, id);
    }
    bench.pass();
    let held = |kind, id| bench.state(kind, id) == "held";
    assert!(held("unit", "7") && held("room", "22") && held("tenant_contract", "1"));
    bench.tell(&["release", "unit", "7"]);
    // What goes with it is noticed by the pass that follows.
    bench.pass();
    assert_eq!(
        bench.lines("SELECT kind || ' ' || state FROM alma_object WHERE kind NOT IN ('building', 'client') ORDER BY kind"),
        ["owner_contract archived", "room archived", "tenant_contract archived", "unit archived"]
    );
    bench.rests();
}

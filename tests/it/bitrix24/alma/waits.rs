//! What cannot arrive yet: it waits or is blocked alone, says why, and goes on by itself.

use simulator::{AlmaKind, BitrixKind};

use super::{SHARED, WHOLE, of, rentals};

#[test]
fn a_contract_that_came_before_its_apartment_waits_for_it() {
    let bench = rentals();
    bench.rents(1, 22, 52);
    bench.owns(1, 7, 51);
    bench.pass();
    assert_eq!(
        bench.stuck(),
        [
            "client 51 blocked: owner_contract 1 names contact 51, which the ledger does not have",
            "client 52 blocked: tenant_contract 1 names contact 52, which the ledger does not have",
            "owner_contract 1 blocked: waits for apartment 7, which the ledger does not have",
            "tenant_contract 1 blocked: waits for unit 22, which the ledger does not have",
        ]
    );
    assert_eq!(bench.alma().writes(), 0);
    bench.person(51);
    bench.person(52);
    bench.unit(22, 7);
    bench.pass();
    assert_eq!(
        bench.stuck(),
        [
            "owner_contract 1 blocked: waits for apartment 7, which the ledger does not have",
            "room 22 blocked: waits for apartment 7, which the ledger does not have",
            "tenant_contract 1 blocked: waits for apartment 7, which the ledger does not have",
        ]
    );
    bench.apartment(7, WHOLE, "[22]");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    let whole = bench.id(AlmaKind::Unit, "7").to_string();
    assert_eq!(bench.field(AlmaKind::OwnerContract, "1", "unit_id"), whole);
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "unit_id"), whole);
    bench.rests();
}

#[test]
fn a_choice_that_no_table_knows_blocks_its_object_alone_and_is_named() {
    let bench = rentals();
    bench.furnish();
    let portal = bench.portal();
    for (kind, id, field, raw) in [
        (BitrixKind::Apartment, 9, "ufCrm6_1682232863625", "[999]"),
        (BitrixKind::Apartment, 10, "ufCrm6_1682233481671", "\"998\""),
        (BitrixKind::Apartment, 11, "ufCrm6_1736951470242", "4599"),
        (BitrixKind::Unit, 30, "ufCrm8_1698838056004", "997"),
        (BitrixKind::Unit, 31, "ufCrm8_1682957076924", "996"),
        (BitrixKind::OwnerContract, 3, "ufCrm10_1708955821", "995"),
        (BitrixKind::TenantContract, 3, "ufCrm20_1693561495", "8672"),
    ] {
        match kind {
            BitrixKind::Apartment => bench.apartment(id, SHARED, "[]"),
            BitrixKind::Unit => bench.unit(id, 8),
            BitrixKind::OwnerContract => bench.owns(id, 8, 51),
            _ => bench.rents(id, 7, 52),
        }
        portal.change(kind, id, field, raw);
    }
    bench.pass();
    let unknown = |choice, field, code, table| {
        format!(
            "has {choice} in {field} ({code}), which the table does not know: correct it in Bitrix24, \
             or add it to [alma.tables.{table}]"
        )
    };
    let type_of = unknown(999, "Type", "ufCrm6_1682232863625", "property_type");
    let bedrooms = unknown(999, "Type", "ufCrm6_1682232863625", "bedrooms");
    let bedrooms = bedrooms.trim_start_matches("has ");
    let metro = unknown(998, "Dubai Metro", "ufCrm6_1682233481671", "subway_station");
    let sharing = unknown(4599, "Sharing", "ufCrm6_1736951470242", "sharing");
    let name = unknown(997, "Number of Unit", "ufCrm8_1698838056004", "room_name");
    let housing = unknown(996, "Housing Type", "ufCrm8_1682957076924", "housing_type");
    let model = unknown(995, "work model", "ufCrm10_1708955821", "work_model");
    let contract = unknown(8672, "type", "ufCrm20_1693561495", "type_contract");
    assert_eq!(
        bench.stuck(),
        [
            format!("owner_contract 3 blocked: owner_contract 3 {model}"),
            format!("room 30 blocked: unit 30 {name}"),
            format!("room 31 blocked: unit 31 {housing}"),
            format!("tenant_contract 3 blocked: tenant_contract 3 {contract}"),
            format!("unit 10 blocked: apartment 10 {metro}"),
            format!("unit 11 blocked: apartment 11 {sharing}"),
            format!("unit 9 blocked: apartment 9 {type_of}; and {bedrooms}"),
        ]
    );
    assert_eq!(bench.alma().objects(AlmaKind::Unit).len(), 2);
    bench.rests();
    // The operator adds what the portal has, and puts one right there.
    bench.fills_alma(
        "",
        r#"[alma.tables.property_type]
999 = "detached_villa"
[alma.tables.bedrooms]
999 = 7
[alma.tables.subway_station]
998 = "Gold Souq"
[alma.tables.room_name]
997 = "Bed2"
[alma.tables.housing_type]
996 = "room"
[alma.tables.work_model]
995 = "TM 12%"
[alma.tables.sharing]
4599 = false
"#,
    );
    let ended = "\"2026-01-01\"";
    portal.change(BitrixKind::TenantContract, 3, "ufCrm20ContractEndDate", ended);
    portal.change(BitrixKind::TenantContract, 3, "ufCrm20_1693561495", "882");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.state("tenant_contract", "3"), "ended");
    assert_eq!(bench.field(AlmaKind::Unit, "9", "property_type"), "\"detached_villa\"");
    assert_eq!(bench.field(AlmaKind::Unit, "9", "number_of_bedrooms"), "7");
    assert_eq!(bench.field(AlmaKind::Unit, "10", "subway_station"), "\"Gold Souq\"");
    assert_eq!(bench.field(AlmaKind::Room, "30", "name"), "\"Bed2\"");
    assert_eq!(bench.field(AlmaKind::Room, "31", "property_type"), "\"room\"");
    assert_eq!(bench.field(AlmaKind::OwnerContract, "3", "work_model"), "\"TM 12%\"");
    bench.rests();
}

#[test]
fn a_table_that_the_config_replaces_knows_nothing_else() {
    let bench =
        of("tables_replace = [\"work_model\"]\n[alma.tables.work_model]\n1706 = \"All year\"\n");
    bench.furnish();
    let model = "ufCrm10_1708955821";
    bench.portal().change(BitrixKind::OwnerContract, 1, model, "1706");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::OwnerContract, "1", "work_model"), "\"All year\"");
    let stuck = bench.stuck();
    assert_eq!(stuck.len(), 1, "{stuck:?}");
    assert!(
        stuck[0].starts_with("owner_contract 2 blocked: owner_contract 2 has 1698 in work model")
    );
    // Without that section the document's table is back, for what has arrived too.
    bench.fills_alma("", "");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::OwnerContract, "1", "work_model"), "\"Long term\"");
    assert_eq!(bench.field(AlmaKind::OwnerContract, "2", "work_model"), "\"TM 10%\"");
    bench.rests();
}

#[test]
fn people_who_cannot_be_clients_hold_up_their_contracts_alone() {
    let bench = rentals();
    bench.furnish();
    let portal = bench.portal();
    portal.change(BitrixKind::Contact, 52, "UF_CRM_1727788747", "\"\"");
    portal.change(BitrixKind::Contact, 52, "PHONE", "[]");
    portal.change(BitrixKind::Contact, 53, "UF_CRM_1727788747", "\"nobody\"");
    bench.pass();
    assert_eq!(
        bench.stuck(),
        [
            "client 52 blocked: contact 52 has no Email (UF_CRM_1727788747): give it in Bitrix24; and no Phone: give it in Bitrix24",
            "client 53 blocked: contact 53 has an Email (UF_CRM_1727788747) that is not one address: correct it in Bitrix24",
            "tenant_contract 1 blocked: waits for client 52, which is blocked",
            "tenant_contract 2 blocked: waits for client 53, which is blocked",
        ]
    );
    bench.person(52);
    bench.person(53);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

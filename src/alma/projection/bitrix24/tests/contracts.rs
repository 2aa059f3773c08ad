//! Contracts of owners and of tenants.

use super::*;

const OWNERS: AlmaKind = AlmaKind::OwnerContract;
const TENANTS: AlmaKind = AlmaKind::TenantContract;

fn owns(name: &str, value: &str) -> Ledger {
    small().with(OWNER_CONTRACT, "3", name, value)
}

fn rents(name: &str, value: &str) -> Ledger {
    small().with(TENANT_CONTRACT, "5", name, value)
}

#[test]
fn an_owner_has_a_contract_with_every_field_of_the_document() {
    assert_eq!(
        small().wanted(OWNERS, "3"),
        r#"{"external_id":"3","unit_id":"7","client_id":"51","name":"LL 3","start_date":"2025-04-29T00:00:00","end_date":"2027-04-28T00:00:00","contract_with_client_scan":"file:owner_contract/3/ufCrm10_1709042143/41","property_title_deed_scan":"file:owner_contract/3/ufCrm10_1694000636731/43","property_management_letter_scan":"file:owner_contract/3/ufCrm10_1694000391518/44","dtcm_permit_scan":null,"pml_start_date":"2025-05-01T00:00:00","pml_end_date":"2026-05-01T00:00:00","work_model":"TM 10%","rental_object":"unit 7"}"#
    );
    assert_eq!(owns("ufCrm10_1708956056", "\"\"").field(OWNERS, "3", "pml_start_date"), "null");
}

#[test]
fn a_tenant_has_a_contract_with_every_field_of_the_document() {
    assert_eq!(
        small().wanted(TENANTS, "5"),
        r#"{"external_id":"5","unit_id":"22","client_id":"52","name":"T 5","start_date":"2026-01-01T00:00:00","end_date":"2027-01-01T00:00:00","price":"12500.50","contract_scan":"file:tenant_contract/5/ufCrm20Contract/46","history":"moved in; extended","type_contract":"Long-term 3+ months","rental_object":"unit 7"}"#
    );
}

#[test]
fn a_contract_says_which_object_its_number_stands_for() {
    let about = |ledger: &Ledger| ledger.field(TENANTS, "5", "rental_object");
    // Apartment 7 has the same number as a unit of apartment 8.
    let of_room = rents("ufCrm20_1693919019", "[7]");
    assert_eq!(of_room.field(TENANTS, "5", "unit_id"), "\"7\"");
    assert_eq!(about(&of_room), "\"room 7\"");
    let turned = of_room.with(APARTMENT, "8", "ufCrm6_1736951470242", "4598");
    assert_eq!(about(&turned), "\"unit 8\"");
    let shared = small().with(APARTMENT, "7", "ufCrm6_1736951470242", "4600");
    assert_eq!(about(&shared), "\"room 22\"");
}

#[test]
fn a_contract_before_its_unit_or_apartment_waits() {
    let contract = Ledger::of(&[(TENANT_CONTRACT, "5", RENTS), (OWNER_CONTRACT, "3", OWNS)]);
    let waits = "waits for apartment 7, which the ledger does not have";
    assert_eq!(contract.reason(OWNERS, "3"), waits);
    let reason = |ledger: &Ledger| ledger.reason(TENANTS, "5");
    assert_eq!(reason(&contract), "waits for unit 22, which the ledger does not have");
    let mut with_unit = contract.clone();
    with_unit.put(UNIT, "22", Some(OF_WHOLE));
    assert_eq!(reason(&with_unit), waits);
    let mut with_both = with_unit;
    let named = with_both.put(APARTMENT, "7", Some(WHOLE));
    let touched = bitrix24().touched(APARTMENT, "7", &named, &with_both).unwrap();
    assert!(touched.contains(&AlmaKey::new(TENANTS, "5")), "{touched:?}");
    with_both.wanted(TENANTS, "5");
    assert!(touched.contains(&AlmaKey::new(OWNERS, "3")), "{touched:?}");
    with_both.wanted(OWNERS, "3");

    let unclear = small().with(APARTMENT, "7", "ufCrm6_1736951470242", "1");
    assert!(reason(&unclear).starts_with("apartment 7 has 1 in Sharing"));
    let other = small().with(APARTMENT, "7", "ufCrm6_1684425402", "23");
    assert_eq!(
        reason(&other),
        "unit 22 is not the one that apartment 7, which is not shared, is let as: correct \
         ufCrm6_1684425402 or Sharing of the apartment in Bitrix24"
    );
    let alone = small().with(UNIT, "22", "ufCrm8_1684429208", "null");
    // Apartment 7 still names it.
    alone.wanted(TENANTS, "5");
}

#[test]
fn a_contract_may_name_the_apartment_where_the_config_says_so() {
    let projection = Bitrix24::new(Settings {
        tenant_contract_names: TenantContractNames::Apartment,
        ..settings()
    });
    let ledger = rents("ufCrm20_1693919019", "8").without(UNIT, "22");
    let wanted = projection.project(&AlmaKey::new(TENANTS, "5"), &ledger).unwrap();
    let Wanted::Yes(fields) = wanted else {
        panic!("{wanted:?}");
    };
    assert_eq!(fields.get("unit_id"), Some("\"8\""));
    assert_eq!(fields.get("rental_object"), Some("\"unit 8\""));
}

#[test]
fn odd_values_of_a_tenants_contract() {
    for (name, value, field, expected) in [
        ("opportunity", "0", "price", "\"0.00\""),
        ("opportunity", "\"5500\"", "price", "\"5500.00\""),
        ("opportunity", "5500.1000", "price", "\"5500.10\""),
        ("opportunity", "\"5500.05|AED\"", "price", "\"5500.05\""),
        ("opportunity", "\"85,5\"", "price", "\"85.50\""),
        (
            "opportunity",
            "123456789012345678901234567890.12",
            "price",
            "\"123456789012345678901234567890.12\"",
        ),
        ("ufCrm20ContractHistory", "\" text \"", "history", "\"text\""),
        ("ufCrm20ContractHistory", "null", "history", "\"\""),
        ("ufCrm20ContractHistory", "[\"a\",null,\"\",\"b\"]", "history", "\"a; b\""),
        (
            "ufCrm20Contract",
            "{\"id\":\"47\"}",
            "contract_scan",
            "\"file:tenant_contract/5/ufCrm20Contract/47\"",
        ),
        ("ufCrm20Contract", "null", "contract_scan", "null"),
        ("ufCrm20ContractEndDate", "\"\"", "end_date", "\"2099-12-31T00:00:00\""),
        ("ufCrm20ContractEndDate", "null", "end_date", "\"2099-12-31T00:00:00\""),
        (
            "ufCrm20ContractStartDate",
            "\"2025-12-31T23:59:59-11:00\"",
            "start_date",
            "\"2025-12-31T00:00:00\"",
        ),
        ("contactId", "\"C_52\"", "client_id", "\"52\""),
    ] {
        let found = rents(name, value).field(TENANTS, "5", field);
        assert_eq!(found, expected, "{name} {value}");
    }
}

#[test]
fn a_contract_that_lacks_something_is_blocked() {
    for (name, value, expected) in [
        ("title", "null", "no title (title): give it in Bitrix24"),
        ("contactId", "0", "no contact (contactId): give it in Bitrix24"),
        ("contactId", "null", "no contact (contactId): give it in Bitrix24"),
        ("ufCrm20_1693919019", "[]", "no unit (ufCrm20_1693919019): give it in Bitrix24"),
        (
            "ufCrm20ContractStartDate",
            "\"\"",
            "no start (ufCrm20ContractStartDate): give it in Bitrix24",
        ),
        (
            "ufCrm20ContractStartDate",
            "\"01.01.2026\"",
            "a value in start (ufCrm20ContractStartDate) that is no date: correct it in Bitrix24",
        ),
        (
            "ufCrm20ContractEndDate",
            "17",
            "a value in end (ufCrm20ContractEndDate) that is no date: correct it in Bitrix24",
        ),
        (
            "ufCrm20ContractEndDate",
            "\"2026-01-01\"",
            "a start (ufCrm20ContractStartDate) that is not before its end (ufCrm20ContractEndDate): correct them in Bitrix24",
        ),
        (
            "opportunity",
            "-1",
            "a value in amount (opportunity) that is no number: correct it in Bitrix24",
        ),
        (
            "opportunity",
            "\"5,500|AED\"",
            "a value in amount (opportunity) that is no number: correct it in Bitrix24",
        ),
        (
            "opportunity",
            "\"12,500\"",
            "a value in amount (opportunity) that is no number: correct it in Bitrix24",
        ),
        (
            "opportunity",
            "1.005",
            "a value in amount (opportunity) that is no amount with at most two decimals: correct it in Bitrix24",
        ),
        ("ufCrm20_1693561495", "\"\"", "no type (ufCrm20_1693561495): give it in Bitrix24"),
        (
            "ufCrm20_1693561495",
            "6578",
            "6578 in type (ufCrm20_1693561495), which the table does not know: correct it in Bitrix24, or add it to [alma.tables.type_contract]",
        ),
    ] {
        let expected = format!("tenant_contract 5 has {expected}");
        assert_eq!(rents(name, value).reason(TENANTS, "5"), expected, "{value}");
    }
    for (name, value, expected) in [
        ("ufCrm10_1693823301", "null", "no apartment (ufCrm10_1693823301): give it in Bitrix24"),
        ("ufCrm10_1708955821", "null", "no work model (ufCrm10_1708955821): give it in Bitrix24"),
        (
            "ufCrm10_1708955821",
            "[\"1\"]",
            "1 in work model (ufCrm10_1708955821), which the table does not know: correct it in Bitrix24, or add it to [alma.tables.work_model]",
        ),
        (
            "ufCrm10_1708956056",
            "\"x\"",
            "a value in management letter's start (ufCrm10_1708956056) that is no date: correct it in Bitrix24",
        ),
    ] {
        let expected = format!("owner_contract 3 has {expected}");
        assert_eq!(owns(name, value).reason(OWNERS, "3"), expected, "{value}");
    }
}

#[test]
fn an_emptied_price_blocks_the_price_alone() {
    let ledger = rents("opportunity", "null");
    assert_eq!(ledger.field(TENANTS, "5", "price"), "");
    assert_eq!(
        ledger.field(TENANTS, "5", "why_blocked"),
        "\"tenant_contract 5 has no amount (opportunity): give it in Bitrix24\""
    );
}

#[test]
fn an_end_that_the_item_lacks_altogether_is_no_open_one() {
    let body = RENTS.replace("\"ufCrm20ContractEndDate\":\"2027-01-01\",", "");
    let mut ledger = small();
    ledger.put(TENANT_CONTRACT, "5", Some(&body));
    assert_eq!(ledger.field(TENANTS, "5", "end_date"), "");
    assert!(ledger.field(TENANTS, "5", "why_not_new").contains("no end (ufCrm20ContractEndDate)"));
}

#[test]
fn a_contract_that_is_gone_is_none() {
    assert_eq!(small().without(OWNER_CONTRACT, "3").project(OWNERS, "3"), Wanted::No);
    assert_eq!(small().without(TENANT_CONTRACT, "5").project(TENANTS, "5"), Wanted::No);
}

//! How long contracts run, and contacts are needed.

use super::*;

const OWNERS: AlmaKind = AlmaKind::OwnerContract;
const CLIENT: AlmaKind = AlmaKind::Client;

/// A projection that wants some tenants' contracts, apartments and contacts alone.
#[derive(Debug, Clone, Copy, Default)]
struct Choosing;

impl memory::Subject for Choosing {
    fn projection() -> &'static dyn Projection {
        static ONE: LazyLock<Bitrix24> = LazyLock::new(|| {
            let only = Bitrix24Only::default()
                .with("tenant_contract_price", &["12500.5"])
                .with("apartment_type", &["56", "58"]);
            Bitrix24::new(Settings { only, ..settings() })
        });
        &*ONE
    }
}

/// The same contract, which ends on another day.
fn rents(end: &str) -> String {
    with(RENTS, "ufCrm20ContractEndDate", end)
}

#[test]
fn a_contact_is_needed_until_the_last_of_its_contracts_ends() {
    let mut ledger = small();
    assert_eq!(ledger.until(OWNERS, "3"), "2027-04-28");
    assert_eq!(ledger.until(AlmaKind::TenantContract, "5"), "2027-01-01");
    assert_eq!(ledger.until(CLIENT, "52"), "2027-01-01");
    ledger.put(TENANT_CONTRACT, "6", Some(&rents("\"2029-01-01\"")));
    assert_eq!(ledger.until(CLIENT, "52"), "2029-01-01");
    // One without an end has none to come.
    ledger.put(TENANT_CONTRACT, "6", Some(&rents("null")));
    assert_eq!(ledger.until(CLIENT, "52"), "");
    assert_eq!(ledger.until(AlmaKind::Unit, "7"), "");
}

#[test]
fn contracts_that_are_left_out_keep_no_contact_needed() {
    let mut ledger = memory::Ledger::<Choosing>::default();
    for (kind, id, body) in [
        (APARTMENT, "7", WHOLE),
        (UNIT, "22", OF_WHOLE),
        (TENANT_CONTRACT, "5", RENTS),
        (CONTACT, "52", TENANT),
    ] {
        ledger.put(kind, id, Some(body));
    }
    assert_eq!(ledger.until(CLIENT, "52"), "2027-01-01");
    // By itself.
    let later = with(&rents("\"2029-01-01\""), "opportunity", "1");
    ledger.put(TENANT_CONTRACT, "6", Some(&later));
    assert_eq!(ledger.until(CLIENT, "52"), "2027-01-01");
    // With its apartment: none is left, so no day says that the contact is over.
    ledger.put(APARTMENT, "7", Some(&with(WHOLE, "ufCrm6_1682232863625", "60")));
    assert_eq!(ledger.until(CLIENT, "52"), "");
    assert!(matches!(ledger.project(CLIENT, "52"), Wanted::Excluded { is_itself: false, .. }));
    ledger.put(APARTMENT, "7", Some(WHOLE));
    assert_eq!(ledger.until(CLIENT, "52"), "2027-01-01");
}

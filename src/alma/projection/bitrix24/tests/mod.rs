//! The projection over records in memory.

mod about;
mod clients;
mod contracts;
mod links;
mod properties;
mod rooms;
mod spellings;
mod tables;
mod units;
mod until;

use std::sync::LazyLock;

use jiff::civil::date;

use super::{
    APARTMENT, Bitrix24, CONTACT, EntityTypes, OWNER_CONTRACT, Settings, TENANT_CONTRACT, Tables,
    UNIT,
};
use crate::alma::projection::memory::{self, Pair, pair, with};
use crate::alma::projection::{Projection, Wanted};
use crate::config::{
    AlmaTables, Bitrix24Fields, Bitrix24Only, ENTITY_TYPES, PhoneCountry, TenantContractNames,
};
use crate::ledger::{AlmaKey, AlmaKind};

type Ledger = memory::Ledger<Subject>;

/// What is tested.
#[derive(Debug, Clone, Copy, Default)]
struct Subject;

impl memory::Subject for Subject {
    fn projection() -> &'static dyn Projection {
        static ONE: LazyLock<Bitrix24> = LazyLock::new(bitrix24);
        &*ONE
    }
}

fn settings() -> Settings {
    Settings {
        project: 207,
        open_ended_date: date(2099, 12, 31),
        tenant_contract_names: TenantContractNames::Unit,
        types: EntityTypes::new(ENTITY_TYPES),
        fields: Bitrix24Fields::default(),
        only: Bitrix24Only::default(),
        tables: Tables::new(&AlmaTables::default()),
        phone_country: PhoneCountry::AE,
        blank_last_name: "-".to_owned(),
    }
}

fn bitrix24() -> Bitrix24 {
    Bitrix24::new(settings())
}

/// An apartment that is not shared and let as unit 22.
const WHOLE: &str = r#"{"id":7,"title":"Marina Gate 1 - 1204","updatedTime":"2026-11-20T10:00:00+03:00","ufCrm6_1682232363193":"Marina Gate 1","ufCrm6_1682232396330":"1204","ufCrm6_1682232424142":85.50,"ufCrm6_1682232447205":"12500|AED","ufCrm6_1718821717":"Al Seba St","ufCrm6_1682232863625":56,"ufCrm6_1682232465964":2,"ufCrm6_1697622591377":"Y","ufCrm6_1682232312628":"12","ufCrm6_1682235809295":"gate","ufCrm6_1686728251990":"w1f1","ufCrm6_1682233481671":112,"ufCrm6_1683299159437":"P2-17","ufCrm6_1720794204":"4411","ufCrm6_1715777670":"","ufCrm6_1736951470242":4598,"ufCrm6_1684425402":[22],"ufCrm6_1682238498225":[{"id":31},{"id":"32"}]}"#;

/// An apartment that is shared.
const SHARED: &str = r#"{"id":8,"title":"Damac Heights - 305","ufCrm6_1682232363193":"Damac Heights","ufCrm6_1682232863625":"58","ufCrm6_1736951470242":"4600","ufCrm6_1684425402":[]}"#;

/// The unit of the apartment 7.
const OF_WHOLE: &str = r#"{"id":22,"title":"Marina Gate 1 - 1204 / 1","ufCrm8_1684429208":[7]}"#;

/// A unit of the apartment 8.
const OF_SHARED: &str = r#"{"id":7,"title":"Damac Heights - 305 / 2","ufCrm8_1684429208":["8"],"ufCrm8_1698838056004":1296,"ufCrm8_1686662655574":"2","ufCrm8_1699620518232":3100.5,"ufCrm8_1686662606534":"14.2","ufCrm8_1682957076924":242}"#;

const OWNS: &str = r#"{"id":3,"title":"LL 3","ufCrm10_1693823301":7,"contactId":51,"ufCrm10_1693823247516":"2025-04-29T03:00:00+03:00","ufCrm10_1693823282826":"2027-04-28T03:00:00+03:00","ufCrm10_1708955821":1698,"ufCrm10_1708956056":"2025-05-01T03:00:00+03:00","ufCrm10_1708955996":"2026-05-01","ufCrm10_1709042143":{"id":41},"ufCrm10_1694000636731":[{"id":42},{"id":43}],"ufCrm10_1694000391518":{"id":44},"ufCrm10_1694000558852":[],"ufCrm10_1694000435068":{"id":45}}"#;

const RENTS: &str = r#"{"id":5,"title":"T 5","ufCrm20_1693919019":22,"contactId":52,"ufCrm20ContractStartDate":"2026-01-01T03:00:00+03:00","ufCrm20ContractEndDate":"2027-01-01","opportunity":12500.5,"currencyId":"AED","ufCrm20_1693561495":886,"ufCrm20ContractHistory":["moved in"," extended "],"ufCrm20Contract":[{"id":46}]}"#;

const OWNER: &str = r#"{"ID":"51","NAME":"William","LAST_NAME":"Lee","UF_CRM_1727788747":"lee@example.com","PHONE":[{"ID":"1","VALUE_TYPE":"MOBILE","VALUE":"+7 900 000-00-01"},{"ID":"2","VALUE_TYPE":"WORK","VALUE":"+7 (900) 000-00-02"}],"BIRTHDATE":"1990-08-24T03:00:00+03:00"}"#;

const TENANT: &str = r#"{"ID":"52","NAME":"Anna","LAST_NAME":null,"UF_CRM_1727788747":"anna@example.com","PHONE":[{"VALUE_TYPE":"HOME","VALUE":"+7 900 000-00-03"}],"BIRTHDATE":""}"#;

/// A ledger with an apartment of each sort, their units, and two contracts.
fn small() -> Ledger {
    Ledger::of(&[
        (APARTMENT, "7", WHOLE),
        (APARTMENT, "8", SHARED),
        (UNIT, "22", OF_WHOLE),
        (UNIT, "7", OF_SHARED),
        (OWNER_CONTRACT, "3", OWNS),
        (TENANT_CONTRACT, "5", RENTS),
        (CONTACT, "51", OWNER),
        (CONTACT, "52", TENANT),
    ])
}

#[test]
fn the_settings_say_what_decides() {
    let text = bitrix24().settings();
    for part in ["207", "2099-12-31", "rules 8", "Unit", "ufCrm8_1684429208", "Long term"] {
        assert!(text.contains(part), "{text} {part}");
    }
    assert_eq!(bitrix24().source(), "bitrix24");
    let kinds = [APARTMENT, UNIT, OWNER_CONTRACT, TENANT_CONTRACT, CONTACT];
    assert_eq!(bitrix24().kinds(), kinds);
}

//! The projection over records in memory.

mod clients;
mod contracts;
mod links;
mod properties;
mod rooms;
mod spellings;
mod tables;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;

use super::{
    APARTMENT, Bitrix24, CONTACT, OWNER_CONTRACT, Settings, TENANT_CONTRACT, Tables, UNIT,
};
use crate::alma::projection::{Projection, Records, Wanted};
use crate::config::{AlmaTables, Bitrix24Fields, TenantContractNames};
use crate::ledger::{AlmaKey, AlmaKind, Error};

/// Kind and id of a record, or of what one names.
type Pair = (String, String);

/// Records and their links, as the ledger keeps them.
#[derive(Debug, Clone, Default)]
struct Ledger {
    bodies: BTreeMap<Pair, String>,
    links: BTreeMap<Pair, BTreeSet<Pair>>,
}

fn pair(kind: &str, id: &str) -> Pair {
    (kind.to_owned(), id.to_owned())
}

impl Ledger {
    /// A ledger with these records: kind, id, body.
    fn of(records: &[(&str, &str, &str)]) -> Self {
        let mut ledger = Self::default();
        for (kind, id, body) in records {
            ledger.put(kind, id, Some(body));
        }
        ledger
    }

    /// Stores a body, or deletes the record, and brings its links up to date.
    fn put(&mut self, kind: &str, id: &str, body: Option<&str>) -> Vec<Pair> {
        self.put_body(kind, id, body);
        self.put_links(kind, id)
    }

    fn put_body(&mut self, kind: &str, id: &str, body: Option<&str>) {
        match body {
            Some(body) => self.bodies.insert(pair(kind, id), body.to_owned()),
            None => self.bodies.remove(&pair(kind, id)),
        };
    }

    /// Brings the links of a record up to date; what it named and what it names.
    fn put_links(&mut self, kind: &str, id: &str) -> Vec<Pair> {
        let body = self.bodies.get(&pair(kind, id));
        let links = body.map(|body| bitrix24().links(kind, id, body));
        let links = links.unwrap_or_default().into_iter();
        let now: BTreeSet<Pair> = links.map(|link| (link.to.to_owned(), link.id)).collect();
        let before = self.links.insert(pair(kind, id), now.clone());
        now.union(&before.unwrap_or_default()).cloned().collect()
    }

    /// The same with a member of a record that has another value, JSON text.
    fn with(&self, kind: &str, id: &str, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        let body = with(&self.bodies[&pair(kind, id)], name, value);
        other.put(kind, id, Some(&body));
        other
    }

    /// The same without a record.
    fn without(&self, kind: &str, id: &str) -> Self {
        let mut other = self.clone();
        other.put(kind, id, None);
        other
    }

    fn project(&self, kind: AlmaKind, id: &str) -> Wanted {
        bitrix24().project(&AlmaKey::new(kind, id), self).unwrap()
    }

    /// The text of an object that is wanted.
    fn wanted(&self, kind: AlmaKind, id: &str) -> String {
        match self.project(kind, id) {
            Wanted::Yes(fields) => fields.text(),
            other => panic!("{kind} {id}: {other:?}"),
        }
    }

    /// A field of an object that is wanted, as JSON text; empty where it is left out.
    fn field(&self, kind: AlmaKind, id: &str, name: &str) -> String {
        match self.project(kind, id) {
            Wanted::Yes(fields) => fields.get(name).unwrap_or_default().to_owned(),
            other => panic!("{kind} {id}: {other:?}"),
        }
    }

    /// Why an object is blocked.
    fn reason(&self, kind: AlmaKind, id: &str) -> String {
        match self.project(kind, id) {
            Wanted::Blocked(reason) => reason,
            other => panic!("{kind} {id}: {other:?}"),
        }
    }
}

impl Records for Ledger {
    fn record(&self, kind: &str, id: &str) -> Result<Option<String>, Error> {
        Ok(self.bodies.get(&pair(kind, id)).cloned())
    }

    fn named_by(&self, kind: &str, id: &str) -> Result<Vec<Pair>, Error> {
        let links = self.links.get(&pair(kind, id));
        Ok(links.into_iter().flatten().cloned().collect())
    }

    fn naming(&self, kind: &str, to: &str, id: &str) -> Result<Vec<String>, Error> {
        let named = pair(to, id);
        let records = self.links.iter().filter(|(record, links)| {
            let (its_kind, _) = record;
            its_kind == kind && links.contains(&named)
        });
        Ok(records.map(|((_, id), _)| id.clone()).collect())
    }

    fn named(&self, to: &str, prefix: &str) -> Result<Vec<String>, Error> {
        let links = self.links.values().flatten();
        let named = links.filter(|(kind, id)| kind == to && id.starts_with(prefix));
        let ids: BTreeSet<String> = named.map(|(_, id)| id.clone()).collect();
        Ok(ids.into_iter().collect())
    }
}

fn settings() -> Settings {
    Settings {
        project: 207,
        open_ended_date: date(2099, 12, 31),
        tenant_contract_names: TenantContractNames::Unit,
        fields: Bitrix24Fields::default(),
        tables: Tables::new(&AlmaTables::default()),
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

const TENANT: &str = r#"{"ID":"52","NAME":"Anna","LAST_NAME":null,"UF_CRM_1727788747":"anna@example.com","PHONE":[{"VALUE_TYPE":"HOME","VALUE":"8 900 000-00-03"}],"BIRTHDATE":""}"#;

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

/// A body with a member that has another value, JSON text.
fn with(body: &str, name: &str, value: &str) -> String {
    // Given twice: the last counts.
    let body = body.strip_suffix('}').unwrap();
    format!("{body},\"{name}\":{value}}}")
}

#[test]
fn the_settings_say_what_decides() {
    let text = bitrix24().settings();
    for part in [
        "207",
        "2099-12-31",
        "rules 3",
        "Unit",
        "ufCrm8_1684429208",
        "Long term",
    ] {
        assert!(text.contains(part), "{text} {part}");
    }
    assert_eq!(bitrix24().source(), "bitrix24");
    let kinds = [APARTMENT, UNIT, OWNER_CONTRACT, TENANT_CONTRACT, CONTACT];
    assert_eq!(bitrix24().kinds(), kinds);
}

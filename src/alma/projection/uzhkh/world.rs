//! The records by their kinds, parsed.

use super::account::Account;
use super::body::Body;
use super::names::{self, HouseName};
use super::object::Object;
use super::person::Person;
use super::{ACCOUNT, OBJECT, RESIDENT, Records, Settings};
use crate::ledger::Error;

/// The records that an object of Alma is projected from.
pub(super) struct World<'w> {
    /// The settings that decide besides the records.
    pub(super) settings: &'w Settings,
    /// The records and their links.
    pub(super) records: &'w dyn Records,
}

impl World<'_> {
    /// A live object of a type that becomes a unit.
    pub(super) fn object(&self, id: &str) -> Result<Option<Object>, Error> {
        let body = self.records.record(OBJECT, id)?;
        Ok(body.and_then(|body| Object::read(&body, self.settings)))
    }

    /// A live account.
    pub(super) fn account(&self, id: &str) -> Result<Option<Account>, Error> {
        let body = self.records.record(ACCOUNT, id)?;
        Ok(body.and_then(|body| Account::read(&body, self.settings)))
    }

    /// A live account whose object becomes a unit.
    pub(super) fn account_of_unit(&self, id: &str) -> Result<Option<(Account, String)>, Error> {
        let Some(account) = self.account(id)? else {
            return Ok(None);
        };
        let Some(object) = account.object.clone() else {
            return Ok(None);
        };
        let is_unit = self.object(&object)?.is_some();
        Ok(is_unit.then_some((account, object)))
    }

    /// A person as the live `resident` record has it.
    pub(super) fn resident(&self, id: &str) -> Result<Option<Person>, Error> {
        let body = self.records.record(RESIDENT, id)?;
        Ok(body.and_then(|body| Body::parse(&body).map(|body| Person::read(&body))))
    }

    /// The ids of the live accounts that name this resident.
    pub(super) fn accounts_of(&self, resident: &str) -> Result<Vec<String>, Error> {
        self.records.naming(ACCOUNT, "resident", resident)
    }

    /// The name of a house: as the first of its objects says that has a street and a
    /// number.
    pub(super) fn house_name(&self, house: &str) -> Result<Option<HouseName>, Error> {
        for id in self.records.naming(OBJECT, "house", house)? {
            if let Some(object) = self.object(&id)?
                && object.house.as_deref() == Some(house)
                && object.house_name.is_some()
            {
                return Ok(object.house_name);
            }
        }
        Ok(None)
    }

    /// The houses, in the order of their ids, of which any object says this short name.
    pub(super) fn houses_at(&self, short: &str) -> Result<Vec<String>, Error> {
        self.second_halves(names::ADDRESS, short)
    }

    /// The short names, in their order, that any object says of this house.
    pub(super) fn short_names(&self, house: &str) -> Result<Vec<String>, Error> {
        self.second_halves(names::NAME, house)
    }

    fn second_halves(&self, to: &str, first: &str) -> Result<Vec<String>, Error> {
        let prefix = names::prefix(first);
        let pairs = self.records.named(to, &prefix)?;
        let halves = pairs.iter().filter_map(|pair| pair.strip_prefix(&prefix));
        Ok(halves.map(str::to_owned).collect())
    }
}

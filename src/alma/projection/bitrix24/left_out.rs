//! Which items are left out of Alma: by `[bitrix24.only]`, by the word `"-"` in a table, and with
//! the item that they are about.
//!
//! Reasons name keys and the ids of choices: the values that `[bitrix24.only]` is about may be
//! anything.

use super::form::chosen;
use super::item::Item;
use super::table::Table;
use super::world::{Letting, World};
use super::{
    APARTMENT, CONTACT, OWNER_CONTRACT, Settings, TENANT_CONTRACT, UNIT, about, contract,
    owner_contract, room, tenant_contract, unit,
};
use crate::alma::projection::{Wanted, text};
use crate::config::NOT_IN_ALMA;
use crate::ledger::Error;

/// What leaves an item out; follows «left out».
pub(super) type Cause = String;

/// An object that is left out; `is_itself`: not one that was only wanted for such.
pub(super) fn object(cause: &Cause, is_itself: bool) -> Wanted {
    Wanted::Excluded { reason: format!("left out {cause}"), is_itself }
}

/// What leaves out what depends on an item that is left out.
pub(super) fn with(kind: &str, id: &str, cause: &Cause) -> Cause {
    if cause.starts_with("with ") {
        return cause.clone();
    }
    format!("with {kind} {id}, {cause}")
}

/// What leaves an item out by its own fields.
pub(super) fn by_itself(kind: &str, item: &Item<'_>, settings: &Settings) -> Option<Cause> {
    let mut only = settings.only.of_kind(kind);
    let refused = only.find(|(key, wanted)| item.has(key) && !has_one_of(item, key, wanted));
    if let Some((key, _)) = refused {
        return Some(format!("by bitrix24.only.{key}"));
    }
    let tables = &settings.tables;
    let of_kind: &[(&str, &Table)] = match kind {
        APARTMENT => &[
            (unit::TYPE.code, &tables.property_type),
            (unit::TYPE.code, &tables.bedrooms),
            (super::world::SHARING.code, &tables.sharing),
        ],
        OWNER_CONTRACT => &[(owner_contract::WORK_MODEL.code, &tables.work_model)],
        TENANT_CONTRACT => &[(tenant_contract::TYPE.code, &tables.type_contract)],
        _ => &[],
    };
    of_kind.iter().find_map(|(key, table)| by_table(item, key, table))
}

/// What leaves the room of a unit out by the unit's own choices; a unit that stands for its
/// apartment needs none of them.
fn as_room(unit: &Item<'_>, settings: &Settings) -> Option<Cause> {
    let tables = &settings.tables;
    let choices = [(room::NAME.code, &tables.room_name), (room::TYPE.code, &tables.housing_type)];
    choices.into_iter().find_map(|(key, table)| by_table(unit, key, table))
}

fn by_table(item: &Item<'_>, key: &str, table: &Table) -> Option<Cause> {
    let id = item.value(key).and_then(chosen)?;
    let is_out = table.get(&id) == Some(NOT_IN_ALMA);
    is_out.then(|| format!("by the word \"-\" for {id} in alma.tables.{}", table.name()))
}

/// Whether one of the values of a field is wanted.
fn has_one_of(item: &Item<'_>, key: &str, wanted: &[String]) -> bool {
    let mut values = item.values(key).into_iter().filter_map(text::shown).peekable();
    if values.peek().is_none() {
        return wanted.iter().any(String::is_empty);
    }
    values.any(|value| wanted.contains(&value))
}

/// Why it cannot be told whether an item is wanted: it lacks the field altogether.
pub(super) fn untold(kind: &str, id: &str, item: &Item<'_>, settings: &Settings) -> Option<Wanted> {
    let (key, _) = settings.only.of_kind(kind).find(|(key, _)| !item.has(key))?;
    Some(Wanted::Blocked(format!(
        "{kind} {id} lacks {} altogether, by which bitrix24.only.{key} tells what is wanted: is the code in \
         [bitrix24.fields] right, and may the webhook read the field?",
        item.code(key)
    )))
}

impl World<'_> {
    /// What leaves an apartment out.
    pub(super) fn apartment_left_out(&self, id: &str) -> Result<Option<Cause>, Error> {
        let body = self.records.record(APARTMENT, id)?;
        let item = self.item(&body);
        Ok(item.and_then(|item| by_itself(APARTMENT, &item, self.settings)))
    }

    /// What leaves a unit out, by itself or with its apartment.
    pub(super) fn unit_left_out(&self, id: &str) -> Result<Option<Cause>, Error> {
        let body = self.records.record(UNIT, id)?;
        let Some(item) = self.item(&body) else {
            return Ok(None);
        };
        if let Some(cause) = by_itself(UNIT, &item, self.settings) {
            return Ok(Some(cause));
        }
        let Ok(apartment) = self.apartment_of(id, &item)? else {
            return Ok(None);
        };
        if let Some(cause) = self.apartment_left_out(&apartment)? {
            return Ok(Some(with(APARTMENT, &apartment, &cause)));
        }
        let is_whole = self.letting_of(&apartment)? == Some(Letting::Whole);
        Ok(as_room(&item, self.settings).filter(|_| !is_whole))
    }

    /// What leaves a contract out: by itself, with its contact, or with what it is about.
    pub(super) fn contract_left_out(
        &self,
        kind: &'static str,
        id: &str,
        item: &Item<'_>,
    ) -> Result<Option<Cause>, Error> {
        if !self.settings.leaves_out() {
            return Ok(None);
        }
        if let Some(cause) = by_itself(kind, item, self.settings) {
            return Ok(Some(cause));
        }
        if let Ok(Some(contact)) = self.settings.types.named(item, contract::CONTACT_FIELD, CONTACT)
        {
            let body = self.records.record(CONTACT, &contact)?;
            let out = self.item(&body).and_then(|item| by_itself(CONTACT, &item, self.settings));
            if let Some(cause) = out {
                return Ok(Some(with(CONTACT, &contact, &cause)));
            }
        }
        let (of, number) = match kind {
            OWNER_CONTRACT => {
                let field = owner_contract::APARTMENT_FIELD;
                match self.settings.types.named(item, field, APARTMENT) {
                    Ok(Some(apartment)) => (APARTMENT, apartment),
                    _ => return Ok(None),
                }
            }
            _ => match about::numbered(id, item, self)? {
                Some(named) => named,
                None => return Ok(None),
            },
        };
        let cause = match of {
            APARTMENT => self.apartment_left_out(&number)?,
            _ => self.unit_left_out(&number)?,
        };
        Ok(cause.map(|cause| with(of, &number, &cause)))
    }
}

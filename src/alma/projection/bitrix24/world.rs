//! The relations between records: which apartment a unit is in, and as what it is let.
//!
//! Apartments and units are numbered separately, and the two numberings overlap: a bare
//! number never tells which of the two it means.

use super::form::Form;
use super::item::{Field, Item, field};
use super::target;
use super::{APARTMENT, Records, Settings, UNIT, left_out};
use crate::ledger::{AlmaKey, AlmaKind, Error};

pub(super) const SHARING: Field<'_> = field("apartment_sharing", "Sharing");
/// The key of the field by which an apartment names its unit.
pub(super) const NAMED_UNIT: &str = "apartment_unit";

/// The records that an object of Alma is projected from.
pub(super) struct World<'w> {
    /// The settings that decide besides the records.
    pub(super) settings: &'w Settings,
    /// The records and their links.
    pub(super) records: &'w dyn Records,
}

/// How an apartment is let.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letting {
    /// Shared: each of its units is a room.
    Rooms,
    /// Let whole: its only unit is the apartment itself.
    Whole,
}

impl World<'_> {
    /// The item of a body.
    pub(super) fn item<'b>(&'b self, body: &'b Option<String>) -> Option<Item<'b>> {
        Item::parse(body.as_deref()?, &self.settings.fields)
    }

    /// How an apartment is let; `None` where that cannot be told, and the form says why.
    pub(super) fn letting(&self, form: &mut Form<'_, '_>) -> Option<Letting> {
        match form.choice_of_new(SHARING, &self.settings.tables.sharing).as_deref() {
            Some("false") => Some(Letting::Rooms),
            Some("true") => Some(Letting::Whole),
            _ => None,
        }
    }

    /// How an apartment is let, by its id; `None` where that cannot be told.
    pub(super) fn letting_of(&self, apartment: &str) -> Result<Option<Letting>, Error> {
        let body = self.records.record(APARTMENT, apartment)?;
        let item = self.item(&body);
        Ok(item.and_then(|item| self.letting(&mut Form::new(&item))))
    }

    /// The unit that an apartment which is not shared is let as: the one that it names,
    /// else the only one that names it and is not left out. `Ok(None)`: none.
    ///
    /// # Errors
    /// The inner one: why it cannot be told, in words.
    pub(super) fn unit_of(
        &self,
        id: &str,
        apartment: &Item<'_>,
    ) -> Result<Result<Option<String>, String>, Error> {
        let types = self.settings.types;
        match types.named(apartment, field(NAMED_UNIT, "unit"), UNIT) {
            Ok(None) => {}
            named => return Ok(named),
        }
        let mut units = Vec::new();
        for unit in self.records.naming(UNIT, "apartment", id)? {
            let body = self.records.record(UNIT, &unit)?;
            let Some(item) = self.item(&body) else { continue };
            let named = self.apartment_named(&item).ok().flatten();
            let is_out = left_out::by_itself(UNIT, &item, self.settings).is_some();
            if named.as_deref() == Some(id) && !is_out {
                units.push(unit);
            }
        }
        Ok(match units.len() {
            0 | 1 => Ok(units.pop()),
            count => Err(format!(
                "{count} units and is not shared: say in {} which of them it is let as, or \
                 correct Sharing in Bitrix24",
                apartment.code(NAMED_UNIT)
            )),
        })
    }

    /// The apartment that a unit itself names.
    fn apartment_named(&self, unit: &Item<'_>) -> Result<Option<String>, String> {
        let of = field("unit_apartment", "apartment");
        self.settings.types.named(unit, of, APARTMENT)
    }

    /// The apartment that a unit is in: the one that it names, else the only one that
    /// names it.
    ///
    /// # Errors
    /// The inner one: why it cannot be told, in words.
    pub(super) fn apartment_of(
        &self,
        id: &str,
        unit: &Item<'_>,
    ) -> Result<Result<String, String>, Error> {
        match self.apartment_named(unit) {
            Ok(Some(named)) => return Ok(Ok(named)),
            Ok(None) => {}
            Err(problem) => return Ok(Err(format!("unit {id} has {problem}"))),
        }
        let mut apartments = Vec::new();
        for apartment in self.records.naming(APARTMENT, "unit", id)? {
            let body = self.records.record(APARTMENT, &apartment)?;
            let item = self.item(&body);
            let names = |item: Item<'_>| {
                let units = target::all(&item, NAMED_UNIT);
                units.iter().any(|unit| unit.id == id && self.settings.types.may_be(unit, UNIT))
            };
            if item.is_some_and(names) {
                apartments.push(apartment);
            }
        }
        let only = apartments.pop();
        let only = only.filter(|_| apartments.is_empty());
        Ok(only.ok_or_else(|| Self::without_apartment(id, unit)))
    }

    /// The object of Alma that a unit is let as: its room, or its apartment.
    ///
    /// # Errors
    /// The inner one: why there is none, in words.
    pub(super) fn rental(&self, id: &str) -> Result<Result<AlmaKey, String>, Error> {
        let Some(body) = self.records.record(UNIT, id)? else {
            return Ok(Err(waits_for_unit(id)));
        };
        let Some(unit) = Item::parse(&body, &self.settings.fields) else {
            return Ok(Err(format!("unit {id} is no item of Bitrix24")));
        };
        let apartment_id = match self.apartment_of(id, &unit)? {
            Ok(apartment) => apartment,
            Err(reason) => return Ok(Err(reason)),
        };
        let Some(body) = self.records.record(APARTMENT, &apartment_id)? else {
            return Ok(Err(waits_for_apartment(&apartment_id)));
        };
        let Some(apartment) = Item::parse(&body, &self.settings.fields) else {
            return Ok(Err(waits_for_apartment(&apartment_id)));
        };
        let mut form = Form::new(&apartment);
        let letting = self.letting(&mut form);
        if let Err(reason) = told(form, &apartment_id) {
            return Ok(Err(reason));
        }
        if letting == Some(Letting::Rooms) {
            return Ok(Ok(AlmaKey::new(AlmaKind::Room, id)));
        }
        Ok(match self.unit_of(&apartment_id, &apartment)? {
            Ok(Some(unit)) if unit == id => Ok(AlmaKey::new(AlmaKind::Unit, apartment_id)),
            Ok(_) => Err(format!(
                "unit {id} is not the one that apartment {apartment_id}, which is not shared, is \
                 let as: correct {} or Sharing of the apartment in Bitrix24",
                apartment.code(NAMED_UNIT)
            )),
            Err(problem) => Err(format!("apartment {apartment_id} has {problem}")),
        })
    }

    /// Why a unit without an apartment cannot be let.
    fn without_apartment(id: &str, unit: &Item<'_>) -> String {
        format!(
            "unit {id} has no apartment ({}): give it one in Bitrix24",
            unit.code("unit_apartment")
        )
    }
}

/// Why a contract about a unit waits.
pub(super) fn waits_for_unit(id: &str) -> String {
    format!("waits for unit {id}, which the ledger does not have")
}

/// Why it cannot be told how an apartment is let: rooms and contracts stay as they are.
pub(super) fn told(form: Form<'_, '_>, apartment: &str) -> Result<(), String> {
    let name = format!("apartment {apartment}");
    let absent = form.why_not_new(&name);
    form.check(&name)?;
    absent.map_or(Ok(()), Err)
}

/// Why the rooms of an apartment cannot be let.
pub(super) fn waits_for_apartment(id: &str) -> String {
    format!("waits for apartment {id}, which the ledger does not have")
}

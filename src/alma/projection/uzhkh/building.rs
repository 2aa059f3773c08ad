//! A building is a house in which an object becomes a unit. UZhKH has no record of a
//! house: each object says where it stands.

use super::OBJECT;
use super::world::World;
use crate::alma::Fields;
use crate::alma::objects::Building;
use crate::alma::projection::Wanted;
use crate::ledger::Error;

/// The building wanted for a house.
///
/// Alma wants names that are unique in the project: houses with the same street and
/// number get their place in front; of those that are still called the same, the one
/// with the least id keeps the name.
pub(super) fn project(house: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let Some(own) = world.house_name(house)? else {
        return nameless(house, world);
    };
    let mut others = Vec::new();
    for other in world.houses_at(&own.short)? {
        if other == house {
            continue;
        }
        // An object that is not the first may say another name than the house has.
        if let Some(name) = world.house_name(&other)?
            && name.short == own.short
        {
            others.push((other, name.full()));
        }
    }
    let name = if others.is_empty() { own.short } else { own.full() };
    let same = others.iter().filter(|(_, full)| *full == name);
    let least = same.map(|(other, _)| other.as_str()).min();
    if let Some(least) = least.filter(|least| *least < house) {
        return Ok(Wanted::Blocked(format!(
            "house {least} has the same name; tell the two apart by Locality, Street or \
             HouseNumber of their objects in Umnoe ZhKH"
        )));
    }
    Ok(Wanted::Yes(Fields::of(&Building { name, project: world.settings.project })))
}

/// A house none of whose objects says where it stands, or that has no objects.
fn nameless(house: &str, world: &World<'_>) -> Result<Wanted, Error> {
    for id in world.records.naming(OBJECT, "house", house)? {
        let object = world.object(&id)?;
        if object.is_some_and(|object| object.house.as_deref() == Some(house)) {
            return Ok(Wanted::Blocked(format!(
                "no object of house {house} has both Street and HouseNumber: give them in \
                 Umnoe ZhKH"
            )));
        }
    }
    Ok(Wanted::No)
}

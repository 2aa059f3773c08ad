//! An object of real estate as UZhKH describes it («Объект недвижимости»).

use super::Settings;
use super::body::Body;
use super::names::HouseName;
use super::numbers::{self, Rooms};
use crate::alma::objects::Number;
use crate::alma::projection::{decimal, text};

/// The members of an object that are read.
#[derive(Debug)]
pub(super) struct Object {
    /// HouseId
    pub(super) house: Option<String>,
    /// What its house is called; `None` without Street or HouseNumber.
    pub(super) house_name: Option<HouseName>,
    /// Address
    pub(super) address: Option<String>,
    /// FlatNumber
    pub(super) flat: Option<String>,
    /// SquareAll
    pub(super) area: Option<Number>,
    /// CountRooms
    pub(super) rooms: Rooms,
    /// EtazhNumber
    pub(super) floor: Option<Number>,
}

impl Object {
    /// Reads a body; `None` where it is not of a type that becomes a unit.
    pub(super) fn read(body: &str, settings: &Settings) -> Option<Self> {
        let body = Body::parse(body)?;
        let type_object = body.text("TypeObject")?;
        settings.is_unit_type(&type_object).then(|| Self {
            house: body.id("HouseId"),
            house_name: house_name(&body),
            address: body.text("Address"),
            flat: body.text("FlatNumber"),
            area: numbers::area(body.raw("SquareAll")),
            rooms: numbers::rooms(body.raw("CountRooms")),
            floor: body.raw("EtazhNumber").and_then(decimal::whole),
        })
    }
}

fn house_name(body: &Body<'_>) -> Option<HouseName> {
    let line = |name| body.text(name).and_then(|text| text::one_line(&text));
    let (street, number) = (line("Street")?, line("HouseNumber")?);
    Some(HouseName { short: format!("{street}, {number}"), locality: line("Locality") })
}

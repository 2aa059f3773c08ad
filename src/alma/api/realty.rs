//! Buildings, units and rooms as `realty/…` reads them back. What cannot be written
//! (`status`, of a unit its `project`, `plot`, `storage`…) is passed over.

use serde::Deserialize;

use super::object::{Choice, Given, Object, Photos, Plain, Reference, Shape};

/// `realty/buildings/{id}/`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BuildingAnswer {
    id: Given<i64>,
    name: Given<Plain>,
    project: Given<Reference>,
    address: Given<Plain>,
    is_archived: Given<bool>,
    number: Given<Plain>,
    external_id: Given<Plain>,
}

impl BuildingAnswer {
    pub(super) fn object(&self) -> Result<Object, &'static str> {
        let fields = Shape::default()
            .with("name", &self.name)
            .with("project", &self.project)
            .with("address", &self.address)
            .with("number", &self.number)
            .with("external_id", &self.external_id)
            .fields();
        Ok(Object {
            id: self.id.id()?,
            external_id: self.external_id.text(),
            is_archived: self.is_archived.is_true(),
            fields,
        })
    }
}

/// `realty/units/{id}/`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UnitAnswer {
    id: Given<i64>,
    external_id: Given<Plain>,
    additional_external_id: Given<Plain>,
    is_used_additional_external_id: Given<bool>,
    name: Given<Plain>,
    header: Given<Plain>,
    building: Given<Reference>,
    property_type: Given<Choice>,
    number: Given<Plain>,
    internal_area: Given<Plain>,
    is_archived: Given<bool>,
    photos: Given<Photos>,
    goal_rent_cost: Given<Plain>,
    address: Given<Plain>,
    number_of_bedrooms: Given<Plain>,
    number_of_baths: Given<Plain>,
    is_roof_garden: Given<bool>,
    parking: Given<Choice>,
    is_swimming_pool: Given<bool>,
    total_buildable_area: Given<Plain>,
    floor: Given<Plain>,
    internet_login: Given<Plain>,
    internet_password: Given<Plain>,
    subway_station: Given<Plain>,
    parking_number: Given<Plain>,
    keybox_code: Given<Plain>,
    electronic_lock_password: Given<Plain>,
}

impl UnitAnswer {
    pub(super) fn object(&self) -> Result<Object, &'static str> {
        let fields = Shape::default()
            .with("external_id", &self.external_id)
            .with("additional_external_id", &self.additional_external_id)
            .with("is_used_additional_external_id", &self.is_used_additional_external_id)
            .with("name", &self.name)
            .with("header", &self.header)
            .with("building", &self.building)
            .with("property_type", &self.property_type)
            .with("number", &self.number)
            .with("internal_area", &self.internal_area)
            .with("photos", &self.photos)
            .with("goal_rent_cost", &self.goal_rent_cost)
            .with("address", &self.address)
            .with("number_of_bedrooms", &self.number_of_bedrooms)
            .with("number_of_baths", &self.number_of_baths)
            .with("is_roof_garden", &self.is_roof_garden)
            .with("parking", &self.parking)
            .with("is_swimming_pool", &self.is_swimming_pool)
            .with("total_buildable_area", &self.total_buildable_area)
            .with("floor", &self.floor)
            .with("internet_login", &self.internet_login)
            .with("internet_password", &self.internet_password)
            .with("subway_station", &self.subway_station)
            .with("parking_number", &self.parking_number)
            .with("keybox_code", &self.keybox_code)
            .with("electronic_lock_password", &self.electronic_lock_password)
            .fields();
        Ok(Object {
            id: self.id.id()?,
            external_id: self.external_id.text(),
            is_archived: self.is_archived.is_true(),
            fields,
        })
    }
}

/// `realty/rooms/{id}/`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RoomAnswer {
    id: Given<i64>,
    external_id: Given<Plain>,
    name: Given<Plain>,
    header: Given<Plain>,
    goal_rent_cost: Given<Plain>,
    parent_unit: Given<Reference>,
    property_type: Given<Choice>,
    number: Given<Plain>,
    internal_area: Given<Plain>,
    is_archived: Given<bool>,
    photos: Given<Photos>,
    keybox_code: Given<Plain>,
    electronic_lock_password: Given<Plain>,
}

impl RoomAnswer {
    pub(super) fn object(&self) -> Result<Object, &'static str> {
        let fields = Shape::default()
            .with("external_id", &self.external_id)
            .with("name", &self.name)
            .with("header", &self.header)
            .with("goal_rent_cost", &self.goal_rent_cost)
            .with("parent_unit", &self.parent_unit)
            .with("property_type", &self.property_type)
            .with("number", &self.number)
            .with("internal_area", &self.internal_area)
            .with("photos", &self.photos)
            .with("keybox_code", &self.keybox_code)
            .with("electronic_lock_password", &self.electronic_lock_password)
            .fields();
        Ok(Object {
            id: self.id.id()?,
            external_id: self.external_id.text(),
            is_archived: self.is_archived.is_true(),
            fields,
        })
    }
}

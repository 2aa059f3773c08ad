//! The shapes that objects are written to Alma in, as the document's POST examples have
//! them. What Alma answers has other shapes: see [`super::api`].
//!
//! A field that is `None` and is left out is not ours to set; one that is `null` is set
//! to nothing. Numbers are JSON text ([`Number`]), so that no decimal becomes a float.

use serde::Serialize;
use serde_json::value::RawValue;

/// A number as it was written.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Number(Box<RawValue>);

impl Number {
    /// 0.
    pub fn zero() -> Self {
        Self::from(0)
    }

    /// The number as it was written.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// A JSON number as text; `None` where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_number = text.starts_with(|one: char| one == '-' || one.is_ascii_digit());
        let raw = RawValue::from_string(text.to_owned()).ok()?;
        is_number.then_some(Self(raw))
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        // The digits of a whole number are JSON.
        Self(RawValue::from_string(number.to_string()).unwrap_or_default())
    }
}

/// A reference to another object: by its external id in the ledger, by Alma's id in a
/// request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Reference {
    /// An external id.
    External(String),
    /// Alma's id.
    Alma(i64),
}

/// A photo: one that Alma has, a file that was uploaded, or one that is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Photo {
    /// `{"file": "apartment/7/ufCrm6_1682238498225/31"}`: a file of the source, which Alma
    /// is not shown before it was uploaded.
    File {
        /// Kind and id of the record, the field's code, and the file's id there.
        file: String,
    },
    /// `{"id": 4506}`
    Kept {
        /// Alma's id of the photo.
        id: i64,
    },
    /// `{"external_file_id": 9147}`
    New {
        /// The id that the upload answered.
        external_file_id: i64,
    },
}

/// A scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Scan {
    /// `"file:owner_contract/3/ufCrm10_1709042143/32"`: a file of the source, which Alma is
    /// not shown before it was uploaded.
    File(String),
    /// The id that the upload answered.
    Uploaded(i64),
}

/// `realty/buildings/`
#[derive(Debug, Clone, Serialize)]
pub struct Building {
    /// Unique in the project.
    pub name: String,
    /// Alma's id of the project.
    pub project: i64,
}

/// `realty/units/`: Bitrix24's apartment, UZhKH's object.
#[derive(Debug, Clone, Serialize)]
pub struct Unit {
    /// The id in the source.
    pub external_id: String,
    /// Of a unit that is not shared, the id of the source's only room in it; else empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_external_id: Option<String>,
    /// Whether `rental_object/` finds the unit by the additional id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_used_additional_external_id: Option<bool>,
    /// Unique in the building.
    pub name: String,
    /// The display name.
    pub header: String,
    /// The building.
    pub building: Reference,
    /// `apartment`, `studio`, `detached_villa`…
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_type: Option<String>,
    /// `0` where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// In square metres or feet, as the source has it; 0 where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_area: Option<Number>,
    /// The whole set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photos: Option<Vec<Photo>>,
    /// Per month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal_rent_cost: Option<Option<Number>>,
    /// The postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A studio has 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_of_bedrooms: Option<Number>,
    /// 0 where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_of_baths: Option<Number>,
    /// Always false.
    pub is_roof_garden: bool,
    /// Always `not_applicable`.
    pub parking: String,
    /// Whether there is a pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_swimming_pool: Option<bool>,
    /// The same as `internal_area`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_buildable_area: Option<Number>,
    /// `null` where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<Option<Number>>,
    /// Wi-Fi.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internet_login: Option<String>,
    /// Wi-Fi.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internet_password: Option<String>,
    /// The nearest station.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subway_station: Option<Option<String>>,
    /// The parking place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parking_number: Option<String>,
    /// The code of the key box.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keybox_code: Option<Option<String>>,
    /// The code of the lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub electronic_lock_password: Option<Option<String>>,
}

/// `realty/rooms/`: Bitrix24's unit, where its apartment is shared.
#[derive(Debug, Clone, Serialize)]
pub struct Room {
    /// The id in the source.
    pub external_id: String,
    /// Per month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal_rent_cost: Option<Option<Number>>,
    /// `1`, `2`, `Bed1`…
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The display name.
    pub header: String,
    /// The number that people use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// 0 where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_area: Option<Number>,
    /// The whole set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photos: Option<Vec<Photo>>,
    /// The unit that it is in.
    pub parent_unit: Reference,
    /// `bunk`, `room`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_type: Option<String>,
}

/// `users/clients/`
#[derive(Debug, Clone, Serialize)]
pub struct Client {
    /// The id in the source.
    pub external_id: String,
    /// Of a company its name.
    pub first_name: String,
    /// Never null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Unique.
    pub email: String,
    /// E.164: `+79000000000`
    pub phone: String,
    /// Always 4.
    pub country: i64,
    /// A file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passport_scan: Option<Scan>,
    /// A file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_scan: Option<Scan>,
    /// `YYYY-MM-DDT00:00:00`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthday: Option<Option<String>>,
}

/// `realty/contracts/owner_contracts/`
#[derive(Debug, Clone, Serialize)]
pub struct OwnerContract {
    /// The id in the source.
    pub external_id: String,
    /// The rental object: a unit, never a room.
    pub unit_id: Reference,
    /// The owner; cannot be changed.
    pub client_id: Reference,
    /// The display name.
    pub name: String,
    /// `YYYY-MM-DDT00:00:00`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// `YYYY-MM-DDT00:00:00`, after today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
    /// A file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_with_client_scan: Option<Option<Scan>>,
    /// A file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_title_deed_scan: Option<Option<Scan>>,
    /// A file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_management_letter_scan: Option<Option<Scan>>,
    /// A file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dtcm_permit_scan: Option<Option<Scan>>,
    /// Of the property management letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pml_start_date: Option<Option<String>>,
    /// Of the property management letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pml_end_date: Option<Option<String>>,
    /// `TM 10%`, `Long term`…
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_model: Option<String>,
}

/// `realty/contracts/tenant_contracts/`
#[derive(Debug, Clone, Serialize)]
pub struct TenantContract {
    /// The id in the source.
    pub external_id: String,
    /// The rental object: a unit or a room.
    pub unit_id: Reference,
    /// The tenant; cannot be changed.
    pub client_id: Reference,
    /// The display name.
    pub name: String,
    /// `YYYY-MM-DDT00:00:00`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// `YYYY-MM-DDT00:00:00`, after today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
    /// With two decimals: `0.00`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// A file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_scan: Option<Option<Scan>>,
    /// The names of further tenants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub co_tenant: Option<String>,
    /// The history of the contract, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<String>,
    /// `Airbnb`, `Long-term 3+ months`…
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_contract: Option<String>,
    /// A file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub co_tenant_id_scan: Option<Option<Scan>>,
    /// The number of the identity document, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub co_tenant_id: Option<String>,
}

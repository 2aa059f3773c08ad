//! The tables of the document: what it says of each choice, unless the config says
//! otherwise.

use super::stations::STATIONS;
use super::table::Table;
use crate::config::{AlmaTable, AlmaTables, NOT_IN_ALMA};

/// Of an apartment, by its Type.
const PROPERTY_TYPES: &[(&str, &str)] = &[
    ("54", "apartment"),
    ("56", "apartment"),
    ("58", "apartment"),
    ("60", "apartment"),
    ("62", "apartment"),
    ("64", "apartment"),
    ("52", "studio"),
];

/// Of an apartment, by its Type.
const BEDROOMS: &[(&str, &str)] =
    &[("54", "1"), ("56", "2"), ("58", "3"), ("60", "4"), ("62", "5"), ("64", "6"), ("52", "1")];

/// Whether an apartment is let whole: `is_used_additional_external_id`.
const SHARING: &[(&str, &str)] = &[("4600", "false"), ("4598", "true")];

/// Of a unit, by its Number of Unit.
const ROOM_NAMES: &[(&str, &str)] =
    &[("1294", "1"), ("1296", "2"), ("1298", "3"), ("1300", "4"), ("1302", "5"), ("5902", "Bed1")];

/// Of a unit, by its Housing Type.
const HOUSING_TYPES: &[(&str, &str)] = &[("244", "bunk"), ("242", "room")];

/// Of an owner's contract.
const WORK_MODELS: &[(&str, &str)] = &[
    ("1696", "Rent to rent"),
    ("1698", "TM 10%"),
    ("1700", "TM 15%"),
    ("1702", "TM 17%"),
    ("1704", "TM 20%"),
    ("1706", "Long term"),
    ("1730", "TM 18%"),
];

/// Of a tenant's contract.
const CONTRACT_TYPES: &[(&str, &str)] = &[
    ("882", "Airbnb"),
    ("884", "Short term from 1 to 3 months"),
    ("886", "Long-term 3+ months"),
    ("1304", "Booking"),
    ("1306", "Short contract up to 1 month"),
];

/// All tables, by their names in the config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tables {
    pub(super) property_type: Table,
    pub(super) bedrooms: Table,
    pub(super) subway_station: Table,
    pub(super) room_name: Table,
    pub(super) housing_type: Table,
    pub(super) work_model: Table,
    pub(super) type_contract: Table,
    pub(super) sharing: Table,
}

impl Tables {
    /// The document's tables, with what the config says of them.
    pub(crate) fn new(config: &AlmaTables) -> Self {
        let table = |table: AlmaTable, rows| {
            let is_replaced = config.replaced.contains(&table);
            let own = Table::new(table.name(), rows);
            match config.rows.get(&table) {
                Some(rows) => own.with(rows, is_replaced),
                None => own,
            }
        };
        Self {
            property_type: table(AlmaTable::PropertyType, PROPERTY_TYPES),
            bedrooms: table(AlmaTable::Bedrooms, BEDROOMS),
            subway_station: table(AlmaTable::SubwayStation, STATIONS),
            room_name: table(AlmaTable::RoomName, ROOM_NAMES),
            housing_type: table(AlmaTable::HousingType, HOUSING_TYPES),
            work_model: table(AlmaTable::WorkModel, WORK_MODELS),
            type_contract: table(AlmaTable::TypeContract, CONTRACT_TYPES),
            sharing: table(AlmaTable::Sharing, SHARING),
        }
    }

    /// Whether any word leaves its objects out of Alma.
    pub(super) fn leave_out(&self) -> bool {
        let all = [
            &self.property_type,
            &self.bedrooms,
            &self.room_name,
            &self.housing_type,
            &self.work_model,
            &self.type_contract,
            &self.sharing,
        ];
        all.into_iter().any(|table| table.has(NOT_IN_ALMA))
    }
}

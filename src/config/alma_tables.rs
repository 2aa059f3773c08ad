//! `[alma.tables]`: what the choices of Bitrix24 are called in Alma.
//!
//! The tables of Alma's document are in the code; a section `[alma.tables.work_model]`
//! adds rows to one of them, or replaces it where `tables_replace` names it. The word `"-"` leaves
//! the object out of Alma; of a station it is none.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeValue;

use super::reader::{Section, article};
use super::value;

/// A table of Alma's document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlmaTable {
    /// `property_type` of an apartment, by its type.
    PropertyType,
    /// `number_of_bedrooms` of an apartment, by its type.
    Bedrooms,
    /// `subway_station` of an apartment; an empty one is none.
    SubwayStation,
    /// `name` of a unit.
    RoomName,
    /// `property_type` of a unit.
    HousingType,
    /// `work_model` of an owner's contract.
    WorkModel,
    /// `type_contract` of a tenant's contract.
    TypeContract,
    /// `is_used_additional_external_id` of an apartment: true where it is let whole.
    Sharing,
}

/// The word of what is not in Alma.
pub(crate) const NOT_IN_ALMA: &str = "-";

impl AlmaTable {
    /// All of them.
    pub const ALL: [AlmaTable; 8] = [
        AlmaTable::PropertyType,
        AlmaTable::Bedrooms,
        AlmaTable::SubwayStation,
        AlmaTable::RoomName,
        AlmaTable::HousingType,
        AlmaTable::WorkModel,
        AlmaTable::TypeContract,
        AlmaTable::Sharing,
    ];

    /// The name in the file.
    pub fn name(self) -> &'static str {
        match self {
            AlmaTable::PropertyType => "property_type",
            AlmaTable::Bedrooms => "bedrooms",
            AlmaTable::SubwayStation => "subway_station",
            AlmaTable::RoomName => "room_name",
            AlmaTable::HousingType => "housing_type",
            AlmaTable::WorkModel => "work_model",
            AlmaTable::TypeContract => "type_contract",
            AlmaTable::Sharing => "sharing",
        }
    }
}

/// `[alma.tables]`: rows beside those of the code, by the ids of the choices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlmaTables {
    /// The rows of each table that the file has.
    pub rows: BTreeMap<AlmaTable, BTreeMap<String, String>>,
    /// The tables that have these rows and no others.
    pub replaced: BTreeSet<AlmaTable>,
}

/// The tables of `[alma]`.
pub(super) fn read(alma: &Section<'_>) -> AlmaTables {
    let replaced = alma.or("tables_replace", BTreeSet::new(), names);
    let section = alma.section_or_empty("tables");
    let mut rows = BTreeMap::new();
    for table in AlmaTable::ALL {
        if let Some(section) = section.section(table.name()) {
            rows.insert(table, read_rows(table, &section));
        } else if replaced.contains(&table) {
            let problem = format!(
                "names {:?}, and there is no section [alma.tables.{}]",
                table.name(),
                table.name()
            );
            let entry = alma.entry("tables_replace");
            let line = entry.map_or(alma.line(), |entry| entry.line);
            alma.fault("tables_replace", line, problem);
        }
    }
    section.finish();
    AlmaTables { rows, replaced }
}

fn read_rows(table: AlmaTable, section: &Section<'_>) -> BTreeMap<String, String> {
    let mut rows = BTreeMap::new();
    for (id, entry) in section.entries() {
        let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        if !is_id {
            section.fault(&id, entry.line, "must be the id of a choice, such as 54");
            continue;
        }
        match word(table, entry.value) {
            Ok(word) => drop(rows.insert(id, word)),
            Err(problem) => section.fault(&id, entry.line, problem),
        }
    }
    rows
}

/// Alma's word for a choice. Numbers and booleans may be written without quotes.
fn word(table: AlmaTable, value: &DeValue<'_>) -> Result<String, String> {
    let text = match value {
        DeValue::String(text) => text.trim().to_owned(),
        DeValue::Integer(digits) if digits.radix() == 10 => digits.as_str().to_owned(),
        DeValue::Boolean(is_so) => is_so.to_string(),
        other => {
            let found = article(other.type_str());
            return Err(format!("must be a word of Alma's in quotes, not {found}"));
        }
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match table {
        AlmaTable::SubwayStation if text == NOT_IN_ALMA => Ok(String::new()),
        _ if text == NOT_IN_ALMA => Ok(text),
        AlmaTable::Sharing if !matches!(text.as_str(), "true" | "false") => {
            Err("must be true, where it is let whole, or false, where it is shared".to_owned())
        }
        AlmaTable::Bedrooms if text.is_empty() || text.len() > 9 || !is_digits(&text) => {
            Err("must be a number of bedrooms, such as 2".to_owned())
        }
        // Without zeros in front, which JSON does not have.
        AlmaTable::Bedrooms => match text.trim_start_matches('0') {
            "" => Ok("0".to_owned()),
            digits => Ok(digits.to_owned()),
        },
        AlmaTable::SubwayStation => Ok(text),
        _ if text.is_empty() => Err("must not be empty".to_owned()),
        _ => Ok(text),
    }
}

fn names(value: &DeValue<'_>) -> Result<BTreeSet<AlmaTable>, String> {
    let words = AlmaTable::ALL.map(|table| (table.name(), table));
    let tables = value::list(|element| value::word(&words)(element))(value)?;
    Ok(tables.into_iter().collect())
}

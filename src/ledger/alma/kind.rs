//! The kinds of objects that Alma holds, and how one is named in the ledger.

use std::fmt;
use std::str::FromStr;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use serde::Serialize;
use strum::{EnumCount, VariantArray};

use crate::ledger::word::in_column;

/// A kind of object in Alma; each depends on none that stands after it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    strum::EnumCount,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlmaKind {
    /// `realty/buildings/`
    Building,
    /// `realty/units/`: an apartment.
    Unit,
    /// `realty/rooms/`: a part of a unit that is let by itself.
    Room,
    /// `users/clients/`
    Client,
    /// `realty/contracts/owner_contracts/`
    OwnerContract,
    /// `realty/contracts/tenant_contracts/`
    TenantContract,
}

in_column!(pub AlmaKind);

impl AlmaKind {
    /// All of them, in the order in which they depend on each other.
    pub const ALL: [AlmaKind; AlmaKind::COUNT] = match Self::VARIANTS.first_chunk() {
        Some(all) => *all,
        None => panic!("there are as many variants as are counted"),
    };

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        word.parse().ok()
    }

    /// Whether it is a contract.
    pub fn is_contract(self) -> bool {
        matches!(self, AlmaKind::OwnerContract | AlmaKind::TenantContract)
    }

    /// Whether it can be let: it has photos, and can be archived and blocked.
    pub fn is_rental(self) -> bool {
        matches!(self, AlmaKind::Unit | AlmaKind::Room)
    }
}

impl fmt::Display for AlmaKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// An object of Alma as the ledger names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AlmaKey {
    /// Its kind.
    pub kind: AlmaKind,
    /// Its id in the source; of a building, which has none in Alma, the house's.
    pub external_id: String,
}

impl AlmaKey {
    /// The object of this kind with this external id.
    pub fn new(kind: AlmaKind, external_id: impl Into<String>) -> Self {
        Self { kind, external_id: external_id.into() }
    }

    /// The key as arguments of a shell command: `building 'Lake House, 1'`.
    pub fn typed(&self) -> String {
        let is_plain = |one: char| one.is_alphanumeric() || "-_.,:/@%+=".contains(one);
        let id = &self.external_id;
        if !id.is_empty() && id.chars().all(is_plain) {
            return self.to_string();
        }
        format!("{} '{}'", self.kind, id.replace('\'', r"'\''"))
    }
}

/// `unit 0190c6e2-…`
impl fmt::Display for AlmaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.external_id)
    }
}

/// The object or file that an object waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlmaWait {
    /// Until this object changes.
    Object(AlmaKey),
    /// Until this file is uploaded.
    File(String),
}

/// A text in `alma_object.waits_for` that names neither an object nor a file.
#[derive(Debug, thiserror::Error)]
#[error("it names neither an object of Alma nor a file")]
pub struct NotAWait;

impl FromStr for AlmaWait {
    type Err = NotAWait;

    fn from_str(text: &str) -> Result<Self, NotAWait> {
        let (kind, name) = text.split_once(' ').ok_or(NotAWait)?;
        if kind == FILE {
            return Ok(AlmaWait::File(name.to_owned()));
        }
        let kind = kind.parse().map_err(|_| NotAWait)?;
        Ok(AlmaWait::Object(AlmaKey::new(kind, name)))
    }
}

impl FromSql for AlmaWait {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|error: NotAWait| FromSqlError::Other(Box::new(error)))
    }
}

/// The word before a file.
const FILE: &str = "file";

/// `unit 0190c6e2-…`, `file apartment/7/ufCrm6_1682238498225/31`
impl fmt::Display for AlmaWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AlmaWait::Object(key) => key.fmt(f),
            AlmaWait::File(file) => write!(f, "{FILE} {file}"),
        }
    }
}

//! What a house is called, and the link by which houses of the same name find each other.

/// Stands between the name and the house in the id of an address link; no name has it,
/// since a name has no control characters.
const SEPARATOR: char = '\u{1f}';

/// What an object says of the name of its house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HouseName {
    /// `Street, HouseNumber`
    pub(super) short: String,
    /// The place, where it is known.
    pub(super) locality: Option<String>,
}

impl HouseName {
    /// `Locality, Street, HouseNumber`; the short name where no place is known.
    pub(super) fn full(&self) -> String {
        match &self.locality {
            Some(locality) => format!("{locality}, {}", self.short),
            None => self.short.clone(),
        }
    }
}

/// The id of the address link of a house with this short name.
pub(super) fn address(short: &str, house: &str) -> String {
    format!("{short}{SEPARATOR}{house}")
}

/// What the ids of the address links of all houses with this short name begin with.
pub(super) fn prefix(short: &str) -> String {
    format!("{short}{SEPARATOR}")
}

/// The short name and the house of an address link.
pub(super) fn parts(address: &str) -> Option<(&str, &str)> {
    address.split_once(SEPARATOR)
}

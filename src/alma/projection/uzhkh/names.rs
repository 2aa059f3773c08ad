//! The names of houses, and the links by which houses of the same name find each other.

/// The separator between the name and the house in the id of a link; no name has it, since a
/// name has no control characters.
const SEPARATOR: char = '\u{1f}';

/// The name of a house, as one of its objects has it.
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

/// The link from an object to the short name of its house, by which the houses of a name
/// are found: `SHORT NAME`, the separator, `HOUSE`.
pub(super) const ADDRESS: &str = "address";

/// The same the other way round, by which the names of a house are found.
pub(super) const NAME: &str = "house_name";

/// The id of such a link.
pub(super) fn pair(first: &str, second: &str) -> String {
    format!("{first}{SEPARATOR}{second}")
}

/// What the ids of all such links begin with whose first half this is.
pub(super) fn prefix(first: &str) -> String {
    format!("{first}{SEPARATOR}")
}

/// The short name and the house of an address link.
pub(super) fn parts(address: &str) -> Option<(&str, &str)> {
    address.split_once(SEPARATOR)
}

//! From records to what Alma should hold.
//!
//! A projection is a pure function: it is handed the records that it asks for
//! ([`Records`]) and answers what one object of Alma should be ([`Wanted`]). It also says
//! what a record names ([`Link`]), and so which objects a change of it touches; the
//! ledger keeps the links, so that what a change touches is looked up and not searched.

pub(crate) mod bitrix24;
mod decimal;
#[cfg(test)]
mod memory;
mod phone;
mod text;
pub(crate) mod uzhkh;

use crate::alma::Fields;
use crate::ledger::{AlmaKey, Error};

/// What the ledger says of one object of Alma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// It should not be there.
    No,
    /// It should be there, and something that is needed for it is missing: what, and
    /// where a person puts it right.
    Blocked(String),
    /// It should be this. References are external ids.
    Yes(Fields),
}

/// Something that a record names: another record, a house, an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link {
    /// What kind of thing.
    pub(crate) to: &'static str,
    /// Which one.
    pub(crate) id: String,
}

/// The records that a projection reads, and their links.
pub(crate) trait Records {
    /// The body of a record of the projection's source; `None` where there is none, or it
    /// is deleted.
    fn record(&self, kind: &str, id: &str) -> Result<Option<String>, Error>;

    /// What a record names.
    fn named_by(&self, kind: &str, id: &str) -> Result<Vec<(String, String)>, Error>;

    /// The ids of the records of a kind that name this thing, in their order.
    fn naming(&self, kind: &str, to: &str, id: &str) -> Result<Vec<String>, Error>;

    /// The ids, each once and in their order, of the named things of a kind whose ids
    /// begin so.
    fn named(&self, to: &str, prefix: &str) -> Result<Vec<String>, Error>;
}

/// What turns the records of one source into objects of Alma.
pub(crate) trait Projection: Send + Sync + 'static {
    /// `record.source`
    fn source(&self) -> &'static str;

    /// The kinds of records that it reads.
    fn kinds(&self) -> &'static [&'static str];

    /// What decides the outcome besides the records: where this text differs from the
    /// one that the objects were projected with, all of them are projected anew.
    fn settings(&self) -> String;

    /// What a live record names.
    fn links(&self, kind: &str, id: &str, body: &str) -> Vec<Link>;

    /// The objects that a record decides about. `links`: what it names, and what it
    /// named before.
    ///
    /// # Errors
    /// The ledger's.
    fn touched(
        &self,
        kind: &str,
        id: &str,
        links: &[(String, String)],
        records: &dyn Records,
    ) -> Result<Vec<AlmaKey>, Error>;

    /// What one object should be.
    ///
    /// # Errors
    /// The ledger's.
    fn project(&self, key: &AlmaKey, records: &dyn Records) -> Result<Wanted, Error>;
}

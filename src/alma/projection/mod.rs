//! Projections: from records to what Alma should hold.
//!
//! A projection is a pure function from records ([`Records`]) to what one object of Alma
//! should be ([`Wanted`]). It also lists what a record links to ([`Link`]), and so which
//! objects a change of it touches; the ledger stores the links, so that those objects are
//! looked up by an index.

pub(crate) mod bitrix24;
mod decimal;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
#[cfg(test)]
mod memory;
mod phone;
mod text;
pub(crate) mod uzhkh;

use jiff::civil::Date;

use crate::alma::Fields;
use crate::ledger::{AlmaKey, AlmaTaken, Error};

/// The state that the records want for one object of Alma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The object should not be in Alma.
    No,
    /// The object should be in Alma, and a value that it needs is missing: which, and where a
    /// person puts it right.
    Blocked(String),
    /// The object is left out by the config: it is neither made, written nor archived.
    Excluded {
        /// By what.
        reason: String,
        /// Whether it is the item itself that is left out, which the ledger shows: not one that
        /// was only wanted for such.
        is_itself: bool,
    },
    /// The fields that the object should have; references are external ids.
    Yes(Fields),
}

/// A link from a record: to another record, a house, an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link {
    /// The kind of its target.
    pub(crate) to: &'static str,
    /// The id of its target.
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

    /// Whether there was such a record, and it was deleted.
    fn is_deleted(&self, kind: &str, id: &str) -> Result<bool, Error>;

    /// Whether a list was read since a record last changed: what it names is in the ledger then.
    fn is_read_since(&self, list: &str, kind: &str, id: &str) -> Result<bool, Error>;

    /// What the bare number in a contract was taken for.
    fn taken(&self, contract: &str) -> Result<Option<AlmaTaken>, Error>;
}

/// Turns the records of one source into objects of Alma.
pub(crate) trait Projection: Send + Sync + 'static {
    /// `record.source`
    fn source(&self) -> &'static str;

    /// The kinds of records that the projection reads: first those of [`Self::of_premises`].
    fn kinds(&self) -> &'static [&'static str];

    /// Of these, the kinds that decide about buildings and units, and whose links do: no record of
    /// another touches one.
    fn of_premises(&self) -> &'static [&'static str] {
        self.kinds()
    }

    /// The settings that decide the outcome besides the records, as text: where it differs
    /// from the one that the objects were projected with, all are projected anew.
    fn settings(&self) -> String;

    /// The links of a live record.
    fn links(&self, kind: &str, id: &str, body: &str) -> Vec<Link>;

    /// The objects that a record decides about; `links`: its links now and before.
    fn touched(
        &self,
        kind: &str,
        id: &str,
        links: &[(String, String)],
        records: &dyn Records,
    ) -> Result<Vec<AlmaKey>, Error>;

    /// Projects one object.
    fn project(&self, key: &AlmaKey, records: &dyn Records) -> Result<Wanted, Error>;

    /// The day on which a contract ends, or the last contract of a client does; `None` where no
    /// day is known, and for other kinds.
    fn until(&self, key: &AlmaKey, records: &dyn Records) -> Result<Option<Date>, Error>;

    /// Whether an object that Alma has, and that is not wanted under its external id any more, is
    /// another one that is wanted: its record has another name. `units`: the units that Alma was
    /// sent for it.
    fn is_renamed(
        &self,
        _from: &AlmaKey,
        _to: &AlmaKey,
        _units: &[String],
        _: &dyn Records,
    ) -> Result<bool, Error> {
        Ok(false)
    }

    /// What a projection of this object takes a bare number for, to be kept with the object.
    fn takes(&self, _: &AlmaKey, _: &dyn Records) -> Result<Option<AlmaTaken>, Error> {
        Ok(None)
    }
}

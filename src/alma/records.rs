//! The ledger's records, as projections ask for them.

use super::projection::Records;
use crate::ledger::{AlmaRecords, AlmaTaken, Error};

impl Records for AlmaRecords<'_> {
    fn record(&self, kind: &str, id: &str) -> Result<Option<String>, Error> {
        AlmaRecords::record(self, kind, id)
    }

    fn named_by(&self, kind: &str, id: &str) -> Result<Vec<(String, String)>, Error> {
        AlmaRecords::links_from(self, kind, id)
    }

    fn naming(&self, kind: &str, to: &str, id: &str) -> Result<Vec<String>, Error> {
        AlmaRecords::referrers(self, kind, to, id)
    }

    fn named(&self, to: &str, prefix: &str) -> Result<Vec<String>, Error> {
        AlmaRecords::targets_with_prefix(self, to, prefix)
    }

    fn is_deleted(&self, kind: &str, id: &str) -> Result<bool, Error> {
        AlmaRecords::is_deleted(self, kind, id)
    }

    fn is_read_since(&self, list: &str, kind: &str, id: &str) -> Result<bool, Error> {
        AlmaRecords::is_read_since(self, list, kind, id)
    }

    fn taken(&self, contract: &str) -> Result<Option<AlmaTaken>, Error> {
        AlmaRecords::taken(self, contract)
    }
}

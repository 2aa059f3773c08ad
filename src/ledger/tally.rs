//! `tally`: how many rows there are, kept by triggers of the schema in the transaction that
//! changes them.
//!
//! So the numbers are exact after a crash, in a backup, and after a command that wrote; and asking for them
//! takes as long in a ledger of a million records as in an empty one. [`verify`](super::verify)
//! compares them with a walk.

use std::collections::BTreeMap;

use super::standing::Pairs;
use super::{AlmaCount, Error, Reader};

/// What the numbers are, by a walk: `counted`, `one`, `other` and how many.
const WALK: &str = "SELECT 'record', source, kind, count(*) FROM record WHERE deleted_at IS NULL GROUP BY 2, 3 \
     UNION ALL SELECT 'finding', source, kind, count(*) FROM finding GROUP BY 2, 3 \
     UNION ALL SELECT 'alma_object', kind, state, count(*) FROM alma_object GROUP BY 2, 3 \
     UNION ALL SELECT 'in_alma', kind, state, count(*) FROM alma_object WHERE alma_id IS NOT NULL GROUP BY 2, 3 \
     UNION ALL SELECT 'alma_file', state, '', count(*) FROM alma_file GROUP BY 2";
const KEPT: &str = "SELECT counted, one, other, number FROM tally WHERE number <> 0";

/// What is counted: `counted`, `one` and `other`.
type Name = (String, String, String);

impl Reader {
    /// How many there are of what `tally.counted` calls so.
    pub(super) fn tally(&self, counted: &str) -> Result<Pairs, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT one, other, number FROM tally WHERE counted = ?1 AND number <> 0 ORDER BY one, other",
        )?;
        let rows =
            statement.query_map([counted], |row| Ok(([row.get(0)?, row.get(1)?], row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The number of objects of Alma by kind and state.
    pub fn alma_counts(&self) -> Result<Vec<AlmaCount>, Error> {
        let in_alma: BTreeMap<_, _> = self.tally("in_alma")?.into_iter().collect();
        let counts = self.tally("alma_object")?.into_iter().map(|(name, count)| {
            let in_alma = in_alma.get(&name).copied().unwrap_or_default();
            let [kind, state] = name;
            AlmaCount { kind, state, count, in_alma }
        });
        Ok(counts.collect())
    }

    /// The number of files on their way to Alma by state.
    pub fn alma_file_counts(&self) -> Result<Vec<(String, u64)>, Error> {
        let counts = self.tally("alma_file")?.into_iter();
        Ok(counts.map(|([state, _], count)| (state, count)).collect())
    }

    /// What is counted, in the order of its names, with the number that is kept and the one
    /// that a walk finds. Asked at one moment.
    pub(super) fn tallies_walked(&self) -> Result<BTreeMap<Name, (i64, i64)>, Error> {
        let mut both = BTreeMap::<Name, (i64, i64)>::new();
        for (sql, is_kept) in [(KEPT, true), (WALK, false)] {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (kept, walked) =
                    both.entry((row.get(0)?, row.get(1)?, row.get(2)?)).or_default();
                *(if is_kept { kept } else { walked }) = row.get(3)?;
            }
        }
        Ok(both)
    }
}

#[cfg(test)]
#[path = "tally_tests.rs"]
mod tests;

//! The records that match what was typed.

use std::path::Path;

use rusqlite::{Connection, params};

use super::entry::Class;
use super::file;
use super::query::Query;
use super::words;
use crate::ledger::{Error, RecordKey};

/// So many matches of words are looked at before the best are taken.
const CANDIDATES: usize = 400;

/// A record that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) source: String,
    pub(crate) kind: String,
    pub(crate) id: String,
    /// False: it is deleted.
    pub(crate) is_live: bool,
}

/// A row that was found, and how well it fits: 0 best.
struct Found {
    seq: i64,
    hit: Hit,
    fit: u8,
}

/// Searches the index of a ledger. Blocks.
pub(crate) struct Searcher {
    index: Connection,
}

impl Searcher {
    /// Opens the index of a ledger; `None` where it is not made yet.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn open(ledger: &Path) -> Result<Option<Self>, Error> {
        let index = file::open_for_reading(&file::path(ledger))?;
        Ok(index.map(|index| Self { index }))
    }

    /// Whether all records are in the index.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn is_whole(&self) -> Result<bool, Error> {
        let state = file::state(&self.index)?;
        Ok(state.is_some_and(|state| state.walked_to.is_none()))
    }

    /// The best hits, at most `most`. `with_people`: names, phones and the numbers that belong
    /// to people are looked for too.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn find(
        &self,
        text: &str,
        with_people: bool,
        most: usize,
    ) -> Result<Vec<Hit>, Error> {
        let Some(query) = Query::of(text) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (class, value) in [(Class::Id, &query.id), (Class::Account, &query.number)] {
            found.extend(self.exact(class, value)?);
        }
        if with_people {
            found.extend(self.exact(Class::Number, &query.number)?);
            if let Some(phone) = &query.phone {
                found.extend(self.phone(phone)?);
            }
        }
        let is_known = !found.is_empty();
        let is_bare_number =
            query.place.len() == 1 && query.people.len() == 1 && query.phone.is_some();
        if !(is_bare_number || is_known && query.place.len() <= 1) {
            found.extend(self.places(&query)?);
        }
        if with_people && let Some(people) = query.match_people() {
            found.extend(self.words(&people)?);
        }
        Ok(best(found, most))
    }

    /// The records that name a record, live ones, at most `most` of each kind; with how many
    /// there are of it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn relatives(
        &self,
        key: RecordKey<'_>,
        most: usize,
    ) -> Result<Vec<(Hit, u64)>, Error> {
        let mut statement = self.index.prepare_cached(
            "SELECT source, kind, id, is_live, of_kind FROM ( \
                 SELECT h.source, h.kind, h.id, h.is_live, h.seq, \
                     row_number() OVER (PARTITION BY h.kind ORDER BY h.seq DESC) AS place, \
                     count(*) OVER (PARTITION BY h.kind) AS of_kind \
                 FROM link AS l JOIN hit AS h ON h.seq = l.hit \
                 WHERE l.kind = ?2 AND l.id = ?3 AND h.source = ?1 AND h.is_live) \
             WHERE place <= ?4 ORDER BY kind, place",
        )?;
        let rows = statement.query_map(params![key.source, key.kind, key.id, most], |row| {
            let hit = Hit {
                source: row.get(0)?,
                kind: row.get(1)?,
                id: row.get(2)?,
                is_live: row.get(3)?,
            };
            Ok((hit, row.get(4)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The accounts with a number.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn accounts(&self, number: &str) -> Result<Vec<Hit>, Error> {
        let found = self.exact(Class::Account, &words::number(number))?;
        Ok(found.into_iter().map(|found| found.hit).filter(|hit| hit.is_live).collect())
    }

    fn exact(&self, class: Class, value: &str) -> Result<Vec<Found>, Error> {
        self.found(
            "SELECT h.seq, source, kind, id, is_live, house, flat FROM exact AS e JOIN hit AS h ON h.seq = e.hit \
             WHERE e.class = ?1 AND e.value = ?2 LIMIT ?3",
            params![class as i64, value, CANDIDATES],
        )
    }

    /// The phones that end so.
    fn phone(&self, reversed: &str) -> Result<Vec<Found>, Error> {
        // No digit comes after a colon.
        let end = format!("{reversed}:");
        self.found(
            "SELECT h.seq, source, kind, id, is_live, house, flat FROM exact AS e JOIN hit AS h ON h.seq = e.hit \
             WHERE e.class = ?1 AND e.value >= ?2 AND e.value < ?3 LIMIT ?4",
            params![Class::Phone as i64, reversed, end, CANDIDATES],
        )
    }

    /// Places: the numbers side by side, or else anywhere as long as the house comes first.
    fn places(&self, query: &Query) -> Result<Vec<Found>, Error> {
        for in_order in [true, false] {
            let Some(matching) = query.match_place(in_order) else { continue };
            let rows = self.rows(
                "SELECT h.seq, source, kind, id, is_live, house, flat FROM words AS w JOIN hit AS h ON h.seq = w.rowid \
                 WHERE words MATCH ?1 LIMIT ?2",
                params![matching, CANDIDATES],
            )?;
            let fitting = rows.into_iter().filter_map(|(mut found, house, flat)| {
                found.fit = query.fit(&house, &flat)?;
                Some(found)
            });
            let fitting: Vec<Found> = fitting.collect();
            if !fitting.is_empty() {
                return Ok(fitting);
            }
        }
        Ok(Vec::new())
    }

    fn words(&self, matching: &str) -> Result<Vec<Found>, Error> {
        self.found(
            "SELECT h.seq, source, kind, id, is_live, house, flat FROM words AS w JOIN hit AS h ON h.seq = w.rowid \
             WHERE words MATCH ?1 LIMIT ?2",
            params![matching, CANDIDATES],
        )
    }

    fn found(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<Found>, Error> {
        Ok(self.rows(sql, values)?.into_iter().map(|(found, ..)| found).collect())
    }

    /// Rows, with the words of house and flat.
    fn rows(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<(Found, String, String)>, Error> {
        let mut statement = self.index.prepare_cached(sql)?;
        let rows = statement.query_map(values, |row| {
            let hit = Hit {
                source: row.get(1)?,
                kind: row.get(2)?,
                id: row.get(3)?,
                is_live: row.get(4)?,
            };
            Ok((Found { seq: row.get(0)?, hit, fit: 0 }, row.get(5)?, row.get(6)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The best of what was found, each once: live ones first, then what fits exactly.
fn best(mut found: Vec<Found>, most: usize) -> Vec<Hit> {
    found.sort_by(|a, b| {
        let order = |one: &Found| (!one.hit.is_live, one.fit, rank(&one.hit.kind));
        order(a).cmp(&order(b)).then_with(|| a.seq.cmp(&b.seq))
    });
    let mut seen = std::collections::HashSet::new();
    found.retain(|one| seen.insert(one.seq));
    found.truncate(most);
    found.into_iter().map(|one| one.hit).collect()
}

/// What people look for most comes first.
fn rank(kind: &str) -> u8 {
    match kind {
        "object" | "apartment" => 0,
        "account" => 1,
        "resident" | "contact" => 2,
        "requesttoregister" | "requesttoobjectadding" => 3,
        "counter" | "premises" | "ready_flat" | "unit" | "deal" => 4,
        "owner_contract" | "tenant_contract" => 5,
        _ => 6,
    }
}

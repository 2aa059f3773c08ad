//! Ready flats, and the bookings of handovers.

use rusqlite::params;

use super::{Lines, Listed};
use crate::ledger::{CallState, Error, Reader};

/// A flat, parking place or other object that is ready to be handed over.
#[derive(Debug, Clone)]
pub(crate) struct ReadyFlatLine {
    /// HOUSE/CATEGORY/FLAT
    pub(crate) id: String,
    /// MACRO's id of the house.
    pub(crate) house: String,
    /// The title of the house.
    pub(crate) title: String,
    /// `flat`, `garage`, …; `any` where none is configured.
    pub(crate) category: String,
    /// Its number.
    pub(crate) flat: String,
}

/// A booking.
#[derive(Debug, Clone)]
pub(crate) struct BookingLine {
    /// `call.seq`
    pub(crate) call: i64,
    /// MACRO's id of the house.
    pub(crate) house: String,
    /// The number of the flat.
    pub(crate) flat: String,
    /// The category.
    pub(crate) category: String,
    /// When the keys are handed over: local, with its offset.
    pub(crate) at: String,
    /// The telephone of the buyer.
    pub(crate) phone: String,
    /// The state of the call.
    pub(crate) state: CallState,
    /// When it was booked.
    pub(crate) created_at: String,
    /// MACRO's own words in its last answer.
    pub(crate) said: Option<String>,
}

impl Reader {
    /// The objects that are ready, by house, category and number.
    pub(crate) fn ready_flats(&self, most: u64) -> Result<Vec<ReadyFlatLine>, Error> {
        let sql = "SELECT id, house_id, title, category, flat FROM ready_flat \
                   ORDER BY title, house_id, category <> 'flat', category, length(flat), flat LIMIT ?1";
        self.list(sql, [most], |row| {
            let text = |at| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
            Ok(ReadyFlatLine {
                id: text(0)?,
                house: text(1)?,
                title: text(2)?,
                category: text(3)?,
                flat: text(4)?,
            })
        })
    }

    /// The bookings, the latest first.
    pub(crate) fn bookings(&self, lines: Lines) -> Result<Listed<BookingLine>, Error> {
        let total =
            self.connection.query_row("SELECT count(*) FROM booking", [], |row| row.get(0))?;
        let sql = "SELECT call, house, flat, category, at, phone, state, created_at, said FROM booking \
                   ORDER BY call DESC LIMIT ?1 OFFSET ?2";
        let lines = self.list(sql, params![lines.most, lines.first], |row| {
            let text = |at| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
            Ok(BookingLine {
                call: row.get(0)?,
                house: text(1)?,
                flat: text(2)?,
                category: text(3)?,
                at: text(4)?,
                phone: text(5)?,
                state: row.get(6)?,
                created_at: row.get(7)?,
                said: row.get(8)?,
            })
        })?;
        Ok(Listed { lines, total })
    }

    /// The last call by which an object has been booked, is about to be, or may have been: what a
    /// further booking has to know of. One that is listed as `any` may be of any category.
    pub(crate) fn last_booking(&self, of: &ReadyFlatLine) -> Result<Option<i64>, Error> {
        let sql = "SELECT max(call) FROM booking WHERE house = ?1 AND flat = ?2 \
                   AND ?3 IN ('any', category) AND state <> 'failed'";
        let values = params![of.house, of.flat, of.category];
        Ok(self.connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?)
    }
}

/// An account with a person and a flat that the ledger has.
#[derive(Debug, Clone)]
pub(crate) struct KnownAccount {
    /// Its number.
    pub(crate) number: String,
    /// The id of its flat.
    pub(crate) flat_id: String,
    /// The street and the number of the house.
    pub(crate) house: String,
    /// Some flats of that house.
    pub(crate) flats: Vec<String>,
    /// The surname of its first person.
    pub(crate) surname: String,
    /// The name.
    pub(crate) name: String,
}

impl Reader {
    /// Some accounts whose flats and people the ledger has, each of another flat.
    pub(crate) fn known_accounts(&self, most: u64) -> Result<Vec<KnownAccount>, Error> {
        let sql = "SELECT a.account_number, o.id, o.street || ', ' || o.house_number, p.surname, p.name, \
                       (SELECT json_group_array(f.flat_number) FROM (SELECT flat_number FROM object \
                           WHERE house_id = o.house_id AND flat_number <> '' LIMIT 8) AS f) \
                   FROM account AS a JOIN object AS o ON o.id = a.apartment_id \
                   JOIN account_person AS p ON p.account_id = a.id \
                   WHERE p.surname <> '' AND o.flat_number <> '' GROUP BY o.id LIMIT ?1";
        self.list(sql, [most], |row| {
            let flats: String = row.get(5)?;
            Ok(KnownAccount {
                number: row.get(0)?,
                flat_id: row.get(1)?,
                house: row.get(2)?,
                surname: row.get(3)?,
                name: row.get(4)?,
                flats: serde_json::from_str(&flats).unwrap_or_default(),
            })
        })
    }
}

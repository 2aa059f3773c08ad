//! What Alma has refused, or what is in something's way there, and when it is looked at again:
//! as soon as the object that stood in its way moves, and slowly besides.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::kind::{AlmaKey, AlmaKind};
use super::object::{AlmaRow, COLUMNS, from_row};
use crate::clock::stamp;
use crate::ledger::due::is_put_off_ahead;
use crate::ledger::{Error, Reader, Tx};

/// When what Alma has refused, or what people are in the way of, is looked at again by itself.
pub const ALMA_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(6);

/// The place that a contract is to be about, as text: `room 22`.
const WANTED_PLACE: &str =
    "coalesce(desired ->> '$.rental_object', 'unit ' || (desired ->> '$.unit_id'))";
/// The place that a contract was sent for.
pub(super) const SENT_PLACE: &str =
    "coalesce(sent ->> '$.rental_object', 'unit ' || (sent ->> '$.unit_id'))";

/// When what is wanted ends, as the index has it.
const ENDS: &str = "iif(json_valid(desired), coalesce(desired ->> '$.end_date', desired ->> '$.needed_until'), NULL)";

/// What the name of an object is unique in, as it was sent; as the index has it.
pub(super) const SENT_WITHIN: &str = "iif(json_valid(sent), \
     '' || coalesce(sent ->> '$.building', sent ->> '$.parent_unit', sent ->> '$.project'), NULL)";
/// The name that was sent; as the index has it.
const SENT_NAME: &str = "iif(json_valid(sent), sent ->> '$.name', NULL)";

/// A name, and the object that it is unique in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlmaName {
    /// The kind of what has it.
    pub kind: AlmaKind,
    /// The building of a unit, the unit of a room, the project of a building.
    pub within: String,
    /// The name.
    pub name: String,
}

impl Tx<'_> {
    /// Contracts that Alma has refused are looked at again where they are to be about one of
    /// these: another contract about it has moved, or its block is gone.
    pub fn wake_rejected_on(&self, places: &[AlmaKey]) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "UPDATE alma_object SET {} \
             WHERE state = 'rejected' AND {WANTED_PLACE} = ?1 AND kind IN ('owner_contract', 'tenant_contract')",
            again("?2")
        ))?;
        for place in places {
            statement.execute([&place.to_string(), &self.now])?;
        }
        Ok(())
    }

    /// Objects that Alma has refused are looked at again where this name, which has been given
    /// up, is to be theirs.
    pub fn wake_rejected_named(&self, name: &AlmaName) -> Result<(), Error> {
        self.connection
            .prepare_cached(&format!(
                "UPDATE alma_object SET {} \
                 WHERE state = 'rejected' AND kind = ?1 AND desired ->> '$.name' = ?3 \
                     AND '' || coalesce(desired ->> '$.building', desired ->> '$.parent_unit', \
                         desired ->> '$.project') = ?4",
                again("?2")
            ))?
            .execute(params![name.kind, self.now, name.name, name.within])?;
        Ok(())
    }

    /// Clients that Alma has refused are looked at again where this e-mail, which has been given
    /// up, is to be theirs.
    pub fn wake_rejected_email(&self, email: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(&format!(
                "UPDATE alma_object SET {} \
                 WHERE state = 'rejected' AND kind = ?1 AND lower(desired ->> '$.email') = lower(?3)",
                again("?2")
            ))?
            .execute(params![AlmaKind::Client, self.now, email])?;
        Ok(())
    }

    /// Objects that wait for what people do in Alma are looked at again when their time has come,
    /// or was set by a clock that was ahead. Answers how many.
    pub fn wake_alma_again(&self) -> Result<usize, Error> {
        let mut woken = 0;
        // One after the other, so that the index is of use.
        for has_come in has_come("?1") {
            woken += self
                .connection
                .prepare_cached(&format!(
                    "UPDATE alma_object INDEXED BY alma_object_again SET {} \
                     WHERE state IN ('rejected', 'blocked') AND {has_come}",
                    again("?1")
                ))?
                .execute([&self.now])?;
        }
        Ok(woken)
    }

    /// The objects whose end is on this day (`YYYY-MM-DD`) or before, and that stand otherwise; of
    /// those that wait for people the ones that were not looked at since the day began, or were by
    /// a clock that was ahead.
    pub fn alma_over(&self, day: &str, began: Timestamp) -> Result<Vec<AlmaRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM alma_object INDEXED BY alma_object_until \
             WHERE {ENDS} < ?1 || 'U' AND state IN ('synced', 'rejected', 'blocked') \
                 AND (state = 'synced' OR updated_at < ?2 OR updated_at > ?3)"
        );
        let held = format!(
            "SELECT {COLUMNS} FROM alma_object INDEXED BY alma_object_stuck \
             WHERE state IN ('held', 'rejected', 'blocked') AND state = 'held' \
                 AND (updated_at < ?2 OR updated_at > ?3) AND {ENDS} < ?1 || 'U'"
        );
        let mut over = Vec::new();
        for sql in [sql, held] {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map([day, &stamp(began), &self.now], from_row)?;
            over.extend(rows.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(over)
    }

    /// The objects that were found to be over by a clock that was ahead.
    pub fn alma_ended_ahead(&self) -> Result<Vec<AlmaRow>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM alma_object WHERE state = 'ended' AND updated_at > ?1"
        ))?;
        let rows = statement.query_map([&self.now], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The objects that Alma was last sent with this name.
    pub fn alma_named(&self, name: &AlmaName) -> Result<Vec<AlmaRow>, Error> {
        named(self.connection, name)
    }

    /// The contracts that are to stay and were last sent for this unit or room.
    pub fn alma_contracts_on(&self, place: &AlmaKey) -> Result<Vec<AlmaRow>, Error> {
        contracts_on(self.connection, place)
    }

    /// The external ids of the rooms that Alma was last sent in a unit.
    pub fn alma_rooms_of(&self, unit: &str) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT external_id FROM alma_object INDEXED BY alma_object_called \
             WHERE kind IN ('building', 'unit', 'room') AND kind = 'room' AND {SENT_WITHIN} = ?1"
        ))?;
        let rows = statement.query_map([unit], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Records when Alma took our block of a unit or a room, or that there is none.
    pub fn set_alma_blocked(&self, key: &AlmaKey, is_blocked: bool) -> Result<(), Error> {
        let at = is_blocked.then_some(&self.now);
        self.connection
            .prepare_cached(
                "UPDATE alma_object SET blocked_at = ?3 WHERE kind = ?1 AND external_id = ?2",
            )?
            .execute(params![key.kind, key.external_id, at])?;
        Ok(())
    }
}

impl Reader {
    /// The objects that Alma was last sent with this name.
    pub fn alma_named(&self, name: &AlmaName) -> Result<Vec<AlmaRow>, Error> {
        named(&self.connection, name)
    }

    /// The contracts that are to stay and were last sent for this unit or room.
    pub fn alma_contracts_on(&self, place: &AlmaKey) -> Result<Vec<AlmaRow>, Error> {
        contracts_on(&self.connection, place)
    }

    /// Whether a contact was deleted, and no live contract names it any more.
    pub fn is_contact_gone(&self, contact: &str) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM record \
                 WHERE source = 'bitrix24' AND kind = 'contact' AND id = ?1 AND deleted_at IS NOT NULL \
                     AND NOT EXISTS (SELECT 1 FROM alma_link WHERE to_kind = 'contact' AND to_id = ?1 \
                         AND kind IN ('owner_contract', 'tenant_contract'))",
            )?
            .exists([contact])?;
        Ok(found)
    }

    /// The units and rooms whose block Alma has taken from us, with the time.
    pub fn alma_blocks(&self) -> Result<Vec<(AlmaKey, String)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, external_id, blocked_at FROM alma_object INDEXED BY alma_object_blocked \
             WHERE blocked_at IS NOT NULL ORDER BY blocked_at, kind, external_id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((AlmaKey { kind: row.get(0)?, external_id: row.get(1)? }, row.get(2)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The two conditions of which one says that what was put off for [`ALMA_AGAIN_AFTER`] is looked
/// at now; `now`: the parameter with the time.
pub(super) fn has_come(now: &str) -> [String; 2] {
    let column = "next_attempt_at";
    [format!("{column} <= {now}"), is_put_off_ahead(column, now, ALMA_AGAIN_AFTER)]
}

/// What becomes of an object that is looked at again; `now`: the parameter with the time.
pub(super) fn again(now: &str) -> String {
    format!(
        "state = 'pending', reason = NULL, waits_for = NULL, attempts = 0, next_attempt_at = NULL, updated_at = {now}"
    )
}

fn named(connection: &Connection, name: &AlmaName) -> Result<Vec<AlmaRow>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM alma_object INDEXED BY alma_object_called \
         WHERE kind IN ('building', 'unit', 'room') AND kind = ?1 \
             AND {SENT_WITHIN} = ?2 AND {SENT_NAME} = ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![name.kind, name.within, name.name], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn contracts_on(connection: &Connection, place: &AlmaKey) -> Result<Vec<AlmaRow>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM alma_object \
         WHERE kind IN ('owner_contract', 'tenant_contract') AND {SENT_PLACE} = ?1 \
             AND desired IS NOT NULL AND alma_id IS NOT NULL \
             AND state NOT IN ('ended', 'excluded', 'archived') \
         ORDER BY kind, external_id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([place.to_string()], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

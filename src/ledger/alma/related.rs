//! Objects of Alma that depend on each other: who is tried again when one has moved on.

use rusqlite::OptionalExtension;

use super::heal::{SENT_PLACE, SENT_WITHIN, again};
use super::kind::{AlmaKey, AlmaWait};
use super::object::{AlmaRow, COLUMNS, from_row};
use crate::ledger::{Error, Reader, Tx};

/// What was sent of a contract, without its external id where that is the present one: so the
/// contract is read in Alma before it counts as sent, and nothing else of it is written.
const DOUBTED: &str = "CASE sent ->> '$.external_id' WHEN external_id THEN json_remove(sent, '$.external_id') \
     ELSE sent END";

/// What stays known of what was sent where Alma is to be looked at for all of it: where a contract
/// or a room stands, since what is there must not be archived before it. Of a contract it does not
/// count as sent, so that Alma is looked at for that too.
pub(in crate::ledger) const STANDS: &str = "CASE WHEN kind IN ('owner_contract', 'tenant_contract') THEN \
         (SELECT json_object('rental_object', place) FROM \
             (SELECT coalesce(sent ->> '$.rental_object', 'unit ' || (sent ->> '$.unit_id')) AS place) \
          WHERE place IS NOT NULL) \
     WHEN kind = 'room' AND json_valid(sent) THEN json_object('parent_unit', sent ->> '$.parent_unit') END";

/// The place `?1`, and the rooms in it where it is a unit.
fn within() -> String {
    format!(
        "(SELECT ?1 UNION ALL SELECT 'room ' || external_id FROM alma_object INDEXED BY alma_object_called \
             WHERE kind IN ('building', 'unit', 'room') AND kind = 'room' AND {SENT_WITHIN} = substr(?1, 6) \
                 AND ?1 LIKE 'unit %')"
    )
}

impl Tx<'_> {
    /// Objects that were blocked by this are tried again.
    pub fn wake_alma(&self, awaited: &AlmaWait) -> Result<(), Error> {
        // Mostly there are none, and an UPDATE that moves rows in its own index costs more to begin.
        let are_any = self
            .connection
            .prepare_cached("SELECT 1 FROM alma_object WHERE waits_for = ?1")?
            .exists([&awaited.to_string()])?;
        if !are_any {
            return Ok(());
        }
        self.connection
            .prepare_cached(
                "UPDATE alma_object SET state = 'pending', reason = NULL, waits_for = NULL, attempts = 0, \
                     next_attempt_at = NULL, updated_at = ?2 \
                 WHERE waits_for = ?1",
            )?
            .execute([&awaited.to_string(), &self.now])?;
        Ok(())
    }

    /// Rooms of a unit and contracts of it and of them, or contracts of a room, that leave
    /// and are held are looked at again: it was archived, and they with it.
    pub fn wake_leaving(&self, archived: &AlmaKey) -> Result<(), Error> {
        self.connection
            .prepare_cached(&format!(
                "UPDATE alma_object SET state = 'pending', updated_at = ?2 \
                 WHERE desired IS NULL AND kind IN ('room', 'owner_contract', 'tenant_contract') AND state = 'held' \
                     AND CASE kind WHEN 'room' THEN 'unit ' || (sent ->> '$.parent_unit') \
                         ELSE {SENT_PLACE} END IN {}",
                within()
            ))?
            .execute([&archived.to_string(), &self.now])?;
        Ok(())
    }

    /// Contracts of a unit or a room that are taken for what was sent, or are held since they leave,
    /// are looked at again: it comes back, and may have been archived with them.
    pub fn doubt_alma_contracts(&self, back: &AlmaKey) -> Result<(), Error> {
        self.doubt_contracts(back, "state = 'synced' OR state = 'held' AND desired IS NULL")
    }

    /// Contracts that are taken for what was sent and are about a unit or a room that people have
    /// archived, or about a room in that unit, are read in Alma again: they were archived with it.
    pub fn doubt_alma_contracts_in(&self, archived: &AlmaKey) -> Result<(), Error> {
        self.doubt_contracts(archived, "state = 'synced'")
    }

    /// The same of all contracts that are to stay, where the unit or the room left the ledger and
    /// is archived.
    pub fn doubt_contracts_of(&self, archived: &AlmaKey) -> Result<(), Error> {
        self.doubt_contracts(
            archived,
            "desired IS NOT NULL AND state IN ('synced', 'blocked', 'rejected')",
        )
    }

    /// Doubts what was sent of the contracts that are about a place or a room in it, and looks at
    /// `some` of them at once: of the others it shows when they go on.
    fn doubt_contracts(&self, place: &AlmaKey, some: &str) -> Result<(), Error> {
        let on_it = format!(
            "kind IN ('owner_contract', 'tenant_contract') AND {SENT_PLACE} IN {}",
            within()
        );
        let place = place.to_string();
        self.connection
            .prepare_cached(&format!(
                "UPDATE alma_object INDEXED BY alma_object_on_unit SET sent = {DOUBTED} WHERE {on_it}"
            ))?
            .execute([&place])?;
        self.connection
            .prepare_cached(&format!(
                "UPDATE alma_object INDEXED BY alma_object_on_unit SET {} WHERE {on_it} AND ({some})",
                again("?2")
            ))?
            .execute([&place, &self.now])?;
        Ok(())
    }

    /// Rooms that left the ledger and were archived are looked at again: Alma brings all rooms of a
    /// unit back with it, and what was sent of an archived one is not known.
    pub fn doubt_archived_alma_rooms(&self) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE alma_object SET state = 'pending', updated_at = ?1 \
                 WHERE kind = 'room' AND state = 'archived' AND desired IS NULL AND alma_id IS NOT NULL",
            )?
            .execute([&self.now])?;
        Ok(())
    }
}

impl Reader {
    /// A contract that Alma was last sent for a unit or room, or for a room in that unit, and that
    /// is to be somewhere else, or else one that is left out; `None` where there is none. One that
    /// is to be about `parent` does not count.
    pub fn alma_contract_to_move(
        &self,
        from: &AlmaKey,
        parent: Option<&AlmaKey>,
    ) -> Result<Option<AlmaRow>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM alma_object INDEXED BY alma_object_on_unit \
             WHERE kind IN ('owner_contract', 'tenant_contract') \
                 AND (desired IS NOT NULL AND state NOT IN ('synced', 'ended') OR state = 'blocked' \
                     OR state = 'excluded') \
                 AND {SENT_PLACE} IN {} \
                 AND (?2 IS NULL OR desired ->> '$.rental_object' IS NOT ?2) \
             ORDER BY state = 'excluded', kind, external_id LIMIT 1",
            within()
        ))?;
        let parent = parent.map(ToString::to_string);
        let row = statement.query_row(rusqlite::params![from.to_string(), parent], from_row);
        Ok(row.optional()?)
    }

    /// A room that Alma was last sent in a unit and that is to be in another one, or of which that
    /// cannot be told, or else one that is left out; `None` where there is none.
    pub fn alma_room_to_move(&self, unit: &str) -> Result<Option<AlmaRow>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM alma_object INDEXED BY alma_object_called \
             WHERE kind IN ('building', 'unit', 'room') AND kind = 'room' AND {SENT_WITHIN} = ?1 \
                 AND (desired IS NOT NULL OR state IN ('blocked', 'excluded')) \
             ORDER BY state = 'excluded', external_id LIMIT 1"
        ))?;
        Ok(statement.query_row([unit], from_row).optional()?)
    }
}

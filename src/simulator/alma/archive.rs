//! Archiving with all that follows from it, and blocking.

use super::contracts::{intersection, is_live};
use super::kind::AlmaKind;
use super::object::Status;
use super::refusal::Refusal;
use super::state::{Key, Memory};

type Place = (AlmaKind, i64);

impl Memory {
    /// Archives an object with what is inside it and the live contracts on it; brings
    /// it back with what is inside and around it, but never a contract.
    pub(super) fn archive(&mut self, kind: AlmaKind, id: i64, is_archived: bool) {
        if kind.is_contract() {
            if is_archived {
                self.end(kind, id);
            }
            return;
        }
        if kind == AlmaKind::Client {
            self.change(kind, id, |client| {
                client.status = if is_archived { Status::Archived } else { Status::Active };
            });
            return;
        }
        self.mark(kind, id, is_archived);
        for (kind, id) in self.inside(kind, id) {
            self.mark(kind, id, is_archived);
        }
        if !is_archived {
            for (kind, id) in self.around(kind, id) {
                self.mark(kind, id, false);
            }
        }
    }

    fn mark(&mut self, kind: AlmaKind, id: i64, is_archived: bool) {
        self.change(kind, id, |object| object.is_archived = is_archived);
        if is_archived && kind.is_rental() {
            let today = self.today();
            let contracts = self.by(&Key::On(id));
            let live: Vec<Place> = contracts
                .filter(|contract| is_live(contract, today))
                .map(|contract| (contract.kind, contract.id))
                .collect();
            live.into_iter().for_each(|(kind, id)| self.end(kind, id));
        }
    }

    /// Archives a contract, and its client when no live one is left.
    fn end(&mut self, kind: AlmaKind, id: i64) {
        let Some(contract) = self.get(kind, id).filter(|contract| !contract.is_archived) else {
            return;
        };
        let client = contract.reference("client_id");
        self.change(kind, id, |contract| contract.is_archived = true);
        let today = self.today();
        if !self.by(&Key::Of(client)).any(|other| is_live(other, today)) {
            self.change(AlmaKind::Client, client, |client| {
                client.status = Status::Archived;
            });
        }
    }

    fn places(&self, key: &Key) -> Vec<Place> {
        let found = self.by(key);
        found.map(|object| (object.kind, object.id)).collect()
    }

    /// Everything that stands inside, rooms after their units.
    pub(super) fn inside(&self, kind: AlmaKind, id: i64) -> Vec<Place> {
        match kind {
            AlmaKind::Building => {
                let mut all = self.places(&Key::Inside(AlmaKind::Unit, id));
                for (_, unit) in all.clone() {
                    all.extend(self.places(&Key::Inside(AlmaKind::Room, unit)));
                }
                all
            }
            AlmaKind::Unit => self.places(&Key::Inside(AlmaKind::Room, id)),
            _ => Vec::new(),
        }
    }

    /// The building and the unit around an object.
    fn around(&self, kind: AlmaKind, id: i64) -> Vec<Place> {
        let Some(object) = self.get(kind, id) else {
            return Vec::new();
        };
        match kind {
            AlmaKind::Unit => vec![(AlmaKind::Building, object.reference("building"))],
            AlmaKind::Room => {
                let unit = object.reference("parent_unit");
                let mut around = vec![(AlmaKind::Unit, unit)];
                around.extend(self.around(AlmaKind::Unit, unit));
                around
            }
            _ => Vec::new(),
        }
    }

    /// Blocks a unit or a room from today on without end, or takes the block away.
    pub(super) fn block(
        &mut self,
        kind: AlmaKind,
        id: i64,
        is_blocked: bool,
    ) -> Result<(), Refusal> {
        let there = self.get(kind, id).ok_or_else(Refusal::not_found)?;
        if !is_blocked {
            self.change(kind, id, |object| object.block = None);
            return Ok(());
        }
        for place in std::iter::once(there).chain(self.rooms(there)) {
            if let Some(rent) = self.live_rents(place.id).next() {
                return Err(intersection(rent.usage, "tenant"));
            }
            if let Some(usage) = place.block {
                return Err(intersection(usage, "block"));
            }
        }
        let usage = self.next_usage();
        self.change(kind, id, |object| object.block = Some(usage));
        Ok(())
    }
}

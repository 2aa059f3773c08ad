//! Events in the portal.

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::kind::BitrixKind::{self, Apartment, Contact, TenantContract, Unit};
use super::super::state::{Held, Memory};
use super::apartment::PHOTOS;
use super::contract::END;
use super::shape::text;
use crate::invented::once_in;

impl Memory {
    pub(in super::super) fn step(&mut self, n: usize) {
        for _ in 0..n {
            match self.world.shaper.random.u8(..12) {
                0 | 1 => self.new_price(),
                2 => self.new_password(),
                3 | 4 => self.new_phone(),
                5 => self.prolonged(),
                6 | 7 => self.new_tenant(),
                8 => self.new_photo(),
                9 => self.photo_gone(),
                10 => self.saved(),
                _ => self.come_or_gone(),
            }
        }
    }

    /// Picks an item of a kind.
    fn any(&mut self, kind: BitrixKind) -> Option<u64> {
        let low = self.ids(kind).next()?;
        let high = self.ids(kind).next_back()?;
        let from = self.world.shaper.random.u64(low..=high);
        self.range(kind, from, high).next()
    }

    fn write(&mut self, kind: BitrixKind, id: u64, field: &str, raw: String) {
        self.change((kind, id), field, Held::Json(raw));
    }

    fn new_price(&mut self) {
        if let Some(id) = self.any(Unit) {
            let price = self.world.shaper.random.u32(15..90) * 100;
            let raw = self.world.shaper.number(&format!("{price}.50"));
            self.write(Unit, id, "UF_CRM_8_1699620518232", raw);
        }
    }

    fn new_password(&mut self) {
        if let Some(id) = self.any(Apartment) {
            let password = self.world.shaper.code(10);
            self.write(Apartment, id, "UF_CRM_6_1686728251990", text(&password));
        }
    }

    /// The contracts of that person do not move.
    fn new_phone(&mut self) {
        let Some(id) = self.any(Contact) else { return };
        if let Some(phones) = self.phones(id) {
            self.write(Contact, id, "PHONE", phones);
        }
    }

    fn prolonged(&mut self) {
        let Some(last) = self.last_contract() else {
            return;
        };
        if let Some(end) = self.end(last) {
            let raw = self.world.shaper.day(end.saturating_add(30.days()));
            self.write(TenantContract, last, END, raw);
        }
    }

    /// The newest contract, which no other follows.
    fn last_contract(&self) -> Option<u64> {
        self.ids(TenantContract).next_back()
    }

    fn end(&self, contract: u64) -> Option<Date> {
        match self.held((TenantContract, contract), END)? {
            Held::Json(raw) => raw.get(1..11)?.parse().ok(),
            Held::Files { .. } => None,
        }
    }

    /// A new tenant rents a unit after all its present tenants.
    fn new_tenant(&mut self) {
        let Some(unit) = self.any(Unit) else { return };
        let places = self.world.bookings.entry(unit).or_insert(0);
        *places += 1;
        let ahead = 600 + 400 * *places;
        let start = self.clock.now().date().saturating_add(ahead.days());
        self.signed(unit, start, start.saturating_add(90.days()));
    }

    fn new_photo(&mut self) {
        if let Some(id) = self.any(Apartment) {
            let place = (Apartment, id);
            self.attach(place, PHOTOS, &format!("new-{id}.jpg"));
        }
    }

    fn photo_gone(&mut self) {
        let Some(id) = self.any(Apartment) else {
            return;
        };
        if let Some(Held::Files { ids, .. }) = self.held((Apartment, id), PHOTOS)
            && let Some(file) = ids.first().copied()
        {
            self.remove_file((Apartment, id), PHOTOS, file);
        }
    }

    /// Saves an item unchanged.
    fn saved(&mut self) {
        if let Some(id) = self.any(Apartment) {
            self.touch((Apartment, id));
        }
    }

    /// An apartment that a contract was about already, or a contract thrown away.
    fn come_or_gone(&mut self) {
        if let Some((number, id, units)) = self.world.late.pop() {
            self.finish(number, id, &units);
        } else if once_in(&mut self.world.shaper.random, 3)
            && let Some(id) = self.any(TenantContract)
        {
            self.remove((TenantContract, id));
        }
    }
}

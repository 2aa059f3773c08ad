//! What the portal says by now.

use simulator::BitrixKind;

use super::super::{SHARED, WHOLE};
use crate::bitrix24::bench::Bench;

/// The apartments, each with the units of the same place in [`UNITS`].
pub(super) const APARTMENTS: [u64; 4] = [7, 8, 9, 10];
/// The units of each apartment. The first of each is the one that it is let as.
pub(super) const UNITS: [&[u64]; 4] = [&[22], &[7, 31], &[33], &[35, 36]];
/// All units, in the order of their apartments.
pub(super) const ALL_UNITS: [u64; 6] = [22, 7, 31, 33, 35, 36];
/// The contacts of tenants.
pub(super) const CONTACTS: [u64; 5] = [51, 52, 53, 54, 55];
pub(super) const TITLES: [&str; 4] = ["Gate 1", "Gate 2", "Gate 3", "Gate 4"];
/// The last is longer than Alma takes.
pub(super) const LOCKS: [&str; 3] = ["1111", "2222", "123456789"];
const DAYS: [&str; 4] = ["2098-08-25", "2097-01-01", "2025-09-01", "2026-01-01"];
/// The days of [`DAYS`] from this one on are past.
const PAST: usize = 2;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Contract {
    pub(super) unit: usize,
    pub(super) contact: usize,
    pub(super) end: usize,
}

impl Contract {
    /// Whether its end has passed.
    pub(super) fn is_over(&self) -> bool {
        self.end >= PAST
    }

    pub(super) fn end(&self) -> &'static str {
        DAYS[self.end]
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct World {
    pub(super) titles: [usize; 4],
    pub(super) locks: [usize; 4],
    pub(super) shared: [bool; 4],
    /// Whether each is not left out.
    pub(super) wanted: [bool; 4],
    pub(super) emails: [usize; 5],
    pub(super) is_gone: [bool; 5],
    pub(super) contracts: Vec<Contract>,
    /// As it was last written.
    written: Option<Box<World>>,
}

impl Default for World {
    fn default() -> Self {
        let contract = |n: usize| Contract { unit: n, contact: n, end: 0 };
        Self {
            titles: [0, 1, 2, 3],
            locks: [0; 4],
            shared: [false, true, false, true],
            wanted: [true; 4],
            emails: [0, 1, 2, 3, 4],
            is_gone: [false; 5],
            contracts: (0..5).map(contract).collect(),
            written: None,
        }
    }
}

impl World {
    pub(super) fn furnish(&mut self, bench: &Bench) {
        for (at, apartment) in APARTMENTS.iter().enumerate() {
            for unit in UNITS[at] {
                bench.unit(*unit, *apartment);
            }
        }
        self.write(bench);
    }

    pub(super) fn email(&self, contact: usize) -> String {
        format!("e{}@example.com", self.emails[contact])
    }

    /// A contract is with another contact that is there.
    pub(super) fn lets(&mut self, contract: usize, contact: usize) {
        if !self.is_gone[contact] {
            self.contracts[contract].contact = contact;
        }
    }

    pub(super) fn swap_rooms(&mut self, one: usize, other: usize) {
        let (unit, others) = (self.contracts[one].unit, self.contracts[other].unit);
        (self.contracts[one].unit, self.contracts[other].unit) = (others, unit);
    }

    pub(super) fn merge(&mut self, bench: &Bench, from: usize, into: usize) {
        if from == into || self.is_gone[from] || self.is_gone[into] {
            return;
        }
        self.is_gone[from] = true;
        self.emails[into] = self.emails[from];
        for contract in &mut self.contracts {
            if contract.contact == from {
                contract.contact = into;
            }
        }
        bench.portal().remove(BitrixKind::Contact, CONTACTS[from]);
        bench.forget_full_reads_if_any();
    }

    /// Has the portal say what has changed since the last time.
    pub(super) fn write(&mut self, bench: &Bench) {
        let before = self.written.take();
        let is_same = |same: &dyn Fn(&World) -> bool| before.as_deref().is_some_and(same);
        for at in 0..APARTMENTS.len() {
            let apartment = |world: &World| {
                (world.titles[at], world.locks[at], world.shared[at], world.wanted[at])
            };
            if !is_same(&|old| apartment(old) == apartment(self)) {
                self.write_apartment(bench, at);
            }
        }
        for at in (0..CONTACTS.len()).filter(|at| !self.is_gone[*at]) {
            if !is_same(&|old| old.emails[at] == self.emails[at]) {
                let fields = format!(
                    r#"{{"NAME":"Инна","LAST_NAME":"Ветрова","UF_CRM_1727788747":"{}","PHONE":[{{"ID":"1","VALUE_TYPE":"WORK","VALUE":"+7900000005{at}","TYPE_ID":"PHONE"}}]}}"#,
                    self.email(at)
                );
                bench.portal().put(BitrixKind::Contact, CONTACTS[at], &fields);
            }
        }
        for (at, contract) in self.contracts.iter().enumerate() {
            if !is_same(&|old| old.contracts[at] == *contract) {
                let fields = format!(
                    r#"{{"title":"Lease {at}","opportunity":5500,"ufCrm20ContractStartDate":"2025-08-21T03:00:00+03:00","ufCrm20ContractEndDate":"{}T03:00:00+03:00","ufCrm20_1693561495":886,"ufCrm20_1693919019":{},"contactId":{}}}"#,
                    contract.end(),
                    ALL_UNITS[contract.unit],
                    CONTACTS[contract.contact]
                );
                bench.portal().put(BitrixKind::TenantContract, at as u64 + 1, &fields);
            }
        }
        self.written = Some(Box::new(World { written: None, ..self.clone() }));
    }

    fn write_apartment(&self, bench: &Bench, at: usize) {
        let sharing = if self.shared[at] { SHARED } else { WHOLE };
        bench.apartment(APARTMENTS[at], sharing, &format!("[{}]", UNITS[at][0]));
        let portal = bench.portal();
        let id = APARTMENTS[at];
        let title = format!("{:?}", TITLES[self.titles[at]]);
        portal.change(BitrixKind::Apartment, id, "title", &title);
        let lock = format!("{:?}", LOCKS[self.locks[at]]);
        portal.change(BitrixKind::Apartment, id, "ufCrm6_1715777670", &lock);
        let status = if self.wanted[at] { "5976" } else { "5982" };
        portal.change(BitrixKind::Apartment, id, "ufCrm6_1741697906729", status);
    }

    /// The apartment that a unit is in, and whether the unit can be let: of an apartment that is
    /// let whole only its first unit can.
    pub(super) fn place(&self, unit: usize) -> (usize, bool) {
        let id = ALL_UNITS[unit];
        let at = UNITS.iter().position(|units| units.contains(&id)).unwrap();
        (at, self.shared[at] || UNITS[at][0] == id)
    }
}

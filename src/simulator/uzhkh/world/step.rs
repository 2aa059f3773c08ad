//! Events in UZhKH: the generator's choice, as envelopes and deletions.
//!
//! Most steps change something that exists, some bring something new, of which
//! many have a temporary id; what refers to a new thing may come before the
//! thing's own envelope. Now and then an envelope holds several objects, and now
//! and then something is deleted, at times while its last envelope still waits.

use super::vocabulary::{guid, sealed};
use super::{NONE, Table, View, World};
use crate::json::Writer;
use crate::uzhkh::identities::Identities;
use crate::uzhkh::kind::{Kind, MEMBERS};

/// An envelope, and the deletion that comes with it, if any.
pub(in crate::uzhkh) struct Step {
    pub(in crate::uzhkh) guid: String,
    pub(in crate::uzhkh) body: String,
    /// The objects in it, by the ids in the text.
    pub(in crate::uzhkh) objects: Vec<(Kind, Box<str>)>,
    /// The object deleted after it, by kind and first id.
    pub(in crate::uzhkh) deletion: Option<(Kind, String)>,
}

/// Fewer accounts than this are too few to tell of.
const VILLAGE: usize = 8;

impl World {
    /// The next envelope.
    pub(in crate::uzhkh) fn step(&mut self, identities: &mut Identities) -> Step {
        while self.things[Table::Accounts as usize].len() < VILLAGE {
            self.settle(identities);
        }
        let parts = self.parts(identities);
        let deletion = self.perhaps_delete(&parts);
        let (drawn, as_null) = (guid(&mut self.random), self.random.u8(..4) > 0);
        let view = View { world: self, identities };
        let mut json = Writer::default();
        let mut objects = Vec::with_capacity(parts.len());
        json.open();
        json.text("Guid", &drawn);
        for member in MEMBERS {
            match parts.iter().find(|(table, _)| table.member() == member) {
                Some((table, index)) => {
                    json.name(member);
                    view.write(*table, *index, &mut json);
                    objects.push((table.kind(*index), view.id(*table, *index).into()));
                }
                None if as_null => json.null(member),
                None => {}
            }
        }
        json.close();
        let (guid, body) = sealed(&json.into_text(), &drawn);
        Step { guid, body, objects, deletion }
    }

    /// Subject of the envelope.
    fn parts(&mut self, identities: &mut Identities) -> Vec<(Table, usize)> {
        let table = match self.random.u8(..100) {
            0..27 => Table::Accounts,
            27..41 => Table::Counters,
            41..64 => Table::Requests,
            64..78 => Table::Payments,
            78..87 => Table::Docs,
            87..90 => Table::Residents,
            90..93 => Table::Flats,
            93..95 => Table::Registers,
            95..97 => Table::Addings,
            97..99 => Table::Cars,
            _ => return self.moving_in(identities),
        };
        // Payments and requests are mostly new, the rest mostly changes.
        let new = match table {
            Table::Payments | Table::Registers | Table::Addings | Table::Cars => 9,
            Table::Requests | Table::Docs => 6,
            _ => 2,
        };
        let index = match self.random.u8(..10) < new {
            true => self.newborn(table, identities),
            false => self.changed(table, identities),
        };
        vec![(table, index)]
    }

    /// Several at once: a new object with its account and owner.
    fn moving_in(&mut self, identities: &mut Identities) -> Vec<(Table, usize)> {
        let temporary = self.random.bool();
        let flat = self.birth(Table::Flats, [NONE; 4], temporary, identities);
        let owner = self.birth(Table::Residents, [NONE; 4], temporary, identities);
        let links = [flat, owner, NONE, NONE];
        let account = self.birth(Table::Accounts, links, temporary, identities);
        [(Table::Residents, owner), (Table::Accounts, account), (Table::Flats, flat)]
            .map(|(table, index)| (table, index as usize))
            .to_vec()
    }

    /// A new thing and what it needs.
    pub(super) fn newborn(&mut self, table: Table, identities: &mut Identities) -> usize {
        let temporary = self.random.u8(..10) < 6;
        let links = match table {
            Table::Flats | Table::Residents | Table::Docs => [NONE; 4],
            Table::Accounts => {
                let flat = self.birth(Table::Flats, [NONE; 4], temporary, identities);
                let owner = self.birth(Table::Residents, [NONE; 4], temporary, identities);
                let tenant = match self.random.u8(..3) {
                    0 => self.birth(Table::Residents, [NONE; 4], true, identities),
                    _ => NONE,
                };
                [flat, owner, NONE, tenant]
            }
            Table::Counters | Table::Registers => {
                [self.any(Table::Flats, identities), NONE, NONE, NONE]
            }
            Table::Requests => {
                let account = self.any(Table::Accounts, identities);
                let owner = self.things[Table::Accounts as usize][account as usize].links[1];
                let counter = self.any(Table::Counters, identities);
                [account, owner, counter, NONE]
            }
            Table::Payments => {
                let account = self.any(Table::Accounts, identities);
                let request = match self.random.u8(..4) {
                    0 => self.any(Table::Requests, identities),
                    _ => NONE,
                };
                [account, request, NONE, NONE]
            }
            Table::Addings => {
                let flat = self.any(Table::Flats, identities);
                [flat, self.any(Table::Residents, identities), NONE, NONE]
            }
            Table::Cars => [self.any(Table::Residents, identities), NONE, NONE, NONE],
        };
        self.birth(table, links, temporary, identities) as usize
    }

    /// Something that exists, changed.
    fn changed(&mut self, table: Table, identities: &mut Identities) -> usize {
        let index = self.any(table, identities) as usize;
        self.things[table as usize][index].version += 1;
        index
    }

    /// Something that exists; made if nothing does.
    fn any(&mut self, table: Table, identities: &mut Identities) -> u32 {
        for _ in 0..8 {
            let many = self.things[table as usize].len();
            if many == 0 {
                break;
            }
            let index = self.random.usize(..many);
            if !self.things[table as usize][index].gone {
                return u32::try_from(index).expect("a world has fewer than four billion things");
            }
        }
        let index = self.newborn(table, identities);
        u32::try_from(index).expect("a world has fewer than four billion things")
    }

    /// Deletes something: what this envelope tells of, so that the envelope waits
    /// after the deletion, or something older. A car has no word in DeletedItems.
    fn perhaps_delete(&mut self, parts: &[(Table, usize)]) -> Option<(Kind, String)> {
        if self.random.u8(..50) > 0 {
            return None;
        }
        let (table, mut index) = *parts.first()?;
        if table == Table::Cars || parts.len() > 1 {
            return None;
        }
        if self.random.u8(..3) > 0 {
            index = self.random.usize(..=index);
        }
        let thing = &mut self.things[table as usize][index];
        if thing.gone {
            return None;
        }
        thing.gone = true;
        Some((table.kind(index), self.first_id(table, index)))
    }
}

//! The world that the generator tells of: invented houses, people and meters.
//!
//! A thing is kept as a seed, a version and a few links; its text is derived from
//! them whenever it is wanted, always the same, so a world of hundreds of
//! thousands is small. The version moves what changes (a balance, a reading). Ids
//! go through [`Identities`] at the time of writing, so an assigned id shows from
//! then on everywhere, in references too.
//!
//! Temporary ids are numbered within their table, so `--5` can be a meter and a
//! person at once.

mod documents;
mod people;
mod property;
mod requests;
mod step;
mod vocabulary;

use super::download::List;
use super::identities::Identities;
use super::kind::Kind;
use crate::invented::guid;
use crate::json::Writer;

/// No link.
const NONE: u32 = u32::MAX;
/// Of the things that exist from the start, one in so many still has a temporary id.
const OLD_TEMPORARY: u32 = 40;

/// A table of things. Articles, news and notices share one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Flats,
    Residents,
    Accounts,
    Counters,
    Requests,
    Payments,
    Docs,
    Registers,
    Addings,
    Cars,
}

const TABLES: usize = 10;

/// A thing, except for what its seed says.
struct Thing {
    seed: u64,
    version: u32,
    /// The N of its first id `--N`; 0 when it was born with an outside id.
    temporary: u32,
    gone: bool,
    /// account: flat, owner, second owner, tenant; counter, register: flat;
    /// request: account, resident, counter; payment: account, request;
    /// adding: flat, resident; car: resident.
    links: [u32; 4],
}

/// Everything there is.
pub(super) struct World {
    random: fastrand::Rng,
    things: [Vec<Thing>; TABLES],
    temporary: [u32; TABLES],
}

/// The world as it is written now.
#[derive(Clone, Copy)]
struct View<'a> {
    world: &'a World,
    identities: &'a Identities,
}

impl World {
    /// A world with so many accounts and what belongs to them.
    pub(super) fn new(seed: u64, accounts: usize, identities: &mut Identities) -> Self {
        let mut world = Self {
            random: fastrand::Rng::with_seed(seed),
            things: std::array::from_fn(|_| Vec::new()),
            temporary: [0; TABLES],
        };
        for _ in 0..accounts {
            world.settle(identities);
        }
        world
    }

    /// A flat with its account, people, meters and some history.
    fn settle(&mut self, identities: &mut Identities) -> usize {
        let flat = self.birth_old(Table::Flats, [NONE; 4], identities);
        let owner = self.birth_old(Table::Residents, [NONE; 4], identities);
        let second = match self.random.u8(..4) {
            0 => self.birth_old(Table::Residents, [NONE; 4], identities),
            _ => NONE,
        };
        let tenant = match self.random.u8(..5) {
            0 => self.birth_old(Table::Residents, [NONE; 4], identities),
            _ => NONE,
        };
        let account = self.birth_old(Table::Accounts, [flat, owner, second, tenant], identities);
        let mut meter = NONE;
        for _ in 0..self.random.u8(1..4) {
            meter = self.birth_old(Table::Counters, [flat, NONE, NONE, NONE], identities);
        }
        for _ in 0..self.random.u8(..4) {
            self.birth_old(Table::Payments, [account, NONE, NONE, NONE], identities);
        }
        if self.random.bool() {
            self.birth_old(Table::Requests, [account, owner, meter, NONE], identities);
        }
        if self.random.u8(..10) == 0 {
            self.birth_old(Table::Docs, [NONE; 4], identities);
        }
        account as usize
    }

    fn birth_old(&mut self, table: Table, links: [u32; 4], identities: &mut Identities) -> u32 {
        let temporary = self.random.u32(..OLD_TEMPORARY) == 0;
        self.birth(table, links, temporary, identities)
    }

    /// A new thing; `temporary` when UZhKH made it itself.
    fn birth(
        &mut self,
        table: Table,
        links: [u32; 4],
        temporary: bool,
        identities: &mut Identities,
    ) -> u32 {
        let number = match temporary && table.has_outside_id() {
            true => {
                self.temporary[table as usize] += 1;
                self.temporary[table as usize]
            }
            false => 0,
        };
        let things = &mut self.things[table as usize];
        let index = things.len();
        things.push(Thing {
            seed: self.random.u64(..),
            version: 0,
            temporary: number,
            gone: false,
            links,
        });
        identities.meet(table.kind(index), &self.first_id(table, index));
        u32::try_from(index).expect("a world has fewer than four billion things")
    }

    /// The id that a thing was born with.
    fn first_id(&self, table: Table, index: usize) -> String {
        let thing = &self.things[table as usize][index];
        match table {
            _ if thing.temporary > 0 => format!("--{}", thing.temporary),
            Table::Requests => (10_001 + index).to_string(),
            Table::Registers | Table::Addings => (1 + index).to_string(),
            // The three types of a document count each for itself.
            Table::Docs => (1 + index / 3).to_string(),
            _ => guid(&mut fastrand::Rng::with_seed(thing.seed ^ 0x1c)),
        }
    }

    /// Number of items in a Download list.
    pub(super) fn count(&self, list: List) -> usize {
        let things = &self.things[Table::of_list(list) as usize];
        things.iter().filter(|thing| !thing.gone).count()
    }

    /// Items of a Download list, from the one after `skip`.
    pub(super) fn items(
        &self,
        list: List,
        skip: usize,
        take: usize,
        identities: &Identities,
    ) -> Vec<String> {
        let table = Table::of_list(list);
        let view = View { world: self, identities };
        self.things[table as usize]
            .iter()
            .enumerate()
            .filter(|(_, thing)| !thing.gone)
            .skip(skip)
            .take(take)
            .map(|(index, _)| {
                let mut json = Writer::default();
                view.write(table, index, &mut json);
                json.into_text()
            })
            .collect()
    }

    /// Makes a Download list at least so long.
    pub(super) fn grow(&mut self, list: List, count: usize, identities: &mut Identities) {
        while self.count(list) < count {
            for _ in 0..200 {
                self.newborn(Table::of_list(list), identities);
            }
        }
    }

    /// A thing by its kind and first id is no more.
    pub(super) fn bury(&mut self, kind: Kind, id: &str) {
        for table in Table::ALL {
            for index in 0..self.things[table as usize].len() {
                if table.kind(index) == kind && self.first_id(table, index) == id {
                    self.things[table as usize][index].gone = true;
                    return;
                }
            }
        }
    }
}

impl Table {
    const ALL: [Self; TABLES] = [
        Self::Flats,
        Self::Residents,
        Self::Accounts,
        Self::Counters,
        Self::Requests,
        Self::Payments,
        Self::Docs,
        Self::Registers,
        Self::Addings,
        Self::Cars,
    ];

    fn of_list(list: List) -> Self {
        match list {
            List::Accounts => Self::Accounts,
            List::Flats => Self::Flats,
            List::Payments => Self::Payments,
            List::Counters => Self::Counters,
            List::Requests => Self::Requests,
            List::Docs => Self::Docs,
        }
    }

    /// The member of the general class that holds such a thing.
    fn member(self) -> &'static str {
        match self {
            Self::Flats => "Obj",
            Self::Residents => "Resident",
            Self::Accounts => "Account",
            Self::Counters => "Counter",
            Self::Requests => "Request",
            Self::Payments => "Payment",
            Self::Docs => "Doc",
            Self::Registers => "RequestToRegister",
            Self::Addings => "RequestToObjectAdding",
            Self::Cars => "Car",
        }
    }

    fn kind(self, index: usize) -> Kind {
        match self {
            Self::Flats => Kind::Object,
            Self::Residents => Kind::Resident,
            Self::Accounts => Kind::Account,
            Self::Counters => Kind::Counter,
            Self::Requests => Kind::Request,
            Self::Payments => Kind::Payment,
            Self::Docs => [Kind::Article, Kind::News, Kind::Notice][index % 3],
            Self::Registers => Kind::RequestToRegister,
            Self::Addings => Kind::RequestToObjectAdding,
            Self::Cars => Kind::Car,
        }
    }

    fn has_outside_id(self) -> bool {
        self.kind(0).takes_outside_id()
    }
}

impl<'a> View<'a> {
    fn thing(self, table: Table, index: usize) -> &'a Thing {
        &self.world.things[table as usize][index]
    }

    /// The id that a thing has now.
    fn id(self, table: Table, index: usize) -> String {
        let first = self.world.first_id(table, index);
        match self.thing(table, index).temporary {
            0 => first,
            _ => self.identities.current(table.kind(index), &first).to_owned(),
        }
    }

    /// The id of a linked thing, if there is one.
    fn linked(self, table: Table, link: u32) -> Option<String> {
        (link != NONE).then(|| self.id(table, link as usize))
    }

    /// The chance that belongs to a thing, always the same.
    fn random(self, table: Table, index: usize) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.thing(table, index).seed)
    }

    /// Writes a thing as the document has it, all fields, in its order.
    fn write(self, table: Table, index: usize, json: &mut Writer) {
        json.open();
        match table {
            Table::Flats => self.object(index, json),
            Table::Residents => self.person(index, None, json),
            Table::Accounts => self.account(index, json),
            Table::Counters => self.counter(index, json),
            Table::Requests => self.request(index, json),
            Table::Payments => self.payment(index, json),
            Table::Docs => self.document(index, json),
            Table::Registers => self.register(index, json),
            Table::Addings => self.adding(index, json),
            Table::Cars => self.car(index, json),
        }
        json.close();
    }
}

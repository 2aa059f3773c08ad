//! Houses, flats and deals, kept small.
//!
//! Where a flat stands follows from its number in the catalogue, and what never
//! changes from its seed, so that hundreds of thousands of deals are a few dozen
//! megabytes and their texts are the same at each read.

use fastrand::Rng;
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Span};

use super::facts::Facts;

const FLATS_OF_A_FLOOR: usize = 4;
const FLATS_OF_A_SECTION: usize = 9 * FLATS_OF_A_FLOOR;
const FLATS_OF_A_HOUSE: usize = 2 * FLATS_OF_A_SECTION;
/// Two of them in stages, one without.
const HOUSES_OF_A_PROJECT: usize = 3;

/// The stages of a deal, by the ids that the account's settings show.
pub(super) const STAGES: [(u16, &str); 6] = [
    (101, "Бронь"),
    (102, "Оформление"),
    (103, "ДДУ подписан"),
    (104, "На регистрации"),
    (105, "Зарегистрирован"),
    (199, "Расторгнут"),
];
/// The last stage of a deal that succeeds.
pub(super) const REGISTERED: u8 = 4;
pub(super) const CANCELLED: u8 = 5;

/// Location of a flat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) project: usize,
    /// Of its project; None for a house without a stage.
    pub(super) stage: Option<usize>,
    pub(super) house: usize,
    pub(super) section: usize,
    pub(super) floor: usize,
}

impl Place {
    /// Location of everything that has none of its own.
    pub(super) const FIRST: Self =
        Self { project: 0, stage: Some(0), house: 0, section: 0, floor: 1 };

    pub(super) fn project_id(self) -> usize {
        11 + self.project
    }

    pub(super) fn stage_id(self) -> usize {
        101 + self.project * 10 + self.stage.unwrap_or_default()
    }

    pub(super) fn house_id(self) -> usize {
        501 + self.house
    }

    pub(super) fn section_id(self) -> usize {
        2001 + self.house * 2 + self.section
    }

    pub(super) fn floor_id(self) -> usize {
        self.section_id() * 100 + self.floor
    }

    /// Number of levels, from the project down, that two places have in common.
    pub(super) fn levels_shared(self, other: Self) -> usize {
        let levels = |place: Self| {
            [
                place.project,
                place.stage.map_or(0, |stage| stage + 1),
                place.house,
                place.section,
                place.floor,
            ]
        };
        let pairs = levels(self).into_iter().zip(levels(other));
        pairs.take_while(|(own, other)| own == other).count()
    }
}

#[derive(Clone)]
pub(super) struct Flat {
    pub(super) index: usize,
    pub(super) seed: u64,
    /// 0 free, 1 booked, 2 in registration, 3 sold.
    pub(super) status: u8,
    /// In kopecks.
    pub(super) price: u64,
    /// The index of the deal that holds it.
    pub(super) deal: Option<usize>,
    pub(super) gone: bool,
}

impl Flat {
    pub(super) fn id(&self) -> u64 {
        10_001 + self.index as u64
    }

    pub(super) fn place(&self) -> Place {
        let house = self.index / FLATS_OF_A_HOUSE;
        let in_house = self.index % FLATS_OF_A_HOUSE;
        let stage = house % HOUSES_OF_A_PROJECT;
        Place {
            project: house / HOUSES_OF_A_PROJECT,
            stage: (stage < 2).then_some(stage),
            house,
            section: in_house / FLATS_OF_A_SECTION,
            floor: in_house % FLATS_OF_A_SECTION / FLATS_OF_A_FLOOR + 1,
        }
    }

    /// 0 flat, 1 parking place, 3 commercial.
    pub(super) fn kind(&self) -> u8 {
        match self.seed % 12 {
            0 => 1,
            1 => 3,
            _ => 0,
        }
    }

    pub(super) fn number(&self) -> String {
        let number = self.index % FLATS_OF_A_HOUSE + 1;
        match self.kind() {
            0 => number.to_string(),
            1 => format!("М-{number}"),
            _ => format!("К-1.{}-{number}", self.place().section + 1),
        }
    }

    /// In hundredths of a square metre.
    pub(super) fn area(&self) -> u64 {
        1800 + self.seed / 16 % 9000
    }
}

#[derive(Clone)]
pub(super) struct Deal {
    pub(super) index: usize,
    pub(super) seed: u64,
    pub(super) flat: usize,
    /// Of [`STAGES`].
    pub(super) stage: u8,
    /// In kopecks.
    pub(super) price: u64,
    pub(super) created: DateTime,
    pub(super) updated: DateTime,
    pub(super) status_changed: DateTime,
    pub(super) dogovor_day: Option<Date>,
    pub(super) reg_start: Option<Date>,
    pub(super) reg_end: Option<Date>,
    pub(super) paid: u8,
}

impl Deal {
    pub(super) fn id(&self) -> u64 {
        50_001 + self.index as u64
    }

    pub(super) fn status(&self) -> (u16, &'static str) {
        STAGES[usize::from(self.stage)]
    }

    /// Exists once there is a contract. Some need encoding in a query.
    pub(super) fn dogovor_number(&self) -> Option<String> {
        let day = self.dogovor_day?;
        let id = self.id();
        Some(match self.seed % 5 {
            0 => format!("ДДУ № {id}/К+1 & Ко"),
            1 => format!("{id}-{}", day.year()),
            _ => format!("Д-{id}/{}", day.year() % 100),
        })
    }

    /// Goes on to a stage.
    pub(super) fn enter(&mut self, stage: u8, now: DateTime) {
        self.stage = stage;
        (self.updated, self.status_changed) = (now, now);
        match stage {
            2 => self.dogovor_day = Some(now.date()),
            3 => self.reg_start = Some(now.date()),
            REGISTERED => self.reg_end = Some(now.date()),
            _ => {}
        }
    }
}

/// Status of a flat while its deal is at a stage.
pub(super) fn flat_status(stage: u8) -> u8 {
    match stage {
        0 => 1,
        REGISTERED => 3,
        CANCELLED => 0,
        _ => 2,
    }
}

/// All there is.
#[derive(Clone, Default)]
pub(super) struct Catalogue {
    pub(super) flats: Vec<Flat>,
    pub(super) deals: Vec<Deal>,
}

impl Catalogue {
    /// Adds flats until there are so many, with a past behind them.
    pub(super) fn grow(&mut self, flats: usize, random: &mut Rng, now: DateTime) {
        while self.flats.len() < flats {
            let index = self.build(random);
            if random.u8(..3) > 0 {
                self.sell_earlier(index, random, now);
            }
        }
    }

    /// A new free flat; answers its index.
    pub(super) fn build(&mut self, random: &mut Rng) -> usize {
        let index = self.flats.len();
        self.flats.push(Flat {
            index,
            seed: random.u64(..),
            status: 0,
            price: 100 * random.u64(2_000_000..25_000_000),
            deal: None,
            gone: false,
        });
        index
    }

    /// A deal that came as far as it did over the last two years.
    fn sell_earlier(&mut self, flat: usize, random: &mut Rng, now: DateTime) {
        let ago = Span::new().days(random.i64(0..700));
        let mut moment = now.saturating_sub(ago);
        moment = moment.saturating_sub(SignedDuration::from_secs(random.i64(0..86_400)));
        self.book(flat, random, moment);
        let deal = self.deals.len() - 1;
        let last = random.u8(0..=CANCELLED);
        for stage in 1..=last.min(REGISTERED) {
            let days = Span::new().days(random.i64(0..25));
            moment = moment.saturating_add(days).min(now);
            self.move_deal(deal, stage, moment);
        }
        self.deals[deal].paid = self.deals[deal].stage * 2;
        if last == CANCELLED && random.bool() {
            self.move_deal(deal, CANCELLED, moment);
        }
    }

    /// A free flat is booked, which begins a deal.
    pub(super) fn book(&mut self, flat: usize, random: &mut Rng, now: DateTime) {
        let index = self.deals.len();
        self.deals.push(Deal {
            index,
            seed: random.u64(..),
            flat,
            stage: 0,
            price: self.flats[flat].price,
            created: now,
            updated: now,
            status_changed: now,
            dogovor_day: None,
            reg_start: None,
            reg_end: None,
            paid: 0,
        });
        self.flats[flat].deal = Some(index);
        self.flats[flat].status = flat_status(0);
    }

    /// A deal enters a stage, and its flat with it.
    pub(super) fn move_deal(&mut self, deal: usize, stage: u8, now: DateTime) {
        let deal = &mut self.deals[deal];
        deal.enter(stage, now);
        let flat = &mut self.flats[deal.flat];
        flat.status = flat_status(stage);
        if stage == CANCELLED {
            flat.deal = None;
        }
    }

    /// Takes a flat out of the catalogue; its deals stay.
    pub(super) fn remove(&mut self, id: u64) -> bool {
        let found = self.flats.iter_mut().find(|flat| !flat.gone && flat.id() == id);
        match found {
            Some(flat) => {
                flat.gone = true;
                true
            }
            None => false,
        }
    }

    pub(super) fn flat_facts(&self, flat: &Flat) -> Facts {
        let mut facts = Facts::default();
        facts.numbers[0] = Some(flat.id().to_string());
        facts
    }

    pub(super) fn deal_facts(&self, deal: &Deal) -> Facts {
        let flat = &self.flats[deal.flat];
        Facts {
            numbers: [
                Some(deal.id().to_string()),
                Some(flat.id().to_string()),
                Some(deal.status().0.to_string()),
                Some(flat.status.to_string()),
            ],
            dogovor_number: Some(deal.dogovor_number().unwrap_or_default()),
            active: Some(deal.stage != CANCELLED),
            days: [
                Some(Some(deal.updated.date())),
                Some(Some(deal.status_changed.date())),
                Some(deal.dogovor_day),
                Some(deal.reg_start),
                Some(deal.reg_end),
            ],
        }
    }
}

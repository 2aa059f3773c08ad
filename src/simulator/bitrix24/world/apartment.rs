//! Apartments and the units in them.

use super::super::fields::{HOUSING, METRO, NUMBERS, SHARED, TYPES, WHOLE};
use super::super::kind::BitrixKind;
use super::super::state::Memory;
use super::shape::text;
use super::{Members, members};
use crate::invented::pick;

/// Apartments of a building.
const OF_A_BUILDING: usize = 12;
const BUILDINGS: [&str; 10] = [
    "Cedar Tower",
    "Silver Heron Residence",
    "Lantern Heights",
    "Paper Kite House",
    "Quiet Harbour 2",
    "Blue Crane Tower",
    "Amber Court",
    "Old Mill Residence",
    "Seven Lamps",
    "Pine Terrace",
];
pub(super) const PHOTOS: &str = "UF_CRM_6_1682238498225";
/// Size of a photo in bytes.
const LENGTHS: std::ops::Range<usize> = 20_000..200_000;

impl Memory {
    /// An apartment with its units, which are made first: they know its id.
    pub(super) fn build(&mut self, number: usize) -> (u64, Vec<u64>) {
        let apartment = self.world.next(BitrixKind::Apartment);
        let is_shared = number.is_multiple_of(2);
        let count = if is_shared { number / 2 % 4 + 1 } else { 1 };
        let mut units = Vec::new();
        for place in 0..count {
            let unit = self.world.next(BitrixKind::Unit);
            let fields = self.unit(number, place, unit, apartment);
            self.put((BitrixKind::Unit, unit), fields);
            units.push(unit);
        }
        (apartment, units)
    }

    /// The apartment itself.
    pub(super) fn finish(&mut self, number: usize, id: u64, units: &[u64]) {
        let place = (BitrixKind::Apartment, id);
        let fields = self.apartment(number, units);
        self.put(place, fields);
        for photo in 0..number % 4 {
            let name = format!("photo-{id}-{}.jpg", photo + 1);
            self.attach(place, PHOTOS, &name);
        }
    }

    /// Makes a file from the seed.
    pub(super) fn attach(&mut self, place: (BitrixKind, u64), field: &str, name: &str) {
        let seed = self.world.shaper.random.u64(..);
        let length = self.world.shaper.random.usize(LENGTHS);
        let content = super::super::file::Content::Seeded { seed, length };
        self.add_file(place, field, name, content);
        if self.world.shaper.is_odd() {
            self.turn_file(place, field);
        }
    }

    fn apartment(&mut self, number: usize, units: &[u64]) -> Members {
        let shaper = &mut self.world.shaper;
        let building = number / OF_A_BUILDING;
        let name = match building / BUILDINGS.len() {
            0 => BUILDINGS[building].to_owned(),
            more => format!("{} {}", BUILDINGS[building % BUILDINGS.len()], more + 1),
        };
        let floor = number % OF_A_BUILDING + 1;
        let flat = format!("{floor}{:02}", number % 7 + 1);
        let sharing = if units.len() > 1 || number.is_multiple_of(2) { SHARED } else { WHOLE };
        let area = format!("{}.{}", shaper.random.u32(28..180), shaper.random.u32(1..10));
        let rent = shaper.random.u32(40..300) * 500;
        let address = format!("{} Example Street, {name}", number / OF_A_BUILDING + 1);
        let status = pick(&mut shaper.random, &["Available", "Rented"]);
        let (network, password) = (format!("guest-{number}"), shaper.code(10));
        let (parking, keybox, lock) = (shaper.code(3), shaper.code(4), shaper.code(6));
        let bathrooms = (number % 3 + 1).to_string();
        let floor = floor.to_string();
        members([
            ("TITLE", text(&format!("{name} {flat}"))),
            ("UF_CRM_6_1682232363193", text(&name)),
            ("UF_CRM_6_1682232396330", shaper.mostly(20, &flat)),
            ("UF_CRM_6_1718821717", text(&address)),
            ("UF_CRM_6_1682232312628", shaper.number(&floor)),
            ("UF_CRM_6_1682232863625", shaper.of_list(TYPES[number % TYPES.len()].0)),
            ("UF_CRM_6_1682233481671", shaper.of_list(METRO[number % METRO.len()].0)),
            ("UF_CRM_6_1682235809295", shaper.mostly(6, &network)),
            ("UF_CRM_6_1686728251990", shaper.mostly(6, &password)),
            ("UF_CRM_6_1683299159437", shaper.mostly(3, &parking)),
            ("UF_CRM_6_1715777670", shaper.mostly(3, &lock)),
            ("UF_CRM_6_1720794204", shaper.mostly(3, &keybox)),
            ("UF_CRM_6_1736951470242", shaper.of_list(sharing)),
            ("UF_CRM_6_1682232424142", shaper.number(&area)),
            ("UF_CRM_6_1682232447205", shaper.number(&rent.to_string())),
            ("UF_CRM_6_1682232465964", shaper.number(&bathrooms)),
            ("UF_CRM_6_1697622591377", shaper.flag()),
            ("UF_CRM_6_1684425402", shaper.links(BitrixKind::Unit, units)),
            ("UF_CRM_6_1742486676", text(status)),
        ])
    }

    fn unit(&mut self, number: usize, place: usize, id: u64, apartment: u64) -> Members {
        let shaper = &mut self.world.shaper;
        let (list, name) = NUMBERS[(number / 2 + place) % NUMBERS.len()];
        let (housing, _) = HOUSING[(number / 2 + place) % HOUSING.len()];
        let rent = format!("{}.50", shaper.random.u32(15..90) * 100);
        let area = shaper.random.u32(9..30).to_string();
        members([
            ("TITLE", text(&format!("Unit {id} / {name}"))),
            ("UF_CRM_8_1698838056004", shaper.of_list(list)),
            ("UF_CRM_8_1682957076924", shaper.of_list(housing)),
            ("UF_CRM_8_1699620518232", shaper.number(&rent)),
            ("UF_CRM_8_1686662655574", shaper.mostly(4, name)),
            ("UF_CRM_8_1686662606534", shaper.number(&area)),
            ("UF_CRM_8_1684429208", shaper.link(BitrixKind::Apartment, apartment, true)),
        ])
    }
}

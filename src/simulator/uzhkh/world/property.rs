//! «Объект недвижимости» and «Прибор учёта».

use fastrand::Rng;

use super::vocabulary::{double, locality, moment, mostly, once_in, pick, reading, street};
use super::{Table, View};
use crate::json::Writer;

/// Objects per house.
const FLATS_OF_A_HOUSE: usize = 60;

const TYPES: [&str; 11] = [
    "Квартира",
    "Апартаменты",
    "Кладовка",
    "Этажная кладовка",
    "Подвальная кладовка",
    "Офис",
    "Нежилое",
    "Паркинг",
    "Машиноместо",
    "Бокс в закрытом паркинге",
    "Бокс в открытом паркинге",
];

/// With how many tariffs each type of meter counts.
const METERS: [(&str, u8); 7] = [
    ("WaterColdM3", 1),
    ("WaterHotM3", 1),
    ("Gas", 1),
    ("HeatingTotalGkal", 1),
    ("ElectricitySimpleKwh", 1),
    ("ElectricityTotalKwh", 2),
    ("ElectricityTotalKwh-3", 3),
];

impl View<'_> {
    /// Description of an object, as everything that refers to it repeats.
    pub(super) fn type_of_object(self, flat: usize) -> &'static str {
        // From the seed itself, not from the object's chance: it must not depend
        // on how many values were drawn before.
        let mut random = Rng::with_seed(self.thing(Table::Flats, flat).seed ^ 0x70);
        match random.u8(..4) {
            0 => pick(&mut random, &TYPES),
            _ => TYPES[0],
        }
    }

    /// The id of the house that an object stands in; houses have no temporary ids.
    pub(super) fn house_id(flat: usize) -> String {
        format!("{:09}", 1 + flat / FLATS_OF_A_HOUSE)
    }

    pub(super) fn object(self, index: usize, json: &mut Writer) {
        let random = &mut self.random(Table::Flats, index);
        let house = &mut Rng::with_seed((index / FLATS_OF_A_HOUSE) as u64 ^ 0x0d03);
        let kind = self.type_of_object(index);
        let dwelling = matches!(kind, "Квартира" | "Апартаменты");
        let street = street(house);
        let house_number = match house.u8(..4) {
            0 => format!("{}к{}", house.u8(1..90), house.u8(1..5)),
            1 => format!("{}А", house.u8(1..90)),
            _ => house.u8(1..90).to_string(),
        };
        let number = index % FLATS_OF_A_HOUSE + 1;
        let flat_number = match random.u8(..20) {
            0 => format!("К-1.4-7-{number}"),
            1 => format!("{number}Б"),
            _ => number.to_string(),
        };
        json.text("TypeObject", kind);
        let address = format!("{street}, д. {house_number}, кв. {flat_number}");
        json.text("Address", &address);
        let locality = locality(house);
        json.maybe_text("Locality", mostly(house, 3, locality));
        json.text("Street", street);
        json.text("HouseNumber", &house_number);
        json.text("FlatNumber", &flat_number);
        let area = random.u32(180..1400);
        json.maybe_raw("SquareAll", mostly(random, 15, double(area)));
        let living = dwelling && !once_in(random, 4);
        json.maybe_raw("SquareLiving", living.then(|| double(area * 6 / 10)));
        let rooms = pick(random, &["студия", "1", "1", "2", "2", "3", "4"]);
        json.maybe_text("CountRooms", dwelling.then_some(rooms));
        let floor = random.i8(1..18);
        json.maybe_raw("EtazhNumber", mostly(random, 10, if dwelling { floor } else { -1 }));
        let entrance = (1 + number / 16).to_string();
        json.maybe_text("PodyezdNumber", mostly(random, 5, &*entrance));
        json.text("Id", &self.id(Table::Flats, index));
        json.text("HouseId", &Self::house_id(index));
        let year = house.u32(1962..2024);
        json.maybe_raw("YearOfHouse", mostly(house, 4, year));
        let has_sip = dwelling && random.bool();
        let sip = (7_000_000 + index).to_string();
        json.maybe_text("SipNumber", has_sip.then_some(&*sip));
        let password: String = (0..10).map(|_| random.alphanumeric()).collect();
        json.maybe_text("SipPassword", has_sip.then_some(&*password));
    }

    pub(super) fn counter(self, index: usize, json: &mut Writer) {
        let counter = self.thing(Table::Counters, index);
        let random = &mut self.random(Table::Counters, index);
        let [flat, ..] = counter.links;
        let (kind, tariffs) = pick(random, &METERS);
        json.text("Id", &self.id(Table::Counters, index));
        let serial = random.u32(10_000_000..99_999_999).to_string();
        json.maybe_text("SerialNumber", mostly(random, 12, &*serial));
        for (name, tariff) in [("Value1", 1), ("Value2", 2), ("Value3", 3)] {
            let first = random.u64(..900_000);
            let monthly = random.u64(500..90_000);
            let now = first + monthly * u64::from(counter.version);
            json.maybe_raw(name, (tariff <= tariffs).then(|| reading(now)));
        }
        let read_at = moment(random, 2023..2026);
        json.maybe_raw("DateTimeForValue", mostly(random, 8, read_at));
        json.text("CounterTypeIdentifier", kind);
        json.flag("IsPublish", !once_in(random, 9));
        json.text("FlatId", &self.id(Table::Flats, flat as usize));
        json.text("TypeObject", self.type_of_object(flat as usize));
        let check = moment(random, 2026..2031);
        json.maybe_raw("CheckDate", mostly(random, 3, check));
        let commissioning = moment(random, 2014..2023);
        json.maybe_raw("CommissioningDate", mostly(random, 3, commissioning));
    }
}

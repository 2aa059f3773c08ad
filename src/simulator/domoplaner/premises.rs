//! An item of a premises feed: the flat, who sells it, its custom fields, its deal.

use fastrand::Rng;

use super::Layout;
use super::catalogue::{Catalogue, Flat, Place};
use super::dates::{self, DateFormat};
use super::deals::money;
use crate::invented::{company, mostly, once_in, pick, street};
use crate::json::Writer;

const DECORATIONS: [&str; 4] = ["Без отделки", "Предчистовая", "Чистовая", "С мебелью"];
const VIEWS: [&str; 3] = ["Во двор", "На \"Лунную\" дорогу", "На реку\nи лес"];

impl Catalogue {
    pub(super) fn project_title(place: Place) -> String {
        let street = street(&mut Rng::with_seed(place.project as u64 ^ 0x9a));
        format!("ЖК «{}»", street.trim_start_matches("ул. "))
    }

    pub(super) fn stage_title(place: Place) -> String {
        format!("{} очередь", place.stage.unwrap_or_default() + 1)
    }

    pub(super) fn house_title(place: Place) -> String {
        format!("Дом {}", place.house + 1)
    }

    pub(super) fn section_title(place: Place) -> String {
        format!("Секция {}", place.section + 1)
    }

    /// The text of a flat.
    pub(super) fn premises(&self, flat: &Flat, layout: &Layout, dates: &DateFormat) -> String {
        let random = &mut Rng::with_seed(flat.seed);
        let mut json = Writer::default();
        json.open();
        json.raw(layout.id_name(), flat.id());
        json.text("number", &flat.number());
        json.raw("type", flat.kind());
        json.raw("status", flat.status);
        json.raw("price", money(flat.price));
        json.raw("area", money(flat.area()));
        let rooms = (flat.kind() == 0).then(|| random.u8(1..5));
        json.raw("is_studio", u8::from(rooms == Some(1) && random.bool()));
        json.maybe_raw("rooms", rooms);
        json.text("rooms_sign", &rooms.map_or_else(String::new, |rooms| format!("{rooms}К")));
        let decoration = pick(random, &DECORATIONS);
        json.maybe_text("decoration_name", mostly(random, 4, decoration));
        images(flat, random, &mut json);
        if !layout.is_nested() {
            whereabouts(flat.place(), &mut json);
        }
        seller(flat, &mut json);
        json.name("custom_fields");
        if once_in(random, 4) {
            // PHP writes an empty map as a list.
            json.element("[]");
        } else {
            json.open();
            json.text("Вид из окна", pick(random, &VIEWS));
            json.raw("Высота потолков", "2.70");
            json.close();
        }
        self.deal_of(flat, dates, &mut json);
        json.close();
        json.into_text()
    }

    fn deal_of(&self, flat: &Flat, dates: &DateFormat, json: &mut Writer) {
        let Some(deal) = flat.deal.map(|index| &self.deals[index]) else {
            json.null("deal");
            return;
        };
        json.name("deal");
        json.open();
        json.raw("id", deal.id());
        json.raw("deal_status", deal.status().0);
        json.maybe_text("dogovor_number", deal.dogovor_number().as_deref());
        let day = deal.dogovor_day.map(|day| dates.day(day));
        json.maybe_text("dogovor_day", day.as_deref());
        json.text("dt_updated", &dates::moment(deal.updated));
        json.close();
    }
}

fn images(flat: &Flat, random: &mut Rng, json: &mut Writer) {
    json.name("images");
    json.open_list();
    for kind in ["plan", "floor"].into_iter().take(random.usize(..3)) {
        json.open();
        json.text("type", kind);
        let source = format!("https://images.example.com/{kind}/{}.png", flat.id());
        json.text("src", &source);
        json.close();
    }
    json.close_list();
}

/// What the nested layout says around a flat, a flat list says of each.
fn whereabouts(place: Place, json: &mut Writer) {
    json.text("project", &Catalogue::project_title(place));
    json.raw("project_id", place.project_id());
    json.text("house", &Catalogue::house_title(place));
    json.raw("house_id", place.house_id());
    json.text("section", &Catalogue::section_title(place));
    json.raw("section_id", place.section_id());
    json.raw("floor", place.floor);
    json.raw("floor_id", place.floor_id());
}

fn seller(flat: &Flat, json: &mut Writer) {
    let house = flat.place().house as u64;
    json.name("seller");
    json.open();
    json.raw("id", 1 + house % 3);
    json.text("name", company(&mut Rng::with_seed(house % 3)));
    // Of no region that there is.
    json.text("inn", &format!("00000000{:02}", house % 3));
    json.close();
}

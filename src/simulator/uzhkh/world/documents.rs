//! «Документ»: articles, news and notices.

use super::vocabulary::{moment, once_in, pick, prose};
use super::{Table, View};
use crate::json::Writer;

const TITLES: [&str; 6] = [
    "Отключение горячей воды",
    "Как передать показания",
    "Замена лифта в подъезде № 2",
    "Общее собрание собственников",
    "Новый тариф на вывоз мусора",
    "Субботник во дворе",
];

impl View<'_> {
    pub(super) fn document(self, index: usize, json: &mut Writer) {
        let random = &mut self.random(Table::Docs, index);
        let edition = self.thing(Table::Docs, index).version;
        let kind = Table::Docs.kind(index);
        json.text("Id", &self.id(Table::Docs, index));
        json.text("TypeName", kind.word());
        let title = pick(random, &TITLES);
        json.text("Title", title);
        let mut text = format!("<h2>{title}</h2>\n");
        for _ in 0..random.usize(3..15) {
            let sentences = random.usize(1..4);
            text.push_str(&format!("<p class=\"text\">{}</p>\n", prose(random, sentences)));
        }
        if edition > 0 {
            text.push_str(&format!("<p><i>Редакция {}</i></p>", edition + 1));
        }
        if once_in(random, 4) {
            json.text_html_escaped("Text", &text);
        } else {
            json.text("Text", &text);
        }
        json.flag("IsPublish", !once_in(random, 6));
        json.raw("Date", moment(random, 2023..2026));
        for flag in [
            "IsForExecutors",
            "IsForResponsibles",
            "IsForContractors",
            "IsForDisp",
            "IsForParking",
            "IsForNoParking",
        ] {
            json.flag(flag, once_in(random, 6));
        }
        let notified = random.bool();
        json.maybe_text("PushText", notified.then_some(title));
        json.maybe_text("EmailTitle", notified.then_some(title));
        let email = prose(random, 4);
        json.maybe_text("EmailText", notified.then_some(&*email));
        json.maybe_text("SmsText", once_in(random, 5).then_some(title));
        let flats = self.world.things[Table::Flats as usize].len();
        let houses = (flats > 0 && random.bool()).then(|| {
            let first = random.usize(..flats);
            let second = random.usize(..flats);
            [Self::house_id(first), Self::house_id(second)].join(",")
        });
        json.maybe_text("HousesIds", houses.as_deref());
        let people = self.some_ids(Table::Residents, random);
        json.maybe_text("ResidentsIds", people.as_deref());
        let accounts = self.some_ids(Table::Accounts, random);
        json.maybe_text("ResidentToFlatsIds", accounts.as_deref());
    }

    /// A few ids with commas, or none. They are drawn from the oldest things, so
    /// that a growing world does not change the text.
    fn some_ids(self, table: Table, random: &mut fastrand::Rng) -> Option<String> {
        let many = self.world.things[table as usize].len().min(50);
        if many == 0 || !once_in(random, 3) {
            return None;
        }
        let ids: Vec<String> =
            (0..random.usize(1..4)).map(|_| self.id(table, random.usize(..many))).collect();
        Some(ids.join(","))
    }
}

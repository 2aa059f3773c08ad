//! An item of a deals feed: the deal, its flat, the people, the payments, the
//! custom fields. About 3 KB.

use fastrand::Rng;
use jiff::Span;
use jiff::civil::Date;

use super::Layout;
use super::catalogue::{Catalogue, Deal};
use super::dates::{self, DateFormat};
use crate::invented::{Name, mostly, once_in, phone, pick};
use crate::json::Writer;

const SOURCES: [&str; 4] = ["Сайт", "Агентство \"Полдень\"", "Звонок", "Выставка"];
const COMMENTS: [&str; 4] = [
    "Клиент просил перезвонить после 18:00, решение принимает вместе с супругой.",
    "Ипотека одобрена, ждём отчёт об оценке и согласие второго собственника.",
    "Просят отделку \"под ключ\", согласована скидка 2 %.\nДоговор отправлен на проверку.",
    "Оплата тремя частями: аванс, после регистрации, после сдачи дома.",
];

/// Hundredths as a decimal with both its places.
pub(super) fn money(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

impl Catalogue {
    /// The text of a deal.
    pub(super) fn deal(&self, deal: &Deal, layout: &Layout, dates: &DateFormat) -> String {
        let flat = &self.flats[deal.flat];
        let random = &mut Rng::with_seed(deal.seed);
        // Not every day that is not there is absent in the same way.
        let nothing = if once_in(random, 3) { Some("0000-00-00") } else { None };
        let day = |day: Option<Date>| day.map(|day| dates.day(day));
        let mut json = Writer::default();
        json.open();
        json.raw(layout.id_name(), deal.id());
        json.raw("flat_id", flat.id());
        let (status, title) = deal.status();
        json.raw("deal_status", status);
        json.text("deal_status_name", title);
        json.maybe_text("dogovor_number", deal.dogovor_number().as_deref());
        for (name, at) in [
            ("dogovor_day", deal.dogovor_day),
            ("day_reg_start", deal.reg_start),
            ("day_reg_end", deal.reg_end),
        ] {
            json.maybe_text(name, day(at).as_deref().or(nothing));
        }
        json.text("dt_created", &dates::moment(deal.created));
        json.text("dt_updated", &dates::moment(deal.updated));
        json.text("dt_status_changed", &dates::moment(deal.status_changed));
        json.raw("flat_status", flat.status);
        json.raw("price", money(deal.price));
        let manager = Name::invent(random);
        json.text("manager_name", &format!("{} {}", manager.name, manager.surname));
        let comment = pick(random, &COMMENTS);
        json.maybe_text("comment", mostly(random, 4, comment));
        json.name("flat");
        json.open();
        json.raw("id", flat.id());
        json.text("number", &flat.number());
        json.raw("type", flat.kind());
        json.raw("area", money(flat.area()));
        json.text("house", &Self::house_title(flat.place()));
        json.raw("house_id", flat.place().house_id());
        json.close();
        participants(deal, random, dates, &mut json);
        payments(deal, random, dates, &mut json);
        custom_fields(deal, random, dates, &mut json);
        json.close();
        json.into_text()
    }
}

fn participants(deal: &Deal, random: &mut Rng, dates: &DateFormat, json: &mut Writer) {
    json.name("participants");
    json.open_list();
    let count = random.u64(1..=3);
    for number in 0..count {
        let name = Name::invent(random);
        let full = format!("{} {} {}", name.surname, name.name, name.patronymic);
        json.open();
        json.raw("id", deal.id() * 10 + number);
        json.text("fio", &full);
        json.text("last_name", &name.surname);
        json.text("first_name", name.name);
        json.maybe_text("middle_name", mostly(random, 9, &*name.patronymic));
        json.text("phone", &phone(random));
        json.maybe_text("email", mostly(random, 4, &*name.email));
        let born = jiff::civil::date(random.i16(1950..2004), random.i8(1..=12), random.i8(1..=28));
        json.text("day_birth", &dates.day(born));
        json.text("share", &format!("1/{count}"));
        json.raw("is_main", u8::from(number == 0));
        json.close();
    }
    json.close_list();
}

/// Equal parts, the last with what is left over, so that they add up.
fn payments(deal: &Deal, random: &mut Rng, dates: &DateFormat, json: &mut Writer) {
    json.name("payments");
    json.open_list();
    let count = random.u64(6..15);
    let part = deal.price / count;
    for number in 0..count {
        let last = number + 1 == count;
        let sum = if last { deal.price - part * (count - 1) } else { part };
        let months = Span::new().months(i64::try_from(number).unwrap_or_default());
        let plan = deal.created.date().saturating_add(months);
        let made = number < u64::from(deal.paid);
        json.open();
        json.raw("id", deal.id() * 100 + number);
        json.text("day_plan", &dates.day(plan));
        let fact = made.then(|| dates.day(plan));
        let never = if number % 2 == 0 { Some("0000-00-00") } else { None };
        json.maybe_text("day_fact", fact.as_deref().or(never));
        json.raw("sum", money(sum));
        json.text("sum_paid", &money(if made { sum } else { 0 }));
        json.text("type_name", if number == 0 { "Аванс" } else { "Рассрочка" });
        json.close();
    }
    json.close_list();
}

fn custom_fields(deal: &Deal, random: &mut Rng, dates: &DateFormat, json: &mut Writer) {
    json.name("custom_fields");
    if once_in(random, 5) {
        // PHP writes an empty map as a list.
        json.element("[]");
        return;
    }
    json.open();
    json.text("Источник", pick(random, &SOURCES));
    json.raw("Скидка, %", format_args!("{}.50", deal.seed % 7));
    json.null("Материнский капитал");
    let signing = deal.created.date();
    json.text("Дата встречи", &dates.day(signing));
    let remark = format!(
        "{} {}",
        COMMENTS[(deal.seed % 4) as usize],
        COMMENTS[(deal.seed / 4 % 4) as usize]
    );
    json.text("Пожелания", &remark);
    json.close();
}

//! Values in the forms that UZhKH writes them, and what its people write.

use fastrand::Rng;

pub(super) use crate::invented::{
    Name, company, guid, locality, mostly, once_in, phone, pick, sealed, street,
};

const SENTENCES: [&str; 14] = [
    "Уважаемые жители, в четверг с 10:00 до 16:00 будет отключена горячая вода.",
    "Просим передать показания приборов учёта до 25 числа.",
    "В подъезде № 2 заменят лифт, работы займут две недели.",
    "Приглашаем на общее собрание собственников во дворе дома.",
    "Течёт кран на кухне, вода капает постоянно, прокладку меняли в прошлом году.",
    "Не горит свет на лестничной площадке между третьим и четвёртым этажом.",
    "Домофон не открывает дверь, ключ пищит, но замок не срабатывает.",
    "Батарея в большой комнате холодная, стояк при этом горячий.",
    "Просьба согласовать время заранее, после 18:00 никого не будет дома.",
    "Мастер пришёл вовремя, всё сделал аккуратно, спасибо!",
    "Заменён картридж смесителя, течь устранена, замечаний нет.",
    "С 1 числа меняется тариф на вывоз мусора, подробности на сайте.",
    "Субботник переносится из-за дождя на следующую неделю.",
    "Сосед сверху сообщил, что у него \"всё сухо\", акт прилагается.",
];
const MONTHS: [&str; 12] = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
];

pub(super) fn month(random: &mut Rng) -> &'static str {
    pick(random, &MONTHS)
}

/// Makes a number of sentences.
pub(super) fn prose(random: &mut Rng, sentences: usize) -> String {
    let mut text = String::new();
    for _ in 0..sentences {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(pick(random, &SENTENCES));
    }
    text
}

/// Money as .NET's decimal prints it: with its scale, trailing zeros and all.
pub(super) fn money(random: &mut Rng, kopecks: i64) -> String {
    let sign = if kopecks < 0 { "-" } else { "" };
    let (roubles, rest) = (kopecks.unsigned_abs() / 100, kopecks.unsigned_abs() % 100);
    let further = if once_in(random, 12) { "00" } else { "" };
    format!("{sign}{roubles}.{rest:02}{further}")
}

/// A meter's reading in thousandths.
pub(super) fn reading(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

/// A .NET double as Json.NET prints it.
pub(super) fn double(tenths: u32) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A moment as JSON: ISO without offset, now and then with fractions, and seldom
/// in the older `"\/Date(ms)\/"`.
pub(super) fn moment(random: &mut Rng, years: std::ops::Range<u32>) -> String {
    let (year, month, day) = (random.u32(years), random.u32(1..=12), random.u32(1..=28));
    let (hour, minute, second) = (random.u32(..24), random.u32(..60), random.u32(..60));
    match random.u8(..32) {
        0 => {
            let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
            format!("\"\\/Date({seconds}000)\\/\"")
        }
        1..=3 => {
            let fraction = random.u32(..10_000_000);
            format!(
                "\"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:07}\""
            )
        }
        _ => format!("\"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}\""),
    }
}

/// Days from 1970-01-01, for years that a world has.
fn days(year: u32, month: u32, day: u32) -> u32 {
    const BEFORE: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leap_days = (1972..year).step_by(4).count() as u32;
    let this_leap = u32::from(year.is_multiple_of(4) && month > 2);
    (year - 1970) * 365 + leap_days + BEFORE[month as usize - 1] + this_leap + day - 1
}

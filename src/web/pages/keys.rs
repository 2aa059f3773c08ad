//! `/keys`: a flat and a day, the free times of that day, and the booking of one.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use jiff::civil::Date;

use super::form::new_act_id;
use super::frame::page as rendered;
use super::list::{Asked, Pager};
use super::show::{MASK, Moment, State as CallShown, moment, phone, written};
use super::{Console, Fault, Frame};
use crate::config::{Category, Macrocrm};
use crate::ledger::{BookingLine, ReadyFlatLine};
use crate::macrocrm::{self, TransferDate};
use crate::web::words;

/// No more flats can be chosen from: the page stays under two megabytes, and no developer hands
/// over so many at once.
const FLATS: u64 = 12_000;

/// A flat to choose.
struct Choice {
    id: String,
    text: String,
    is_chosen: bool,
}

/// The flats of a house.
struct House {
    title: String,
    flats: Vec<Choice>,
}

/// The times of the chosen day.
struct Times {
    act_id: String,
    house: String,
    flat: String,
    /// `None`: the category has to be chosen.
    category: Option<String>,
    categories: Vec<(&'static str, String)>,
    what: String,
    shown_day: String,
    day: String,
    free: Vec<String>,
    /// The call of the last booking, beside which another one is to be made.
    booked: Option<i64>,
}

/// A booking, as it is shown.
struct Booking {
    what: String,
    at: Moment,
    phone: String,
    booked: Moment,
    state: CallShown,
    said: String,
}

#[derive(Template)]
#[template(path = "keys.html")]
struct Page<'p> {
    f: &'p Frame,
    is_on: bool,
    houses: Vec<House>,
    day: String,
    first_day: String,
    times: Option<Times>,
    problem: Option<String>,
    bookings: Vec<Booking>,
    pager: Pager,
}

/// Flats, times and bookings.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    frame: Frame,
    uri: Uri,
) -> Result<Response, Fault> {
    let asked = Asked::of(&uri);
    let lines = asked.lines();
    let wanted = asked.text("flat").map(str::to_owned);
    let reading = console.read(move |reader| {
        let flats = reader.ready_flats(FLATS)?;
        let chosen = wanted.and_then(|id| flats.iter().find(|flat| flat.id == id).cloned());
        let booked = chosen.as_ref().map(|chosen| reader.last_booking(chosen)).transpose()?;
        Ok((flats, reader.bookings(lines)?, chosen.zip(booked)))
    });
    let (flats, bookings, chosen) = reading.await?;
    let today = console.web.clock.now().to_zoned_datetime(console.zone.clone()).date();
    let tomorrow = today.saturating_add(jiff::Span::new().days(1));
    let day = asked.text("date").and_then(date).unwrap_or(tomorrow);
    let settings = console.config().macrocrm.as_ref();
    let (mut times, mut problem) = (None, None);
    if let (Some(settings), Some((chosen, booked))) = (settings, chosen.filter(|_| frame.acts())) {
        match free_times(&console, settings, &chosen.house, day).await {
            Ok(free) => times = Some(times_of(&frame, &chosen, day, free, booked)),
            Err(error) => problem = Some(words::reason(frame.lang, &error).into_owned()),
        }
    }
    let pager = asked.pager(frame.w, "/keys", &bookings);
    let bookings = bookings.lines.into_iter().map(|line| booking(&frame, &console, line)).collect();
    let houses = houses(&frame, &flats, asked.text("flat"));
    let (day, first_day) = (day.to_string(), today.to_string());
    let is_on = settings.is_some();
    rendered(&Page { f: &frame, is_on, houses, day, first_day, times, problem, bookings, pager })
}

fn date(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|date| date.to_string() == text)
}

async fn free_times(
    console: &Console,
    settings: &Macrocrm,
    house: &str,
    day: Date,
) -> Result<Vec<String>, String> {
    let house = Some(house).filter(|house| !house.is_empty());
    let Some(day) = TransferDate::of_day(day, settings.timezone_of(house)) else {
        return Ok(Vec::new());
    };
    let asking = macrocrm::free_times(console.config(), &console.web.clock, house, &day);
    asking.await.map_err(|error| error.to_string())
}

fn times_of(
    frame: &Frame,
    chosen: &ReadyFlatLine,
    day: Date,
    free: Vec<String>,
    booked: Option<i64>,
) -> Times {
    let is_any = chosen.category == "any";
    let categories = Category::ALL
        .map(|category| (category.word(), words::kind(frame.lang, category.word()).to_owned()));
    Times {
        act_id: new_act_id(),
        house: chosen.house.clone(),
        flat: chosen.flat.clone(),
        category: (!is_any).then(|| chosen.category.clone()),
        categories: categories.into(),
        what: format!(
            "{} {} · {}",
            words::kind(frame.lang, &chosen.category),
            chosen.flat,
            title(chosen)
        ),
        shown_day: day.strftime(frame.lang.pick("%d.%m.%Y", "%Y-%m-%d")).to_string(),
        day: day.to_string(),
        free,
        booked,
    }
}

/// A flat in words.
fn text(frame: &Frame, flat: &ReadyFlatLine) -> String {
    match flat.category.as_str() {
        "flat" | "any" => flat.flat.clone(),
        category => format!("{} {}", words::kind(frame.lang, category), flat.flat),
    }
}

/// What the house of a flat is called.
fn title(flat: &ReadyFlatLine) -> &str {
    if flat.title.is_empty() { &flat.house } else { &flat.title }
}

/// The flats by their houses, in the order in which they come.
fn houses(frame: &Frame, flats: &[ReadyFlatLine], chosen: Option<&str>) -> Vec<House> {
    let mut houses: Vec<House> = Vec::new();
    for flat in flats {
        let title = title(flat);
        if houses.last().is_none_or(|house| house.title != title) {
            houses.push(House { title: title.to_owned(), flats: Vec::new() });
        }
        if let Some(house) = houses.last_mut() {
            house.flats.push(Choice {
                text: format!("{title}, {}", text(frame, flat)),
                is_chosen: chosen == Some(flat.id.as_str()),
                id: flat.id.clone(),
            });
        }
    }
    houses
}

fn booking(frame: &Frame, console: &Console, line: BookingLine) -> Booking {
    let sees = frame.sees_people();
    Booking {
        what: format!("{} {} · {}", words::kind(frame.lang, &line.category), line.flat, line.house),
        at: written(frame.lang, &console.zone, &line.at)
            .unwrap_or_else(|| Moment { exact: line.at.clone(), shown: line.at }),
        phone: if sees { line.phone } else { phone(&line.phone) },
        booked: moment(frame.lang, &console.zone, &line.created_at),
        state: CallShown::of(frame.w, line.call, line.state),
        said: match line.said {
            Some(said) if sees => said,
            Some(_) => MASK.to_owned(),
            None => String::new(),
        },
    }
}

//! What must hold of any answer of MACRO, and of any time that is booked.

use jiff::tz::{TimeZone, offset};

use super::answer::{self, Answer, as_text, php_array};
use super::ready_flats::{ANY, decode};
use super::{HandoverTime, TransferDate};
use crate::config::Category;
use crate::json::{self, Members};

/// An answer is a success or none, whatever it is; of a list every flat is taken or set aside,
/// under the number that it has.
pub(crate) fn answer(bytes: &[u8]) {
    if let Ok(Answer::Yes { data: Some(data) }) = answer::read(bytes) {
        assert!(std::str::from_utf8(bytes).is_ok_and(|text| text.contains(data)));
        for category in [None, Some(Category::Flat)] {
            assert_flats(data, category);
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert_flats(text, None);
    }
}

fn assert_flats(data: &str, category: Option<Category>) {
    let Ok(list) = decode(data, category) else { return };
    let houses = Members::parse(data).and_then(|data| php_array(data.get("houses")?));
    let listed = houses.unwrap_or_default().into_iter().filter_map(|house| {
        let house = Members::parse(house)?;
        php_array(house.get("flats").unwrap_or("null")).map(|flats| flats.len())
    });
    let listed: usize = listed.sum();
    assert!(list.flats.len() <= listed);
    assert!(list.flats.len() + list.unclear.len() >= listed || !list.unclear.is_empty());
    let word = category.map_or(ANY, Category::word);
    for flat in &list.flats {
        let body = Members::parse(&flat.body).expect("a record is an object");
        let member = |name| body.get(name).and_then(json::string).expect("it is text");
        let (house, number) = (member("house_id"), member("flat"));
        assert_eq!(flat.id, format!("{house}/{word}/{number}"));
        assert!(!house.trim().is_empty() && !number.trim().is_empty());
        assert_eq!(body.iter().count(), 4);
    }
    for unclear in &list.unclear {
        assert!(data.contains(&unclear.text) && !unclear.reason.is_empty());
        let is_text = as_text(&unclear.text).is_some_and(|text| !text.trim().is_empty());
        assert!(!is_text || !unclear.reason.starts_with("a flat"));
    }
}

/// The time of a booking goes to MACRO as the moment that was typed.
pub(crate) fn handover(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(time) = text.parse::<HandoverTime>() else { return };
    let zone = &TimeZone::fixed(offset(3));
    let Some(date) = TransferDate::of(time, zone) else { return };
    let again: HandoverTime = date.to_string().parse().expect("what is sent is a time");
    assert_eq!(TransferDate::of(again, zone).map(|date| date.to_string()), Some(date.to_string()));
    if let HandoverTime::Local(local) = time {
        assert!(date.to_string().starts_with(&local.strftime("%Y-%m-%dT%H:%M").to_string()));
    }
}

//! The transfer of keys: the free times of a day, and the booking of one.
//!
//! A booking is a row of `call`: the service sends it, once. It occupies a slot and notifies a
//! buyer, so a time that may have been booked already is booked again only with `--again`.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use super::api::{ADD, Api};
use super::{AskError, KIND, SOURCE, ready_flats};
use crate::clock::SharedClock;
use crate::config::{Category, Config};
use crate::http::Deadline;
use crate::ledger::{CallState, Error, NewCall, RecordKey, Tx};

/// A moment as MACRO wants it: local, with the offset that is in force then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferDate(ZonedDateTime);

impl TransferDate {
    /// A local time; `None` where the clocks of the time zone skip it.
    pub fn at(time: DateTime, timezone: &TimeZone) -> Option<Self> {
        let zoned = time.to_zoned_datetime(timezone.clone()).ok()?;
        (zoned.datetime() == time).then_some(Self(zoned))
    }

    /// A time as it was written; `None` where the clocks of the time zone skip it.
    pub fn of(time: HandoverTime, timezone: &TimeZone) -> Option<Self> {
        match time {
            HandoverTime::Local(time) => Self::at(time, timezone),
            HandoverTime::Exact(moment) => Some(Self(moment.to_zoned_datetime(timezone.clone()))),
        }
    }

    /// The beginning of a local day.
    pub fn of_day(day: Date, timezone: &TimeZone) -> Option<Self> {
        day.to_zoned_datetime(timezone.clone()).ok().map(Self)
    }

    /// Whether it has passed.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.0.timestamp() <= now
    }
}

/// `2020-06-11T11:00:00+05:00`
impl std::fmt::Display for TransferDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.strftime("%Y-%m-%dT%H:%M:%S%:z").fmt(f)
    }
}

/// A time as it is written for a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoverTime {
    /// `2026-06-11T10:30`: where the house is.
    Local(DateTime),
    /// `2026-06-11T10:30:00+03:00`, as in MACRO's document; the seconds may be left out.
    Exact(Timestamp),
}

impl std::str::FromStr for HandoverTime {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A year has four digits, and no sign.
        let is_dated = text.as_bytes().get(10) == Some(&b'T') && !text.starts_with(['-', '+']);
        let dated = is_dated.then_some(text);
        let local = dated.and_then(|text| DateTime::strptime("%Y-%m-%dT%H:%M", text).ok());
        let local = local.filter(|time| time.strftime("%Y-%m-%dT%H:%M").to_string() == text);
        let exact = || dated.and_then(|text| text.parse().ok());
        local.map(Self::Local).or_else(|| exact().map(Self::Exact)).ok_or(
            "it must be a time such as 2026-06-11T10:30, or with an offset: 2026-06-11T10:30+03:00",
        )
    }
}

/// Asks MACRO for the free times of a day at a house: `HH:MM`, in the house's time zone. The
/// house may be left out where all houses have the same schedule.
/// None without `[macrocrm]`.
///
/// # Errors
/// [`AskError`], which may quote MACRO and is not for the log.
pub async fn free_times(
    config: &Config,
    clock: &SharedClock,
    house_id: Option<&str>,
    day: &TransferDate,
) -> Result<Vec<String>, AskError> {
    let Some(macrocrm) = &config.macrocrm else {
        return Ok(Vec::new());
    };
    let api = Api::new(macrocrm, &config.http, &Deadline::of_pass(), clock)?;
    Ok(api.free_times(house_id, &day.to_string()).await?)
}

/// A time to be booked.
#[derive(Debug, Clone)]
pub struct Booking {
    /// MACRO's id of the house.
    pub house_id: String,
    /// The number of the flat, parking place or other object, as MACRO has it.
    pub flat_num: String,
    /// The category: without one MACRO takes the first object with that number.
    pub category: Category,
    /// The time of the transfer.
    pub transfer_date: TransferDate,
    /// The telephone of one of the buyers.
    pub phone: String,
    /// Book another time although one was booked, or may have been.
    pub again: bool,
}

/// Inserts the call that books a time. Returns its number, and whether the ledger lists the
/// flat as ready.
///
/// # Errors
/// [`AlreadyBooked`] when a booking of the flat is pending, was made, or may have been.
pub fn book(tx: &Tx<'_>, booking: &Booking) -> Result<(i64, bool), Error> {
    let category = booking.category.word();
    let (house, flat) = (&booking.house_id, &booking.flat_num);
    for earlier in tx.calls_about(ADD, "$.flat_num", flat)? {
        if earlier.param("house_id") != *house || earlier.param("category") != category {
            continue;
        }
        match earlier.state {
            CallState::Failed => continue,
            CallState::Done | CallState::Unknown if booking.again => continue,
            CallState::Pending | CallState::Done | CallState::Unknown => {}
        }
        return Err(Error::system(AlreadyBooked {
            what: format!("{category} {flat} at house {house}"),
            transfer_date: earlier.param("transfer_date").to_owned(),
            call: earlier.seq,
            state: earlier.state,
        }));
    }
    let mut is_ready = false;
    // The list may be read without categories.
    for category in [Some(booking.category), None] {
        let id = ready_flats::record_id(house, category, flat);
        is_ready |= tx.has_live_record(RecordKey::new(SOURCE, KIND, &id))?;
    }
    let call = tx.insert_call(&NewCall {
        target: SOURCE,
        op: ADD,
        params: vec![
            ("transfer_date", booking.transfer_date.to_string()),
            ("house_id", house.clone()),
            ("flat_num", flat.clone()),
            ("phone", booking.phone.clone()),
            ("category", category.to_owned()),
        ],
        envelope_seq: None,
    })?;
    Ok((call, is_ready))
}

/// A time for the flat was booked, or may have been; [`Error::of_system`] has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a time for {what} {} already, {transfer_date} (call {call}); {}", self.how(), self.advice())]
pub struct AlreadyBooked {
    /// Category and number of the flat, and its house.
    pub what: String,
    /// The earlier time.
    pub transfer_date: String,
    /// `call.seq` of the earlier booking.
    pub call: i64,
    /// Its state.
    pub state: CallState,
}

impl AlreadyBooked {
    fn how(&self) -> &'static str {
        match self.state {
            CallState::Pending => "is about to be booked",
            CallState::Done | CallState::Failed => "was booked",
            CallState::Unknown => "may have been booked",
        }
    }

    fn advice(&self) -> &'static str {
        match self.state {
            CallState::Pending => "`uzhkh-ledger calls list` tells how it stands",
            CallState::Done | CallState::Failed => "--again books another one",
            CallState::Unknown => {
                "look into MACRO, and only if it is not there book it with --again"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_local_and_has_the_offset_of_that_day() {
        let moscow = TimeZone::get("Europe/Moscow").unwrap();
        let at = |time: &str, zone: &TimeZone| {
            TransferDate::at(time.parse().unwrap(), zone).map(|moment| moment.to_string())
        };
        let text = at("2026-06-11T11:00", &moscow);
        assert_eq!(text.as_deref(), Some("2026-06-11T11:00:00+03:00"));
        let fixed = TimeZone::fixed(jiff::tz::offset(5));
        let text = at("2020-06-11T00:00", &fixed);
        assert_eq!(text.as_deref(), Some("2020-06-11T00:00:00+05:00"));
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let text = at("2026-01-11T11:00", &berlin);
        assert_eq!(text.as_deref(), Some("2026-01-11T11:00:00+01:00"));
        // On that night the clocks go from 2 to 3.
        assert_eq!(at("2026-03-29T02:30", &berlin), None);
    }

    #[test]
    fn a_day_begins_at_midnight() {
        let moscow = TimeZone::get("Europe/Moscow").unwrap();
        let day = TransferDate::of_day("2026-06-11".parse().unwrap(), &moscow).unwrap();
        assert_eq!(day.to_string(), "2026-06-11T00:00:00+03:00");
        assert!(!day.is_over("2026-06-10T20:59:59Z".parse().unwrap()));
        assert!(day.is_over("2026-06-10T21:00:00Z".parse().unwrap()));
    }
}

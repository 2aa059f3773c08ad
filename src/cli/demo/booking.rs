//! The demo's booking: what `keys free-times` and `keys book` do for a person who takes
//! over a flat. It is a row of `call`, which the service sends.

use jiff::Span;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

use crate::acts;
use crate::cli::actor::act;
use crate::cli::clock;
use crate::config::{self, Config};
use crate::ledger::{self, CallState, Reader};
use crate::macrocrm::{self, TransferDate};
use simulator::{self, Category, ReadyFlat};

/// MACRO may refuse: keys are handed over all the time, and then another is booked.
const TRIES: usize = 3;

/// A booking and its state.
struct Made {
    call: i64,
    what: String,
    state: CallState,
    error: Option<String>,
}

/// The bookings of a demo: one, where MACRO does not refuse it.
pub(super) struct Bookings {
    config: Config,
    timezone: TimeZone,
    macrocrm: simulator::Macrocrm,
    made: Vec<Made>,
}

impl Bookings {
    pub(super) fn new(config: &Config, macrocrm: &simulator::Macrocrm) -> Self {
        let settings = config.macrocrm.as_ref();
        Self {
            timezone: settings.map_or(TimeZone::UTC, |settings| settings.timezone.clone()),
            config: config.clone(),
            macrocrm: macrocrm.clone(),
            made: Vec::new(),
        }
    }

    /// Books, or reads the outcome of the booking. Returns a line to print.
    pub(super) async fn step(&mut self, reader: &Reader) -> anyhow::Result<Option<String>> {
        match self.made.last() {
            Some(made) if made.state == CallState::Pending => {
                self.look(reader)?;
                Ok(self.outcome())
            }
            Some(made) if made.state != CallState::Failed => Ok(None),
            _ if self.made.len() < TRIES => self.book().await,
            _ => Ok(None),
        }
    }

    /// Reads the state of the last booking.
    pub(super) fn look(&mut self, reader: &Reader) -> anyhow::Result<()> {
        if let Some(made) = self.made.last_mut()
            && let Some((state, error)) = reader.call_state(made.call)?
        {
            (made.state, made.error) = (state, error);
        }
        Ok(())
    }

    /// The outcome of the last booking; `None` while it is pending.
    fn outcome(&self) -> Option<String> {
        let made = self.made.last()?;
        let error = made.error.as_deref().unwrap_or_default();
        Some(match made.state {
            CallState::Pending => return None,
            CallState::Done => format!("{} is booked (call {} is done)", made.what, made.call),
            CallState::Failed => format!("{} was not booked: {error}", made.what),
            CallState::Unknown => {
                format!("{} may have been booked, MACRO did not say: {error}", made.what)
            }
        })
    }

    /// The outcome for the summary.
    pub(super) fn summary(&self) -> String {
        match (self.outcome(), self.made.last()) {
            (Some(outcome), _) => outcome,
            (None, Some(made)) => format!("{} waits to be booked (call {})", made.what, made.call),
            (None, None) => "no keys were booked: it was over too soon".to_owned(),
        }
    }

    /// Books the first flat that no earlier demo booked, at the first free time.
    async fn book(&mut self) -> anyhow::Result<Option<String>> {
        let day = self.day();
        for flat in self.flats() {
            let Some(transfer_date) = self.free_time(&flat.house_id, day).await? else {
                continue;
            };
            let booking = macrocrm::Booking {
                house_id: flat.house_id,
                flat_num: flat.flat_num,
                category: config::Category::Flat,
                transfer_date,
                phone: flat.phone,
                again: false,
            };
            let path = &self.config.ledger.path;
            let booked = ledger::edit(path, &clock(), |tx| acts::book(tx, &act(), &booking));
            let call = match booked {
                Ok(booked) => booked.call,
                Err(error) if error.of_system::<macrocrm::AlreadyBooked>().is_some() => continue,
                Err(error) => return Err(error.into()),
            };
            let at = booking.transfer_date;
            let what = format!("flat {} at house {}", booking.flat_num, booking.house_id);
            let told = format!("books {what} for {at}, as `keys book` does (call {call})");
            self.made.push(Made { call, what, state: CallState::Pending, error: None });
            return Ok(Some(told));
        }
        Ok(None)
    }

    /// The flats that are ready, as their buyers know them.
    fn flats(&self) -> Vec<ReadyFlat> {
        let mut flats = self.macrocrm.ready_flats();
        flats.retain(|flat| flat.category == Category::Flat);
        flats
    }

    /// The first free time of a house on a day, as MACRO answers it.
    async fn free_time(&self, house: &str, day: Date) -> anyhow::Result<Option<TransferDate>> {
        let Some(midnight) = TransferDate::of_day(day, &self.timezone) else {
            return Ok(None);
        };
        let times = macrocrm::free_times(&self.config, &clock(), Some(house), &midnight).await?;
        let first = times.first().and_then(|time| format!("{day}T{time}").parse().ok());
        Ok(first.and_then(|first: DateTime| TransferDate::at(first, &self.timezone)))
    }

    /// The next working day.
    pub(super) fn day(&self) -> Date {
        let mut day = clock().now().to_zoned_datetime(self.timezone.clone()).date();
        loop {
            day = day.saturating_add(Span::new().days(1));
            if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                return day;
            }
        }
    }
}

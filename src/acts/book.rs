//! `book`: a time for the handover of keys is booked in MACRO. It is sent once.

use jiff::Timestamp;

use super::actor::{Act, Done};
use super::refused::Wrong;
use crate::config::{Category, Macrocrm};
use crate::ledger::{Error, Tx, Verb};
use crate::macrocrm::{self, Booking, HandoverTime, TransferDate};

/// The most characters of a house, a flat or a telephone number.
const LONGEST: usize = 200;

/// What is to be booked, as it was written.
#[derive(Debug, Clone)]
pub struct Book {
    /// MACRO's id of the house.
    pub house: String,
    /// The number of the flat, parking place or other object, as MACRO has it.
    pub flat: String,
    /// Its category; may be left out where exactly one is configured.
    pub category: Option<Category>,
    /// The time of the handover.
    pub at: HandoverTime,
    /// The telephone of one of the buyers.
    pub phone: String,
    /// Book another time although one was booked, or may have been.
    pub again: bool,
}

impl Book {
    /// The booking that it comes to by the config, now.
    ///
    /// # Errors
    /// [`Wrong`]: no category that can be told, or a time that does not exist or has passed.
    pub fn booking(self, macrocrm: &Macrocrm, now: Timestamp) -> Result<Booking, Wrong> {
        for (member, text) in [("house", &self.house), ("flat", &self.flat), ("phone", &self.phone)]
        {
            if text.is_empty() {
                return Err(Wrong::new(member, "is empty"));
            }
            if text.chars().count() > LONGEST {
                return Err(Wrong::new(member, format!("has more than {LONGEST} characters")));
            }
        }
        let category = match self.category {
            Some(category) => category,
            None => only(&macrocrm.categories)?,
        };
        let timezone = macrocrm.timezone_of(Some(&self.house));
        let Some(transfer_date) = TransferDate::of(self.at, timezone) else {
            return Err(Wrong::new("at", "does not exist: the clocks are put forward then"));
        };
        if transfer_date.is_over(now) {
            return Err(Wrong::new("at", format!("{transfer_date} is past")));
        }
        Ok(Booking {
            house_id: self.house,
            flat_num: self.flat,
            category,
            transfer_date,
            phone: self.phone,
            again: self.again,
        })
    }
}

/// The category that is meant where none is given.
fn only(categories: &[Category]) -> Result<Category, Wrong> {
    let configured = match categories {
        [category] => return Ok(*category),
        [] => "macrocrm.categories names none".to_owned(),
        several => format!("macrocrm.categories names {}", several.len()),
    };
    Err(Wrong::new("category", format!("is needed: {configured}, and MACRO would guess")))
}

/// A booking that is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    /// The call that carries it out.
    pub call: i64,
    /// Whether the ledger lists the flat as ready.
    pub is_ready: bool,
}

/// Books a time.
///
/// # Errors
/// Refused: a time for the flat is booked, or may be.
pub fn book(tx: &Tx<'_>, act: &Act, booking: &Booking) -> Result<Booked, Error> {
    act.begin(tx)?;
    let (call, is_ready) = macrocrm::book(tx, booking)?;
    let Booking { house_id, flat_num, category, .. } = booking;
    let target = format!(
        "{}/{}/{house_id}/{}/{flat_num}",
        macrocrm::SOURCE,
        macrocrm::KIND,
        category.word()
    );
    let outcome = booking.transfer_date.to_string();
    act.done(tx, Done { verb: Verb::Book, target: &target, call: Some(call), outcome: &outcome })?;
    Ok(Booked { call, is_ready })
}

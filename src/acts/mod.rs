//! What people and programs may have done: one file a verb. The command line, the HTTP
//! interface and the pages call these and nothing else.
//!
//! ```text
//! acts::decide(tx, &act, …) -> Result<Decided, ledger::Error>
//! ```
//!
//! Each verb takes the transaction under way and the [`Act`]: who does it, by what way, and the
//! id of the form or request that it came by. It checks, writes the row that the daemon acts on
//! and the row of `act`, all in that transaction; so a crash leaves all of it or nothing, and
//! what a caller adds to the transaction (an answer to be kept) stands or falls with it. What is
//! refused is an error, so that the transaction is taken back: [`Refused::of`] tells why. An id
//! that has been done is refused too ([`Why::Done`]), with the act that there is.
//!
//! `tx` is that of `Ledger::write` in the daemon, and of `ledger::edit` in a command beside it.
//! The daemon's may run a verb more than once before it commits: a verb has no other effect.
//!
//! An act on several objects says of each what came of it, and refuses none of the others; it
//! has one row of `act`, and none where nothing was done at all. [`several`] has a verb done on
//! several numbers, each with a row of its own.

mod accept_shrink;
mod actor;
mod alma_block;
mod alma_release;
mod alma_retry;
mod alma_unblock;
mod book;
mod decide;
mod feeds;
mod name;
mod objects;
mod poll;
mod quarantine_acknowledge;
mod quarantine_retry;
mod refused;
mod resync;
mod reveal;
mod settle;
mod several;

pub use accept_shrink::accept_shrink;
pub use actor::{Act, Actor};
pub use alma_block::alma_block;
pub use alma_release::alma_release;
pub use alma_retry::alma_retry;
pub use alma_unblock::alma_unblock;
pub use book::{Book, Booked, book};
pub use decide::{Decide, Decided, Request, decide};
pub(crate) use feeds::known_in_words;
pub use feeds::{NoFeed, mirrored_feed, polled_feed};
pub use name::{Names, NamesTally, name};
pub use objects::{Acted, Objects, on_one};
pub use poll::poll;
pub use quarantine_acknowledge::quarantine_acknowledge;
pub use quarantine_retry::quarantine_retry;
pub use refused::{Refused, Why, Wrong};
pub use resync::{resync, resync_begins};
pub use reveal::{Secret, reveal};
pub use settle::settle;
pub use several::{Several, several};

pub use crate::ledger::{Verb, Via};

//! `uzhkh-ledger` mirrors Russian property systems into one local SQLite ledger: the
//! change queue of Umnoe ZhKH (UZhKH), the feeds of Domoplaner, MACRO's list of flats
//! that are ready to be handed over, and the rentals of a Bitrix24 portal. It keeps Alma
//! in step with the ledger.
//!
//! An entry of a queue is acknowledged only after it is durable in the ledger; what
//! comes twice is applied once; a call with an effect is a row before it is sent. So a
//! crash at any instant leaves a ledger that the next start carries on from.
//!
//! ```text
//! cli          one file for each family of commands
//! config       the TOML file, secrets, validation
//! service      starts the parts, stops them in order
//!   schedule     cron jobs that never overlap themselves
//!   systemd      ready, watchdog and status, told to systemd
//!   admin        health and metrics
//! uzhkh        the queue, ids, full lists, decisions
//! domoplaner   feeds of premises and deals
//! macrocrm     ready flats, free times, bookings
//! bitrix24     apartments, units, contracts and contacts of a portal
//! alma         what the ledger wants of Alma, and its way there
//!   mirror       lists that are read whole, again and again
//!   elements     splits JSON lists while they arrive
//!   json         members of an object, numbers as written
//!   outbox       carries out the calls that wait in the ledger
//!   polls        tells of each run of a poller
//!   files        how a system is given what another one has
//!   reaction     what becomes of a call that failed
//!   pace         how hard a system that fails is pressed
//! keeping      backups on schedule, retention, the log within bounds
//! ledger       the only SQL: one writer, many readers
//! http         the one way out: client, retries, classes of errors, redaction
//! pulse        whether the parts move
//! clock        what time it is, and what tests put in its place
//! meters       what is measured, and the counts of what happened
//! simulator    the systems and Alma on loopback, with faults on demand
//! ```
//!
//! Dependencies point down: `cli → service → a system → ledger, http`. Systems do not
//! know each other; they meet in the ledger. The simulator shares no code with the
//! clients, so that a misreading of a document shows.

mod admin;
pub mod alma;
pub mod bitrix24;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domoplaner;
mod elements;
pub mod files;
pub mod http;
mod json;
mod keeping;
pub mod ledger;
pub mod macrocrm;
mod meters;
mod mirror;
pub mod outbox;
mod pace;
mod polls;
pub mod pulse;
mod reaction;
mod schedule;
pub mod service;
pub mod simulator;
mod systemd;
pub mod uzhkh;

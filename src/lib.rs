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
//! service      starts the tasks of all systems, stops them in order
//! web          programs over HTTP: a file a resource, tokens, TLS, limits
//! acts         what people and programs may have done, one file a verb
//! ops          what an operator's machine sees
//!   admin        health and metrics over HTTP
//!   maintenance  scheduled backups, retention, the WAL within bounds
//!   systemd      readiness, watchdog and status notifications
//! registry     the systems, registered once
//! uzhkh        the queue, ids, full lists, decisions
//! domoplaner   feeds of premises and deals
//! macrocrm     ready flats, free times, bookings
//! bitrix24     apartments, units, contracts and contacts of a portal
//! alma         what Alma should hold by the ledger, and how it gets there
//! relay        what the ledger holds, in PostgreSQL
//! mirror       lists that are read whole, again and again
//! runtime      what every system is run by
//!   system       what a system is to the service
//!   driver       the one loop: a task waits until it is due, then takes a step
//!   schedule     cron jobs that never overlap themselves
//!   outbox       carries out the calls that wait in the ledger
//!   poll_log     records each run of a poller
//!   pace         attempts and cooldowns of a system that fails
//!   files        hands the files of one system to another
//! config       the TOML file, secrets, validation
//! ledger       the only SQL: one writer, many readers
//! http         the only HTTP client: retries, classes of errors, redaction
//! json         members of an object, a streaming splitter of lists
//! metrics      the vocabulary of the metrics, and the counters
//! watchdog     heartbeats of the tasks
//! clock        the clock, which tests replace
//! password     hashes of passwords
//! phone        the numbers of all countries
//! fuzzing      what must hold of foreign bytes; only in tests and for `fuzz/`
//! ```
//!
//! Dependencies point one way: `cli → service → web → acts → ops → registry → a system → runtime →
//! ledger, http`. Systems do not know each other; they meet in the ledger. The
//! simulator, which plays them on loopback, is a crate of its own and shares no code with the clients, so that
//! a misreading of a document shows.

pub mod acts;
pub mod alma;
pub mod bitrix24;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domoplaner;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
mod json;
pub mod ledger;
pub mod macrocrm;
mod metrics;
mod mirror;
mod ops;
mod password;
mod phone;
pub mod registry;
mod relay;
pub mod runtime;
pub mod service;
pub mod uzhkh;
pub mod watchdog;
pub mod web;

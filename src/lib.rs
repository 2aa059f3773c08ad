//! `uzhkh-ledger` drains the change queue of Umnoe ZhKH (UZhKH) into one local
//! SQLite ledger and acknowledges an entry only after it is durable there.

mod admin;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domoplaner;
mod elements;
pub mod http;
mod json;
pub mod ledger;
pub mod macrocrm;
mod mirror;
pub mod outbox;
mod pace;
mod polls;
mod reaction;
mod schedule;
pub mod service;
pub mod simulator;
pub mod uzhkh;

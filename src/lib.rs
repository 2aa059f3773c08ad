//! `uzhkh-ledger` drains the change queue of Umnoe ZhKH (UZhKH) into one local
//! SQLite ledger and acknowledges an entry only after it is durable there.

mod admin;
pub mod cli;
pub mod clock;
pub mod config;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "UZhKH has none of the layouts of feeds"
    )
)]
mod elements;
pub mod http;
mod json;
pub mod ledger;
pub mod outbox;
mod pace;
mod schedule;
pub mod service;
pub mod simulator;
pub mod uzhkh;

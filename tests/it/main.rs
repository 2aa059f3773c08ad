//! The tests that go through what everybody outside sees: the binary, HTTP on loopback and a
//! ledger in a real SQLite file. One program, a module a subject:
//! `cargo test --test it uzhkh::queue` runs one part.

#![allow(
    clippy::unwrap_used,
    reason = "clippy counts only the #[test] functions themselves as tests, not their helpers"
)]

mod admin;
mod alma;
mod answers;
mod bitrix24;
mod commands;
mod config;
mod console;
mod crash;
mod deploy;
mod docs;
mod domoplaner;
mod http;
mod keeping;
mod macrocrm;
mod phones;
mod plans;
mod power;
mod relay;
mod simulator;
mod soak;
mod support;
mod tidy;
mod uzhkh;
mod web;

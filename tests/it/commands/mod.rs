//! The commands and the service, as operators and systemd meet them.

mod acts;
mod asking;
mod changes;
mod check;
mod decide;
mod demo;
mod help;
mod history;
mod identity;
mod identity_import;
mod ledger_file;
pub(crate) mod operator;
mod quarantine;
mod secrets;
mod service;
mod shown;
mod status;
mod table;
mod usage;
mod verify;

//! Alma, through the binary and against the simulator: what the ledger wants arrives
//! there, once.

mod adoption;
mod archive;
mod archived_in_alma;
mod arrives;
pub(crate) mod bench;
mod bitrix24;
mod blocked;
mod blocks;
mod client;
mod comes_back;
mod commands;
mod crash;
mod daemon;
mod elsewhere;
mod emails;
mod faults;
mod field_changes;
mod fields;
mod handover;
mod houses;
mod ledger_lost;
mod lost;
mod model;
mod moves;
mod names;
mod naming;
mod order;
mod over;
mod quotes;
mod reconfigured;
mod rejected;
mod retries;
mod settings;
mod unsure;
mod watch;
mod wire;

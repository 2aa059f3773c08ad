//! `uzhkh-ledger` drains the change queue of Umnoe ZhKH (UZhKH) into one local
//! SQLite ledger and acknowledges an entry only after it is durable there.

pub mod simulator;

//! The relay: what the ledger holds, in a real PostgreSQL.

mod copy;
mod epochs;
mod fleet;
mod follows;
mod full;
mod killed;
mod pooled;
mod rows;
mod server;
mod standby;
mod tls;
mod told;
mod views;
mod writers;

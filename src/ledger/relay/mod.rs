//! What the relay to PostgreSQL reads of the ledger, and what it writes down about itself.
//!
//! How far it has come stands in PostgreSQL alone, written there with the rows themselves:
//! two cursors could differ. What is here tells people how it stands, and the relay what
//! they want of it.

mod page;
mod state;

pub use page::{RelayChange, RelayChanges, RelayKey, RelayRecord, RelayRecords};
pub use state::{RelayAct, RelayStanding, RelayState, RelayStuck, RelayTold};

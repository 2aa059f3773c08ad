//! UZhKH through the real binary: what comes in, what stands in the ledger, what
//! goes out.

mod announce;
mod answers;
mod bad_input;
mod calls;
mod commit;
mod concurrency;
mod decisions;
mod deletions;
mod drained;
pub(crate) mod external;
mod external_merge;
mod external_told;
mod faults;
mod findings;
mod paused;
mod queue;
mod references;
mod resync;
mod resync_asked;
mod resync_doubt;
mod resync_fails;
mod resync_order;
mod rows;
mod settled;
mod views;

//! The numbers of the systemd status line, read from indexes and small tables: they are asked
//! for every few seconds, however large the ledger.

use super::{AlmaState, Error, PartOverview, Reader};

/// Counts for a status line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Glance {
    /// Each poller's last run.
    pub(crate) parts: Vec<PartOverview>,
    /// Envelopes that UZhKH has yet to be told about.
    pub(crate) pending_acknowledgements: u64,
    /// Calls to be sent.
    pub(crate) pending_calls: u64,
    /// Calls that will not be tried again.
    pub(crate) failed_calls: u64,
    /// Calls whose outcome is not known.
    pub(crate) unknown_calls: u64,
    /// Quarantined envelopes and items.
    pub(crate) quarantined: u64,
    /// Alma's objects on their way there.
    pub(crate) alma_pending: u64,
    /// Alma's objects that need an operator: blocked, rejected, held.
    pub(crate) alma_stuck: u64,
}

impl Reader {
    /// Reads the counts for a status line.
    pub(crate) fn glance(&self) -> Result<Glance, Error> {
        let mut glance = Glance {
            parts: self.parts()?,
            pending_acknowledgements: self
                .count("SELECT count(*) FROM envelope WHERE state = 'committed'")?,
            pending_calls: self.count("SELECT count(*) FROM call WHERE state = 'pending'")?,
            failed_calls: self.count("SELECT count(*) FROM call WHERE state = 'failed'")?,
            unknown_calls: self.count("SELECT count(*) FROM call WHERE state = 'unknown'")?,
            quarantined: self.count("SELECT count(*) FROM quarantine")?,
            ..Glance::default()
        };
        for known in self.alma_counts()? {
            if known.state == AlmaState::Pending.word() {
                glance.alma_pending += known.count;
            } else if STUCK.iter().any(|stuck| stuck.word() == known.state) {
                glance.alma_stuck += known.count;
            }
        }
        Ok(glance)
    }
}

/// The states that an object leaves only with an operator's help.
const STUCK: [AlmaState; 3] = [AlmaState::Blocked, AlmaState::Rejected, AlmaState::Held];

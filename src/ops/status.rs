//! How the ledger and the service stand, with the members that `status --json` has and
//! `/api/v1/status` answers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::config::Config;
use crate::ledger::{self, AlmaCount, LastPoll, Reader, RelayStanding, Standing, Tallies, sum};
use crate::registry;

/// How everything stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Status {
    /// The ledger's file.
    pub(crate) ledger: String,
    /// The ledger's own id: a cursor is of use only with the ledger that gave it.
    pub(crate) ledger_id: String,
    /// The process that runs on it; null when none does.
    pub(crate) daemon: Option<String>,
    /// Where programs and people are answered by this config; null without `[web]`.
    pub(crate) web: Option<WebStatus>,
    /// The relay to PostgreSQL; null without `[relay]`.
    pub(crate) relay: Option<RelayStanding>,
    /// Feeds in the config that have not been read yet: system and name.
    pub(crate) not_polled: Vec<(&'static str, String)>,
    /// How the ledger stands.
    #[serde(flatten)]
    pub(crate) overview: Overview,
}

/// `[web]`, as far as it is no secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct WebStatus {
    /// The address that is listened on.
    pub(crate) listen: String,
    /// Whether it is encrypted by us.
    pub(crate) tls: bool,
    /// The names of the programs that may ask.
    pub(crate) tokens: Vec<String>,
}

/// How the ledger stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Overview {
    /// Each poller's last run.
    pub(crate) parts: Vec<LastPoll>,
    pub(crate) pending_acknowledgements: u64,
    pub(crate) oldest_pending_acknowledgement: Option<String>,
    pub(crate) acknowledgement_error: Option<String>,
    pub(crate) refused_acknowledgements: u64,
    pub(crate) undocumented_calls: u64,
    pub(crate) pending_calls: u64,
    pub(crate) oldest_pending_call: Option<String>,
    pub(crate) call_error: Option<String>,
    pub(crate) failed_calls: u64,
    pub(crate) unknown_calls: u64,
    pub(crate) waiting_ids: u64,
    pub(crate) reserved_ids: u64,
    pub(crate) rejected_ids: u64,
    pub(crate) quarantined: u64,
    pub(crate) findings: u64,
    /// Live records of each kind.
    pub(crate) records: Vec<(String, u64)>,
    /// Records that a full list no longer had.
    pub(crate) missing: u64,
    pub(crate) alma: Vec<AlmaCount>,
    pub(crate) alma_files: Vec<(String, u64)>,
    /// The lists of the last full resync and their states, in words.
    pub(crate) resync: Vec<(String, String)>,
    pub(crate) last_change: Option<u64>,
}

impl Status {
    /// Reads how everything stands.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub(crate) fn read(
        config: &Config,
        reader: &Reader,
        now: Timestamp,
    ) -> Result<Self, ledger::Error> {
        let path = &config.ledger.path;
        let overview = Overview::new(reader.standing(now)?, reader.tallies()?);
        let relay = config.relay.as_ref().map(|relay| reader.relay_standing(&relay.ledger, now));
        let mut not_polled = registry::feeds(config);
        not_polled.retain(|(source, feed)| {
            let mut parts = overview.parts.iter();
            !parts.any(|part| part.source == *source && part.feed == *feed)
        });
        Ok(Self {
            ledger: path.display().to_string(),
            ledger_id: reader.ledger_id()?,
            daemon: ledger::owner(path),
            web: config.web.as_ref().map(|web| WebStatus {
                listen: web.listen.to_string(),
                tls: web.tls.is_some(),
                tokens: web.tokens.iter().map(|token| token.name.clone()).collect(),
            }),
            relay: relay.transpose()?,
            not_polled,
            overview,
        })
    }
}

impl Overview {
    fn new(standing: Standing, tallies: Tallies) -> Self {
        let mut records = BTreeMap::<String, u64>::new();
        for ([_, kind], count) in tallies.records {
            *records.entry(kind).or_default() += count;
        }
        Self {
            pending_acknowledgements: standing.pending_acknowledgements,
            acknowledgement_error: tallies.acknowledgement_error,
            refused_acknowledgements: tallies.refused_acknowledgements,
            undocumented_calls: tallies.undocumented_calls,
            pending_calls: standing.calls_in("pending"),
            oldest_pending_call: standing.oldest_call().map(str::to_owned),
            call_error: tallies.call_error,
            failed_calls: standing.calls_in("failed"),
            unknown_calls: standing.calls_in("unknown"),
            waiting_ids: standing.identities_in("waiting"),
            reserved_ids: standing.identities_in("reserved"),
            rejected_ids: standing.identities_in("rejected"),
            quarantined: sum(&standing.quarantined),
            findings: sum(&tallies.findings),
            records: records.into_iter().collect(),
            missing: sum(&standing.missing),
            alma: tallies.alma,
            alma_files: tallies.alma_files,
            resync: standing.resync.into_iter().map(|list| (list.list, list.words)).collect(),
            last_change: standing.last_change,
            oldest_pending_acknowledgement: standing.oldest_pending_acknowledgement,
            parts: standing.polls,
        }
    }
}

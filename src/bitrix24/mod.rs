//! Bitrix24: the rentals of a portal, mirrored through an incoming webhook.
//!
//! Five lists are mirrored ([`list`]): smart processes of apartments, units, owners' and
//! tenants' contracts, and contacts. [`api`] is the HTTP client and keeps the portal's limits
//! ([`pacer`]); [`query`] makes the request of a page, [`answer`] and [`rows`] parse its answer.
//! The changes of all five lists are asked for by one request.
//!
//! Bitrix24 is only read, never written to. Changes are asked for by time, with an overlap; a
//! deleted item is found by its absence from a full read.
//!
//! Source: the public documentation of Bitrix24's REST.

mod answer;
mod api;
mod check;
mod error;
mod files;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod items;
mod links;
mod list;
mod names;
mod pacer;
mod query;
mod rows;
mod system;
mod values;
mod views;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

pub use api::Api;
use check::{check_access, check_config};
pub use error::{Error, Limit};
pub(crate) use system::System;

use crate::clock::SharedClock;
use crate::config::{self, AlmaSource, Config, TenantContractNames};
use crate::http::BuildError;
use crate::ledger::{self, Ledger};
use crate::mirror::Poll;
use crate::runtime::files::FileSource;
use crate::runtime::poll_log::PollLog;
use crate::runtime::system::Context;
use files::Files;
use list::{List, Since};
use query::Kind;

/// `record.source` of this system.
pub const SOURCE: &str = "bitrix24";

/// The mirrored kinds: `record.kind`, and the name of the feed.
const KINDS: [&str; 5] = ["apartment", UNIT, "owner_contract", TENANT_CONTRACT, "contact"];
const UNIT: &str = "unit";
const TENANT_CONTRACT: &str = "tenant_contract";

/// The lists of a portal.
pub struct Bitrix24 {
    api: Arc<Api>,
    lists: Vec<List>,
    clock: SharedClock,
    ledger: Arc<Ledger>,
    fields: config::Bitrix24Fields,
    entity_types: [u32; 5],
    /// Whether what a tenant's contract is about depends on which units there are.
    decides_by_units: bool,
    schedule: String,
    longest_wait: Duration,
}

impl Bitrix24 {
    /// Sets the system up; `None` where the config switches it off.
    ///
    /// # Errors
    /// The HTTP client could not be built.
    pub(crate) fn new(context: &Context<'_>) -> Result<Option<Self>, BuildError> {
        let Context { config, ledger, clock, stop, deadline, .. } = *context;
        let Some(settings) = &config.bitrix24 else {
            return Ok(None);
        };
        let api = Arc::new(Api::new(settings, &config.http, deadline, clock, stop)?);
        let polls = Arc::new(PollLog::new(SOURCE));
        let list = |kind| List::new(kind, context, settings, &api, &polls);
        Ok(Some(Self {
            lists: kinds(settings).map(list).into(),
            api,
            clock: Arc::clone(clock),
            ledger: Arc::clone(ledger),
            fields: settings.fields.clone(),
            entity_types: settings.entity_types(),
            decides_by_units: decides_by_units(config),
            schedule: settings.schedule.clone(),
            longest_wait: config.http.longest_wait(),
        }))
    }

    /// The files of the portal.
    fn files(&self) -> Arc<dyn FileSource> {
        Arc::new(Files::new(Arc::clone(&self.api)))
    }

    /// Polls every list, and the units once more where a tenant's contract came. True when
    /// none failed.
    async fn poll(&self) -> Result<bool, ledger::Error> {
        if !self.decides_by_units {
            return self.poll_all().await;
        }
        let before = self.ledger.read(|reader| reader.newest_change()).await?;
        let went_well = self.poll_all().await?;
        let has_contracts = self
            .ledger
            .read(move |reader| reader.has_changes_of(SOURCE, TENANT_CONTRACT, before))
            .await?;
        if !has_contracts {
            return Ok(went_well);
        }
        // A unit that a new contract names may have been made after the units were read.
        let Some(units) = self.lists.iter().find(|list| list.kind.name == UNIT) else {
            return Ok(went_well);
        };
        let went_well = went_well & Poll::begin(units, self.clock.now()).await?.run().await?;
        // What the contract names is decided by when the units were read, as the ledger has it.
        self.ledger.write_idle_runs().await?;
        Ok(went_well)
    }

    /// Polls every list: those due for a full read side by side, the others for what has
    /// changed. True when none failed.
    async fn poll_all(&self) -> Result<bool, ledger::Error> {
        let began_at = self.clock.now();
        let (mut whole, mut changed) = (Vec::new(), Vec::new());
        for list in &self.lists {
            let poll = Poll::begin(list, began_at).await?;
            match poll.query.since.clone() {
                None => whole.push(poll),
                Some(since) => changed.push((list, since, poll)),
            }
        }
        let whole = join_all(whole.into_iter().map(Poll::run));
        let (whole, changed) = tokio::join!(whole, self.changed(changed));
        whole.into_iter().chain(changed).try_fold(true, |well, poll| Ok(well & poll?))
    }

    /// Reads what has changed: the first pages of all lists by one request.
    async fn changed(
        &self,
        polls: Vec<(&List, Since, Poll<'_, List>)>,
    ) -> Vec<Result<bool, ledger::Error>> {
        if polls.is_empty() {
            return Vec::new();
        }
        let commands: Vec<_> = polls
            .iter()
            .map(|(list, since, _)| {
                (list.kind.name, list.kind.method(), list.kind.page(0, Some(&since.text)))
            })
            .collect();
        let polls = polls.into_iter().map(|(_, _, poll)| poll);
        match self.api.batch(&commands).await {
            Ok(pages) => {
                join_all(polls.zip(pages).map(|(mut poll, page)| {
                    poll.query.first = Some(page);
                    poll.run()
                }))
                .await
            }
            Err(error) => join_all(polls.map(|poll| poll.fail(error.clone()))).await,
        }
    }
}

fn decides_by_units(config: &Config) -> bool {
    config.alma.as_ref().is_some_and(|alma| {
        alma.source == AlmaSource::Bitrix24
            && alma.tenant_contract_names == TenantContractNames::Either
    })
}

/// The lists that the config names.
fn kinds(settings: &config::Bitrix24) -> [Kind; 5] {
    let mut types = settings.entity_types().into_iter();
    KINDS.map(|name| Kind { name, entity_type: types.next().unwrap_or_default() })
}

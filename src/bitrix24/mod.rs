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
mod list;
mod names;
mod pacer;
mod query;
mod rows;
mod system;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

pub use api::Api;
use check::{check_access, check_config};
pub use error::{Error, Limit};
pub(crate) use system::System;

use crate::clock::SharedClock;
use crate::config;
use crate::http::BuildError;
use crate::ledger;
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
const KINDS: [&str; 5] = ["apartment", "unit", "owner_contract", "tenant_contract", "contact"];

/// The lists of a portal.
pub struct Bitrix24 {
    api: Arc<Api>,
    lists: Vec<List>,
    clock: SharedClock,
    schedule: String,
    longest_wait: Duration,
}

impl Bitrix24 {
    /// Sets the system up; `None` where the config switches it off.
    ///
    /// # Errors
    /// The HTTP client could not be built.
    pub(crate) fn new(context: &Context<'_>) -> Result<Option<Self>, BuildError> {
        let Context { config, clock, stop, deadline, .. } = *context;
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
            schedule: settings.schedule.clone(),
            longest_wait: config.http.longest_wait(),
        }))
    }

    /// The files of the portal.
    fn files(&self) -> Arc<dyn FileSource> {
        Arc::new(Files::new(Arc::clone(&self.api)))
    }

    /// Polls every list: those due for a full read side by side, the others for what has
    /// changed. True when none failed.
    async fn poll(&self) -> Result<bool, ledger::Error> {
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

/// The lists that the config names.
fn kinds(settings: &config::Bitrix24) -> [Kind; 5] {
    let types = [
        settings.apartments,
        settings.units,
        settings.owner_contracts,
        settings.tenant_contracts,
        settings.contacts,
    ];
    let mut types = types.into_iter();
    KINDS.map(|name| Kind { name, entity_type: types.next().unwrap_or_default() })
}

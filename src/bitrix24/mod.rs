//! Bitrix24: the rentals of a portal, mirrored through an incoming webhook.
//!
//! Five lists are kept ([`list`]): smart processes of apartments, units, owners' and
//! tenants' contracts, and contacts. [`api`] is the wire and keeps the portal's limits
//! ([`pacer`]); [`query`] says what a page is asked for with, [`answer`] and [`rows`] take
//! it apart. What has changed in all five is asked for by one request.
//!
//! Nothing is sent to Bitrix24 but questions. Its changes are asked for by time, with an
//! overlap; what is gone is only missing from a full read.
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
use jiff::Timestamp;

pub use api::Api;
use check::{check_access, check_config};
pub use error::{Error, Limit};
pub(crate) use system::System;

use crate::clock::SharedClock;
use crate::config;
use crate::http::BuildError;
use crate::ledger;
use crate::mirror::Reading;
use crate::runtime::files::FileSource;
use crate::runtime::poll_log::PollLog;
use crate::runtime::system::Context;
use files::Files;
use list::{List, Since};
use query::Kind;

/// `record.source` of this system.
pub const SOURCE: &str = "bitrix24";

/// What is mirrored: `record.kind`, and the name of the feed.
const KINDS: [&str; 5] = ["apartment", "unit", "owner_contract", "tenant_contract", "contact"];

/// Bitrix24 as this process sees it.
pub struct Bitrix24 {
    api: Arc<Api>,
    lists: Vec<List>,
    polls: PollLog,
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
        let Context { config, clock, stop, patience, .. } = *context;
        let Some(settings) = &config.bitrix24 else {
            return Ok(None);
        };
        let lists = kinds(settings).map(|kind| List::new(kind, context, settings));
        Ok(Some(Self {
            api: Arc::new(Api::new(settings, &config.http, patience, clock, stop)?),
            lists: lists.into(),
            polls: PollLog::new(SOURCE),
            clock: Arc::clone(clock),
            schedule: settings.schedule.clone(),
            longest_wait: config.http.longest_wait(),
        }))
    }

    /// The files of the portal.
    fn files(&self) -> Arc<dyn FileSource> {
        Arc::new(Files::new(Arc::clone(&self.api)))
    }

    /// Reads every list: those that are due in full side by side, and what has changed in
    /// the others. True when none failed.
    async fn poll(&self) -> Result<bool, ledger::Error> {
        let began_at = self.clock.now();
        let (mut whole, mut changed) = (Vec::new(), Vec::new());
        for list in &self.lists {
            let asked = list.asked(began_at).await?;
            let reading = list.begin(began_at).await?;
            match asked {
                None => whole.push((list, reading)),
                Some(since) => changed.push((list, reading, since)),
            }
        }
        let whole =
            whole.into_iter().map(|(list, reading)| self.read(list, reading, began_at, None, None));
        let (whole, changed) = tokio::join!(join_all(whole), self.changed(changed, began_at));
        let mut reads = whole.into_iter().chain(changed);
        reads.try_fold(true, |well, read| Ok(well & read?))
    }

    /// Reads what has changed: the first pages of all lists by one request.
    async fn changed(
        &self,
        lists: Vec<(&List, Reading, Since)>,
        began_at: Timestamp,
    ) -> Vec<Result<bool, ledger::Error>> {
        if lists.is_empty() {
            return Vec::new();
        }
        let commands: Vec<_> = lists
            .iter()
            .map(|(list, _, since)| {
                let page = list.kind.page(0, Some(&since.text));
                (list.kind.name, list.kind.method(), page)
            })
            .collect();
        let pages = match self.api.batch(&commands).await {
            Ok(pages) => pages.into_iter().map(First::Page).collect(),
            Err(error) => vec![First::None(error); lists.len()],
        };
        let reads = lists.into_iter().zip(pages).map(|((list, reading, since), first)| {
            self.read(list, reading, began_at, Some(since), Some(first))
        });
        join_all(reads).await
    }

    async fn read(
        &self,
        list: &List,
        reading: Reading,
        began_at: Timestamp,
        since: Option<Since>,
        first: Option<First>,
    ) -> Result<bool, ledger::Error> {
        let ended = match first {
            Some(First::None(error)) => Err(error.into()),
            Some(First::Page(page)) => {
                list.read(&self.api, reading, since.as_ref(), Some(page)).await
            }
            None => list.read(&self.api, reading, since.as_ref(), None).await,
        };
        list.report(&self.polls, began_at, ended).await
    }
}

/// What the request for all first pages has brought for one list.
#[derive(Clone)]
enum First {
    /// Its page, or why there is none.
    Page(Result<String, Error>),
    /// The request itself failed.
    None(Error),
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

//! Checks that the feeds can be read, without recording anything.

use super::api::{self, Api};
use crate::config::{self, Config, FeedKind};
use crate::http::{BuildError, Deadline};
use crate::json::stream::Splitter;

/// The bytes of a feed that are enough to tell it from anything else.
const ENOUGH: usize = 1 << 20;

/// Whether the ways to the feeds can be built as the config says. Sends nothing.
pub(super) fn check_config(config: &Config) -> Result<(), BuildError> {
    for feed in feeds(config) {
        Api::new(feed, &config.http, &Deadline::of_pass())?;
    }
    Ok(())
}

/// Reads the beginning of each feed: a verdict for each, in words.
pub(super) async fn check_access(config: &Config) -> Vec<Result<(), String>> {
    let mut tried = Vec::new();
    for feed in feeds(config) {
        let outcome = match Api::new(feed, &config.http, &Deadline::of_pass()) {
            Ok(api) => try_feed(feed, &api).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        tried.push(outcome);
    }
    tried
}

fn feeds(config: &Config) -> impl Iterator<Item = &config::Feed> {
    config.domoplaner.iter().flat_map(|system| &system.feeds)
}

async fn try_feed(feed: &config::Feed, api: &Api) -> Result<(), api::Error> {
    let mut filters = feed.filters.clone();
    if feed.kind == FeedKind::Deals && filters.is_empty() {
        // Today's alone: the whole feed may be large.
        filters.dt_updated_last_days = Some(1);
    }
    let mut rereads = 0;
    loop {
        let error = match read_beginning(feed, api, &filters).await {
            Err(error) if error.is_broken_body() => error,
            read => return read,
        };
        if !api.upstream().may_read_again("feed", &mut rereads, &error).await {
            return Err(error);
        }
    }
}

/// Reads enough of a feed to tell it from anything else.
async fn read_beginning(
    feed: &config::Feed,
    api: &Api,
    filters: &config::Filters,
) -> Result<(), api::Error> {
    let mut answer = api.feed(filters).await?;
    let mut splitter = Splitter::new(super::layout(feed), ENOUGH);
    let (mut read, mut has_items) = (0, false);
    while read < ENOUGH && !has_items {
        let Some(chunk) = answer.chunk().await? else {
            splitter.finish().map_err(api::Error::Malformed)?;
            break;
        };
        read += chunk.len();
        splitter.feed(&chunk, &mut |_| has_items = true).map_err(api::Error::Malformed)?;
    }
    Ok(())
}

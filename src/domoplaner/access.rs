//! Whether the feeds can be read, found out without storing anything.

use super::api::{self, Api};
use crate::config::{self, Config, FeedKind};
use crate::http::{BuildError, Patience};
use crate::json::stream::Splitter;

/// So much of a feed is enough to tell it from anything else.
const ENOUGH: usize = 1 << 20;

/// Whether the ways to the feeds can be built as the config says. Asks nobody.
///
/// # Errors
/// Why not.
pub fn check_config(config: &Config) -> Result<(), BuildError> {
    for feed in feeds(config) {
        Api::new(feed, &config.http, Patience::Once)?;
    }
    Ok(())
}

/// Asks each feed and looks at the beginning of what comes. Answers the feeds' names
/// with what went wrong, in words.
///
/// # Errors
/// The way out cannot be built.
pub async fn check_access(
    config: &Config,
) -> Result<Vec<(String, Result<(), String>)>, BuildError> {
    let mut tried = Vec::new();
    for feed in feeds(config) {
        let api = Api::new(feed, &config.http, Patience::Once)?;
        let outcome = try_feed(feed, &api).await;
        tried.push((feed.name.clone(), outcome.map_err(|error| error.to_string())));
    }
    Ok(tried)
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
    let mut answer = api.feed(&filters).await?;
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

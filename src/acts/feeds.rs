//! Feeds by the names that people give them: NAME, or SYSTEM/NAME where two systems have one of
//! that name.

use crate::config::Config;
use crate::registry;

/// A feed: its system, and its name there.
type Feed = (&'static str, String);

/// No feed, or more than one, has the name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoFeed {
    /// There is none.
    #[error("there is no feed {name:?}; {}", known_in_words(.known))]
    Unknown {
        /// The name.
        name: String,
        /// Those that there are, with their systems.
        known: Vec<String>,
    },
    /// There are several.
    #[error("{name:?} is more than one feed: say SYSTEM/{name}")]
    Several {
        /// The name.
        name: String,
    },
}

/// The feeds that there are, after «there is no such one;».
pub(crate) fn known_in_words(known: &[String]) -> String {
    match known {
        [] => "the config has none".to_owned(),
        known => format!("there are {}", known.join(", ")),
    }
}

/// The list of this name that is read whole, again and again.
///
/// # Errors
/// [`NoFeed`].
pub fn mirrored_feed(config: &Config, name: &str) -> Result<Feed, NoFeed> {
    find(registry::feeds(config), name)
}

/// What is polled under this name.
///
/// # Errors
/// [`NoFeed`].
pub fn polled_feed(config: &Config, name: &str) -> Result<Feed, NoFeed> {
    let scheduled = registry::scheduled(config).into_iter();
    find(scheduled.map(|feed| (feed.source, feed.name)).collect(), name)
}

fn find(feeds: Vec<Feed>, name: &str) -> Result<Feed, NoFeed> {
    let is_meant = |(source, feed): &&Feed| {
        feed == name || name.split_once('/') == Some((*source, feed.as_str()))
    };
    let found: Vec<_> = feeds.iter().filter(is_meant).collect();
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            let known = feeds.iter().map(|(source, feed)| format!("{source}/{feed}"));
            Err(NoFeed::Unknown { name: name.to_owned(), known: known.collect() })
        }
        _ => Err(NoFeed::Several { name: name.to_owned() }),
    }
}

//! Checks that UZhKH can be reached and accepts the token, without changing anything.

use super::api::{self, Api, NO_CONTENT};
use super::batch::BatchReader;
use super::queue;
use crate::config::Config;
use crate::http::{BuildError, Deadline};
use crate::ledger::Queue;

/// The bytes of an answer that are enough to tell a list from anything else.
const ENOUGH: usize = 1 << 20;

/// The name of the list in errors.
const FEED: &str = "To1c/DeletedItems";

/// The reason why the check failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum AccessError {
    /// The HTTP client could not be built: the config is wrong.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The request failed.
    #[error("{0}")]
    Refused(String),
}

/// Checks that the HTTP client can be built as the config says. Sends nothing.
pub(super) fn check_config(config: &Config) -> Result<(), BuildError> {
    if let Some(uzhkh) = &config.uzhkh {
        Api::new(uzhkh, &config.http, &Deadline::of_pass())?;
    }
    Ok(())
}

/// Asks UZhKH for its deletions, which changes nothing there. Does nothing without
/// `[uzhkh]`.
pub(super) async fn check_access(config: &Config) -> Result<(), AccessError> {
    let Some(uzhkh) = &config.uzhkh else {
        return Ok(());
    };
    let api = Api::new(uzhkh, &config.http, &Deadline::of_pass())?;
    let mut rereads = 0;
    loop {
        let error = match read_beginning(&api, uzhkh.max_envelope_bytes).await {
            Err(queue::Error::Api(api::Error::Http(error))) if error.is_broken_body() => error,
            Ok(()) => return Ok(()),
            Err(error) => return Err(AccessError::Refused(error.to_string())),
        };
        if !api.upstream().may_read_again(FEED, &mut rereads, &error).await {
            return Err(AccessError::Refused(error.to_string()));
        }
    }
}

/// Reads enough of the deletions to tell a list from anything else.
async fn read_beginning(api: &Api, max_envelope_bytes: usize) -> Result<(), queue::Error> {
    let mut answer = api.queue(Queue::Deleted).await?;
    let mut reader = BatchReader::new(Queue::Deleted, max_envelope_bytes);
    let malformed = |problem| queue::Error::Malformed { feed: FEED, problem };
    let mut read = 0;
    while read < ENOUGH && answer.status() != NO_CONTENT {
        let Some(chunk) = answer.chunk().await.map_err(api::Error::from)? else {
            return reader.finish().1.map_err(malformed);
        };
        read += chunk.len();
        reader.feed(&chunk).map_err(malformed)?;
        drop(reader.due_batch());
    }
    Ok(())
}

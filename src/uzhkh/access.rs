//! Checks that UZhKH can be reached and accepts the token, without changing anything.

use super::api::{self, Api};
use super::wording::hint;
use crate::config::Config;
use crate::http::{BuildError, Deadline};
use crate::json::stream::{Layout, Malformed, Splitter};
use crate::ledger::Queue;

/// The bytes of an answer that are enough to tell a list from anything else.
const ENOUGH: usize = 1 << 20;

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

impl From<api::Error> for AccessError {
    fn from(error: api::Error) -> Self {
        AccessError::Refused(error.to_string())
    }
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
    let mut answer = api.queue(Queue::Deleted).await?;
    let mut splitter = Splitter::new(Layout::Items, uzhkh.max_envelope_bytes);
    let mut read = 0;
    let refused = |problem: Malformed| {
        let hint = hint(&problem);
        AccessError::Refused(format!("uzhkh: To1c/DeletedItems: {problem}{hint}"))
    };
    while read < ENOUGH {
        let Some(chunk) = answer.chunk().await.map_err(api::Error::from)? else {
            splitter.finish().map_err(refused)?;
            break;
        };
        read += chunk.len();
        splitter.feed(&chunk, &mut |_| {}).map_err(refused)?;
    }
    Ok(())
}

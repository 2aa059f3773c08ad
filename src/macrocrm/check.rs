//! Checks that MACRO can be reached and accepts the signature, without changing anything.

use super::api::Api;
use super::error::Error;
use crate::clock::SharedClock;
use crate::config::Config;
use crate::http::{BuildError, Deadline};

/// The reason why a request to MACRO failed. Not for the log: MACRO's words may name
/// people.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The HTTP client could not be built: the config is wrong.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The failure in words.
    #[error("{0}")]
    Failed(String),
}

impl From<Error> for AskError {
    fn from(error: Error) -> Self {
        AskError::Failed(error.in_full())
    }
}

/// Whether the way to MACRO can be built as the config says. Sends nothing.
pub(super) fn check_config(config: &Config, clock: &SharedClock) -> Result<(), BuildError> {
    if let Some(macrocrm) = &config.macrocrm {
        Api::new(macrocrm, &config.http, &Deadline::of_pass(), clock)?;
    }
    Ok(())
}

/// Asks MACRO for the ready flats of the first category, which changes nothing there.
/// A config without `[macrocrm]` has nothing to try.
///
/// # Errors
/// Why not, in words.
pub(super) async fn check_access(config: &Config, clock: &SharedClock) -> Result<(), AskError> {
    let Some(macrocrm) = &config.macrocrm else {
        return Ok(());
    };
    let api = Api::new(macrocrm, &config.http, &Deadline::of_pass(), clock)?;
    api.ready_flats(macrocrm.categories.first().copied()).await?;
    Ok(())
}

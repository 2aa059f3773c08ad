//! Checks that Alma can be reached and takes our key, without changing anything there.

use super::api::{Api, Error};
use crate::config::Config;
use crate::http::{BuildError, Deadline};

/// A failed check. Not for the log: the text may quote what Alma says of people.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// The HTTP client could not be built: the config is wrong.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Alma could not be reached, or refused; in words.
    #[error("{0}")]
    Failed(String),
}

impl From<Error> for AskError {
    fn from(error: Error) -> Self {
        AskError::Failed(error.in_full())
    }
}

/// Builds the client that the config describes; nothing is sent.
pub(super) fn check_config(config: &Config) -> Result<(), BuildError> {
    if let Some(alma) = &config.alma {
        Api::new(alma, &config.http, &Deadline::of_pass())?;
    }
    Ok(())
}

/// Reads Alma's list of buildings. A config without `[alma]` passes.
pub(super) async fn check_access(config: &Config) -> Result<(), AskError> {
    let Some(alma) = &config.alma else {
        return Ok(());
    };
    let api = Api::new(alma, &config.http, &Deadline::of_pass())?;
    api.probe().await?;
    Ok(())
}

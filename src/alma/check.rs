//! Whether Alma can be reached and takes our key, found out without changing anything.

use super::api::{Api, Error};
use crate::config::Config;
use crate::http::{BuildError, Patience};

/// Why Alma could not be asked, or what it said. Not for the log: it may hold what Alma
/// says of people.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// The way out cannot be built: the config is wrong.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// What went wrong, in words.
    #[error("{0}")]
    Failed(String),
}

impl From<Error> for AskError {
    fn from(error: Error) -> Self {
        AskError::Failed(error.in_full())
    }
}

/// Whether the way to Alma can be built as the config says. Asks nobody.
///
/// # Errors
/// Why not.
pub(super) fn check_config(config: &Config) -> Result<(), BuildError> {
    if let Some(alma) = &config.alma {
        Api::new(alma, &config.http, Patience::Once)?;
    }
    Ok(())
}

/// Asks Alma for its buildings, which changes nothing there. A config without `[alma]` has nothing to try.
///
/// # Errors
/// Why not, in words.
pub(super) async fn check_access(config: &Config) -> Result<(), AskError> {
    let Some(alma) = &config.alma else {
        return Ok(());
    };
    let api = Api::new(alma, &config.http, Patience::Once)?;
    api.probe().await?;
    Ok(())
}

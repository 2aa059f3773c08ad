//! A URL that is a credential, or may hold one.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// The link of a feed or a webhook, an internal address, a proxy with its password. There is
/// no `Display`, and `Debug` shows nothing of it: the text is had by
/// [`SecretUrl::expose_secret`] alone.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(Url);

impl SecretUrl {
    /// The URL itself, for the request that is sent; never for an error or the log.
    pub fn expose_secret(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl From<Url> for SecretUrl {
    fn from(url: Url) -> Self {
        Self(url)
    }
}

impl FromStr for SecretUrl {
    type Err = url::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

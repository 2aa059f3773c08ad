//! `alma.phone_country`: the country of phones that are written without `+`.

use std::fmt;

use toml::de::DeValue;

use super::value;
use crate::phone;

/// A country, by the two letters of ISO 3166.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhoneCountry(&'static str);

impl PhoneCountry {
    /// Russia.
    pub const RU: Self = Self("RU");
    /// The United Arab Emirates.
    pub const AE: Self = Self("AE");

    pub(super) fn read(value: &DeValue<'_>) -> Result<Self, String> {
        let text = value::string(value)?;
        let country = phone::by_id(&text.trim().to_ascii_uppercase());
        // Numbers of no country stand under three digits.
        let country = country.filter(|country| country.id.len() == 2);
        let country = country.map(|country| Self(country.id));
        country.ok_or_else(|| "must be the two letters of a country, such as \"AE\"".to_owned())
    }
}

/// `AE`
impl fmt::Display for PhoneCountry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

//! `alma.phone_country`: the country of phones that are written without `+`.

use std::fmt;

use phonenumber::country;
use toml::de::DeValue;

use super::value;

/// A country, by the two letters of ISO 3166.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhoneCountry(country::Id);

impl PhoneCountry {
    /// Russia.
    pub const RU: Self = Self(country::Id::RU);
    /// The United Arab Emirates.
    pub const AE: Self = Self(country::Id::AE);

    pub(super) fn read(value: &DeValue<'_>) -> Result<Self, String> {
        let text = value::string(value)?;
        let id = text.trim().to_ascii_uppercase().parse().map(Self);
        // The library also knows numbers of no country, by three digits.
        let id = id.ok().filter(|_| text.trim().len() == 2);
        id.ok_or_else(|| "must be the two letters of a country, such as \"AE\"".to_owned())
    }
}

/// `AE`
impl fmt::Display for PhoneCountry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref())
    }
}

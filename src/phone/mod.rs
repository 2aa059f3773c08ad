//! The phones of all countries, as the library `phonenumber` knows them: a table, since to read
//! what the library reads would take longer at each start than all the rest of the start.

/// What is known of a country's phones.
pub(crate) struct Country {
    /// The two letters of ISO 3166; `001` where the numbers are of no country.
    pub(crate) id: &'static str,
    /// What stands behind the `+`; several countries may share one.
    pub(crate) code: u16,
    /// What is dialled before a number of the same country.
    pub(crate) prefix: Option<&'static str>,
    /// A pattern of what follows the code for each type of numbers.
    pub(crate) numbers: &'static [&'static str],
    /// The digits that mobile numbers may have behind the code.
    pub(crate) mobile_lengths: &'static [usize],
}

/// Ordered by their letters; `tests/it/phones.rs` writes it.
static COUNTRIES: &[Country] = &include!("countries.in");

/// The country of these letters.
pub(crate) fn by_id(id: &str) -> Option<&'static Country> {
    COUNTRIES.iter().find(|country| country.id == id)
}

/// The countries of this code.
pub(crate) fn by_code(code: u16) -> impl Iterator<Item = &'static Country> {
    COUNTRIES.iter().filter(move |country| country.code == code)
}

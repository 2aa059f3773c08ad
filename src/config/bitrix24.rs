//! `[bitrix24]`: the portal whose apartments, units, contracts and contacts are mirrored.
//!
//! The incoming webhook is the credential: its address is handed out like a password,
//! and has the four spellings of a secret. The numbers of smart processes and the codes
//! of their fields differ by portal, so they are keys; the defaults are those of the
//! portal that Alma's document describes.

use std::time::Duration;

use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use url::Url;

use super::bitrix24_fields::{self, Bitrix24Fields};
use super::bitrix24_only::{self, Bitrix24Only};
use super::domoplaner::MAX_SHRINK;
use super::reader::Section;
use super::resolved::Resolved;
use super::secret::{self, BITRIX24_WEBHOOK_URL, Environment};
use super::secret_url::SecretUrl;
use super::value;

/// `[bitrix24]`: what is mirrored, and how.
#[derive(Clone, Debug)]
pub struct Bitrix24 {
    /// The incoming webhook, `https://PORTAL/rest/USER/SECRET/`; ends in a slash. As
    /// secret as a password.
    pub webhook_url: Resolved<SecretUrl>,
    /// entityTypeId of the apartments.
    pub apartments: u32,
    /// entityTypeId of the units.
    pub units: u32,
    /// entityTypeId of the owners' contracts.
    pub owner_contracts: u32,
    /// entityTypeId of the tenants' contracts.
    pub tenant_contracts: u32,
    /// entityTypeId of the contacts; 3 are those of the CRM itself.
    pub contacts: u32,
    /// Schedule of incremental reads: cron with seconds, UTC.
    pub schedule: String,
    /// Interval between full reads.
    pub full_every: Duration,
    /// The share of the live records of a kind, in percent, that a full read may lack.
    pub max_shrink: u8,
    /// Overlap of incremental reads: changes since this long before the last read are read again.
    pub overlap: Duration,
    /// Format of the time since when changes are asked for.
    pub updated_format: UpdatedFormat,
    /// The time zone that it is written in.
    pub timezone: TimeZone,
    /// The codes of the portal's fields.
    pub fields: Bitrix24Fields,
    /// Which items are wanted in Alma.
    pub only: Bitrix24Only,
}

/// Format of the time since when changes are asked for: not every portal
/// understands both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdatedFormat {
    /// `iso`: `2026-11-22T10:00:00+03:00`.
    Iso,
    /// `sql`: `2026-11-22 10:00:00`.
    Sql,
}

impl UpdatedFormat {
    /// The word in the file.
    pub fn word(self) -> &'static str {
        match self {
            UpdatedFormat::Iso => "iso",
            UpdatedFormat::Sql => "sql",
        }
    }
}

/// The numbers of the document's portal: apartments, units, owners' and tenants' contracts,
/// contacts.
pub(crate) const ENTITY_TYPES: [u32; 5] = [144, 167, 148, 183, CONTACT];

/// The marks of the CRM's own kinds, as they stand before an id: `CO_12`. Those of others are `T` and
/// the entityTypeId in hexadecimal.
pub(crate) const SHORT_MARKS: [(&str, u32); 6] =
    [("L", 1), ("D", 2), ("C", CONTACT), ("CO", 4), ("Q", 7), ("SI", 31)];

impl Bitrix24 {
    /// The entityTypeIds, in the order of [`ENTITY_TYPES`].
    pub(crate) fn entity_types(&self) -> [u32; 5] {
        [self.apartments, self.units, self.owner_contracts, self.tenant_contracts, self.contacts]
    }
}

/// The CRM's own contacts.
pub(crate) const CONTACT: u32 = 3;

const FULL_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
const OVERLAP: Duration = Duration::from_secs(10 * 60);

/// All keys of the section; the fault that leaves None is in the findings.
pub(super) fn read(section: Section<'_>, environment: &Environment) -> Option<Bitrix24> {
    let webhook_url = webhook_url(&section, environment);
    let types = types(&section);
    let schedule = section.or("schedule", "0 */2 * * * *".to_owned(), value::schedule);
    let full_every = section.or("full_every", FULL_EVERY, value::positive_duration);
    let max_shrink = section.or("max_shrink", MAX_SHRINK, value::percent);
    let overlap = section.or("overlap", OVERLAP, value::duration);
    let formats = [UpdatedFormat::Iso, UpdatedFormat::Sql].map(|format| (format.word(), format));
    let updated_format = section.or("updated_format", UpdatedFormat::Iso, value::word(&formats));
    let timezone = value::timezone_or_moscow(&section);
    let fields = bitrix24_fields::read(section.section_or_empty("fields"));
    let only = bitrix24_only::read(section.section_or_empty("only"), &fields);
    section.finish();
    let [apartments, units, owner_contracts, tenant_contracts, contacts] = types?;
    Some(Bitrix24 {
        webhook_url: webhook_url?,
        apartments,
        units,
        owner_contracts,
        tenant_contracts,
        contacts,
        schedule,
        full_every,
        max_shrink,
        overlap,
        updated_format,
        timezone,
        fields,
        only,
    })
}

/// The numbers of the kinds; no two may be the same.
fn types(section: &Section<'_>) -> Option<[u32; 5]> {
    let keys = ["apartments", "units", "owner_contracts", "tenant_contracts", "contacts"];
    let mut defaults = ENTITY_TYPES.into_iter();
    let most = u64::from(u32::MAX);
    let types = keys.map(|key| {
        let default = defaults.next().map_or(0, u64::from);
        section.or(key, default, value::whole(1..=most))
    });
    for (at, key) in keys.iter().enumerate() {
        if let Some(other) = types[..at].iter().position(|known| *known == types[at]) {
            let line = section.entry(key).map_or(section.line(), |entry| entry.line);
            let problem = format!("is the number of {} too", keys[other]);
            section.fault(key, line, problem);
        }
    }
    let types: Vec<u32> = types.into_iter().map(u32::try_from).collect::<Result<_, _>>().ok()?;
    types.try_into().ok()
}

fn webhook_url(section: &Section<'_>, environment: &Environment) -> Option<Resolved<SecretUrl>> {
    let text = secret::read(section, &BITRIX24_WEBHOOK_URL, environment)?;
    match text.try_map(|text| webhook(text.expose_secret()).map(SecretUrl::from)) {
        Ok(url) => Some(url),
        Err(problem) => {
            let entry =
                ["webhook_url", "webhook_url_file"].into_iter().find_map(|key| section.entry(key));
            let line = entry.map_or(section.line(), |entry| entry.line);
            section.fault("webhook_url", line, problem);
            None
        }
    }
}

/// An address that ends in `/rest/USER/SECRET/`, whatever it begins with.
fn webhook(text: &str) -> Result<Url, String> {
    let mut url = value::web_url(text)?;
    value::without_user(&url)?;
    let wanted = "must be an incoming webhook, https://PORTAL/rest/USER/SECRET/";
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{wanted}: no ? and no #"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    let mut steps = path.rsplit('/');
    let (secret, user, rest) = (steps.next(), steps.next(), steps.next());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|one| one.is_ascii_digit());
    let is_webhook = rest == Some("rest")
        && user.is_some_and(is_number)
        && secret.is_some_and(|secret| !secret.is_empty() && !secret.contains('.'));
    if !is_webhook {
        return Err(wanted.to_owned());
    }
    url.set_path(&format!("{path}/"));
    Ok(url)
}

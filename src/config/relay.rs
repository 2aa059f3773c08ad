//! `[relay]`: the PostgreSQL that the ledger is relayed to.

use std::path::PathBuf;

use secrecy::ExposeSecret;
use toml::de::DeValue;

use super::postgres_url::PostgresUrl;
use super::reader::Section;
use super::resolved::Resolved;
use super::secret::{self, Environment};
use super::value;

/// The kinds of records, as `record.kind` has them. The registry holds this list to what the
/// systems record.
pub(crate) const RECORD_KINDS: [&str; 20] = [
    "counter",
    "resident",
    "payment",
    "account",
    "request",
    "object",
    "article",
    "news",
    "notice",
    "requesttoregister",
    "requesttoobjectadding",
    "car",
    "premises",
    "deal",
    "ready_flat",
    "apartment",
    "unit",
    "owner_contract",
    "tenant_contract",
    "contact",
];

/// PostgreSQL cuts longer names.
const LONGEST_NAME: usize = 63;
/// The most changes of a step: all of a step are in memory.
const LARGEST_BATCH: u64 = 100_000;

/// `[relay]`: where what the ledger holds is relayed to.
#[derive(Clone, Debug)]
pub struct Relay {
    /// The server, the role and its password.
    pub url: Resolved<PostgresUrl>,
    /// The name of this ledger there.
    pub ledger: String,
    /// The schema of the tables there.
    pub schema: String,
    /// The kinds that are relayed, in order; None: all.
    pub kinds: Option<Vec<&'static str>>,
    /// Changes a step.
    pub batch: usize,
    /// A PEM file of the only certificates that the server's may be signed by; None: the
    /// host's own.
    pub ca_file: Option<PathBuf>,
}

/// All keys of the section; the fault that leaves None is in the findings.
pub(super) fn read(section: Section<'_>, environment: &Environment) -> Option<Relay> {
    let url = url(&section, environment);
    let ledger = section.required("ledger", name);
    let schema = section.or("schema", "uzhkh".to_owned(), name);
    let kinds = section.optional("kinds", kinds);
    let batch = section.or("batch", 1000, value::whole(1..=LARGEST_BATCH));
    let ca_file = section.optional("ca_file", value::certificates);
    section.finish();
    let batch = usize::try_from(batch).ok()?;
    Some(Relay { url: url?, ledger: ledger?, schema, kinds, batch, ca_file })
}

fn url(section: &Section<'_>, environment: &Environment) -> Option<Resolved<PostgresUrl>> {
    let text = secret::read(section, &secret::RELAY_URL, environment)?;
    match text.try_map(|text| PostgresUrl::parse(text.expose_secret())) {
        Ok(url) => Some(url),
        Err(problem) => {
            let key = if section.has("url_file") { "url_file" } else { "url" };
            let line = section.entry(key).map_or(section.line(), |entry| entry.line);
            section.fault(key, line, problem);
            None
        }
    }
}

fn name(value: &DeValue<'_>) -> Result<String, String> {
    let name = value::string(value)?;
    if name.len() > LONGEST_NAME {
        return Err(format!("must be at most {LONGEST_NAME} bytes long"));
    }
    if name.chars().any(char::is_control) {
        return Err("must not hold control characters".to_owned());
    }
    Ok(name)
}

fn kinds(value: &DeValue<'_>) -> Result<Vec<&'static str>, String> {
    let words = RECORD_KINDS.map(|kind| (kind, kind));
    let mut kinds = value::list(value::word(&words))(value)?;
    if kinds.is_empty() {
        return Err("must not be empty: leave the key out to relay all kinds".to_owned());
    }
    kinds.sort_unstable();
    if let Some(twice) = kinds.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("names {:?} twice", twice[0]));
    }
    Ok(kinds)
}

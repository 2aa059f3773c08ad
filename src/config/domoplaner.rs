//! `[domoplaner]` and its feeds.
//!
//! The link of a feed is its credential: it is handed out like a password, and
//! has the four spellings of a secret. What it carries besides is kept as it is,
//! but for the documented filters, which are keys of the feed, and for the
//! format of dates, which we choose ourselves.

use std::time::Duration;

use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use toml::de::{DeTable, DeValue};
use url::{Url, form_urlencoded};

use super::Pointer;
use super::filters::{self, Filters};
use super::reader::Section;
use super::resolved::Resolved;
use super::secret::{self, Environment, Secret};
use super::secret_url::SecretUrl;
use super::value;

/// `[domoplaner]`: feeds that are mirrored.
#[derive(Clone, Debug)]
pub struct Domoplaner {
    /// The account's time zone, which feeds write times in without saying so.
    pub timezone: TimeZone,
    /// At least one; their names differ.
    pub feeds: Vec<Feed>,
}

/// `[[domoplaner.feed]]`: one link of «Экспорт данных».
#[derive(Clone, Debug)]
pub struct Feed {
    /// Name of the feed: letters, digits, `-`, `_` and `.`, at most 64.
    pub name: String,
    /// Kind of the records in it.
    pub kind: FeedKind,
    /// The link with its query, if it has one. As secret as a password.
    pub url: Resolved<SecretUrl>,
    /// Polling schedule: cron with seconds, UTC.
    pub schedule: String,
    /// Interval between full reads of the deals; other reads ask for recent changes.
    pub full_every: Duration,
    /// The share of its live records, in percent, that a full read may lack.
    pub max_shrink: u8,
    /// The JSON pointer to the list of items; None: it is looked for.
    pub items: Option<Pointer>,
    /// The member of an item that is its id; None: it is looked for.
    pub id_field: Option<String>,
    /// Further members that hold dates.
    pub date_fields: Vec<String>,
    /// Filters of the feed.
    pub filters: Filters,
}

/// Kind of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedKind {
    /// «Полный от помещений».
    Premises,
    /// «Полный от сделок».
    Deals,
}

impl FeedKind {
    /// The word in the file.
    pub fn word(self) -> &'static str {
        match self {
            FeedKind::Premises => "premises",
            FeedKind::Deals => "deals",
        }
    }
}

/// Default share of a feed, in percent, that a full read may lack and still be believed.
pub(super) const MAX_SHRINK: u8 = 20;

const LONGEST_NAME: usize = 64;

const FULL_EVERY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// All keys of the section; the fault that leaves None is in the findings.
pub(super) fn read(section: Section<'_>, environment: &Environment) -> Option<Domoplaner> {
    let timezone = value::timezone_or_moscow(&section);
    let max_shrink = section.or("max_shrink", MAX_SHRINK, value::percent);
    let tables = section.tables("feed", label);
    let is_without_feeds = !section.has("feed");
    if is_without_feeds {
        let problem = "is missing: at least one [[domoplaner.feed]] is needed";
        section.fault("feed", section.line(), problem);
    }
    section.finish();
    let mut names = Names::default();
    let feeds: Vec<Option<Feed>> =
        tables.into_iter().map(|table| feed(table, max_shrink, &mut names, environment)).collect();
    Some(Domoplaner { timezone, feeds: feeds.into_iter().collect::<Option<_>>()? })
}

/// A feed is known by its name, once that can be one.
fn label(table: &DeTable<'_>) -> Option<String> {
    name(table.get("name")?.get_ref()).ok()
}

fn name(value: &DeValue<'_>) -> Result<String, String> {
    let name = value::string(value)?;
    let is_plain = |one: char| one.is_alphanumeric() || matches!(one, '-' | '_' | '.');
    if name.chars().count() > LONGEST_NAME || !name.chars().all(is_plain) {
        // Not quoted: it might be the link, in the wrong place.
        return Err(format!("must be at most {LONGEST_NAME} letters, digits, '-', '_' and '.'"));
    }
    Ok(name)
}

/// The names of the feeds so far, and of their variables.
#[derive(Default)]
struct Names {
    feeds: Vec<String>,
    variables: Vec<String>,
}

fn feed(
    section: Section<'_>,
    max_shrink: u8,
    names: &mut Names,
    environment: &Environment,
) -> Option<Feed> {
    let name = section.required("name", name);
    let kind = section.required(
        "kind",
        value::word(&[("premises", FeedKind::Premises), ("deals", FeedKind::Deals)]),
    );
    let url = url(&section, name.as_deref(), names, environment);
    let schedule = section.or("schedule", "0 */5 * * * *".to_owned(), value::schedule);
    let full_every = section.or("full_every", FULL_EVERY, value::positive_duration);
    if let Some(entry) = section.entry("full_every")
        && kind == Some(FeedKind::Premises)
    {
        let problem = "is for deals alone: premises are always read in full";
        section.fault("full_every", entry.line, problem);
    }
    let max_shrink = section.or("max_shrink", max_shrink, value::percent);
    let items = section.optional("items", value::json_pointer);
    let id_field = section.optional("id_field", value::string);
    let date_fields = section.or("date_fields", Vec::new(), value::list(value::string));
    let filters = filters::read(&section, kind);
    section.finish();
    Some(Feed {
        name: name?,
        kind: kind?,
        url: url?,
        schedule,
        full_every,
        max_shrink,
        items,
        id_field,
        date_fields,
        filters,
    })
}

/// Reads the link, whose spellings outside the file follow from the feed's name.
fn url(
    section: &Section<'_>,
    name: Option<&str>,
    names: &mut Names,
    environment: &Environment,
) -> Option<Resolved<SecretUrl>> {
    // Without its name it cannot be said where else the link might be; the fault
    // is the name's alone.
    let Some(name) = name else {
        section.entry("url");
        section.entry("url_file");
        return None;
    };
    let variable = variable(name);
    let line = |key| section.entry(key).map_or(section.line(), |entry| entry.line);
    if names.feeds.iter().any(|other| other == name) {
        let problem = "is the name of an earlier feed too: each needs one of its own";
        section.fault("name", line("name"), problem);
    } else if names.variables.contains(&variable) && environment.has(&variable) {
        let problem = format!("shares the environment variable {variable} with an earlier feed");
        section.fault("name", line("name"), problem);
    }
    let secret = Secret::new("url", variable.clone(), format!("domoplaner-{name}-url"));
    names.feeds.push(name.to_owned());
    names.variables.push(variable);
    let text = secret::read(section, &secret, environment)?;
    match text.try_map(|text| link(text.expose_secret()).map(SecretUrl::from)) {
        Ok(url) => Some(url),
        Err(problem) => {
            let key = if section.has("url_file") { "url_file" } else { "url" };
            section.fault("url", line(key), problem);
            None
        }
    }
}

/// The environment variable of a feed's link: `DOMOPLANER_DEALS_URL`.
fn variable(name: &str) -> String {
    let name: String =
        name.chars().map(|one| if one.is_alphanumeric() { one } else { '_' }).collect();
    format!("{}{}{}", secret::FEED_PREFIX, name.to_uppercase(), secret::FEED_SUFFIX)
}

/// A link as it is asked for: without `date_format`, and with no filter in it,
/// since the one in the link and the one of a poll would contradict each other.
fn link(text: &str) -> Result<Url, String> {
    let mut url = value::web_url(text)?;
    value::without_user(&url)?;
    if url.fragment().is_some() {
        return Err("must hold no #".to_owned());
    }
    let Some(query) = url.query() else {
        return Ok(url);
    };
    let mut kept = Vec::new();
    for pair in query.split('&') {
        let name = form_urlencoded::parse(pair.as_bytes()).next();
        let name = name.map(|(name, _)| name).unwrap_or_default();
        if filters::is_filter(&name) {
            return Err(format!(
                "holds the filter {name}: take it out and give it as a key of the feed"
            ));
        }
        if name != "date_format" {
            kept.push(pair);
        }
    }
    let kept = kept.join("&");
    url.set_query((!kept.is_empty()).then_some(kept.as_str()));
    Ok(url)
}

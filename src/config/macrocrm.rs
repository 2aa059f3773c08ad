//! `[macrocrm]`: the list of flats that are ready, and the booking of keys.
//!
//! The domain is part of the signature, so it is taken to the letter: not turned
//! to Punycode, not lowercased. Together with the secret it opens the API, so it
//! is shown as little as the secret is.

use jiff::tz::TimeZone;
use secrecy::SecretString;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::domoplaner::MAX_SHRINK;
use super::reader::Section;
use super::resolved::Resolved;
use super::secret::{self, Environment};
use super::secret_url::SecretUrl;
use super::value;

/// `[macrocrm]`: MACRO's key transfer.
#[derive(Clone, Debug)]
pub struct Macrocrm {
    /// Base URL of the API; ends in a slash.
    pub base_url: SecretUrl,
    /// The domain as it is registered with MACRO, to the letter.
    pub domain: SecretString,
    /// Secret that signs the requests.
    pub app_secret: Resolved<SecretString>,
    /// The categories that are listed; empty: one list without a category.
    pub categories: Vec<Category>,
    /// Polling schedule of the lists: cron with seconds, UTC.
    pub schedule: String,
    /// The time zone that slots are in.
    pub timezone: TimeZone,
    /// The houses whose slots are in another one.
    pub houses: Vec<House>,
    /// HTTP method of getFreeTimes.
    pub free_times_method: FreeTimesMethod,
    /// The share of the live flats, in percent, that a list may lack.
    pub max_shrink: u8,
}

impl Macrocrm {
    /// The lists that are read: a category's word each, `any` where none is configured.
    pub fn lists(&self) -> impl Iterator<Item = &'static str> {
        let any = self.categories.is_empty().then_some("any");
        let words = self.categories.iter().map(|category| category.word());
        words.chain(any)
    }

    /// The time zone that the slots of a house are in.
    pub fn timezone_of(&self, house_id: Option<&str>) -> &TimeZone {
        let mut houses = self.houses.iter();
        let house = houses.find(|house| Some(house.id.as_str()) == house_id);
        house.map_or(&self.timezone, |house| &house.timezone)
    }
}

/// `[[macrocrm.house]]`: a house in a time zone of its own.
#[derive(Clone, Debug)]
pub struct House {
    /// Its id in MACRO.
    pub id: String,
    /// The time zone that its slots are in.
    pub timezone: TimeZone,
}

/// A category of real estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// `flat`: «Квартиры».
    Flat,
    /// `garage`: «Парковки».
    Garage,
    /// `storageroom`: «Кладовые».
    Storageroom,
    /// `comm`: «Коммерческие помещения».
    Comm,
}

impl Category {
    /// All of them, in the document's order.
    pub const ALL: [Category; 4] =
        [Category::Flat, Category::Garage, Category::Storageroom, Category::Comm];

    /// MACRO's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Category::Flat => "flat",
            Category::Garage => "garage",
            Category::Storageroom => "storageroom",
            Category::Comm => "comm",
        }
    }
}

/// HTTP method of getFreeTimes: the document says GET, some installations want POST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreeTimesMethod {
    /// Parameters in the query.
    Get,
    /// Parameters in the body, form-encoded.
    Post,
}

const BASE_URL: &str = "https://api.macrocrm.ru/";

/// All keys of the section; the fault that leaves None is in the findings.
pub(super) fn read(section: Section<'_>, environment: &Environment) -> Option<Macrocrm> {
    let default = Url::parse(BASE_URL).ok();
    let base_url = default.map(|default| section.or("base_url", default, value::base_url));
    let domain = section.required("domain", domain);
    let app_secret = secret::read(&section, &secret::MACROCRM_APP_SECRET, environment);
    let categories = section.or("categories", Vec::new(), categories);
    let schedule = section.or("schedule", "0 */10 * * * *".to_owned(), value::schedule);
    let timezone = value::timezone_or_moscow(&section);
    let free_times_method = section.or(
        "free_times_method",
        FreeTimesMethod::Get,
        value::word(&[("get", FreeTimesMethod::Get), ("post", FreeTimesMethod::Post)]),
    );
    let max_shrink = section.or("max_shrink", MAX_SHRINK, value::percent);
    let houses = houses(&section);
    section.finish();
    Some(Macrocrm {
        base_url: base_url?.into(),
        domain: domain?.into(),
        app_secret: app_secret?,
        categories,
        schedule,
        timezone,
        houses: houses?,
        free_times_method,
        max_shrink,
    })
}

/// The tables `[[macrocrm.house]]`; the fault that leaves None is in the findings.
fn houses(section: &Section<'_>) -> Option<Vec<House>> {
    let label = |table: &DeTable<'_>| house_id(table.get("id")?.get_ref()).ok();
    let mut houses: Vec<House> = Vec::new();
    let mut is_whole = true;
    for table in section.tables("house", label) {
        let id = table.required("id", house_id);
        let timezone = table.required("timezone", value::timezone);
        let line = table.line();
        match id.zip(timezone) {
            Some((id, timezone)) => {
                if houses.iter().any(|known| known.id == id) {
                    table.fault("id", line, format!("names house {id:?} twice"));
                }
                houses.push(House { id, timezone });
            }
            None => is_whole = false,
        }
        table.finish();
    }
    is_whole.then_some(houses)
}

/// MACRO's id of a house, a text or a number.
fn house_id(value: &DeValue<'_>) -> Result<String, String> {
    let id = match value {
        DeValue::Integer(_) => value::whole(1..=u64::MAX)(value)?.to_string(),
        _ => value::string(value)?,
    };
    if id.trim().is_empty() {
        return Err("must be the id of a house in MACRO".to_owned());
    }
    Ok(id)
}

fn domain(value: &DeValue<'_>) -> Result<String, String> {
    let domain = value::string(value)?;
    if domain.chars().any(|one| one.is_whitespace() || one.is_control()) {
        return Err("must be the domain as registered, without blanks".to_owned());
    }
    Ok(domain)
}

fn categories(value: &DeValue<'_>) -> Result<Vec<Category>, String> {
    let words = Category::ALL.map(|category| (category.word(), category));
    let categories = value::list(value::word(&words))(value)?;
    for (at, category) in categories.iter().enumerate() {
        if categories[..at].contains(category) {
            return Err(format!("names {:?} twice", category.word()));
        }
    }
    Ok(categories)
}

//! `[alma]`: where rentals are kept in step with the ledger.
//!
//! The words that the document leaves to the tenant of Alma (the project, the model of
//! work, the type of contract) are keys with a default, as are the two things about
//! uploads that it does not say.

use jiff::civil::{self, Date};
use jiff::tz::TimeZone;
use secrecy::SecretString;
use toml::de::DeValue;
use url::Url;

use super::alma_tables::{self, AlmaTables};
use super::phone_country::PhoneCountry;
use super::reader::Section;
use super::resolved::Resolved;
use super::secret::{self, Environment};
use super::secret_url::SecretUrl;
use super::value;

/// `[alma]`: what is written to Alma, and how.
#[derive(Clone, Debug)]
pub struct Alma {
    /// Base URL, before `external_api/`; ends in a slash.
    pub base_url: SecretUrl,
    /// The value of the header `Api-Key`.
    pub api_key: Resolved<SecretString>,
    /// Alma's id of the project that buildings belong to.
    pub project: i64,
    /// System whose records become objects.
    pub source: AlmaSource,
    /// Schedule of the reconciler: cron with seconds, UTC.
    pub schedule: String,
    /// Policy for archiving.
    pub archive: Archive,
    /// What becomes of a contract whose end is moved to today or before.
    pub end_contracts: EndContracts,
    /// The types of objects that become units; at least one.
    pub unit_types: Vec<String>,
    /// The end of a contract that has none.
    pub open_ended_date: Date,
    /// `work_model` of owners' contracts.
    pub work_model: String,
    /// `type_contract` of tenants' contracts.
    pub type_contract: String,
    /// The time zone whose days contracts begin and end on.
    pub timezone: TimeZone,
    /// Target of the unit field in the contracts of Bitrix24's tenants.
    pub tenant_contract_names: TenantContractNames,
    /// The country of phones without `+`.
    pub phone_country: PhoneCountry,
    /// `last_name` of a client who has none: Alma's kind of server refuses blanks.
    pub blank_last_name: String,
    /// Translations of Bitrix24's choices, where they differ from the document.
    pub tables: AlmaTables,
    /// Maximum number of concurrent requests.
    pub concurrency: usize,
    /// Form of an upload.
    pub upload: Upload,
    /// The name of the file's part in a multipart upload.
    pub upload_part: String,
    /// The most bytes of a file that is handed over.
    pub max_file_bytes: u64,
}

/// System whose records become objects of Alma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlmaSource {
    /// `uzhkh`: premises, accounts and residents of UZhKH.
    Uzhkh,
    /// `bitrix24`: apartments, units, contracts and contacts of Bitrix24.
    Bitrix24,
}

/// What the field of a tenant's contract in Bitrix24 names that says what is let: the
/// document calls it the apartment, and is contradicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantContractNames {
    /// `either`: the unit of that number where there is or was one, else the apartment.
    Either,
    /// `unit`: the unit, which is a room or stands for its apartment.
    Unit,
    /// `apartment`: the apartment, which is not shared.
    Apartment,
}

/// What becomes of an object whose record is deleted: Alma archives its contracts with
/// it, and those for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// `manual`: it is held until an operator releases it.
    Manual,
    /// `auto`: it is archived at once.
    Auto,
}

/// What becomes of a contract that is in force in Alma and whose end is moved to today or before,
/// where Alma takes none that does not end after today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndContracts {
    /// `earliest`: it ends on the first day that Alma takes, tomorrow.
    Earliest,
    /// `hold`: it is held until an operator releases it.
    Hold,
}

/// Form of an upload; the document does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upload {
    /// `multipart`: its content, as a browser sends a form.
    Multipart,
    /// `json-url`: its link, `{"url": "…"}`.
    JsonUrl,
}

const OPEN_ENDED: Date = civil::date(2099, 12, 31);

/// Base URL, before `external_api/`, which the paths begin with.
fn base_url(value: &DeValue<'_>) -> Result<Url, String> {
    let url = value::base_url(value)?;
    if url.path().ends_with("/external_api/") {
        return Err("must end before external_api/".to_owned());
    }
    Ok(url)
}

/// All keys of the section; the fault that leaves None is in the findings.
pub(super) fn read(section: Section<'_>, environment: &Environment) -> Option<Alma> {
    let text = |name, default: &str| section.or(name, default.to_owned(), value::string);
    let base_url = section.required("base_url", base_url);
    let api_key = secret::read(&section, &secret::ALMA_API_KEY, environment);
    let project = section.or("project", 207, value::whole(1..=i64::MAX.unsigned_abs()));
    let source = section.or(
        "source",
        AlmaSource::Uzhkh,
        value::word(&[("uzhkh", AlmaSource::Uzhkh), ("bitrix24", AlmaSource::Bitrix24)]),
    );
    let schedule = section.or("schedule", "*/10 * * * * *".to_owned(), value::schedule);
    let archives = [("manual", Archive::Manual), ("auto", Archive::Auto)];
    let archive = section.or("archive", Archive::Manual, value::word(&archives));
    let ends = [("earliest", EndContracts::Earliest), ("hold", EndContracts::Hold)];
    let end_contracts = section.or("end_contracts", EndContracts::Earliest, value::word(&ends));
    let types = ["Квартира", "Апартаменты"].map(str::to_owned).to_vec();
    let unit_types = section.or("unit_types", types, unit_types);
    let open_ended_date = section.or("open_ended_date", OPEN_ENDED, value::date);
    let work_model = text("work_model", "Long term");
    let type_contract = text("type_contract", "Long-term 3+ months");
    let timezone = value::timezone_or_moscow(&section);
    let names = [
        ("either", TenantContractNames::Either),
        ("unit", TenantContractNames::Unit),
        ("apartment", TenantContractNames::Apartment),
    ];
    let tenant_contract_names =
        section.or("tenant_contract_names", TenantContractNames::Either, value::word(&names));
    let home = match source {
        AlmaSource::Uzhkh => PhoneCountry::RU,
        AlmaSource::Bitrix24 => PhoneCountry::AE,
    };
    let phone_country = section.or("phone_country", home, PhoneCountry::read);
    let blank_last_name = section.or("blank_last_name", "-".to_owned(), may_be_empty);
    let tables = alma_tables::read(&section);
    let concurrency = section.or("concurrency", 8, value::whole(1..=64));
    let uploads = [("multipart", Upload::Multipart), ("json-url", Upload::JsonUrl)];
    let upload = section.or("upload", Upload::Multipart, value::word(&uploads));
    let upload_part = text("upload_part", "file");
    let max_file_bytes = section.or("max_file_bytes", 16 << 20, value::whole(1..=1 << 30));
    section.finish();
    Some(Alma {
        base_url: base_url?.into(),
        api_key: api_key?,
        project: i64::try_from(project).ok()?,
        source,
        schedule,
        archive,
        end_contracts,
        unit_types,
        open_ended_date,
        work_model,
        type_contract,
        timezone,
        tenant_contract_names,
        phone_country,
        blank_last_name,
        tables,
        concurrency: usize::try_from(concurrency).ok()?,
        upload,
        upload_part,
        max_file_bytes,
    })
}

/// A string, which may be empty.
fn may_be_empty(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.trim().to_owned()),
        other => value::string(other),
    }
}

fn unit_types(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let types = value::list(value::string)(value)?;
    if types.is_empty() {
        return Err("must not be empty: without units there is nothing to let".to_owned());
    }
    Ok(types)
}

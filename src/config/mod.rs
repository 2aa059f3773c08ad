//! The configuration: one TOML file, read once at the start.
//!
//! Parsing is strict. An unknown key, a value out of its range, a secret
//! given twice or not at all: each is a fault with its line, all of them are
//! reported together, and with any fault there is no [`Config`]. What is absent
//! has the default that `deploy/config.example.toml` shows; a system whose
//! section is absent is switched off.
//!
//! Secrets, base URLs, links and proxies appear in no message and in no `Debug`:
//! the base URL of UZhKH and the links of feeds are handed out like passwords.

mod alma;
mod alma_tables;
mod backup;
mod bitrix24;
mod bitrix24_fields;
mod bitrix24_only;
mod domoplaner;
mod filters;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod http;
mod identity;
mod ledger;
mod log;
mod macrocrm;
mod phone_country;
mod postgres_url;
mod reader;
mod relay;
mod resolved;
mod secret;
mod secret_url;
mod stray;
mod value;
mod web;
mod web_user;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use toml::de::DeTable;

pub use crate::json::stream::Pointer;
pub use alma::{Alma, AlmaSource, Archive, EndContracts, TenantContractNames, Upload};
pub(crate) use alma_tables::NOT_IN_ALMA;
pub use alma_tables::{AlmaTable, AlmaTables};
pub use backup::Backup;
pub use bitrix24::{Bitrix24, UpdatedFormat};
pub(crate) use bitrix24::{CONTACT, ENTITY_TYPES, SHORT_MARKS};
pub use bitrix24_fields::Bitrix24Fields;
pub use bitrix24_only::Bitrix24Only;
pub use domoplaner::{Domoplaner, Feed, FeedKind};
pub use filters::Filters;
pub use http::Http;
pub use identity::{Assign, Identity};
pub use ledger::Ledger;
pub(crate) use log::filter as log_filter;
pub use log::{Log, LogFormat};
pub use macrocrm::{Category, FreeTimesMethod, Macrocrm};
pub use phone_country::PhoneCountry;
pub use postgres_url::{PostgresHost, PostgresUrl, SslMode};
pub use reader::Fault;
#[cfg(test)]
pub(crate) use relay::RECORD_KINDS;
pub use relay::Relay;
pub use resolved::{Forbidden, Resolved, Secrets};
pub use secret::Environment;
pub(crate) use secret::credentials_of;
pub use secret_url::SecretUrl;
pub use stray::Stray;
pub use web::{Scope, Tls, Web, WebToken};
pub use web_user::{Role, WebUser};

use reader::{Findings, Section};
use resolved::Tolerated;

/// SQLite takes no text beyond this.
const LARGEST_TEXT: u64 = 1_000_000_000;

/// The whole configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[ledger]`.
    pub ledger: Ledger,
    /// `[backup]`; None: no backups are scheduled.
    pub backup: Option<Backup>,
    /// `[uzhkh]`; None switches the system off.
    pub uzhkh: Option<Uzhkh>,
    /// `[domoplaner]`; None switches the system off.
    pub domoplaner: Option<Domoplaner>,
    /// `[macrocrm]`; None switches the system off.
    pub macrocrm: Option<Macrocrm>,
    /// `[bitrix24]`; None switches the system off.
    pub bitrix24: Option<Bitrix24>,
    /// `[alma]`; None switches the system off.
    pub alma: Option<Alma>,
    /// `[identity]`.
    pub identity: Identity,
    /// `[http]`.
    pub http: Http,
    /// `[log]`.
    pub log: Log,
    /// `[admin]`; None: monitoring is not answered.
    pub admin: Option<Admin>,
    /// `[web]`; None: neither programs nor people are answered.
    pub web: Option<Web>,
    /// `[relay]`; None: the ledger stays on this machine.
    pub relay: Option<Relay>,
    /// Files in the credentials directory that are no secret of this config.
    pub stray_credentials: Vec<Stray>,
}

/// `[uzhkh]`: the queue that is drained.
#[derive(Clone, Debug)]
pub struct Uzhkh {
    /// The internal link; ends in a slash. As secret as the token.
    pub base_url: SecretUrl,
    /// The bearer token.
    pub token: Resolved<SecretString>,
    /// Polling schedule of `To1c/Requests`: cron with seconds, UTC.
    pub requests_schedule: String,
    /// Polling schedule of `To1c/DeletedItems`.
    pub deleted_schedule: String,
    /// How many acknowledgements are under way at once; None: as many as UZhKH bears.
    pub acknowledge_concurrency: Option<usize>,
    /// Largest envelope; a larger one is quarantined.
    pub max_envelope_bytes: usize,
    /// Pause of all requests after a 401 or 403.
    pub unauthorized_pause: Duration,
    /// Page limit of a resync, against a list that never ends.
    pub max_pages: u32,
}

/// `[admin]`: health and metrics.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The address that is listened on.
    pub listen: SocketAddr,
}

/// A configuration error. Holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}{}", path.display(), hint(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file was read and is wrong: all faults, in the order of their lines.
    #[error("{}", lines(path, faults))]
    Faulty {
        /// The file.
        path: PathBuf,
        /// At least one.
        faults: Vec<Fault>,
    },
    /// The file is right, and lacks what a command needs.
    #[error("{}: there is no section [{section}], which this command needs; `uzhkh-ledger init --config NEW` writes an example of it", path.display())]
    NoSection {
        /// The file.
        path: PathBuf,
        /// The section.
        section: &'static str,
    },
}

/// Advice for a missing file.
fn hint(source: &std::io::Error) -> &'static str {
    match source.kind() {
        std::io::ErrorKind::NotFound => "; `uzhkh-ledger init` writes one to begin with",
        _ => "",
    }
}

impl Error {
    /// The faults in the file; empty if it could not be read.
    pub fn faults(&self) -> &[Fault] {
        match self {
            Error::Unreadable { .. } | Error::NoSection { .. } => &[],
            Error::Faulty { faults, .. } => faults,
        }
    }
}

fn lines(path: &Path, faults: &[Fault]) -> String {
    let lines: Vec<String> =
        faults.iter().map(|fault| format!("{}:{fault}", path.display())).collect();
    lines.join("\n")
}

impl Config {
    /// Reads and checks the file, with all secrets, of those that this process was given.
    pub fn load(path: &Path) -> Result<Config, Error> {
        Config::load_with(path, Secrets::All)
    }

    /// As [`Config::load`], with no more secrets than a command uses.
    pub fn load_with(path: &Path, secrets: Secrets) -> Result<Config, Error> {
        let mut environment = Environment::of_process().beside(path);
        environment.secrets = secrets;
        Config::read(path, &environment)
    }

    /// As [`Config::load_with`]; sections whose secret this user may not read are left out,
    /// and named.
    pub fn load_readable(path: &Path, secrets: Secrets) -> Result<(Config, Vec<Forbidden>), Error> {
        let mut environment = Environment::of_process().beside(path);
        environment.secrets = secrets;
        environment.tolerated = Tolerated::some();
        let mut config = Config::read(path, &environment)?;
        let forbidden = environment.tolerated.into_noted();
        forbidden.iter().for_each(|one| config.leave_out(&one.section));
        Ok((config, forbidden))
    }

    /// The section that `alma.source` names, where there is only the other one: Alma gets nothing
    /// new then.
    pub fn missing_source(&self) -> Option<&'static str> {
        match (self.alma.as_ref()?.source, &self.uzhkh, &self.bitrix24) {
            (AlmaSource::Uzhkh, None, Some(_)) => Some("uzhkh"),
            (AlmaSource::Bitrix24, Some(_), None) => Some("bitrix24"),
            _ => None,
        }
    }

    fn leave_out(&mut self, section: &str) {
        match section {
            "uzhkh" => self.uzhkh = None,
            "macrocrm" => self.macrocrm = None,
            "bitrix24" => self.bitrix24 = None,
            "alma" => self.alma = None,
            "web" => self.web = None,
            "relay" => self.relay = None,
            _ => {
                let feed = section.strip_prefix("domoplaner.feed.");
                let feeds = self.domoplaner.iter_mut().map(|system| &mut system.feeds);
                feeds.for_each(|feeds| feeds.retain(|one| Some(one.name.as_str()) != feed));
                let token = section.strip_prefix("web.token.");
                let tokens = self.web.iter_mut().map(|web| &mut web.tokens);
                tokens.for_each(|tokens| tokens.retain(|one| Some(one.name.as_str()) != token));
            }
        }
    }

    fn read(path: &Path, environment: &Environment) -> Result<Config, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
        Config::parse(&text, path, environment)
    }

    /// Checks `text`, which stands in `path`. Files that it names are looked at.
    pub fn parse(text: &str, path: &Path, environment: &Environment) -> Result<Config, Error> {
        let findings = Findings::new(text);
        let config = match DeTable::parse(text) {
            Ok(table) => {
                let config = read(table.get_ref(), &findings, environment);
                if config.is_none() {
                    // A secret that is missing may be there under a misspelt name.
                    let strays = environment.strays().into_iter().filter(|one| one.meant.is_some());
                    strays.for_each(|stray| findings.add(None, 1, stray.to_string()));
                }
                config
            }
            Err(error) => {
                syntax_fault(&error, &findings);
                None
            }
        };
        match (config, findings.into_faults()) {
            (Some(config), faults) if faults.is_empty() => Ok(config),
            (_, faults) => Err(Error::Faulty { path: path.to_owned(), faults }),
        }
    }
}

/// The library's message names what is expected; the source line it also shows
/// by `Display` may hold a secret and is left out.
fn syntax_fault(error: &toml::de::Error, findings: &Findings<'_>) {
    let line = error.span().map_or(1, |span| findings.line(span.start));
    let message = error.message().trim().replace('\n', "; ");
    findings.add(None, line, format!("not valid TOML: {message}"));
}

fn read(table: &DeTable<'_>, findings: &Findings<'_>, environment: &Environment) -> Option<Config> {
    let root = Section::root(table, findings);
    let ledger = ledger(root.section_or_empty("ledger"));
    let backup = root.section("backup").map(backup::read);
    let uzhkh = root.section("uzhkh").map(|section| uzhkh(section, environment));
    let domoplaner =
        root.section("domoplaner").map(|section| domoplaner::read(section, environment));
    let macrocrm = root.section("macrocrm").map(|section| macrocrm::read(section, environment));
    let bitrix24 = root.section("bitrix24").map(|section| bitrix24::read(section, environment));
    let alma = root.section("alma").map(|section| alma::read(section, environment));
    let identity = identity::read(root.section_or_empty("identity"));
    let http = http::read(root.section_or_empty("http"));
    let log = log::read(root.section_or_empty("log"));
    let admin = root.section("admin").map(self::admin);
    let web = root.section("web").map(|section| web::read(section, environment));
    if let (Some(admin), Some(Some(web))) = (&admin, &web)
        && admin.listen == web.listen
        && web.listen.port() != 0
    {
        let problem = format!("is that of [admin] too, {}: each needs one of its own", web.listen);
        findings.add(Some("web.listen".to_owned()), 1, problem);
    }
    let relay = root.section("relay").map(|section| relay::read(section, environment));
    let systems = ["uzhkh", "domoplaner", "macrocrm", "bitrix24", "alma"];
    // What knows the ledger alone reads one whose systems are off, too.
    let asks_systems = environment.secrets != Secrets::None;
    if asks_systems && !systems.iter().any(|system| root.has(system)) {
        findings.add(
            None,
            1,
            "no system is configured: a section [uzhkh], [domoplaner], [macrocrm], [bitrix24] or [alma] is needed",
        );
    }
    root.finish();
    Some(Config {
        ledger,
        backup: whole(backup)?,
        uzhkh: whole(uzhkh)?,
        domoplaner: whole(domoplaner)?,
        macrocrm: whole(macrocrm)?,
        bitrix24: whole(bitrix24)?,
        alma: whole(alma)?,
        identity,
        http,
        log,
        admin,
        web: whole(web)?,
        relay: whole(relay)?,
        stray_credentials: environment.strays(),
    })
}

/// Tells a section that is absent from one that has no value because of its faults.
fn whole<T>(section: Option<Option<T>>) -> Option<Option<T>> {
    section.map_or(Some(None), |faulty_or_not| faulty_or_not.map(Some))
}

fn ledger(section: Section<'_>) -> Ledger {
    let ledger = Ledger {
        path: section.or("path", Ledger::default().path, value::path),
        keep_envelopes: section.optional("keep_envelopes", value::long_duration),
        keep_changes: section.optional("keep_changes", value::long_duration),
    };
    section.finish();
    ledger
}

fn uzhkh(section: Section<'_>, environment: &Environment) -> Option<Uzhkh> {
    let base_url = section.required("base_url", value::base_url);
    let token = secret::read(&section, &secret::UZHKH_TOKEN, environment);
    let schedule = |name, default: &str| section.or(name, default.to_owned(), value::schedule);
    let requests_schedule = schedule("requests_schedule", "*/5 * * * * *");
    let deleted_schedule = schedule("deleted_schedule", "*/30 * * * * *");
    let acknowledge_concurrency =
        section.optional("acknowledge_concurrency", value::whole(1..=256));
    let max_envelope_bytes =
        section.or("max_envelope_bytes", 16 << 20, value::whole(1..=LARGEST_TEXT));
    let unauthorized_pause =
        section.or("unauthorized_pause", Duration::from_secs(300), value::positive_duration);
    let max_pages = section.or("max_pages", 100_000, value::whole(1..=u64::from(u32::MAX)));
    section.finish();
    Some(Uzhkh {
        base_url: base_url?.into(),
        token: token?,
        requests_schedule,
        deleted_schedule,
        acknowledge_concurrency: acknowledge_concurrency
            .and_then(|limit| usize::try_from(limit).ok()),
        max_envelope_bytes: usize::try_from(max_envelope_bytes).ok()?,
        unauthorized_pause,
        max_pages: u32::try_from(max_pages).ok()?,
    })
}

fn admin(section: Section<'_>) -> Admin {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 9464));
    let listen = section.or("listen", default, value::socket_address);
    for key in ["token", "token_file"] {
        if let Some(entry) = section.entry(key) {
            let problem = "is gone: the changes are served by [web] now, as /api/v1/changes, to the programs that \
                           [[web.token]] names with a token each";
            section.fault(key, entry.line, problem);
        }
    }
    section.finish();
    Admin { listen }
}

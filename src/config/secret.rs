//! Secrets and their four spellings.
//!
//! A secret stands in the file, in a file of its own, in an environment
//! variable, or in a systemd credential. Exactly one of them must be given:
//! with two, it would be unclear which one counts, and the wrong one would be
//! found out only by the upstream. No message here holds a value.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use toml::de::DeValue;

use super::reader::{Section, article};
use super::resolved::{Resolved, Secrets, Tolerated};

/// No secret is longer; a path given by mistake is not read to its end.
const LONGEST: u64 = 64 * 1024;

/// The environment of the process, as far as secrets go.
#[derive(Default)]
pub struct Environment {
    variables: BTreeMap<String, SecretString>,
    pub(super) credentials: Option<PathBuf>,
    /// The names of those that the config asks for.
    pub(super) credentials_asked: RefCell<BTreeSet<String>>,
    pub(super) secrets: Secrets,
    pub(super) tolerated: Tolerated,
}

/// The directory beside a config that the units of `deploy/` have systemd load its secrets from:
/// `credentials` for `config.toml`, and `NAME.credentials` for any other.
pub(crate) fn credentials_of(config: &Path) -> PathBuf {
    let name = match config.file_stem() {
        Some(name) if name != "config" => format!("{}.credentials", name.display()),
        _ => "credentials".to_owned(),
    };
    config.with_file_name(name)
}

impl Environment {
    /// Nothing set.
    pub fn new() -> Environment {
        Environment::default()
    }

    /// The environment of this process: our variables, and `$CREDENTIALS_DIRECTORY`.
    pub fn of_process() -> Environment {
        let mut environment = Environment::new();
        for (name, value) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if is_ours(&name) {
                environment = environment.variable(&name, &value.to_string_lossy());
            }
        }
        environment.credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        environment
    }

    /// With an environment variable set. An empty one counts as not set.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Environment {
        if !value.is_empty() {
            self.variables.insert(name.to_owned(), value.to_owned().into());
        }
        self
    }

    /// Where systemd hands over no credentials, as to a command at a terminal: those of
    /// [`credentials_of`] the config.
    #[must_use]
    pub(super) fn beside(mut self, config: &Path) -> Environment {
        self.credentials.get_or_insert_with(|| credentials_of(config));
        self
    }

    /// With the directory that systemd puts credentials into.
    #[must_use]
    pub fn credentials(mut self, directory: &Path) -> Environment {
        self.credentials = Some(directory.to_owned());
        self
    }

    fn ask_for(&self, secret: &Secret) {
        self.credentials_asked.borrow_mut().insert(secret.credential.to_string());
    }

    pub(super) fn has(&self, variable: &str) -> bool {
        self.variables.contains_key(variable)
    }
}

/// The names of one secret.
pub(super) struct Secret {
    /// The key; the file's path stands in `…_file`.
    key: &'static str,
    variable: Cow<'static, str>,
    credential: Cow<'static, str>,
}

impl Secret {
    /// A secret whose names follow from the file.
    pub(super) fn new(key: &'static str, variable: String, credential: String) -> Secret {
        Secret { key, variable: variable.into(), credential: credential.into() }
    }
}

/// The bearer token of UZhKH.
pub(super) const UZHKH_TOKEN: Secret = Secret {
    key: "token",
    variable: Cow::Borrowed("UZHKH_TOKEN"),
    credential: Cow::Borrowed("uzhkh-token"),
};

/// Secret that signs requests to MACRO.
pub(super) const MACROCRM_APP_SECRET: Secret = Secret {
    key: "app_secret",
    variable: Cow::Borrowed("MACROCRM_APP_SECRET"),
    credential: Cow::Borrowed("macrocrm-app-secret"),
};

/// The key of Alma's API.
pub(super) const ALMA_API_KEY: Secret = Secret {
    key: "api_key",
    variable: Cow::Borrowed("ALMA_API_KEY"),
    credential: Cow::Borrowed("alma-api-key"),
};

/// The incoming webhook of a Bitrix24 portal.
pub(super) const BITRIX24_WEBHOOK_URL: Secret = Secret {
    key: "webhook_url",
    variable: Cow::Borrowed("BITRIX24_WEBHOOK_URL"),
    credential: Cow::Borrowed("bitrix24-webhook-url"),
};

/// The address of the PostgreSQL that the ledger is relayed to, with the password in it.
pub(super) const RELAY_URL: Secret = Secret {
    key: "url",
    variable: Cow::Borrowed("RELAY_URL"),
    credential: Cow::Borrowed("relay-url"),
};

/// What systemd puts before the names of files that it loads from the directory of the units.
pub(super) const FROM_DIRECTORY: &str = "credentials_";

/// The variables of feeds' links have the feed's name between these.
pub(super) const FEED_PREFIX: &str = "DOMOPLANER_";
pub(super) const FEED_SUFFIX: &str = "_URL";

/// The variables of programs' tokens have the program's name after this.
pub(super) const TOKEN_PREFIX: &str = "WEB_TOKEN_";

/// All secrets but the feeds' links and the programs' tokens.
const SECRETS: [Secret; 5] =
    [UZHKH_TOKEN, MACROCRM_APP_SECRET, ALMA_API_KEY, BITRIX24_WEBHOOK_URL, RELAY_URL];

/// The credentials of the systems, whether the config switches them on or not.
pub(super) fn credential_names() -> impl Iterator<Item = String> {
    SECRETS.iter().map(|secret| secret.credential.to_string())
}

fn is_ours(variable: &str) -> bool {
    SECRETS.iter().any(|secret| secret.variable == variable)
        || variable.starts_with(FEED_PREFIX) && variable.ends_with(FEED_SUFFIX)
        || variable.starts_with(TOKEN_PREFIX)
}

/// A place where a secret was found.
struct Found {
    /// Name of the place for an operator.
    place: String,
    line: usize,
    value: Result<SecretString, String>,
    /// Whether this user may not read it.
    is_forbidden: bool,
}

/// The keys of a secret that is not looked at.
fn know(section: &Section<'_>, secret: &Secret) {
    section.entry(secret.key);
    section.entry(&format!("{}_file", secret.key));
}

/// Reads a secret of a section, where it is used; a fault unless exactly one spelling is
/// given.
pub(super) fn read(
    section: &Section<'_>,
    secret: &Secret,
    environment: &Environment,
) -> Option<Resolved<SecretString>> {
    environment.ask_for(secret);
    if !environment.secrets.has(section.path()) {
        know(section, secret);
        return Some(Resolved::unused());
    }
    let mut found = find(section, secret, environment);
    let Secret { key, variable, credential } = secret;
    let fault = |line, problem: String| section.fault(key, line, problem);
    let Some(only) = found.pop() else {
        fault(
            section.line(),
            format!(
                "is missing: give exactly one of {key}, {key}_file, the environment variable {variable} and the systemd credential {credential}"
            ),
        );
        return None;
    };
    if !found.is_empty() {
        let line = found[0].line;
        found.push(only);
        let places: Vec<String> = found.into_iter().map(|found| found.place).collect();
        fault(
            line,
            format!(
                "is given {} times, by {}: keep one of them",
                places.len(),
                places.join(" and ")
            ),
        );
        return None;
    }
    match only.value.and_then(clean) {
        Ok(value) => Some(Resolved::new(value)),
        Err(problem) => {
            let problem = format!("{} {problem}", only.place);
            if only.is_forbidden && environment.tolerated.note(section.path(), &problem) {
                return Some(Resolved::unused());
            }
            fault(only.line, problem);
            None
        }
    }
}

fn find(section: &Section<'_>, secret: &Secret, environment: &Environment) -> Vec<Found> {
    let mut found = Vec::new();
    let file_key = format!("{}_file", secret.key);
    if let Some(entry) = section.entry(secret.key) {
        let value = text(entry.value).map(SecretString::from);
        let place = secret.key.to_owned();
        found.push(Found { place, line: entry.line, value, is_forbidden: false });
    }
    if let Some(entry) = section.entry(&file_key) {
        let path = text(entry.value);
        let is_forbidden = path.as_ref().is_ok_and(|path| is_forbidden(Path::new(path)));
        let value = path.and_then(|path| read_file(Path::new(&path)));
        let line = entry.line;
        found.push(Found { place: file_key, line, value, is_forbidden });
    }
    let line = section.line();
    if let Some(value) = environment.variables.get(secret.variable.as_ref()) {
        let place = format!("the environment variable {}", secret.variable);
        let value = Ok(value.clone());
        found.push(Found { place, line, value, is_forbidden: false });
    }
    let directory = environment.credentials.iter();
    for path in directory.flat_map(|directory| credentials(directory, &secret.credential)) {
        let exists = path.try_exists();
        let value = match exists {
            Ok(true) => read_file(&path),
            Ok(false) => continue,
            // Of a directory that is not ours to look into, another spelling makes nothing.
            Err(_) if !found.is_empty() => continue,
            Err(error) => Err(format!("cannot be read{}: {error}", named(&path))),
        };
        found.push(Found {
            place: format!("the systemd credential {}", secret.credential),
            line,
            value,
            is_forbidden: is_forbidden(&path),
        });
    }
    found
}

fn is_forbidden(path: &Path) -> bool {
    std::fs::File::open(path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// Where a credential may be: systemd puts what it was told by name under that name, and a
/// file of the directory that the units of `deploy/` name under one that begins with theirs.
fn credentials(directory: &Path, name: &str) -> [PathBuf; 2] {
    [directory.join(name), directory.join(format!("{FROM_DIRECTORY}{name}"))]
}

fn text(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.as_ref().to_owned()),
        other => Err(format!("must be a string in quotes, not {}", article(other.type_str()))),
    }
}

fn read_file(path: &Path) -> Result<SecretString, String> {
    let mut text = String::new();
    let size = std::fs::File::open(path)
        .and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text))
        .map_err(|error| format!("cannot be read{}: {error}", named(path)))?;
    if size as u64 > LONGEST {
        return Err(format!("is too large to be a secret{}", named(path)));
    }
    Ok(text.into())
}

/// The file by its whole path. What is none, a link or a bare word, may be the secret itself, in the
/// wrong place.
fn named(path: &Path) -> String {
    match path.is_absolute() && !path.to_string_lossy().contains("://") {
        true => format!(": {}", path.display()),
        false => String::new(),
    }
}

/// Takes off what editors add, and refuses what no secret has.
fn clean(value: SecretString) -> Result<SecretString, String> {
    let text = value.expose_secret();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        Err("is empty".to_owned())
    } else if text.chars().any(char::is_control) {
        Err("holds line breaks or other control characters".to_owned())
    } else {
        Ok(text.to_owned().into())
    }
}

//! `[web]`: the listener for programs and for people.
//!
//! What is served there is personal data. So it is encrypted by us, or by a proxy in front,
//! or stays on this machine; it answers only to the names that it is known by; and each
//! program has a token of its own, of which no two are alike.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use toml::de::{DeTable, DeValue};

use super::reader::Section;
use super::resolved::Resolved;
use super::secret::{self, Environment, Secret};
use super::value;
use super::web_user::{self, WebUser};

/// `[web]`: where programs and people are answered.
#[derive(Clone, Debug)]
pub struct Web {
    /// The address that is listened on.
    pub listen: SocketAddr,
    /// The names that it may be asked by beside those of loopback: in lower case, without a
    /// port, IPv6 without brackets.
    pub hosts: Vec<String>,
    /// Certificate and key; None: plain HTTP.
    pub tls: Option<Tls>,
    /// Whether a proxy in front does TLS and says whom it asks for.
    pub behind_proxy: bool,
    /// The programs that may ask; their names and secrets differ.
    pub tokens: Vec<WebToken>,
    /// The people who may sign in to the console; none: there is no console.
    pub users: Vec<WebUser>,
}

/// `tls_certificate` and `tls_key`: PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate, and those between it and a root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// `[[web.token]]`: a program.
#[derive(Clone, Debug)]
pub struct WebToken {
    /// Its name, by which its acts are told.
    pub name: String,
    /// What it sends as `Authorization: Bearer TOKEN`.
    pub token: Resolved<SecretString>,
    /// What it may do; at least one.
    pub scopes: Vec<Scope>,
}

/// What a program may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `read`: GET and HEAD.
    Read,
    /// `write`: all else.
    Write,
}

const LONGEST_NAME: usize = 64;
/// What hears nothing but this machine, unless it says otherwise.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8464);

/// All keys of the section; the fault that leaves None is in the findings.
pub(super) fn read(section: Section<'_>, environment: &Environment) -> Option<Web> {
    let listen = section.or("listen", LISTEN, value::socket_address);
    let hosts = section.or("hosts", Vec::new(), value::list(host));
    let behind_proxy = section.or("behind_proxy", false, value::boolean);
    let tls = tls(&section, environment);
    if !listen.ip().is_loopback() && tls.is_none() && !behind_proxy {
        let line = section.entry("listen").map_or(section.line(), |entry| entry.line);
        section.fault(
            "listen",
            line,
            format!(
                "{listen} is heard beyond this machine, and without TLS so is what is said: give tls_certificate and \
                 tls_key, or behind_proxy = true where a proxy in front does TLS, or listen on 127.0.0.1"
            ),
        );
    }
    let tables = section.tables("token", label);
    let users = web_user::read(&section);
    section.finish();
    let mut known = Known::default();
    let tokens: Vec<Option<WebToken>> =
        tables.into_iter().map(|table| token(table, &mut known, environment)).collect();
    Some(Web {
        listen,
        hosts,
        tls,
        behind_proxy,
        tokens: tokens.into_iter().collect::<Option<_>>()?,
        users: users?,
    })
}

/// A name or an IP address, without a scheme, a port or a path.
fn host(value: &DeValue<'_>) -> Result<String, String> {
    let text = value::string(value)?;
    let name = text.trim_start_matches('[').trim_end_matches(']').to_lowercase();
    let is_plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.');
    if name.parse::<IpAddr>().is_ok() || (name.chars().all(is_plain) && !name.is_empty()) {
        return Ok(name.trim_end_matches('.').to_owned());
    }
    Err("must be a name such as \"ledger.example.ru\" or an IP address, without a port; names with letters beyond \
         ASCII as xn--…"
        .to_owned())
}

/// Both files or neither. What is in them is looked at where their secrets are used.
fn tls(section: &Section<'_>, environment: &Environment) -> Option<Tls> {
    let certificate = section.optional("tls_certificate", value::path);
    let key = section.optional("tls_key", value::path);
    let missing = |key, other| {
        section.fault(key, section.line(), format!("is missing: {other} is of no use without it"));
    };
    match (section.has("tls_certificate"), section.has("tls_key")) {
        (true, false) => missing("tls_key", "tls_certificate"),
        (false, true) => missing("tls_certificate", "tls_key"),
        _ => {}
    }
    let tls = Tls { certificate: certificate?, key: key? };
    if environment.secrets.has(section.path()) {
        pem(section, "tls_certificate", &tls.certificate, "CERTIFICATE-----", environment);
        pem(section, "tls_key", &tls.key, "PRIVATE KEY-----", environment);
    }
    Some(tls)
}

fn pem(section: &Section<'_>, key: &str, path: &Path, mark: &str, environment: &Environment) {
    let problem = match std::fs::read(path) {
        Ok(pem) if pem.windows(mark.len()).any(|window| window == mark.as_bytes()) => return,
        Ok(_) => format!("{} holds no PEM block that ends with {mark}", path.display()),
        Err(error) => {
            let problem = format!("cannot read {}: {error}", path.display());
            let is_forbidden = error.kind() == std::io::ErrorKind::PermissionDenied;
            if is_forbidden && environment.tolerated.note(section.path(), &problem) {
                return;
            }
            problem
        }
    };
    let line = section.entry(key).map_or(section.line(), |entry| entry.line);
    section.fault(key, line, problem);
}

/// A program is known by its name, once that can be one.
fn label(table: &DeTable<'_>) -> Option<String> {
    name(table.get("name")?.get_ref()).ok()
}

fn name(value: &DeValue<'_>) -> Result<String, String> {
    let name = value::string(value)?;
    let is_plain = |one: char| one.is_alphanumeric() || matches!(one, '-' | '_' | '.');
    if name.chars().count() > LONGEST_NAME || !name.chars().all(is_plain) {
        // Not quoted: it might be the token, in the wrong place.
        return Err(format!("must be at most {LONGEST_NAME} letters, digits, '-', '_' and '.'"));
    }
    Ok(name)
}

/// The programs so far: their names, variables and secrets.
#[derive(Default)]
struct Known {
    names: Vec<String>,
    variables: Vec<String>,
    secrets: Vec<(String, SecretString)>,
}

fn token(section: Section<'_>, known: &mut Known, environment: &Environment) -> Option<WebToken> {
    let name = section.required("name", name);
    let token = secret_of(&section, name.as_deref(), known, environment);
    let words = [("read", Scope::Read), ("write", Scope::Write)];
    let scopes = section.or("scopes", vec![Scope::Read], value::list(value::word(&words)));
    if scopes.is_empty() {
        let line = section.entry("scopes").map_or(section.line(), |entry| entry.line);
        section.fault("scopes", line, "must not be empty: \"read\", \"write\" or both");
    }
    section.finish();
    Some(WebToken { name: name?, token: token?, scopes })
}

/// Reads the token, whose spellings outside the file follow from the program's name.
fn secret_of(
    section: &Section<'_>,
    name: Option<&str>,
    known: &mut Known,
    environment: &Environment,
) -> Option<Resolved<SecretString>> {
    let Some(name) = name else {
        section.entry("token");
        section.entry("token_file");
        return None;
    };
    let variable = variable(name);
    let line = |key| section.entry(key).map_or(section.line(), |entry| entry.line);
    if known.names.iter().any(|other| other == name) {
        let problem = "is the name of an earlier token too: each program needs one of its own";
        section.fault("name", line("name"), problem);
    } else if known.variables.contains(&variable) && environment.has(&variable) {
        let problem = format!("shares the environment variable {variable} with an earlier token");
        section.fault("name", line("name"), problem);
    }
    let secret = Secret::new("token", variable.clone(), format!("web-token-{name}"));
    known.names.push(name.to_owned());
    known.variables.push(variable);
    let token = secret::read(section, &secret, environment)?;
    if let Some(value) = token.get() {
        let is_same =
            |(_, other): &&(String, SecretString)| other.expose_secret() == value.expose_secret();
        if let Some((other, _)) = known.secrets.iter().find(is_same) {
            let key = if section.has("token_file") { "token_file" } else { "token" };
            let problem = format!("is that of {other} too: each program needs one of its own");
            section.fault("token", line(key), problem);
        }
        known.secrets.push((name.to_owned(), value.clone()));
    }
    Some(token)
}

/// The environment variable of a program's token: `WEB_TOKEN_1C`.
fn variable(name: &str) -> String {
    let name: String =
        name.chars().map(|one| if one.is_alphanumeric() { one } else { '_' }).collect();
    format!("{}{}", secret::TOKEN_PREFIX, name.to_uppercase())
}

//! The address of a PostgreSQL server, `postgres://ROLE:PASSWORD@HOST:PORT/DATABASE?…`, as
//! libpq reads it, but for what would weaken it: without `sslmode` the server's certificate
//! and name are verified, and what is not known is refused, not passed over.

use std::borrow::Cow;
use std::net::IpAddr;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;

/// The port of a server that names none.
const PORT: u16 = 5432;

/// Where a server is, and who asks it.
#[derive(Clone, Debug)]
pub struct PostgresUrl {
    /// The server.
    pub host: PostgresHost,
    /// Its port.
    pub port: u16,
    /// The role; None: the name of the operating system's user.
    pub role: Option<String>,
    /// The password; None: the server knows the role by other means.
    pub password: Option<SecretString>,
    /// The database; None: the one named as the role.
    pub database: Option<String>,
    /// How the connection is guarded.
    pub sslmode: SslMode,
}

/// The place of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostgresHost {
    /// A name or an address.
    Tcp(String),
    /// The directory of its socket on this machine.
    Socket(PathBuf),
}

/// `sslmode`: how a connection is guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// Not at all: within this machine.
    Disable,
    /// TLS with a certificate that a known authority has signed, whatever its name.
    VerifyCa,
    /// TLS with a certificate of the host's own name.
    VerifyFull,
}

/// What the query says; each at most once.
#[derive(Default)]
struct Query {
    host: Option<String>,
    port: Option<String>,
    role: Option<String>,
    password: Option<String>,
    database: Option<String>,
    sslmode: Option<String>,
}

impl PostgresUrl {
    /// Reads an address. The problem quotes nothing of it.
    pub(super) fn parse(text: &str) -> Result<PostgresUrl, String> {
        let rest = ["postgres://", "postgresql://"]
            .iter()
            .find_map(|scheme| text.trim().strip_prefix(scheme))
            .ok_or("must begin with postgres://")?;
        if rest.contains('#') {
            return Err("must not hold a #: write %23 for it".to_owned());
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        // What was meant as a password would be taken for a database, and be shown.
        if path.contains('@') {
            return Err("has an @ behind a /: write a / in the password as %2F".to_owned());
        }
        // A password may hold an @ that should have been written as %40.
        let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (role, password) = match user.split_once(':') {
            Some((role, password)) => (role, Some(password)),
            None => (user, None),
        };
        let (host, port) = place_of(place)?;
        let query = Query::parse(query)?;
        let given = |own: &str, other: Option<String>| match other {
            None => decoded(own).map(|own| (!own.is_empty()).then(|| own.into_owned())),
            Some(_) if !own.is_empty() => Err("says a part of it twice".to_owned()),
            other => Ok(other),
        };
        // As with libpq, the parameter goes before; what is judged is what is connected to.
        let own = if query.host.is_some() { "" } else { host };
        let host = given(own, query.host)?.ok_or("names no host")?;
        let port = match given(port, query.port)? {
            None => PORT,
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or("has a wrong port")?,
        };
        let host = match host.starts_with('/') {
            true => PostgresHost::Socket(PathBuf::from(host)),
            false => PostgresHost::Tcp(tcp(host)?),
        };
        let sslmode = sslmode(query.sslmode.as_deref(), &host)?;
        Ok(PostgresUrl {
            host,
            port,
            role: given(role, query.role)?,
            password: given(password.unwrap_or_default(), query.password)?.map(SecretString::from),
            database: given(path, query.database)?,
            sslmode,
        })
    }

    /// The server, the database and the role, for people; never the password.
    pub fn shown(&self) -> String {
        let host = match &self.host {
            PostgresHost::Tcp(host) => format!("{host}:{}", self.port),
            PostgresHost::Socket(directory) => directory.display().to_string(),
        };
        let role = self.role.as_ref().map(|role| format!("{role}@")).unwrap_or_default();
        let database = self.database.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
        format!("{role}{host}{database}")
    }
}

/// The host and the port of `HOST:PORT` or `[ADDRESS]:PORT`, as written.
fn place_of(place: &str) -> Result<(&str, &str), String> {
    if place.contains(',') {
        return Err("must name one host".to_owned());
    }
    if let Some(rest) = place.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or("has a [ without its ]")?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, port)),
            None if after.is_empty() => Ok((host, "")),
            None => Err("has text between the host and the port".to_owned()),
        };
    }
    Ok(place.split_once(':').unwrap_or((place, "")))
}

/// The host of a TCP connection.
fn tcp(host: String) -> Result<String, String> {
    if host.contains(',') {
        return Err("must name one host".to_owned());
    }
    let is_address = host.parse::<IpAddr>().is_ok();
    let is_of_name = |letter: char| letter.is_alphanumeric() || "-._".contains(letter);
    if !is_address && !host.chars().all(is_of_name) {
        return Err("has a host that is neither a name nor an address".to_owned());
    }
    Ok(host)
}

impl Query {
    fn parse(text: &str) -> Result<Query, String> {
        let mut query = Query::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').ok_or("has a parameter without a value")?;
            let value = decoded(value)?.into_owned();
            let place = match key {
                "host" => &mut query.host,
                "port" => &mut query.port,
                "user" => &mut query.role,
                "password" => &mut query.password,
                "dbname" => &mut query.database,
                "sslmode" => &mut query.sslmode,
                _ => {
                    return Err("has a parameter other than sslmode, host, port, user, password \
                                and dbname"
                        .to_owned());
                }
            };
            if place.replace(value).is_some() {
                return Err("says a parameter twice".to_owned());
            }
        }
        Ok(query)
    }
}

fn decoded(text: &str) -> Result<Cow<'_, str>, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| "has a percent sign that stands for no text".to_owned())?;
    if decoded.contains('\0') {
        return Err("holds a NUL".to_owned());
    }
    Ok(decoded)
}

/// The mode that the address asks for. Nothing leaves the machine unguarded: which host that
/// is, the address says that is connected to, not the beginning of its name.
fn sslmode(word: Option<&str>, host: &PostgresHost) -> Result<SslMode, String> {
    let is_local = match host {
        PostgresHost::Socket(_) => true,
        PostgresHost::Tcp(name) => match name.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => address.is_loopback(),
            Ok(IpAddr::V6(address)) => address.is_loopback(),
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        },
    };
    match word {
        None | Some("verify-full") => Ok(SslMode::VerifyFull),
        Some("verify-ca") => Ok(SslMode::VerifyCa),
        Some("disable") if is_local => Ok(SslMode::Disable),
        Some("disable") => Err("has sslmode=disable, which is for localhost, 127.0.0.0/8, ::1 \
                                and sockets alone; use verify-full with ca_file"
            .to_owned()),
        Some(_) => {
            Err("must have sslmode=verify-full, verify-ca or, on this machine, disable".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[track_caller]
    fn url(text: &str) -> PostgresUrl {
        PostgresUrl::parse(text).unwrap()
    }

    #[test]
    fn an_address_is_read_as_libpq_reads_it() {
        let full = url("postgres://acme:p%40ss@db.example:6432/reports?sslmode=verify-ca");
        assert_eq!(full.host, PostgresHost::Tcp("db.example".to_owned()));
        assert_eq!((full.port, full.sslmode), (6432, SslMode::VerifyCa));
        assert_eq!(full.password.as_ref().unwrap().expose_secret(), "p@ss");
        assert_eq!(full.shown(), "acme@db.example:6432/reports");
        let socket =
            url("postgresql://localhost/uzhkh?host=/run/postgresql&user=acme&sslmode=disable");
        assert_eq!(socket.host, PostgresHost::Socket("/run/postgresql".into()));
        assert_eq!(socket.role.as_deref(), Some("acme"));
        let encoded = url("postgres://acme@%2Frun%2Fpostgresql/uzhkh");
        assert_eq!(encoded.host, socket.host);
        assert_eq!(url("postgres://a@h").sslmode, SslMode::VerifyFull);
        assert_eq!(url("postgres://a@[::1]:1/d?sslmode=disable").port, 1);
    }

    #[test]
    fn what_leaves_the_machine_is_guarded() {
        for local in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(PostgresUrl::parse(&format!("postgres://a@{local}/d?sslmode=disable")).is_ok());
        }
        for other in [
            "127.0.0.1.example",
            "localhost.example",
            "10.0.0.1",
            "[::ffff:127.0.0.1]",
            "2130706433",
            "localhost@db.example",
        ] {
            let text = format!("postgres://a@{other}/d?sslmode=disable");
            assert!(PostgresUrl::parse(&text).is_err(), "{text}");
        }
        for text in [
            "postgres://a@localhost/d?sslmode=disable&host=db.example",
            "postgres://a@localhost/d?sslmode=disable&hostaddr=10.0.0.1",
            "postgres://a@localhost,db.example/d?sslmode=disable",
            "postgres://a@localhost/d?sslmode=disable&sslmode=verify-full",
        ] {
            assert!(PostgresUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for text in [
            "mysql://a@h/d",
            "http://a@h/d",
            "postgres:///d",
            "postgres://a@h/d?sslmode=require",
            "postgres://a@h/d?sslmode=prefer",
            "postgres://a@h/d?sslmode=",
            "postgres://a@h/d?options=-c",
            "postgres://a@h:0/d",
            "postgres://a@h:port/d",
            "postgres://a@h o s t/d",
            "postgres://a@[::1/d",
            "postgres://a:%FF@h/d",
            "postgres://a:/s3cret@h/d",
            "postgres://a:12/s3cret@h/d",
        ] {
            assert!(PostgresUrl::parse(text).is_err(), "{text}");
        }
    }
}

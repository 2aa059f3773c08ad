//! What the values of the file must look like.
//!
//! Each function reads one value or says in words what is wanted. A wrong
//! value is quoted only by the functions whose keys never hold a secret: those
//! for URLs do not, since base URLs and proxies carry secrets.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use tokio_cron_scheduler::Job;
use toml::de::DeValue;
use url::Url;

use super::reader::article;

/// Nothing useful is longer, and adding a year to a moment never overflows.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A string that is not empty.
pub(super) fn string(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) if text.trim().is_empty() => Err("must not be empty".to_owned()),
        DeValue::String(text) => Ok(text.as_ref().to_owned()),
        other => Err(format!(
            "must be a string in quotes, not {}",
            article(other.type_str())
        )),
    }
}

/// A path.
pub(super) fn path(value: &DeValue<'_>) -> Result<PathBuf, String> {
    string(value).map(PathBuf::from)
}

/// A whole number within a range.
pub(super) fn whole(
    range: RangeInclusive<u64>,
) -> impl FnOnce(&DeValue<'_>) -> Result<u64, String> {
    move |value| {
        let wanted = format!(
            "must be a whole number from {} to {}",
            range.start(),
            range.end()
        );
        let DeValue::Integer(digits) = value else {
            return Err(format!("{wanted}, not {}", article(value.type_str())));
        };
        i128::from_str_radix(digits.as_str(), digits.radix())
            .ok()
            .and_then(|number| u64::try_from(number).ok())
            .filter(|number| range.contains(number))
            .ok_or_else(|| format!("{wanted}, not {}", digits.as_str()))
    }
}

/// A duration such as "10m"; nothing is a duration too.
pub(super) fn duration(value: &DeValue<'_>) -> Result<Duration, String> {
    let wanted = "must be a duration in quotes, such as \"30s\", \"10m\" or \"7d\"";
    let DeValue::String(text) = value else {
        return Err(format!("{wanted}, not {}", article(value.type_str())));
    };
    let duration = humantime::parse_duration(text)
        .map_err(|error| format!("{wanted}, not {text:?} ({error})"))?;
    if duration > LONGEST {
        return Err(format!("must be at most 365d, not {text:?}"));
    }
    Ok(duration)
}

/// A duration of more than nothing.
pub(super) fn positive_duration(value: &DeValue<'_>) -> Result<Duration, String> {
    let duration = duration(value)?;
    if duration.is_zero() {
        Err("must be more than 0s".to_owned())
    } else {
        Ok(duration)
    }
}

/// A cron expression with seconds, in UTC, that comes due at some time.
///
/// The scheduler itself is asked, so that what passes here runs there.
pub(super) fn schedule(value: &DeValue<'_>) -> Result<String, String> {
    let text = string(value)?;
    let never = || format!("never comes due: {text:?}");
    let mut job = Job::new(text.as_str(), |_, _| {}).map_err(|_| {
        format!(
            "must be a cron expression with seconds (second minute hour day month weekday), such as \"*/5 * * * * *\", not {text:?}"
        )
    })?;
    let next = job.job_data().map_err(|_| never())?.next_tick;
    if next == 0 { Err(never()) } else { Ok(text) }
}

/// The address all paths of a system are relative to; it ends in a slash.
pub(super) fn base_url(value: &DeValue<'_>) -> Result<Url, String> {
    let mut url = web_url(value)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or a password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must end with the path: no ? and no #".to_owned());
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// The address of a proxy; it may hold a password.
pub(super) fn proxy(value: &DeValue<'_>) -> Result<Url, String> {
    let url = web_url(value)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("must be no more than http://HOST:PORT".to_owned());
    }
    Ok(url)
}

fn web_url(value: &DeValue<'_>) -> Result<Url, String> {
    let text = string(value)?;
    let url = Url::parse(text.trim())
        .map_err(|error| format!("must be a URL that begins with https:// or http:// ({error})"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must begin with https:// or http://".to_owned());
    }
    Ok(url)
}

/// An IP address.
pub(super) fn ip_address(value: &DeValue<'_>) -> Result<IpAddr, String> {
    let text = string(value)?;
    text.parse()
        .map_err(|_| format!("must be an IP address, not {text:?}"))
}

/// An address to listen on.
pub(super) fn socket_address(value: &DeValue<'_>) -> Result<SocketAddr, String> {
    let text = string(value)?;
    text.parse().map_err(|_| {
        format!("must be an IP address and a port, such as \"127.0.0.1:9464\", not {text:?}")
    })
}

/// A PEM file with at least one certificate.
pub(super) fn certificates(value: &DeValue<'_>) -> Result<PathBuf, String> {
    let path = path(value)?;
    let pem =
        std::fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let begin = b"-----BEGIN CERTIFICATE-----";
    if !pem.windows(begin.len()).any(|window| window == begin) {
        return Err(format!("{} holds no PEM certificate", path.display()));
    }
    Ok(path)
}

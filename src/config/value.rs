//! Readers of single values of the file.
//!
//! Each function reads one value, or describes the value that is wanted. A wrong
//! value is quoted only by the functions whose keys never hold a secret, and by
//! those only where it is no link: base URLs, proxies and feeds' links carry
//! secrets, and may have been put in the wrong place.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use tokio_cron_scheduler::Job;
use toml::de::DeValue;
use url::Url;

use super::Pointer;
use super::reader::{Section, article};

/// Longest duration: adding a year to a moment never overflows.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Quotes a value that is not the wanted one, unless it may be a secret link.
fn not(text: &str) -> String {
    if text.contains("://") {
        return ", not what looks like a link".to_owned();
    }
    format!(", not {text:?}")
}

/// A string that is not empty.
pub(super) fn string(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) if text.trim().is_empty() => Err("must not be empty".to_owned()),
        DeValue::String(text) => Ok(text.as_ref().to_owned()),
        other => Err(format!("must be a string in quotes, not {}", article(other.type_str()))),
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
        let wanted = format!("must be a whole number from {} to {}", range.start(), range.end());
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

/// A duration such as "10m", which may be zero.
pub(super) fn duration(value: &DeValue<'_>) -> Result<Duration, String> {
    let wanted = "must be a duration in quotes, such as \"30s\", \"10m\" or \"7d\"";
    let DeValue::String(text) = value else {
        return Err(format!("{wanted}, not {}", article(value.type_str())));
    };
    let duration = humantime::parse_duration(text)
        .map_err(|error| format!("{wanted}{} ({error})", not(text)))?;
    if duration > LONGEST {
        return Err(format!("must be at most 365d, not {text:?}"));
    }
    Ok(duration)
}

/// A duration of more than zero.
pub(super) fn positive_duration(value: &DeValue<'_>) -> Result<Duration, String> {
    let duration = duration(value)?;
    if duration.is_zero() { Err("must be more than 0s".to_owned()) } else { Ok(duration) }
}

/// A retention: a duration such as "365d" or "5years".
///
/// What comes again after it has been forgotten is taken for new, so nothing is
/// forgotten while UZhKH may still offer it once more.
pub(super) fn long_duration(value: &DeValue<'_>) -> Result<Duration, String> {
    const DAY: u64 = 24 * 60 * 60;
    let wanted = "must be a duration in quotes, from \"7d\" to \"36500d\"";
    let DeValue::String(text) = value else {
        return Err(format!("{wanted}, not {}", article(value.type_str())));
    };
    humantime::parse_duration(text)
        .ok()
        .filter(|duration| (7 * DAY..=36_500 * DAY).contains(&duration.as_secs()))
        .ok_or_else(|| format!("{wanted}{}; leave the key out to keep all", not(text)))
}

/// A cron expression with seconds, in UTC, that comes due at some time.
///
/// The scheduler itself is asked, so that what passes here runs there.
pub(super) fn schedule(value: &DeValue<'_>) -> Result<String, String> {
    let text = string(value)?;
    let never = || format!("never comes due: {text:?}");
    let mut job = Job::new(text.as_str(), |_, _| {}).map_err(|_| {
        format!(
            "must be a cron expression with seconds (second minute hour day month weekday), such as \"*/5 * * * * *\"{}",
            not(&text)
        )
    })?;
    let next = job.job_data().map_err(|_| never())?.next_tick;
    if next == 0 { Err(never()) } else { Ok(text) }
}

/// The address all paths of a system are relative to; it ends in a slash.
pub(super) fn base_url(value: &DeValue<'_>) -> Result<Url, String> {
    let mut url = web_url(&string(value)?)?;
    without_user(&url)?;
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
    let url = web_url(&string(value)?)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("must be no more than http://HOST:PORT".to_owned());
    }
    Ok(url)
}

/// An address on the web, whatever its path.
pub(super) fn web_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim())
        .map_err(|error| format!("must be a URL that begins with https:// or http:// ({error})"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must begin with https:// or http://".to_owned());
    }
    Ok(url)
}

/// Refuses an address with credentials in it: they would not be sent.
pub(super) fn without_user(url: &Url) -> Result<(), String> {
    if url.username().is_empty() && url.password().is_none() {
        Ok(())
    } else {
        Err("must not hold a user name or a password".to_owned())
    }
}

/// An IP address.
pub(super) fn ip_address(value: &DeValue<'_>) -> Result<IpAddr, String> {
    let text = string(value)?;
    text.parse().map_err(|_| format!("must be an IP address{}", not(&text)))
}

/// An address to listen on.
pub(super) fn socket_address(value: &DeValue<'_>) -> Result<SocketAddr, String> {
    let text = string(value)?;
    text.parse().map_err(|_| {
        format!("must be an IP address and a port, such as \"127.0.0.1:9464\"{}", not(&text))
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

/// true or false.
pub(super) fn boolean(value: &DeValue<'_>) -> Result<bool, String> {
    match value {
        DeValue::Boolean(is) => Ok(*is),
        other => Err(format!("must be true or false, not {}", article(other.type_str()))),
    }
}

/// A word out of a fixed set.
pub(super) fn word<T: Copy>(words: &[(&str, T)]) -> impl Fn(&DeValue<'_>) -> Result<T, String> {
    move |value| {
        let text = string(value)?;
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            format!("must be one of {}{}", words.join(", "), not(&text))
        })
    }
}

/// A list, each of whose elements is read by `read`.
pub(super) fn list<T>(
    read: impl Fn(&DeValue<'_>) -> Result<T, String>,
) -> impl Fn(&DeValue<'_>) -> Result<Vec<T>, String> {
    move |value| match value {
        DeValue::Array(elements) => elements
            .iter()
            .zip(1..)
            .map(|(element, n)| {
                read(element.get_ref()).map_err(|problem| format!("element {n} {problem}"))
            })
            .collect(),
        other => Err(format!("must be a list in [], not {}", article(other.type_str()))),
    }
}

/// A list of whole numbers that names at least one.
pub(super) fn ids(
    range: RangeInclusive<u64>,
) -> impl FnOnce(&DeValue<'_>) -> Result<Vec<u64>, String> {
    move |value| {
        let ids = list(|element| whole(range.clone())(element))(value)?;
        if ids.is_empty() {
            return Err("must not be empty: leave the key out to ask for all".to_owned());
        }
        Ok(ids)
    }
}

/// A day such as "2023-08-23".
pub(super) fn date(value: &DeValue<'_>) -> Result<Date, String> {
    let wanted = "must be a date in quotes, such as \"2023-08-23\"";
    let DeValue::String(text) = value else {
        return Err(format!("{wanted}, not {}", article(value.type_str())));
    };
    // The library reads much else; what is no YYYY-MM-DD is written differently.
    let date: Option<Date> = text.parse().ok();
    date.filter(|date| date.to_string() == text.as_ref())
        .ok_or_else(|| format!("{wanted}{}", not(text)))
}

/// A share such as 20 or "20%", in percent.
pub(super) fn percent(value: &DeValue<'_>) -> Result<u8, String> {
    let wanted = "must be a whole number of percent, such as 20 or \"20%\", from 0 to 100";
    let number = match value {
        DeValue::String(text) => text
            .strip_suffix('%')
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok()),
        DeValue::Integer(_) => {
            whole(0..=100)(value).ok().and_then(|number| u8::try_from(number).ok())
        }
        _ => None,
    };
    number.filter(|number| *number <= 100).ok_or_else(|| wanted.to_owned())
}

/// A JSON pointer (RFC 6901); the empty one points at the whole.
pub(super) fn json_pointer(value: &DeValue<'_>) -> Result<Pointer, String> {
    let wanted = "must be a JSON pointer, empty or such as \"/data/flats\"";
    match value {
        DeValue::String(text) => {
            Pointer::parse(text).map_err(|error| format!("{wanted}{}: {error}", not(text)))
        }
        other => Err(format!("{wanted}, not {}", article(other.type_str()))),
    }
}

/// The time zone of a section, Moscow's by default.
pub(super) fn timezone_or_moscow(section: &Section<'_>) -> TimeZone {
    section
        .optional("timezone", timezone)
        .or_else(|| named_timezone("Europe/Moscow"))
        .unwrap_or(TimeZone::UTC)
}

/// A time zone: an IANA name or a fixed offset such as "+05:00".
pub(super) fn timezone(value: &DeValue<'_>) -> Result<TimeZone, String> {
    let text = string(value)?;
    let zone = if text.starts_with(['+', '-']) {
        fixed_offset(&text).map(TimeZone::fixed)
    } else {
        named_timezone(&text)
    };
    zone.ok_or_else(|| {
        format!(
            "must be a time zone such as \"Europe/Moscow\" or an offset such as \"+05:00\"{}",
            not(&text)
        )
    })
}

/// The host's time zones may be an old or a reduced set; the program brings all.
fn named_timezone(name: &str) -> Option<TimeZone> {
    let host = host_timezone(name).or_else(|| TimeZone::get(name).ok());
    host.or_else(|| TimeZoneDatabase::bundled().get(name).ok()).filter(|zone| !zone.is_unknown())
}

/// A time zone by its own file on the host: the library looks into every file of the directory
/// first, which takes a short command as long as all else that it does.
fn host_timezone(name: &str) -> Option<TimeZone> {
    let is_path = name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    if !is_path || std::env::var_os("TZDIR").is_some() {
        return None;
    }
    let bytes = std::fs::read(Path::new("/usr/share/zoneinfo").join(name)).ok()?;
    TimeZone::tzif(name, &bytes).ok()
}

fn fixed_offset(text: &str) -> Option<Offset> {
    let (hours, minutes) = text[1..].split_once(':')?;
    let number = |digits: &str| match digits.as_bytes() {
        [b'0'..=b'9', b'0'..=b'9'] => digits.parse::<i32>().ok(),
        _ => None,
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let seconds = (hours * 60 + minutes) * 60;
    let sign = if text.starts_with('-') { -1 } else { 1 };
    // No place on earth is farther from Greenwich.
    (minutes < 60 && hours * 60 + minutes <= 14 * 60)
        .then(|| Offset::from_seconds(sign * seconds).ok())
        .flatten()
}

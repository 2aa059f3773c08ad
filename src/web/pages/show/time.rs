//! Times in the account's zone.

use askama::Template;
use askama::filters::HtmlSafe;
use jiff::Timestamp;
use jiff::civil::{self, Date, DateTime};
use jiff::tz::{self, TimeZone};

use crate::web::words::Lang;

/// A time, as `<time>` shows it.
#[derive(Debug, Clone, Template)]
#[template(source = r#"<time datetime="{{ exact }}">{{ shown }}</time>"#, ext = "html")]
pub(in crate::web) struct Moment {
    /// As the ledger has it.
    pub(in crate::web) exact: String,
    /// As people read it.
    pub(in crate::web) shown: String,
}

impl HtmlSafe for Moment {}

/// A time of the ledger; what is none is shown as it is.
pub(in crate::web) fn moment(lang: Lang, zone: &TimeZone, stamp: &str) -> Moment {
    let shown = match stamp.parse::<Timestamp>() {
        Ok(at) => {
            let pattern = lang.pick("%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S");
            at.to_zoned_datetime(zone.clone()).strftime(pattern).to_string()
        }
        Err(_) => stamp.to_owned(),
    };
    Moment { exact: stamp.to_owned(), shown }
}

/// What systems write where there is no date: .NET's empty one, and the day on which OLE's begin.
fn is_none(date: Date) -> bool {
    date.year() <= 1 || date == civil::date(1899, 12, 30)
}

/// The length of a date without a time.
const DAY: usize = "2026-12-01".len();

/// The time in a member of a record or of a call. `None`: the text is something else. The number of
/// an account or of a flat may look like a date, so the name of a member has to speak of one.
pub(in crate::web) fn in_member(
    lang: Lang,
    zone: &TimeZone,
    name: &str,
    text: &str,
) -> Option<Moment> {
    let name = name.to_lowercase();
    let may_be_day = ["date", "day", "birth"].iter().any(|part| name.contains(part));
    if text.len() <= DAY && !may_be_day {
        return None;
    }
    in_milliseconds(lang, zone, text).or_else(|| written(lang, zone, text))
}

/// `/Date(ms)/`, with an offset or without. `None`: the text is something else.
fn in_milliseconds(lang: Lang, zone: &TimeZone, text: &str) -> Option<Moment> {
    let inner = text.strip_prefix("/Date(")?;
    let digits = inner.strip_prefix('-').unwrap_or(inner);
    let end = digits.find(|one: char| !one.is_ascii_digit())?;
    let millis = inner[..inner.len() - digits.len() + end].parse().ok()?;
    let at = Timestamp::from_millisecond(millis).ok()?;
    // Midnight of a zone east of Greenwich is on the day before.
    let day = at.to_zoned_datetime(TimeZone::fixed(tz::offset(12))).date();
    let stamp = crate::clock::stamp(at);
    if is_none(day) {
        return Some(Moment { exact: stamp, shown: "—".to_owned() });
    }
    Some(moment(lang, zone, &stamp))
}

/// A date, or a date and a time, as a system or a form has it: of the account's zone where it has
/// no offset. `None`: the text is something else.
pub(in crate::web) fn written(lang: Lang, zone: &TimeZone, text: &str) -> Option<Moment> {
    let is_dated = matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', ..]);
    let civil = text.get(..text.len().min(19)).filter(|_| is_dated)?;
    let civil: DateTime = civil.parse().ok()?;
    let offset = text.get(19..).unwrap_or_default();
    if is_none(civil.date()) {
        return Some(Moment { exact: text.to_owned(), shown: "—".to_owned() });
    }
    if offset.ends_with('Z') {
        return Some(moment(lang, zone, text));
    }
    let here = match offset {
        "" => Some(civil),
        _ => text.parse::<Timestamp>().ok().map(|at| at.to_zoned_datetime(zone.clone()).datetime()),
    };
    let pattern = match (civil.hour(), civil.minute(), civil.second()) {
        (0, 0, 0) if offset.is_empty() => lang.pick("%d.%m.%Y", "%Y-%m-%d"),
        (_, _, 0) => lang.pick("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M"),
        _ => lang.pick("%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"),
    };
    let mut shown = civil.strftime(pattern).to_string();
    if here? != civil {
        // It is meant where it was written, as a handover in another town is.
        shown = format!("{shown} {offset}");
    }
    Some(Moment { exact: text.to_owned(), shown })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_as_a_date_is_shown_as_one() {
        let zone = TimeZone::fixed(jiff::tz::offset(3));
        let shown = |text: &str| written(Lang::Ru, &zone, text).map(|moment| moment.shown);
        for (text, wanted) in [
            ("2026-12-01", "01.12.2026"),
            ("2023-01-15T00:00:00", "15.01.2023"),
            ("2023-01-15T10:30:00", "15.01.2023 10:30"),
            ("2023-01-15T10:30:07", "15.01.2023 10:30:07"),
            ("2026-06-11T10:00:00+03:00", "11.06.2026 10:00"),
            ("2026-06-11T10:00:00+05:00", "11.06.2026 10:00 +05:00"),
            ("2026-06-11T10:00:00Z", "11.06.2026 13:00:00"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(wanted), "{text}");
        }
        for text in ["", "20230115", "1001", "2023-01", "2023-13-01", "2023-01-15 или 16", "кв. 12"]
        {
            assert_eq!(shown(text), None, "{text}");
        }
        for text in ["0001-01-01T00:00:00", "0001-01-01", "1899-12-30T00:00:00"] {
            assert_eq!(shown(text).as_deref(), Some("—"), "{text}");
        }
    }

    #[test]
    fn milliseconds_are_shown_in_the_zone_of_the_account() {
        let zone = TimeZone::fixed(jiff::tz::offset(3));
        let shown = |text: &str| in_milliseconds(Lang::Ru, &zone, text).map(|moment| moment.shown);
        for (text, wanted) in [
            ("/Date(1673730000000)/", "15.01.2023 00:00:00"),
            ("/Date(1673730000000+0500)/", "15.01.2023 00:00:00"),
            ("/Date(1673730000000-0500)/", "15.01.2023 00:00:00"),
            ("/Date(-1000)/", "01.01.1970 02:59:59"),
            ("/Date(-62135596800000)/", "—"),
            ("/Date(-62135607600000+0300)/", "—"),
            ("/Date(-2209161600000)/", "—"),
            ("/Date(-2209172400000+0300)/", "—"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(wanted), "{text}");
        }
        for text in ["/Date()/", "/Date(-)/", "/Date(x)/", "/Date(99999999999999999999)/", "2023"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}

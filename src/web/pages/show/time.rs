//! Times in the account's zone.

use askama::Template;
use askama::filters::HtmlSafe;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

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

/// A date, or a date and a time, as a system or a form has it: of the account's zone where it has
/// no offset. `None`: the text is something else.
pub(in crate::web) fn written(lang: Lang, zone: &TimeZone, text: &str) -> Option<Moment> {
    let is_dated = matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', ..]);
    let civil = text.get(..text.len().min(19)).filter(|_| is_dated)?;
    let civil: DateTime = civil.parse().ok()?;
    let offset = text.get(19..).unwrap_or_default();
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
    }
}

//! Times in the account's zone.

use askama::Template;
use askama::filters::HtmlSafe;
use jiff::Timestamp;
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

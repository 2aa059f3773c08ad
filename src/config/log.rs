//! `[log]`: what is logged, and in which form.

use toml::de::DeValue;
use tracing_subscriber::filter::Targets;

use super::reader::Section;
use super::value;

/// `[log]`: the only section that a running service reads again, on SIGHUP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Directives of [`filter`]: a level, or `TARGET=LEVEL`, with commas between them.
    pub level: String,
    /// The form of a line.
    pub format: LogFormat,
}

/// The form of a line in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// `Journald` where standard error is the journal, `Text` anywhere else.
    Auto,
    /// For people, on standard error.
    Text,
    /// One JSON object a line, on standard error.
    Json,
    /// Straight to the journal, with a field for each value.
    Journald,
}

impl Default for Log {
    fn default() -> Log {
        Log { level: "info".to_owned(), format: LogFormat::Auto }
    }
}

/// All keys of the section; each has a default.
pub(super) fn read(section: Section<'_>) -> Log {
    let default = Log::default();
    let formats = [
        ("auto", LogFormat::Auto),
        ("text", LogFormat::Text),
        ("json", LogFormat::Json),
        ("journald", LogFormat::Journald),
    ];
    let log = Log {
        level: section.or("level", default.level, level),
        format: section.or("format", default.format, value::word(&formats)),
    };
    section.finish();
    log
}

/// What such directives as `info,uzhkh_ledger::http=debug` let through. A misspelt level would be
/// taken for the name of a target, and nothing be logged: so each has to name its level.
///
/// # Errors
/// Where one is neither a level nor `TARGET=LEVEL`: what is wanted, in words.
pub(crate) fn filter(directives: &str) -> Result<Targets, String> {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let each: Vec<&str> = directives.split(',').map(str::trim).collect();
    let names_level = |directive: &&str| {
        let level = directive.rsplit('=').next().unwrap_or_default().trim();
        levels.iter().any(|known| level.eq_ignore_ascii_case(known))
    };
    let parsed = each.iter().all(names_level).then(|| each.join(",").parse().ok()).flatten();
    parsed.ok_or_else(|| {
        format!(
            "must be one of {}, or such directives as \"info,uzhkh_ledger::http=debug\"",
            levels.join(", ")
        )
    })
}

fn level(value: &DeValue<'_>) -> Result<String, String> {
    let text = value::string(value)?;
    filter(&text)?;
    Ok(text)
}

//! Logging: destination, format and level.
//!
//! The level can be changed while the service runs: SIGHUP has it read `[log]` again. An
//! environment variable goes before the config, also then. What may be logged at all is
//! decided here once for every form.

mod journal;

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt, reload};

use crate::config::{self, Config, Log, LogFormat, Secrets};
use crate::metrics::{self, Metric};
use journal::Journal;

/// Targets of our own log lines.
const OURS: [&str; 2] = ["uzhkh_ledger", "simulator"];
/// What goes before the level of the config; the first that is set.
const VARIABLES: [&str; 2] = ["UZHKH_LEDGER_LOG", "RUST_LOG"];

/// What stands under the lines: everything that they are filtered by.
type Filtered = tracing_subscriber::layer::Layered<reload::Layer<Targets, Registry>, Registry>;
type Lines = Box<dyn Layer<Filtered> + Send + Sync>;

/// The log of a service, which can be told another level.
pub(super) struct Logging {
    filter: reload::Handle<Targets, Registry>,
    format: LogFormat,
}

/// Starts logging as `[log]` says; fails where the journal is configured and there is none.
pub(super) fn start(log: &Log) -> anyhow::Result<Logging> {
    let lines: Lines = match log.format {
        LogFormat::Journald => Journal::open()
            .context(
                "log.format is \"journald\", and the journal cannot be reached; \"auto\" finds out by itself",
            )?
            .boxed(),
        LogFormat::Auto => match is_journal().then(Journal::open) {
            Some(Ok(journal)) => journal.boxed(),
            _ => text(),
        },
        LogFormat::Text => text(),
        LogFormat::Json => json(),
    };
    Ok(Logging { filter: init(lines, &log.level), format: log.format })
}

/// Logs to standard error, for people.
pub(in crate::cli) fn start_logging(default: &str) {
    init(text(), default);
}

/// Logs to a file.
pub(in crate::cli) fn start_logging_to(default: &str, file: Mutex<File>) {
    let lines = fmt::layer().with_ansi(false).with_target(false);
    init(lines.with_writer(file).boxed(), default);
}

fn text() -> Lines {
    fmt::layer()
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        // Standard error may be closed; there is no other place to report to.
        .log_internal_errors(false)
        .with_writer(io::stderr)
        .boxed()
}

fn json() -> Lines {
    fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .log_internal_errors(false)
        .with_writer(io::stderr)
        .boxed()
}

fn init(lines: Lines, default: &str) -> reload::Handle<Targets, Registry> {
    let (filter, handle) = reload::Layer::new(wanted(default));
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(filter_fn(may_be_told))
        .with(Counting)
        .init();
    handle
}

/// The libraries tell nothing, whatever is wanted: what they log quotes hosts, which may be
/// secret, and repeats at each attempt what our own lines say in words.
fn may_be_told(metadata: &Metadata<'_>) -> bool {
    OURS.iter().any(|ours| metadata.target().starts_with(ours))
}

/// Counts the lines that people should look at.
struct Counting;

impl<S: Subscriber> Layer<S> for Counting {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warn",
            _ => return,
        };
        metrics::count(Metric::LogLines, &[level], 1);
    }
}

/// True if standard error is the journal: systemd says which file that is.
fn is_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    let file = io::stderr().as_fd().try_clone_to_owned().map(File::from);
    let metadata = file.and_then(|file| file.metadata());
    metadata.is_ok_and(|file| stream == format!("{}:{}", file.dev(), file.ino()))
}

/// The level that the environment asks for, with the name of the variable. One that is blank asks
/// for none, as one that is not set.
fn asked_for() -> Option<(&'static str, String)> {
    let mut set = VARIABLES.into_iter().filter_map(|name| Some((name, std::env::var(name).ok()?)));
    set.find(|(_, level)| !level.trim().is_empty())
}

/// The filter for a level of the config. Statements are many, and logged only where the
/// environment asks for them.
fn of_level(level: &str) -> Targets {
    let wanted = config::log_filter(level).expect("the config and the commands name levels");
    wanted.with_target("uzhkh_ledger::statements", LevelFilter::OFF)
}

fn wanted(default: &str) -> Targets {
    let Some((variable, wanted)) = asked_for() else {
        return of_level(default);
    };
    config::log_filter(&wanted).unwrap_or_else(|error| {
        // Standard error may be closed; there is no other place to report to.
        drop(writeln!(io::stderr(), "uzhkh-ledger: {variable} {error}; the config's level counts"));
        of_level(default)
    })
}

impl Logging {
    /// Reads `[log]` again at each SIGHUP. In a terminal, whose end is what the signal
    /// tells of there, it ends the program as ever.
    pub(super) fn reload_on_hangup(self, config: PathBuf) -> anyhow::Result<()> {
        if io::stderr().is_terminal() {
            return Ok(());
        }
        let mut hangup = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                self.reload(&config);
            }
        });
        Ok(())
    }

    fn reload(&self, config: &Path) {
        let log = match Config::load_with(config, Secrets::None) {
            Ok(config) => config.log,
            Err(error) => {
                let error = error.to_string().replace('\n', "; ");
                tracing::error!(%error, "the config is wrong: the log stays as it is");
                return;
            }
        };
        if log.format != self.format {
            tracing::warn!("log.format is another now, which the next start takes up");
        }
        // One that names no level was told at the start, and is passed over.
        let asked_for = asked_for().filter(|(_, level)| config::log_filter(level).is_ok());
        if let Some((variable, _)) = asked_for {
            tracing::warn!(variable, "log.level has no say: the environment has one");
            return;
        }
        // Told by whichever of the two levels lets it be told.
        let told_before = tracing::enabled!(Level::INFO);
        let tell = || {
            tracing::info!(
                filter = log.level,
                "read [log] of the config again; all else of it waits for the next start"
            );
        };
        if told_before {
            tell();
        }
        if let Err(error) = self.filter.reload(of_level(&log.level)) {
            tracing::error!(%error, "the level of the log stays as it is");
        }
        if !told_before {
            tell();
        }
    }
}

//! `status`: what each part last did, what waits, what is stuck.

use std::io::Write;

use jiff::Timestamp;

use super::{clock, output};
use crate::config::Config;
use crate::ledger::{AlmaCount, Reader, RelayStanding, RelayState};
use crate::ops::status::{Overview, Status, WebStatus};

/// The options of `status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    let reader = Reader::open(&config.ledger.path)?;
    let status = Status::read(config, &reader, clock().now())?;
    if args.json {
        return output::print_json(&status);
    }
    output::print(|out| {
        let daemon = match &status.daemon {
            Some(how) => format!("running, {how}"),
            None => "not running".to_owned(),
        };
        writeln!(out, "ledger  {}\ndaemon  {daemon}", status.ledger)?;
        if let Some(web) = &status.web {
            writeln!(out, "web     {}", told(web))?;
        }
        writeln!(out)
    })?;
    print_parts(&status)?;
    output::print(|out| {
        writeln!(out)?;
        for line in lines(&status) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    })
}

/// Where programs are answered, and which.
fn told(web: &WebStatus) -> String {
    let scheme = if web.tls { "https" } else { "http" };
    let tokens = match web.tokens.as_slice() {
        [] => "no tokens".to_owned(),
        names => format!("tokens: {}", names.join(", ")),
    };
    format!("{scheme}://{}, {tokens}", web.listen)
}

fn print_parts(status: &Status) -> anyhow::Result<()> {
    let parts = &status.overview.parts;
    let now = clock().now();
    let mut rows: Vec<Vec<String>> = parts
        .iter()
        .map(|part| {
            let last_ok_at = part.last_ok_at.as_ref();
            vec![
                format!("{} {}", part.source, part.feed),
                part.outcome.clone(),
                ago(now, &part.finished_at),
                part.fetched.to_string(),
                part.changed.to_string(),
                last_ok_at.map_or_else(|| "never".to_owned(), |at| ago(now, at)),
            ]
        })
        .collect();
    for (source, feed) in &status.not_polled {
        rows.push(vec![format!("{source} {feed}"), "not yet".to_owned()]);
    }
    if rows.is_empty() {
        return output::print(|out| writeln!(out, "nothing has been polled yet"));
    }
    let header = ["poll", "outcome", "ago", "fetched", "changed", "ok ago"];
    output::print_table(&header, &rows)?;
    let failed = parts.iter().filter_map(|part| Some((part, part.error.as_ref()?)));
    output::print(|out| {
        for (at, (part, error)) in failed.enumerate() {
            let gap = if at == 0 { "\n" } else { "" };
            let error = output::unnamed(error, &part.source);
            let error = output::plain(output::unnamed(error, &part.feed));
            writeln!(out, "{gap}{} {} {}: {error}", part.source, part.feed, part.outcome)?;
        }
        Ok(())
    })
}

/// How long ago something was, in one word.
fn ago(now: Timestamp, at: &str) -> String {
    let Ok(at) = at.parse::<Timestamp>() else {
        return at.to_owned();
    };
    let seconds = now.duration_since(at).as_secs();
    match seconds {
        ..0 => "ahead".to_owned(),
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// What waits, what a person must see to, and what there is; each with the command that
/// leads on.
fn lines(status: &Status) -> Vec<String> {
    let overview = &status.overview;
    let mut lines = waiting(overview);
    lines.extend(status.relay.as_ref().map(relay_line));
    lines.push(String::new());
    let mut stuck = stuck(overview);
    stuck.extend(status.relay.as_ref().map(relay_stuck).into_iter().flatten());
    let daemon = status.daemon.as_deref().unwrap_or_default();
    if daemon.contains("waits: the disk is full") {
        lines.push("the disk is full: make room (`df -h`), and the service goes on".to_owned());
    } else if stuck.is_empty() {
        lines.push("nothing waits for you".to_owned());
    }
    lines.extend(stuck);
    lines.extend(counted(&[
        (overview.missing, "records missing from a full list; see `uzhkh-ledger findings`"),
        (overview.findings, "findings about the data; see `uzhkh-ledger findings`"),
    ]));
    lines.push(String::new());
    for (kind, count) in &overview.records {
        lines.push(format!("{count:>8}  {kind}"));
    }
    if !overview.alma.is_empty() {
        lines.push(String::new());
    }
    for AlmaCount { kind, state, count, .. } in &overview.alma {
        lines.push(format!("{count:>8}  alma {kind} {state}"));
    }
    for (state, count) in &overview.alma_files {
        lines.push(format!("{count:>8}  alma file {state}"));
    }
    let is_quiet = |state: &str| matches!(state, "synced" | "ended" | "excluded");
    if overview.alma.iter().any(|known| !is_quiet(&known.state)) {
        lines.push(
            "          what is not synced: `uzhkh-ledger alma plan`, or the view alma_pending"
                .to_owned(),
        );
    }
    lines
}

/// How the relay stands, in a line.
pub(super) fn relay_line(relay: &RelayStanding) -> String {
    let now = clock().now();
    let since = match &relay.last_success_at {
        Some(at) => format!("{} ago", ago(now, at)),
        None => "never".to_owned(),
    };
    let epoch = relay.epoch.map(|epoch| format!(", epoch {epoch}")).unwrap_or_default();
    let error = relay.error.as_ref().map(|error| format!(": {}", output::plain(error)));
    format!(
        "   relay  {} as {}{epoch}, {} changes behind, last success {since}{}",
        relay.state.word(),
        relay.ledger,
        relay.behind,
        error.unwrap_or_default()
    )
}

/// What of the relay stands until a person looks.
fn relay_stuck(relay: &RelayStanding) -> Vec<String> {
    let is_held = matches!(relay.state, RelayState::Paused | RelayState::Refused);
    let mut lines = counted(&[(
        relay.stuck,
        "rows that PostgreSQL does not take; see `uzhkh-ledger relay status`",
    )]);
    if is_held {
        lines.push(format!("the relay to PostgreSQL is {}; see above", relay.state.word()));
    }
    lines
}

/// What goes on by itself.
fn waiting(overview: &Overview) -> Vec<String> {
    let since = |at: &Option<String>| {
        at.as_ref().map(|at| format!(", the oldest since {at}")).unwrap_or_default()
    };
    let because = |error: &Option<String>| {
        error.as_ref().map(|error| format!(": {error}")).unwrap_or_default()
    };
    let mut lines = vec![
        format!(
            "{:>8}  acknowledgements waiting{}{}",
            overview.pending_acknowledgements,
            since(&overview.oldest_pending_acknowledgement),
            because(&overview.acknowledgement_error)
        ),
        format!(
            "{:>8}  calls waiting{}{}",
            overview.pending_calls,
            since(&overview.oldest_pending_call),
            because(&overview.call_error)
        ),
        format!("{:>8}  ids reserved, not announced yet", overview.reserved_ids),
    ];
    if overview.waiting_ids > 0 {
        lines.push(format!(
            "{:>8}  ids wait for their names; see `uzhkh-ledger identity list --state waiting`",
            overview.waiting_ids
        ));
    }
    for (list, state) in overview.resync.iter().filter(|(_, state)| state != "done") {
        lines.push(format!("  resync  {list} {state}"));
    }
    lines
}

/// What stands until a person looks.
fn stuck(overview: &Overview) -> Vec<String> {
    let of_alma = |state: &str| {
        let counts = overview.alma.iter().filter(|known| known.state == state);
        counts.map(|known| known.count).sum()
    };
    counted(&[
        (
            overview.refused_acknowledgements,
            "acknowledgements that UZhKH refuses, tried again now and then; ask UZhKH's support",
        ),
        (
            overview.undocumented_calls,
            "calls that UZhKH answers otherwise than documented, tried again now and then; see \
             `uzhkh-ledger calls list --state pending`, ask UZhKH's support",
        ),
        (overview.quarantined, "quarantined; see `uzhkh-ledger quarantine list`"),
        (
            overview.unknown_calls,
            "calls with an unknown outcome; see `uzhkh-ledger calls list --state unknown`",
        ),
        (overview.failed_calls, "calls failed; see `uzhkh-ledger calls list --state failed`"),
        (overview.rejected_ids, "ids that UZhKH refused; see `uzhkh-ledger identity list`"),
        (
            of_alma("held"),
            "objects of Alma held; see `uzhkh-ledger alma plan`, then `uzhkh-ledger alma release KIND ID`",
        ),
        (
            of_alma("rejected"),
            "objects that Alma rejected; see `uzhkh-ledger alma plan`, then `uzhkh-ledger alma retry --state rejected`",
        ),
        (
            of_alma("blocked"),
            "objects of Alma blocked; `uzhkh-ledger alma plan` says what is missing and where to give it",
        ),
    ])
}

/// A line for each that there is any of.
fn counted(all: &[(u64, &str)]) -> Vec<String> {
    let some = all.iter().filter(|(count, _)| *count > 0);
    some.map(|(count, text)| format!("{count:>8}  {text}")).collect()
}

//! Printing: tables for people, JSON for programs. A reader that went away has
//! seen enough.

use std::io::{self, Write};

use serde::Serialize;

use super::Elsewhere;

/// Writes to standard output; a closed pipe is no failure.
pub(super) fn print(
    write: impl FnOnce(&mut io::StdoutLock<'static>) -> io::Result<()>,
) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(unwritten(error)),
        _ => Ok(()),
    }
}

/// An error of standard output, in words that do not sound like one of the ledger; a closed
/// pipe stays what it is.
pub(super) fn unwritten(error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => error.into(),
        _ => Elsewhere(format!("standard output cannot be written: {error}")).into(),
    }
}

/// Prints a value as JSON.
pub(super) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    print(|out| writeln!(out, "{text}"))
}

/// The most characters of a cell that are shown; JSON has all of it.
const CELL: usize = 100;

/// Prints rows under a header, each column as wide as its widest cell. What came from
/// outside cannot command the terminal.
pub(super) fn print_table(header: &[&str], rows: &[Vec<String>]) -> anyhow::Result<()> {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| shown(cell)).collect()).collect();
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.chars().count()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    print(|out| {
        let header: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
        for row in std::iter::once(&header).chain(&rows) {
            let cells: Vec<String> =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            writeln!(out, "{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    })
}

/// A text on one line, without control characters.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { '\u{FFFD}' } else { one }).collect()
}

/// A text on one line, without control characters, cut to the length of a cell.
fn shown(text: &str) -> String {
    let mut shown: String = plain(text).chars().take(CELL).collect();
    if text.chars().nth(CELL).is_some() {
        shown.push('…');
    }
    shown
}

/// An error of a system without the name that it begins with, where that is said already.
pub(super) fn unnamed<'a>(error: &'a str, system: &str) -> &'a str {
    let rest = error.strip_prefix(system);
    rest.and_then(|rest| rest.strip_prefix(": ")).unwrap_or(error)
}

/// Prints an error and its causes, the way every command does.
pub(super) fn say_error(error: &anyhow::Error) {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    warn(&text);
}

/// Says on standard error what a person should know.
pub(super) fn warn(text: &str) {
    // It may be closed; there is no other place to report to.
    drop(writeln!(io::stderr(), "uzhkh-ledger: {text}"));
}

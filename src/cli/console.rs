//! `web`: what the console needs of the command line.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use anyhow::{Context, bail};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use super::{Elsewhere, output};
use crate::password;

/// The commands of `web`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Hash a password for [[web.user]]
    ///
    /// Asks for the password twice at a terminal, without showing it; else reads one line from
    /// standard input. Prints the hash alone.
    #[command(after_help = "Example: uzhkh-ledger web password")]
    Password,
}

pub(super) fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Password => {
            let password = if io::stdin().is_terminal() { asked()? } else { piped()? };
            let hash = password::hash(&password);
            let hash = hash.map_err(|problem| Elsewhere(problem.to_owned()))?;
            output::print(|out| writeln!(out, "{hash}"))
        }
    }
}

/// The first line of standard input, without its end.
fn piped() -> anyhow::Result<String> {
    // A line that is too long is refused for its length, so no more of it is needed.
    let most = u64::try_from(password::LONGEST)? + 3;
    let mut line = Vec::new();
    let mut input = io::stdin().lock().take(most);
    input.read_until(b'\n', &mut line).context("standard input cannot be read")?;
    let line = String::from_utf8(line).context("the password is not UTF-8")?;
    Ok(without_end(&line).to_owned())
}

/// The password as it is typed, twice.
fn asked() -> anyhow::Result<String> {
    let hidden = Hidden::begin()?;
    let first = line("Password: ")?;
    let second = line("Again: ")?;
    drop(hidden);
    if first != second {
        bail!(Elsewhere("the two passwords differ; nothing was hashed".to_owned()));
    }
    Ok(first)
}

/// Asks on standard error: standard output is for the hash.
fn line(question: &str) -> anyhow::Result<String> {
    let mut screen = io::stderr();
    write!(screen, "{question}").and_then(|()| screen.flush()).context("cannot ask")?;
    let mut typed = Vec::new();
    let mut input = io::stdin().lock();
    while !typed.ends_with(b"\n") && !typed.ends_with(&[INTERRUPT]) {
        let piece = input.fill_buf().context("the password cannot be read")?;
        let length = piece.len();
        typed.extend_from_slice(piece);
        input.consume(length);
        if length == 0 {
            break;
        }
    }
    // What was typed did not show, its end neither.
    writeln!(screen).context("cannot ask")?;
    if typed.contains(&INTERRUPT) {
        bail!(Elsewhere("nothing was hashed".to_owned()));
    }
    let line = String::from_utf8(typed).context("the password is not UTF-8")?;
    Ok(without_end(&line).to_owned())
}

/// What Ctrl-C types: it must not end the program while the terminal shows nothing.
const INTERRUPT: u8 = 3;

fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// A terminal that does not show what is typed, until this is dropped.
struct Hidden {
    before: Termios,
}

impl Hidden {
    fn begin() -> anyhow::Result<Self> {
        let before = tcgetattr(io::stdin()).context("the terminal cannot be asked")?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        silent.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
        let set = tcsetattr(io::stdin(), OptionalActions::Now, &silent);
        set.context("the terminal cannot be told not to show the password")?;
        Ok(Self { before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // The terminal may be gone, and nothing is left to be shown then.
        tcsetattr(io::stdin(), OptionalActions::Now, &self.before).unwrap_or_default();
    }
}

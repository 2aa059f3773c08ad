//! Asking before what cannot be undone.
//!
//! Only a person can answer: where standard input or output is no terminal, nobody is
//! asked, and a script does what it says.

use std::io::{self, IsTerminal, Write};

use anyhow::Context;

use super::{Elsewhere, output};

/// `--yes`
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Asking {
    /// Do not ask first; without a terminal nobody is asked anyway
    #[arg(long, short)]
    yes: bool,
}

impl Asking {
    /// Whether a person is to be asked.
    pub(super) fn is_wanted(self) -> bool {
        !self.yes && io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Tells what is about to be done, and goes on only with a yes.
    ///
    /// # Errors
    /// Another answer, or none.
    pub(super) fn confirm(self, about: &str) -> anyhow::Result<()> {
        if !self.is_wanted() {
            return Ok(());
        }
        output::print(|out| write!(out, "{}\nGo on? [y/N] ", output::plain(about)))?;
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer);
        read.context("the answer cannot be read")?;
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" | "д" | "да" => Ok(()),
            _ => Err(Elsewhere("nothing was done".to_owned()).into()),
        }
    }
}

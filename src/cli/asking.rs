//! Confirmation before an act that cannot be undone.
//!
//! Only a person can answer: where standard input or output is no terminal, the command
//! goes ahead without asking.

use std::io::{self, IsTerminal, Write};

use anyhow::Context;

use super::{Elsewhere, output};

/// `--yes`
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Asking {
    /// Do not ask for confirmation; without a terminal the command never asks
    #[arg(long, short)]
    yes: bool,
}

impl Asking {
    /// Whether to ask.
    pub(super) fn is_wanted(self) -> bool {
        !self.yes && io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Whether `--yes` was given.
    pub(super) fn is_sure(self) -> bool {
        self.yes
    }

    /// Prints what is about to be done; an answer other than yes is an error.
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

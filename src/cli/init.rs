//! `init`: writes the commented example to begin with.
//!
//! It never touches a file that is there: a configuration with a token in it
//! is not something to lose to a repeated command.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail};

/// The example, every key with its default and a sentence.
pub const EXAMPLE: &str = include_str!("../../deploy/config.example.toml");

/// The token stands beside the file or in it, so it is not for everybody.
const MODE: u32 = 0o640;

/// Options of `init`; where the file goes is the common `--config`.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {}

/// Writes the example to `config` and says what to do next.
pub fn run(config: &Path) -> anyhow::Result<()> {
    let shown = config.display();
    let opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(config);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!(
                "{shown} exists already and was left as it is; move it away or name another with --config"
            );
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("{shown} cannot be written: its directory does not exist; create it first");
        }
        Err(error) => return Err(error).with_context(|| format!("{shown} cannot be written")),
    };
    file.write_all(EXAMPLE.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{shown} was not written completely; remove it and try again"))?;
    match say_next(config, &mut io::stdout().lock()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn say_next(config: &Path, out: &mut impl Write) -> io::Result<()> {
    let config = config.display();
    writeln!(out, "Wrote {config}. Next:")?;
    writeln!(
        out,
        "  1. set uzhkh.base_url to the internal link that UZhKH's support gave you;"
    )?;
    writeln!(
        out,
        "  2. put the token into the file that uzhkh.token_file names, readable by the service alone;"
    )?;
    writeln!(
        out,
        "  3. make {config} readable by the service's group (chgrp uzhkh-ledger {config});"
    )?;
    writeln!(out, "  4. uzhkh-ledger check --config {config}")
}

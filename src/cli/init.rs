//! `init`: writes the commented example to begin with.
//!
//! It never touches a file that is there: a configuration with a token in it
//! is not something to lose to a repeated command.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

use anyhow::{Context, bail};

use crate::config::credentials_of;

/// The example, every key with its default and a sentence.
pub(super) const EXAMPLE: &str = include_str!("../../deploy/config.example.toml");

/// Mode of the file: a token may stand in it.
const MODE: u32 = 0o640;

/// Options of `init`; where the file goes is the common `--config`.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Args {}

/// Writes the example to `config` and says what to do next.
pub(super) fn run(config: &Path) -> anyhow::Result<()> {
    let shown = config.display();
    let opened = OpenOptions::new().write(true).create_new(true).mode(MODE).open(config);
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
    give_to_group(&file, config);
    file.write_all(EXAMPLE.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{shown} was not written completely; remove it and try again"))?;
    match say_next(config, &mut io::stdout().lock()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The group of the directory may read it: the package makes it that of the service.
fn give_to_group(file: &File, config: &Path) {
    let parent = config.parent().filter(|one| !one.as_os_str().is_empty());
    if let Ok(directory) = parent.unwrap_or(Path::new(".")).metadata() {
        // Where it is not ours to give, the next steps say what to do.
        drop(fchown(file, None, Some(directory.gid())));
    }
}

fn say_next(config: &Path, out: &mut impl Write) -> io::Result<()> {
    let credentials = credentials_of(config);
    let (config, credentials) = (config.display(), credentials.display());
    writeln!(out, "Wrote {config}. Next:")?;
    writeln!(
        out,
        "  1. set ledger.path, and uzhkh.base_url to the internal link that UZhKH's support gave you;"
    )?;
    writeln!(
        out,
        "  2. for Domoplaner, MACRO, Bitrix24 and Alma take the # off their sections; a system without a section is off;"
    )?;
    writeln!(
        out,
        "  3. put the token, links and secrets into files of {credentials} (0700, root's), named uzhkh-token and so on; \
         or where the config names them, readable by the service alone;"
    )?;
    writeln!(
        out,
        "  4. where the service runs as another user, make {config} readable by its group (chgrp);"
    )?;
    writeln!(out, "  5. uzhkh-ledger check --config {config}")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_example_is_written_once_and_not_for_everybody() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        run(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), EXAMPLE);
        // The umask may take more away, never less.
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o137, 0);
        fs::write(&path, "mine").unwrap();
        let error = run(&path).unwrap_err().to_string();
        assert!(error.contains("exists already"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn a_directory_that_is_missing_is_not_made() {
        let dir = tempfile::tempdir().unwrap();
        let error = run(&dir.path().join("none/config.toml")).unwrap_err().to_string();
        assert!(error.contains("its directory does not exist"), "{error}");
        assert!(!dir.path().join("none").exists());
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = say_next(Path::new("c"), &mut Closed).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    }
}

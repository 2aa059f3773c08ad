//! `completions` and `man`: what a shell and `man` are told about the command line, made
//! from the command line itself.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{Cli, output};

/// The options of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// Shell to generate for
    shell: Shell,
}

/// The options of `man`.
#[derive(Debug, clap::Args)]
pub(super) struct Pages {
    /// Folder to write the pages to
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

/// Prints the completions for a shell.
pub(super) fn completions(args: &Completions) -> anyhow::Result<()> {
    let text = match args.shell {
        Shell::Bash => bash(),
        shell => script(shell, "uzhkh-ledger"),
    };
    output::print(|out| out.write_all(text.as_bytes()))
}

/// For bash the generator takes the hyphen of the program's name for the end of a command's,
/// and completes nothing after the first word. So the function is made for a name without a
/// hyphen and bound to the real one.
fn bash() -> String {
    script(Shell::Bash, "uzhkh_ledger")
        .replace("-o default uzhkh_ledger", "-o default uzhkh-ledger")
}

fn script(shell: Shell, name: &str) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), name, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Writes a page for the program and one for each command.
pub(super) fn man(args: &Pages) -> anyhow::Result<()> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    write_pages(&command, &args.dir)
}

fn write_pages(command: &clap::Command, dir: &Path) -> anyhow::Result<()> {
    let shown = command.get_subcommands().filter(|one| !one.is_hide_set());
    for subcommand in shown {
        write_pages(subcommand, dir)?;
    }
    let man = Man::new(command.clone())
        .manual("uzhkh-ledger")
        .source(concat!("uzhkh-ledger ", env!("CARGO_PKG_VERSION")));
    let mut page = Vec::new();
    man.render(&mut page)?;
    common_sections().to_writer(&mut page)?;
    let path = dir.join(man.get_filename());
    std::fs::write(&path, page).with_context(|| format!("{} cannot be written", path.display()))
}

/// The sections that every page has.
fn common_sections() -> Roff {
    let mut roff = Roff::new();
    let mut section = |title: &str, rows: &[(&str, &str)]| {
        roff.control("SH", [title]);
        for (name, meaning) in rows {
            roff.control("TP", []);
            roff.text([bold(*name)]);
            roff.text([roman(*meaning)]);
        }
    };
    section(
        "EXIT STATUS",
        &[
            ("0", "Done."),
            ("1", "Something failed; the message says what."),
            ("2", "Wrong usage."),
            ("78", "The configuration is wrong or missing."),
        ],
    );
    section(
        "FILES",
        &[
            ("/etc/uzhkh-ledger/config.toml", "The configuration."),
            (
                "/etc/uzhkh-ledger/credentials/",
                "Secrets, one file each, such as uzhkh-token; for root alone.",
            ),
            ("/var/lib/uzhkh-ledger/ledger.db", "The ledger; read it with sqlite3 -readonly."),
            (
                "/usr/share/doc/uzhkh-ledger/README.md",
                "An overview, and the pages in docs/ beside it: install, operate, troubleshooting …",
            ),
        ],
    );
    roff
}

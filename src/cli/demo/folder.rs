//! The folder of a demo: its config, its ledger and its log.
//!
//! A folder whose config or ledger was not made by a demo is refused: invented data has no
//! business in a real ledger.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};

use super::Assign;
use crate::cli::clock;
use crate::cli::simulated::quoted;
use crate::ledger::{self, Ledger, WhenFull};

/// First words of a demo's config.
const MARK: &str = "# Written by `uzhkh-ledger demo`";

/// A demo that was killed takes a moment to end.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// The most letters of the name in PostgreSQL: those of other alphabets have two bytes.
const LONGEST_NAME: usize = 31;

/// The folder of a demo.
pub(super) struct Folder {
    /// Path as given, for commands typed in the same directory.
    shown: PathBuf,
    absolute: PathBuf,
    /// True if a demo ran here before.
    pub(super) is_used: bool,
    /// Name of the ledger in PostgreSQL, where it is relayed.
    pub(super) relay: Option<String>,
}

impl Folder {
    /// The folder, made where it is not there yet.
    pub(super) fn prepare(wanted: Option<&Path>) -> anyhow::Result<Self> {
        let shown = match wanted {
            Some(dir) => dir.to_owned(),
            None => format!("demo-{}", clock().now().strftime("%Y%m%d-%H%M%S")).into(),
        };
        fs::create_dir_all(&shown).with_context(|| format!("cannot make {}", shown.display()))?;
        // The config names the ledger, and is used from elsewhere too.
        let absolute = std::path::absolute(&shown)
            .with_context(|| format!("cannot find {}", shown.display()))?;
        let mut folder = Self { shown, absolute, is_used: false, relay: None };
        folder.look()?;
        Ok(folder)
    }

    fn look(&mut self) -> anyhow::Result<()> {
        let (config, ledger) = (self.config(), self.ledger());
        let shown = self.shown.display();
        let is_ours = fs::read(&config).is_ok_and(|text| text.starts_with(MARK.as_bytes()));
        for foreign in [&config, &ledger] {
            if foreign.exists() && !is_ours {
                bail!("{} is no demo's; give the demo a folder of its own", foreign.display());
            }
        }
        if let Some(owner) = lasting_owner(&ledger) {
            bail!("another demo runs in {shown} ({owner}); stop it, or use another folder");
        }
        self.is_used = ledger.exists();
        Ok(())
    }

    /// With the ledger relayed to the PostgreSQL at this address, which holds a password: it
    /// is kept in a file of its own, that only this user may read.
    pub(super) fn relayed_to(mut self, url: Option<&str>) -> anyhow::Result<Self> {
        let Some(url) = url else { return Ok(self) };
        let file = self.relay_url();
        // What an earlier demo left may be open to others.
        drop(fs::remove_file(&file));
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file)
            .and_then(|mut kept| writeln!(kept, "{url}"))
            .with_context(|| format!("cannot write {}", file.display()))?;
        let name = self.absolute.file_name().unwrap_or_default().to_string_lossy();
        let name: String =
            name.chars().filter(|one| !one.is_control()).take(LONGEST_NAME).collect();
        self.relay = Some(if name.is_empty() { "demo".to_owned() } else { name });
        Ok(self)
    }

    fn relay_url(&self) -> PathBuf {
        self.absolute.join("relay-url")
    }

    /// The ledger's path, from anywhere.
    pub(super) fn ledger(&self) -> PathBuf {
        self.absolute.join("ledger.db")
    }

    /// The config's path, from anywhere.
    pub(super) fn config(&self) -> PathBuf {
        self.absolute.join("config.toml")
    }

    /// The log's path, from anywhere.
    pub(super) fn log(&self) -> PathBuf {
        self.absolute.join("demo.log")
    }

    /// Where the simulator of the last demo stood, if that is free: Alma at another address would
    /// be taken for another one.
    pub(super) fn last_address(&self) -> Option<SocketAddr> {
        let text = fs::read_to_string(self.config()).ok()?;
        let url = text.lines().find_map(|line| line.strip_prefix("base_url = "))?;
        let place = url.trim_matches('"').strip_prefix("http://")?.split('/').next()?;
        place.parse().ok().filter(|address| TcpListener::bind(address).is_ok())
    }

    /// Writes the config: the ledger here, and these sections.
    pub(super) fn write_config(&self, sections: &str, assign: Assign) -> anyhow::Result<()> {
        let config = self.config();
        let mut text = format!(
            "{MARK}; the systems that it points at end with the demo.\n\
             [ledger]\npath = {}\n\n{sections}\n[identity]\nassign = \"{}\"\nannounce_after = \"5s\"\n",
            quoted(&self.ledger().display().to_string()),
            assign.word()
        );
        if let Some(name) = &self.relay {
            let url = quoted(&self.relay_url().display().to_string());
            text += &format!("\n[relay]\nurl_file = {url}\nledger = {}\n", quoted(name));
        }
        // At once or not at all: without its mark the folder would count as foreign.
        let draft = self.absolute.join("config.toml.new");
        fs::write(&draft, text)
            .and_then(|()| fs::rename(&draft, &config))
            .with_context(|| format!("cannot write {}", config.display()))
    }

    /// Moves what SQLite has in its WAL into the ledger, and leaves nothing beside it: a
    /// connection that only read could not.
    pub(super) fn remove_wal(&self) {
        if !self.ledger().exists() {
            return;
        }
        let opened = Ledger::open(&self.ledger(), clock(), WhenFull::Fail);
        if let Err(error) = opened.and_then(|ledger| ledger.close()) {
            tracing::warn!(%error, "the WAL stays beside the ledger");
            return;
        }
        for beside in ["ledger.db-wal", "ledger.db-shm"] {
            // An empty one is left for readers who may write nothing: here are none.
            drop(fs::remove_file(self.absolute.join(beside)));
        }
    }

    /// Path of a file in the folder, quoted for a shell.
    pub(super) fn typed(&self, file: &str) -> String {
        typed(&self.shown.join(file).display().to_string())
    }
}

/// A command line of this program on the demo's config, quoted for a shell.
pub(super) fn command(folder: &Folder, arguments: &str) -> String {
    let program = std::env::args().next();
    let program = typed(program.as_deref().unwrap_or("uzhkh-ledger"));
    format!("{program} --config {} {arguments}", folder.typed("config.toml"))
}

/// The process that owns the ledger, and still does after a moment.
fn lasting_owner(ledger: &Path) -> Option<String> {
    for _ in 1..LOOKS {
        ledger::owner(ledger)?;
        std::thread::sleep(PAUSE);
    }
    ledger::owner(ledger)
}

/// A text as a shell takes it.
fn typed(text: &str) -> String {
    let is_plain = |one: char| one.is_alphanumeric() || "/._-+:,@".contains(one);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_split_is_quoted() {
        assert_eq!(typed("demo-1/config.toml"), "demo-1/config.toml");
        assert_eq!(typed("my demo"), "'my demo'");
        assert_eq!(typed("it's"), r"'it'\''s'");
    }

    #[test]
    fn a_folder_that_is_no_demos_is_left_alone() {
        for file in ["config.toml", "ledger.db"] {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join(file), "mine").unwrap();
            let error = Folder::prepare(Some(dir.path())).err().unwrap().to_string();
            assert!(error.contains(file), "{error}");
        }
    }

    #[test]
    fn a_folder_is_known_again() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::prepare(Some(dir.path())).unwrap();
        assert!(!folder.is_used);
        folder.write_config("", Assign::Uuid).unwrap();
        fs::write(folder.ledger(), "").unwrap();
        assert!(Folder::prepare(Some(dir.path())).unwrap().is_used);
    }
}

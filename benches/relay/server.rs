//! A PostgreSQL of the bench's own, with the settings that Debian gives it.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// The server refuses root: nobody, in Debian, is who runs it then.
const ORDINARY: u32 = 65534;

/// A server that runs until it is dropped.
pub(crate) struct Server {
    bin: PathBuf,
    dir: TempDir,
}

impl Server {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let found =
            std::fs::read_dir("/usr/lib/postgresql").context("apt-get install postgresql")?;
        let mut versions: Vec<PathBuf> = found.flatten().map(|entry| entry.path()).collect();
        versions.sort();
        let bin = versions.pop().context("apt-get install postgresql")?.join("bin");
        // On the disk that holds the ledgers, too, where its owner can get at it.
        let dir = TempDir::new()?;
        std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o700))?;
        if is_root() {
            chown(dir.path(), Some(ORDINARY), Some(ORDINARY))?;
        }
        let server = Self { bin, dir };
        server.run("initdb", &["-U", "postgres", "-E", "UTF8", "--locale=C", "-A", "trust"])?;
        let options = format!("-k {} -c listen_addresses=", server.dir.path().display());
        let log = server.dir.path().join("log").display().to_string();
        server.run("pg_ctl", &["-w", "-o", &options, "-l", &log, "start"])?;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(30) {
            if server.dir.path().join(".s.PGSQL.5432").exists() {
                return Ok(server);
            }
        }
        anyhow::bail!("the server does not start; see {log}")
    }

    fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = Command::new("setpriv");
        if is_root() {
            let id = ORDINARY.to_string();
            command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
        }
        let data = self.dir.path().join("data");
        let output = command
            .arg(self.bin.join(program))
            .arg("-D")
            .arg(data)
            .args(arguments)
            .current_dir(Path::new("/"))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()?;
        anyhow::ensure!(output.success(), "{program} failed: {output}");
        Ok(())
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@/postgres?host={}", self.dir.path().display())
    }

    pub(crate) async fn client(&self) -> anyhow::Result<Client> {
        let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What is left of it goes with its folder.
        drop(self.run("pg_ctl", &["-m", "immediate", "-w", "stop"]));
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

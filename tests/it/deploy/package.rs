//! The Debian package: what is in it, and what installing, upgrading, removing and purging
//! it do to a host.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::support::process::BINARY;
use crate::support::skip;

/// The package, of the program that is tested; made once for all tests.
static PACKAGE: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let mut building = Command::new(format!("{}/deploy/package", env!("CARGO_MANIFEST_DIR")));
    building.args(["--program", BINARY]).arg(dir.path());
    let built = building.output().unwrap();
    assert!(
        built.status.success(),
        "{}\n(cargo install cargo-deb --locked)",
        String::from_utf8_lossy(&built.stderr)
    );
    let path = String::from_utf8(built.stdout).unwrap();
    (dir, PathBuf::from(path.trim()))
});

fn package() -> &'static Path {
    &PACKAGE.1
}

fn ran(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}

fn text(command: &mut Command) -> String {
    String::from_utf8(ran(command).stdout).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
#[ignore = "needs cargo-deb, which .ci/run installs"]
fn the_package_has_every_file_with_its_mode() {
    let list = text(Command::new("dpkg-deb").arg("-c").arg(package()));
    let mut files = BTreeMap::new();
    for line in list.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[1], "0/0", "root's: {line}");
        files.insert(words[5].trim_start_matches('.').to_owned(), words[0]);
    }
    assert_eq!(files["/usr/bin/uzhkh-ledger"], "-rwxr-xr-x");
    for file in [
        "/etc/uzhkh-ledger/config.toml",
        "/usr/lib/systemd/system/uzhkh-ledger.service",
        "/usr/lib/systemd/system/uzhkh-ledger@.service",
        "/usr/lib/sysusers.d/uzhkh-ledger.conf",
        "/usr/lib/tmpfiles.d/uzhkh-ledger.conf",
        "/usr/share/bash-completion/completions/uzhkh-ledger",
        "/usr/share/zsh/vendor-completions/_uzhkh-ledger",
        "/usr/share/fish/vendor_completions.d/uzhkh-ledger.fish",
        "/usr/share/man/man1/uzhkh-ledger.1.gz",
        "/usr/share/man/man1/uzhkh-ledger-run.1.gz",
        "/usr/share/man/man1/uzhkh-ledger-quarantine-retry.1.gz",
        "/usr/share/doc/uzhkh-ledger/README.md",
        "/usr/share/doc/uzhkh-ledger/README.ru.md",
        "/usr/share/doc/uzhkh-ledger/docs/troubleshooting.md",
        "/usr/share/doc/uzhkh-ledger/schema.sql",
        "/usr/share/doc/uzhkh-ledger/copyright",
        "/usr/share/doc/uzhkh-ledger/examples/uzhkh-ledger.rules.yml",
    ] {
        assert_eq!(files.get(file), Some(&"-rw-r--r--"), "{file}");
    }
    // The one file that is the administrator's.
    let conffiles = text(Command::new("dpkg-deb").arg("-I").arg(package()).arg("conffiles"));
    assert_eq!(conffiles.trim(), "/etc/uzhkh-ledger/config.toml");
}

#[test]
#[ignore = "needs cargo-deb, which .ci/run installs"]
fn what_is_unpacked_is_what_stands_in_the_source() {
    let root = tempfile::tempdir().unwrap();
    ran(Command::new("dpkg-deb").arg("-x").arg(package()).arg(root.path()));
    for (installed, source) in [
        ("etc/uzhkh-ledger/config.toml", "deploy/config.example.toml"),
        ("usr/lib/systemd/system/uzhkh-ledger.service", "deploy/uzhkh-ledger.service"),
        ("usr/share/doc/uzhkh-ledger/README.md", "README.md"),
    ] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
        assert_eq!(
            fs::read(root.path().join(installed)).unwrap(),
            fs::read(source).unwrap(),
            "{installed}"
        );
    }
    let program = root.path().join("usr/bin/uzhkh-ledger");
    let version = text(Command::new(program).arg("--version"));
    assert_eq!(version.trim(), concat!("uzhkh-ledger ", env!("CARGO_PKG_VERSION")));
}

/// A host that is no more than a directory.
struct Host(TempDir);

impl Host {
    fn new() -> Self {
        let host = Self(tempfile::tempdir().unwrap());
        for directory in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc"] {
            fs::create_dir_all(host.path(directory)).unwrap();
        }
        fs::write(host.path("var/lib/dpkg/status"), "").unwrap();
        host
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Runs dpkg on the host. The scripts run with our programs, on the directory.
    fn dpkg(&self, arguments: &[&str]) {
        let mut command = Command::new("dpkg");
        command
            .arg(format!("--root={}", self.0.path().display()))
            .args(["--force-script-chrootless", "--force-depends"])
            .arg(format!("--log={}", self.path("dpkg.log").display()))
            .args(arguments);
        ran(&mut command);
    }

    fn install(&self) {
        self.dpkg(&["--force-confold", "-i", package().to_str().unwrap()]);
    }
}

/// Only root can give files to another user, on a directory as on a host.
pub(crate) fn is_root() -> bool {
    let is_root = rustix::process::getuid().is_root();
    if !is_root {
        skip("only root can give a file away");
    }
    is_root
}

#[test]
#[ignore = "needs cargo-deb, which .ci/run installs"]
fn a_removal_keeps_what_is_the_operator_s_and_a_purge_deletes_it() {
    if !is_root() {
        return;
    }
    let host = Host::new();
    host.install();
    let users = fs::read_to_string(host.path("etc/passwd")).unwrap();
    let user = users.lines().find(|line| line.starts_with("uzhkh-ledger:"));
    let user: Vec<&str> = user.unwrap().split(':').collect();
    let (id, shell) = (user[2].parse::<u32>().unwrap(), user[6]);
    assert!(id < 1000 && shell.ends_with("nologin"), "{user:?}");
    let (state, etc) = (host.path("var/lib/uzhkh-ledger"), host.path("etc/uzhkh-ledger"));
    assert_eq!((mode(&state), fs::metadata(&state).unwrap().uid()), (0o750, id));
    assert_eq!((mode(&etc), fs::metadata(&etc).unwrap().uid()), (0o750, 0));
    assert_eq!(mode(&etc.join("credentials")), 0o700);
    // Nothing is enabled: the config is an example yet.
    assert!(!host.path("etc/systemd/system/multi-user.target.wants").exists());

    let mine = [
        (etc.join("config.toml"), "# mine\n"),
        (etc.join("acme.toml"), "# mine too\n"),
        (etc.join("credentials/uzhkh-token"), "s3cret\n"),
        (state.join("ledger.db"), "a ledger"),
    ];
    for (path, content) in &mine {
        fs::write(path, content).unwrap();
    }
    let is_kept = || {
        let mut files = mine.iter();
        files.all(|(path, content)| fs::read_to_string(path).is_ok_and(|text| text == *content))
    };
    host.install();
    assert!(is_kept(), "an upgrade");
    host.dpkg(&["-r", "uzhkh-ledger"]);
    assert!(!host.path("usr/bin/uzhkh-ledger").exists());
    assert!(is_kept(), "a removal");
    host.install();
    assert!(is_kept(), "another installation");
    host.dpkg(&["-P", "uzhkh-ledger"]);
    assert!(!state.exists() && !etc.exists(), "a purge");
}

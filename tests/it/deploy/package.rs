//! The Debian package: what is in it, and what installing, upgrading, removing and purging
//! it do to a host.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
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
        "/usr/share/doc/uzhkh-ledger/changelog.Debian.gz",
        "/usr/share/doc/uzhkh-ledger/NEWS.Debian.gz",
        "/usr/share/doc/uzhkh-ledger/examples/config.toml",
        "/usr/share/doc/uzhkh-ledger/examples/uzhkh-ledger.rules.yml",
    ] {
        assert_eq!(files.get(file), Some(&"-rw-r--r--"), "{file}");
    }
}

#[test]
#[ignore = "needs cargo-deb, which .ci/run installs"]
fn no_file_makes_an_upgrade_ask_a_question() {
    let control = text(Command::new("dpkg-deb").arg("-I").arg(package()));
    assert!(!control.contains("conffiles"), "{control}");
    let files = text(Command::new("dpkg-deb").arg("-c").arg(package()));
    assert!(!files.contains("./etc/"), "{files}");
}

#[test]
#[ignore = "needs lintian, which .ci/run installs"]
fn lintian_finds_no_fault() {
    let mut lintian = Command::new("lintian");
    let found = text(lintian.args(["--allow-root", "--fail-on", "warning"]).arg(package()));
    assert_eq!(found, "");
}

#[test]
fn the_changelog_and_the_news_are_of_this_version() {
    let of_this_version = concat!("uzhkh-ledger (", env!("CARGO_PKG_VERSION"), "-1) ");
    for text in [
        include_str!("../../../deploy/debian/changelog"),
        include_str!("../../../deploy/debian/NEWS"),
    ] {
        assert!(text.starts_with(of_this_version), "{text}");
    }
}

#[test]
#[ignore = "needs cargo-deb, which .ci/run installs"]
fn what_is_unpacked_is_what_stands_in_the_source() {
    let root = tempfile::tempdir().unwrap();
    ran(Command::new("dpkg-deb").arg("-x").arg(package()).arg(root.path()));
    for (installed, source) in [
        ("usr/share/doc/uzhkh-ledger/examples/config.toml", "deploy/config.example.toml"),
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

    /// Runs dpkg on the host, unattended, and answers what it says. The scripts run with our
    /// programs, on the directory.
    fn dpkg(&self, arguments: &[&str]) -> String {
        self.dpkg_by(Command::new("dpkg"), arguments)
    }

    fn dpkg_by(&self, mut dpkg: Command, arguments: &[&str]) -> String {
        dpkg.arg(format!("--root={}", self.0.path().display()))
            .args(["--force-script-chrootless", "--force-depends"])
            .arg(format!("--log={}", self.path("dpkg.log").display()))
            .args(arguments)
            .stdin(Stdio::null());
        let Output { stdout, stderr, .. } = ran(&mut dpkg);
        [stdout, stderr].map(|said| String::from_utf8(said).unwrap()).concat()
    }

    fn install(&self) {
        self.dpkg(&["-i", package().to_str().unwrap()]);
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
    assert_eq!(mode(&etc.join("config.toml")), 0o644);
    let example = include_str!("../../../deploy/config.example.toml");
    assert_eq!(fs::read_to_string(etc.join("config.toml")).unwrap(), example);
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
    let masked = host.path("etc/systemd/system/uzhkh-ledger.service");
    assert!(fs::symlink_metadata(masked).is_err(), "masked");
    host.dpkg(&["-P", "uzhkh-ledger"]);
    assert!(!state.exists() && !etc.exists(), "a purge");
}

#[test]
#[ignore = "needs cargo-deb, which .ci/run installs"]
fn an_upgrade_does_not_bring_back_a_config_that_was_deleted() {
    if !is_root() {
        return;
    }
    let host = Host::new();
    host.install();
    let config = host.path("etc/uzhkh-ledger/config.toml");
    fs::remove_file(&config).unwrap();
    host.install();
    assert!(!config.exists());
}

#[test]
#[ignore = "needs cargo-deb, which .ci/run installs"]
fn a_purge_says_that_what_a_link_led_to_stays() {
    if !is_root() {
        return;
    }
    let host = Host::new();
    host.install();
    let (state, disk) = (host.path("var/lib/uzhkh-ledger"), host.path("srv/ledgers"));
    fs::create_dir_all(&disk).unwrap();
    fs::write(disk.join("ledger.db"), "a ledger").unwrap();
    fs::remove_dir(&state).unwrap();
    std::os::unix::fs::symlink("../../srv/ledgers", &state).unwrap();
    let said = host.dpkg(&["-P", "uzhkh-ledger"]);
    assert!(fs::symlink_metadata(&state).is_err(), "{said}");
    assert!(said.contains("Not deleted: ../../srv/ledgers, which "), "{said}");
    assert!(disk.join("ledger.db").exists());
}

#[test]
#[ignore = "needs cargo-deb, which .ci/run installs"]
fn a_purge_empties_a_mount_and_says_that_it_stays() {
    if !is_root() {
        return;
    }
    let host = Host::new();
    host.install();
    let state = host.path("var/lib/uzhkh-ledger");
    // Mounted for dpkg alone; a folder with a ledger, so that there is something to empty.
    let mut mounting = Command::new("unshare");
    mounting.args(["--mount", "sh", "-c"]).arg(
        "mount -t tmpfs none \"$0\" && mkdir \"$0/acme\" && echo a ledger >\"$0/acme/ledger.db\" && \
         dpkg \"$@\" && ls -A \"$0\" >\"$0.left\"",
    );
    mounting.arg(&state);
    let said = host.dpkg_by(mounting, &["-P", "uzhkh-ledger"]);
    let left = fs::read_to_string(host.path("var/lib/uzhkh-ledger.left")).unwrap();
    assert_eq!(left, "", "{said}");
    let told = format!("as a mount is only emptied:\n{}\n", state.display());
    assert!(said.contains(&told), "{said}");
}

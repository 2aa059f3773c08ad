//! Secrets that systemd loads from a directory, and the same ones for a command at a
//! terminal, which systemd does not start.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;

use super::package::is_root;
use crate::support::process::{Ended, command, finish};
use crate::support::{TOKEN, setup};

/// A bench whose config has no token.
fn bench() -> crate::support::Bench {
    let bench = setup().start();
    let config = fs::read_to_string(bench.config()).unwrap();
    let without = config.lines().filter(|line| !line.starts_with("token = "));
    let without: Vec<&str> = without.collect();
    assert!(without.len() < config.lines().count());
    fs::write(bench.config(), without.join("\n")).unwrap();
    bench
}

#[test]
fn systemd_hands_over_what_is_in_the_directory() {
    let bench = bench();
    // As LoadCredential=credentials:DIRECTORY names them.
    let handed = bench.dir.path().join("handed-over");
    fs::create_dir(&handed).unwrap();
    fs::write(handed.join("credentials_uzhkh-token"), TOKEN).unwrap();
    let mut pass = command(&bench.config(), &["run", "--once"]);
    pass.env("CREDENTIALS_DIRECTORY", &handed);
    let ended = finish(pass);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn a_command_at_a_terminal_finds_them_beside_the_config() {
    let bench = bench();
    let absent = bench.run(&["check", "--offline"]);
    assert_eq!(absent.code, Some(78), "{}", absent.stderr);
    for (config, directory) in [("config.toml", "credentials"), ("acme.toml", "acme.credentials")] {
        let config = bench.dir.path().join(config);
        if config != bench.config() {
            fs::copy(bench.config(), &config).unwrap();
        }
        let directory = bench.dir.path().join(directory);
        fs::create_dir(&directory).unwrap();
        fs::write(directory.join("uzhkh-token"), TOKEN).unwrap();
        let ended = finish(command(&config, &["run", "--once"]));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
}

#[test]
fn a_secret_in_the_directory_and_in_the_config_is_one_too_many() {
    let bench = setup().start();
    let directory = bench.dir.path().join("credentials");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("uzhkh-token"), TOKEN).unwrap();
    let ended = bench.run(&["check", "--offline"]);
    assert_eq!(ended.code, Some(78));
    assert!(
        ended.stderr.contains("is given 2 times, by token and the systemd credential"),
        "{}",
        ended.stderr
    );
}

/// A command by a member of the group, who may not look into the directory of the secrets.
fn by_a_member(bench: &crate::support::Bench, arguments: &[&str]) -> Ended {
    const MEMBER: u32 = 12_345;
    let mut command = command(&bench.config(), arguments);
    command.uid(MEMBER).gid(MEMBER);
    finish(command)
}

/// A bench that has run, and whose directory of secrets is root's alone.
fn bench_of_root() -> crate::support::Bench {
    const GROUP: u32 = 12_345;
    let bench = bench();
    let directory = bench.dir.path().join("credentials");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("uzhkh-token"), TOKEN).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(bench.run(&["run", "--once"]).code, Some(0));
    // The member's own: what a reader of the ledger may do without that is another test's.
    chown(bench.dir.path(), Some(GROUP), Some(GROUP)).unwrap();
    for file in ["ledger.db", "ledger.db.lock"] {
        chown(bench.dir.path().join(file), Some(GROUP), Some(GROUP)).unwrap();
    }
    bench
}

#[test]
fn who_may_not_read_the_secrets_runs_every_command_that_uses_none() {
    if !is_root() {
        return;
    }
    let bench = bench_of_root();
    for arguments in [
        &["status"][..],
        &["changes"],
        &["verify"],
        &["findings"],
        &["quarantine", "list"],
        &["calls", "list"],
        &["identity", "list"],
    ] {
        let ended = by_a_member(&bench, arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    }
    // What sends needs them.
    assert_eq!(by_a_member(&bench, &["run", "--once"]).code, Some(78));
}

#[test]
fn check_says_which_secret_it_may_not_read_and_checks_the_rest() {
    if !is_root() {
        return;
    }
    let bench = bench_of_root();
    let offline = by_a_member(&bench, &["check", "--offline"]);
    assert_eq!(offline.code, Some(0), "{}", offline.stderr);
    let said = "not checked: the systemd credential uzhkh-token cannot be read";
    assert!(offline.stdout.contains(said), "{}", offline.stdout);
    let asked = by_a_member(&bench, &["check"]);
    assert_eq!(asked.code, Some(1), "{}", asked.stderr);
    assert!(asked.stdout.contains(said), "{}", asked.stdout);
    assert!(asked.stdout.contains("ledger  ok"), "{}", asked.stdout);
}

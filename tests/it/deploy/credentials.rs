//! Secrets that systemd loads from a directory, and the same ones for a command at a
//! terminal, which systemd does not start.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;

use super::package::is_root;
use crate::support::entities::{envelope, object};
use crate::support::process::{Ended, command, finish};
use crate::support::{TOKEN, setup, wait_until};

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

/// The first steps of the README: the link into the config, the token into the directory.
#[test]
fn a_config_that_was_just_begun_takes_the_token_of_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    for (name, credentials) in [("config", "credentials"), ("acme", "acme.credentials")] {
        let config = dir.path().join(name).with_extension("toml");
        let begun = finish(command(&config, &["init"]));
        assert_eq!(begun.code, Some(0), "{}", begun.stderr);
        let credentials = dir.path().join(credentials);
        assert!(begun.stdout.contains(credentials.to_str().unwrap()), "{}", begun.stdout);
        let empty = finish(command(&config, &["check", "--offline"]));
        assert_eq!(empty.code, Some(78));
        assert!(empty.stderr.contains("uzhkh.token: is missing"), "{}", empty.stderr);
        fs::create_dir(&credentials).unwrap();
        fs::write(credentials.join("uzhkh-token"), TOKEN).unwrap();
        let checked = finish(command(&config, &["check", "--offline"]));
        assert_eq!(checked.code, Some(0), "{}", checked.stderr);
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

/// The files of the bench as of a service that root runs, with a group that may read them.
fn open_to_the_group(bench: &crate::support::Bench) {
    const GROUP: u32 = 12_345;
    let paths = [bench.dir.path().to_owned(), bench.config(), bench.ledger(), lock(bench)];
    for (path, mode) in paths.iter().zip([0o750, 0o640, 0o640, 0o640]) {
        chown(path, Some(0), Some(GROUP)).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn lock(bench: &crate::support::Bench) -> std::path::PathBuf {
    bench.dir.path().join("ledger.db.lock")
}

#[test]
fn a_member_sees_what_alma_would_be_sent_while_the_service_runs_and_nothing_is_written() {
    if !is_root() {
        return;
    }
    let bench = setup().every_second().start();
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("o1")));
    bench.pass();
    let without_alma = fs::read_to_string(bench.config()).unwrap();
    open_to_the_group(&bench);
    let service = bench.daemon();
    wait_until("the service to run", || service.log().contains("running"));
    // The service has read its config by now, so that it is the command alone which has [alma].
    let key = bench.file("alma_api_key");
    fs::write(&key, "k").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let alma = format!("[alma]\nbase_url = \"http://127.0.0.1:9/\"\napi_key_file = {key:?}\n");
    fs::write(bench.config(), without_alma + &alma).unwrap();
    for _ in 0..2 {
        let planned = by_a_member(&bench, &["alma", "plan"]);
        assert_eq!(planned.code, Some(0), "{}", planned.stderr);
        assert!(planned.stdout.contains("+ unit o1  pending"), "{}", planned.stdout);
        assert!(planned.stdout.contains("+ building "), "{}", planned.stdout);
    }
    for table in ["alma_object", "alma_cursor", "alma_dirty", "alma_link", "alma_file"] {
        assert_eq!(bench.one(&format!("SELECT count(*) FROM {table}")), "0", "{table}");
    }
    service.stop();
}

#[test]
fn who_may_not_read_the_secrets_decides_books_and_restores() {
    if !is_root() {
        return;
    }
    let bench = bench_of_root();
    let text = fs::read_to_string(bench.config()).unwrap();
    let macrocrm = "[macrocrm]\nbase_url = \"http://127.0.0.1:9/\"\ndomain = \"d.example\"\n\
                    categories = [\"flat\"]\n";
    fs::write(bench.config(), format!("{text}\n{macrocrm}")).unwrap();
    let backup = bench.file("copy.db").to_str().unwrap().to_owned();
    for arguments in [
        &["backup", &backup][..],
        &["decide", "register", "72", "--approve"],
        &[
            "keys",
            "book",
            "--house",
            "1",
            "--flat",
            "5",
            "--at",
            "2099-06-11T10:00",
            "--phone",
            "+70000000000",
        ],
        &["restore", &backup, "--yes"],
    ] {
        let ended = by_a_member(&bench, arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn a_misspelt_file_is_told_by_its_name_alone() {
    let bench = setup().start();
    let directory = bench.dir.path().join("credentials");
    fs::create_dir(&directory).unwrap();
    // A secret of a system that is switched off is no mistake.
    fs::write(directory.join("alma-api-key"), "one").unwrap();
    assert_eq!(bench.run(&["check"]).code, Some(0));
    fs::write(directory.join("alma_api_key"), "do-not-tell").unwrap();
    let told =
        "holds \"alma_api_key\", which is no secret of this config; did you mean alma-api-key?";
    for arguments in [&["check"][..], &["check", "--offline"]] {
        let checked = bench.run(arguments);
        assert_eq!(checked.code, Some(0), "{}", checked.stdout);
        assert!(checked.stdout.contains(told), "{}", checked.stdout);
        assert!(!checked.stdout.contains("do-not-tell"));
    }
    let pass = bench.pass();
    assert!(
        pass.stderr.contains("WARN") && pass.stderr.contains("alma_api_key"),
        "{}",
        pass.stderr
    );
    assert!(!pass.stderr.contains("do-not-tell"));
}

#[test]
fn a_missing_secret_that_is_there_under_a_misspelt_name_is_told() {
    let bench = bench();
    let directory = bench.dir.path().join("credentials");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("uzhkh_token"), TOKEN).unwrap();
    for arguments in [&["check"][..], &["run", "--once"]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(78), "{}", ended.stderr);
        assert!(ended.stderr.contains("did you mean uzhkh-token?"), "{}", ended.stderr);
        assert!(!ended.stderr.contains(TOKEN));
    }
}

//! Secrets that systemd loads from a directory, and the same ones for a command at a
//! terminal, which systemd does not start.

use std::fs;

use crate::support::process::{command, finish};
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

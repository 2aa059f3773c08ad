//! Help, wrong usage, a wrong config: exit codes that scripts and systemd rely on.

use std::fs;
use std::process::Stdio;

use crate::support::process::{command, finish, run};
use crate::support::setup;

#[test]
fn every_command_explains_itself() {
    let bench = setup().start();
    let commands: [&[&str]; 29] = [
        &[],
        &["run"],
        &["demo"],
        &["simulate"],
        &["check"],
        &["status"],
        &["init"],
        &["quarantine"],
        &["quarantine", "list"],
        &["quarantine", "show"],
        &["quarantine", "retry"],
        &["quarantine", "acknowledge"],
        &["identity", "list"],
        &["identity", "set"],
        &["decide", "register"],
        &["decide", "object"],
        &["keys", "free-times"],
        &["keys", "book"],
        &["fetch"],
        &["backup"],
        &["restore"],
        &["verify"],
        &["changes"],
        &["calls", "list"],
        &["calls", "show"],
        &["calls", "settle"],
        &["findings"],
        &["alma", "plan"],
        &["alma", "retry"],
    ];
    for arguments in commands {
        let ended = bench.run(&[arguments, &["--help"]].concat());
        assert_eq!(ended.code, Some(0), "{arguments:?}");
        assert!(ended.stdout.contains("Usage: uzhkh-ledger"), "{arguments:?}");
        assert!(ended.stdout.contains("--config <FILE>"), "{arguments:?}");
    }
    let help = bench.run(&["--help"]).stdout;
    assert!(help.contains("/etc/uzhkh-ledger/config.toml"), "{help}");
}

#[test]
fn wrong_usage_exits_2() {
    let bench = setup().start();
    let wrong: [&[&str]; 18] = [
        &["acts", "--last", "0"],
        &["simulate", "--rate", "inf"],
        &["simulate", "--catalogue-rate", "NaN"],
        &["changes", "--after", "first"],
        &["calls", "settle", "1"],
        &["calls", "settle", "1", "--done", "--failed"],
        &[],
        &["drain"],
        &["run", "--twice"],
        &["run", "now"],
        &["status", "--xml"],
        &["quarantine"],
        &["quarantine", "show"],
        &["quarantine", "show", "first"],
        &["identity"],
        &["identity", "set", "counter", "--5"],
        &["decide"],
        &["check", "--online"],
    ];
    for arguments in wrong {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
        assert!(!bench.ledger().exists(), "{arguments:?}");
    }
}

#[test]
fn a_missing_config_exits_78() {
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent.toml");
    let commands: [&[&str]; 11] = [
        &["changes", "--follow"],
        &["calls", "list"],
        &["findings"],
        &["run"],
        &["run", "--once"],
        &["check"],
        &["status"],
        &["quarantine", "list"],
        &["identity", "list"],
        &["decide", "object", "1", "--reject"],
        &["verify"],
    ];
    for arguments in commands {
        let ended = run(&absent, arguments);
        assert_eq!(ended.code, Some(78), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("absent.toml"), "{}", ended.stderr);
    }
}

#[test]
fn a_faulty_config_exits_78_with_every_fault() {
    let bench = setup().start();
    let text = "[ledger]\npath = 7\n[uzhkh]\nbase_url = \"ftp://host.example/s3cret-link\"\n\
         token = \"s3cret-token\"\ntoken_file = \"/nowhere/t\"\nrequests_schedule = \"often\"\n\
         acknowledge_concurency = 3\n[identity]\nannounce_after = 5\n[nothing]\n";
    fs::write(bench.config(), text).unwrap();
    for arguments in [&["run"][..], &["check"], &["check", "--offline"], &["status"]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(78), "{arguments:?}");
        for fault in [
            "config.toml:2:",
            "config.toml:4:",
            "config.toml:7:",
            "config.toml:8:",
            "acknowledge_concurency",
            "config.toml:10:",
            "nothing",
        ] {
            assert!(ended.stderr.contains(fault), "{fault}: {}", ended.stderr);
        }
        assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
        assert!(!bench.ledger().exists());
    }
}

#[test]
fn a_ledger_is_read_by_a_config_that_names_no_system() {
    let bench = setup().start();
    bench.pass();
    fs::write(bench.config(), format!("[ledger]\npath = {:?}\n", bench.ledger())).unwrap();
    for arguments in [&["status"][..], &["findings"], &["changes"], &["verify"], &["acts"]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    }
    // What would ask systems is told that there are none.
    for arguments in [&["run", "--once"][..], &["check"], &["check", "--offline"]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(78), "{arguments:?}");
        assert!(ended.stderr.contains("no system is configured"), "{}", ended.stderr);
    }
    // A decision would go out whenever there is one again.
    let ended = bench.run(&["decide", "register", "71", "--approve"]);
    assert_eq!(ended.code, Some(78), "{}", ended.stdout);
    assert!(ended.stderr.contains("[uzhkh]"), "{}", ended.stderr);
    assert_eq!(bench.one("SELECT count(*) FROM call"), "0");
}

#[test]
fn full_lists_are_read_of_uzhkh_alone() {
    let bench = setup().without_uzhkh().macrocrm("").start();
    let ended = bench.run(&["run", "--once", "--full-resync"]);
    assert_eq!(ended.code, Some(78), "{}", ended.stderr);
    assert!(ended.stderr.contains("[uzhkh]"), "{}", ended.stderr);
}

#[test]
fn the_token_may_come_from_elsewhere() {
    let bench = setup().start();
    let text = fs::read_to_string(bench.config()).unwrap();
    let without: String = text
        .lines()
        .filter(|line| !line.starts_with("token"))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(bench.config(), without).unwrap();
    assert_eq!(bench.run(&["check"]).code, Some(78));
    let mut by_variable = command(&bench.config(), &["check"]);
    by_variable.env("UZHKH_TOKEN", crate::support::TOKEN);
    assert_eq!(finish(by_variable).code, Some(0));
    let credential = bench.dir.path().join("uzhkh-token");
    fs::write(&credential, format!("{}\n", crate::support::TOKEN)).unwrap();
    let mut by_credential = command(&bench.config(), &["check"]);
    by_credential.env("CREDENTIALS_DIRECTORY", bench.dir.path());
    assert_eq!(finish(by_credential).code, Some(0));
}

#[test]
fn init_writes_a_config_once() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("new.toml");
    let ended = run(&config, &["init"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("check"), "{}", ended.stdout);
    let written = fs::read_to_string(&config).unwrap();
    assert!(written.contains("[uzhkh]") && written.contains("token_file"));
    fs::write(&config, "mine").unwrap();
    let again = run(&config, &["init"]);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("exists already"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(&config).unwrap(), "mine");
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let bench = setup().start();
    bench.uzhkh().generate(30);
    bench.uzhkh().push_request("{}");
    bench.pass();
    let commands: [&[&str]; 12] = [
        &["changes"],
        &["changes", "--follow"],
        &["calls", "list"],
        &["findings"],
        &["status"],
        &["status", "--json"],
        &["quarantine", "list"],
        &["quarantine", "show", "31"],
        &["identity", "list"],
        &["identity", "list", "--json"],
        &["verify"],
        &["--help"],
    ];
    for arguments in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = command(&bench.config(), arguments);
        let status = command.stdout(writer).stderr(Stdio::null()).status();
        assert_eq!(status.unwrap().code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn what_only_the_config_makes_wrong_comes_with_the_usage_of_the_command() {
    let bench = setup().start();
    let ended = bench.run(&["fetch", "deals"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let told = &ended.stderr;
    assert!(told.contains("there is no feed \"deals\""), "{told}");
    assert!(told.contains("Usage: uzhkh-ledger fetch"), "{told}");
    let ended = bench.run(&["run", "--once", "--accept-shrink", "deals"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let told = &ended.stderr;
    assert!(told.contains("there is no feed \"deals\"; the config has none"), "{told}");
}

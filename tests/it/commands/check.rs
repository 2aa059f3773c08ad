//! `check`: the config, and then whether UZhKH knows us.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};

use crate::deploy::package::is_root;
use crate::support::entities::{counter, deletion, envelope};
use crate::support::raw::Raw;
use crate::support::{Bench, nowhere, setup};
use simulator::{Endpoint, Fault, FaultKind};

#[test]
fn an_upstream_that_knows_us_is_ok_and_left_as_it_was() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    bench.uzhkh().push_deleted(deletion("d1", "counter", "c2"));
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("uzhkh   ok"), "{}", ended.stdout);
    assert_eq!(bench.uzhkh().queue_len(), 1);
    assert_eq!(bench.uzhkh().deleted_len(), 1);
    assert!(!bench.ledger().exists());
}

#[test]
fn a_refused_token_is_said() {
    let bench = setup().start();
    bench.uzhkh().set_token("another");
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1));
    let told = ended.stdout + &ended.stderr;
    assert!(told.contains("403") && told.contains("token"), "{told}");
    assert_eq!(bench.report().unauthorized, 1);
}

#[test]
fn an_upstream_that_cannot_be_reached_is_said() {
    let bench = setup().start();
    let address = nowhere();
    bench.write_config(&format!("http://{address}/internal/"));
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1));
    let told = ended.stdout + &ended.stderr;
    assert!(told.contains("connect"), "{told}");
    assert!(!told.contains("/internal"), "{told}");
}

#[test]
fn an_upstream_that_fails_is_said() {
    let bench = setup().start();
    let fault = Fault::new(FaultKind::Error500).at(Endpoint::DeletedItems);
    bench.uzhkh().inject(fault);
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1));
    let told = ended.stdout + &ended.stderr;
    assert!(told.contains("500"), "{told}");
}

#[test]
fn offline_asks_nobody() {
    let bench = setup().start();
    let ended = bench.run(&["check", "--offline"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(bench.report().requests.is_empty());
}

/// The check fails, and says this of UZhKH.
#[track_caller]
fn says(bench: &Bench, words: &str) {
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    let of_uzhkh = ended.stdout.lines().find(|line| line.starts_with("uzhkh "));
    assert!(of_uzhkh.is_some_and(|line| line.contains(words)), "{}", ended.stdout);
}

#[test]
fn a_login_page_is_not_ok() {
    let bench = setup().start();
    let fault = Fault::new(FaultKind::Html).at(Endpoint::DeletedItems);
    bench.uzhkh().inject(fault);
    says(&bench, "HTML");
}

#[test]
fn an_answer_that_is_no_list_is_not_ok() {
    for (body, words) in [("", "an empty answer"), ("5", "something else"), ("{}", "one without")] {
        let raw = Raw::start(move |_| body.to_owned());
        let bench = setup().start();
        bench.write_config(&raw.base_url());
        says(&bench, words);
    }
}

#[test]
fn a_404_points_at_the_address() {
    let mut bench = setup().start();
    bench.forgive_violations();
    bench.write_config(&format!("{}elsewhere/", bench.base_url()));
    says(&bench, "base_url");
}

#[test]
fn a_folder_for_backups_that_is_missing_is_said() {
    let bench = setup().start();
    let (text, dir) = (fs::read_to_string(bench.config()).unwrap(), bench.dir.path().join("none"));
    fs::write(bench.config(), format!("{text}\n[backup]\ndir = {dir:?}\n")).unwrap();
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    let said = format!("backup  backup.dir: {} is no directory", dir.display());
    assert!(ended.stdout.contains(&said), "{}", ended.stdout);
}

#[test]
fn a_folder_for_backups_that_the_service_may_not_write_is_said() {
    const USER: u32 = 12_345;
    if !is_root() {
        return;
    }
    let bench = setup().start();
    let (text, dir) = (fs::read_to_string(bench.config()).unwrap(), bench.dir.path().join("there"));
    fs::create_dir(&dir).unwrap();
    fs::write(bench.config(), format!("{text}\n[backup]\ndir = {dir:?}\n")).unwrap();
    chown(bench.dir.path(), Some(USER), Some(USER)).unwrap();
    let said = format!("backup  backup.dir: {} cannot be written by user {USER}", dir.display());
    for (mode, is_well) in [(0o755, false), (0o777, true)] {
        fs::set_permissions(&dir, fs::Permissions::from_mode(mode)).unwrap();
        let ended = bench.run(&["check"]);
        assert_eq!(ended.code, Some(i32::from(!is_well)), "{}", ended.stdout);
        assert_eq!(ended.stdout.contains(&said), !is_well, "{}", ended.stdout);
    }
    chown(&dir, None, Some(USER)).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o775)).unwrap();
    assert_eq!(bench.run(&["check"]).code, Some(0));
}

#[test]
fn a_company_whose_service_has_not_started_yet_hears_what_makes_its_directory() {
    let bench = setup().start();
    let text = fs::read_to_string(bench.config()).unwrap();
    let elsewhere = text.replace(
        bench.dir.path().join("ledger.db").to_str().unwrap(),
        "/var/lib/uzhkh-ledger/none-such/ledger.db",
    );
    fs::write(bench.config(), elsewhere).unwrap();
    let ended = bench.run(&["check"]);
    let said = "the first `systemctl start uzhkh-ledger@none-such` makes it";
    assert!(ended.stdout.contains(said), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn a_file_that_is_no_ledger_is_said() {
    let bench = setup().start();
    fs::write(bench.ledger(), "a letter").unwrap();
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(ended.stdout.contains("is not a ledger of uzhkh-ledger"), "{}", ended.stdout);
    assert_eq!(fs::read(bench.ledger()).unwrap(), b"a letter");
}

#[test]
fn a_directory_that_is_missing_is_said() {
    let bench = setup().start();
    let text = fs::read_to_string(bench.config()).unwrap();
    fs::write(bench.config(), text.replace("ledger.db", "none/ledger.db")).unwrap();
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    let directory = bench.dir.path().join("none");
    let expected = format!(
        "config  ok\nledger  the directory {} does not exist; create it, owned by the service's user\nuzhkh   ok\n",
        directory.display()
    );
    assert_eq!(ended.stdout, expected);
    assert!(!directory.exists());
}

#[test]
fn a_broken_certificate_file_is_a_fault_of_the_config() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    let absent = dir.path().join("none.pem");
    fs::write(&file, "-----BEGIN CERTIFICATE-----\nsoup\n").unwrap();
    for file in [&file, &absent] {
        let bench = setup().section(&format!("[http]\nca_file = {file:?}")).start();
        for arguments in [&["check"][..], &["check", "--offline"], &["run", "--once"]] {
            let ended = bench.run(arguments);
            assert_eq!(ended.code, Some(78), "{arguments:?}: {}", ended.stderr);
            assert!(ended.stderr.contains("ca_file"), "{}", ended.stderr);
        }
        assert!(bench.report().requests.is_empty());
    }
}

#[test]
fn a_source_of_alma_that_is_not_configured_is_told() {
    let bench = setup().without_uzhkh().bitrix24("").alma("").start();
    let told = "there is no [uzhkh]: Alma gets nothing new";
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("alma.source") && ended.stdout.contains(told),
        "{}",
        ended.stdout
    );
    assert!(bench.run(&["run", "--once"]).stderr.contains(told));
}

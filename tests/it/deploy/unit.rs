//! The units: their command line under a service manager, and what they say.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::time::Duration;

use super::notify::{Manager, Unit, only, unit};
use super::package::is_root;
use crate::support::entities::{counter, envelope};
use crate::support::{setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind};

/// What the real one of 3 min is shortened to.
const WATCHDOG: Duration = Duration::from_millis(900);

#[test]
fn the_unit_s_command_line_is_ready_feeds_the_watchdog_says_how_it_fares_and_stops() {
    let bench = setup().every_second().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    let manager = Manager::listen(&bench);
    let daemon = manager.start(&bench, &[], WATCHDOG);
    manager.hear("READY=1");
    manager.hear("STATUS=ok uzhkh ");
    wait_until("the watchdog to be fed on", || manager.count("WATCHDOG=1") >= 6);
    assert!(manager.longest_fast() < WATCHDOG, "{:?}", manager.heard());
    assert_eq!(manager.count("STOPPING=1"), 0);
    daemon.stop();
    manager.hear("STOPPING=1");
    let heard = manager.heard();
    assert_eq!(heard[0], "STATUS=opening the ledger");
    assert_eq!(manager.count("READY=1"), 1, "{heard:?}");
    assert!(heard.last().unwrap().starts_with("STATUS=stopping"), "{heard:?}");
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

#[test]
fn an_upstream_that_never_answers_is_no_reason_to_starve_the_watchdog() {
    let bench = setup().every_second().start();
    bench.inject(Fault::new(FaultKind::Stall).at(Endpoint::Requests));
    let manager = Manager::listen(&bench);
    let daemon = manager.start(&bench, &[], WATCHDOG);
    wait_until("the poll", || bench.asked("Requests") >= 1);
    let fed = manager.count("WATCHDOG=1");
    wait_until("the watchdog to be fed on", || manager.count("WATCHDOG=1") >= fed + 8);
    assert!(manager.longest_fast() < WATCHDOG, "{:?}", manager.heard());
    assert!(!daemon.log().contains("stalled"), "{}", daemon.log());
    daemon.stop();
}

#[test]
fn what_is_stuck_and_what_waits_stand_in_the_status() {
    let mut bench = setup().every_second().start();
    bench.forgive_violations();
    bench.uzhkh().push_request("42".to_owned());
    bench.inject(Fault::new(FaultKind::Html).at(Endpoint::DeletedItems));
    let manager = Manager::listen(&bench);
    let daemon = manager.start(&bench, &[], WATCHDOG);
    manager.hear("STATUS=uzhkh DeletedItems failed (never ok); stuck: 1 quarantined; ok uzhkh ");
    daemon.stop();
}

#[test]
fn backups_that_failed_and_are_switched_off_stand_in_no_status() {
    let section = "[backup]\ndir = \"/nowhere/backups\"\n";
    let bench = setup().every_second().section(section).start();
    let daemon = bench.daemon();
    let failed = "SELECT count(*) FROM poll WHERE feed = 'backup' AND outcome = 'failed'";
    wait_until("a failure", || bench.one_or_none(failed) == "1");
    daemon.stop();
    let config = fs::read_to_string(bench.config()).unwrap();
    assert!(config.contains(section), "{config}");
    fs::write(bench.config(), config.replace(section, "")).unwrap();
    let manager = Manager::listen(&bench);
    let daemon = manager.start(&bench, &[], WATCHDOG);
    manager.hear("STATUS=ok uzhkh ");
    daemon.stop();
}

#[test]
fn a_pass_tells_a_service_manager_nothing() {
    let bench = setup().start();
    let manager = Manager::listen(&bench);
    let mut command = crate::support::process::command(&bench.config(), &["run", "--once"]);
    command.env("NOTIFY_SOCKET", bench.dir.path().join("notify"));
    command.env("WATCHDOG_USEC", "300000");
    let ended = crate::support::process::finish(command);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(manager.heard(), Vec::<String>::new());
}

#[test]
fn a_service_manager_that_is_gone_does_not_keep_it_from_its_work() {
    let bench = setup().every_second().start();
    let mut command = crate::support::process::command(&bench.config(), &["run"]);
    command.env("NOTIFY_SOCKET", bench.dir.path().join("nobody"));
    command.env("WATCHDOG_USEC", "300000");
    let daemon = crate::support::process::begin(command);
    wait_until("several rounds", || bench.asked("Requests") >= 3);
    let told = daemon.log().matches("systemd cannot be notified").count();
    assert_eq!(told, 1, "{}", daemon.log());
    daemon.stop();
}

#[test]
fn neither_a_wrong_config_nor_wrong_usage_is_started_again() {
    for name in ["uzhkh-ledger.service", "uzhkh-ledger@.service"] {
        let unit = unit(name);
        assert_eq!(only(&unit, "Restart"), "on-failure");
        assert_eq!(only(&unit, "RestartPreventExitStatus"), "2 78");
        // Everything else is, however often.
        assert_eq!(only(&unit, "StartLimitIntervalSec"), "0");
        assert_eq!(only(&unit, "Type"), "notify");
    }
    let missing = crate::support::process::run(std::path::Path::new("/none.toml"), &["run"]);
    assert_eq!(missing.code, Some(78), "{}", missing.stderr);
}

#[test]
fn the_unit_for_several_companies_differs_by_its_instance_alone() {
    let mut instance: Unit = unit("uzhkh-ledger@.service");
    let mut unit = unit("uzhkh-ledger.service");
    instance.remove("Description");
    unit.remove("Description");
    // What it hides of the other companies: see the test below.
    instance.remove("TemporaryFileSystem");
    instance.remove("BindPaths");
    for value in instance.values_mut().flatten() {
        *value = value
            .replace("/%i.toml", "/config.toml")
            .replace("/%i.credentials", "/credentials")
            .replace("uzhkh-ledger/%i", "uzhkh-ledger");
        assert!(!value.contains('%') || value.contains("%S"), "{value}");
    }
    assert_eq!(instance, unit);
}

#[test]
fn an_instance_sees_no_folder_of_another_company() {
    let instance = unit("uzhkh-ledger@.service");
    let all = "/var/lib/uzhkh-ledger";
    assert_eq!(only(&instance, "TemporaryFileSystem"), format!("{all}:ro"));
    assert_eq!(only(&instance, "BindPaths"), format!("{all}/%i"));
    assert_eq!(format!("/var/lib/{}", only(&instance, "StateDirectory")), format!("{all}/%i"));
}

#[test]
fn the_default_ledger_is_in_the_unit_s_directory() {
    let unit = unit("uzhkh-ledger.service");
    let directory = format!("/var/lib/{}", only(&unit, "StateDirectory"));
    let default = uzhkh_ledger::config::Ledger::default().path;
    assert_eq!(default.parent().unwrap().to_str(), Some(directory.as_str()));
}

#[test]
fn a_service_that_cannot_begin_says_why_in_its_status() {
    let bench = setup().start();
    fs::write(bench.ledger(), "what is no ledger is never overwritten").unwrap();
    let manager = Manager::listen(&bench);
    let ended = manager.start(&bench, &[], WATCHDOG).end();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let said = manager.hear("STATUS=ended: ");
    assert!(said.contains("ledger.db"), "{said}");
    assert_eq!(manager.count("READY=1"), 0);
}

#[test]
fn root_makes_a_missing_directory_for_the_service_s_user_and_others_hear_what_makes_it() {
    const USER: u32 = 12_345;
    if !is_root() {
        return;
    }
    let bench = setup().ledger(std::path::Path::new("state/acme/ledger.db")).start();
    let state = bench.dir.path().join("state");
    // Where the directory above is root's too, it is not known whose it should be.
    fs::create_dir(&state).unwrap();
    let unknown = bench.fail();
    assert!(unknown.stderr.contains("create it, owned by the service's user"), "{unknown:?}");
    assert!(!state.join("acme").exists());
    chown(&state, Some(USER), Some(USER)).unwrap();
    let checked = bench.run(&["check"]);
    assert!(checked.stdout.contains("state/acme does not exist"), "{}", checked.stdout);
    assert!(!state.join("acme").exists());
    bench.pass();
    for (made, mode) in [("acme", 0o40_750), ("acme/ledger.db", 0o100_640)] {
        let made = fs::metadata(state.join(made)).unwrap();
        assert_eq!((made.uid(), made.gid(), made.mode()), (USER, USER, mode));
    }
    // A company of the packaged units.
    let text = fs::read_to_string(bench.config()).unwrap();
    let path = bench.ledger().to_str().unwrap().to_owned();
    let packaged = text.replace(&path, "/var/lib/uzhkh-ledger/none-such/ledger.db");
    fs::write(bench.config(), packaged).unwrap();
    chown(bench.dir.path(), Some(USER), Some(USER)).unwrap();
    let mut command = crate::support::process::command(&bench.config(), &["run", "--once"]);
    command.uid(USER).gid(USER);
    let ended = crate::support::process::finish(command);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let said = "the first `systemctl start uzhkh-ledger@none-such` makes it";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn a_ledger_that_root_makes_belongs_to_the_service_s_user() {
    if !is_root() {
        return;
    }
    let bench = setup().start();
    let user = 12_345;
    chown(bench.dir.path(), Some(user), Some(user)).unwrap();
    bench.pass();
    for file in ["ledger.db", "ledger.db.lock"] {
        let made = fs::metadata(bench.dir.path().join(file)).unwrap();
        assert_eq!((made.uid(), made.gid()), (user, user), "{file}");
    }
}

#[test]
fn a_config_that_root_begins_with_can_be_read_by_the_service_s_group() {
    if !is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let group = 12_345;
    chown(dir.path(), None, Some(group)).unwrap();
    let config = dir.path().join("acme.toml");
    let ended = crate::support::process::run(&config, &["init"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(fs::metadata(config).unwrap().gid(), group);
}

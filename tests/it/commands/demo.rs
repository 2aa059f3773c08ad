//! `demo`: the binary as a stranger meets it, once, again, and after a kill.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::support::process::{Daemon, Ended, run, spawn};
use crate::support::{lines, wait_until};
use tempfile::TempDir;

/// A demo has so many seconds, whatever else runs: two of them share none.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder of a demo to be.
struct Demo {
    dir: TempDir,
}

impl Demo {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir }
    }

    fn ledger(&self) -> PathBuf {
        self.dir.path().join("ledger.db")
    }

    fn arguments<'a>(&'a self, seconds: &'a str) -> [&'a str; 5] {
        let dir = self.dir.path().to_str().unwrap();
        ["demo", "--dir", dir, "--seconds", seconds]
    }

    fn start(&self, seconds: &str) -> Daemon {
        spawn(Path::new("/nowhere.toml"), &self.arguments(seconds))
    }

    /// Runs it until all that it is to show has come, and ends it as Ctrl-C does.
    #[track_caller]
    fn run(&self) -> String {
        let running = self.start("600");
        let arrived = "SELECT (SELECT count(*) > 0 FROM premises) AND (SELECT count(*) > 0 FROM deal) \
             AND (SELECT count(DISTINCT category) = 4 FROM ready_flat) AND (SELECT count(*) > 1000 FROM envelope) \
             AND (SELECT count(*) > 150 FROM alma_object WHERE state = 'synced')";
        wait_until("everything", || {
            running.output().contains(" is booked ") && self.number(arrived) == 1
        });
        running.signal("INT");
        let shown = well(running.end());
        for beside in ["ledger.db-wal", "ledger.db-shm"] {
            assert!(!self.dir.path().join(beside).exists(), "{beside}");
        }
        shown
    }

    fn number(&self, sql: &str) -> u64 {
        lines(&self.ledger(), sql).concat().parse().unwrap()
    }

    /// A command on the demo's config.
    #[track_caller]
    fn ok(&self, arguments: &[&str]) -> String {
        let ended = run(&self.dir.path().join("config.toml"), arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
        ended.stdout
    }

    /// All that a demo promises to show is in its ledger.
    #[track_caller]
    fn has_everything(&self) {
        let shown = self.number("SELECT count(*) FROM premises");
        assert!(shown.abs_diff(600) < 60, "{shown}");
        assert!(self.number("SELECT count(*) FROM deal") > 100);
        let flats = self.number("SELECT count(*) FROM ready_flat");
        assert!(flats.abs_diff(400) < 120, "{flats}");
        let synced = "SELECT count(*) FROM alma_object WHERE state = 'synced'";
        assert!(self.number(synced) > 100);
        let unexplained =
            "SELECT count(*) FROM alma_pending WHERE state <> 'pending' AND reason IS NULL";
        assert_eq!(self.number(unexplained), 0);
        let refused = "SELECT count(*) FROM alma_object WHERE state = 'rejected' \
             OR reason LIKE '%is that of % already%' OR reason LIKE 'Alma no longer has it%'";
        assert_eq!(self.number(refused), 0);
        let failed =
            lines(&self.ledger(), "SELECT source, feed, error FROM poll WHERE outcome <> 'ok'");
        assert_eq!(failed, Vec::<String>::new());
        self.ok(&["verify"]);
    }

    /// The bookings that MACRO took.
    fn booked(&self) -> u64 {
        self.number("SELECT count(*) FROM call WHERE op = 'add' AND state = 'done'")
    }
}

/// The demo ended well; answers what it printed.
#[track_caller]
fn well(ended: Ended) -> String {
    let Ended { stdout, stderr, .. } = ended;
    assert_eq!(ended.code, Some(0), "{stdout}{stderr}");
    assert!(!stdout.contains("VIOLATION"), "{stdout}");
    stdout
}

#[test]
fn everything_arrives_and_a_second_demo_goes_on_with_it() {
    let _alone = alone();
    let demo = Demo::new();
    let shown = demo.run();
    demo.has_everything();
    assert_eq!(demo.booked(), 1, "{shown}");
    let mut table = shown.lines().skip_while(|line| !line.contains("- UZhKH -"));
    assert!(table.all(|line| line.contains("sqlite3") || line.chars().count() <= 110));
    let deals = demo.number("SELECT count(*) FROM deal");

    // The simulator begins anew, and what it had moved on is as it was.
    let shown = demo.run();
    assert!(shown.contains("goes on"), "{shown}");
    demo.has_everything();
    assert_eq!(demo.booked(), 2, "{shown}");
    assert!(demo.number("SELECT count(*) FROM deal") >= deals);
    let log = fs::read_to_string(demo.dir.path().join("demo.log")).unwrap();
    assert!(!log.contains("alma.base_url"), "Alma stands where it stood: {log}");

    // Its time over, it ends by itself.
    well(demo.start("2").end());
}

#[test]
fn its_config_serves_other_commands_and_a_demo_that_was_killed_goes_on() {
    let _alone = alone();
    let demo = Demo::new();
    let running = demo.start("600");
    wait_until("a booking", || running.output().contains("as `keys book` does"));
    assert!(demo.ok(&["check"]).contains("domoplaner premises"));
    assert!(demo.ok(&["acts"]).contains("book"));
    let typed: Vec<Vec<String>> = running
        .output()
        .lines()
        .filter_map(|line| line.trim().split_once("config.toml "))
        .map(|(_, arguments)| arguments.split(' ').map(str::to_owned).collect())
        .collect();
    assert!(typed.len() >= 4, "{typed:?}");
    for arguments in &typed {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        demo.ok(&arguments);
    }
    let other = run(Path::new("/nowhere.toml"), &demo.arguments("1"));
    assert_eq!(other.code, Some(1), "{}", other.stdout);
    assert!(other.stderr.contains("another demo"), "{}", other.stderr);
    running.kill();
    demo.run();
    demo.has_everything();
    assert!(demo.booked() >= 1);
}

#[test]
fn a_folder_that_is_no_demos_is_left_alone() {
    let demo = Demo::new();
    let config = demo.dir.path().join("config.toml");
    fs::write(&config, "[ledger]\n").unwrap();
    let ended = run(Path::new("/nowhere.toml"), &demo.arguments("1"));
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(ended.stderr.contains("no demo's"), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(&config).unwrap(), "[ledger]\n");
    assert!(!demo.ledger().exists());
}

#[test]
fn the_rentals_of_a_portal_arrive_in_alma() {
    let _alone = alone();
    let demo = Demo::new();
    let dir = demo.dir.path().to_str().unwrap();
    let arguments = ["demo", "--source", "bitrix24", "--dir", dir, "--seconds", "600"];
    let running = spawn(Path::new("/nowhere.toml"), &arguments);
    let arrived = "SELECT count(DISTINCT kind) = 6 AND EXISTS (SELECT 1 FROM alma_photo) \
                   FROM alma_object WHERE state = 'synced'";
    wait_until("every kind, and photos", || {
        demo.ledger().exists() && running.output().contains("second") && {
            let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'alma_object'";
            demo.number(tables) == 1 && demo.number(arrived) == 1
        }
    });
    running.signal("INT");
    let shown = well(running.end());
    assert!(shown.contains("bitrix_apartment"), "{shown}");
    assert!(demo.number("SELECT count(*) FROM bitrix_unit") > 10);
    assert!(demo.number("SELECT count(*) FROM alma_file WHERE state = 'uploaded'") > 0);
    demo.ok(&["verify"]);
}

#[test]
fn an_accounting_system_names_what_is_new() {
    let _alone = alone();
    let demo = Demo::new();
    let dir = demo.dir.path().to_str().unwrap();
    let arguments = ["demo", "--assign", "external", "--dir", dir, "--seconds", "120"];
    let running = spawn(Path::new("/nowhere.toml"), &arguments);
    let arrived = "SELECT (SELECT count(*) > 300 FROM identity WHERE state = 'announced') \
                   AND EXISTS (SELECT 1 FROM identity WHERE joined)";
    wait_until("names that UZhKH has been told", || {
        running.output().contains("which it knew all along") && demo.number(arrived) == 1
    });
    running.signal("INT");
    let shown = well(running.end());
    assert!(
        shown.contains("objects named by the accounting system; one of them it knew"),
        "{shown}"
    );
    let ours = "SELECT count(*) FROM identity WHERE length(permanent_id) = 36 AND NOT joined";
    assert_eq!(demo.number(ours), 0, "the ledger has named none itself");
    demo.ok(&["verify"]);
    let of_a_portal = ["demo", "--assign", "external", "--source", "bitrix24"];
    let refused = run(Path::new("/nowhere.toml"), &of_a_portal);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
}

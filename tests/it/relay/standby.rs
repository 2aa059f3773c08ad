//! The drill of docs/high-availability.md: the machine is gone, and another takes its place
//! from a backup.

use std::fs;

use super::copy::{Copy, LEDGER};
use crate::support::entities::{account, counter, envelope};
use crate::support::process::{command, finish};
use crate::support::{Ended, lines};

#[test]
fn a_standby_takes_the_place_from_a_backup() {
    let Some(copy) = Copy::new("standby") else { return };
    let mut bench = copy.setup("").start();
    // The bench looks for what is acknowledged into the ledger of the first machine.
    bench.forgive_violations();
    bench.uzhkh().push_request(envelope("g1", "Account", &account("a1")));
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("--7")));
    bench.pass();
    // It is done before anything is restored, and still stands in the backup.
    assert_eq!(bench.run(&["relay", "takeover"]).code, Some(0));
    let backup = bench.file("backup.db").to_str().unwrap().to_owned();
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    // What comes since is acknowledged, and in no backup; the lists of UZhKH have it.
    let since = account("a2");
    bench.uzhkh().push_request(envelope("g3", "Account", &since));
    bench.pass();
    bench.uzhkh().set_download("Accounts", vec![account("a1"), since]);
    let named = bench.permanent("counter", "--7");
    bench.uzhkh().push_request(envelope(
        "g4",
        "Counter",
        &counter(&named).replace("SN-77", "SN-78"),
    ));

    // The other machine: a ledger and a config of its own, and the same systems.
    let folder = bench.file("standby");
    fs::create_dir(&folder).unwrap();
    let (ledger, config) = (folder.join("ledger.db"), folder.join("config.toml"));
    let text = fs::read_to_string(bench.config()).unwrap();
    let own = format!("{:?}", bench.ledger());
    fs::write(&config, text.replace(&own, &format!("{ledger:?}"))).unwrap();
    let run = |arguments: &[&str]| -> Ended { finish(command(&config, arguments)) };
    let restored = run(&["restore", &backup, "--yes"]);
    assert_eq!(restored.code, Some(0), "{}", restored.stderr);
    let first = run(&["run", "--once"]);
    assert!(first.stderr.contains("second relay"), "{}", first.stderr);
    assert_eq!(run(&["relay", "takeover"]).code, Some(0));
    run(&["run", "--once"]);

    let live = "SELECT kind, id, body FROM record WHERE deleted_at IS NULL ORDER BY kind, id";
    let here = lines(&ledger, live);
    assert_eq!(here.len(), 3, "{here:?}");
    assert!(here.iter().any(|line| line.starts_with("account|a2|")), "the lists have brought it");
    assert!(here.iter().any(|line| line.contains(&named) && line.contains("SN-78")), "{here:?}");
    let there = live.replace("record WHERE", "@.record WHERE");
    assert_eq!(copy.lines(&there), here);
    assert_eq!(copy.one("SELECT epoch, backfill FROM @.ledger"), "2|NULL");
    let writer = copy.one(&format!("SELECT writer FROM @.ledger WHERE name = '{LEDGER}'"));
    assert!(
        writer.ends_with(&fs::canonicalize(&ledger).unwrap().display().to_string()),
        "{writer}"
    );
}

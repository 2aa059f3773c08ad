//! kill -9 in the middle of a backup and of a restore: strace ends the command at its
//! N-th call of some kind, for N = 1, 2, 3 …

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::{file, is_sound, names};
use crate::support::{Bench, lines, process, setup, tool};

/// What changes names or makes something durable.
const MARKS: &str =
    "fsync,fdatasync,ftruncate,link,linkat,rename,renameat,renameat2,unlink,unlinkat";
const RECORDS: &str = "SELECT source, kind, id, body FROM record ORDER BY source, kind, id";

/// Runs a command under strace until the N-th such call; true when it died there.
fn dies_at(bench: &Bench, calls: &str, number: usize, arguments: &[&str]) -> bool {
    let inject = format!("inject={calls}:signal=KILL:when={number}");
    let trace = format!("trace={calls}");
    let output = file(bench, "strace");
    let tracer = ["strace", "-f", "-qq", "-o", &output, "-e", &trace, "-e", &inject];
    let ended = process::finish(process::under(&tracer, &bench.config(), arguments));
    assert!(matches!(ended.code, None | Some(0)), "{}", ended.stderr);
    ended.code.is_none()
}

#[test]
fn a_backup_that_dies_leaves_a_good_ledger_and_no_torn_backup() {
    let Some(_) = tool("strace") else { return };
    let bench = setup().start();
    bench.uzhkh().generate(40);
    bench.pass();
    let path = file(&bench, "copy.db");
    let mut deaths = 0;
    for (calls, step) in [(MARKS, 1), ("pwrite64", 29)] {
        for number in (1..).step_by(step) {
            let died = dies_at(&bench, calls, number, &["backup", &path]);
            deaths += u32::from(died);
            if Path::new(&path).exists() {
                is_sound(&bench, &path);
                fs::remove_file(&path).unwrap();
            }
            if !died {
                break;
            }
        }
    }
    assert!(deaths >= 8, "only {deaths} deaths");
    is_sound(&bench, bench.ledger().to_str().unwrap());
    let left = names(bench.dir.path());
    assert!(!left.iter().any(|name| name.contains("partial")), "{left:?}");
}

/// Leaves a log beside the ledger with a row that is nowhere else, as a crash does.
fn write_into_the_log(bench: &Bench) {
    let connection = Connection::open(bench.ledger()).unwrap();
    let keeps_it = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    connection.set_db_config(keeps_it, true).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; INSERT INTO finding (at, source, kind, id, path, problem) \
             VALUES ('2026', 'uzhkh', 'logged', '1', '', 'none')",
        )
        .unwrap();
    drop(connection);
    assert!(fs::metadata(file(bench, "ledger.db-wal")).unwrap().len() > 0);
}

#[test]
fn a_restore_that_dies_leaves_the_one_ledger_or_the_other() {
    let Some(_) = tool("strace") else { return };
    let bench = setup().start();
    bench.uzhkh().generate(20);
    bench.pass();
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    bench.uzhkh().generate(20);
    bench.pass();
    let present = file(&bench, "present.db");
    assert_eq!(bench.run(&["backup", &present]).code, Some(0));
    let (old, new) = (lines(Path::new(&backup), RECORDS), bench.lines(RECORDS));
    let mut deaths = 0;
    for number in 1.. {
        for beside in ["ledger.db-wal", "ledger.db-shm"] {
            // What the dead have left belongs to what they have left.
            drop(fs::remove_file(file(&bench, beside)));
        }
        fs::copy(&present, bench.ledger()).unwrap();
        write_into_the_log(&bench);
        let died = dies_at(&bench, MARKS, number, &["restore", &backup, "--yes"]);
        is_sound(&bench, bench.ledger().to_str().unwrap());
        let found = bench.lines(RECORDS);
        assert!(found == old || found == new, "after call {number}");
        let logged = bench.one("SELECT count(*) FROM finding WHERE kind = 'logged'");
        assert_eq!(logged == "1", found == new, "after call {number}");
        let replaced = names(bench.dir.path()).into_iter();
        for name in replaced.filter(|name| name.starts_with("ledger.db.replaced-")) {
            let path = file(&bench, &name);
            if name.ends_with('Z') {
                assert!(lines(Path::new(&path), RECORDS) == new || found == new);
            }
            // With what was put beside it by looking at it.
            fs::remove_file(path).unwrap();
        }
        if !died {
            break;
        }
        deaths += 1;
    }
    assert!(deaths >= 12, "only {deaths} deaths");
    bench.pass();
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

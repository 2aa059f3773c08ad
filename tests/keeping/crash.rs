//! kill -9 in the middle of a backup and of a restore: strace ends the command at its
//! N-th call of some kind, for N = 1, 2, 3 …

use std::fs;
use std::path::Path;

use super::support::{Bench, lines, process, setup};
use super::{file, is_sound, names};

/// What changes names or makes something durable.
const MARKS: &str =
    "fsync,fdatasync,ftruncate,link,linkat,rename,renameat,renameat2,unlink,unlinkat";
const RECORDS: &str = "SELECT source, kind, id, body FROM record ORDER BY source, kind, id";

/// Runs a command under strace until the N-th such call; true when it died there.
fn dies_at(bench: &Bench, calls: &str, number: usize, arguments: &[&str]) -> bool {
    let inject = format!("inject={calls}:signal=KILL:when={number}");
    let trace = format!("trace={calls}");
    let output = file(bench, "strace");
    let tracer = [
        "strace", "-f", "-qq", "-o", &output, "-e", &trace, "-e", &inject,
    ];
    let ended = process::finish(process::under(&tracer, &bench.config(), arguments));
    assert!(matches!(ended.code, None | Some(0)), "{}", ended.stderr);
    ended.code.is_none()
}

#[test]
fn a_backup_that_dies_leaves_a_good_ledger_and_no_torn_backup() {
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
    assert!(
        !left.iter().any(|name| name.contains("partial")),
        "{left:?}"
    );
}

#[test]
fn a_restore_that_dies_leaves_the_one_ledger_or_the_other() {
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
        fs::copy(&present, bench.ledger()).unwrap();
        let died = dies_at(&bench, MARKS, number, &["restore", &backup, "--yes"]);
        is_sound(&bench, bench.ledger().to_str().unwrap());
        let found = bench.lines(RECORDS);
        assert!(found == old || found == new, "after call {number}");
        for name in names(bench.dir.path()) {
            if name.starts_with("ledger.db.replaced-") {
                assert!(lines(Path::new(&file(&bench, &name)), RECORDS) == new || found == new);
                fs::remove_file(file(&bench, &name)).unwrap();
            }
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

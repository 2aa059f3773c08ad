//! When everything is brought anew, and what becomes of what was there.

use super::copy::{Copy, LEDGER};
use crate::support::Bench;
use crate::support::entities::{account, counter, envelope, resident};

#[track_caller]
fn done(bench: &Bench, arguments: &[&str]) {
    let ended = bench.run(arguments);
    assert_eq!(ended.code, Some(0), "{arguments:?}: {}{}", ended.stdout, ended.stderr);
}

fn filled(copy: &Copy, lines: &str) -> Bench {
    let bench = copy.setup(lines).start();
    for n in 0..7 {
        let id = format!("c{n}");
        bench.uzhkh().push_request(envelope(&format!("g{n}"), "Counter", &counter(&id)));
    }
    bench.pass();
    copy.assert_same(&bench, LEDGER);
    bench
}

const EPOCH: &str = "SELECT epoch FROM @.ledger";

#[test]
fn a_backfill_begins_an_epoch_and_deletes_what_the_ledger_does_not_have() {
    let Some(copy) = Copy::new("backfill") else { return };
    let bench = filled(&copy, "batch = 2");
    copy.lines(
        "INSERT INTO @.record SELECT ledger, source, kind, 'left', seq, epoch, body, data, \
         updated_at, NULL, NULL FROM @.record WHERE id = 'c1'; \
         UPDATE @.record SET body = '{}' WHERE id = 'c2'; DELETE FROM @.record WHERE id = 'c3'",
    );
    let changes = copy.one("SELECT count(*) FROM @.change");
    done(&bench, &["relay", "backfill"]);
    bench.pass();
    assert_eq!(copy.one(EPOCH), "2");
    assert_eq!(copy.one("SELECT epoch, deleted_at IS NULL FROM @.record WHERE id = 'left'"), "1|f");
    copy.lines("DELETE FROM @.record WHERE id = 'left'");
    copy.assert_same(&bench, LEDGER);
    assert_eq!(copy.one("SELECT count(*) FROM @.change"), changes, "old changes stay");
    // It was asked for once.
    bench.pass();
    assert_eq!(copy.one(EPOCH), "2");
    bench.uzhkh().push_request(envelope("g", "Account", &account("a1")));
    bench.pass();
    assert_eq!(copy.lines("SELECT epoch, id FROM @.change WHERE kind = 'account'"), ["2|a1"]);
    copy.assert_same(&bench, LEDGER);
}

#[test]
fn where_the_row_was_removed_the_epoch_is_the_next_after_what_is_found() {
    let Some(copy) = Copy::new("removed") else { return };
    let bench = filled(&copy, "");
    for epoch in ["2", "3"] {
        copy.lines("DELETE FROM @.ledger");
        bench.pass();
        assert_eq!(copy.one(EPOCH), epoch);
        copy.assert_same(&bench, LEDGER);
    }
    copy.lines("DELETE FROM @.ledger; DELETE FROM @.record; DELETE FROM @.change");
    bench.pass();
    assert_eq!(copy.one(EPOCH), "1");
    copy.assert_same(&bench, LEDGER);
}

#[test]
fn another_ledger_in_the_place_of_the_old_one_is_another_epoch() {
    let Some(copy) = Copy::new("another") else { return };
    let bench = filled(&copy, "");
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let path = format!("{}{suffix}", bench.ledger().display());
        // Not all of them need be there.
        drop(std::fs::remove_file(path));
    }
    bench.uzhkh().push_request(envelope("new", "Resident", &resident("r1")));
    bench.pass();
    assert_eq!(copy.one(EPOCH), "2");
    let id = bench.one("SELECT value FROM meta WHERE key = 'ledger_id'");
    assert_eq!(copy.one("SELECT ledger_id FROM @.ledger"), id);
    let live = "SELECT id FROM @.record WHERE deleted_at IS NULL";
    assert_eq!(copy.lines(live), ["r1"]);
}

#[test]
fn a_cursor_of_no_use_is_another_epoch() {
    let Some(copy) = Copy::new("beyond") else { return };
    let bench = filled(&copy, "");
    copy.lines("UPDATE @.ledger SET seq = 1000000");
    bench.pass();
    assert_eq!(copy.one(EPOCH), "2");
    copy.assert_same(&bench, LEDGER);
    // What comes after it has been forgotten.
    for n in 0..3 {
        let id = format!("a{n}");
        bench.uzhkh().push_request(envelope(&id, "Account", &account(&id)));
    }
    copy.lines("UPDATE @.ledger SET writer = 'elsewhere', at = now()");
    bench.fail();
    bench.tamper("DELETE FROM change WHERE kind <> 'account' OR id = 'a0'");
    copy.lines("UPDATE @.ledger SET at = now() - interval '301 seconds'");
    bench.pass();
    assert_eq!(copy.one(EPOCH), "3");
    copy.assert_same(&bench, LEDGER);
}

#[test]
fn after_a_restore_everything_is_brought_anew() {
    let Some(copy) = Copy::new("restored") else { return };
    let bench = filled(&copy, "");
    let backup = bench.file("backup.db").to_str().unwrap().to_owned();
    done(&bench, &["backup", &backup]);
    let newer = counter("c1").replace("10.50", "11.50");
    bench.uzhkh().push_request(envelope("newer", "Counter", &newer));
    bench.uzhkh().push_request(envelope("later", "Counter", &counter("later")));
    bench.pass();
    copy.assert_same(&bench, LEDGER);
    done(&bench, &["restore", &backup, "--yes"]);
    bench.pass();
    assert_eq!(copy.one(EPOCH), "2");
    assert_eq!(copy.one("SELECT value1 FROM @.counter WHERE id = 'c1'"), "10.50");
    let later = "SELECT epoch, deleted_at IS NULL FROM @.record WHERE id = 'later'";
    assert_eq!(copy.one(later), "1|f");
    copy.lines("DELETE FROM @.record WHERE id = 'later'");
    copy.assert_same(&bench, LEDGER);
    bench.uzhkh().push_request(envelope("again", "Counter", &newer));
    bench.pass();
    copy.assert_same(&bench, LEDGER);
}

#[test]
fn an_interrupted_backfill_goes_on_where_it_was() {
    let Some(copy) = Copy::new("resumes") else { return };
    let bench = filled(&copy, "batch = 2");
    copy.lines(
        "UPDATE @.ledger SET epoch = 2, backfill = '[\"uzhkh\",\"counter\",\"c3\"]'; \
         UPDATE @.record SET epoch = 2 WHERE id <= 'c3'; UPDATE @.record SET seq = 0",
    );
    bench.pass();
    assert_eq!(copy.one(EPOCH), "2");
    assert_eq!(copy.one("SELECT backfill FROM @.ledger"), "NULL");
    let untouched = "SELECT id FROM @.record WHERE seq = 0 ORDER BY id";
    assert_eq!(copy.lines(untouched), ["c0", "c1", "c2", "c3"]);
    let left = "SELECT count(*) FROM @.record WHERE epoch < 2 OR deleted_at IS NOT NULL";
    assert_eq!(copy.one(left), "0");
}

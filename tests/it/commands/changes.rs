//! `changes`: the log of changes, followed with one cursor; daemon up or down.

use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use uzhkh_ledger::clock::SystemClock;
use uzhkh_ledger::ledger::{ChangeSeq, Error, Ledger, Origin, Reader, RecordKey, Wanted, WhenFull};

use crate::support::entities::{account, counter, envelope};
use crate::support::process::{command, signal};
use crate::support::{Bench, Ended, is_uuid_v7, setup, wait_until};

fn parsed(lines: &str) -> Vec<Value> {
    assert!(lines.is_empty() || lines.ends_with('\n'), "{lines:?}");
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[track_caller]
fn changes(bench: &Bench, options: &[&str]) -> Vec<Value> {
    let ended = bench.run(&[&["changes"], options].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    parsed(&ended.stdout)
}

fn seqs(changes: &[Value]) -> Vec<i64> {
    let seq = |change: &Value| change["seq"].as_i64().unwrap();
    changes.iter().map(seq).collect()
}

/// A counter that came and changed, an account, and a counter that came and went.
fn told() -> Bench {
    let bench = setup().start();
    let push = |guid: &str, name: &str, entity: &str| {
        bench.uzhkh().push_request(envelope(guid, name, entity));
    };
    push("g1", "Counter", &counter("c1"));
    push("g2", "Account", &account("a1"));
    push("g3", "Counter", &counter("c2"));
    bench.pass();
    push("g4", "Counter", &counter("c1").replace("10.50", "12.00"));
    bench.uzhkh().push_deletion("counter", "c2");
    bench.pass();
    bench
}

#[test]
fn each_change_is_a_line_with_all_that_the_ledger_has() {
    let bench = told();
    let ended = bench.run(&["changes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let all = parsed(&ended.stdout);
    let row = "SELECT json_object('seq', seq, 'at', at, 'source', source, 'kind', kind, 'id', id, 'op', op, \
               'fields', json(fields), 'envelope_seq', envelope_seq) FROM change ORDER BY seq";
    assert_eq!(ended.stdout.lines().collect::<Vec<_>>(), bench.lines(row));
    assert_eq!(seqs(&all), [1, 2, 3, 4, 5]);
    assert_eq!(all[3]["op"], "update");
    assert_eq!(all[3]["fields"], serde_json::json!({"Value1": ["10.50", "12.00"]}));
    assert_eq!(all[4]["op"], "delete");
    assert_eq!(all[4]["fields"], Value::Null);
}

#[test]
fn a_cursor_a_limit_and_filters_pick_some() {
    let bench = told();
    assert_eq!(seqs(&changes(&bench, &["--after", "3"])), [4, 5]);
    assert_eq!(seqs(&changes(&bench, &["--after", "1", "--limit", "2"])), [2, 3]);
    assert_eq!(changes(&bench, &["--after", "5"]), Vec::<Value>::new());
    assert_eq!(seqs(&changes(&bench, &["--kind", "counter", "--limit", "3"])), [1, 3, 4]);
    assert_eq!(seqs(&changes(&bench, &["--kind", "account"])), [2]);
    let elsewhere = ["--source", "macrocrm", "--kind", "account"];
    assert_eq!(changes(&bench, &elsewhere), Vec::<Value>::new());
    for wrong in [["--after", "-1"], ["--after", "x"], ["--limit", "0"]] {
        let ended = bench.run(&[&["changes"], &wrong[..]].concat());
        assert_eq!(ended.code, Some(2), "{wrong:?}: {}", ended.stderr);
    }
}

#[test]
fn the_record_as_it_is_by_now_comes_on_the_line() {
    let bench = setup().start();
    let entity = counter("c1").replace(',', ",\r\n ");
    bench.uzhkh().push_request(envelope("g1", "Counter", &entity));
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("c2")));
    bench.pass();
    bench.uzhkh().push_deletion("counter", "c2");
    bench.pass();
    let ended = bench.run(&["changes", "--with-body"]);
    assert!(ended.stdout.contains(r#""Value1":10.50"#), "{ended:?}");
    let all = parsed(&ended.stdout);
    assert_eq!(seqs(&all), [1, 2, 3]);
    assert_eq!(all[0]["body"]["Id"], "c1");
    // It came, and is gone by now.
    assert_eq!(all[1]["op"], "insert");
    assert_eq!(all[1]["body"], Value::Null);
}

/// A ledger with so many changes, more than are read at once.
fn many(bench: &Bench, count: usize) {
    bench.pass();
    bench.tamper(&format!(
        "INSERT INTO change (at, source, kind, id, op) WITH RECURSIVE n (i) AS \
         (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         SELECT '2024-05-01T08:00:00.000Z', 'uzhkh', 'counter', 'x' || i, 'insert' FROM n"
    ));
}

#[test]
fn a_follower_sees_every_change_once_and_in_order() {
    for signal in ["TERM", "INT"] {
        let bench = setup().every_second().start();
        many(&bench, 2500);
        let follower = bench.begin(&["changes", "--follow"]);
        wait_until("what was there", || follower.output().lines().count() == 2500);
        let daemon = bench.daemon();
        for n in 0..100 {
            let guid = format!("h{n}");
            let entry = envelope(&guid, "Counter", &counter(&format!("d{n}")));
            bench.uzhkh().push_request(entry);
        }
        wait_until("what came", || follower.output().lines().count() == 2600);
        // Between two lives of the daemon, and after a change from elsewhere.
        daemon.stop();
        bench.uzhkh().push_request(envelope("last", "Counter", &counter("e1")));
        bench.pass();
        wait_until("the last", || follower.output().lines().count() == 2601);
        follower.signal(signal);
        let ended = follower.end();
        assert_eq!(ended.code, Some(0), "{signal}: {}", ended.stderr);
        assert_eq!(ended.stderr, "");
        let told: Vec<String> =
            seqs(&parsed(&ended.stdout)).iter().map(ToString::to_string).collect();
        assert_eq!(told, bench.lines("SELECT seq FROM change ORDER BY seq"));
    }
}

#[test]
fn a_follower_ends_at_its_limit() {
    let bench = setup().every_second().start();
    bench.pass();
    let follower = bench.begin(&["changes", "--follow", "--limit", "2"]);
    let daemon = bench.daemon();
    for n in 0..3 {
        let entity = counter(&format!("c{n}"));
        bench.uzhkh().push_request(envelope(&format!("g{n}"), "Counter", &entity));
    }
    let ended = follower.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(seqs(&parsed(&ended.stdout)), [1, 2]);
    daemon.stop();
}

#[test]
fn a_follower_without_a_reader_ends_though_nothing_changes() {
    let bench = told();
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = command(&bench.config(), &["changes", "--follow", "--after", "5"]);
    command.stdout(writer).stderr(Stdio::null());
    let mut follower = command.spawn().unwrap();
    // The command keeps an end of the pipe, until it is gone.
    drop(command);
    assert!(follower.try_wait().unwrap().is_none());
    drop(reader);
    let mut status = None;
    wait_until("its end", || {
        status = follower.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.unwrap().code(), Some(0));
}

#[test]
fn a_follower_whose_reader_takes_nothing_still_stops() {
    let bench = setup().start();
    many(&bench, 2500);
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = command(&bench.config(), &["changes", "--follow"]);
    command.stdout(writer).stderr(Stdio::null());
    let mut follower = command.spawn().unwrap();
    drop(command);
    // Its first bytes say that it listens for signals by now.
    let mut first = [0];
    std::io::Read::read_exact(&mut &reader, &mut first).unwrap();
    signal(follower.id(), "TERM");
    let mut status = None;
    wait_until("its end", || {
        status = follower.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.unwrap().code(), Some(0));
}

/// What `changes` ends with where its cursor is of no use.
#[track_caller]
fn refused(bench: &Bench, after: &str, words: &str) {
    for options in [&["--after", after][..], &["--after", after, "--follow"]] {
        let ended: Ended = bench.run(&[&["changes"], options].concat());
        assert_eq!(ended.code, Some(1), "{after}: {}", ended.stdout);
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
}

#[test]
fn a_cursor_before_what_is_kept_is_told() {
    let bench = told();
    bench.tamper("DELETE FROM change WHERE seq <= 2");
    let words = "the changes after 1 are no longer kept, the oldest is 3";
    refused(&bench, "1", words);
    refused(&bench, "0", "go on with the changes after 5");
    assert_eq!(seqs(&changes(&bench, &["--after", "2"])), [3, 4, 5]);
    bench.tamper("DELETE FROM change");
    refused(&bench, "4", "are no longer kept, the oldest is 6");
    assert_eq!(changes(&bench, &["--after", "5"]), Vec::<Value>::new());
    refused(&bench, "6", "there is no change 6 yet, the newest is 5");
}

#[test]
fn a_cursor_of_another_ledger_is_told() {
    let bench = setup().start();
    bench.pass();
    refused(&bench, "1", "there is no change 1 yet, the newest is 0");
    assert_eq!(changes(&bench, &[]), Vec::<Value>::new());
}

#[test]
fn a_ledger_has_an_id_that_backup_and_restore_keep_and_a_new_one_has_another() {
    let bench = told();
    let id = || {
        let status = bench.run(&["status", "--json"]).stdout;
        let status: Value = serde_json::from_str(&status).unwrap();
        status["ledger_id"].as_str().unwrap().to_owned()
    };
    let first = id();
    assert!(is_uuid_v7(&first), "{first}");
    assert_eq!(seqs(&changes(&bench, &["--after", "3", "--ledger", &first])), [4, 5]);
    let backup = bench.dir.path().join("copy.db").to_str().unwrap().to_owned();
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    assert_eq!(bench.run(&["restore", &backup, "--yes"]).code, Some(0));
    bench.pass();
    assert_eq!(id(), first);
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock"] {
        drop(fs::remove_file(bench.dir.path().join(name)));
    }
    bench.pass();
    let second = id();
    assert!(is_uuid_v7(&second) && second != first, "{first}, then {second}");
    let refused = bench.run(&["changes", "--ledger", &first]);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stderr.contains("the cursor is of another ledger"), "{}", refused.stderr);
    assert!(refused.stderr.contains(&second), "{}", refused.stderr);
}

#[test]
fn a_follower_notices_that_the_ledger_was_replaced() {
    let bench = told();
    let follower = bench.begin(&["changes", "--follow"]);
    wait_until("what was there", || follower.output().lines().count() == 5);
    let copy = bench.dir.path().join("copy.db");
    fs::copy(bench.ledger(), &copy).unwrap();
    fs::rename(&copy, bench.ledger()).unwrap();
    let ended = follower.end();
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("was replaced") && ended.stderr.contains("--after 5"),
        "{}",
        ended.stderr
    );
}

#[test]
fn without_a_ledger_there_is_nothing_to_follow() {
    let bench = setup().start();
    let ended = bench.run(&["changes", "--follow"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("no ledger"), "{}", ended.stderr);
}

#[test]
fn what_is_committed_later_has_a_higher_number_whatever_fails_beside_it() {
    let bench = setup().start();
    let ledger = Ledger::open(&bench.ledger(), Arc::new(SystemClock), WhenFull::Fail).unwrap();
    let is_over = AtomicBool::new(false);
    let (written, seen) = std::thread::scope(|scope| {
        let follower = scope.spawn(|| {
            let reader = Reader::open(&bench.ledger()).unwrap();
            let mut wanted = Wanted { limit: 7, ..Wanted::default() };
            let mut seen = Vec::new();
            loop {
                let ends = is_over.load(Ordering::SeqCst);
                let page = reader.changes(&wanted).unwrap();
                wanted.after = page.last;
                seen.extend(page.changes.into_iter().map(|change| change.id));
                if ends && page.is_end {
                    return seen;
                }
            }
        });
        let write = |n: u32| {
            ledger.write(move |tx| {
                let id = n.to_string();
                let key = RecordKey::new("uzhkh", "counter", &id);
                tx.delete_record(key, Origin::Page(ChangeSeq(0)))?;
                // It takes its own work back, and its number.
                match n % 3 {
                    0 => Err(Error::system(std::io::Error::other("on purpose"))),
                    _ => Ok(()),
                }
            })
        };
        let runtime = uzhkh_ledger::service::runtime().unwrap();
        let written = runtime.block_on(async {
            // At once, so that they share commits.
            let outcomes = futures_util::future::join_all((0..900).map(write)).await;
            outcomes.iter().filter(|outcome| outcome.is_ok()).count()
        });
        is_over.store(true, Ordering::SeqCst);
        (written, follower.join().unwrap())
    });
    ledger.close().unwrap();
    assert_eq!(written, 600);
    assert_eq!(seen, bench.lines("SELECT id FROM change ORDER BY seq"));
    assert_eq!(seen.len(), 600);
    assert_eq!(bench.one("SELECT max(seq) FROM change"), "600");
}

//! A ledger of an earlier version is brought forward at the next start.

use rusqlite::Connection;

use crate::support::entities::{account, envelope};
use crate::support::{Bench, setup};

/// The schema as the first version had it.
const VERSION_1: &str = include_str!("schema-1.sql");

/// What the file is made of: names and statements, without comments and white space.
fn anatomy(bench: &Bench) -> Vec<String> {
    let sql = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema \
               WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name";
    bench
        .lines(sql)
        .iter()
        .map(|statement| {
            let lines = statement.lines().map(|line| line.split("--").next());
            let words: Vec<&str> = lines.flatten().flat_map(str::split_whitespace).collect();
            words.join(" ")
        })
        .collect()
}

#[test]
fn an_older_ledger_gets_all_that_a_new_one_has_and_keeps_what_it_had() {
    let older = setup().start();
    let old = Connection::open(older.ledger()).unwrap();
    old.execute_batch(VERSION_1).unwrap();
    old.execute_batch(
        "INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at) VALUES \
         ('uzhkh', 'car', 'c1', '{\"Id\":\"c1\"}', 'x', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')",
    )
    .unwrap();
    drop(old);
    older.uzhkh().push_request(envelope("g1", "Account", &account("a1")));
    // Who only reads neither brings it forward nor stumbles over it.
    let status = older.run(&["status"]);
    assert_eq!(status.code, Some(0), "{}", status.stderr);
    assert_eq!(older.one("PRAGMA user_version"), "1");
    older.pass();
    assert_eq!(older.one("PRAGMA user_version"), "4");
    assert_eq!(older.lines("SELECT id FROM car"), ["c1"]);
    assert_eq!(older.lines("SELECT id FROM account"), ["a1"]);

    let newer = setup().start();
    newer.pass();
    assert_eq!(anatomy(&older), anatomy(&newer));
}

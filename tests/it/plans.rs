//! Which way SQLite goes for what the service asks again and again: by an index that holds
//! little more than the answer, whatever it knows or does not know of the tables' sizes.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::admin::page::{Watched, watch};
use crate::console::site::{Person, Site, section};
use crate::support::{nowhere, setup, wait_until};
use crate::web::served::TOKENS;
use simulator::{FeedKind, Layout};

/// Tables that do not grow with the years: read whole they cost nothing. Of `alma_dirty` only the
/// beginning is read.
const SMALL: [&str; 12] = [
    "poll",
    "feed",
    "resync",
    "resync_wanted",
    "poll_wanted",
    "meta",
    "alma_cursor",
    "alma_dirty",
    "json_each",
    "sqlite_sequence",
    "sqlite_schema",
    "sqlite_master",
];

/// Tables that are followed by their number: after the newest there is little.
const FOLLOWED: [&str; 2] = ["change", "alma_dirty"];

/// What begins a thing that happens seldom.
const SELDOM: [&str; 5] = [
    // A full read has been read to its end.
    "SELECT item.id, item.after_full_at IS NOT feed.full_at",
    "UPDATE record SET missing_since",
    "DELETE FROM resync",
    // Alma is switched on: every record is looked at once.
    "SELECT kind, id FROM record WHERE source = ?1",
    "INSERT INTO alma_dirty (kind, external_id) SELECT",
];

/// What browsers refresh, and people look at all day. The requests are read whole, open and
/// decided ones: some hundred come in a month.
const PAGES: [&str; 11] = [
    "/",
    "/requests",
    "/keys",
    "/stuck",
    "/stuck?state=pending",
    "/stuck?state=failed",
    "/quarantine",
    "/alma",
    "/alma?state=held&kind=unit",
    "/alma?state=pending",
    "/systems",
];

/// What programs ask for again and again.
const LISTS: [&str; 12] = [
    "status",
    "changes?after=3&limit=10",
    "changes?after=3&limit=10&kind=account&with_body=true",
    "records?limit=10",
    "records?source=uzhkh&kind=account&limit=10",
    "identities?state=waiting",
    "identities?state=reserved",
    "decisions?state=open",
    "calls?state=pending",
    "calls?state=failed",
    "quarantine",
    "alma?state=held",
];

/// What stands in statements that read one kind whole: requests, and flats that are ready now.
const FEW: [&str; 3] = ["FROM decision", "HandleRequestToRegister", "FROM ready_flat"];

/// A service that logs its statements, with all systems, polled each second.
fn everything(web: std::net::SocketAddr) -> Watched {
    let every_second = "schedule = \"* * * * * *\"";
    let setup = setup()
        .options(|options| {
            options.envelopes = 60;
            options.accounts = 20;
            options.catalogue = 30;
            options.ready_flats = 10;
            options.bitrix_apartments = 5;
            // New entries come, and some of each kind change.
            options.rate = 20.0;
            options.catalogue_rate = 5.0;
        })
        .every_second()
        .log("info,uzhkh_ledger::statements=trace")
        .section("[identity]\nannounce_after = \"0s\"")
        .section(&section(web, TOKENS))
        .alma(every_second)
        .bitrix24(every_second)
        .macrocrm(every_second)
        .feed("premises", FeedKind::Premises, Layout::array(), &[every_second])
        .feed("deals", FeedKind::Deals, Layout::array(), &[every_second]);
    watch(setup)
}

/// The statements in a log, from the line that says it runs on, without what is seldom.
fn statements(log: &str) -> BTreeSet<String> {
    let running = log.split_once(" running").expect("it runs").1;
    let quoted =
        running.lines().filter_map(|line| line.split_once("statement sql=").map(|(_, sql)| sql));
    let statements = quoted.map(|sql| serde_json::from_str::<String>(sql).expect(sql));
    let is_plan = |sql: &String| {
        ["SELECT", "UPDATE", "DELETE", "INSERT", "WITH"].iter().any(|word| sql.starts_with(word))
    };
    statements
        .filter(is_plan)
        .filter(|sql| !SELDOM.iter().any(|seldom| sql.starts_with(seldom)))
        .collect()
}

/// The tables of a statement by the names it gives them.
fn tables(sql: &str) -> BTreeMap<String, String> {
    let words: Vec<&str> = sql
        .split(|letter: char| letter.is_whitespace() || "(),".contains(letter))
        .filter(|word| !word.is_empty())
        .collect();
    let mut tables = BTreeMap::new();
    for (at, word) in words.iter().enumerate() {
        if !["FROM", "JOIN", "UPDATE", "INTO"].contains(word) {
            continue;
        }
        let Some(table) = words.get(at + 1) else { continue };
        let name = match words.get(at + 2..at + 4) {
            Some(["AS", name]) => name,
            _ => table,
        };
        tables.insert((*name).to_owned(), (*table).to_owned());
    }
    tables
}

/// The steps of a plan that look at more than the answer.
fn faults(ledger: &Connection, sql: &str) -> Vec<String> {
    let partial = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'";
    let mut partial = ledger.prepare(partial).unwrap();
    let partial: BTreeSet<String> =
        partial.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    // What a view reads has steps of its own.
    let views = "SELECT name FROM sqlite_schema WHERE type = 'view'";
    let mut views = ledger.prepare(views).unwrap();
    let views: BTreeSet<String> =
        views.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let tables = tables(sql);
    let mut plan = ledger
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    // Its parameters stay unbound.
    let steps = plan.raw_query().mapped(|row| row.get::<_, String>(3)).map(Result::unwrap);
    let is_fault = |step: &String| {
        let words: Vec<&str> = step.split(' ').collect();
        let (how, name) = match words.as_slice() {
            [how @ ("SCAN" | "SEARCH"), name, ..] => (*how, *name),
            _ => return false,
        };
        let table = tables.get(name).map_or(name, String::as_str);
        let index = words.iter().position(|word| *word == "INDEX").and_then(|at| words.get(at + 1));
        let is_partial = index.is_some_and(|index| partial.contains(*index));
        let is_no_table = words.contains(&"CONSTANT") || words.contains(&"VIRTUAL");
        // Of a list the lines of one page.
        let is_named = views.contains(table) || table.starts_with('(') || table == "page";
        if SMALL.contains(&table) || is_partial || is_no_table || is_named {
            return false;
        }
        let by = step.find('(').map_or("", |at| &step[at..]);
        match how {
            "SCAN" => true,
            _ => match by {
                "(rowid>?)" => !FOLLOWED.contains(&table),
                "(source=? AND kind=?)" if FEW.iter().any(|words| sql.contains(words)) => false,
                by => ["(queue=?)", "(source=?)", "(kind=?)", "(state=?)", "(source=? AND kind=?)"]
                    .contains(&by),
            },
        }
    };
    steps.filter(is_fault).map(|step| format!("{step}\n    {sql}")).collect()
}

/// Makes it look as if there had been much, and little of it waited.
const FILL: &str = "
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
    INSERT INTO envelope (queue, guid, kinds, body, body_sha256, bytes, received_at, state, acknowledged_at)
    SELECT CASE n % 2 WHEN 0 THEN 'requests' ELSE 'deleted' END, 'old' || n, '[]', '{}',
        printf('%064d', n), 2, '2026-01-01T00:00:00.000Z', 'acknowledged', '2026-01-01T00:00:00.000Z' FROM n;
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
    INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at)
    SELECT 'uzhkh', 'counter', 'old' || n, '{}', '', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z' FROM n;
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
    INSERT INTO change (at, source, kind, id, op)
    SELECT '2026-01-01T00:00:00.000Z', 'uzhkh', 'counter', 'old' || n, 'insert' FROM n;
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
    INSERT INTO call (target, op, params, state, created_at, finished_at)
    SELECT 'uzhkh', 'SetId', '{}', 'done', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z' FROM n;
    ANALYZE;
";

fn look_at_everything(person: &Person<'_>) {
    for page in PAGES {
        person.page(page);
    }
    for list in LISTS {
        let request = person.request("GET", &format!("/api/v1/{list}"));
        let answer = person.ask(request.bearer_auth("t0ken-0f-bi-1n-tests"));
        assert_eq!(answer.status, 200, "{list}: {}", answer.text);
    }
}

#[test]
fn nothing_asked_every_few_seconds_reads_a_table_that_grows() {
    let web = nowhere();
    let watched = everything(web);
    let bench = &watched.bench;
    let metrics =
        ["poll_ok{source=\"alma\",feed=\"objects\"}", "poll_ok{source=\"bitrix24\",feed=\"unit\"}"];
    for metric in metrics {
        watched.wait_for(metric, 1.0);
    }
    for endpoint in
        ["Requests", "DeletedItems", "Delete", "SetId", "Feed", "getReadyFlats", "BitrixList"]
    {
        wait_until(endpoint, || bench.asked(endpoint) >= 3);
    }
    watched.page();
    let site = Site { bench: watched.bench, daemon: Some(watched.daemon), address: web };
    look_at_everything(&site.signed_in("operator"));
    let (bench, daemon) = (&site.bench, site.daemon.as_ref().unwrap());
    let statements = statements(&daemon.log());
    assert!(statements.len() > 100, "{}: these are not all", statements.len());
    for expected in [
        "FROM envelope AS e",
        "count(*) FROM call",
        "alma_object",
        "feed_item",
        "identity",
        "FROM tally",
        "FROM booking",
        "FROM quarantine",
    ] {
        assert!(statements.iter().any(|sql| sql.contains(expected)), "{expected}");
    }
    let fresh = bench.file("fresh.db");
    Connection::open(&fresh).unwrap().execute_batch(include_str!("../../schema.sql")).unwrap();
    let known = bench.file("known.db");
    let ledger = Connection::open(&known).unwrap();
    ledger.execute_batch(include_str!("../../schema.sql")).unwrap();
    ledger.execute_batch(FILL).unwrap();
    // What operators and programs ask the views for.
    let asked = [
        ("SELECT * FROM account WHERE account_number = ?1", "record_account_number"),
        ("SELECT * FROM payment WHERE account_id = ?1", "record_payment_of"),
    ];
    for path in [&fresh, &known] {
        let ledger = Connection::open(path).unwrap();
        for (sql, index) in asked {
            let plan: String = ledger
                .query_row(&format!("EXPLAIN QUERY PLAN {sql}"), ["700000001"], |row| row.get(3))
                .unwrap();
            assert_eq!(plan, format!("SEARCH record USING INDEX {index} (<expr>=?)"));
        }
    }
    for (path, of) in [(fresh, "without statistics"), (known, "with statistics")] {
        let ledger = Connection::open(path).unwrap();
        let faults: Vec<String> = statements.iter().flat_map(|sql| faults(&ledger, sql)).collect();
        assert!(faults.is_empty(), "{of}:\n{}", faults.join("\n"));
    }
}

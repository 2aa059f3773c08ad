//! The views: the ledger's own, column for column and value for value.

use std::collections::BTreeMap;

use serde_json::Value;

use super::copy::{Copy, LEDGER};
use crate::support::entities::{
    account_of, car, counter, document, envelope, object, payment, person, request,
    to_object_adding, to_register,
};
use crate::support::{Bench, setup};
use simulator::{FeedKind, Layout};

const VIEWS: [&str; 14] = [
    "object",
    "account",
    "account_person",
    "resident",
    "counter",
    "request",
    "payment",
    "document",
    "car",
    "request_to_register",
    "request_to_object_adding",
    "premises",
    "deal",
    "ready_flat",
];

/// Everything that there is, in many shapes.
fn everything(copy: &Copy) -> Bench {
    let mut setup = setup().every_second();
    setup.options.catalogue = 12;
    setup.options.ready_flats = 5;
    let categories = "categories = [\"flat\", \"garage\"]";
    let setup = setup
        .feed("premises", FeedKind::Premises, Layout::nested(), &[])
        .feed("deals", FeedKind::Deals, Layout::array(), &[])
        .macrocrm(categories)
        .section(&copy.section("batch = 50"));
    let bench = setup.start();
    bench.uzhkh().generate(150);
    let odd = account_of("odd", &[person("r1"), "7".to_owned()])
        .replace(r#""IsActive":true"#, r#""IsActive":"yes""#)
        .replace("\"1001\"", "1001")
        .replace("2023-01-15T00:00:00", "/Date(-3600000)/");
    for (guid, member, entity) in [
        ("g1", "Account", odd),
        ("g2", "Obj", object("o1").replace("54.3", "\" 45,30\"")),
        ("g3", "Counter", counter("c1").replace("2024-05-01T08:00:00", "1899-12-30T00:00:00")),
        ("g4", "Request", request(7)),
        ("g5", "Payment", payment("p1")),
        ("g6", "Doc", document("news", "n1")),
        ("g7", "Car", car("car1")),
        ("g8", "RequestToRegister", to_register("q1")),
        ("g9", "RequestToObjectAdding", to_object_adding("q2")),
    ] {
        bench.uzhkh().push_request(envelope(guid, member, &entity));
    }
    bench.pass();
    bench
}

/// The columns of a view and their types.
fn columns(copy: &Copy, view: &str) -> Vec<(String, String)> {
    let columns = copy.lines(&format!(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute \
         WHERE attrelid = '@.{view}'::regclass AND attnum > 0 ORDER BY attnum"
    ));
    let pair = |line: &String| line.split_once('|').map(|(a, b)| (a.to_owned(), b.to_owned()));
    columns.iter().filter_map(pair).collect()
}

#[test]
fn the_views_are_those_of_the_ledger_with_the_ledger_first() {
    let Some(copy) = Copy::new("columns") else { return };
    let bench = everything(&copy);
    for view in VIEWS {
        let there = columns(&copy, view);
        let names: Vec<&str> = there.iter().map(|(name, _)| name.as_str()).collect();
        let own = bench.lines(&format!("SELECT name FROM pragma_table_info('{view}')"));
        assert_eq!(names[0], "ledger", "{view}");
        assert_eq!(names[1..], own, "{view}");
    }
    let types: BTreeMap<String, String> = columns(&copy, "account").into_iter().collect();
    for (column, kind) in [
        ("is_active", "boolean"),
        ("living_person", "bigint"),
        ("balance", "text"),
        ("date_time_open", "text"),
        ("updated_at", "timestamp with time zone"),
    ] {
        assert_eq!(types[column], kind, "{column}");
    }
    let object: BTreeMap<String, String> = columns(&copy, "object").into_iter().collect();
    assert_eq!(object["square_all"], "double precision");
}

#[test]
fn the_views_show_what_those_of_the_ledger_show() {
    let Some(copy) = Copy::new("values") else { return };
    let bench = everything(&copy);
    let mut compared = 0;
    for view in VIEWS {
        let key = if view == "account_person" { "account_id, resident_id" } else { "id" };
        for (column, kind) in columns(&copy, view).iter().skip(1) {
            let shown = match kind.as_str() {
                "boolean" => format!("{column}::integer"),
                "timestamp with time zone" => format!(
                    "to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
                ),
                _ => column.clone(),
            };
            let order = key.split(", ").map(|one| format!("{one}::text COLLATE \"C\""));
            let order: Vec<String> = order.collect();
            let there = copy.lines(&format!(
                "SELECT {shown} FROM @.{view} WHERE ledger = '{LEDGER}' ORDER BY {}",
                order.join(", ")
            ));
            let order = key.split(", ").map(|one| format!("CAST({one} AS TEXT)"));
            let order: Vec<String> = order.collect();
            let here =
                bench.lines(&format!("SELECT {column} FROM {view} ORDER BY {}", order.join(", ")));
            assert!(!here.is_empty(), "{view} is empty");
            assert_eq!(there.len(), here.len(), "{view}");
            for (there, here) in there.iter().zip(&here) {
                let is_same = match kind.as_str() {
                    "json" | "jsonb" => json(there) == json(here),
                    // What does not fit is NULL there.
                    "boolean" if here == "yes" => there == "NULL",
                    _ => there == here,
                };
                assert!(is_same, "{view}.{column}: {there} is not {here}");
                compared += 1;
            }
        }
    }
    assert!(compared > 1000, "only {compared} values");
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

#[test]
fn no_value_makes_a_view_fail() {
    let Some(copy) = Copy::new("values_of_all_kinds") else { return };
    let bench = setup().section(&copy.section("")).start();
    bench.uzhkh().push_request(envelope("g1", "Account", &account_of("a1", &[])));
    bench.pass();
    let deep = "[".repeat(100) + &"]".repeat(100);
    let long = "9".repeat(5000);
    let values = [
        "null",
        "true",
        "0",
        "-1",
        "1.0",
        "1e400",
        "\"\"",
        "\" 1,5 \"",
        "\"1.2.3\"",
        "{}",
        "[]",
        "[{\"Id\":1},null]",
        "{\"0\":{\"Id\":\"r\"}}",
        &deep,
        &long,
        "\"/Date(99999999999999999)/\"",
        "\"/Date(x)/\"",
        "\"/Date(-62135596800000)/\"",
        "\"0001-01-01\"",
        "\"1e5\"",
        "0.1e-320",
        "9223372036854775807",
        "9223372036854775808",
        "\"\\u0000\"",
        "\"infinity\"",
        "\"NaN\"",
    ];
    for value in values {
        for view in VIEWS {
            let columns =
                bench.lines(&format!("SELECT sql FROM sqlite_schema WHERE name = '{view}'"));
            let members: Vec<String> = columns[0]
                .split("'$.")
                .skip(1)
                .map(|rest| format!("\"{}\":{value}", rest.split('\'').next().unwrap()))
                .collect();
            let body = format!("{{{}}}", members.join(","));
            let (source, kind) = match view {
                "premises" => ("domoplaner", "premises"),
                "deal" => ("domoplaner", "deal"),
                "ready_flat" => ("macrocrm", "ready_flat"),
                "document" => ("uzhkh", "news"),
                "account_person" => ("uzhkh", "account"),
                "request_to_register" => ("uzhkh", "requesttoregister"),
                "request_to_object_adding" => ("uzhkh", "requesttoobjectadding"),
                kind => ("uzhkh", kind),
            };
            bench.tamper(&format!(
                "INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at) \
                 VALUES ('{source}', '{kind}', hex(randomblob(8)), '{}', '', \
                 '2026-11-22T10:00:00.000Z', '2026-11-22T10:00:00.000Z')",
                body.replace('\'', "''")
            ));
        }
    }
    assert_eq!(bench.run(&["relay", "backfill"]).code, Some(0));
    bench.pass();
    assert!(bench.lines("SELECT reason FROM relay_stuck").is_empty());
    for view in VIEWS {
        let columns = columns(&copy, view);
        let counted: Vec<String> =
            columns.iter().map(|(column, _)| format!("count({column}::text)")).collect();
        let found = copy.one(&format!("SELECT {} FROM @.{view}", counted.join(", ")));
        assert!(found.split('|').next().unwrap().parse::<usize>().unwrap() > 0, "{view}");
    }
}

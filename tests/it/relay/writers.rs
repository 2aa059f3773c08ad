//! Who may write: one relay a ledger, into tables of its own, with the rights that it has.

use std::fs;

use super::copy::{Copy, LEDGER, Pg};
use super::server::unique;
use crate::support::entities::{counter, envelope};
use crate::support::{setup, wait_until};

#[test]
fn a_second_relay_is_refused_until_it_takes_over() {
    let Some(copy) = Copy::new("second") else { return };
    let (first, second) = (copy.setup("").start(), copy.setup("").start());
    first.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    first.pass();
    second.uzhkh().push_request(envelope("g2", "Counter", &counter("c2")));
    let daemon = second.daemon();
    wait_until("it is refused", || daemon.log().contains("second relay"));
    wait_until("the drain goes on", || {
        second.one_or_none("SELECT count(*) FROM record") == "1" && second.uzhkh().queue_len() == 0
    });
    let log = daemon.log();
    let writers = [&first, &second]
        .map(|bench| fs::canonicalize(bench.ledger()).unwrap().display().to_string());
    let told = [log, second.run(&["status"]).stdout, second.run(&["relay", "status"]).stdout];
    for told in &told {
        assert!(told.contains("second relay"), "{told}");
        assert!(writers.iter().all(|writer| told.contains(writer)), "{told}");
    }
    let json = second.run(&["status", "--json"]).stdout;
    assert!(json.contains("\"state\": \"refused\""), "{json}");
    assert_eq!(copy.lines("SELECT id FROM @.counter"), ["c1"], "nothing was touched");
    assert_eq!(second.run(&["relay", "takeover"]).code, Some(0));
    wait_until("it takes over", || copy.one("SELECT epoch FROM @.ledger") == "2");
    copy.wait(&second, LEDGER);
    daemon.stop();
    let seen = "SELECT id, epoch, deleted_at IS NULL FROM @.record ORDER BY id";
    assert_eq!(copy.lines(seen), ["c1|1|f", "c2|2|t"]);
    // Now the first one is the second.
    let ended = first.fail();
    assert!(ended.stderr.contains("second relay"), "{}", ended.stderr);
    // One that is silent for five minutes has left its place.
    copy.lines("UPDATE @.ledger SET at = now() - interval '301 seconds'");
    first.pass();
    assert_eq!(copy.one("SELECT epoch FROM @.ledger"), "3");
}

/// The end of a backfill looks at every row: its transaction may begin long before.
#[test]
fn a_writer_is_there_when_it_writes_and_not_when_its_step_began() {
    let Some(copy) = Copy::new("late") else { return };
    let bench = copy.setup("").start();
    bench.pass();
    copy.lines(
        "CREATE FUNCTION @.refuse() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN RAISE EXCEPTION ''at is when the step began''; END'; \
         CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON @.ledger \
         FOR EACH ROW WHEN (NEW.at <= now()) EXECUTE FUNCTION @.refuse()",
    );
    for acts in [&[][..], &["relay", "backfill"]] {
        bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
        assert!(acts.is_empty() || bench.run(acts).code == Some(0));
        bench.pass();
    }
    assert_eq!(copy.one("SELECT epoch FROM @.ledger"), "2");
    copy.lines("DELETE FROM @.ledger");
    bench.pass();
    copy.assert_same(&bench, LEDGER);
}

#[test]
fn how_long_a_place_is_left_is_told_once_its_row_is_held() {
    let Some(copy) = Copy::new("held") else { return };
    let (first, second) = (copy.setup("").start(), copy.setup("").start());
    first.pass();
    let holder = Pg::connect(&copy.server.url("postgres"));
    let holds = |sql: &str| holder.try_lines(&copy.sql(sql)).unwrap();
    holds("BEGIN");
    holds("SELECT 1 FROM @.ledger FOR UPDATE");
    let pass = second.begin(&["run", "--once"]);
    wait_until("it waits for the row", || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%@%'";
        copy.one(sql) == "1"
    });
    // Five minutes are over before it has the row, and were not when it began.
    holds("UPDATE @.ledger SET at = clock_timestamp() - interval '5 minutes'");
    holds("COMMIT");
    let ended = pass.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(copy.one("SELECT epoch FROM @.ledger"), "2");
}

#[test]
fn tables_that_are_not_ours_are_left_alone() {
    let Some(copy) = Copy::new("foreign") else { return };
    copy.lines("CREATE SCHEMA @; CREATE TABLE @.account (id int)");
    let bench = copy.setup("").start();
    let ended = bench.fail();
    assert!(ended.stderr.contains("nothing was touched"), "{}", ended.stderr);
    let tables = format!(
        "SELECT relname FROM pg_class WHERE relnamespace = '\"{}\"'::regnamespace",
        copy.schema
    );
    assert_eq!(copy.lines(&tables), ["account"]);
    assert_eq!(bench.run(&["check"]).code, Some(1));
}

#[test]
fn a_schema_of_a_newer_relay_is_left_alone() {
    let Some(copy) = Copy::new("newer") else { return };
    let bench = copy.setup("").start();
    bench.pass();
    copy.lines("UPDATE @.relay_version SET version = 2");
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    let ended = bench.fail();
    assert!(ended.stderr.contains("newer relay"), "{}", ended.stderr);
    let status = bench.run(&["relay", "status"]).stdout;
    assert!(status.starts_with("relay  paused"), "{status}");
    assert_eq!(copy.one("SELECT count(*) FROM @.record"), "0");
}

#[test]
fn who_may_not_is_told_so_and_hammers_nothing() {
    let Some(copy) = Copy::new("rights") else { return };
    let role = unique("poor");
    copy.lines(&format!("CREATE ROLE {role} LOGIN PASSWORD 'r1ght-pa55'"));
    let port = copy.server.port();
    let url = |password: &str| {
        format!("postgres://{role}:{password}@127.0.0.1:{port}/postgres?sslmode=disable")
    };
    for (password, words) in [("wr0ng-pa55", "28P01"), ("r1ght-pa55", "42501")] {
        let section = copy.section_of(&url(password), LEDGER, "");
        let bench = setup().every_second().section(&section).start();
        let daemon = bench.daemon();
        wait_until("it is told", || daemon.log().contains(words));
        wait_until("the drain", || bench.one_or_none("SELECT count(*) FROM poll") != "0");
        let log = daemon.stop();
        assert_eq!(log.matches(words).count(), 1, "{log}");
        assert!(!log.contains(password), "{log}");
        let checked = bench.run(&["check"]);
        assert_eq!(checked.code, Some(1));
        let said = checked.stdout + &checked.stderr;
        assert!(said.contains("relay") && !said.contains(password), "{said}");
    }
    // With its rights it comes in, and `check` says so before.
    copy.lines(&format!("CREATE SCHEMA @ AUTHORIZATION {role}"));
    let section = copy.section_of(&url("r1ght-pa55"), LEDGER, "");
    let bench = setup().every_second().section(&section).start();
    for _ in 0..2 {
        let checked = bench.run(&["check"]);
        assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
        bench.pass();
    }
    copy.lines(&format!("REVOKE DELETE ON @.record FROM {role}"));
    let checked = bench.run(&["check"]);
    assert!(checked.stdout.contains("DELETE on record"), "{}", checked.stdout);
}

#[test]
fn what_is_asked_is_tried_once_where_a_person_must_act() {
    let Some(copy) = Copy::new("asked") else { return };
    let role = unique("locked");
    copy.lines(&format!("CREATE ROLE {role} LOGIN PASSWORD 'r1ght-pa55'"));
    let port = copy.server.port();
    let url = format!("postgres://{role}:wr0ng-pa55@127.0.0.1:{port}/postgres?sslmode=disable");
    let section = copy.section_of(&url, LEDGER, "");
    let bench = setup().every_second().section(&section).start();
    let log = copy.server.socket().join("log");
    let refusal = format!("password authentication failed for user \"{role}\"");
    let attempts = || fs::read_to_string(&log).unwrap().matches(&refusal).count();
    let daemon = bench.daemon();
    let paused = "SELECT count(*) FROM relay WHERE state = 'paused'";
    wait_until("it is paused", || bench.one_or_none(paused) == "1");
    assert_eq!(attempts(), 1);
    for (act, wanted) in [("backfill", 2), ("takeover", 3)] {
        assert_eq!(bench.run(&["relay", act]).code, Some(0));
        wait_until("one more attempt", || attempts() == wanted);
        // The drain comes round once a second, as the relay would.
        for n in 0..4 {
            let id = format!("{act}{n}");
            bench.uzhkh().push_request(envelope(&id, "Counter", &counter(&id)));
            wait_until("the drain", || bench.uzhkh().queue_len() == 0);
        }
        assert_eq!(attempts(), wanted);
    }
    daemon.stop();
}

#[test]
fn many_ledgers_make_the_schema_at_once_and_all_succeed() {
    let Some(copy) = Copy::new("many") else { return };
    let ledgers: Vec<String> = (0..20).map(|n| format!("company {n}")).collect();
    let benches: Vec<_> = ledgers
        .iter()
        .map(|ledger| {
            let url = copy.server.url("postgres");
            let section = copy.section_of(&url, ledger, "batch = 5");
            let bench = setup().section(&section).start();
            bench.uzhkh().generate(15);
            bench
        })
        .collect();
    let passes: Vec<_> = benches.iter().map(|bench| bench.begin(&["run", "--once"])).collect();
    for pass in passes {
        let ended = pass.end();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    for (bench, ledger) in benches.iter().zip(&ledgers) {
        copy.assert_same(bench, ledger);
    }
}

//! A server that answers and takes no rows: its disk is full, or it takes too long over them.

use std::time::{Duration, Instant};

use super::copy::{Copy, LEDGER, Pg};
use super::server::unique;
use crate::support::entities::{counter, envelope};
use crate::support::{Bench, setup, wait_until};

/// From now on this happens in PostgreSQL before each row of `record`.
fn before_each_row(copy: &Copy, what: &str) {
    copy.lines(&format!(
        "CREATE FUNCTION @.before() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             {} RETURN NEW; END $$; \
         CREATE TRIGGER before BEFORE INSERT ON @.record \
         FOR EACH ROW EXECUTE FUNCTION @.before()",
        copy.sql(what)
    ));
}

fn push(bench: &Bench, count: u32) {
    for n in 0..count {
        let id = format!("c{n}");
        bench.uzhkh().push_request(envelope(&id, "Counter", &counter(&id)));
    }
}

#[test]
fn a_full_disk_is_tried_less_and_less_often_and_is_no_success() {
    let Some(copy) = Copy::new("full") else { return };
    let bench = copy.setup("").start();
    bench.pass();
    copy.lines("CREATE SEQUENCE @.tries");
    // What a sequence has given stays given when the transaction comes to nothing.
    let full =
        "PERFORM nextval('@.tries'); RAISE EXCEPTION 'no space left' USING ERRCODE = '53100';";
    before_each_row(&copy, full);
    push(&bench, 300);
    let began = Instant::now();
    let daemon = bench.daemon();
    let success = || bench.one("SELECT last_success_at FROM relay");
    let state = "SELECT state FROM relay";
    wait_until("it is told", || bench.one(state) == "away");
    let before = success();
    let tries = "SELECT last_value >= 5 FROM @.tries";
    wait_until("five attempts", || copy.one(tries) == "t");
    // 0.25, 0.5, 1 and 2 s lie between them.
    assert!(began.elapsed() > Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(bench.one(state), "away");
    assert_eq!(success(), before);
    copy.lines("DROP TRIGGER before ON @.record");
    wait_until("the queue to be drained", || bench.uzhkh().queue_len() == 0);
    copy.wait(&bench, LEDGER);
    wait_until("it is a success", || success() != before);
    daemon.stop();
    copy.assert_same(&bench, LEDGER);
}

#[test]
fn what_takes_too_long_at_once_comes_in_smaller_steps() {
    let Some(copy) = Copy::new("slow") else { return };
    let role = unique("slow");
    copy.lines(&format!("CREATE ROLE {role} LOGIN SUPERUSER"));
    let section = copy.section_of(&copy.server.url(&role), LEDGER, "batch = 60");
    let bench = setup().every_second().section(&section).start();
    bench.pass();
    copy.lines(&format!("ALTER ROLE {role} SET statement_timeout = '1s'"));
    before_each_row(&copy, "PERFORM pg_sleep(0.05);");
    push(&bench, 60);
    // It is drained before it is followed: one step, which takes three seconds.
    copy.lines("UPDATE @.ledger SET writer = 'elsewhere', at = now()");
    bench.fail();
    copy.lines("UPDATE @.ledger SET at = now() - interval '301 seconds'");
    let daemon = bench.daemon();
    copy.wait(&bench, LEDGER);
    assert!(daemon.log().contains("57014"), "{}", daemon.log());
    assert_eq!(bench.run(&["relay", "backfill"]).code, Some(0));
    wait_until("an epoch", || copy.one("SELECT epoch FROM @.ledger") == "2");
    copy.wait(&bench, LEDGER);
    daemon.stop();
    copy.assert_same(&bench, LEDGER);
}

#[test]
fn what_is_given_up_waits_no_longer_in_the_server() {
    let Some(copy) = Copy::new("given_up") else { return };
    let bench = copy.setup("").start();
    bench.pass();
    push(&bench, 3);
    let holder = Pg::connect(&copy.server.url("postgres"));
    let holds = |sql: &str| holder.try_lines(&copy.sql(sql)).unwrap();
    holds("BEGIN");
    holds("LOCK TABLE @.record IN SHARE MODE");
    let ended = bench.fail();
    assert!(ended.stderr.contains("no answer within"), "{}", ended.stderr);
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
                   AND query LIKE '%@%'";
    wait_until("nothing to wait for the table", || copy.one(waiting) == "0");
    holds("COMMIT");
    bench.pass();
    copy.assert_same(&bench, LEDGER);
}

//! Rows that jsonb cannot hold, and rows that PostgreSQL does not take at all.

use super::copy::{Copy, LEDGER};
use crate::support::Bench;
use crate::support::entities::{account, counter, envelope, object};

#[test]
fn what_jsonb_cannot_hold_is_verbatim_beside_it() {
    let Some(copy) = Copy::new("odd") else { return };
    let bench = copy.setup("").start();
    let odd = account("a1")
        .replace("\"1001\"", r#""a\u0000b\u0041""#)
        .replace("10.50", "1E200000")
        .replace(r#""SpelledOutPerson":2"#, r#""SpelledOutPerson":1,"SpelledOutPerson":7"#)
        .replace(r#""LivingPerson":3"#, r#""LivingPerson":99999999999999999999"#)
        .replace("2023-01-15T00:00:00", "/Date(1700000000123+0300)/");
    let flat = object("o1")
        .replace("54.3", "\"45,3\"")
        .replace("31.0", "4.5E1")
        .replace(r#""EtazhNumber":3"#, r#""EtazhNumber":-0"#)
        .replace(r#""YearOfHouse":2019"#, r#""YearOfHouse":"unknown""#);
    let large = counter("c1").replace("SN-77", &"x".repeat(5 << 20));
    bench.uzhkh().push_request(envelope("g1", "Account", &odd));
    bench.uzhkh().push_request(envelope("g2", "Obj", &flat));
    bench.uzhkh().push_request(envelope("g3", "Counter", &large));
    bench.pass();
    copy.assert_same(&bench, LEDGER);
    let account = "SELECT account_number, balance, spelled_out_person, living_person, \
                   date_time_open FROM @.account";
    let shown = copy.one(account);
    assert_eq!(shown, "a\u{FFFD}bA|1E200000|7|NULL|2023-11-14T22:13:20.123Z");
    let object = "SELECT square_all, square_living, etazh_number, year_of_house FROM @.object";
    assert_eq!(copy.one(object), "45.3|45|0|NULL");
    assert_eq!(copy.one("SELECT length(serial_number) FROM @.counter"), (5 << 20).to_string());
}

/// A half of a surrogate pair does not come in by any system: it is put there.
#[test]
fn a_lone_surrogate_is_replaced_in_data_alone() {
    let Some(copy) = Copy::new("surrogate") else { return };
    let bench = copy.setup("").start();
    bench.uzhkh().push_request(envelope("g1", "Account", &account("a1")));
    bench.pass();
    bench.tamper(r#"UPDATE record SET body = '{"Id":"a1","AccountNumber":"\ud83d!"}'"#);
    assert_eq!(bench.run(&["relay", "backfill"]).code, Some(0));
    bench.pass();
    copy.assert_same(&bench, LEDGER);
    assert_eq!(copy.one("SELECT account_number FROM @.account"), "\u{FFFD}!");
}

/// When a row is refused: with its statement, or not before the COMMIT.
const REFUSALS: [(&str, &str); 2] = [
    ("at_once", "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON @.record"),
    (
        "at_commit",
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON @.record \
         DEFERRABLE INITIALLY DEFERRED",
    ),
];

/// From now on PostgreSQL refuses these records, with a message that quotes them in its detail.
fn poison(copy: &Copy, trigger: &str, condition: &str) {
    copy.lines(&format!(
        "CREATE OR REPLACE FUNCTION @.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF {condition} THEN RAISE EXCEPTION 'no such rows' USING DETAIL = NEW.id; END IF; \
             RETURN NEW; END $$; \
         DROP TRIGGER IF EXISTS refuse ON @.record; \
         {trigger} FOR EACH ROW EXECUTE FUNCTION @.refuse()"
    ));
}

fn stuck(bench: &Bench) -> Vec<String> {
    bench.lines("SELECT seq > 0, kind, id, reason FROM relay_stuck ORDER BY id")
}

#[test]
fn a_row_that_is_not_taken_stops_no_other_and_waits_for_a_retry() {
    for (name, trigger) in REFUSALS {
        let Some(copy) = Copy::new(name) else { return };
        is_stuck_alone_until_a_retry(&copy, trigger);
    }
}

fn is_stuck_alone_until_a_retry(copy: &Copy, trigger: &str) {
    let bench = copy.setup("").start();
    bench.pass();
    poison(copy, trigger, "NEW.id IN ('c11', 'c17', 'c18')");
    for n in 10..40 {
        let id = format!("c{n}");
        bench.uzhkh().push_request(envelope(&id, "Counter", &counter(&id)));
    }
    let ended = bench.pass();
    let reason = "P0001 no such rows";
    let all = ["c11", "c17", "c18"].map(|id| format!("1|counter|{id}|{reason}"));
    assert_eq!(stuck(&bench), all);
    assert!(ended.stderr.contains(reason) && !ended.stderr.contains("DETAIL"), "{}", ended.stderr);
    assert_eq!(copy.one("SELECT count(*) FROM @.counter"), "27");
    let changes = "SELECT count(*) FROM @.change WHERE id IN ('c11', 'c17', 'c18')";
    assert_eq!(copy.one(changes), "0", "a change and its record come both or neither");
    let shown = bench.run(&["relay", "status"]).stdout;
    assert!(shown.contains("c17") && shown.contains(reason), "{shown}");
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("3  rows that PostgreSQL does not take"), "{status}");
    // Two are taken by now, the third still is not.
    poison(copy, trigger, "NEW.id = 'c17'");
    assert_eq!(bench.run(&["relay", "retry"]).code, Some(0));
    bench.pass();
    assert_eq!(stuck(&bench), [format!("1|counter|c17|{reason}")]);
    assert_eq!(copy.one(changes), "2");
    copy.lines("DROP TRIGGER refuse ON @.record");
    assert_eq!(bench.run(&["relay", "retry"]).code, Some(0));
    bench.pass();
    assert!(stuck(&bench).is_empty());
    copy.assert_same(&bench, LEDGER);
    let retried = bench.run(&["relay", "retry"]).stdout;
    assert!(retried.contains("nothing is stuck"), "{retried}");
}

#[test]
fn a_value_that_a_trigger_cannot_read_comes_into_no_log() {
    let Some(copy) = Copy::new("unread") else { return };
    let bench = copy.setup("").start();
    bench.pass();
    for (name, trigger) in REFUSALS {
        poison(&copy, trigger, "(NEW.data ->> 'SerialNumber')::bigint > 0");
        bench.uzhkh().push_request(envelope(name, "Counter", &counter(name)));
        let ended = bench.pass();
        let reason = "22P02 invalid input syntax for type bigint…";
        assert!(stuck(&bench).contains(&format!("1|counter|{name}|{reason}")), "{}", ended.stderr);
        assert!(ended.stderr.contains(reason), "{}", ended.stderr);
        assert!(!ended.stderr.contains("SN-77"), "{}", ended.stderr);
    }
}

#[test]
fn a_record_that_a_backfill_cannot_bring_comes_with_its_next_change() {
    for (name, trigger) in REFUSALS {
        let Some(copy) = Copy::new(&format!("anew_{name}")) else { return };
        comes_with_its_next_change(&copy, trigger);
    }
}

fn comes_with_its_next_change(copy: &Copy, trigger: &str) {
    let bench = copy.setup("").start();
    bench.pass();
    for n in 1..6 {
        let id = format!("c{n}");
        bench.uzhkh().push_request(envelope(&id, "Counter", &counter(&id)));
    }
    bench.pass();
    poison(copy, trigger, "NEW.body::text LIKE '%SN-77%' AND NEW.id = 'c3'");
    assert_eq!(bench.run(&["relay", "backfill"]).code, Some(0));
    bench.pass();
    assert_eq!(stuck(&bench), ["0|counter|c3|P0001 no such rows"]);
    let healed = counter("c3").replace("SN-77", "SN-78");
    bench.uzhkh().push_request(envelope("healed", "Counter", &healed));
    bench.pass();
    assert!(stuck(&bench).is_empty());
    assert_eq!(copy.one("SELECT serial_number FROM @.counter WHERE id = 'c3'"), "SN-78");
}

#[test]
fn an_id_that_no_index_holds_is_stuck_by_itself() {
    let Some(copy) = Copy::new("long") else { return };
    let bench = copy.setup("").start();
    bench.pass();
    // Text that does not shrink, beyond what a page of an index holds.
    let mut chance = fastrand::Rng::with_seed(7);
    let id: String = (0..20_000).map(|_| chance.alphanumeric()).collect();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter(&id)));
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("c2")));
    bench.uzhkh().push_request(envelope("g3", "Counter", &counter("a\\u0000b")));
    bench.pass();
    let reasons = bench.lines("SELECT substr(reason, 1, 5) FROM relay_stuck ORDER BY seq");
    assert_eq!(reasons, ["54000", "22021"]);
    assert_eq!(copy.lines("SELECT id FROM @.counter"), ["c2"]);
}

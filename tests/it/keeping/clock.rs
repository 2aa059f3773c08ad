//! A clock that is wrong for a while: nothing is removed, kept waiting or undone for that.

use jiff::ToSpan;
use simulator::{Endpoint, FaultKind};

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::support::clock::shifted;
use crate::support::entities::{counter, envelope, object, resident, to_register};
use crate::support::{Bench, Daemon, Setup, setup, wait_until};
use crate::web::served::{self, Served, serve};

/// The service, with a clock that is wrong.
fn daemon(bench: &Bench, by: &str) -> Option<Daemon> {
    Some(bench.spawn(shifted(bench.command(&["run"]), by)?))
}

fn keeping(setup: Setup) -> Bench {
    let bench = setup.start();
    let config = std::fs::read_to_string(bench.config()).unwrap();
    let lines = "[ledger]\nkeep_envelopes = \"730d\"\nkeep_changes = \"730d\"\n";
    std::fs::write(bench.config(), config.replacen("[ledger]\n", lines, 1)).unwrap();
    bench
}

const KEPT: &str = "SELECT (SELECT count(*) FROM envelope), (SELECT count(*) FROM change)";
const KEPT_ANSWERS: &str = "SELECT count(*) FROM idempotent_answer";
const RETENTION: &str =
    "SELECT outcome, error FROM poll WHERE feed = 'retention' ORDER BY seq DESC LIMIT 1";

#[test]
fn a_step_of_the_clock_removes_nothing_old() {
    let bench = keeping(setup());
    bench.uzhkh().generate(50);
    bench.pass();
    let before = bench.lines(KEPT);
    for _ in 0..2 {
        let Some(daemon) = daemon(&bench, "+3y") else { return };
        let told = "nothing old is removed: the clock has gone on from";
        wait_until("a word about it", || daemon.log().contains(told));
        wait_until("the row about it", || !bench.lines(RETENTION).is_empty());
        daemon.kill();
        assert_eq!(bench.lines(KEPT), before);
        let told = bench.one(RETENTION);
        assert!(told.starts_with("failed|nothing old is removed"), "{told}");
        bench.tamper("DELETE FROM poll WHERE feed = 'retention'");
    }
    // A clock that is right again is believed.
    let daemon = bench.daemon();
    wait_until("retention", || {
        bench.lines("SELECT key FROM meta WHERE key LIKE 'retention%'") == ["retention_at"]
    });
    daemon.stop();
    assert_eq!(bench.lines(KEPT), before);
    assert!(bench.lines(RETENTION).is_empty());
}

/// Else `status` would go on about it until something is old enough to go, which may be years.
#[test]
fn once_the_clock_or_the_config_is_right_nothing_is_said_of_it_any_more() {
    let bench = keeping(setup());
    bench.uzhkh().generate(20);
    bench.pass();
    let is = |outcome: &str| bench.lines(RETENTION).iter().any(|row| row.starts_with(outcome));
    let config = std::fs::read_to_string(bench.config()).unwrap();
    let keeping_all: Vec<&str> = config.lines().filter(|line| !line.starts_with("keep_")).collect();
    for put_right in [config.clone(), keeping_all.join("\n")] {
        let Some(ahead) = daemon(&bench, "+3y") else { return };
        wait_until("the row about it", || is("failed|nothing old is removed"));
        ahead.kill();
        std::fs::write(bench.config(), put_right).unwrap();
        let right = bench.daemon();
        wait_until("it is well again", || is("ok|"));
        right.stop();
    }
}

/// A clock within a month of the right one, and a slip in the config, are no jump.
#[test]
fn a_pass_that_would_remove_most_of_what_is_kept_is_held_and_said() {
    let bench = keeping(setup());
    bench.uzhkh().generate(5);
    bench.pass();
    bench.tamper(
        "UPDATE change SET at = '2020-01-01T00:00:00.000Z'; \
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000) \
         INSERT INTO change (seq, at, source, kind, id, op) \
         SELECT (SELECT max(seq) FROM change) + n, '2020-01-01T00:00:00.000Z', 'uzhkh', 'counter', 'old', 'insert' \
         FROM n",
    );
    // The newest stays.
    bench.uzhkh().generate(5);
    bench.pass();
    let before = bench.lines(KEPT);
    let held = bench.daemon();
    let told = "nothing old is removed: more than half of what is kept would go at once";
    wait_until("a word about it", || held.log().contains(told));
    wait_until("the row about it", || !bench.lines(RETENTION).is_empty());
    held.stop();
    assert_eq!(bench.lines(KEPT), before);
    // A week later it is meant so.
    bench.tamper(
        "UPDATE meta SET value = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-8 days') \
         WHERE key = 'retention_held_at'",
    );
    let goes_on = bench.daemon();
    wait_until("it goes on", || goes_on.log().contains("forgot what was older"));
    goes_on.stop();
    assert_eq!(bench.one("SELECT count(*) FROM change WHERE at < '2021'"), "0");
}

#[test]
fn a_clock_that_stays_where_it_went_is_believed_after_a_week() {
    let bench = keeping(setup());
    bench.uzhkh().generate(20);
    bench.pass();
    let Some(ahead) = daemon(&bench, "+3y") else { return };
    wait_until("a word", || ahead.log().contains("nothing old is removed"));
    ahead.kill();
    let Some(later) = daemon(&bench, "+1104d") else { return };
    wait_until("the old is forgotten", || later.log().contains("forgot what was older"));
    later.kill();
    assert_eq!(bench.one("SELECT count(*) FROM envelope"), "0");
}

#[test]
fn what_was_put_off_while_the_clock_was_ahead_is_due() {
    let bench = setup().every_second().start();
    let two = format!(r#"{{"Guid":"g1","Obj":{},"Counter":{}}}"#, object("--7"), counter("c1"));
    bench.uzhkh().push_request(two);
    bench.uzhkh().push_request(envelope("g2", "Obj", &object("o2")));
    bench.fault(FaultKind::Error500, Endpoint::SetId, 1000);
    bench.fault(FaultKind::Error500, Endpoint::Delete, 1000);
    let Some(ahead) = daemon(&bench, "+2h") else { return };
    let put_off = "SELECT (SELECT count(*) FROM call WHERE next_attempt_at IS NOT NULL), \
                   (SELECT count(*) FROM envelope WHERE guid = 'g2' AND next_attempt_at IS NOT NULL)";
    wait_until("both are put off", || bench.one_or_none(put_off) == "1|1");
    ahead.kill();
    bench.clear_faults();
    let right = bench.daemon();
    wait_until("all is told", || bench.uzhkh().queue_len() == 0);
    right.stop();
    assert_eq!(bench.lines("SELECT state FROM call"), ["done"]);
}

#[test]
fn a_retry_after_a_step_of_the_clock_has_no_second_effect() {
    let decide = |served: &Served| {
        let token = served::token("1c");
        let headers = [&token, "Content-Type: application/json", "Idempotency-Key: order 1"];
        let body = r#"{"request":"register","id":"1","approve":true}"#;
        served::answer(served.send("POST", "/api/v1/decisions", &headers, body))
    };
    let is_held = |daemon: &Daemon| daemon.log().contains("no answer is forgotten");
    let served = serve();
    let asked = envelope("g1", "RequestToRegister", &to_register("1"));
    served.bench.uzhkh().push_request(asked);
    let is_known = "SELECT count(*) FROM decision";
    wait_until("the request", || served.bench.one(is_known) == "1");
    let first = decide(&served);
    assert_eq!(first.status, 202, "{first:?}");
    let Served { daemon: right, address, bench } = served;
    right.stop();
    for by in ["+10d", "+11d"] {
        let Some(ahead) = daemon(&bench, by) else { return };
        wait_until("it has looked", || is_held(&ahead) || bench.one(KEPT_ANSWERS) == "0");
        ahead.kill();
        assert_eq!(bench.one(KEPT_ANSWERS), "1");
    }
    let served = served::begin(bench, address);
    let again = decide(&served);
    assert_eq!((again.status, &again.body), (202, &first.body));
    let Served { daemon: right, bench, .. } = served;
    right.stop();
    assert_eq!(bench.one("SELECT (SELECT count(*) FROM act), (SELECT count(*) FROM call)"), "1|1");
    // One that stays where it went is believed after a week.
    let Some(ahead) = daemon(&bench, "+10d") else { return };
    wait_until("a word about it", || is_held(&ahead));
    ahead.kill();
    let Some(later) = daemon(&bench, "+18d") else { return };
    wait_until("it is forgotten", || bench.one(KEPT_ANSWERS) == "0");
    later.kill();
}

/// A name is for ever, and so is the one that is given for want of another.
#[test]
fn a_step_of_the_clock_names_nothing_that_waits_for_others() {
    let external = "[identity]\nassign = \"external\"\nexternal_timeout = \"7d\"";
    let bench = setup().every_second().section(external).start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    let state = "SELECT state FROM identity";
    for _ in 0..2 {
        let Some(ahead) = daemon(&bench, "+3y") else { return };
        let told = "no id is named for identity.external_timeout: the clock has gone on by much";
        wait_until("a word about it", || ahead.log().contains(told));
        ahead.kill();
        assert_eq!(bench.one(state), "waiting");
    }
    // One that stays where it went is believed.
    let Some(later) = daemon(&bench, "+1104d") else { return };
    wait_until("it is named", || bench.one(state) != "waiting");
    later.kill();
}

/// Waiting for names from others for so long, and one id that does.
fn naming(timeout: &str) -> Bench {
    let external = format!("[identity]\nassign = \"external\"\nexternal_timeout = \"{timeout}\"");
    let bench = setup().section(&external).start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench
}

/// One pass with a clock that is wrong; false where this machine has no faketime.
fn pass(bench: &Bench, by: &str) -> bool {
    let Some(pass) = shifted(bench.command(&["run", "--once"]), by) else { return false };
    assert_eq!(bench.spawn(pass).end().code, Some(0), "{by}");
    true
}

const NAMING: &str = "SELECT state, first_seen_at FROM identity ORDER BY temporary_id";
const STATES: &str = "SELECT DISTINCT state FROM identity";

#[test]
fn what_was_seen_while_the_clock_was_ahead_waits_for_its_name_from_when_it_is_believed_right() {
    let bench = naming("1h");
    if !pass(&bench, "+2y") {
        return;
    }
    let seen = bench.lines(NAMING);
    for by in ["+0", "+10m"] {
        pass(&bench, by);
        assert_eq!(bench.lines(NAMING), seen, "{by}");
    }
    // A week later.
    bench.tamper(
        "UPDATE meta SET value = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-8 days') \
         WHERE key = 'seen_ahead_at'",
    );
    for by in ["+20m", "+45m", "+70m", "+78m"] {
        pass(&bench, by);
        assert_eq!(bench.one(STATES), "waiting", "{by}");
    }
    pass(&bench, "+82m");
    assert_eq!(bench.one(STATES), "announced");
}

#[test]
fn a_clock_that_is_behind_for_one_look_names_nothing() {
    let bench = naming("7d");
    if !pass(&bench, "+0") {
        return;
    }
    let seen = bench.lines(NAMING);
    for by in ["-900d", "+0", "+1m"] {
        pass(&bench, by);
        assert_eq!(bench.lines(NAMING), seen, "{by}");
    }
    assert!(bench.lines("SELECT key FROM meta WHERE key = 'seen_ahead_at'").is_empty());
}

#[test]
fn what_was_seen_while_the_clock_was_behind_waits_for_its_name_from_when_it_is_right() {
    let bench = naming("30d");
    for by in ["-900d", "+0", "+8d", "+22d", "+29d"] {
        if !pass(&bench, by) {
            return;
        }
        assert_eq!(bench.one(STATES), "waiting", "{by}");
    }
    pass(&bench, "+31d");
    assert_eq!(bench.one(STATES), "announced");
}

#[test]
fn a_jump_of_the_clock_names_nothing_because_another_was_waited_out() {
    let bench = naming("7d");
    if !pass(&bench, "+0") {
        return;
    }
    let seen = bench.lines(NAMING);
    // A machine whose clock is wrong at each start, and is set right soon.
    for by in ["+2y", "+1m", "+760d", "+2m"] {
        pass(&bench, by);
        assert_eq!(bench.lines(NAMING), seen, "{by}");
    }
    assert!(bench.lines("SELECT key FROM meta WHERE key = 'naming_held_at'").is_empty());
    // It was off for a while, and what was held then has been named by others since.
    bench.tamper(
        "INSERT INTO meta (key, value) \
         VALUES ('naming_held_at', strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-90 days'))",
    );
    for by in ["+3m", "+2y"] {
        pass(&bench, by);
        assert_eq!(bench.lines(NAMING), seen, "{by}");
    }
}

#[test]
fn an_id_reserved_while_the_clock_was_ahead_is_announced() {
    let bench = setup().every_second().start();
    let config = std::fs::read_to_string(bench.config()).unwrap();
    let config = config.replace("announce_after = \"0s\"", "announce_after = \"9d\"");
    let config = match config.contains("announce_after") {
        true => config,
        false => format!("{config}[identity]\nannounce_after = \"9d\"\n"),
    };
    std::fs::write(bench.config(), config).unwrap();
    let meter = counter("c1").replace(r#""o1""#, r#""--7""#);
    bench.uzhkh().push_request(envelope("g1", "Counter", &meter));
    let Some(ahead) = daemon(&bench, "+2h") else { return };
    wait_until("it is reserved", || {
        bench.one_or_none("SELECT count(*) FROM identity WHERE state = 'reserved'") == "1"
    });
    wait_until("it is acknowledged", || bench.uzhkh().queue_len() == 0);
    ahead.kill();
    assert!(bench.set_ids().is_empty());
    let right = bench.daemon();
    wait_until("it is announced", || !bench.set_ids().is_empty());
    right.stop();
}

#[test]
fn a_retry_of_what_came_while_the_clock_was_ahead_undoes_nothing_newer() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("held", "Counter", r#"{"Value1":1}"#));
    let Some(ahead) = shifted(bench.command(&["run", "--once"]), "+2h") else { return };
    assert_eq!(bench.spawn(ahead).end().code, Some(0));
    // It is understood at last, as after an upgrade.
    let sql = bench.one("SELECT sql FROM sqlite_schema WHERE name = 'envelope_stays_verbatim'");
    let risen = counter("c1").replace("10.50", "99.00");
    let body = envelope("held", "Counter", &risen);
    bench.tamper(&format!(
        "DROP TRIGGER envelope_stays_verbatim; UPDATE envelope SET body = '{body}', bytes = length(CAST('{body}' AS BLOB)); {sql}"
    ));
    bench.uzhkh().push_request(envelope("newer", "Counter", &counter("c1")));
    bench.pass();
    let seq = bench.one("SELECT seq FROM quarantine");
    let retried = bench.run(&["quarantine", "retry", &seq]);
    assert_eq!(retried.code, Some(0), "{}", retried.stderr);
    assert_eq!(bench.one("SELECT value1 FROM counter WHERE id = 'c1'"), "10.50");
}

#[test]
fn a_success_that_is_dated_ahead_mutes_nothing() {
    let bench = setup().start();
    let Some(ahead) = shifted(bench.command(&["run", "--once"]), "+2h") else { return };
    assert_eq!(bench.spawn(ahead).end().code, Some(0));
    let status = bench.run(&["status"]).stdout;
    let requests = status.lines().find(|line| line.contains("Requests")).unwrap();
    assert!(requests.trim_end().ends_with("never"), "{status}");
}

#[test]
fn who_was_written_while_the_clock_was_ahead_is_in_the_way_of_another_once() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    for id in ["r1", "r2"] {
        bench.say("Account", &account(&format!("a-{id}"), "o1", &[owner(id)]));
    }
    let Some(ahead) = shifted(bench.command(&["run", "--once"]), "+2h") else { return };
    assert_eq!(bench.spawn(ahead).end().code, Some(0));
    bench.say("Resident", &resident("r2").replace("inna@", "r1@"));
    bench.pass();
    assert_eq!(bench.state("client", "r2"), "blocked");
    bench.rests();
}

#[test]
fn what_was_refused_while_the_clock_was_ahead_is_over_in_its_time() {
    let bench = both().start();
    let end = bench.alma().today() + 1.day();
    let ends = format!(r#""DateTimeClose":"{end}T00:00:00""#);
    let rented = account("a1", "o1", &[tenant("r1")]);
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Account", &rented.replace(r#""DateTimeClose":null"#, &ends));
    bench.pass();
    bench.tamper(
        "UPDATE alma_object SET state = 'rejected', reason = 'no', \
             updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+9 days') \
         WHERE kind = 'tenant_contract'",
    );
    let Some(later) = shifted(bench.command(&["run", "--once"]), "+3d") else { return };
    assert_eq!(bench.spawn(later).end().code, Some(0));
    assert_eq!(bench.state("tenant_contract", "a1:r1"), "ended");
}

//! What is old is forgotten, and what somebody still needs is not, whatever its age.

use std::sync::Arc;

use simulator::{Endpoint, Fault, FaultKind};
use uzhkh_ledger::clock::SystemClock;
use uzhkh_ledger::ledger::{Ledger, WhenFull};

use crate::admin::page::watch;
use crate::domoplaner::items::{CHANGES, flat, flats, premises};
use crate::support::entities::{account, account_of, counter, deletion, envelope, object, person};
use crate::support::{Bench, Daemon, Setup, setup, wait_until};

const LONG_AGO: &str = "2020-01-01T00:00:00.000Z";
/// Later than a test takes, and no later than anything is put off.
const SOON: &str = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+14 minutes')";

/// With this line in `[ledger]`.
fn keeping(setup: Setup, line: &str) -> Bench {
    let bench = setup.start();
    let config = std::fs::read_to_string(bench.config()).unwrap();
    let config = config.replacen("[ledger]\n", &format!("[ledger]\n{line}\n"), 1);
    std::fs::write(bench.config(), config).unwrap();
    bench
}

/// Makes everything that this condition holds for as old as can be.
fn age(bench: &Bench, envelopes: &str, changes: &str) {
    let trigger = bench.one("SELECT sql FROM sqlite_schema WHERE name = 'envelope_stays_verbatim'");
    bench.tamper(&format!(
        "DROP TRIGGER envelope_stays_verbatim; \
         UPDATE envelope SET received_at = '{LONG_AGO}', \
             acknowledged_at = CASE WHEN acknowledged_at IS NOT NULL THEN '{LONG_AGO}' END WHERE {envelopes}; \
         UPDATE change SET at = '{LONG_AGO}' WHERE {changes}; {trigger}"
    ));
}

/// The service, until it has looked for what is old.
fn forgets(bench: &Bench) -> Daemon {
    let daemon = bench.daemon();
    wait_until("something is forgotten", || daemon.log().contains("forgot what was older"));
    daemon
}

/// Has every change that there is forgotten.
fn forget_all(bench: &Bench) {
    age(bench, "false", "true");
    forgets(bench).stop();
    assert_eq!(bench.one("SELECT count(*) FROM change"), "0");
}

#[test]
fn acknowledged_envelopes_go_and_all_others_stay() {
    let bench = keeping(setup(), "keep_envelopes = \"30d\"");
    bench.uzhkh().generate(1200);
    bench.uzhkh().push_request("17");
    bench.pass();
    bench.uzhkh().push_request(envelope("young", "Obj", &object("o1")));
    bench.uzhkh().push_request(envelope("waits", "Obj", &object("o2")));
    bench.pass();
    age(&bench, "guid <> 'young'", "true");
    // One that was acknowledged is to be told to UZhKH again.
    bench.tamper(&format!(
        "UPDATE envelope SET state = 'committed', acknowledged_at = NULL, next_attempt_at = {SOON} \
         WHERE guid = 'waits'"
    ));
    let records = bench.lines("SELECT * FROM record ORDER BY source, kind, id");
    let changes =
        bench.lines("SELECT seq, at, source, kind, id, op, fields FROM change ORDER BY seq");
    let identities = bench.one("SELECT count(*) FROM identity");
    let daemon = forgets(&bench);
    daemon.stop();
    let left = bench.lines("SELECT guid, state FROM envelope ORDER BY guid");
    assert_eq!(left, ["|quarantined", "waits|committed", "young|acknowledged"]);
    assert_eq!(bench.lines("SELECT * FROM record ORDER BY source, kind, id"), records);
    assert_eq!(
        bench.lines("SELECT seq, at, source, kind, id, op, fields FROM change ORDER BY seq"),
        changes
    );
    assert_eq!(bench.one("SELECT count(*) FROM identity"), identities);
    let verified = bench.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    let named = "SELECT guid FROM envelope AS e WHERE EXISTS (SELECT 1 FROM change WHERE envelope_seq = e.seq) ORDER BY 1";
    assert_eq!(bench.lines(named), ["waits", "young"]);
    let recorded =
        bench.lines("SELECT outcome, fetched > 1200, changed FROM poll WHERE feed = 'retention'");
    assert_eq!(recorded, ["ok|1|0"]);
}

#[test]
fn old_changes_go_from_the_oldest_on_and_the_numbers_go_on() {
    let bench = keeping(setup(), "keep_changes = \"30d\"");
    bench.uzhkh().generate(300);
    bench.pass();
    let newest: i64 = bench.one("SELECT max(seq) FROM change").parse().unwrap();
    age(&bench, "false", &format!("seq <= {newest} - 10"));
    forgets(&bench).stop();
    let left = bench.one("SELECT min(seq) || ' ' || count(*) FROM change");
    assert_eq!(left, format!("{} 10", newest - 9));
    let verified = bench.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    // All of them: the next change is not called by an old number.
    age(&bench, "false", "true");
    forgets(&bench).stop();
    assert_eq!(bench.one("SELECT count(*) FROM change"), "0");
    assert_eq!(bench.run(&["verify"]).code, Some(0));
    bench.uzhkh().push_request(envelope("new", "Counter", &counter("meter-1")));
    bench.pass();
    assert_eq!(bench.one("SELECT min(seq) FROM change"), (newest + 1).to_string());
}

#[test]
fn what_came_after_something_quarantined_keeps_it_from_undoing_that() {
    let bench = keeping(setup(), "keep_changes = \"30d\"");
    bench.uzhkh().push_request(envelope("first", "Counter", &counter("meter-1")));
    bench.pass();
    bench.uzhkh().push_request(envelope("held", "Counter", "{\"Value1\":1}"));
    bench.pass();
    let newer = counter("meter-2");
    bench.uzhkh().push_request(envelope("second", "Counter", &newer));
    bench.pass();
    age(&bench, "false", "id = 'meter-1'");
    bench.tamper("UPDATE change SET at = '2021-01-01T00:00:00.000Z' WHERE id = 'meter-2'");
    let trigger = bench.one("SELECT sql FROM sqlite_schema WHERE name = 'envelope_stays_verbatim'");
    bench.tamper(&format!(
        "DROP TRIGGER envelope_stays_verbatim; \
         UPDATE envelope SET received_at = '2020-06-01T00:00:00.000Z' WHERE state = 'quarantined'; {trigger}"
    ));
    forgets(&bench).stop();
    assert_eq!(bench.lines("SELECT id FROM change"), ["meter-2"]);
}

#[test]
fn changes_that_alma_has_not_followed_stay() {
    let bench = setup().alma("").start();
    bench.uzhkh().push_request(envelope("o1", "Obj", &object("o1")));
    bench.pass();
    age(&bench, "false", "true");
    bench.tamper("INSERT INTO change (at, source, kind, id, op) SELECT at, source, kind, id, 'restore' FROM change");
    assert_eq!(bench.one("SELECT change_seq FROM alma_cursor"), "1");
    let ledger = Ledger::open(&bench.ledger(), Arc::new(SystemClock), WhenFull::Fail).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let forget = |follows_alma| {
        let forgetting = ledger.write(move |tx| tx.forget_changes(tx.at(), follows_alma, 500));
        runtime.block_on(forgetting).unwrap()
    };
    assert_eq!(forget(true), 1);
    assert_eq!(bench.lines("SELECT seq FROM change"), ["2"]);
    assert_eq!(forget(true), 0);
    assert_eq!(forget(false), 1, "where Alma is off nobody waits for it");
}

#[test]
fn a_ledger_that_has_forgotten_all_that_alma_has_followed_is_sound_and_backed_up() {
    let bench = keeping(setup().alma(""), "keep_changes = \"30d\"");
    bench.uzhkh().push_request(envelope("o1", "Obj", &object("o1")));
    bench.pass();
    age(&bench, "false", "true");
    forgets(&bench).stop();
    assert_eq!(bench.one("SELECT count(*) FROM change"), "0");
    let verified = bench.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    let status = bench.run(&["status", "--json"]).stdout;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let after = status["last_change"].to_string();
    assert_eq!(bench.run(&["changes", "--after", &after]).code, Some(0));
    let backup = super::file(&bench, "copy.db");
    let made = bench.run(&["backup", &backup]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
}

#[test]
fn alma_begins_anew_where_it_was_off_while_changes_went() {
    let bench = keeping(setup().alma(""), "keep_changes = \"30d\"");
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("o1")));
    bench.pass();
    let with_alma = std::fs::read_to_string(bench.config()).unwrap();
    let (without, _) = with_alma.split_once("[alma]").unwrap();
    std::fs::write(bench.config(), without).unwrap();
    let moved = object("o1").replace(r#""FlatNumber":"12""#, r#""FlatNumber":"13""#);
    bench.uzhkh().push_request(envelope("g2", "Obj", &moved));
    bench.pass();
    age(&bench, "false", "true");
    forgets(&bench).stop();
    assert_eq!(bench.one("SELECT count(*) FROM change"), "0");
    std::fs::write(bench.config(), with_alma).unwrap();
    bench.pass();
    let sent = "SELECT state, sent ->> '$.number' FROM alma_object WHERE kind = 'unit'";
    assert_eq!(bench.lines(sent), ["synced|13"]);
}

#[test]
fn what_a_feed_changes_and_drops_is_recorded_where_no_change_is_kept() {
    let bench = keeping(premises(&[]), "keep_changes = \"30d\"");
    bench.items("flats", flats(1..11));
    bench.pass();
    forget_all(&bench);
    let risen = flat(1).replace("5600000.10", "6000000.10");
    bench.items("flats", flats(2..10).into_iter().chain([risen]));
    bench.pass();
    assert_eq!(
        bench.lines(CHANGES),
        [r#"1|update|{"price":["5600000.10","6000000.10"]}"#, "10|delete|NULL"]
    );
    bench.verified();
}

#[test]
fn what_the_lists_of_uzhkh_show_is_recorded_where_no_change_is_kept() {
    let bench = keeping(setup(), "keep_changes = \"30d\"");
    let uzhkh = bench.uzhkh();
    let resynced = || {
        let ended = bench.run(&["run", "--once", "--full-resync"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    };
    uzhkh.set_download("Accounts", vec![account("a1"), account("a2")]);
    uzhkh.set_download("Counters", vec![counter("c1")]);
    resynced();
    uzhkh.push_deleted(deletion("d1", "counter", "c1"));
    bench.pass();
    forget_all(&bench);
    uzhkh.set_download("Accounts", vec![account("a1").replace("10.50", "11.00")]);
    resynced();
    assert_eq!(
        bench.lines(CHANGES),
        [r#"a1|update|{"Balance":["10.50","11.00"]}"#, "c1|restore|NULL"]
    );
    let missing = "SELECT id FROM record WHERE missing_since IS NOT NULL";
    assert_eq!(bench.lines(missing), ["a2"]);
}

#[test]
fn alma_that_is_switched_on_where_no_change_is_kept_is_not_behind() {
    let watched = watch(setup().alma("schedule = \"* * * * * *\""));
    let watched = watched.again(|bench| {
        let with_alma = std::fs::read_to_string(bench.config()).unwrap();
        let with_alma = with_alma.replacen("[ledger]\n", "[ledger]\nkeep_changes = \"30d\"\n", 1);
        std::fs::write(bench.config(), with_alma.split_once("[alma]").unwrap().0).unwrap();
        bench.uzhkh().push_request(envelope("g1", "Obj", &object("o1")));
        bench.pass();
        forget_all(bench);
        std::fs::write(bench.config(), with_alma).unwrap();
    });
    let unit = "SELECT state FROM alma_object WHERE kind = 'unit'";
    wait_until("the unit is in Alma", || watched.bench.lines(unit) == ["synced"]);
    assert_eq!(watched.number("alma_changes_behind"), Some(0.0));
    // Nor does one stay behind that was left there.
    let behind = "UPDATE alma_cursor SET change_seq = 0";
    let watched = watched.again(|bench| bench.tamper(behind));
    watched.wait_for("alma_changes_behind", 0.0);
}

#[test]
fn a_name_that_is_put_right_while_alma_is_off_and_changes_went_moves_what_alma_has() {
    let setup = setup().section("[identity]\nannounce_after = \"9d\"").alma("");
    let bench = keeping(setup, "keep_changes = \"30d\"");
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("o1")));
    bench.uzhkh().push_request(envelope("g2", "Account", &account_of("a1", &[person("--3")])));
    // It is not told before a person names it.
    bench.inject(Fault::new(FaultKind::Forbidden).at(Endpoint::SetId));
    bench.fail();
    let known = "SELECT kind, alma_id, state FROM alma_object ORDER BY kind";
    let before = bench.lines(known);
    assert_eq!(before.len(), 4, "{before:?}");
    let with_alma = std::fs::read_to_string(bench.config()).unwrap();
    let (without, _) = with_alma.split_once("[alma]").unwrap();
    std::fs::write(bench.config(), without).unwrap();
    bench.uzhkh().push_request(envelope("g3", "Counter", &counter("c1")));
    bench.once();
    forget_all(&bench);
    let set = bench.run(&["identity", "set", "resident", "--", "--3", "person-3"]);
    assert_eq!(set.code, Some(0), "{}", set.stderr);
    bench.clear_faults();
    std::fs::write(bench.config(), with_alma).unwrap();
    let asked = bench.report().alma.len();
    bench.pass();
    let calls = bench.report().alma.split_off(asked).into_iter();
    let writes: Vec<String> =
        calls.filter(|call| call.method != "GET").filter_map(|call| call.body).collect();
    assert_eq!(writes, [r#"{"external_id":"person-3"}"#, r#"{"external_id":"a1:person-3"}"#]);
    assert_eq!(bench.lines(known), before);
}

/// Whatever the ages: what UZhKH was not told about is there.
#[test]
fn nothing_unacknowledged_goes() {
    let mut bench = keeping(setup(), "keep_envelopes = \"7d\"\nkeep_changes = \"7d\"");
    // An entry that is due again is acknowledged though its change is forgotten.
    bench.forgive_violations();
    bench.uzhkh().generate(200);
    for bad in ["42", r#"{"Counter":{"Id":"nobody's"}}"#] {
        bench.uzhkh().push_request(bad);
    }
    bench.pass();
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..2 {
        age(&bench, "abs(random()) % 2 = 0", "abs(random()) % 2 = 0");
        bench.tamper(&format!(
            "UPDATE envelope SET state = 'committed', acknowledged_at = NULL, next_attempt_at = {SOON} \
             WHERE state = 'acknowledged' AND seq % 7 = {}",
            random.u8(0..7)
        ));
        let kept = "SELECT seq, body_sha256 FROM envelope WHERE state <> 'acknowledged' \
             OR acknowledged_at > '2021' ORDER BY seq";
        let before = bench.lines(kept);
        forgets(&bench).stop();
        let left = bench.lines("SELECT seq, body_sha256 FROM envelope ORDER BY seq");
        assert!(left == before, "{} are left of {}", left.len(), before.len());
        let verified = bench.run(&["verify"]);
        assert_eq!(verified.code, Some(0), "{}", verified.stdout);
        bench.uzhkh().generate(60);
        bench.pass();
    }
}

#[test]
fn too_short_a_time_is_refused() {
    let bench = keeping(setup(), "keep_envelopes = \"6d\"\nkeep_changes = \"1h\"");
    let ended = bench.run(&["run", "--once"]);
    assert_eq!(ended.code, Some(78));
    for key in ["ledger.keep_envelopes", "ledger.keep_changes"] {
        assert!(ended.stderr.contains(key), "{}", ended.stderr);
    }
}

//! Changes and records come as they are in the ledger, whatever happens to a record there.

use super::copy::{Copy, LEDGER, Pg};
use crate::support::entities::{account, account_of, counter, envelope, payment, person, resident};
use crate::support::wait_until;

#[test]
fn what_the_ledger_holds_is_there_row_by_row() {
    let Some(copy) = Copy::new("follows") else { return };
    let bench = copy.setup("batch = 3").start();
    bench.uzhkh().generate(40);
    bench.pass();
    copy.assert_same(&bench, LEDGER);
    assert_eq!(copy.one("SELECT epoch, backfill, kinds FROM @.ledger"), "1|NULL|NULL");
    let rich = account("a1").replace("10.50", "1234.10");
    bench.uzhkh().push_request(envelope("g1", "Account", &account("a1")));
    bench.uzhkh().push_request(envelope("g2", "Account", &rich));
    bench.uzhkh().push_request(envelope("g3", "Counter", &counter("c1")));
    bench.pass();
    bench.uzhkh().push_deletion("counter", "c1");
    bench.pass();
    copy.assert_same(&bench, LEDGER);
    let verbatim = "SELECT body::text = '@' FROM @.record WHERE id = 'a1'";
    let verbatim = verbatim.replacen('@', &rich.replace('\'', "''"), 1);
    assert_eq!(copy.one(&verbatim), "t");
    assert_eq!(copy.one("SELECT balance FROM @.account WHERE id = 'a1'"), "1234.10");
    assert_eq!(copy.one("SELECT count(*) FROM @.counter WHERE id = 'c1'"), "0");
    let fields = copy.one("SELECT fields FROM @.change WHERE id = 'a1' AND op = 'update'");
    assert!(fields.contains(r#"["10.50","1234.10"]"#), "{fields}");
}

#[test]
fn a_service_brings_each_change_soon_and_gives_idle_connections_back() {
    let Some(copy) = Copy::new("serves") else { return };
    let bench = copy.setup("").start();
    let daemon = bench.daemon();
    bench.uzhkh().push_request(envelope("g1", "Resident", &resident("r1")));
    copy.wait(&bench, LEDGER);
    bench.uzhkh().push_request(envelope("g2", "Payment", &payment("p1")));
    wait_until("the payment", || {
        copy.one_or_none("SELECT sum FROM @.payment WHERE id = 'p1'") == "1500.00"
    });
    copy.assert_same(&bench, LEDGER);
    let connections = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'uzhkh-ledger {LEDGER}' \
         AND query LIKE '%{}%'",
        copy.schema
    );
    wait_until("the connection to be given back", || copy.one(&connections) == "0");
    daemon.stop();
}

#[test]
fn a_name_takes_the_place_of_the_temporary_id() {
    let Some(copy) = Copy::new("renames") else { return };
    let mut bench = copy.setup("").section("[identity]\nassign = \"external\"").start();
    // UZhKH would refuse the name of a record that it gave away itself.
    bench.forgive_violations();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("c9")));
    bench.uzhkh().push_request(envelope("g3", "Counter", &counter("--6")));
    bench.pass();
    copy.assert_same_ids(&["--5", "--6", "c9"]);
    // One is moved, the other joined with a record that there is.
    for (temporary, permanent) in [("--5", "named"), ("--6", "c9")] {
        let ended = bench.run(&["identity", "set", "counter", temporary, permanent]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    // UZhKH no longer knows the temporary ids, which is beside the point here.
    bench.once();
    copy.assert_same(&bench, LEDGER);
    copy.assert_same_ids(&["c9", "named"]);
    let old = "SELECT id, deleted_at = (SELECT at FROM @.change WHERE op = 'rename' AND id = \
               CASE r.id WHEN '--5' THEN 'named' ELSE 'c9' END) FROM @.record AS r \
               WHERE id LIKE '--%' ORDER BY id";
    assert_eq!(copy.lines(old), ["--5|t", "--6|t"]);
}

impl Copy {
    #[track_caller]
    fn assert_same_ids(&self, ids: &[&str]) {
        assert_eq!(self.lines("SELECT id FROM @.counter ORDER BY id COLLATE \"C\""), ids);
    }
}

#[test]
fn what_is_missing_from_a_list_shows_and_goes_again() {
    let Some(copy) = Copy::new("missing") else { return };
    let bench = copy.setup("").start();
    let accounts = ["a1", "gone", "a3"];
    for id in accounts {
        bench.uzhkh().push_request(envelope(id, "Account", &account(id)));
    }
    bench.pass();
    let resynced = |shown: &[&str]| {
        let shown = shown.iter().map(|id| account(id)).collect();
        bench.uzhkh().set_download("Accounts", shown);
        let ended = bench.run(&["run", "--once", "--full-resync"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        copy.assert_same(&bench, LEDGER);
    };
    let missing = "SELECT id FROM @.record WHERE missing_since IS NOT NULL";
    resynced(&["a1", "a3"]);
    assert_eq!(copy.lines(missing), ["gone"]);
    resynced(&accounts);
    assert!(copy.lines(missing).is_empty());
}

/// What is missing comes without a change: a record may be brought while it is, and be seen again
/// before the end of the log.
#[test]
fn what_was_missing_when_its_change_came_does_not_stay_so() {
    let Some(copy) = Copy::new("moment") else { return };
    let bench = copy.setup("").start();
    let changed = |id: &str| account(id).replace("10.50", "9.50");
    let resync = |shown: Vec<String>| {
        bench.uzhkh().set_download("Accounts", shown);
        let asked = bench.run(&["run", "--full-resync"]);
        assert_eq!(asked.code, Some(0), "{}", asked.stderr);
    };
    let there = "SELECT id FROM @.record WHERE missing_since IS NOT NULL";
    let here = "SELECT id FROM record WHERE missing_since IS NOT NULL";
    for id in ["a1", "gone"] {
        bench.uzhkh().push_request(envelope(id, "Account", &account(id)));
    }
    let daemon = bench.daemon();
    copy.wait(&bench, LEDGER);
    resync(vec![account("a1")]);
    wait_until("it is missing there", || copy.lines(there) == ["gone"]);
    resync(vec![account("a1"), account("gone")]);
    wait_until("none is missing there", || copy.lines(there).is_empty());
    // From now on each record waits for whom holds its name.
    copy.lines(
        "CREATE FUNCTION @.waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             PERFORM pg_advisory_xact_lock(hashtext('@' || NEW.id)); RETURN NEW; END $$; \
         CREATE TRIGGER waits BEFORE INSERT ON @.record FOR EACH ROW EXECUTE FUNCTION @.waits()",
    );
    let holder = Pg::connect(&copy.server.url("postgres"));
    let holds = |sql: &str| holder.try_lines(&copy.sql(sql)).unwrap();
    holds("SELECT pg_advisory_lock(hashtext('@' || 'a1'))");
    holds("SELECT pg_advisory_lock(hashtext('@' || 'gone'))");
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' \
                   AND query LIKE '%@%'";
    bench.uzhkh().push_request(envelope("g1", "Account", &changed("a1")));
    wait_until("the first to wait", || copy.one(waiting) == "1");
    bench.uzhkh().push_request(envelope("g2", "Account", &changed("gone")));
    let updates = "SELECT count(*) FROM change WHERE op = 'update'";
    wait_until("the other change", || bench.one(updates) == "2");
    resync(vec![changed("a1")]);
    wait_until("it is missing here", || bench.lines(here) == ["gone"]);
    holds("SELECT pg_advisory_unlock(hashtext('@' || 'a1'))");
    let came = "SELECT count(*) FROM @.change WHERE id = 'a1' AND op = 'update'";
    wait_until("the other to wait", || copy.one(came) == "1" && copy.one(waiting) == "1");
    resync(vec![changed("a1"), changed("gone")]);
    wait_until("none is missing here", || bench.lines(here).is_empty());
    holds("SELECT pg_advisory_unlock(hashtext('@' || 'gone'))");
    copy.wait(&bench, LEDGER);
    wait_until("none is missing there", || copy.lines(there).is_empty());
    daemon.stop();
    copy.assert_same(&bench, LEDGER);
}

#[test]
fn only_the_kinds_that_are_wanted_come() {
    let Some(copy) = Copy::new("kinds") else { return };
    let bench = copy.setup("kinds = [\"account\"]\nbatch = 1").start();
    let account = account_of("a1", &[person("r1"), person("r2")]);
    bench.uzhkh().push_request(envelope("g1", "Account", &account));
    bench.uzhkh().push_request(envelope("g2", "Payment", &payment("p1")));
    bench.pass();
    bench.uzhkh().push_request(envelope("g3", "Payment", &payment("p2")));
    bench.uzhkh().push_request(envelope("g4", "Account", &account.replace("10.50", "11.00")));
    bench.uzhkh().push_request(envelope("g5", "Payment", &payment("p3")));
    bench.pass();
    assert_eq!(copy.lines("SELECT DISTINCT kind FROM @.record"), ["account"]);
    assert_eq!(copy.lines("SELECT kind FROM @.change"), ["account"]);
    assert_eq!(copy.one("SELECT kinds FROM @.ledger"), "[\"account\"]");
    let persons = "SELECT resident_id, is_owner FROM @.account_person ORDER BY 1";
    assert_eq!(copy.lines(persons), ["r1|t", "r2|t"]);
    assert_eq!(copy.one("SELECT seq FROM @.ledger"), bench.one(super::copy::LAST));
    // Other kinds are another epoch, and take what is no longer wanted with them.
    let config = std::fs::read_to_string(bench.config()).unwrap();
    let config = config.replace("[\"account\"]", "[\"payment\"]");
    std::fs::write(bench.config(), config).unwrap();
    bench.pass();
    assert_eq!(copy.lines("SELECT DISTINCT kind, epoch FROM @.record"), ["payment|2"]);
    assert_eq!(copy.lines("SELECT id FROM @.payment ORDER BY id"), ["p1", "p2", "p3"]);
    assert_eq!(copy.lines("SELECT kind, epoch FROM @.change"), ["account|1"]);
}

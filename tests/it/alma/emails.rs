//! Alma has each e-mail once: a client who has one already is ours, or in the way.

use simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner};
use crate::alma::wire::{CLIENTS, patch};
use crate::support::entities::resident;
use crate::support::{Bench, wait_until};

/// A client as people made it.
fn put(bench: &Bench, external_id: &str, email: &str) -> i64 {
    let fields = format!(
        r#"{{"external_id":"{external_id}","first_name":"Инна","last_name":"Ветрова","email":"{email}","phone":"+70000000001","country":4}}"#
    );
    bench.alma().create(AlmaKind::Client, &fields)
}

/// A resident with this e-mail.
fn with_email(id: &str, email: &str) -> String {
    resident(id).replace("inna@example.invalid", email)
}

/// The owners of o1, each with an account and a contract of its own.
fn owners(bench: &Bench, ids: &[&str]) {
    bench.say("Obj", &flat("o1", "12"));
    for id in ids {
        let account = account(&format!("a-{id}"), "o1", &[owner(id)]);
        bench.say("Account", &account);
    }
}

fn email(bench: &Bench, id: &str) -> String {
    bench.field(AlmaKind::Client, id, "email")
}

#[test]
fn a_client_with_the_same_email_and_no_external_id_is_adopted() {
    for there in ["r1@example.invalid", "R1@Example.INVALID"] {
        let bench = both().start();
        let id = put(&bench, "", there);
        owners(&bench, &["r1"]);
        bench.pass();
        assert_eq!(bench.alma().objects(AlmaKind::Client).len(), 1);
        assert_eq!(bench.alma_id(AlmaKind::Client, "r1"), id);
        let writes = bench.writes();
        let mut patches = writes.iter().filter(|write| write.starts_with("PATCH"));
        let sent = patches.next().unwrap();
        let only = patch(CLIENTS, id, r#"{"external_id":"r1""#);
        let only = only.strip_suffix('}').unwrap_or(&only);
        assert!(sent.starts_with(only), "{sent}");
        assert!(!sent.contains("phone") && !sent.contains("name"), "{sent}");
        assert_eq!(patches.next(), None);
        bench.rests();
    }
}

#[test]
fn a_client_with_the_same_email_and_another_external_id_blocks_ours() {
    let bench = both().start();
    let id = put(&bench, "manual-1", "R1@example.invalid");
    owners(&bench, &["r1", "r2"]);
    bench.pass();
    assert_eq!(bench.state("client", "r1"), "blocked");
    let reason = bench.reason("client", "r1");
    assert!(reason.contains("manual-1") && reason.contains(&id.to_string()), "{reason}");
    assert!(!reason.contains('@'), "{reason}");
    assert_eq!(bench.state("owner_contract", "a-r1:r1"), "blocked");
    assert_eq!(bench.state("owner_contract", "a-r2:r2"), "synced");
    bench.rests();
    // People put it right in Alma, and say so.
    bench.alma().edit(AlmaKind::Client, id, "email", r#""else@example.invalid""#);
    let retried = bench.run(&["alma", "retry", "client", "r1"]);
    assert_eq!(retried.code, Some(0), "{}", retried.stderr);
    bench.pass();
    assert_eq!(bench.state("owner_contract", "a-r1:r1"), "synced");
    bench.rests();
}

#[test]
fn two_residents_with_one_email_are_one_client_until_one_gets_another() {
    for mended in ["r1", "r2"] {
        let bench = both().start();
        let one = |id: &str| owner(id).replace(&format!("{id}@"), "home@");
        bench.say("Obj", &flat("o1", "12"));
        for id in ["r1", "r2"] {
            bench.say("Account", &account(&format!("a-{id}"), "o1", &[one(id)]));
        }
        bench.pass();
        let states =
            bench.lines("SELECT state FROM alma_object WHERE kind = 'client' ORDER BY state");
        assert_eq!(states, ["blocked", "synced"]);
        let contracts = bench
            .lines("SELECT state FROM alma_object WHERE kind = 'owner_contract' ORDER BY state");
        assert_eq!(contracts, ["blocked", "synced"]);
        bench.rests();
        bench.say("Resident", &with_email(mended, "own@example.invalid"));
        bench.pass();
        assert_eq!(bench.lines("SELECT DISTINCT state FROM alma_object"), ["synced"], "{mended}");
        assert_eq!(email(&bench, mended), r#""own@example.invalid""#);
        bench.rests();
    }
}

#[test]
fn two_residents_with_the_email_of_one_client_of_peoples_do_not_both_become_it() {
    for round in 0..8 {
        let bench = both().start();
        let id = put(&bench, "", "home@example.invalid");
        let one = |id: &str| owner(id).replace(&format!("{id}@"), "home@");
        bench.say("Obj", &flat("o1", "12"));
        for id in ["r1", "r2"] {
            bench.say("Account", &account(&format!("a-{id}"), "o1", &[one(id)]));
        }
        bench.pass();
        let is = bench
            .one("SELECT external_id FROM alma_object WHERE kind = 'client' AND state = 'synced'");
        assert_eq!(bench.alma_id(AlmaKind::Client, &is), id, "{round}");
        let patches = bench.writes().into_iter().filter(|write| write.starts_with("PATCH"));
        assert_eq!(patches.count(), 1, "{round}");
        bench.rests();
    }
}

#[test]
fn an_email_that_goes_from_one_to_a_newcomer_in_one_pass_arrives_so() {
    let bench = both().start();
    owners(&bench, &["r2"]);
    bench.pass();
    // Sorted, the newcomer comes first.
    bench.say("Account", &account("a-r1", "o1", &[owner("r1").replace("r1@", "r2@")]));
    bench.say("Resident", &with_email("r2", "r2.new@example.invalid"));
    bench.pass();
    assert_eq!(email(&bench, "r1"), r#""r2@example.invalid""#);
    assert_eq!(email(&bench, "r2"), r#""r2.new@example.invalid""#);
    assert_eq!(bench.lines("SELECT DISTINCT state FROM alma_object"), ["synced"]);
    bench.rests();
}

#[test]
fn the_service_sees_that_an_email_is_free_by_now() {
    let bench = both().every_second().start();
    owners(&bench, &["r1"]);
    let daemon = bench.daemon();
    let synced = |count: &str| {
        let sql = "SELECT count(*) FROM alma_object WHERE state = 'synced' AND kind = 'client'";
        wait_until("clients are in Alma", || bench.one_or_none(sql) == count);
    };
    synced("1");
    bench.say("Account", &account("a-r2", "o1", &[owner("r2").replace("r2@", "r1@")]));
    wait_until("the second is blocked", || {
        let sql =
            "SELECT count(*) FROM alma_object WHERE waits_for IS NOT NULL AND kind = 'client'";
        bench.one(sql) == "1"
    });
    bench.say("Resident", &with_email("r1", "r1.new@example.invalid"));
    synced("2");
    assert_eq!(email(&bench, "r2"), r#""r1@example.invalid""#);
    wait_until("the contracts too", || {
        bench.one("SELECT count(*) FROM alma_object WHERE state = 'pending'") == "0"
    });
    daemon.stop();
    bench.rests();
}

#[test]
fn two_clients_that_swap_their_emails_come_to_rest_once_one_is_put_aside() {
    let bench = both().start();
    owners(&bench, &["r1", "r2"]);
    bench.pass();
    bench.say("Resident", &with_email("r1", "r2@example.invalid"));
    bench.say("Resident", &with_email("r2", "r1@example.invalid"));
    bench.pass();
    bench.rests();
    // Neither can go first, and both say of whom.
    for (id, other) in [("r1", "r2"), ("r2", "r1")] {
        assert_eq!(bench.state("client", id), "blocked");
        assert!(bench.reason("client", id).contains(other), "{}", bench.reason("client", id));
    }
    bench.say("Resident", &with_email("r2", "aside@example.invalid"));
    bench.pass();
    assert_eq!(email(&bench, "r1"), r#""r2@example.invalid""#);
    bench.say("Resident", &with_email("r2", "r1@example.invalid"));
    bench.pass();
    assert_eq!(email(&bench, "r2"), r#""r1@example.invalid""#);
    bench.rests();
}

#[test]
fn an_email_that_is_handed_on_between_clients_arrives_whoever_goes_first() {
    let bench = both().start();
    owners(&bench, &["r1", "r2", "r3"]);
    bench.pass();
    bench.say("Resident", &with_email("r1", "r2@example.invalid"));
    bench.say("Resident", &with_email("r2", "r3@example.invalid"));
    bench.say("Resident", &with_email("r3", "new@example.invalid"));
    bench.pass();
    for (id, has) in [("r1", "r2"), ("r2", "r3"), ("r3", "new")] {
        assert_eq!(email(&bench, id), format!("\"{has}@example.invalid\""));
    }
    bench.rests();
}

//! A write that arrived, and a death before that was noted; meanwhile the ledger wants
//! what was before.

use simulator::AlmaKind;

use crate::alma::archive::{AUTO, archiving, furnished};
use crate::alma::wire::{CLIENTS, patch};
use crate::support::Bench;
use crate::support::entities::resident;

/// How an object stood, as SQL that brings it back there.
fn as_it_stood(bench: &Bench, kind: &str, id: &str) -> String {
    bench.one(&format!(
        "SELECT format('UPDATE alma_object SET desired = %Q, sent = %Q, state = %Q, reason = %Q, released_at = %Q \
             WHERE kind = %Q AND external_id = %Q;', \
             desired, sent, state, reason, released_at, kind, external_id) \
         FROM alma_object WHERE kind = '{kind}' AND external_id = '{id}'"
    ))
}

fn with_email(email: &str) -> String {
    resident("r1").replace("inna@example.invalid", email)
}

#[test]
fn a_change_that_is_taken_back_is_taken_back_in_alma() {
    let bench = furnished("");
    bench.say("Resident", &with_email("r1@example.invalid"));
    bench.pass();
    let client = bench.alma_id(AlmaKind::Client, "r1");
    let before =
        bench.one("SELECT sent FROM alma_object WHERE kind = 'client' AND external_id = 'r1'");
    bench.say("Resident", &with_email("new@example.invalid"));
    bench.pass();
    bench.tamper(&format!(
        "UPDATE alma_object SET state = 'pending', sent = '{before}' WHERE kind = 'client' AND external_id = 'r1'"
    ));
    bench.say("Resident", &with_email("r1@example.invalid"));
    bench.pass_writes_only(&[patch(CLIENTS, client, r#"{"email":"r1@example.invalid"}"#)]);
    assert_eq!(bench.state("client", "r1"), "synced");
}

#[test]
fn a_change_that_is_taken_back_by_way_of_a_gap_is_taken_back_in_alma() {
    let bench = furnished("");
    bench.say("Resident", &with_email("r1@example.invalid"));
    bench.pass();
    let client = bench.alma_id(AlmaKind::Client, "r1");
    let before =
        bench.one("SELECT sent FROM alma_object WHERE kind = 'client' AND external_id = 'r1'");
    bench.say("Resident", &with_email("new@example.invalid"));
    bench.pass();
    bench.tamper(&format!(
        "UPDATE alma_object SET state = 'pending', sent = '{before}' WHERE kind = 'client' AND external_id = 'r1'"
    ));
    bench.say("Resident", &with_email(""));
    bench.pass();
    assert_eq!(bench.state("client", "r1"), "blocked");
    bench.say("Resident", &with_email("r1@example.invalid"));
    bench.pass_writes_only(&[patch(CLIENTS, client, r#"{"email":"r1@example.invalid"}"#)]);
    assert_eq!(bench.state("client", "r1"), "synced");
}

#[test]
fn a_flat_that_was_archived_and_comes_back_is_looked_at_with_its_contracts() {
    for line in ["", AUTO] {
        let bench = furnished(line);
        let unit = bench.alma_id(AlmaKind::Unit, "o1");
        bench.say_deleted("object", "o1");
        if line.is_empty() {
            bench.pass();
            bench.release("unit", "o1");
        }
        let contracts = [("owner_contract", "a1:r1"), ("tenant_contract", "a1:r2")];
        let stood: Vec<String> = [("unit", "o1")]
            .iter()
            .chain(&contracts)
            .map(|(kind, id)| as_it_stood(&bench, kind, id))
            .collect();
        bench.pass();
        assert!(bench.held(AlmaKind::Unit, "o1").is_archived);
        bench.tamper(&stood.concat());
        if !line.is_empty() {
            // So it stands while it is being archived.
            bench.tamper(
                "UPDATE alma_object SET desired = NULL, state = 'pending' WHERE kind = 'unit'",
            );
            bench.tamper(
                "UPDATE alma_object SET desired = NULL, state = 'held', reason = 'x' WHERE kind LIKE '%_contract'",
            );
        }
        let before = bench.writes().len();
        bench.restore();
        let back: &[String] = match line {
            "" => &[],
            _ => &[archiving(unit, false)],
        };
        assert_eq!(bench.writes()[before..], *back, "{line}");
        let state = if line.is_empty() { "held" } else { "synced" };
        assert_eq!(bench.state("unit", "o1"), state);
        for (kind, id) in contracts {
            assert_eq!(bench.state(kind, id), "held", "{line}");
        }
        bench.rests();
    }
}

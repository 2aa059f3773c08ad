//! What the ledger wants arrives in Alma, field by field, and once.

use simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner};

#[test]
fn a_flat_its_people_and_their_contracts_arrive_and_rest() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    assert_eq!(
        bench.stand(),
        [
            "building h4 synced",
            "client r1 synced",
            "client r2 synced",
            "owner_contract a1:r1 synced",
            "tenant_contract a1:r2 synced",
            "unit o1 synced",
        ]
    );
    let unit = bench.held(AlmaKind::Unit, "o1");
    assert_eq!(unit.fields["name"], "\"12\"");
    assert_eq!(unit.fields["internal_area"], "54.3");
    bench.rests();
}

#[test]
fn a_pass_counts_what_it_looked_at_by_what_became_of_it() {
    let bench = both().start();
    let nameless = owner("r2").replace(r#""Name":"Инна""#, r#""Name":null"#);
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Account", &account("a1", "o1", &[owner("r1"), nameless]));
    // A building, a unit, a client and a contract; the other person cannot be a client.
    let ended = bench.pass();
    let counts = "synced=4 archived=0 blocked=1 rejected=0 held=0 failed=0";
    assert!(ended.stderr.contains(counts), "{}", ended.stderr);
    assert_eq!(bench.newest_poll("alma", "objects", "fetched, changed"), "5|4");
}

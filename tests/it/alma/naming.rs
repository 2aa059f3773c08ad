//! Objects whose records have no name yet, or get another.

use simulator::{AlmaKind, Endpoint, FaultKind};

use crate::alma::bench::{account, both, flat, owner};
use crate::support::entities::resident;
use crate::support::{Bench, Setup};

fn external(setup: Setup) -> Setup {
    setup.section("[identity]\nassign = \"external\"")
}

#[track_caller]
fn name(bench: &Bench, kind: &str, temporary: &str, permanent: &str, verdict: &str) {
    let ended = bench.run(&["identity", "set", "--json", kind, temporary, permanent]);
    let said: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap_or_default();
    assert_eq!(said["result"], verdict, "{}{}", ended.stdout, ended.stderr);
}

/// A flat and its owner in Alma, who has a UUID of ours that UZhKH could not be told, and a
/// person beside them; answers the UUID, and Alma's ids of the client and of the contract.
fn untold() -> (Bench, String, [String; 2]) {
    let bench = both().section("[identity]\nannounce_after = \"9d\"").start();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Resident", &resident("r9").replace("inna@", "r9@"));
    bench.say("Account", &account("a1", "o1", &[owner("--3")]));
    bench.fault(FaultKind::Forbidden, Endpoint::SetId, 1);
    bench.fail();
    bench.clear_faults();
    let given = bench.permanent("resident", "--3");
    let stands = ["client", "owner_contract"].map(|kind| {
        bench.one(&format!(
            "SELECT alma_id FROM alma_object WHERE kind = '{kind}' AND state = 'synced'"
        ))
    });
    (bench, given, stands)
}

/// Alma's ids of a client and its contract, which are in step.
fn in_step(bench: &Bench, client: &str, contract: &str) -> [String; 2] {
    [("client", client), ("owner_contract", contract)].map(|(kind, id)| {
        bench.one(&format!(
            "SELECT alma_id FROM alma_object WHERE kind = '{kind}' AND external_id = '{id}' AND state = 'synced'"
        ))
    })
}

#[test]
fn what_waits_for_its_name_is_not_sent() {
    let bench = external(both()).start();
    bench.say("Obj", &flat("--7", "12"));
    bench.say("Account", &account("--2", "--7", &[owner("--3")]));
    bench.pass();
    assert_eq!(
        bench.stand(),
        [
            "building h4 synced",
            "client --3 blocked",
            "owner_contract --2:--3 blocked",
            "unit --7 blocked"
        ]
    );
    for (kind, id) in [("unit", "--7"), ("client", "--3"), ("owner_contract", "--2:--3")] {
        let reason = bench.reason(kind, id);
        assert!(reason.starts_with("waits for its name"), "{kind}: {reason}");
    }
    bench.rests();
    name(&bench, "object", "--7", "flat 7", "named");
    name(&bench, "account", "--2", "a2", "named");
    bench.pass();
    // A contract waits as long as one of the two has no name.
    assert_eq!(
        bench.stand(),
        [
            "building h4 synced",
            "client --3 blocked",
            "owner_contract a2:--3 blocked",
            "unit flat 7 synced"
        ]
    );
    name(&bench, "resident", "--3", "r3", "named");
    bench.pass();
    assert_eq!(
        bench.stand(),
        [
            "building h4 synced",
            "client r3 synced",
            "owner_contract a2:r3 synced",
            "unit flat 7 synced"
        ]
    );
    let unit = bench.held(AlmaKind::Unit, "flat 7").id;
    assert_eq!(bench.field(AlmaKind::OwnerContract, "a2:r3", "unit_id"), unit.to_string());
    bench.rests();
    bench.verified();
}

#[test]
fn a_rename_carries_along_what_alma_has() {
    let (bench, given, ids) = untold();
    name(&bench, "resident", "--3", "person 3", "named");
    bench.pass();
    assert_eq!(in_step(&bench, "person 3", "a1:person 3"), ids);
    let [client, contract] = &ids;
    assert_eq!(bench.held(AlmaKind::Client, "person 3").id.to_string(), *client);
    assert_eq!(bench.held(AlmaKind::OwnerContract, "a1:person 3").id.to_string(), *contract);
    assert!(bench.alma().object(AlmaKind::Client, &given).is_none());
    assert_eq!(bench.one("SELECT count(*) FROM alma_object"), "4");
    assert_eq!(
        bench.one("SELECT sent ->> '$.client_id' FROM alma_object WHERE kind = 'owner_contract'"),
        "person 3"
    );
    bench.rests();
    // What changes goes to the very client.
    bench.say("Resident", &resident("--3").replace("Ветрова", "Бурова").replace("inna@", "--3@"));
    bench.pass();
    assert_eq!(bench.held(AlmaKind::Client, "person 3").id.to_string(), *client);
    assert_eq!(bench.field(AlmaKind::Client, "person 3", "last_name"), "\"Бурова\"");
    bench.verified();
}

#[test]
fn a_merge_carries_along_what_alma_has() {
    let (bench, _, ids) = untold();
    let config = std::fs::read_to_string(bench.config()).unwrap();
    let config = config.replace("[identity]\n", "[identity]\nassign = \"external\"\n");
    std::fs::write(bench.config(), config).unwrap();
    name(&bench, "resident", "--3", "r9", "merged");
    bench.pass();
    assert_eq!(in_step(&bench, "r9", "a1:r9"), ids);
    let [client, _] = &ids;
    assert_eq!(bench.held(AlmaKind::Client, "r9").id.to_string(), *client);
    assert_eq!(bench.one("SELECT count(*) FROM alma_object"), "4");
    bench.rests();
    bench.verified();
}

#[test]
fn a_new_person_who_was_a_client_all_along_is_that_client() {
    let bench = external(both()).start();
    bench.furnish();
    bench.pass();
    let before =
        bench.one("SELECT alma_id FROM alma_object WHERE kind = 'client' AND external_id = 'r1'");
    bench.say("Obj", &flat("o2", "13"));
    let again = owner("--3").replace("--3@", "r1@");
    bench.say("Account", &account("a2", "o2", &[again]).replace("1001", "1002"));
    bench.pass();
    assert_eq!(bench.state("client", "--3"), "blocked");
    name(&bench, "resident", "--3", "r1", "merged");
    bench.pass();
    assert_eq!(
        bench.lines("SELECT alma_id, state FROM alma_object WHERE kind = 'client' AND external_id IN ('r1', '--3')"),
        [format!("{before}|synced")]
    );
    assert_eq!(bench.state("owner_contract", "a2:r1"), "synced");
    assert_eq!(bench.field(AlmaKind::OwnerContract, "a2:r1", "client_id"), before);
    bench.rests();
    bench.verified();
}

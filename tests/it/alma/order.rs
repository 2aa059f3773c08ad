//! What one gives up another may take, in the same pass.

use simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner, tenant};

#[test]
fn a_number_an_e_mail_and_a_flat_change_hands_in_one_pass() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    bench.say("Obj", &flat("o1", "13"));
    bench.say("Obj", &flat("o0", "12"));
    // r2 gives up an e-mail and leaves the flat on the day that r0 comes with both.
    let leaves = tenant("r2").replace("r2@", "new@");
    let account_of_old = account("a1", "o1", &[owner("r1"), leaves]);
    let closed = r#""DateTimeClose":"2098-05-01T00:00:00""#;
    bench.say("Account", &account_of_old.replace(r#""DateTimeClose":null"#, closed));
    let comes = tenant("r0").replace("r0@", "r2@");
    let account_of_new = account("a0", "o1", &[comes]);
    let opened = r#""DateTimeOpen":"2098-05-01T00:00:00""#;
    bench
        .say("Account", &account_of_new.replace(r#""DateTimeOpen":"2023-01-15T00:00:00""#, opened));
    bench.pass();
    assert_eq!(bench.lines("SELECT * FROM alma_pending"), Vec::<String>::new());
    assert_eq!(bench.field(AlmaKind::Unit, "o0", "name"), "\"12\"");
    let held = bench.held(AlmaKind::TenantContract, "a0:r0");
    assert!(!held.is_archived);
    bench.rests();
}

/// Archiving a unit archives for good the contracts that are still on it.
#[test]
fn a_contract_goes_to_another_flat_before_its_old_one_is_archived() {
    let bench = both().alma("archive = \"auto\"").start();
    bench.furnish();
    bench.pass();
    bench.say("Obj", &flat("o2", "14"));
    let persons = [owner("r1"), tenant("r2")];
    bench.say("Account", &account("a1", "o2", &persons));
    bench.say_deleted("object", "o1");
    bench.pass();
    assert!(bench.held(AlmaKind::Unit, "o1").is_archived);
    for (kind, id) in [(AlmaKind::OwnerContract, "a1:r1"), (AlmaKind::TenantContract, "a1:r2")] {
        assert_eq!(bench.state(kind.word(), id), "synced");
        assert!(!bench.held(kind, id).is_archived, "{kind} {id}");
    }
    bench.rests();
}

/// Where a contract that was archived cannot be made again yet, the operator's word
/// stands until it can.
#[test]
fn what_was_released_and_refused_needs_no_second_release() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    let ours = bench.held(AlmaKind::TenantContract, "a1:r2");
    bench.alma().archive(AlmaKind::TenantContract, ours.id, true);
    let unit_id = &ours.fields["unit_id"];
    let client_id = &ours.fields["client_id"];
    let theirs = bench.alma().create(
        AlmaKind::TenantContract,
        &format!(
            r#"{{"unit_id":{unit_id},"client_id":{client_id},"start_date":"2024-01-01T00:00:00","end_date":"2098-01-01T00:00:00"}}"#
        ),
    );
    let persons = [owner("r1"), tenant("r2")];
    let numbered = account("a1", "o1", &persons).replace("1001", "1002");
    bench.say("Account", &numbered);
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "a1:r2"), "held");
    let say = |word| {
        let ended = bench.run(&["alma", word, "tenant_contract", "a1:r2"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        bench.pass();
        bench.state("tenant_contract", "a1:r2")
    };
    assert_eq!(say("release"), "rejected");
    bench.alma().archive(AlmaKind::TenantContract, theirs, true);
    assert_eq!(say("retry"), "synced");
    assert!(!bench.held(AlmaKind::TenantContract, "a1:r2").is_archived);
    bench.rests();
}

//! Contracts that are over: Alma takes none of them, and its API ends none.

use jiff::ToSpan;
use uzhkh_ledger::simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner, tenant};

/// The account a1 of the flat o1 with the tenant r1, closed on a day.
fn closed(day: &str) -> String {
    account("a1", "o1", &[tenant("r1")])
        .replace(r#""DateTimeClose":null"#, &format!(r#""DateTimeClose":"{day}""#))
}

#[test]
fn a_contract_that_is_over_is_not_made_and_one_that_is_closed_is_left() {
    let bench = both().start();
    let today = bench.alma().today();
    bench.say("Obj", &flat("o1", "12"));
    for day in [today.yesterday().unwrap(), today] {
        bench.say("Account", &closed(&format!("{day}T00:00:00")));
        bench.traced_pass();
        assert_eq!(
            bench.stuck(),
            [format!(
                "tenant_contract a1:r1 blocked: the contract ends on {day}, and Alma takes none that \
                 does not end after today"
            )]
        );
        bench.rests();
    }
    let later = today + 30.days();
    bench.say("Account", &closed(&format!("{later}T00:00:00")));
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    let end = |day| format!("\"{day}T00:00:00\"");
    let contract = (AlmaKind::TenantContract, "a1:r1");
    assert_eq!(bench.field(contract.0, contract.1, "end_date"), end(later));
    // It is closed on a day that is over: Alma would refuse, so it is not asked.
    let before = bench.called();
    bench.say("Account", &closed("2024-02-01T00:00:00"));
    bench.traced_pass();
    assert!(
        bench.reason("tenant_contract", "a1:r1").starts_with("the contract ends on 2024-02-01")
    );
    assert!(bench.writes_since(before).is_empty());
    bench.rests();
    // It is opened again.
    bench.say("Account", &account("a1", "o1", &[tenant("r1")]));
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(contract.0, contract.1, "end_date"), "\"2099-12-31T00:00:00\"");
    bench.rests();
}

#[test]
fn a_contract_that_was_closed_afterwards_is_ended_by_hand() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    let over = account("a1", "o1", &[owner("r1"), tenant("r2")]);
    let ends = r#""DateTimeClose":"2024-02-01T00:00:00""#;
    bench.say("Account", &over.replace(r#""DateTimeClose":null"#, ends));
    bench.traced_pass();
    let contracts = [
        (AlmaKind::OwnerContract, "owner_contract", "a1:r1"),
        (AlmaKind::TenantContract, "tenant_contract", "a1:r2"),
    ];
    for (_, kind, id) in contracts {
        assert_eq!(
            bench.reason(kind, id),
            format!(
                "the contract ends on 2024-02-01, and Alma takes none that does not end after today; it is in \
                 force there: end it in Alma's web interface, then `uzhkh-ledger alma retry {kind} {id}`"
            )
        );
    }
    let before = bench.alma().writes();
    for (of, kind, id) in contracts {
        let contract = bench.held(of, id).id;
        bench.alma().archive(of, contract, true);
        bench.orders(&["retry", kind, id]);
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.alma().writes(), before);
    bench.rests();
    // Whoever comes now finds the flat free.
    bench.say("Account", &account("a2", "o1", &[tenant("r3")]));
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    // And what is opened again is another matter.
    bench.say("Account", &account("a1", "o1", &[owner("r1")]));
    bench.pass();
    assert!(
        bench
            .reason("owner_contract", "a1:r1")
            .starts_with("archived in Alma, for good, and live in the ledger")
    );
}

#[test]
fn what_is_over_is_looked_at_anew_when_told_and_is_over_still() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Account", &closed("2024-02-01T00:00:00"));
    bench.pass();
    let stuck = bench.stuck();
    assert_eq!(stuck.len(), 1, "{stuck:?}");
    bench.orders(&["retry", "tenant_contract", "a1:r1"]);
    bench.pass();
    assert_eq!(bench.stuck(), stuck);
    bench.rests();
}

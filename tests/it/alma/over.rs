//! Contracts that are over: Alma takes none of them, and its API ends none.

use jiff::ToSpan;
use simulator::{AlmaKind, Endpoint, FaultKind};

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::support::clock::shifted;
use crate::support::{Bench, wait_until};

/// The account a1 of the flat o1 with the tenant r1, closed on a day.
fn closed(day: &str) -> String {
    account("a1", "o1", &[tenant("r1")])
        .replace(r#""DateTimeClose":null"#, &format!(r#""DateTimeClose":"{day}""#))
}

#[test]
fn a_contract_that_is_over_is_not_made_and_makes_no_client() {
    let bench = both().start();
    let today = bench.alma().today();
    bench.say("Obj", &flat("o1", "12"));
    for day in [today.yesterday().unwrap(), today] {
        bench.say("Account", &closed(&format!("{day}T00:00:00")));
        bench.traced_pass();
        assert_eq!(bench.stuck(), [""; 0]);
        assert_eq!(bench.state("tenant_contract", "a1:r1"), "ended");
        assert_eq!(bench.state("client", "r1"), "ended");
        let reason = bench.reason("tenant_contract", "a1:r1");
        assert_eq!(reason, format!("the contract ended on {day}"));
        assert!(bench.alma().objects(AlmaKind::Client).is_empty());
        bench.rests();
    }
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("nothing waits for you"), "{status}");
    // It runs on after all.
    let later = today + 30.days();
    bench.say("Account", &closed(&format!("{later}T00:00:00")));
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    let end = bench.field(AlmaKind::TenantContract, "a1:r1", "end_date");
    assert_eq!(end, format!("\"{later}T00:00:00\""));
    bench.rests();
}

#[test]
fn what_is_missing_of_a_person_of_whom_only_ended_contracts_are_left_is_not_asked_for() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    let nameless = closed("2024-02-01T00:00:00").replace("r1@example.invalid", "");
    bench.say("Account", &nameless);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.state("client", "r1"), "ended");
    bench.rests();
    // Another account needs the person.
    let open = account("a2", "o1", &[tenant("r1")]).replace("r1@example.invalid", "");
    bench.say("Account", &open);
    bench.pass();
    assert!(bench.reason("client", "r1").contains("has no Email"));
}

/// The account a1 of the flat o1, of an owner and a tenant, closed in the past.
fn closed_early(bench: &Bench) {
    let over = account("a1", "o1", &[owner("r1"), tenant("r2")]);
    let ends = r#""DateTimeClose":"2024-02-01T00:00:00""#;
    bench.say("Account", &over.replace(r#""DateTimeClose":null"#, ends));
}

#[test]
fn an_end_moved_to_the_past_goes_out_once_as_tomorrow() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    let today = bench.alma().today();
    let tomorrow = format!("{}T00:00:00", today.tomorrow().unwrap());
    closed_early(&bench);
    let before = bench.called();
    bench.traced_pass();
    for (kind, id) in [(AlmaKind::OwnerContract, "a1:r1"), (AlmaKind::TenantContract, "a1:r2")] {
        assert_eq!(bench.field(kind, id, "end_date"), format!("\"{tomorrow}\""));
        assert_eq!(bench.state(kind.word(), id), "ended");
    }
    let bodies: Vec<_> =
        bench.writes_since(before).into_iter().filter_map(|call| call.body).collect();
    assert_eq!(
        bodies,
        [format!(r#"{{"end_date":"{tomorrow}"}}"#), format!(r#"{{"end_date":"{tomorrow}"}}"#)]
    );
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
    // It is not moved on, be it looked at again on a later day or closed on another past one.
    let other = account("a1", "o1", &[owner("r1"), tenant("r2")]);
    let ends = r#""DateTimeClose":"2024-03-01T00:00:00""#;
    bench.say("Account", &other.replace(r#""DateTimeClose":null"#, ends));
    bench.pass_writes_only(&[]);
    bench.alma().set_today(Some(today + 3.days()));
    closed_early(&bench);
    bench.pass_writes_only(&[]);
    assert_eq!(bench.stuck(), [""; 0]);
    // The next tenant finds the flat free.
    bench.alma().set_today(Some(today));
    let next = account("a2", "o1", &[tenant("r3")]);
    let begins = format!("{}T00:00:00", today + 2.days());
    bench.say("Account", &next.replace("2023-01-15T00:00:00", &begins));
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn a_contract_that_is_closed_and_lacks_its_beginning_by_now_is_ended_too() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    let over = account("a1", "o1", &[owner("r1"), tenant("r2")])
        .replace(r#""DateTimeOpen":"2023-01-15T00:00:00""#, r#""DateTimeOpen":null"#)
        .replace(r#""DateTimeClose":null"#, r#""DateTimeClose":"2024-02-01T00:00:00""#);
    let tomorrow = format!("\"{}T00:00:00\"", bench.alma().today().tomorrow().unwrap());
    let are_ended = || {
        for (kind, id) in [(AlmaKind::OwnerContract, "a1:r1"), (AlmaKind::TenantContract, "a1:r2")]
        {
            assert_eq!(bench.field(kind, id, "end_date"), tomorrow);
            assert_eq!(bench.state(kind.word(), id), "ended");
        }
        assert_eq!(bench.stuck(), [""; 0]);
        bench.rests();
    };
    bench.say("Account", &over);
    bench.pass();
    are_ended();
    // Another change of the account, and a ledger that knows nothing of it.
    bench.say("Account", &over.replace(r#""AccountNumber":""#, r#""AccountNumber":"9"#));
    bench.pass_writes_only(&[]);
    are_ended();
    for file in [bench.ledger().to_owned(), format!("{}.lock", bench.ledger().display()).into()] {
        std::fs::remove_file(file).unwrap();
    }
    let contract = bench.held(AlmaKind::OwnerContract, "a1:r1").id;
    bench.alma().edit(AlmaKind::OwnerContract, contract, "end_date", "\"2099-01-01T00:00:00\"");
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Account", &over);
    bench.pass();
    are_ended();
}

#[test]
fn an_end_that_has_passed_in_alma_is_left_and_reopens_nothing() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    // People have ended one there, and archived the other.
    let owners = bench.held(AlmaKind::OwnerContract, "a1:r1").id;
    bench.alma().edit(AlmaKind::OwnerContract, owners, "end_date", "\"2025-01-01T00:00:00\"");
    let tenants = bench.held(AlmaKind::TenantContract, "a1:r2").id;
    bench.alma().archive(AlmaKind::TenantContract, tenants, true);
    closed_early(&bench);
    bench.pass_writes_only(&[]);
    assert_eq!(bench.state("owner_contract", "a1:r1"), "ended");
    assert_eq!(bench.state("tenant_contract", "a1:r2"), "ended");
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn an_early_end_waits_for_the_operator_where_the_config_says_so() {
    let bench = both().alma("end_contracts = \"hold\"").start();
    bench.furnish();
    bench.pass();
    closed_early(&bench);
    bench.pass_writes_only(&[]);
    assert_eq!(bench.state("owner_contract", "a1:r1"), "held");
    bench.release("owner_contract", "a1:r1");
    bench.pass();
    let tomorrow = format!("\"{}T00:00:00\"", bench.alma().today().tomorrow().unwrap());
    assert_eq!(bench.field(AlmaKind::OwnerContract, "a1:r1", "end_date"), tomorrow);
    assert_eq!(bench.state("owner_contract", "a1:r1"), "ended");
    assert_eq!(bench.state("tenant_contract", "a1:r2"), "held");
    bench.rests();
}

#[test]
fn a_contract_called_off_before_it_began_is_ended_by_people() {
    let bench = both().start();
    let today = bench.alma().today();
    bench.say("Obj", &flat("o1", "12"));
    let begins = format!("{}T00:00:00", today + 30.days());
    let planned = account("a1", "o1", &[tenant("r1")]).replace("2023-01-15T00:00:00", &begins);
    bench.say("Account", &planned);
    bench.pass();
    bench.say("Account", &closed("2024-02-01T00:00:00"));
    bench.pass_writes_only(&[]);
    assert_eq!(bench.state("tenant_contract", "a1:r1"), "blocked");
    let reason = bench.reason("tenant_contract", "a1:r1");
    assert!(reason.starts_with("called off before it began: end it in Alma"), "{reason}");
    bench.rests();
    let contract = bench.held(AlmaKind::TenantContract, "a1:r1").id;
    bench.alma().archive(AlmaKind::TenantContract, contract, true);
    bench.orders(&["retry", "tenant_contract", "a1:r1"]);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn a_contract_that_alma_has_still_is_ended_there_by_a_new_ledger() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    std::fs::remove_file(bench.ledger()).unwrap();
    std::fs::remove_file(format!("{}.lock", bench.ledger().display())).unwrap();
    bench.say("Obj", &flat("o1", "12"));
    closed_early(&bench);
    bench.pass();
    let tomorrow = format!("\"{}T00:00:00\"", bench.alma().today().tomorrow().unwrap());
    assert_eq!(bench.field(AlmaKind::OwnerContract, "a1:r1", "end_date"), tomorrow);
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn a_contract_whose_day_comes_ends_without_a_word() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    // What was sent has ended meanwhile, in the ledger and in Alma: a day begins.
    bench.tamper(
        "UPDATE alma_object SET desired = json_set(desired, '$.end_date', '2025-01-01T00:00:00'), \
         sent = json_set(sent, '$.end_date', '2025-01-01T00:00:00') WHERE kind = 'tenant_contract'; \
         UPDATE alma_object SET desired = json_set(desired, '$.needed_until', '2025-01-01T00:00:00') \
         WHERE kind = 'client' AND external_id = 'r2'",
    );
    bench.leaves_alma_alone();
    assert_eq!(bench.state("tenant_contract", "a1:r2"), "ended");
    assert_eq!(bench.state("client", "r2"), "ended");
    assert_eq!(bench.state("client", "r1"), "synced");
    assert_eq!(bench.stuck(), [""; 0]);
}

#[test]
fn a_contract_that_is_held_ends_too_when_its_day_comes() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    // People archive the flat, and its contracts with it.
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    bench.alma().archive(AlmaKind::Unit, unit, true);
    bench.say("Obj", &flat("o1", "12").replace(r#""EtazhNumber":3"#, r#""EtazhNumber":4"#));
    bench.pass();
    for (kind, id) in [("owner_contract", "a1:r1"), ("tenant_contract", "a1:r2")] {
        assert_eq!(bench.state(kind, id), "held");
    }
    // The contracts have ended meanwhile: a day begins.
    bench.tamper(
        "UPDATE alma_object SET desired = json_set(desired, '$.end_date', '2025-01-01T00:00:00'), \
         updated_at = '2025-01-01T00:00:00.000Z' WHERE kind IN ('owner_contract', 'tenant_contract')",
    );
    bench.pass_writes_only(&[]);
    for (kind, id) in [("owner_contract", "a1:r1"), ("tenant_contract", "a1:r2")] {
        assert_eq!(bench.state(kind, id), "ended");
    }
    assert_eq!(bench.state("unit", "o1"), "held");
    bench.rests();
}

#[test]
fn what_a_clock_that_was_ahead_took_for_over_goes_on() {
    let bench = both().start();
    let ends = bench.alma().today() + 200.days();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Account", &closed(&format!("{ends}T00:00:00")));
    let Some(ahead) = shifted(bench.command(&["run", "--once"]), "+1y") else { return };
    assert_eq!(bench.spawn(ahead).end().code, Some(0));
    assert_eq!(bench.state("tenant_contract", "a1:r1"), "ended");
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "a1:r1"), "synced");
    assert_eq!(bench.state("client", "r1"), "synced");
    let end = bench.field(AlmaKind::TenantContract, "a1:r1", "end_date");
    assert_eq!(end, format!("\"{ends}T00:00:00\""));
    bench.rests();
}

#[test]
fn an_early_end_by_a_clock_that_was_ahead_is_put_right() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    let today = bench.alma().today();
    closed_early(&bench);
    let Some(ahead) = shifted(bench.command(&["run", "--once"]), "+100d") else { return };
    assert_eq!(bench.spawn(ahead).end().code, Some(0));
    let end = || bench.field(AlmaKind::TenantContract, "a1:r2", "end_date");
    assert_eq!(end(), format!("\"{}T00:00:00\"", today + 101.days()));
    bench.pass();
    assert_eq!(end(), format!("\"{}T00:00:00\"", today.tomorrow().unwrap()));
    assert_eq!(bench.state("tenant_contract", "a1:r2"), "ended");
    bench.rests();
}

#[test]
fn a_contract_without_a_beginning_that_a_clock_ahead_took_for_over_waits() {
    let bench = both().start();
    let ends = bench.alma().today() + 200.days();
    bench.say("Obj", &flat("o1", "12"));
    let lacking = closed(&format!("{ends}T00:00:00"))
        .replace(r#""DateTimeOpen":"2023-01-15T00:00:00""#, r#""DateTimeOpen":null"#);
    bench.say("Account", &lacking);
    let Some(ahead) = shifted(bench.command(&["run", "--once"]), "+1y") else { return };
    assert_eq!(bench.spawn(ahead).end().code, Some(0));
    assert_eq!(bench.state("tenant_contract", "a1:r1"), "ended");
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "a1:r1"), "blocked");
    assert!(bench.alma().objects(AlmaKind::TenantContract).is_empty());
    bench.rests();
}

/// The greatest date of .NET stands for none: the contract is open-ended.
#[test]
fn a_close_at_the_end_of_all_times_went_to_alma() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Account", &closed("9999-12-31T00:00:00"));
    bench.pass();
    let end = bench.field(AlmaKind::TenantContract, "a1:r1", "end_date");
    assert_eq!(end, "\"2099-12-31T00:00:00\"");
}

/// What fails is put off by the clock of the moment.
#[test]
fn what_alma_put_off_while_the_clock_was_ahead_is_due() {
    let bench = both().every_second().start();
    bench.furnish();
    bench.fault(FaultKind::Error500, Endpoint::AlmaUnits, 1000);
    let Some(ahead) = shifted(bench.command(&["run"]), "+2h") else { return };
    let ahead = bench.spawn(ahead);
    let put_off =
        "SELECT count(*) FROM alma_object WHERE kind = 'unit' AND next_attempt_at IS NOT NULL";
    wait_until("it is put off", || bench.one_or_none(put_off) == "1");
    ahead.kill();
    bench.clear_faults();
    let right = bench.daemon();
    wait_until("all is brought", || bench.state("tenant_contract", "a1:r2") == "synced");
    right.stop();
}

/// What people are to put right is looked at again slowly, by the clock of the moment.
#[test]
fn what_alma_refused_while_the_clock_was_ahead_is_looked_at_again() {
    let bench = both().every_second().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Account", &account("a1", "o1", &[tenant("r1")]));
    bench.pass();
    // Two tenants of one flat at the same time.
    bench.say("Account", &account("a2", "o1", &[tenant("r2")]));
    let Some(ahead) = shifted(bench.command(&["run", "--once"]), "+1y") else { return };
    assert_eq!(bench.spawn(ahead).end().code, Some(0));
    assert_eq!(bench.state("tenant_contract", "a2:r2"), "rejected");
    let again = "SELECT next_attempt_at BETWEEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+5 hours') \
                     AND strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+7 hours') FROM alma_object WHERE state = 'rejected'";
    assert_eq!(bench.one(again), "0");
    let refused = || {
        let calls = bench.report().alma;
        calls.iter().filter(|call| call.status == 400).count()
    };
    assert_eq!(refused(), 1);
    bench.pass();
    assert_eq!((refused(), bench.one(again)), (2, "1".to_owned()));
    // In its time, and not before.
    bench.rests();
    // A service that runs takes it for work.
    let right = bench.daemon();
    wait_until("the service", || right.log().contains("running"));
    bench.tamper(
        "UPDATE alma_object SET next_attempt_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+1 year') \
         WHERE state = 'rejected'",
    );
    wait_until("it is looked at", || refused() == 3 && bench.lines(again) == ["1"]);
    right.stop();
}

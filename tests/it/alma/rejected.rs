//! What Alma says no to: its words are kept for the operator, and nothing is sent twice.

use jiff::ToSpan;
use simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::support::{Bench, wait_until};

const FREE: &str = "There are intersections in the use of the unit.";

/// Two tenants of one flat at the same time; the second cannot be.
fn two_tenants() -> Bench {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Account", &account("a1", "o1", &[tenant("r1")]));
    bench.pass();
    bench.say("Account", &account("a2", "o1", &[tenant("r2")]));
    bench
}

/// The POSTs and PATCHes from a call on, as `METHOD path status`.
fn sent(bench: &Bench, since: usize) -> Vec<String> {
    let calls = bench.writes_since(since).into_iter();
    calls.map(|call| format!("{} {} {}", call.method, call.path, call.status)).collect()
}

#[test]
fn alma_s_own_words_are_the_reason_and_no_failure() {
    let bench = two_tenants();
    // Two flats of a number, a home without a dot, a unit that people have divided.
    bench.say("Obj", &flat("o2", "12"));
    bench.say("Obj", &flat("o3", "3"));
    let nowhere = owner("r3").replace("r3@example.invalid", "r3@example");
    bench.say("Account", &account("a3", "o3", &[nowhere]));
    bench.say("Obj", &flat("o4", "4"));
    bench.pass();
    let unit = bench.held(AlmaKind::Unit, "o4").id;
    let room = format!(r#"{{"external_id":"room","name":"1","parent_unit":{unit}}}"#);
    bench.alma().create(AlmaKind::Room, &room);
    bench.say("Account", &account("a4", "o4", &[tenant("r4")]));
    bench.traced_pass();
    let stuck = bench.stuck();
    assert_eq!(
        stuck[..3],
        [
            "client r3 rejected: alma: create client: refused with HTTP 400: email: Enter a valid \
             email address.",
            "owner_contract a3:r3 blocked: waits for client r3, which Alma rejected",
            "tenant_contract a2:r2 rejected: alma: create tenant contract: refused with HTTP 400: \
             There are intersections in the use of the unit. Nearest intersection usage id:1941 usage \
             type=tenant.",
        ]
    );
    assert_eq!(
        stuck[3..],
        [
            "tenant_contract a4:r4 rejected: alma: create tenant contract: refused with HTTP 400: It is \
             not possible to rent a unit divided into rooms",
            "unit o2 rejected: alma: create unit: refused with HTTP 400: The fields building, name must \
             make a unique set.",
        ]
    );
    // Neither the next pass nor the one after it asks again, and no command fails.
    bench.leaves_alma_alone();
    bench.leaves_alma_alone();
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("1  alma client rejected"), "{status}");
    assert!(status.contains("2  alma tenant_contract rejected"), "{status}");
    let plan = bench.orders(&["plan"]);
    assert!(plan.contains("refused with HTTP 400: email: Enter a valid email"), "{plan}");
    bench.rests();
}

#[test]
fn a_change_is_sent_and_only_that_once() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.pass();
    bench.say("Obj", &flat("o2", "12"));
    bench.say("Account", &account("a2", "o2", &[owner("r2")]));
    bench.pass();
    assert_eq!(bench.reason("owner_contract", "a2:r2"), "waits for unit o2, which Alma rejected");
    // Of another member nothing changes what is wrong; Alma is asked once more.
    let before = bench.called();
    bench.say("Obj", &flat("o2", "12").replace("54.3", "55"));
    bench.pass();
    assert_eq!(sent(&bench, before), ["POST external_api/realty/units/ 400"]);
    bench.leaves_alma_alone();
    // Of a member that Alma does not hold nothing is sent at all.
    bench.say("Obj", &flat("o2", "12").replace("54.3", "55").replace("31.0", "32"));
    bench.leaves_alma_alone();
    let before = bench.called();
    bench.say("Obj", &flat("o2", "13"));
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(
        sent(&bench, before),
        [
            "POST external_api/realty/units/ 201",
            "POST external_api/realty/contracts/owner_contracts/ 201",
        ]
    );
    bench.rests();
}

#[test]
fn an_intersection_is_tried_again_when_the_operator_says_so() {
    let bench = two_tenants();
    bench.pass();
    assert!(bench.reason("tenant_contract", "a2:r2").contains(FREE));
    let before = bench.called();
    bench.orders(&["retry", "tenant_contract", "a2:r2"]);
    bench.pass();
    let refused = "POST external_api/realty/contracts/tenant_contracts/ 400";
    assert_eq!(sent(&bench, before), [refused]);
    assert!(bench.reason("tenant_contract", "a2:r2").contains(FREE));
    // The first one ends before the second begins.
    let day = bench.alma().today() + 10.days();
    let first = account("a1", "o1", &[tenant("r1")]);
    let ends = format!(r#""DateTimeClose":"{day}T00:00:00""#);
    bench.say("Account", &first.replace(r#""DateTimeClose":null"#, &ends));
    let second = account("a2", "o1", &[tenant("r2")]);
    bench.say("Account", &second.replace("2023-01-15", &day.to_string()));
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn a_unit_that_is_blocked_is_let_as_soon_as_it_is_unblocked() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.pass();
    bench.orders(&["block", "unit", "o1"]);
    bench.pass();
    assert!(bench.held(AlmaKind::Unit, "o1").is_blocked);
    bench.say("Account", &account("a1", "o1", &[owner("r1"), tenant("r2")]));
    bench.traced_pass();
    assert_eq!(
        bench.stuck(),
        [
            "tenant_contract a1:r2 rejected: alma: create tenant contract: refused with HTTP 400: The \
             unit is blocked and renting is prohibited."
        ]
    );
    bench.orders(&["unblock", "unit", "o1"]);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn a_change_that_is_refused_leaves_what_was_sent() {
    let bench = both().start();
    bench.furnish();
    let web = r#"{"first_name":"Инна","last_name":"Ветрова","email":"Web@Example.invalid"}"#;
    bench.alma().create(AlmaKind::Client, web);
    bench.pass();
    let taken = owner("r1").replace("r1@", "web@");
    bench.say("Account", &account("a1", "o1", &[taken, tenant("r2")]));
    let before = bench.called();
    bench.traced_pass();
    let client = bench.held(AlmaKind::Client, "r1");
    let path = format!("PATCH external_api/users/clients/{}/ 400", client.id);
    assert_eq!(sent(&bench, before), [path.as_str()]);
    assert_eq!(
        bench.stuck(),
        [
            "client r1 rejected: alma: change client: refused with HTTP 400: email: client with this \
             email already exists."
        ]
    );
    assert_eq!(client.fields["email"], "\"r1@example.invalid\"");
    bench.leaves_alma_alone();
    // What it was is what Alma has, as a look at it shows.
    bench.say("Account", &account("a1", "o1", &[owner("r1"), tenant("r2")]));
    bench.pass_writes_only(&[]);
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.one("SELECT count(*) FROM alma_object WHERE reason IS NOT NULL"), "0");
}

#[test]
fn the_service_does_not_repeat_what_was_refused() {
    let bench = both().every_second().alma("schedule = \"* * * * * *\"").start();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Obj", &flat("o2", "12"));
    let daemon = bench.daemon();
    let rejected = "SELECT count(*) FROM alma_object WHERE state = 'rejected'";
    wait_until("the refusal", || bench.one_or_none(rejected) == "1");
    let before = bench.called();
    for number in 3..6 {
        let object = format!("o{number}");
        bench.say("Obj", &flat(&object, &object));
        wait_until("another flat", || bench.alma().object(AlmaKind::Unit, &object).is_some());
    }
    let posts = "POST external_api/realty/units/ 201";
    assert_eq!(sent(&bench, before), [posts; 3]);
    daemon.stop();
}

#[test]
fn a_page_that_is_not_alma_s_says_nothing_of_an_object() {
    let mut bench = both().alma("archive = \"auto\"").start();
    bench.forgive_violations();
    bench.furnish();
    bench.pass();
    let right = std::fs::read_to_string(bench.config()).unwrap();
    let base_url = bench.alma().base_url();
    let wrong =
        right.replace(&format!("{base_url:?}\napi_key"), &format!("\"{base_url}x/\"\napi_key"));
    assert_ne!(wrong, right);
    std::fs::write(bench.config(), wrong).unwrap();
    bench.say("Obj", &flat("o1", "13"));
    bench.say("Obj", &flat("o2", "14").replace("h4", "h5").replace("Лодочная", "Новая"));
    bench.say("Account", &account("a2", "o2", &[owner("r3")]));
    bench.say_deleted("account", "a1");
    let ended = bench.fail();
    assert!(ended.stderr.contains("alma.base_url"), "{}", ended.stderr);
    // Of clients Alma is not asked when they leave.
    let judged = "SELECT count(*) FROM alma_object \
                  WHERE kind <> 'client' AND state IN ('rejected', 'held', 'archived')";
    assert_eq!(bench.one(judged), "0", "{:?}", bench.stuck());
    std::fs::write(bench.config(), right).unwrap();
    bench.pass();
    assert_eq!(bench.state("owner_contract", "a2:r3"), "synced");
    assert_eq!(bench.field(AlmaKind::Unit, "o1", "name"), "\"13\"");
}

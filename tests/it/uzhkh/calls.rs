//! Calls that do not come off: what they must not hold up, how often they are
//! repeated, and what answers are not taken for a yes.

use std::time::Duration;

use crate::support::entities::{account_of, counter, deletion, envelope, object, person, resident};
use crate::support::{Bench, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind};

const CALLS: &str = "SELECT op, state, attempts, last_status, last_error FROM call";

fn faulty(bench: &Bench, kind: FaultKind, endpoint: Endpoint) {
    bench.uzhkh().inject(Fault::new(kind).at(endpoint));
}

/// An envelope that needs a SetId for the person `--3`.
fn needing_set_id(guid: &str, account: &str) -> String {
    envelope(guid, "Account", &account_of(account, &[person("--3")]))
}

#[test]
fn a_set_id_that_hangs_holds_up_nothing_else() {
    let bench = setup().every_second().section("[http]\ntimeout = \"60s\"").start();
    faulty(&bench, FaultKind::Stall, Endpoint::SetId);
    bench.uzhkh().push_request(needing_set_id("g1", "a1"));
    let daemon = bench.daemon();
    wait_until("the SetId", || bench.asked("SetId") == 1);
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("c2")));
    bench.uzhkh().push_deleted(deletion("d1", "counter", "c9"));
    wait_until("the other entries", || {
        bench.lines("SELECT guid, state FROM envelope ORDER BY guid")
            == ["d1|acknowledged", "g1|committed", "g2|acknowledged"]
    });
    let asked = bench.asked("DeletedItems");
    wait_until("another look at the deletions", || bench.asked("DeletedItems") > asked);
    // All of this while the one SetId had no answer.
    assert_eq!(bench.lines(CALLS), ["SetId|pending|1|NULL|NULL"]);
    assert_eq!(bench.asked("SetId"), 1);
    daemon.kill();
}

#[test]
fn a_pass_tries_what_many_wait_for_three_times_in_all() {
    let bench = setup().start();
    faulty(&bench, FaultKind::Error500, Endpoint::SetId);
    for n in 0..10 {
        let entry = needing_set_id(&format!("g{n}"), &format!("a{n}"));
        bench.uzhkh().push_request(entry);
    }
    let ended = bench.fail();
    assert!(ended.stderr.contains("SetId: HTTP 500"), "{}", ended.stderr);
    let asked = bench.asked("SetId");
    assert!((1..=3).contains(&asked), "{asked}");
    assert_eq!(bench.asked("Delete"), 0);
    assert_eq!(
        bench.one("SELECT count(*), min(state), max(state) FROM envelope"),
        "10|committed|committed"
    );
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.set_ids().len(), 1);
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

#[test]
fn an_id_that_a_lost_delete_carried_is_announced_after_all() {
    const STATE: &str = "SELECT state FROM identity";
    let bench = setup().section("[identity]\nannounce_after = \"0s\"").start();
    let referring = counter("c1").replace(r#""o1""#, r#""--7""#);
    bench.uzhkh().push_request(envelope("g1", "Counter", &referring));
    let word = FaultKind::Word("notFound".to_owned());
    bench.uzhkh().inject(Fault::new(word).at(Endpoint::SetId).times(1));
    bench.pass();
    assert_eq!(bench.one(STATE), "rejected");
    let permanent = bench.permanent("object", "--7");

    bench.uzhkh().push_request(envelope("g2", "Obj", &object("--7")));
    faulty(&bench, FaultKind::LostAnswer, Endpoint::Delete);
    bench.fail();
    assert_eq!(bench.uzhkh().current_id("object", "--7"), permanent);
    let set = ["identity", "set", "object", "--7", "X"];
    assert_eq!(bench.run(&set).code, Some(1));

    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.one(STATE), "announced");
    assert_eq!(bench.set_ids().last(), Some(&format!("object/--7={permanent} notFound")));
    assert_eq!(bench.run(&set).code, Some(1));
    assert_eq!(bench.permanent("object", "--7"), permanent);
    assert_eq!(bench.one("SELECT state FROM envelope WHERE guid = 'g2'"), "acknowledged");
}

#[test]
fn a_set_id_that_is_given_back_leaves_known_that_a_delete_was_lost() {
    let lines = "acknowledge_concurrency = 1";
    let bench = setup().uzhkh(lines).section("[http]\ntimeout = \"1s\"").start();
    let persons = ["--91", "--92", "--93", "--94", "--5"].map(person);
    bench.uzhkh().push_request(envelope("g1", "Account", &account_of("a1", &persons)));
    bench.uzhkh().push_request(envelope("g2", "Resident", &resident("--5")));
    // Four without an answer end a pass: the last one, which was counted as sent with them, has
    // not been. Its own entry's Delete has told UZhKH meanwhile.
    let hangs = Fault::new(FaultKind::Stall).at(Endpoint::SetId).about("--9");
    bench.uzhkh().inject(hangs.times(4));
    bench.uzhkh().inject(Fault::new(FaultKind::LostAnswer).at(Endpoint::Delete).times(1));
    bench.once();
    bench.pass();
    let permanent = bench.permanent("resident", "--5");
    assert_eq!(bench.uzhkh().current_id("resident", "--5"), permanent);
    assert_eq!(bench.lines("SELECT DISTINCT state FROM identity"), ["announced"]);
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

/// Eight entries, and this fault: a pass must end all the same.
fn ends_in_time(kind: FaultKind, endpoint: Endpoint) {
    let bench = setup().uzhkh("acknowledge_concurrency = 1").start();
    for n in 0..8 {
        let (account, person) = (format!("a{n}"), person(&format!("--{n}")));
        let entity = account_of(&account, &[person]);
        let entry = match endpoint {
            Endpoint::SetId => envelope(&format!("g{n}"), "Account", &entity),
            _ => envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}"))),
        };
        bench.uzhkh().push_request(entry);
    }
    faulty(&bench, kind, endpoint);
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
    assert_eq!(
        bench.one("SELECT count(*), min(state), max(state) FROM envelope"),
        "8|committed|committed"
    );
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

#[test]
fn a_pass_ends_in_time_though_every_delete_hangs() {
    ends_in_time(FaultKind::Stall, Endpoint::Delete);
}

#[test]
fn a_pass_ends_in_time_though_every_answer_to_delete_stops_halfway() {
    ends_in_time(FaultKind::StallBody, Endpoint::Delete);
}

#[test]
fn a_pass_ends_in_time_though_every_set_id_hangs() {
    ends_in_time(FaultKind::Stall, Endpoint::SetId);
}

#[test]
fn a_pass_ends_in_time_though_every_answer_to_set_id_stops_halfway() {
    ends_in_time(FaultKind::StallBody, Endpoint::SetId);
}

#[test]
fn a_refused_delete_shows() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    faulty(&bench, FaultKind::Forbidden, Endpoint::Delete);
    bench.fail();
    assert_eq!(bench.lines("SELECT outcome FROM poll WHERE feed = 'Requests'"), ["unauthorized"]);
    assert_eq!(bench.one("SELECT state FROM envelope"), "committed");
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("unauthorized"), "{status}");
    assert!(status.contains("refused"), "{status}");
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.one("SELECT state FROM envelope"), "acknowledged");
}

#[test]
fn a_word_after_a_byte_order_mark_is_understood() {
    let bench = setup().start();
    faulty(&bench, FaultKind::Bom, Endpoint::SetId);
    bench.uzhkh().push_request(needing_set_id("g1", "a1"));
    bench.pass();
    assert_eq!(bench.report().faults["bom"], 1);
    assert_eq!(bench.asked("SetId"), 1);
    assert_eq!(bench.one("SELECT state FROM identity"), "announced");
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

#[test]
fn a_login_page_is_no_acknowledgement() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    faulty(&bench, FaultKind::Html, Endpoint::Delete);
    bench.fail();
    assert_eq!(bench.one("SELECT state FROM envelope"), "committed");
    assert_eq!(bench.uzhkh().queue_len(), 1);
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.one("SELECT state FROM envelope"), "acknowledged");
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

#[test]
fn a_login_page_is_no_answer_to_a_decision() {
    let bench = setup().start();
    bench.pass();
    let decided = bench.run(&["decide", "register", "71", "--approve"]);
    assert_eq!(decided.code, Some(0), "{}", decided.stderr);
    faulty(&bench, FaultKind::Html, Endpoint::HandleRequestToRegister);
    bench.fail();
    assert_eq!(
        bench.one("SELECT op, state, attempts FROM call"),
        "HandleRequestToRegister|unknown|1"
    );
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.asked("HandleRequestToRegister"), 1);
}

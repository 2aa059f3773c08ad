//! What was decided and booked after the backup: it has been sent, and is not sent again.

use std::fs;

use jiff::ToSpan;
use jiff::civil::Weekday;
use simulator::{Category, Endpoint, Fault, FaultKind};

use super::restore::restored;
use super::{file, is_sound};
use crate::support::entities::{envelope, to_register};
use crate::support::{Bench, setup, wait_until};
use crate::web::served::{Answer, Served, answer, begin, serve_with, token};

const DECISIONS: &str = "/api/v1/decisions";
const BOOKINGS: &str = "/api/v1/keys/bookings";
const DECISION: &str = r#"{"request":"register","id":"71","approve":true}"#;
/// Said where nobody can tell what was sent.
const NOT_KNOWN: &str = "decisions and bookings since the backup are not known here";
const CALLS: &str = "SELECT seq, target, op, params, state, attempts, last_status, last_error, said, created_at, \
                     finished_at FROM call ORDER BY seq";

fn post(served: &Served, path: &str, key: Option<&str>, body: &str) -> Answer {
    let (token, key) = (token("1c"), key.map(|key| format!("Idempotency-Key: {key}")));
    let mut headers = vec![token.as_str(), "Content-Type: application/json"];
    headers.extend(key.as_deref());
    answer(served.send("POST", path, &headers, body))
}

/// A booking of a ready flat, as a program asks for it.
fn booking(bench: &Bench) -> String {
    let macrocrm = bench.simulator.macrocrm();
    let mut day = macrocrm.today() + 2.days();
    while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        day = day.tomorrow().unwrap();
    }
    let phone = &macrocrm.ready_flats()[0].phone;
    format!(
        r#"{{"house":"123","flat":"2","category":"flat","at":"{day}T10:30","phone":"{phone}"}}"#
    )
}

#[test]
fn what_was_decided_and_booked_since_is_not_sent_again() {
    let setup = setup().macrocrm("categories = [\"flat\"]\nschedule = \"0 0 0 1 1 *\"");
    let served = serve_with(setup, "");
    served.bench.simulator.macrocrm().set_ready("123", "Дом", Category::Flat, &["2"]);
    let entry = envelope("g1", "RequestToRegister", &to_register("71"));
    served.bench.uzhkh().push_request(entry);
    wait_until("the request", || served.bench.one("SELECT count(*) FROM decision") == "1");
    let backup = file(&served.bench, "copy.db");
    assert_eq!(served.bench.run(&["backup", &backup]).code, Some(0));

    let booking = booking(&served.bench);
    let asked = [("decision register 71 0", DECISIONS, DECISION), ("book", BOOKINGS, &booking)];
    let first = asked.map(|(key, path, body)| {
        let answered = post(&served, path, Some(key), body);
        assert_eq!(answered.status, 202, "{answered:?}");
        answered.body
    });
    let done = "SELECT count(*) FROM call WHERE state = 'done'";
    wait_until("both to be sent", || served.bench.one(done) == "2");
    let Served { daemon, address, bench } = served;
    daemon.stop();
    let known = |bench: &Bench| (bench.lines(CALLS), bench.run(&["acts", "--json"]).stdout);
    let before = known(&bench);

    let ended = bench.run(&["restore", &backup, "--yes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("2 decisions, bookings and blocks"), "{}", ended.stdout);
    assert!(!ended.stdout.contains(NOT_KNOWN), "{}", ended.stdout);
    assert_eq!(known(&bench), before);
    is_sound(&bench, bench.ledger().to_str().unwrap());
    let decided = bench.run(&["decide", "register", "71", "--reject", "--cause", "x"]);
    assert_eq!(decided.code, Some(1), "{}", decided.stdout);
    assert!(decided.stderr.contains("was decided already (call 1)"), "{}", decided.stderr);

    let served = begin(bench, address);
    assert_eq!(
        served.get("/api/v1/decisions?state=open").json()["decisions"],
        serde_json::json!([])
    );
    for ((key, path, body), first) in asked.into_iter().zip(first) {
        assert_eq!(post(&served, path, None, body).status, 409, "{path}");
        let again = post(&served, path, Some(key), body);
        assert_eq!((again.status, again.body), (202, first), "{path}");
    }
    // The next one has a number of its own.
    let next = post(&served, BOOKINGS, None, &booking.replace("\"flat\":\"2\"", "\"flat\":\"3\""));
    assert!(next.json()["call"].as_i64().unwrap() > 2, "{next:?}");
    wait_until("it is settled", || {
        served.bench.one("SELECT count(*) FROM call WHERE state = 'pending'") == "0"
    });
    assert_eq!(served.bench.asked("HandleRequestToRegister"), 1);
    assert_eq!(served.bench.asked("add"), 2);
    served.stop();
}

/// The numbers and states of all calls.
fn states(bench: &Bench) -> Vec<String> {
    bench.lines("SELECT params ->> '$.id', state, attempts FROM call ORDER BY seq")
}

#[track_caller]
fn decide(bench: &Bench, id: &str) {
    let ended = bench.run(&["decide", "object", id, "--reject"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn what_became_of_a_call_since_is_known() {
    let bench = setup().start();
    bench.pass();
    let adding = Endpoint::HandleRequestToObjectAdding;
    for id in ["done", "settled"] {
        bench.inject(Fault::new(FaultKind::LostAnswer).at(adding));
        decide(&bench, id);
        bench.fail();
        bench.clear_faults();
    }
    for id in ["sent", "refused"] {
        decide(&bench, id);
    }
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    for (call, outcome) in [("1", "--done"), ("2", "--failed")] {
        assert_eq!(bench.run(&["calls", "settle", call, outcome]).code, Some(0));
    }
    bench.tamper(
        "UPDATE call SET state = 'failed', attempts = 1, finished_at = created_at WHERE seq = 4",
    );
    bench.pass();
    // It waits, and nobody has sent it: the replaced ledger may be older than what was sent.
    decide(&bench, "waits");
    let acts = bench.run(&["acts"]).stdout;
    restored(&bench, &backup);
    let known =
        ["done|done|1", "settled|failed|1", "sent|done|1", "refused|failed|1", "waits|unknown|0"];
    assert_eq!(states(&bench), known);
    assert_eq!(bench.run(&["acts"]).stdout, acts);
    let asked = bench.asked(adding.name());
    bench.once();
    assert_eq!(bench.asked(adding.name()), asked);
    // What failed may be decided anew, the others may not.
    for id in ["done", "sent", "waits"] {
        assert_eq!(bench.run(&["decide", "object", id, "--reject"]).code, Some(1), "{id}");
    }
    for id in ["settled", "refused"] {
        decide(&bench, id);
    }
    // Once more the same way: nothing is there twice.
    for aside in super::restore::aside(&bench) {
        fs::remove_file(aside).unwrap();
    }
    let calls = states(&bench).len();
    restored(&bench, &backup);
    assert_eq!(states(&bench).len(), calls);
    assert_eq!(bench.one("SELECT count(*), count(DISTINCT id) FROM act"), "9|9");
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

#[test]
fn a_past_that_cannot_be_read_leaves_decisions_unknown_and_is_told() {
    let bench = setup().start();
    bench.pass();
    decide(&bench, "before");
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    bench.pass();
    decide(&bench, "since");
    bench.pass();
    let whole = fs::read(bench.ledger()).unwrap();
    let told = |arguments: &[&str], times: usize| {
        let asked = bench.run(&[&["restore"], arguments].concat());
        assert_eq!(asked.code, Some(2), "{}", asked.stderr);
        assert_eq!(asked.stdout.matches(NOT_KNOWN).count(), times - 1, "{}", asked.stdout);
        let ended = bench.run(&[&["restore", "--yes"], arguments].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(ended.stdout.matches(NOT_KNOWN).count(), times, "{}", ended.stdout);
        assert!(ended.stdout.contains("1 calls may have been sent"), "{}", ended.stdout);
        assert_eq!(states(&bench), ["before|unknown|0"]);
        let call = bench.one("SELECT last_error FROM call");
        assert!(call.starts_with("the ledger was restored"), "{call}");
    };
    // A part of it is damaged.
    bench.tamper("ALTER TABLE idempotent_answer RENAME TO torn");
    told(&[&backup], 1);
    // Damaged, not there, put back by other means.
    fs::write(bench.ledger(), &whole[..whole.len() / 2]).unwrap();
    told(&[&backup], 2);
    for name in ["ledger.db", "ledger.db.lock"] {
        fs::remove_file(file(&bench, name)).unwrap();
    }
    told(&[&backup], 2);
    for name in ["ledger.db", "ledger.db.lock"] {
        fs::remove_file(file(&bench, name)).unwrap();
    }
    fs::copy(&backup, bench.ledger()).unwrap();
    told(&["--in-place"], 2);
}

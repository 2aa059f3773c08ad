//! `Idempotency-Key`: the same request has one effect and one answer, whatever happens in
//! between.

use std::net::TcpStream;
use std::time::Duration;

use super::served::{Answer, Served, answer, begin, serve, serve_with, token};
use crate::support::entities::{envelope, to_register};
use crate::support::{Bench, chance, setup, wait_until};

const DECISIONS: &str = "/api/v1/decisions";
const IDENTITIES: &str = "/api/v1/identities";
const EFFECTS: &str = "SELECT (SELECT count(*) FROM act) || ' ' || (SELECT count(*) FROM call) || ' ' || \
     (SELECT count(*) FROM idempotent_answer)";

impl Served {
    /// Sends a request with a key and leaves the answer to come.
    fn keyed(&self, program: &str, path: &str, key: &str, body: &str) -> TcpStream {
        let (token, key) = (token(program), format!("Idempotency-Key: {key}"));
        let headers = [token.as_str(), "Content-Type: application/json", &key];
        self.send("POST", path, &headers, body)
    }

    fn post_once(&self, key: &str, path: &str, body: &str) -> Answer {
        answer(self.keyed("1c", path, key, body))
    }

    /// Requests to register with these numbers have come.
    fn with_requests(self, ids: std::ops::Range<u32>) -> Self {
        for id in ids.clone() {
            let entity = to_register(&id.to_string());
            self.bench.uzhkh().push_request(envelope(
                &format!("g{id}"),
                "RequestToRegister",
                &entity,
            ));
        }
        let count = ids.len().to_string();
        wait_until("the requests", || self.bench.one("SELECT count(*) FROM decision") == count);
        self
    }
}

fn approve(id: u32) -> String {
    format!(r#"{{"request":"register","id":"{id}","approve":true}}"#)
}

#[test]
fn the_same_request_has_one_effect_and_one_answer() {
    let served = serve().with_requests(1..4);
    let first = served.post_once("order 1", DECISIONS, &approve(1));
    assert_eq!(first.status, 202, "{first:?}");
    for _ in 0..3 {
        let again = served.post_once("order 1", DECISIONS, &approve(1));
        assert_eq!((again.status, &again.body), (202, &first.body));
        assert!(again.has_header("content-type: application/json"));
    }
    assert_eq!(served.bench.one(EFFECTS), "1 1 1");
    // Without a key, or with another, it is another request.
    assert_eq!(served.post(DECISIONS, &approve(1)).status, 409);
    assert_eq!(served.post_once("order 2", DECISIONS, &approve(1)).status, 409);
    // Another request with the key: another body, even by a blank, or another path.
    for (path, body) in [
        (DECISIONS, approve(2)),
        (DECISIONS, format!("{} ", approve(1))),
        (IDENTITIES, r#"{"identities":[]}"#.to_owned()),
        ("/api/v1/resync", String::from("{}")),
    ] {
        let refused = served.post_once("order 1", path, &body);
        assert_eq!(refused.status, 422, "{refused:?}");
        assert!(refused.detail().contains("Idempotency-Key"));
    }
    // Another program has keys of its own.
    let other = answer(served.keyed("desk", DECISIONS, "order 1", &approve(2)));
    assert_eq!(other.status, 202, "{other:?}");
    assert_eq!(served.bench.one(EFFECTS), "2 2 2");
    served.stop();
}

#[test]
fn what_was_refused_may_be_asked_again_with_its_key() {
    let served = serve();
    assert_eq!(served.post_once("k", DECISIONS, &approve(1)).status, 404);
    let served = served.with_requests(1..2);
    assert_eq!(served.post_once("k", DECISIONS, &approve(1)).status, 202);
    assert_eq!(served.bench.one(EFFECTS), "1 1 1");
    served.stop();
}

#[test]
fn a_key_is_any_text_of_two_hundred_characters() {
    let served = serve();
    let body = r#"{"identities":[]}"#;
    for key in ["a", "1C: заявка №5", "\"quoted\"", &"ж".repeat(200), &"x".repeat(200)] {
        assert_eq!(served.post_once(key, IDENTITIES, body).status, 200, "{key}");
    }
    for key in ["", &"x".repeat(201), &"ж".repeat(201)] {
        let refused = served.post_once(key, IDENTITIES, body);
        assert_eq!(refused.status, 400, "{key}");
        assert!(refused.detail().contains("Idempotency-Key"));
    }
    let token = token("1c");
    let json = "Content-Type: application/json";
    let twice = ["Idempotency-Key: a", "Idempotency-Key: b", token.as_str(), json];
    assert_eq!(answer(served.send("POST", IDENTITIES, &twice, body)).status, 400);
    served.stop();
}

#[test]
fn of_many_at_once_one_has_the_effect_and_all_have_its_answer() {
    let served = serve().with_requests(1..2);
    let all: Vec<_> = (0..12).map(|_| served.keyed("1c", DECISIONS, "k", &approve(1))).collect();
    let mut answers: Vec<_> =
        all.into_iter().map(answer).map(|one| (one.status, one.body)).collect();
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0].0, 202);
    assert_eq!(served.bench.one(EFFECTS), "1 1 1");
    served.stop();
}

/// A time that has come meanwhile does not change what is answered.
#[test]
fn a_booking_is_answered_again_when_its_time_has_passed() {
    let setup = setup().macrocrm("categories = [\"flat\"]\nschedule = \"0 0 0 1 1 *\"");
    let served = serve_with(setup, "");
    let soon = served.bench.one("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+6 seconds')");
    let body = format!(r#"{{"house":"1","flat":"2","at":"{soon}","phone":"+79000000001"}}"#);
    let first = served.post_once("k", "/api/v1/keys/bookings", &body);
    assert_eq!(first.status, 202, "{first:?}");
    let over = format!("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now') > '{soon}'");
    wait_until("its time has passed", || served.bench.one(&over) == "1");
    let again = served.post_once("k", "/api/v1/keys/bookings", &body);
    assert_eq!((again.status, again.body), (202, first.body));
    assert_eq!(served.post_once("other", "/api/v1/keys/bookings", &body).status, 400);
    served.stop();
}

/// Kills the service while requests with keys are on their way, and asks again after the next
/// start.
#[test]
fn a_crash_between_accepting_and_answering_makes_one_effect() {
    const ROUNDS: u32 = 8;
    let mut served = serve().with_requests(1..ROUNDS + 1);
    let mut chance = chance("once");
    for id in 1..=ROUNDS {
        let key = format!("order {id}");
        let sent = served.keyed("1c", DECISIONS, &key, &approve(id));
        let effect = format!("SELECT count(*) FROM act WHERE target LIKE '%/{id}'");
        match id % 2 {
            // Just after the commit, most often before the answer.
            0 => wait_for_commit(&served.bench, &effect),
            _ => std::thread::sleep(Duration::from_micros(chance.u64(..4000))),
        }
        let Served { daemon, address, bench } = served;
        daemon.kill();
        let answered = try_answer(sent);
        served = begin(bench, address);
        let again = served.post_once(&key, DECISIONS, &approve(id));
        assert_eq!(again.status, 202, "{again:?}");
        if let Some(first) = answered {
            assert_eq!(first, again.body, "the answer that was given before");
        }
        assert_eq!(served.bench.one(&effect), "1");
    }
    let count = ROUNDS.to_string();
    assert_eq!(served.bench.one(EFFECTS), format!("{count} {count} {count}"));
    served.bench.verified();
    served.stop();
}

/// Looks without a pause: the answer is not far behind.
fn wait_for_commit(bench: &Bench, effect: &str) {
    let ledger = bench.read();
    let mut statement = ledger.prepare(effect).unwrap();
    let began = std::time::Instant::now();
    while statement.query_row([], |row| row.get::<_, u32>(0)).unwrap() == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "never committed");
    }
}

/// The body of an answer that came before the end.
fn try_answer(mut stream: TcpStream) -> Option<String> {
    use std::io::Read;

    let mut text = String::new();
    // The end of the process resets the connection.
    drop(stream.read_to_string(&mut text));
    text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).filter(|body| !body.is_empty())
}

#[test]
fn answers_are_kept_for_a_week() {
    let served = serve();
    for key in ["old", "young"] {
        assert_eq!(served.post_once(key, IDENTITIES, r#"{"identities":[]}"#).status, 200);
    }
    let Served { daemon, address, bench } = served;
    daemon.stop();
    let at = |key: &str, days: &str| {
        bench.tamper(&format!(
            "UPDATE idempotent_answer SET at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '{days}') WHERE key = '{key}'"
        ));
    };
    at("old", "-7 days");
    at("young", "-6 days");
    let served = begin(bench, address);
    wait_until("the old one is forgotten", || {
        served.bench.lines("SELECT key FROM idempotent_answer") == ["young"]
    });
    served.stop();
}

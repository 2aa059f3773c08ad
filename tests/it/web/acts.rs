//! What has an effect over HTTP: each verdict, while the service drains beside it.

use serde_json::{Value, json};

use super::served::{Served, TOKENS, answer, begin, serve, serve_with, token};
use crate::support::entities::{counter, envelope, object, to_object_adding, to_register};
use crate::support::{nowhere, setup, wait_until};
use simulator::{FeedKind, Layout};

const ACTS: &str =
    "SELECT actor, via, verb, target, coalesce(call_seq, '-'), outcome FROM act ORDER BY seq";

impl Served {
    /// The status and the JSON of an answer to a body; a problem is well formed.
    #[track_caller]
    fn told(&self, path: &str, body: &Value) -> (u16, Value) {
        let told = self.post(path, &body.to_string());
        if told.status >= 400 {
            told.detail();
        } else {
            assert!(told.has_header("content-type: application/json"), "{told:?}");
        }
        (told.status, told.json())
    }

    /// The detail of a refusal with this status.
    #[track_caller]
    fn refused(&self, status: u16, path: &str, body: &Value) -> String {
        let (given, problem) = self.told(path, body);
        assert_eq!(given, status, "{body}: {problem}");
        problem["detail"].as_str().unwrap().to_owned()
    }

    fn push(&self, guid: &str, member: &str, entity: &str) {
        self.bench.uzhkh().push_request(envelope(guid, member, entity));
    }

    #[track_caller]
    fn wait_for(&self, sql: &str, wanted: &str) {
        wait_until(sql, || self.bench.lines(sql) == [wanted]);
    }
}

const DECISIONS: &str = "/api/v1/decisions";

#[test]
fn a_request_is_decided_once_and_a_failed_call_opens_it_again() {
    let mut served = serve();
    // The first call is made out to have failed, and the service may send the second.
    served.bench.forgive_violations();
    served.push("g71", "RequestToRegister", &to_register("71"));
    served.push("g72", "RequestToObjectAdding", &to_object_adding("72"));
    served.wait_for("SELECT count(*) FROM decision WHERE open", "2");
    let approve = json!({"request": "register", "id": "71", "approve": true, "notify": true});
    let (status, told) = served.told(DECISIONS, &approve);
    let call = told["call"].as_i64().unwrap();
    assert_eq!((status, &told), (202, &json!({"call": call})));
    served.wait_for(&format!("SELECT state FROM call WHERE seq = {call}"), "done");
    let reject = json!({"request": "register", "id": "71", "approve": false, "cause": "Не ваш"});
    for again in [&approve, &reject] {
        let (status, problem) = served.told(DECISIONS, again);
        assert_eq!((status, &problem["call"]), (409, &json!(call)), "{problem}");
    }
    let number = json!({"request": "object", "id": "72", "approve": true, "account_number": "7"});
    let (status, told) = served.told(DECISIONS, &number);
    assert_eq!(status, 202, "{told}");
    let other = told["call"].as_i64().unwrap();
    served.wait_for(&format!("SELECT state FROM call WHERE seq = {other}"), "done");
    served.bench.tamper(&format!("UPDATE call SET state = 'failed' WHERE seq = {other}"));
    let (status, _) =
        served.told(DECISIONS, &json!({"request": "object", "id": "72", "approve": false}));
    assert_eq!(status, 202);
    let newest = served.bench.one("SELECT max(seq) FROM call");
    assert_eq!(
        served.bench.lines(ACTS),
        [
            format!("1c|api|decide|uzhkh/requesttoregister/71|{call}|approved"),
            format!("1c|api|decide|uzhkh/requesttoobjectadding/72|{other}|approved"),
            format!("1c|api|decide|uzhkh/requesttoobjectadding/72|{newest}|rejected"),
        ]
    );
    served.stop();
}

#[test]
fn a_decision_that_cannot_be_one_names_its_member() {
    let served = serve();
    served.push("g71", "RequestToRegister", &to_register("71"));
    served.push("g72", "RequestToObjectAdding", &to_object_adding("72"));
    served.push("g73", "RequestToRegister", &to_register("73"));
    served.wait_for("SELECT count(*) FROM decision WHERE open", "3");
    served.bench.uzhkh().push_deletion("requesttoregister", "73");
    served.wait_for("SELECT count(*) FROM decision WHERE open", "2");
    let register = |more: Value| {
        let mut body = json!({"request": "register", "id": "71", "approve": true});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (body, member) in [
        (json!({}), "request"),
        (json!([]), ""),
        (json!(["register", "71", true]), "an object"),
        (json!({"request": "register", "approve": true}), "id"),
        (json!({"request": "register", "id": "71"}), "approve"),
        (register(json!({"request": "all"})), "request"),
        (register(json!({"id": 71})), "id"),
        (register(json!({"id": ""})), "id"),
        (register(json!({"approve": "true"})), "approve"),
        (register(json!({"approve": 1})), "approve"),
        (register(json!({"approve": null})), "approve"),
        (register(json!({"approve": false})), "cause"),
        (register(json!({"approve": false, "cause": " "})), "cause"),
        (register(json!({"cause": "x"})), "cause"),
        (register(json!({"account_number": "7"})), "account_number"),
        (register(json!({"notify": "no"})), "notify"),
        (register(json!({"comment": "x"})), "comment"),
        (register(json!({"request": "object", "id": "72"})), "account_number"),
        (register(json!({"request": "object", "id": "72", "account_number": 7})), "account_number"),
    ] {
        let detail = served.refused(400, DECISIONS, &body);
        assert!(detail.contains(member), "{body}: {detail}");
    }
    for wrong in ["{", "{} {}", "[", "nul", "{\"request\":\"register\",\"request\":\"object\"}"] {
        assert_eq!(served.post(DECISIONS, wrong).status, 400, "{wrong}");
    }
    assert_eq!(served.post(&format!("{DECISIONS}?notify=true"), "{}").status, 400);
    let unknown = register(json!({"id": "99"}));
    assert!(served.refused(404, DECISIONS, &unknown).contains("99"));
    let deleted = register(json!({"id": "73"}));
    served.refused(404, DECISIONS, &deleted);
    assert_eq!(served.bench.one("SELECT (SELECT count(*) FROM act) + count(*) FROM call"), "0");
    served.stop();
}

const IDENTITIES: &str = "/api/v1/identities";

fn names(rows: &[[&str; 3]]) -> Value {
    let rows = rows.iter().map(|[kind, temporary_id, permanent_id]| {
        json!({"kind": kind, "temporary_id": temporary_id, "permanent_id": permanent_id})
    });
    json!({"identities": rows.collect::<Vec<_>>()})
}

#[test]
fn each_name_has_its_verdict_in_order() {
    let mut served = serve_with(setup().section("[identity]\nassign = \"external\""), "");
    // To the simulator a name that another object has is a mistake, and a merge tells it one.
    served.bench.forgive_violations();
    for n in 1..=3 {
        served.push(&format!("g{n}"), "Counter", &counter(&format!("--{n}")));
    }
    served.push("g4", "Counter", &counter("ПУ-4"));
    served.wait_for("SELECT count(*) FROM record WHERE kind = 'counter'", "4");
    let mut body = names(&[
        ["counter", "--1", "ПУ-1"],
        ["counter", "--2", "ПУ-1"],
        ["counter", "--2", "ПУ-4"],
        ["counter", "--2", "ПУ-4"],
        ["tank", "--3", "7"],
        ["request", "--3", "7"],
        ["counter", "3", "7"],
        ["counter", "--3", ""],
        ["counter", "--3", "--7"],
        ["counter", "--3", "a\u{7}b"],
    ]);
    let long = "x".repeat(201);
    let rows = body["identities"].as_array_mut().unwrap();
    rows.push(json!({"kind": "counter", "temporary_id": "--3", "permanent_id": long}));
    rows.push(json!({"kind": "counter", "temporary_id": "--3"}));
    rows.push(json!({"kind": "counter", "temporary_id": "--3", "permanent_id": 7}));
    rows.push(json!({"kind": "counter", "temporary_id": "--3", "permanent_id": "7"}));
    let given = rows.clone();
    let (status, told) = served.told(IDENTITIES, &body);
    assert_eq!(status, 200, "{told}");
    let results = told["results"].as_array().unwrap();
    let verdicts: Vec<&str> = results.iter().map(|one| one["result"].as_str().unwrap()).collect();
    let invalid = ["invalid"; 9];
    let expected = [&["named", "conflict", "merged", "already"][..], &invalid, &["named"]].concat();
    assert_eq!(verdicts, expected);
    for (given, result) in given.iter().zip(results) {
        assert_eq!(result["temporary_id"], given["temporary_id"]);
        let is_refused = ["conflict", "invalid"].contains(&result["result"].as_str().unwrap());
        assert_eq!(result["detail"].is_string(), is_refused, "{result}");
    }
    let ids = served.bench.lines("SELECT id FROM counter ORDER BY id");
    assert_eq!(ids, ["7", "ПУ-1", "ПУ-4"]);
    assert_eq!(served.bench.lines(ACTS), ["1c|api|name|uzhkh|-|named 2, merged 1, refused 10"]);
    // All of it again does nothing.
    let again = names(&[["counter", "--1", "ПУ-1"], ["counter", "--3", "8"]]);
    served.wait_for("SELECT state FROM identity WHERE temporary_id = '--3'", "announced");
    let (_, told) = served.told(IDENTITIES, &again);
    assert_eq!(told["results"][0]["result"], "already");
    assert_eq!(told["results"][1]["result"], "conflict");
    assert_eq!(served.bench.lines(ACTS).len(), 1);
    served.bench.verified();
    served.stop();
}

#[test]
fn names_come_as_a_list_of_a_thousand_at_most() {
    let served = serve();
    let row = json!({"kind": "counter", "temporary_id": "--1", "permanent_id": "m1"});
    let too_many = json!({"identities": vec![&row; 1001]});
    for (body, words) in [
        (json!({}), "identities"),
        (json!({"identities": null}), "identities"),
        (json!({"identities": {"kind": "counter"}}), "identities"),
        (json!({"identities": ["--1"]}), "identities[0]"),
        (json!({"identities": [["counter", "--1", "m1"]]}), "identities[0]"),
        (json!([[&row]]), "an object"),
        (json!({"identities": [&row, {"kind": "counter", "name": "m1"}]}), "name"),
        (too_many, "1000"),
    ] {
        let detail = served.refused(400, IDENTITIES, &body);
        assert!(detail.contains(words), "{detail}");
    }
    assert_eq!(served.bench.one("SELECT count(*) FROM identity"), "0");
    assert_eq!(served.told(IDENTITIES, &json!({"identities": []})), (200, json!({"results": []})));
    let thousand: Vec<Value> = (0..1000)
        .map(|n| json!({"kind": "counter", "temporary_id": format!("--{n}"), "permanent_id": format!("m{n}")}))
        .collect();
    let (status, told) = served.told(IDENTITIES, &json!({"identities": thousand}));
    assert_eq!(status, 200);
    assert_eq!(told["results"].as_array().unwrap().len(), 1000);
    assert_eq!(served.bench.lines(ACTS), ["1c|api|name|uzhkh|-|named 1000"]);
    served.stop();
}

#[test]
fn a_flat_is_booked_once() {
    const BOOKINGS: &str = "/api/v1/keys/bookings";
    let setup = setup().macrocrm("categories = [\"flat\"]\nschedule = \"0 0 0 1 1 *\"");
    let served = serve_with(setup.options(|options| options.ready_flats = 4), "");
    let flat = served.bench.simulator.macrocrm().ready_flats().remove(0);
    let book = |more: Value| {
        let mut body = json!({"house": flat.house_id, "flat": "2", "category": "flat",
            "at": "2099-11-23T09:00", "phone": "+79000000001"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (more, member) in [
        (json!({"house": null}), "house"),
        (json!({"house": []}), "house"),
        (json!({"house": ""}), "house"),
        (json!({"flat": ""}), "flat"),
        (json!({"flat": {}}), "flat"),
        (json!({"phone": ""}), "phone"),
        (json!({"phone": 7}), "phone"),
        (json!({"category": "barn"}), "category"),
        (json!({"at": "tomorrow"}), "at"),
        (json!({"at": "2024-11-23T09:00"}), "at"),
        (json!({"at": null}), "at"),
        (json!({"again": "yes"}), "again"),
        (json!({"floor": 3}), "floor"),
    ] {
        let detail = served.refused(400, BOOKINGS, &book(more));
        assert!(detail.contains(member), "{member}: {detail}");
    }
    let number: u64 = flat.house_id.parse().unwrap();
    let (status, told) = served.told(BOOKINGS, &book(json!({"house": number, "category": null})));
    assert_eq!(status, 202, "{told}");
    let call = told["call"].as_i64().unwrap();
    let finished = format!("SELECT finished_at IS NOT NULL FROM call WHERE seq = {call}");
    served.wait_for(&finished, "1");
    served.bench.tamper(&format!(
        "UPDATE call SET state = 'unknown', last_error = 'no answer' WHERE seq = {call}"
    ));
    let (status, problem) = served.told(BOOKINGS, &book(json!({"at": "2099-11-24T10:00+05:00"})));
    assert_eq!((status, &problem["call"]), (409, &json!(call)), "{problem}");
    let (status, _) = served.told(BOOKINGS, &book(json!({"again": true})));
    assert_eq!(status, 202);
    let target = format!("macrocrm/ready_flat/{}/flat/2", flat.house_id);
    let rows = served.bench.lines("SELECT verb, target, outcome FROM act ORDER BY seq");
    assert_eq!(rows, vec![format!("book|{target}|2099-11-23T09:00:00+03:00"); 2]);
    served.stop();
}

#[test]
fn a_call_in_doubt_is_settled() {
    let served = serve();
    for (seq, state) in [(1, "unknown"), (2, "failed"), (3, "done")] {
        served.bench.tamper(&format!(
            "INSERT INTO call (seq, target, op, params, state, attempts, created_at, finished_at, said) VALUES \
             ({seq}, 'uzhkh', 'HandleRequestToRegister', '{{\"id\":\"{seq}\"}}', '{state}', 1, \
             '2024-05-01T08:00:00.000Z', '2024-05-01T08:00:01.000Z', 'сбой')"
        ));
    }
    let path = |seq: &str| format!("/api/v1/calls/{seq}/settle");
    for (body, member) in [
        (json!({}), "outcome"),
        (json!({"outcome": "unknown"}), "outcome"),
        (json!({"outcome": true}), "outcome"),
        (json!({"outcome": "done", "why": ""}), "why"),
    ] {
        assert!(served.refused(400, &path("1"), &body).contains(member));
    }
    for seq in ["99", "x", "-1", "1%2F2"] {
        served.refused(404, &path(seq), &json!({"outcome": "done"}));
    }
    for (seq, outcome) in [("2", "failed"), ("3", "done"), ("3", "failed")] {
        let (status, problem) = served.told(&path(seq), &json!({"outcome": outcome}));
        assert_eq!(status, 409, "{problem}");
        assert_eq!(problem["call"].to_string(), seq);
    }
    let (status, call) = served.told(&path("1"), &json!({"outcome": "failed"}));
    assert_eq!((status, &call["seq"], &call["state"]), (200, &json!(1), &json!("failed")));
    assert_eq!((&call["op"], &call["said"]), (&json!("HandleRequestToRegister"), &json!("сбой")));
    assert_eq!(call, served.get("/api/v1/calls/1").json());
    let (status, call) = served.told(&path("2"), &json!({"outcome": "done"}));
    assert_eq!((status, &call["state"]), (200, &json!("done")));
    assert_eq!(served.bench.lines(ACTS), ["1c|api|settle|1|1|failed", "1c|api|settle|2|2|done"]);
    served.stop();
}

#[test]
fn what_is_quarantined_is_tried_again_or_given_up() {
    let served = serve();
    served.push("b1", "Tank", "{}");
    served.bench.uzhkh().push_request("17");
    served.wait_for("SELECT count(*) FROM quarantine", "2");
    let seq = served.bench.one("SELECT seq FROM quarantine WHERE guid = 'b1'");
    let nameless = served.bench.one("SELECT seq FROM quarantine WHERE guid = ''");
    let path = |seq: &str, verb: &str| format!("/api/v1/quarantine/{seq}/{verb}");
    for verb in ["retry", "acknowledge"] {
        served.refused(404, &path("99", verb), &json!({}));
        served.refused(404, &path("all", verb), &json!({}));
        assert!(served.refused(400, &path(&seq, verb), &json!({"force": true})).contains("force"));
    }
    assert!(served.refused(409, &path(&seq, "retry"), &json!({})).contains("no known member"));
    assert!(served.refused(409, &path(&nameless, "acknowledge"), &json!({})).contains("Guid"));
    // A body is not needed.
    let bare = answer(served.send("POST", &path(&seq, "acknowledge"), &[&token("1c")], ""));
    assert_eq!((bare.status, bare.body.as_str()), (202, "{}"));
    wait_until("UZhKH is told", || served.bench.deletes("b1") == [None]);
    served.refused(404, &path(&seq, "acknowledge"), &json!({}));
    let rows = [format!("1c|api|quarantine-acknowledge|uzhkh/requests/{seq}|-|given up")];
    assert_eq!(served.bench.lines(ACTS), rows);
    served.stop();
}

/// As after an upgrade: an entry that this version understands lies in the quarantine.
#[test]
fn what_is_understood_by_now_is_applied_and_acknowledged() {
    let served = serve();
    let entry = envelope("g1", "Counter", &counter("c1"));
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&entry);
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    served.bench.tamper(&format!(
        "INSERT INTO envelope (seq, queue, guid, kinds, body, body_sha256, bytes, received_at, state, last_error) \
         VALUES (17, 'requests', 'g1', '[]', '{entry}', '{hash}', {}, '2024-05-01T08:00:00.000Z', 'quarantined', \
         'not understood')",
        entry.len()
    ));
    let retry = "/api/v1/quarantine/17/retry";
    assert_eq!(served.told(retry, &json!({})), (202, json!({})));
    assert_eq!(served.bench.lines("SELECT id FROM counter"), ["c1"]);
    wait_until("UZhKH is told", || served.bench.deletes("g1") == [None]);
    served.refused(404, retry, &json!({}));
    let row = "1c|api|quarantine-retry|uzhkh/requests/17|-|applied";
    assert_eq!(served.bench.lines(ACTS), [row]);
    served.stop();
}

#[test]
fn objects_of_alma_are_acted_on_by_name_or_by_state() {
    let served = serve_with(setup().alma("concurrency = 1"), "");
    for id in ["o1", "o2", "o3"] {
        let number = format!(r#""FlatNumber":"{id}""#);
        served.push(id, "Obj", &object(id).replace(r#""FlatNumber":"12""#, &number));
    }
    let synced = "SELECT count(*) FROM alma_object WHERE kind = 'unit' AND state = 'synced'";
    served.wait_for(synced, "3");
    for id in ["o1", "o3"] {
        served.bench.uzhkh().push_deletion("object", id);
    }
    served.wait_for("SELECT count(*) FROM alma_object WHERE state = 'held'", "2");
    let path = |verb: &str| format!("/api/v1/alma/{verb}");
    for (body, words) in [
        (json!({}), "objects or state"),
        (json!({"kind": "unit"}), "objects or state"),
        (json!({"state": "odd"}), "state"),
        (json!({"state": "held", "kind": "flat"}), "kind"),
        (json!({"state": 1}), "state"),
        (json!({"objects": [], "state": "held"}), "objects"),
        (json!({"objects": [{"kind": "unit"}]}), "id"),
        (json!({"objects": [{"kind": "flat", "id": "1"}]}), "objects[0].kind"),
        (json!({"objects": [["unit", "o1"]]}), "objects[0]"),
        (json!({"objects": [{"kind": "unit", "id": "1", "why": 1}]}), "why"),
        (json!({"objects": vec![json!({"kind": "unit", "id": "1"}); 1001]}), "1000"),
    ] {
        let detail = served.refused(400, &path("release"), &body);
        assert!(detail.contains(words), "{words}: {detail}");
    }
    let (status, told) = served.told(
        &path("block"),
        &json!({"objects": [{"kind": "unit", "id": "o2"}, {"kind": "building", "id": "h4"}]}),
    );
    assert_eq!((status, &told["matched"]), (200, &json!(2)), "{told}");
    let call = told["results"][0]["call"].as_i64().unwrap();
    let blocked = json!({"kind": "unit", "id": "o2", "result": "blocked", "call": call});
    assert_eq!(told["results"][0], blocked);
    assert_eq!(told["results"][1]["result"], "refused");
    assert!(told["results"][1]["detail"].as_str().unwrap().contains("cannot be blocked"));
    let (_, told) =
        served.told(&path("unblock"), &json!({"objects": [{"kind": "unit", "id": "o9"}]}));
    assert_eq!((&told["matched"], &told["results"][0]["result"]), (&json!(0), &json!("refused")));
    let (_, told) = served.told(&path("retry"), &json!({"state": "rejected"}));
    assert_eq!(told, json!({"matched": 0, "results": []}));
    let (status, told) = served.told(&path("release"), &json!({"state": "held", "kind": "unit"}));
    assert_eq!((status, &told["matched"]), (200, &json!(2)), "{told}");
    let results = told["results"].as_array().unwrap();
    for (result, id) in results.iter().zip(["o1", "o3"]) {
        assert_eq!((&result["id"], &result["result"]), (&json!(id), &json!("released")));
        assert!(result["detail"].is_string(), "what it was held for");
    }
    served.wait_for(
        "SELECT count(*) FROM alma_object WHERE kind = 'unit' AND state = 'archived'",
        "2",
    );
    assert_eq!(
        served.bench.lines(ACTS),
        [
            format!("1c|api|alma-block|alma/unit/o2|{call}|blocked"),
            "1c|api|alma-release|alma|-|released 2".to_owned(),
        ]
    );
    served.stop();
}

#[test]
fn the_service_is_asked_to_read_all_again() {
    let setup =
        setup().feed("flats", FeedKind::Premises, Layout::array(), &["schedule = \"0 0 0 1 1 *\""]);
    let served = serve_with(setup, "");
    served.refused(400, "/api/v1/resync", &json!({"lists": ["DownloadFlats"]}));
    assert_eq!(served.told("/api/v1/resync", &json!({})).0, 202);
    wait_until("all lists are read", || {
        served.bench.lines("SELECT DISTINCT state FROM resync") == ["done"]
    });
    served.refused(404, "/api/v1/feeds/gone/accept-shrink", &json!({}));
    for name in ["flats", "domoplaner%2Fflats"] {
        assert_eq!(served.told(&format!("/api/v1/feeds/{name}/accept-shrink"), &json!({})).0, 202);
    }
    let accepted = "SELECT feed FROM feed WHERE shrink_accepted_at IS NOT NULL";
    assert_eq!(served.bench.lines(accepted), ["flats"]);
    let row = "1c|api|accept-shrink|domoplaner/flats|-|accepted";
    assert_eq!(served.bench.lines(ACTS), ["1c|api|resync|uzhkh|-|asked", row, row]);
    served.stop();
}

#[test]
fn a_system_that_is_not_configured_has_no_acts() {
    let address = nowhere();
    let setup = setup().without_uzhkh().feed("flats", FeedKind::Premises, Layout::array(), &[]);
    let section = format!("[web]\nlisten = \"{address}\"\n{TOKENS}");
    let served = begin(setup.section(&section).start(), address);
    for path in [
        "decisions",
        "identities",
        "resync",
        "keys/bookings",
        "alma/retry",
        "alma/release",
        "alma/block",
        "alma/unblock",
    ] {
        served.refused(404, &format!("/api/v1/{path}"), &json!({}));
    }
    served.stop();
}

#[test]
fn what_is_wrong_with_a_request_is_looked_at_in_one_order() {
    let served = serve();
    let json = "Content-Type: application/json";
    let send = |program: &str, path: &str, headers: &[&str], body: &str| {
        let given = token(program);
        let headers: Vec<&str> = [&[given.as_str()], headers].concat();
        answer(served.send("POST", path, &headers, body)).status
    };
    let large = format!("{{\"id\":\"{}\"}}", "x".repeat(1 << 20));
    let xml = "Content-Type: text/xml";
    assert_eq!(send("bi", "/api/v1/none", &[xml], &large), 404);
    assert_eq!(send("bi", DECISIONS, &[xml], &large), 403);
    assert_eq!(send("1c", DECISIONS, &[xml], &large), 413);
    assert_eq!(send("1c", DECISIONS, &[xml], "{}"), 415);
    assert_eq!(send("1c", DECISIONS, &[], "{}"), 415);
    assert_eq!(send("1c", DECISIONS, &[json, "Content-Encoding: gzip"], "{}"), 415);
    assert_eq!(send("1c", DECISIONS, &[json], "{}"), 400);
    assert_eq!(
        send("desk", DECISIONS, &["Content-Type: application/json; charset=utf-8"], "{}"),
        400
    );
    for broken in ["{", "yes", r#"{"request":}"#, r#"{"request":"register","id":"#] {
        let told = answer(served.send("POST", DECISIONS, &[&token("1c"), json], broken));
        assert_eq!(told.status, 400, "{broken}");
        assert!(told.detail().starts_with("the body is not JSON: "), "{}", told.body);
    }
    served.stop();
}

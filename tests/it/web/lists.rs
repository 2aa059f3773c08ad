//! The lists of `/api/v1`: page by page, each row once, and no more than was asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::served::{Served, serve, serve_with, token};
use crate::support::entities::{
    account, counter, deletion, envelope, object, to_object_adding, to_register,
};
use crate::support::{setup, wait_until};

impl Served {
    /// The rows of all pages of a list, read to the end.
    #[track_caller]
    pub(super) fn pages(&self, list: &str, query: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.get(&format!("/api/v1/{list}?{query}{after}"));
            assert_eq!(page.status, 200, "{}", page.body);
            let page = page.json();
            rows.extend(page[list].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return rows,
            }
            assert!(page["next"].is_string());
        }
    }

    /// Pushes an entry and waits until it is in the ledger.
    #[track_caller]
    pub(super) fn take_in(&self, guid: &str, entry: String) {
        self.bench.uzhkh().push_request(entry);
        let known = format!("SELECT count(*) FROM envelope WHERE guid = '{guid}'");
        wait_until("the entry to be committed", || self.bench.one(&known) == "1");
    }
}

fn text<'v>(row: &'v Value, member: &str) -> &'v str {
    row[member].as_str().unwrap_or_else(|| panic!("{member}: {row}"))
}

#[test]
fn the_records_are_read_page_by_page_and_followed_without_a_gap() {
    let served = serve();
    served.bench.uzhkh().generate(40);
    served.bench.uzhkh().push_request(envelope("g-1", "Counter", &counter("c/1 ж%")));
    wait_until("the records", || served.bench.one("SELECT count(*) > 20 FROM record") == "1");
    let first = served.get("/api/v1/records?limit=7").json();
    let at_change = first["at_change"].as_i64().unwrap();
    assert_eq!(first["ledger"], served.ledger_id());
    assert_eq!(first["records"].as_array().unwrap().len(), 7);
    // What comes while it is being read comes with the changes.
    served.take_in("g-2", envelope("g-2", "Counter", &counter("c2")));
    let key = |row: &Value| {
        let words = ["source", "kind", "id"].map(|member| text(row, member).to_owned());
        words.join("|")
    };
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    let mut rows = first["records"].as_array().unwrap().clone();
    let mut next = first["next"].clone();
    while let Some(after) = next.as_str() {
        let page = served.get(&format!("/api/v1/records?limit=7&after={after}")).json();
        rows.extend(page["records"].as_array().unwrap().clone());
        next = page["next"].clone();
    }
    for row in rows {
        assert!(row["deleted_at"].is_null(), "{row}");
        assert!(known.insert(key(&row), row["body"].clone()).is_none(), "twice: {row}");
    }
    let changes = served.get(&format!("/api/v1/changes?after={at_change}&with_body=true")).json();
    for change in changes["changes"].as_array().unwrap() {
        match text(change, "op") {
            "delete" => known.remove(&key(change)),
            _ => known.insert(key(change), change["body"].clone()),
        };
    }
    let rows = served
        .bench
        .lines("SELECT source, kind, id FROM record WHERE deleted_at IS NULL ORDER BY 1, 2, 3");
    assert_eq!(known.keys().cloned().collect::<Vec<_>>(), rows);
    let whole: Value = serde_json::from_str(&counter("c/1 ж%")).unwrap();
    assert_eq!(known["uzhkh|counter|c/1 ж%"], whole);
    served.stop();
}

#[test]
fn records_are_chosen_by_system_and_kind_and_deleted_ones_on_demand() {
    let served = serve();
    served.take_in("g1", envelope("g1", "Counter", &counter("c1")));
    served.take_in("g2", envelope("g2", "Counter", &counter("c2")));
    served.take_in("g3", envelope("g3", "Account", &account("a1")));
    served.take_in("g4", envelope("g4", "Obj", &object("o1")));
    served.bench.uzhkh().push_deleted(deletion("d1", "counter", "c1"));
    let deleted = "SELECT count(*) FROM record WHERE deleted_at IS NOT NULL";
    wait_until("the deletion", || served.bench.one(deleted) == "1");
    let ids = |query: &str| -> Vec<String> {
        served.pages("records", query).iter().map(|row| text(row, "id").to_owned()).collect()
    };
    assert_eq!(ids("limit=1"), ["a1", "c2", "o1"]);
    assert_eq!(ids("limit=1&deleted=true"), ["a1", "c1", "c2", "o1"]);
    assert_eq!(ids("kind=counter,object"), ["c2", "o1"]);
    assert_eq!(ids("kind=account&source=uzhkh,macrocrm"), ["a1"]);
    assert!(ids("source=macrocrm").is_empty());
    assert!(ids("source=macrocrm&kind=counter").is_empty());
    let gone = served.get("/api/v1/records/uzhkh/counter/c1").json();
    assert!(gone["deleted_at"].is_string(), "{gone}");
    let lines = served.ask(
        "GET",
        "/api/v1/records?limit=2",
        &[&token("bi"), "Accept: application/x-ndjson"],
    );
    assert_eq!(lines.body.lines().count(), 2);
    assert!(lines.has_header(&format!("x-ledger: {}", served.ledger_id())), "{}", lines.head);
    assert!(
        lines.head.contains("x-next: ") && lines.has_header("x-at-change: 5"),
        "{}",
        lines.head
    );
    served.stop();
}

#[test]
fn a_cursor_is_of_use_with_its_list_and_ledger_alone() {
    let served = serve();
    served.take_in("g1", envelope("g1", "Counter", &counter("c1")));
    served.take_in("g2", envelope("g2", "Counter", &counter("c2")));
    let next = text(&served.get("/api/v1/records?limit=1").json(), "next").to_owned();
    for (path, word) in [
        ("records?after=1".to_owned(), "after"),
        ("records?after=".to_owned(), "after"),
        (format!("decisions?after={next}"), "after"),
        (format!("identities?after={next}"), "after"),
        (format!("calls?after={next}"), "after"),
        ("quarantine?after=-1".to_owned(), "after"),
        ("records?limit=0".to_owned(), "limit"),
        ("records?limit=10001".to_owned(), "limit"),
        ("records?deleted=1".to_owned(), "deleted"),
        ("records?kind=countr".to_owned(), "kind must be one of"),
        ("records?page=2".to_owned(), "there is no parameter \"page\""),
        ("identities?state=new".to_owned(), "state must be one of waiting, reserved"),
        ("calls?state=stuck".to_owned(), "state must be one of pending"),
        ("calls?target=uzkh".to_owned(), "target must be one of uzhkh"),
        ("decisions?state=new".to_owned(), "state must be one of open, closed"),
        ("decisions?state=open,closed".to_owned(), "state must be one of open, closed"),
        ("identities?kind=counter,account".to_owned(), "kind must be one of"),
        ("calls?target=uzhkh,alma".to_owned(), "target must be one of"),
        ("records/uzhkh/counter/c1?with_body=true".to_owned(), "there is no parameter"),
        ("records/uzhkh/counter/c1/history?with_envelopes=yes".to_owned(), "with_envelopes"),
    ] {
        let refused = served.get(&format!("/api/v1/{path}"));
        assert_eq!(refused.status, 400, "{path}: {}", refused.body);
        assert!(refused.detail().contains(word), "{path}: {}", refused.body);
    }
    let other = "0190a5d0-7c1e-7b4e-9d55-0a1b2c3d4e5f";
    let gone = served.get(&format!("/api/v1/records?ledger={other}"));
    assert_eq!(gone.status, 410);
    assert!(gone.detail().contains("of another ledger"));
    assert_eq!(gone.json()["ledger"], served.ledger_id());
    assert_eq!(gone.json()["last"], 2);
    // The cursor knows its ledger by itself.
    served.bench.tamper(&format!(
        "DROP TRIGGER ledger_id_is_for_ever; UPDATE meta SET value = '{other}' WHERE key = 'ledger_id'"
    ));
    let gone = served.get(&format!("/api/v1/records?after={next}"));
    assert_eq!((gone.status, gone.json()["ledger"].as_str()), (410, Some(other)));
    drop(served.daemon);
}

#[test]
fn one_record_is_found_by_its_id_and_a_named_one_by_its_name() {
    let served = serve();
    served.take_in("g1", envelope("g1", "Counter", &counter("c/1 ж%")));
    served.take_in("g2", envelope("g2", "Counter", &counter("--5")));
    let found = served.get("/api/v1/records/uzhkh/counter/c%2F1%20%D0%B6%25").json();
    assert_eq!(text(&found, "id"), "c/1 ж%");
    assert_eq!(found["body"], serde_json::from_str::<Value>(&counter("c/1 ж%")).unwrap());
    let name = served.bench.permanent("counter", "--5");
    for path in ["", "/history"] {
        let named = served.get(&format!("/api/v1/records/uzhkh/counter/--5{path}"));
        assert_eq!(named.status, 404);
        assert!(named.detail().contains(&name), "{}", named.body);
        assert_eq!(served.get(&format!("/api/v1/records/uzhkh/counter/{name}{path}")).status, 200);
        for none in
            ["uzhkh/counter/none", "uzhkh/counters/c1", "macrocrm/counter/c1", "uzhkh/counter/%FF"]
        {
            assert_eq!(served.get(&format!("/api/v1/records/{none}{path}")).status, 404, "{none}");
        }
    }
    served.stop();
}

#[test]
fn a_records_life_is_told_with_what_brought_it() {
    let served = serve();
    let first = envelope("g1", "Counter", &counter("c1"));
    served.take_in("g1", first.clone());
    let second = envelope("g2", "Counter", &counter("c1").replace("10.50", "11.50"));
    served.take_in("g2", second.clone());
    let path = "/api/v1/records/uzhkh/counter/c1/history";
    let life = served.get(path).json();
    let printed = served.bench.run(&["history", "uzhkh", "counter", "c1", "--json"]).stdout;
    assert_eq!(life, serde_json::from_str::<Value>(&printed).unwrap());
    let changes = life["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[1]["fields"], json!({"Value1": ["10.50", "11.50"]}));
    assert_eq!(changes[1]["envelope"]["guid"], "g2");
    assert!(changes[1]["envelope"].get("text").is_none(), "{life}");
    let with = served.get(&format!("{path}?with_envelopes=true")).json();
    assert_eq!(with["changes"][0]["envelope"]["text"], first);
    assert_eq!(with["changes"][1]["envelope"]["text"], second);
    served.stop();
}

#[test]
fn what_waits_for_its_name_is_listed_with_its_record() {
    let served = serve_with(setup().section("[identity]\nassign = \"external\""), "");
    for n in [5, 6, 7] {
        let guid = format!("g{n}");
        served.take_in(&guid, envelope(&guid, "Counter", &counter(&format!("--{n}"))));
    }
    served.take_in("g8", envelope("g8", "Account", &account("--8")));
    let named = served.bench.run(&["identity", "set", "counter", "--6", "К-6"]);
    assert_eq!(named.code, Some(0), "{}", named.stderr);
    let told = "SELECT state FROM identity WHERE temporary_id = '--6'";
    wait_until("the announcement", || served.bench.one(told) == "announced");
    let waiting = served.pages("identities", "state=waiting&limit=1");
    let ids: Vec<&str> = waiting.iter().map(|row| text(row, "temporary_id")).collect();
    assert_eq!(ids, ["--8", "--5", "--7"]);
    assert!(waiting[1]["permanent_id"].is_null() && waiting[1]["reserved_at"].is_null());
    assert_eq!(waiting[1]["record"], serde_json::from_str::<Value>(&counter("--5")).unwrap());
    let meters = served.pages("identities", "state=waiting&kind=counter");
    assert_eq!(meters.len(), 2);
    let all = served.pages("identities", "limit=3");
    assert_eq!(all.len(), 4);
    let named = &all[2];
    assert_eq!((text(named, "permanent_id"), text(named, "state")), ("К-6", "announced"));
    assert_eq!(named["record"]["Id"], "К-6");
    served.stop();
}

#[test]
fn the_requests_that_wait_for_a_decision_are_listed() {
    let served = serve();
    served.take_in("g1", envelope("g1", "RequestToRegister", &to_register("71")));
    served.take_in("g2", envelope("g2", "RequestToRegister", &to_register("72")));
    served.take_in("g3", envelope("g3", "RequestToObjectAdding", &to_object_adding("71")));
    served.bench.uzhkh().push_deleted(deletion("d1", "requesttoregister", "72"));
    let deleted = "SELECT count(*) FROM record WHERE deleted_at IS NOT NULL";
    wait_until("the deletion", || served.bench.one(deleted) == "1");
    let names = |query: &str| -> Vec<String> {
        let rows = served.pages("decisions", query);
        rows.iter().map(|row| format!("{} {}", text(row, "request"), text(row, "id"))).collect()
    };
    assert_eq!(names("state=open&limit=1"), ["object 71", "register 71"]);
    let decided = served.bench.run(&["decide", "register", "71", "--approve"]);
    assert_eq!(decided.code, Some(0), "{}", decided.stderr);
    let call = served.get("/api/v1/calls/1?wait=60s").json();
    assert_eq!(text(&call, "state"), "done");
    assert_eq!(names("state=open"), ["object 71"]);
    assert_eq!(names("state=closed&limit=1"), ["register 71", "register 72"]);
    let all = served.pages("decisions", "");
    let row = &all[1];
    assert_eq!(
        (&row["approved"], &row["call"], &row["open"]),
        (&json!(true), &json!(1), &json!(false))
    );
    assert!(row["decided_at"].is_string());
    assert_eq!(row["record"], serde_json::from_str::<Value>(&to_register("71")).unwrap());
    served.stop();
}

#[test]
fn calls_are_listed_and_one_is_waited_for() {
    let served = serve();
    served.take_in("g1", envelope("g1", "RequestToRegister", &to_register("71")));
    served.take_in("g2", envelope("g2", "RequestToRegister", &to_register("72")));
    // Sent at once, and answered later: an error in between could be its outcome for good.
    served.bench.uzhkh().set_latency(Duration::from_secs(5));
    served.bench.run(&["decide", "register", "71", "--approve"]);
    let pending = served.get("/api/v1/calls/1").json();
    assert_eq!(text(&pending, "state"), "pending");
    assert_eq!(pending["params"]["id"], "71");
    let waiting = served.begin_get("/api/v1/calls/1?wait=60s");
    served.bench.uzhkh().set_latency(Duration::ZERO);
    served.bench.run(&["decide", "register", "72", "--reject", "--cause", "нет документов"]);
    let done = super::served::answer(waiting).json();
    assert_eq!(text(&done, "state"), "done");
    assert!(done["finished_at"].is_string());
    wait_until("the other", || {
        served.bench.one("SELECT count(*) FROM call WHERE state = 'done'") == "2"
    });
    let numbers = |query: &str| -> Vec<i64> {
        let rows = served.pages("calls", query);
        rows.iter().map(|row| row["seq"].as_i64().unwrap()).collect()
    };
    assert_eq!(numbers("limit=1"), [1, 2]);
    assert_eq!(numbers("state=done&op=HandleRequestToRegister&target=uzhkh"), [1, 2]);
    for state in ["pending", "failed", "unknown"] {
        assert!(numbers(&format!("state={state}")).is_empty(), "{state}");
    }
    assert!(numbers("target=macrocrm").is_empty());
    for path in ["3", "x", "-1", "1.5", "99999999999999999999"] {
        assert_eq!(served.get(&format!("/api/v1/calls/{path}")).status, 404, "{path}");
    }
    assert_eq!(served.get("/api/v1/calls/1?wait=61s").status, 400);
    served.stop();
}

#[test]
fn what_is_quarantined_is_listed_and_shown() {
    let served = serve();
    let bad = r#"{"Guid":"b1","Tank":{"Id":"1"},"x":"ж"}"#;
    served.bench.uzhkh().push_request(bad);
    served.bench.uzhkh().push_request("17");
    wait_until("both", || served.bench.one("SELECT count(*) FROM quarantine") == "2");
    let rows = served.pages("quarantine", "limit=1");
    assert_eq!(rows.len(), 2);
    assert_eq!((text(&rows[0], "guid"), text(&rows[0], "queue")), ("b1", "requests"));
    let shown = served.get("/api/v1/quarantine/1").json();
    assert_eq!((text(&shown, "body"), &shown["is_whole"]), (bad, &json!(true)));
    assert_eq!(served.get("/api/v1/quarantine/99").status, 404);
    served.stop();
}

#[test]
fn without_a_system_its_paths_are_not_there() {
    let served = serve();
    for (path, section) in [("alma", "[alma]"), ("keys/free-times?date=2099-11-23", "[macrocrm]")] {
        // There is no such path, so neither the method nor the scope is looked at.
        for (program, method) in [("1c", "GET"), ("bi", "POST"), ("desk", "GET")] {
            let absent = served.ask(method, &format!("/api/v1/{path}"), &[&token(program)]);
            assert_eq!(absent.status, 404, "{path}");
            assert!(absent.detail().contains(section), "{}", absent.body);
        }
    }
    served.stop();
}

#[test]
fn the_objects_of_alma_are_listed() {
    let served = serve_with(setup().alma("schedule = \"* * * * * *\""), "");
    served.take_in("g1", envelope("g1", "Obj", &object("o1")));
    served.take_in("g2", envelope("g2", "Obj", &object("o2").replace("12\"", "13\"")));
    let synced = "SELECT count(*) FROM alma_object WHERE kind = 'unit' AND state = 'synced'";
    wait_until("Alma to follow", || served.bench.one(synced) == "2");
    let all = served.get("/api/v1/alma").json();
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let page = served.get(&format!("/api/v1/alma?limit=1{after}")).json();
        rows.extend(page["objects"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(all["objects"], json!(rows));
    let units = served.get("/api/v1/alma?kind=unit&state=synced").json();
    let ids: Vec<&str> =
        units["objects"].as_array().unwrap().iter().map(|row| text(row, "id")).collect();
    assert_eq!(ids, ["o1", "o2"]);
    assert!(units["objects"][0]["reason"].is_null());
    for wrong in ["state=new", "kind=flat"] {
        assert_eq!(served.get(&format!("/api/v1/alma?{wrong}")).status, 400, "{wrong}");
    }
    served.stop();
}

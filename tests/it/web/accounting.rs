//! A small accounting system, as 1C would be one: it loads, follows, names what is new and
//! answers requests. It dies and is started again at any moment, so does the service, and in
//! the end it has exactly what the ledger has; each new object was named once, and each request
//! answered once.
//!
//! Its memory is what a real one has in its database: what is to be sent is written down before
//! it is sent, with the key that it has for ever.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use super::served::{Served, begin, read, serve_with, token};
use crate::support::entities::envelope;
use crate::support::entities::{to_object_adding, to_register};
use crate::support::{Bench, chance, setup, wait_until};

/// It died, or got no answer: it begins its turn again from what it had written down.
struct Died;

type Step<T = ()> = Result<T, Died>;

/// Source, kind and id.
type Key = (String, String, String);

/// What its database holds.
#[derive(Default, Clone)]
struct Memory {
    ledger: Option<String>,
    last: i64,
    records: BTreeMap<Key, Value>,
    /// Requests that were not answered yet, by their Idempotency-Key: path and body.
    outbox: BTreeMap<String, (&'static str, Value)>,
    /// The names that it has given, by kind and temporary id.
    names: BTreeMap<(String, String), String>,
    /// The calls that carry its decisions out, by request and id.
    decided: BTreeMap<(String, String), i64>,
}

struct Accounting {
    address: SocketAddr,
    memory: Memory,
    /// Its life so far, in requests.
    sent: u64,
}

impl Accounting {
    /// One turn of its life; `dies` says whether it does now.
    fn turn(&mut self, bench: &Bench, dies: &mut dyn FnMut() -> bool) -> Step {
        if self.memory.ledger.is_none() {
            self.load(dies)?;
        }
        self.follow(dies)?;
        self.note_names(dies)?;
        self.note_decisions(dies)?;
        self.send(dies)?;
        self.settle(bench, dies)
    }

    fn ask(
        &mut self,
        method: &str,
        target: &str,
        headers: &[&str],
        body: &str,
    ) -> Step<(u16, Value)> {
        self.sent += 1;
        let mut stream = TcpStream::connect(self.address).map_err(|_| Died)?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(|_| Died)?;
        let mut head = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}\r\n",
            token("1c")
        );
        for line in headers {
            head += &format!("{line}\r\n");
        }
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).map_err(|_| Died)?;
        let mut text = String::new();
        stream.read_to_string(&mut text).map_err(|_| Died)?;
        if !text.contains("\r\n\r\n") {
            return Err(Died);
        }
        let answer = read(&text);
        let body = serde_json::from_str(&answer.body).map_err(|_| Died)?;
        Ok((answer.status, body))
    }

    fn get(&mut self, target: &str) -> Step<Value> {
        let (status, body) = self.ask("GET", target, &[], "")?;
        assert_eq!(status, 200, "{target}: {body}");
        Ok(body)
    }

    /// The present state, page by page; what it dies in the middle of it begins anew.
    fn load(&mut self, dies: &mut dyn FnMut() -> bool) -> Step {
        let mut loaded = Memory::default();
        let mut next = Some(String::new());
        while let Some(after) = next {
            let mut target = "/api/v1/records?limit=25".to_owned();
            if !after.is_empty() {
                target += &format!("&after={after}");
            }
            let page = self.get(&target)?;
            if loaded.ledger.is_none() {
                loaded.ledger = page["ledger"].as_str().map(str::to_owned);
                loaded.last = page["at_change"].as_i64().unwrap();
            }
            for record in page["records"].as_array().unwrap() {
                let id = text(&record["id"]);
                let key = (text(&record["source"]), text(&record["kind"]), id);
                loaded.records.insert(key, record["body"].clone());
            }
            next = page["next"].as_str().map(str::to_owned);
            if dies() {
                return Err(Died);
            }
        }
        self.memory = loaded;
        Ok(())
    }

    /// Takes the changes up to the end; each page is written down with its cursor.
    fn follow(&mut self, dies: &mut dyn FnMut() -> bool) -> Step {
        loop {
            let ledger = self.memory.ledger.clone().unwrap();
            let after = self.memory.last;
            let page = self.get(&format!(
                "/api/v1/changes?after={after}&ledger={ledger}&limit=20&with_body=true"
            ))?;
            let mut taken = self.memory.clone();
            let changes = page["changes"].as_array().unwrap();
            changes.iter().for_each(|change| apply(&mut taken.records, change));
            taken.last = page["last"].as_i64().unwrap();
            if dies() {
                return Err(Died);
            }
            self.memory = taken;
            if changes.is_empty() {
                return Ok(());
            }
        }
    }

    /// Writes down how it names what waits, and what is to be sent.
    fn note_names(&mut self, dies: &mut dyn FnMut() -> bool) -> Step {
        let waiting = self.get("/api/v1/identities?state=waiting&limit=10")?;
        let mut noted = self.memory.clone();
        let mut rows = Vec::new();
        for one in waiting["identities"].as_array().unwrap() {
            let (kind, temporary) = (text(&one["kind"]), text(&one["temporary_id"]));
            let number = noted.names.len();
            let known = noted.names.contains_key(&(kind.clone(), temporary.clone()));
            if known {
                continue;
            }
            let name = format!("1C-{number}");
            rows.push(json!({"kind": kind, "temporary_id": temporary, "permanent_id": name}));
            noted.names.insert((kind, temporary), name);
        }
        if !rows.is_empty() {
            let key = format!("names up to {}", noted.names.len());
            noted.outbox.insert(key, ("/api/v1/identities", json!({"identities": rows})));
        }
        if dies() {
            return Err(Died);
        }
        self.memory = noted;
        Ok(())
    }

    /// Writes down how it answers what is open.
    fn note_decisions(&mut self, dies: &mut dyn FnMut() -> bool) -> Step {
        let open = self.get("/api/v1/decisions?state=open&limit=10")?;
        let mut noted = self.memory.clone();
        for one in open["decisions"].as_array().unwrap() {
            let (request, id) = (text(&one["request"]), text(&one["id"]));
            // One that was settled as not done is open once more: that is another decision.
            let before = one["call"].as_i64().unwrap_or_default();
            let approve = id.len() % 2 == 0;
            let mut body = json!({"request": request, "id": id, "approve": approve});
            match (request.as_str(), approve) {
                ("register", false) => body["cause"] = json!("Не ваш счёт"),
                ("object", true) => body["account_number"] = json!("700000001"),
                _ => {}
            }
            let key = format!("{request} {id} after {before}");
            noted.outbox.entry(key).or_insert(("/api/v1/decisions", body));
        }
        if dies() {
            return Err(Died);
        }
        self.memory = noted;
        Ok(())
    }

    /// Sends what is written down, until each is answered.
    fn send(&mut self, dies: &mut dyn FnMut() -> bool) -> Step {
        for (key, (path, body)) in self.memory.outbox.clone() {
            let idempotency = format!("Idempotency-Key: {key}");
            let headers = ["Content-Type: application/json", idempotency.as_str()];
            let (status, answer) = self.ask("POST", path, &headers, &body.to_string())?;
            // The answer came, and it dies before it is written down.
            if dies() {
                return Err(Died);
            }
            match (path, status) {
                ("/api/v1/identities", 200) => {
                    for result in answer["results"].as_array().unwrap() {
                        assert_eq!(result["result"], "named", "{key}: {result}");
                    }
                }
                ("/api/v1/decisions", 202) => {
                    let decided = (text(&body["request"]), text(&body["id"]));
                    self.memory.decided.insert(decided, answer["call"].as_i64().unwrap());
                }
                // What it saw as open was deleted meanwhile.
                ("/api/v1/decisions", 404) => {}
                _ => panic!("{key}: {status} {answer}"),
            }
            self.memory.outbox.remove(&key);
        }
        Ok(())
    }

    /// Says what came of its decisions whose outcome is not known: it looks into UZhKH.
    fn settle(&mut self, bench: &Bench, dies: &mut dyn FnMut() -> bool) -> Step {
        let unknown = self.get("/api/v1/calls?state=unknown&target=uzhkh")?;
        for call in unknown["calls"].as_array().unwrap() {
            let report = bench.report();
            let handled = match call["op"].as_str().unwrap() {
                "HandleRequestToRegister" => &report.register_decisions,
                _ => &report.object_decisions,
            };
            let is_done = handled.contains_key(call["params"]["id"].as_str().unwrap());
            let outcome = json!({"outcome": if is_done { "done" } else { "failed" }});
            let path = format!("/api/v1/calls/{}/settle", call["seq"]);
            let headers = ["Content-Type: application/json"];
            let (status, answer) = self.ask("POST", &path, &headers, &outcome.to_string())?;
            // A lost answer makes the second one find it settled.
            assert!(status == 200 || status == 409, "{answer}");
            if dies() {
                return Err(Died);
            }
        }
        Ok(())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn apply(records: &mut BTreeMap<Key, Value>, change: &Value) {
    let key = (text(&change["source"]), text(&change["kind"]), text(&change["id"]));
    if change["op"] == "rename" {
        let old = text(&change["fields"]["Id"][0]);
        records.remove(&(key.0.clone(), key.1.clone(), old));
    }
    match &change["body"] {
        Value::Null => drop(records.remove(&key)),
        body => drop(records.insert(key, body.clone())),
    }
}

/// What the ledger has, live.
fn held(bench: &Bench) -> BTreeMap<Key, Value> {
    let ledger = bench.read();
    let mut statement = ledger
        .prepare("SELECT source, kind, id, body FROM record WHERE deleted_at IS NULL")
        .unwrap();
    let rows = statement.query_map([], |row| {
        Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get::<_, String>(3)?))
    });
    let parsed = |(key, body): (Key, String)| (key, serde_json::from_str(&body).unwrap());
    rows.unwrap().map(|row| parsed(row.unwrap())).collect()
}

/// New entries of all kinds, and requests to decide.
fn happen(bench: &Bench, requests: &mut u32) {
    bench.uzhkh().generate(12);
    for _ in 0..2 {
        *requests += 1;
        let id = format!("9{requests}");
        let entry = envelope(&format!("r{id}"), "RequestToRegister", &to_register(&id));
        bench.uzhkh().push_request(entry);
        let entry = envelope(&format!("o{id}"), "RequestToObjectAdding", &to_object_adding(&id));
        bench.uzhkh().push_request(entry);
    }
}

#[test]
fn an_accounting_system_that_dies_all_the_time_ends_with_what_the_ledger_has() {
    const TURNS: u32 = 40;
    let mut chance = chance("accounting");
    let mut served = serve_with(setup().section("[identity]\nassign = \"external\""), "");
    let mut accounting = Accounting { address: served.address, memory: Memory::default(), sent: 0 };
    let mut requests = 0;
    for turn in 0..TURNS {
        if turn % 4 == 0 {
            happen(&served.bench, &mut requests);
        }
        if chance.u32(..8) == 0 {
            let Served { daemon, address, bench } = served;
            daemon.kill();
            served = begin(bench, address);
        }
        let mut luck = chance.fork();
        let mut dies = || luck.u32(..12) == 0;
        // Its memory is what it had written down.
        drop(accounting.turn(&served.bench, &mut dies));
    }
    // It lives on until nothing is left to do.
    let nothing_left = "SELECT (SELECT count(*) FROM identity WHERE state IN ('waiting', 'reserved') AND kind <> 'car') \
         + (SELECT count(*) FROM decision WHERE open) \
         + (SELECT count(*) FROM call WHERE state IN ('pending', 'unknown')) \
         + (SELECT count(*) FROM envelope WHERE state = 'committed')";
    wait_until("all is done", || {
        let is_well = accounting.turn(&served.bench, &mut || false).is_ok();
        is_well
            && accounting.memory.outbox.is_empty()
            && served.bench.uzhkh().queue_len() == 0
            && served.bench.one(nothing_left) == "0"
            && accounting.memory.records == held(&served.bench)
    });
    assert!(accounting.sent > u64::from(TURNS), "it has lived");
    // Each new object was named once, by the name that was written down for it, and UZhKH was
    // told no other.
    let report = served.bench.report();
    let mut told = 0;
    for ((kind, temporary), name) in &accounting.memory.names {
        assert_eq!(served.bench.permanent(kind, temporary), *name);
        if let Some(names) = report.identities.get(&format!("{kind}/{temporary}")) {
            assert_eq!(names.iter().collect::<Vec<_>>(), [name], "{kind} {temporary}");
            told += 1;
        }
    }
    assert!(told > 0);
    // Each request was answered once.
    assert!(accounting.memory.decided.len() >= 2 * requests as usize);
    let handled = [("register", &report.register_decisions), ("object", &report.object_decisions)];
    for (request, handled) in handled {
        let mut decided = accounting.memory.decided.keys();
        assert!(decided.all(|(word, id)| word != request || handled.contains_key(id)));
        for (id, decisions) in handled {
            let times: u64 = decisions.iter().map(|decision| decision.times).sum();
            assert_eq!(times, 1, "{request} {id}");
        }
    }
    served.bench.verified();
    served.stop();
}

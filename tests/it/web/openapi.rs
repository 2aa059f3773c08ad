//! The description of the interface is true: every example in it is run, and what is answered
//! is what it says.

use std::collections::BTreeSet;
use std::process::Command;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use simulator::Category;

use super::schema::Schemas;
use super::served::{Served, answer, serve_with, token};
use crate::support::entities::{counter, envelope, object, to_object_adding, to_register};
use crate::support::{Setup, setup, tool, wait_until};

/// A service whose ledger holds what the examples name.
fn exemplary() -> Served {
    let everything: Setup = setup()
        .section("[identity]\nassign = \"external\"")
        .alma("schedule = \"* * * * * *\"")
        .macrocrm("categories = [\"flat\"]\nschedule = \"* * * * * *\"");
    let mut served = serve_with(everything, "");
    // What is sent in earnest to the examples' systems may be nonsense.
    served.bench.forgive_violations();
    let macrocrm = served.bench.simulator.macrocrm();
    macrocrm.set_ready("123", "Дом", Category::Flat, &["1.1-12-2"]);
    served.take_in("b1", r#"{"Guid":"b1","Tank":{"Id":"1"}}"#.to_owned());
    served.take_in("g1", envelope("g1", "Counter", &counter("33dssdsd")));
    served.take_in("g2", envelope("g2", "Counter", &counter("--5")));
    served.take_in("g3", envelope("g3", "Obj", &object("o1")));
    for id in ["71", "72", "73"] {
        served.take_in(
            &format!("r{id}"),
            envelope(&format!("r{id}"), "RequestToRegister", &to_register(id)),
        );
        let adding = envelope(&format!("o{id}"), "RequestToObjectAdding", &to_object_adding(id));
        served.take_in(&format!("o{id}"), adding);
    }
    let decided = served.bench.run(&["decide", "register", "73", "--approve"]);
    assert_eq!(decided.code, Some(0), "{}", decided.stderr);
    wait_until("the decision", || {
        served.bench.one("SELECT count(*) FROM call WHERE seq = 1 AND state = 'done'") == "1"
    });
    let synced = "SELECT count(*) FROM alma_object WHERE kind = 'unit' AND state = 'synced'";
    wait_until("Alma to follow", || served.bench.one(synced) == "1");
    // What an earlier version did not understand, and what has had no answer.
    let entry = envelope("g17", "Obj", &object("o17"));
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&entry);
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    served.bench.tamper(&format!(
        "INSERT INTO envelope (seq, queue, guid, kinds, body, body_sha256, bytes, received_at, state, last_error) \
         VALUES (17, 'requests', 'g17', '[]', '{entry}', '{hash}', {}, '2024-05-01T08:00:00.000Z', \
         'quarantined', 'not understood'); \
         INSERT INTO call (seq, target, op, params, state, attempts, created_at, finished_at) \
         VALUES (546, 'macrocrm', 'add', '{{}}', 'unknown', 1, '2024-05-01T08:00:00.000Z', \
         '2024-05-01T08:00:00.000Z')",
        entry.len()
    ));
    served
}

fn described(served: &Served) -> Value {
    let description = served.ask("GET", "/api/v1/openapi.json", &[]);
    assert_eq!(description.status, 200, "{}", description.body);
    assert!(description.has_header("content-type: application/json"), "{}", description.head);
    description.json()
}

/// An operation of the description.
struct Operation<'d> {
    method: String,
    path: &'d str,
    of: &'d Value,
}

fn operations(description: &Value) -> Vec<Operation<'_>> {
    let paths = description["paths"].as_object().unwrap();
    let items = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, of)| Operation { method: method.to_uppercase(), path, of })
    });
    items.collect()
}

/// Path and query as the examples of the parameters have them.
fn target(operation: &Operation<'_>) -> String {
    let mut path = operation.path.to_owned();
    let mut query = Vec::new();
    for parameter in operation.of["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let example = match &parameter["example"] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let example = example.map(|text| utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string());
        match (parameter["in"].as_str().unwrap(), example) {
            ("path", example) => {
                let example = example.unwrap_or_else(|| panic!("{path}: {name} has no example"));
                path = path.replace(&format!("{{{name}}}"), &example);
            }
            ("query", Some(example)) => query.push(format!("{name}={example}")),
            _ => {}
        }
    }
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

/// The bodies that are shown as examples; one that is None where there is no body.
fn bodies(operation: &Operation<'_>) -> Vec<Option<Value>> {
    let content = &operation.of["requestBody"]["content"]["application/json"];
    match (&content["example"], content["examples"].as_object()) {
        (Value::Null, None) => vec![None],
        (Value::Null, Some(all)) => all.values().map(|one| Some(one["value"].clone())).collect(),
        (example, _) => vec![Some(example.clone())],
    }
}

#[test]
fn every_example_is_answered_as_it_is_described() {
    let served = exemplary();
    let description = described(&served);
    assert!(
        description["openapi"].as_str().unwrap().starts_with("3.1."),
        "{}",
        description["openapi"]
    );
    let schemas = Schemas(&description);
    let mut names = BTreeSet::new();
    let mut ran = 0;
    for operation in operations(&description) {
        let name = operation.of["operationId"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "{name} is the name of two operations");
        assert!(operation.of["summary"].is_string(), "{name} has no summary");
        for body in bodies(&operation) {
            let target = target(&operation);
            let sent = body.as_ref().map(ToString::to_string).unwrap_or_default();
            let token = token("1c");
            let json = [token.as_str(), "Content-Type: application/json"];
            let headers = if body.is_some() { &json[..] } else { &json[..1] };
            let answered = answer(served.send(&operation.method, &target, headers, &sent));
            let told = format!(
                "{} {target} {sent}: {} {}",
                operation.method, answered.status, answered.body
            );
            assert!((200..300).contains(&answered.status), "{told}");
            let response = &operation.of["responses"][answered.status.to_string()];
            assert!(response.is_object(), "no such status is described: {told}");
            let schema = &response["content"]["application/json"]["schema"];
            let faults = schemas.faults(schema, &answered.json());
            assert!(faults.is_empty(), "{told}\n{}", faults.join("\n"));
            if let Some(body) = &body {
                let schema = &operation.of["requestBody"]["content"]["application/json"]["schema"];
                let faults = schemas.faults(schema, body);
                assert!(faults.is_empty(), "{told}\n{}", faults.join("\n"));
            }
            ran += 1;
        }
        // What goes wrong is described too.
        let problem = served.ask(&operation.method, &target(&operation), &[]);
        let schema =
            &operation.of["responses"]["default"]["content"]["application/problem+json"]["schema"];
        if problem.status != 200 {
            let faults = schemas.faults(schema, &problem.json());
            assert!(faults.is_empty(), "{name}: {}", faults.join("\n"));
        }
    }
    assert!(ran > 25, "only {ran} examples were found");
    served.stop();
}

#[test]
fn every_path_of_the_table_is_described() {
    let served = exemplary();
    let description = described(&served);
    let described: BTreeSet<String> = operations(&description)
        .iter()
        .map(|operation| format!("{} {}", operation.method, operation.path))
        .collect();
    for path in [
        "GET /api/v1/status",
        "GET /api/v1/changes",
        "GET /api/v1/records",
        "GET /api/v1/records/{source}/{kind}/{id}",
        "GET /api/v1/records/{source}/{kind}/{id}/history",
        "GET /api/v1/identities",
        "GET /api/v1/decisions",
        "GET /api/v1/keys/free-times",
        "GET /api/v1/calls",
        "GET /api/v1/calls/{seq}",
        "GET /api/v1/quarantine",
        "GET /api/v1/quarantine/{seq}",
        "GET /api/v1/alma",
        "GET /api/v1/openapi.json",
        "POST /api/v1/identities",
        "POST /api/v1/decisions",
        "POST /api/v1/keys/bookings",
        "POST /api/v1/calls/{seq}/settle",
        "POST /api/v1/quarantine/{seq}/retry",
        "POST /api/v1/quarantine/{seq}/acknowledge",
        "POST /api/v1/alma/retry",
        "POST /api/v1/alma/release",
        "POST /api/v1/alma/block",
        "POST /api/v1/alma/unblock",
        "POST /api/v1/resync",
        "POST /api/v1/feeds/{name}/accept-shrink",
    ] {
        assert!(described.contains(path), "{path} is not described: {described:?}");
    }
    served.stop();
}

#[test]
fn the_description_is_valid() {
    let Some(mut validator) = tool("openapi-spec-validator") else { return };
    let served = exemplary();
    let file = served.bench.file("openapi.json");
    std::fs::write(&file, served.ask("GET", "/api/v1/openapi.json", &[]).body).unwrap();
    let validated = validator.arg(&file).output().unwrap();
    let told = String::from_utf8_lossy(&validated.stdout).into_owned();
    assert!(validated.status.success(), "{told}{}", String::from_utf8_lossy(&validated.stderr));
    served.stop();
}

/// What every answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance";

/// A command of schemathesis over the routes, within these bounds.
fn fuzz(command: &mut Command, served: &Served, examples: u32) -> std::process::Output {
    let url = format!("http://{}/api/v1/openapi.json", served.address);
    command
        .args([
            "run",
            &url,
            "--phases",
            "examples,coverage,fuzzing",
            "--no-color",
            // Two threads that parse Python at once make 3.11 fail now and then.
            "--workers",
            "1",
        ])
        .args(["--header", &token("1c"), "--max-examples", &examples.to_string()])
        .args(["--seed", "1", "--request-timeout", "20", "--generation-deterministic"])
        // What is not to be had of MACRO is 502 by intent.
        .args(["--exclude-path", "/api/v1/keys/free-times"])
        .args(["--checks", CHECKS])
        .current_dir(served.bench.dir.path())
        .output()
        .unwrap()
}

#[test]
fn whatever_is_sent_the_answer_is_one_that_is_described() {
    let Some(mut schemathesis) = tool("schemathesis") else { return };
    let served = exemplary();
    let fuzzed = fuzz(&mut schemathesis, &served, 12);
    let told = String::from_utf8_lossy(&fuzzed.stdout).into_owned();
    assert!(fuzzed.status.success(), "{told}{}", String::from_utf8_lossy(&fuzzed.stderr));
    served.bench.verified();
    let log = served.stop();
    // What was asked of the systems in earnest may fail there, and the log says so.
    assert!(!log.contains("a request over HTTP failed"), "{log}");
}

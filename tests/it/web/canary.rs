//! Nothing of a request or an answer comes into the log, however talkative it is.

use super::served::{answer, serve_with, token};
use crate::support::entities::{envelope, resident, to_register};
use crate::support::{TALKATIVE, setup};

/// What must not be told: of a record, and of what is sent.
const CANARIES: [&str; 8] = [
    "Канарейкина",
    "canary@example.invalid",
    "70001112233",
    "canary-cause",
    "canary-name",
    "canary-query",
    "canary-key",
    "canary-token",
];

#[test]
fn neither_a_name_nor_a_phone_nor_a_token_is_logged() {
    let served =
        serve_with(setup().log(TALKATIVE).section("[identity]\nassign = \"external\""), "");
    let person = |text: String| {
        let named =
            text.replace("Ветрова", CANARIES[0]).replace("inna@example.invalid", CANARIES[1]);
        named.replace("70000000001", CANARIES[2])
    };
    served.take_in("g1", envelope("g1", "Resident", &person(resident("r1"))));
    served.take_in("g2", envelope("g2", "RequestToRegister", &person(to_register("71"))));
    served.take_in("g3", envelope("g3", "Resident", &person(resident("--9"))));
    let mut told = String::new();
    for path in [
        "changes?with_body=true",
        "changes?kind=canary-query",
        "records",
        "records/uzhkh/resident/r1",
        "records/uzhkh/resident/r1/history?with_envelopes=true",
        "records/uzhkh/resident/canary-name",
        "records?after=canary-query",
        "identities?state=waiting",
        "decisions?state=open",
        "calls?op=canary-query",
        "canary-query",
    ] {
        told += &served.get(&format!("/api/v1/{path}")).body;
    }
    assert!(told.contains(CANARIES[0]) && told.contains(CANARIES[2]), "{told}");
    let json = "Content-Type: application/json";
    let key = "Idempotency-Key: canary-key";
    for (path, body) in [
        ("decisions", r#"{"request":"register","id":"71","approve":false,"cause":"canary-cause"}"#),
        ("decisions", r#"{"request":"register","id":"71","approve":"Канарейкина"}"#),
        (
            "identities",
            r#"{"identities":[{"kind":"resident","temporary_id":"--9","permanent_id":"canary-name"}]}"#,
        ),
        ("keys/bookings", r#"{"house":"1","flat":"1","phone":"+70001112233"}"#),
        ("identities", "Канарейкина"),
    ] {
        let headers = [&token("1c"), json, key];
        answer(served.send("POST", &format!("/api/v1/{path}"), &headers, body));
    }
    served.ask("GET", "/api/v1/status", &["Authorization: Bearer canary-token"]);
    served.ask("GET", "/api/v1/status", &["Host: canary-name"]);
    let log = served.stop();
    // It is as talkative as was wanted.
    assert!(log.contains("TRACE"), "{}", log.len());
    for canary in CANARIES {
        let line = log.lines().find(|line| line.contains(canary));
        assert!(line.is_none(), "{line:?}");
    }
}

//! Who is answered, and in which order it is looked at what is wrong.

use super::served::{Answer, answer, serve, serve_with, token};
use crate::support::{secrets, setup};

const STATUS: &str = "/api/v1/status";

#[test]
fn a_host_that_is_not_ours_is_misdirected_before_all_else() {
    let served = serve_with(setup(), "hosts = [\"ledger.example.ru\"]");
    for host in ["ledger.example.ru", "LEDGER.example.ru:443", "127.0.0.1:80", "[::1]", "localhost"]
    {
        let asked = served.ask("GET", STATUS, &[&format!("Host: {host}"), &token("bi")]);
        assert_eq!(asked.status, 200, "{host}: {}", asked.body);
    }
    for host in ["evil.example", "ledger.example.ru.evil.example", "10.0.0.1", "a b"] {
        // Neither who asks nor what for is looked at.
        for (path, token) in [(STATUS, token("bi")), ("/none", String::from("X: y"))] {
            let asked = served.ask("DELETE", path, &[&format!("Host: {host}"), &token]);
            assert_eq!(asked.status, 421, "{host}: {}", asked.body);
            assert!(asked.detail().contains("web.hosts"));
        }
    }
    let none = raw(&served, "GET /api/v1/status HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(none.status, 400);
    assert!(none.detail().contains("Host"));
    let empty = raw(&served, "GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n");
    assert_eq!(empty.status, 400);
    let two =
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert_eq!(raw(&served, two).status, 400);
    let absolute =
        "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(raw(&served, absolute).status, 421);
    served.stop();
}

fn raw(served: &super::served::Served, text: &str) -> Answer {
    use std::io::Write;

    let mut stream = std::net::TcpStream::connect(served.address).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    answer(stream)
}

#[test]
fn who_does_not_know_a_token_is_told_nothing() {
    let served = serve();
    let secret = secrets::web_token("1c");
    let headers = [
        "X-Nothing: 1".to_owned(),
        format!("Authorization: Basic {secret}"),
        "Authorization: Bearer".to_owned(),
        "Authorization: Bearer ".to_owned(),
        "Authorization: Bearer wrong".to_owned(),
        format!("Authorization: Bearer {secret}x"),
        format!("Authorization: Bearer  {secret}"),
        format!("Cookie: session={secret}"),
    ];
    for header in &headers {
        // Whether there is such a path is not told either.
        for (method, path) in [("GET", STATUS), ("POST", STATUS), ("GET", "/api/v1/none")] {
            let refused = served.ask(method, path, &[header]);
            assert_eq!(refused.status, 401, "{header}");
            assert!(refused.head.contains("www-authenticate: bearer realm="));
            assert!(refused.detail().contains("Authorization: Bearer TOKEN"));
            assert!(!refused.body.contains(&secret));
        }
    }
    served.stop();
}

#[test]
fn what_is_wrong_is_looked_at_in_one_order() {
    let served = serve();
    let ask =
        |program: &str, method: &str, path: &str| served.ask(method, path, &[&token(program)]);
    // There is no such path, whatever the method and the scope.
    for path in ["/api/v1/none", "/api/v1", "/api/v1/", "/api/v1/status/", "/api/v1/Status"] {
        for program in ["desk", "bi"] {
            assert_eq!(ask(program, "POST", path).status, 404, "{path}");
        }
    }
    assert_eq!(served.post("/api/v1/none", "{}").status, 404);
    // There is no such method, whatever the scope.
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let refused = ask("bi", method, STATUS);
        assert_eq!(refused.status, 405, "{method}");
        assert!(refused.has_header("allow: get,head"), "{}", refused.head);
        refused.detail();
    }
    // The scope is looked at before the parameters.
    let refused = ask("desk", "GET", "/api/v1/changes?limit=none");
    assert_eq!(refused.status, 403);
    assert!(refused.detail().contains("\"read\""), "{}", refused.body);
    assert_eq!(ask("bi", "GET", "/api/v1/changes?limit=none").status, 400);
    // HEAD counts as a read.
    assert_eq!(ask("desk", "HEAD", STATUS).status, 403);
    let head = ask("bi", "HEAD", STATUS);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert!(head.has_header("content-type: application/json"), "{}", head.head);
    // People find nothing, and programs' tokens open nothing to them.
    assert_eq!(ask("1c", "GET", "/changes").status, 404);
    served.stop();
}

#[test]
fn what_is_answered_is_not_kept_by_others() {
    let served = serve();
    for answer in [served.get(STATUS), served.get("/api/v1/none"), served.ask("GET", "/", &[])] {
        for header in [
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
        ] {
            assert!(answer.has_header(header), "{}", answer.head);
        }
    }
    served.stop();
}

#[test]
fn the_status_is_what_the_command_prints() {
    let served = serve();
    let answered = served.get(STATUS).json();
    let printed = served.bench.run(&["status", "--json"]).stdout;
    let printed: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let names = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(names(&answered), names(&printed));
    for member in ["ledger", "ledger_id", "daemon", "web", "records", "not_polled"] {
        assert_eq!(answered[member], printed[member], "{member}");
    }
    assert_eq!(answered["web"]["tokens"], serde_json::json!(["1c", "bi", "desk"]));
    assert_eq!(served.get("/api/v1/status?json=true").status, 400);
    let shown = served.bench.run(&["status"]).stdout;
    let line = format!("web     http://{}, tokens: 1c, bi, desk", served.address);
    assert!(shown.contains(&line), "{shown}");
    served.stop();
}

#[test]
fn a_port_that_is_taken_is_told() {
    let served = serve();
    let config = served.bench.config();
    let text = std::fs::read_to_string(&config).unwrap();
    let other = served.bench.file("other.toml");
    let ledger = format!("{:?}", served.bench.ledger());
    std::fs::write(&other, text.replace(&ledger, &format!("{:?}", served.bench.file("other.db"))))
        .unwrap();
    let ended = crate::support::process::run(&other, &["run"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("web.listen: "), "{}", ended.stderr);
    let checked = crate::support::process::run(&other, &["check"]);
    assert_eq!(checked.code, Some(1), "{}", checked.stderr);
    assert!(checked.stdout.contains("web"), "{}", checked.stdout);
    // The service that has it is well.
    let own = served.bench.run(&["check"]);
    assert_eq!(own.code, Some(0), "{}", own.stdout);
    served.stop();
}

//! An address that answers, and is not Alma's, or has something in front of Alma: no object
//! is to blame for that.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner};
use crate::alma::ledger_lost::lose;
use crate::support::Bench;

/// What says nothing of any object.
const ANSWERS: [(&str, &str); 5] = [
    ("404 Not Found", ""),
    ("404 Not Found", r#"{"detail":"Not found."}"#),
    ("404 Not Found", "<h1>Not Found</h1>"),
    ("405 Method Not Allowed", r#"{"detail":"Not allowed."}"#),
    ("400 Bad Request", "<h1>Bad Request (400)</h1>"),
];

/// The address of one that makes such an answer of each request, once a connection.
fn answering(answer: impl Fn(&str) -> String + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || {
                let request = read(&stream)?;
                (&stream).write_all(answer(&request).as_bytes()).ok()
            });
        }
    });
    format!("http://{address}/")
}

/// The address of one that stands before Alma and changes its answers.
fn before_alma(bench: &Bench, change: impl Fn(&str) -> String + Clone + Send + 'static) -> String {
    let alma = bench.alma().base_url().replace("http://", "");
    let alma = alma.trim_end_matches('/').to_owned();
    answering(move |request| {
        let mut stream = TcpStream::connect(&alma).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        change(&read(&stream).unwrap())
    })
}

/// A message of HTTP, to be the last of its connection.
fn read(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let (mut message, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
        if !line.to_lowercase().starts_with("connection:") {
            message.push_str(&line);
        }
    }
    message.push_str("Connection: close\r\n\r\n");
    reader.take(length).read_to_string(&mut message).ok()?;
    Some(message)
}

fn saying(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// Lines of the config that lead to Alma, and to this address.
fn ways(bench: &Bench, address: &str) -> (String, String) {
    let way = |address: &str| format!("base_url = {address:?}\napi_key");
    (way(&bench.alma().base_url()), way(address))
}

#[test]
fn what_is_not_alma_rejects_nothing() {
    for (status, body) in ANSWERS {
        let bench = both().start();
        let (to_alma, elsewhere) = ways(&bench, &answering(|_| saying(status, body)));
        bench.rewrite_config(&to_alma, &elsewhere);
        bench.furnish();
        let ended = bench.fail();
        assert!(ended.stderr.contains("alma: "), "{}", ended.stderr);
        let is_rejected = |object: &String| object.contains("rejected");
        assert!(!bench.stuck().iter().any(is_rejected), "{status}");
        bench.rewrite_config(&elsewhere, &to_alma);
        bench.pass();
        assert_eq!(bench.stuck(), [""; 0], "{status}");
        bench.rests();
    }
}

#[test]
fn what_is_not_alma_has_lost_nothing() {
    for (status, body) in ANSWERS {
        let bench = both().alma("archive = \"auto\"").start();
        bench.furnish();
        bench.say("Obj", &flat("o2", "15"));
        bench.pass();
        let (to_alma, elsewhere) = ways(&bench, &answering(|_| saying(status, body)));
        bench.rewrite_config(&to_alma, &elsewhere);
        bench.say("Obj", &flat("o1", "13"));
        bench.say("Account", &account("a1", "o1", &[owner("r1")]));
        bench.say_deleted("object", "o2");
        bench.fail();
        // Of clients Alma is not asked when they leave.
        let judged = "SELECT count(*) FROM alma_object \
                      WHERE kind <> 'client' AND state IN ('rejected', 'held', 'archived')";
        assert_eq!(bench.one(judged), "0", "{status}: {:?}", bench.stuck());
        bench.rewrite_config(&elsewhere, &to_alma);
        bench.pass();
        assert_eq!(bench.field(AlmaKind::Unit, "o1", "name"), "\"13\"");
        assert!(bench.held(AlmaKind::Unit, "o2").is_archived);
        assert_eq!(bench.state("tenant_contract", "a1:r2"), "held");
    }
}

#[test]
fn pages_for_people_in_place_of_what_is_not_there_do_no_harm() {
    let bench = both().start();
    let address = before_alma(&bench, |answer| {
        if answer.starts_with("HTTP/1.1 404") {
            return saying("404 Not Found", "<h1>Not Found</h1>");
        }
        answer.to_owned()
    });
    let (to_alma, before_it) = ways(&bench, &address);
    bench.rewrite_config(&to_alma, &before_it);
    bench.furnish();
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
    bench.say("Obj", &flat("o1", "13"));
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "o1", "name"), "\"13\"");
    lose(&bench);
    bench.furnish();
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn what_an_answer_leaves_out_is_no_difference_to_null() {
    let bench = both().start();
    let address = before_alma(&bench, |answer| {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.lines().next().unwrap().replace("HTTP/1.1 ", "");
        saying(&status, &body.replace(r#""floor":null,"#, ""))
    });
    let (to_alma, before_it) = ways(&bench, &address);
    bench.rewrite_config(&to_alma, &before_it);
    let flat = flat("o1", "12");
    let (before, after) = flat.split_once(r#""EtazhNumber":"#).unwrap();
    let after = after.split_once(',').unwrap().1;
    bench.say("Obj", &format!(r#"{before}"EtazhNumber":null,{after}"#));
    bench.pass();
    assert_eq!(bench.one("SELECT sent ->> '$.floor' FROM alma_object WHERE kind = 'unit'"), "NULL");
    assert_eq!(bench.orders(&["audit"]), "Alma holds all that it was sent\n");
}

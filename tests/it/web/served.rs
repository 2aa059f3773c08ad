//! A service with `[web]`, and clients that ask it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::support::entities::{counter, envelope};
use crate::support::{Bench, Daemon, Setup, nowhere, secrets, setup, wait_until};

/// The service, on a port of its own.
pub(crate) struct Served {
    pub(crate) daemon: Daemon,
    pub(crate) address: SocketAddr,
    pub(crate) bench: Bench,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The detail of a problem, which is well formed.
    #[track_caller]
    pub(crate) fn detail(&self) -> String {
        assert!(self.has_header("content-type: application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{self:?}");
        assert_eq!(problem["type"], "about:blank");
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
        problem["detail"].as_str().unwrap().to_owned()
    }

    pub(crate) fn has_header(&self, line: &str) -> bool {
        self.head.lines().any(|known| known == line)
    }

    /// The numbers of the changes in it.
    pub(crate) fn seqs(&self) -> Vec<i64> {
        let page = self.json();
        let changes = page["changes"].as_array().unwrap().iter();
        changes.map(|change| change["seq"].as_i64().unwrap()).collect()
    }
}

/// The three programs that may ask.
pub(crate) const TOKENS: &str = "[[web.token]]\nname = \"1c\"\ntoken = \"t0ken-0f-1c-1n-tests\"\n\
     scopes = [\"read\", \"write\"]\n\
     [[web.token]]\nname = \"bi\"\ntoken = \"t0ken-0f-bi-1n-tests\"\n\
     [[web.token]]\nname = \"desk\"\ntoken = \"t0ken-0f-desk-1n-tests\"\nscopes = [\"write\"]\n";

/// A service with these lines in `[web]`, and the tokens of all three programs.
pub(crate) fn serve_with(setup: Setup, lines: &str) -> Served {
    let address = nowhere();
    let section = format!("[web]\nlisten = \"{address}\"\n{lines}\n{TOKENS}");
    let bench = setup.every_second().section(&section).start();
    begin(bench, address)
}

pub(crate) fn begin(bench: Bench, address: SocketAddr) -> Served {
    let daemon = bench.daemon();
    let served = Served { daemon, address, bench };
    wait_until("the service to listen", || TcpStream::connect(served.address).is_ok());
    served
}

/// A service with nothing in its ledger.
pub(crate) fn serve() -> Served {
    serve_with(setup(), "")
}

/// A service with four counters in its ledger, each with a change.
pub(crate) fn serve_four() -> Served {
    let served = serve();
    for n in 1..=4 {
        let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
        served.bench.uzhkh().push_request(entry);
    }
    let told = "SELECT count(*) FROM envelope WHERE state = 'acknowledged'";
    wait_until("the changes", || served.bench.one(told) == "4");
    served
}

/// The header of a program.
pub(crate) fn token(program: &str) -> String {
    format!("Authorization: Bearer {}", secrets::web_token(program))
}

impl Served {
    /// Sends a request with these headers and this body, and leaves the answer to come.
    pub(crate) fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[&str],
        body: &str,
    ) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut head = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|line| line.starts_with("Host:")) {
            head += "Host: localhost\r\n";
        }
        for line in headers {
            head += &format!("{line}\r\n");
        }
        if !body.is_empty() {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        stream
    }

    /// The answer to a request with these headers, without a body.
    pub(crate) fn ask(&self, method: &str, target: &str, headers: &[&str]) -> Answer {
        answer(self.send(method, target, headers, ""))
    }

    /// A request of the program that may do everything, whose answer is to come.
    pub(crate) fn begin_get(&self, target: &str) -> TcpStream {
        self.send("GET", target, &[&token("1c")], "")
    }

    /// The answer to a request of the program that may do everything.
    pub(crate) fn get(&self, target: &str) -> Answer {
        answer(self.begin_get(target))
    }

    /// The same with a body of JSON.
    pub(crate) fn post(&self, target: &str, body: &str) -> Answer {
        let json = "Content-Type: application/json";
        answer(self.send("POST", target, &[&token("1c"), json], body))
    }

    pub(crate) fn ledger_id(&self) -> String {
        self.bench.one("SELECT value FROM meta WHERE key = 'ledger_id'")
    }

    /// Stops the service in order; no token has come into its log.
    pub(crate) fn stop(self) -> String {
        self.daemon.stop()
    }
}

/// Reads an answer to its end.
#[track_caller]
pub(crate) fn answer(mut stream: TcpStream) -> Answer {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    read(&text)
}

#[track_caller]
pub(crate) fn read(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text:?}"));
    let head = head.to_ascii_lowercase();
    let body = match head.contains("transfer-encoding: chunked") {
        true => unchunked(body),
        false => body.to_owned(),
    };
    Answer { status: head[9..12].parse().unwrap(), head, body }
}

fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).unwrap();
        body.push_str(&after[..length]);
        rest = after[length..].trim_start_matches("\r\n");
    }
    body
}

//! A service with a console, and a person who uses it.

use std::net::SocketAddr;
use std::time::Duration;

use super::html::Form;
use crate::support::{Bench, Daemon, Setup, http_client, nowhere, setup, wait_until};

pub(crate) const PASSWORD: &str = "ключ под ковриком";
/// Of that password, with little memory so that the tests are quick.
const HASH: &str = "$argon2id$v=19$m=64,t=1,p=1$dajv5jR96UF68eC4q9iunw$k3E6NV/BmgltFAVXov2XHoDCb8AQ1PIMH1BzmlQvmtA";

/// A bench with a console, and its service.
pub(crate) struct Site {
    pub(crate) bench: Bench,
    pub(crate) daemon: Option<Daemon>,
    pub(crate) address: SocketAddr,
}

/// `[web]` with an operator, a viewer and an auditor.
pub(crate) fn section(address: SocketAddr, more: &str) -> String {
    let users = ["operator", "viewer", "auditor"].map(|role| {
        format!("[[web.user]]\nname = \"{role}\"\npassword_hash = \"{HASH}\"\nrole = \"{role}\"\n")
    });
    format!("[web]\nlisten = \"{address}\"\n{more}\n{}", users.concat())
}

/// A site where UZhKH is looked at every second.
pub(crate) fn site(change: impl FnOnce(Setup) -> Setup) -> Site {
    let address = nowhere();
    let bench = change(setup().every_second()).section(&section(address, "")).start();
    Site { bench, daemon: None, address }
}

impl Site {
    /// Starts the service, and waits until it answers.
    pub(crate) fn begin(&mut self) {
        self.daemon = Some(self.bench.daemon());
        let daemon = self.daemon.as_mut().unwrap();
        let address = self.address;
        wait_until("an answer", || {
            assert!(!daemon.has_ended(), "{}", daemon.log());
            std::net::TcpStream::connect(address).is_ok()
        });
    }

    /// kill -9, and another start.
    pub(crate) fn crash(&mut self) {
        self.daemon.take().unwrap().kill();
        self.begin();
    }

    /// Somebody without a session.
    pub(crate) fn anyone(&self) -> Person<'_> {
        let client = http_client()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        Person { site: self, client, cookie: String::new() }
    }

    /// A person who has signed in.
    #[track_caller]
    pub(crate) fn signed_in(&self, name: &str) -> Person<'_> {
        let mut person = self.anyone();
        let answer = person.sign_in(name, PASSWORD);
        assert_eq!(answer.status, 303, "{}", answer.text);
        assert_eq!(answer.header("location"), "/");
        let cookie = answer.header("set-cookie");
        person.cookie = cookie.split(';').next().unwrap().to_owned();
        person
    }

    /// Waits until the ledger says so.
    pub(crate) fn wait_for(&self, sql: &str, line: &str) {
        wait_until(&format!("{sql}: {line}"), || self.bench.one_or_none(sql) == line);
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// A header, empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A person at a browser.
pub(crate) struct Person<'s> {
    pub(crate) site: &'s Site,
    client: reqwest::Client,
    pub(crate) cookie: String,
}

impl Person<'_> {
    /// A request from this browser.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("http://{}{path}", self.site.address);
        let request = self.client.request(method.parse().unwrap(), url);
        if self.cookie.is_empty() { request } else { request.header("cookie", &self.cookie) }
    }

    /// Sends it.
    pub(crate) fn ask(&self, request: reqwest::RequestBuilder) -> Answer {
        self.site.bench.runtime.block_on(async {
            let response = request.send().await.unwrap();
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Answer { status, headers, text: response.text().await.unwrap() }
        })
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(self.request("GET", path))
    }

    /// A page, which must be there.
    #[track_caller]
    pub(crate) fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.text
    }

    /// Sends a form as a page of ours does.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = self
            .request("POST", path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish());
        self.ask(request)
    }

    /// Sends a form of a page.
    pub(crate) fn send(&self, form: &Form) -> Answer {
        let fields: Vec<(&str, &str)> =
            form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&form.action, &fields)
    }

    /// Sends a form, and reads where it leads.
    #[track_caller]
    pub(crate) fn follow(&self, form: &Form) -> String {
        let answer = self.send(form);
        assert_eq!(answer.status, 303, "{}", answer.text);
        self.page(answer.header("location"))
    }

    pub(crate) fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.post("/login", &[("name", name), ("password", password)])
    }
}

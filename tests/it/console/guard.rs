//! Who comes in, and what a browser is told.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::paths::PAGES;
use super::site::{PASSWORD, site};
use crate::support::wait_until;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

#[test]
fn without_a_session_every_page_leads_to_the_login() {
    let mut site = site(|setup| setup);
    site.begin();
    let anyone = site.anyone();
    for page in &PAGES {
        let answer = anyone.get(page.path);
        assert_eq!((answer.status, answer.header("location")), (303, "/login"), "{}", page.path);
    }
    let login = anyone.get("/login");
    assert_eq!(login.status, 200);
    assert_eq!(login.header("content-security-policy"), POLICY);
    assert_eq!(login.headers.get_all("content-security-policy").iter().count(), 1);
    assert_eq!(login.header("x-content-type-options"), "nosniff");
    assert_eq!(login.header("referrer-policy"), "no-referrer");
    assert_eq!(login.header("cache-control"), "no-store");
    for asset in
        ["/assets/console.css", "/assets/htmx.js", "/assets/console.js", "/assets/icon.svg"]
    {
        assert_eq!(anyone.get(asset).status, 200, "{asset}");
    }
}

#[test]
fn a_session_ends_when_one_signs_out_and_when_the_service_ends() {
    let mut site = site(|setup| setup);
    site.begin();
    let operator = site.signed_in("operator");
    let page = operator.page("/");
    assert!(page.contains("Выйти") && page.contains("<html lang=\"ru\">"), "{page}");
    let answer = operator.sign_in("operator", PASSWORD);
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains(PASSWORD), "{cookie}");
    assert_eq!(operator.get("/logout").status, 404);
    let out = operator.post("/logout", &[]);
    assert_eq!((out.status, out.header("location")), (303, "/login"));
    assert_eq!(operator.get("/").status, 303, "the cookie is of no more use");
    let cookie = site.signed_in("operator").cookie;
    site.crash();
    let mut later = site.anyone();
    later.cookie = cookie;
    assert_eq!(later.get("/").status, 303);
}

#[test]
fn wrong_passwords_are_slowed_down_and_unknown_names_look_alike() {
    let mut site = site(|setup| setup);
    site.begin();
    let anyone = site.anyone();
    let wrong = anyone.sign_in("operator", "wrong");
    let unknown = anyone.sign_in("nowhere-to-be-found", "wrong");
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(wrong.text, unknown.text);
    assert!(wrong.text.contains("<form") && wrong.header("set-cookie").is_empty());
    for _ in 0..3 {
        assert_eq!(anyone.sign_in("operator", "wrong").status, 401);
    }
    let slowed = anyone.sign_in("viewer", PASSWORD);
    assert_eq!(slowed.status, 429, "the address waits, whatever the name");
    let wait: u64 = slowed.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
    let log = site.daemon.as_ref().unwrap().log();
    assert!(!log.contains("nowhere-to-be-found"), "{log}");
}

#[test]
fn many_who_sign_in_at_once_from_one_address_all_come_in() {
    let mut site = site(|setup| setup);
    site.begin();
    let anyone = site.anyone();
    let at_once = |password: &str| -> Vec<u16> {
        let signing = (0..12).map(|_| {
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            body.extend_pairs([("name", "operator"), ("password", password)]);
            let request = anyone.request("POST", "/login").header("sec-fetch-site", "same-origin");
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            request.body(body.finish()).send()
        });
        let answers = site.bench.runtime.block_on(async { join_all(signing).await });
        answers.into_iter().map(|answer| answer.unwrap().status().as_u16()).collect()
    };
    assert_eq!(at_once(PASSWORD), [303; 12]);
    // Wrong ones that come at once are no more than those that come one by one.
    let wrong = at_once("wrong");
    assert_eq!(wrong.iter().filter(|status| **status == 401).count(), 5, "{wrong:?}");
    assert_eq!(wrong.iter().filter(|status| **status == 429).count(), 7, "{wrong:?}");
}

#[test]
fn what_another_site_sends_is_refused_before_all_else() {
    let mut site = site(|setup| setup);
    site.begin();
    let (anyone, operator) = (site.anyone(), site.signed_in("operator"));
    let host = site.address.to_string();
    let own = format!("http://{host}");
    let kind = ("content-type", "application/x-www-form-urlencoded");
    for person in [&anyone, &operator] {
        for path in ["/login", "/search", "/logout", "/acts/decide", "/confirm/decide", "/nothing"]
        {
            for headers in [
                &[][..],
                &[("sec-fetch-site", "cross-site"), ("origin", own.as_str())],
                &[("sec-fetch-site", "same-site")],
                &[("sec-fetch-site", "none")],
                &[("origin", "null")],
                &[("origin", "https://evil.example")],
            ] {
                let mut request = person.request("POST", path).header(kind.0, kind.1).body("q=x");
                for (name, value) in headers {
                    request = request.header(*name, *value);
                }
                assert_eq!(person.ask(request).status, 403, "{path}: {headers:?}");
            }
        }
    }
    let request = operator.request("POST", "/search").header("origin", &own).header(kind.0, kind.1);
    assert_eq!(operator.ask(request.body("q=x")).status, 200);
    // A cookie opens no interface for programs, and a token no page.
    assert_eq!(operator.get("/api/v1/status").status, 401);
    let request = anyone.request("GET", "/").header("authorization", "Bearer anything");
    assert_eq!(anyone.ask(request).status, 303);
    let request = operator.request("GET", "/").header("host", "evil.example");
    assert_eq!(operator.ask(request).status, 421);
}

#[test]
fn acts_are_refused_to_those_who_only_look_and_the_log_to_all_but_auditors() {
    let mut site = site(|setup| setup);
    site.begin();
    for role in ["viewer", "auditor"] {
        let person = site.signed_in(role);
        for act in [
            "/confirm/decide",
            "/acts/decide",
            "/acts/book",
            "/acts/settle",
            "/acts/reveal",
            "/acts/poll",
        ] {
            assert_eq!(person.post(act, &[("act_id", "a-1")]).status, 403, "{role} {act}");
        }
    }
    assert_eq!(site.signed_in("viewer").get("/log").status, 403);
    assert_eq!(site.signed_in("operator").get("/log").status, 403);
    assert_eq!(site.signed_in("auditor").get("/log").status, 200);
    assert_eq!(site.bench.one("SELECT count(*) FROM act"), "0");
}

#[test]
fn the_language_is_the_browser_s_until_one_is_chosen() {
    let mut site = site(|setup| setup);
    site.begin();
    let anyone = site.anyone();
    let in_english = |answer: &super::site::Answer| {
        let is = answer.text.contains("<html lang=\"en\">") && answer.text.contains("Sign in");
        assert_eq!(is, !answer.text.contains("Войти"), "{}", answer.text);
        is
    };
    let accepting =
        |language: &str| anyone.request("GET", "/login").header("accept-language", language);
    assert!(!in_english(&anyone.get("/login")));
    assert!(in_english(&anyone.ask(accepting("en-GB,en;q=0.8,ru;q=0.5"))));
    assert!(!in_english(&anyone.ask(accepting("de"))));
    let chosen = anyone.get("/login?lang=en");
    assert!(in_english(&chosen));
    let mut again = site.anyone();
    again.cookie = chosen.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(in_english(&again.ask(again.request("GET", "/login").header("accept-language", "ru"))));
    assert!(chosen.header("set-cookie").contains("Max-Age="));
    // A page that is still open in the other language refreshes itself, and chooses none.
    let refreshing = anyone.request("GET", "/login?lang=ru").header("hx-request", "true");
    let refreshed = anyone.ask(refreshing);
    assert!(!in_english(&refreshed));
    assert_eq!(refreshed.header("set-cookie"), "");
}

#[test]
fn those_who_send_half_a_form_keep_nobody_out() {
    let mut site = site(|setup| setup);
    site.begin();
    let began = Instant::now();
    // As many as there may be.
    let half_sent = |_| {
        let mut stream = TcpStream::connect(site.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
        let head = "POST /login HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nname=a";
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    let mut slow: Vec<TcpStream> = (0..256).map(half_sent).collect();
    let mut text = String::new();
    slow[0].read_to_string(&mut text).unwrap();
    let (head, page) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 408 "), "{head}");
    assert!(head.to_lowercase().contains("\r\nconnection: close"), "{head}");
    assert!(page.contains("Форма не пришла вовремя"), "{page}");
    let anyone = site.anyone();
    wait_until("somebody else comes in", || {
        let asking = async { anyone.request("GET", "/login").send().await };
        let answer = site.bench.runtime.block_on(asking);
        answer.is_ok_and(|answer| answer.status().as_u16() == 200)
    });
    assert!(began.elapsed() < Duration::from_secs(50), "{:?}", began.elapsed());
}

//! What the pages show, to whom, and that hostile text stays text.

use super::html::form;
use super::paths;
use super::site::{Site, site};
use crate::support::entities::{account_of, envelope, object, person, request, to_register};
use crate::support::nowhere;

/// A secret, and people, that stand nowhere else.
const SECRET: &str = "zwiebelring";
const SURNAME: &str = "Канарейкин";
const PHONE: &str = "+79991234567";
const EMAIL: &str = "kanareykin@example.invalid";
const HOSTILE: &str = r"<script>alert(1)</script>&\u0022'{{7*7}}";

fn named(entity: &str) -> String {
    entity
        .replace("Ветрова", SURNAME)
        .replace("inna@example.invalid", EMAIL)
        .replace("+70000000001", PHONE)
}

/// A site with one of everything, of a person who is looked for everywhere.
fn full() -> Site {
    let mut site = site(|setup| setup.alma(""));
    let push = |guid: &str, member: &str, entity: &str| {
        site.bench.uzhkh().push_request(envelope(guid, member, entity));
    };
    let flat =
        object("o1").replace(r#""SipPassword":null"#, &format!(r#""SipPassword":"{SECRET}""#));
    push("g1", "Obj", &flat.replace("Заречный", HOSTILE));
    push("g2", "Account", &named(&account_of("a1", &[person("r1")])));
    push("g3", "RequestToRegister", &named(&to_register("71")));
    let text = format!("Звонить {SURNAME} {PHONE}");
    push("g4", "Request", &request(5).replace("Течёт кран", &text));
    push("g5", "Tank", &format!(r#"{{"who":"{SURNAME}","SipPassword":"{SECRET}"}}"#));
    site.begin();
    site.wait_for("SELECT count(*) FROM envelope", "5");
    let changed = flat.replace("Заречный", HOSTILE).replace(SECRET, "zwiebelring2");
    site.bench.uzhkh().push_request(envelope("g6", "Obj", &changed));
    let renamed = named(&account_of("a1", &[person("r1")])).replace("Инна", "Анна");
    site.bench.uzhkh().push_request(envelope("g7", "Account", &renamed));
    site.wait_for("SELECT count(*) FROM envelope WHERE state = 'acknowledged'", "6");
    site
}

#[test]
fn every_page_is_there_in_both_languages_for_everybody() {
    let site = full();
    for role in ["operator", "viewer", "auditor"] {
        let person = site.signed_in(role);
        for one in paths::of(role) {
            for (lang, word) in [("ru", "Выйти"), ("en", "Sign out")] {
                let path = one.in_language(lang);
                let page = person.page(&path);
                assert!(page.contains(&format!("<html lang=\"{lang}\">")), "{path}");
                assert!(page.contains(word), "{path}: {page}");
                assert!(!page.contains("<script>alert"), "{path}: {page}");
                assert!(!page.contains(SECRET), "{role} {path}: {page}");
                assert!(!page.contains("http://") && !page.contains("https://"), "{path}: {page}");
                let is_masked = ![SURNAME, PHONE, EMAIL].iter().any(|text| page.contains(text));
                assert!(role != "viewer" || is_masked, "{path}: {page}");
            }
        }
    }
    assert_eq!(site.signed_in("operator").get("/records/uzhkh/object/none").status, 404);
    // What stood there may have been done meanwhile.
    for path in ["/requests", "/stuck", "/quarantine", "/alma"] {
        let page = site.signed_in("operator").page(&format!("{path}?page=500"));
        assert!(page.contains("На этой странице уже ничего нет."), "{page}");
        assert!(page.contains(&format!("{path}?page=1\"")), "{page}");
    }
    for path in ["/nothing", "/parts/call/nothing"] {
        let answer = site.signed_in("operator").get(path);
        assert_eq!(answer.status, 404);
        assert!(answer.text.contains("Такой страницы нет"), "{}", answer.text);
    }
}

#[test]
fn a_card_tells_the_whole_history_to_those_who_may_see_it() {
    let site = full();
    let card = site.signed_in("auditor").page("/records/uzhkh/resident/r1");
    for text in [
        "Канарейкин",
        "<del>Инна</del>",
        "<ins>Анна</ins>",
        "g2",
        "g7",
        "/records/uzhkh/account/a1",
    ] {
        let is_there =
            || site.signed_in("auditor").page("/records/uzhkh/resident/r1").contains(text);
        // The index of relatives follows within a moment.
        crate::support::wait_until(text, is_there);
    }
    assert!(!card.contains("/acts/"), "an auditor does not act: {card}");
    let card = site.signed_in("viewer").page("/records/uzhkh/resident/r1");
    assert!(
        card.contains("К•••") && card.contains("•••-67") && card.contains("k•••@•••"),
        "{card}"
    );
    assert!(!card.contains("Инна") && !card.contains("Анна"), "{card}");
}

#[test]
fn a_secret_is_shown_once_to_an_operator_and_the_log_tells_of_it() {
    let site = full();
    let operator = site.signed_in("operator");
    let card = operator.page("/records/uzhkh/object/o1");
    let show = form(&card, "/acts/reveal", "SipPassword");
    assert!(show.html.contains("Показать"), "{}", show.html);
    let shown = operator.send(&show);
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains("zwiebelring2"), "{}", shown.text);
    let again = operator.send(&show);
    assert!(!again.text.contains(SECRET), "{}", again.text);
    assert_eq!(
        site.bench.lines("SELECT verb, target, outcome FROM act"),
        ["reveal|uzhkh/object/o1|SipPassword"]
    );
    let auditor = site.signed_in("auditor");
    assert!(!auditor.page("/records/uzhkh/object/o1").contains("/acts/reveal"));
    assert!(auditor.page("/log").contains("Показ секрета"));
    assert!(!auditor.page("/log").contains(SECRET));
    // Only what is a secret is shown so.
    let other = show.with("member", "Address").with("act_id", "a-2");
    assert_eq!(operator.send(&other).status, 400);
    let log = site.daemon.as_ref().unwrap().log();
    for text in [SECRET, SURNAME, PHONE, EMAIL] {
        assert!(!log.contains(text), "{text}: {log}");
    }
}

#[test]
fn what_is_quarantined_is_shown_by_the_beginning_of_its_text() {
    let mut site = site(|setup| setup);
    let rest = "ж".repeat(200_000);
    let long =
        format!(r#"{{"first":"начало","SipPassword":"{SECRET}","rest":"{rest}","last":"конец"}}"#);
    for (guid, entity) in [("g1", long.as_str()), ("g2", r#"{"only":"целиком"}"#)] {
        site.bench.uzhkh().push_request(envelope(guid, "Tank", entity));
    }
    site.begin();
    site.wait_for("SELECT count(*) FROM quarantine", "2");
    let page = site.signed_in("operator").page("/quarantine");
    let cards: Vec<&str> = page.split("<article ").skip(1).collect();
    let [long, short] = cards.as_slice() else { panic!("{page}") };
    assert!(long.contains("начало") && !long.contains("конец") && !long.contains(SECRET), "{long}");
    assert!(long.contains("показано начало") && long.len() < 20_000, "{long}");
    assert!(short.contains("целиком") && !short.contains("показано начало"), "{short}");
    // All of it is there to be given up, and the question is as short.
    let all = form(&page, "/confirm/quarantine-acknowledge", "Отказаться от всех 2");
    let question = site.signed_in("operator").send(&all);
    assert!(question.status == 200 && question.text.len() < 20_000, "{}", question.text);
}

#[test]
fn a_system_that_is_down_is_named_with_its_error() {
    let mut site = site(|setup| setup);
    site.bench.uzhkh().set_token("another");
    site.begin();
    let operator = site.signed_in("operator");
    crate::support::wait_until("the system is named", || {
        let page = operator.page("/");
        page.contains("Не отвечают") && page.contains("Умное ЖКХ") && page.contains("Requests")
    });
    let page = operator.page("/");
    assert!(page.contains("Ничего не ждёт") && page.contains("<time"), "{page}");
}

#[test]
fn a_relay_that_is_held_up_is_named_with_its_error() {
    let url = format!("postgres://acme:s3cret-pa55@{}/d?sslmode=disable", nowhere());
    let relay = format!("[relay]\nurl = {url:?}\nledger = \"acme\"");
    let mut site = site(|setup| setup.section(&relay));
    site.begin();
    let operator = site.signed_in("operator");
    let named = || operator.page("/").contains("<b>PostgreSQL · acme</b>");
    crate::support::wait_until("the relay is named", named);
    let page = operator.page("/");
    assert!(page.contains("Не отвечают") && !page.contains("s3cret"), "{page}");
}

//! Acts of the pages: asked about first where they cannot be undone, done once, told of after.

use super::html::{form, forms};
use super::site::{Site, site};

use crate::support::entities::{envelope, object, to_object_adding, to_register};

/// A site with two requests to register and one to add an object.
fn with_requests() -> Site {
    let mut site = site(|setup| setup);
    let push = |guid: &str, member: &str, entity: &str| {
        site.bench.uzhkh().push_request(envelope(guid, member, entity));
    };
    push("g1", "Obj", &object("o1"));
    push("g2", "RequestToRegister", &to_register("71"));
    push("g3", "RequestToRegister", &to_register("72"));
    push("g4", "RequestToObjectAdding", &to_object_adding("73"));
    site.begin();
    site.wait_for("SELECT count(*) FROM decision WHERE open", "3");
    site
}

#[test]
fn a_registration_is_approved_after_a_question_and_once() {
    let site = with_requests();
    let (anna, boris) = (site.signed_in("operator"), site.signed_in("operator"));
    let page = anna.page("/requests");
    let request = form(&page, "/confirm/decide", ">71</a>");
    for text in
        ["Одобрить", "Отклонить", "Причина", "Уведомить", "Ветрова Инна Павловна", "ул. Лодочная"]
    {
        assert!(request.html.contains(text), "{text}: {}", request.html);
    }
    let question = anna.send(&request.with("verdict", "approve").with("notify", "1"));
    assert_eq!(question.status, 200, "{}", question.text);
    let confirm = form(&question.text, "/acts/decide", "Подтвердить");
    assert_eq!(site.bench.one("SELECT count(*) FROM call"), "0", "nothing before the answer");
    let other = form(&boris.page("/requests"), "/confirm/decide", ">71</a>");
    let other = boris.send(&other.with("verdict", "reject").with("cause", "чужой счёт"));
    let other = form(&other.text, "/acts/decide", "Подтвердить");
    let done = anna.follow(&confirm);
    assert!(done.contains("одобрено") && done.contains("<dd>operator</dd>"), "{done}");
    assert!(done.contains("Умное ЖКХ · Заявка на регистрацию 71"), "{done}");
    // A double click, and the way back.
    assert_eq!(anna.send(&confirm).status, 303);
    assert!(anna.follow(&confirm).contains("одобрено"));
    // Another operator hears who was there first.
    let refused = boris.send(&other);
    assert_eq!(refused.status, 409);
    assert!(
        refused.text.contains("<dd>operator</dd>") && refused.text.contains("одобрено"),
        "{}",
        refused.text
    );
    let row = "SELECT actor, via, verb, target, call_seq, outcome FROM act";
    assert_eq!(
        site.bench.lines(row),
        ["operator|web|decide|uzhkh/requesttoregister/71|1|approved"]
    );
    site.wait_for("SELECT state FROM call", "done");
    let report = site.bench.report();
    assert_eq!(report.register_decisions["71"][0].times, 1);
    assert_eq!(report.register_decisions["71"][0].parameters["issendnotification"], "true");
    assert!(anna.page("/parts/call/1").contains("исполнено"));
    let sent = anna.page("/stuck?state=done");
    assert!(sent.contains("<dt>Одобрить</dt><dd>да</dd>"), "{sent}");
    assert!(sent.contains("<dt>Отклонить</dt><dd>нет</dd>"), "{sent}");
    let page = anna.page("/requests?lang=en");
    assert!(page.contains("approved") && page.contains(">done</span>"), "{page}");
    assert!(!forms(&page).iter().any(|form| form.html.contains(">71</a>")));
}

#[test]
fn a_rejection_without_a_cause_asks_for_it_and_tells_it_in_no_address() {
    let site = with_requests();
    let anna = site.signed_in("operator");
    let request = form(&anna.page("/requests"), "/confirm/decide", ">72</a>");
    let asked = anna.send(&request.with("verdict", "reject"));
    assert_eq!(asked.status, 400);
    let asked = form(&asked.text, "/confirm/decide", "Подтвердить");
    assert!(asked.html.contains("Причина"), "{}", asked.html);
    let question = anna.send(&asked.with("cause", "это не ваш счёт"));
    assert_eq!(question.status, 200);
    assert!(question.text.contains("это не ваш счёт"));
    let confirm = form(&question.text, "/acts/decide", "Подтвердить");
    // The answer is given after a crash: the form carries all that it needs.
    let mut site = site;
    site.crash();
    let anna = site.signed_in("operator");
    let answer = anna.send(&confirm);
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").starts_with("/done/"), "{}", answer.header("location"));
    site.wait_for("SELECT state, params ->> '$.cause' FROM call", "done|это не ваш счёт");
    assert_eq!(anna.send(&confirm).header("location"), answer.header("location"));
    assert_eq!(site.bench.one("SELECT count(*) FROM act"), "1");
    let log = site.daemon.as_ref().unwrap().log();
    assert!(!log.contains("ваш счёт"), "{log}");
}

#[test]
fn an_object_needs_its_account_number() {
    let site = with_requests();
    let anna = site.signed_in("operator");
    let request = form(&anna.page("/requests"), "/confirm/decide", ">73</a>");
    assert!(request.html.contains("Номер лицевого счёта"));
    let asked = anna.send(&request.with("verdict", "approve"));
    assert_eq!(asked.status, 400);
    let asked = form(&asked.text, "/confirm/decide", "Подтвердить");
    let question = anna.send(&asked.with("account_number", "700000123"));
    anna.follow(&form(&question.text, "/acts/decide", "Подтвердить"));
    site.wait_for(
        "SELECT op, params ->> '$.accountNumber', state FROM call",
        "HandleRequestToObjectAdding|700000123|done",
    );
}

#[test]
fn what_is_stuck_is_settled_quarantined_retried_and_held_released() {
    let site = with_decisions();
    let anna = site.signed_in("operator");
    let calls = site.bench.lines("SELECT seq FROM call WHERE state = 'unknown' ORDER BY seq");
    let page = anna.page("/stuck?state=unknown");
    let doubt = form(&page, "/acts/settle", &format!("id=\"c-{}\"", calls[0]));
    assert!(doubt.html.contains("Исполнено") && doubt.html.contains("Не исполнено"));
    let told = anna.follow(&doubt.clone().with("outcome", "failed"));
    assert!(told.contains("не исполнено"), "{told}");
    anna.follow(&doubt.with("outcome", "done"));
    let state = format!("SELECT state FROM call WHERE seq = {}", calls[0]);
    assert_eq!(site.bench.one(&state), "failed", "the second answer is the first one's");
    // What is still no entry stays; what is given up goes.
    let retry = form(&anna.page("/quarantine"), "/acts/quarantine-retry", "value=\"1\"");
    assert_eq!(anna.send(&retry).status, 409);
    let give_up = form(&anna.page("/quarantine"), "/confirm/quarantine-acknowledge", "value=\"1\"");
    let question = anna.send(&give_up);
    anna.follow(&form(&question.text, "/acts/quarantine-acknowledge", "Подтвердить"));
    assert_eq!(site.bench.one("SELECT count(*) FROM quarantine"), "1");
    // All held, by their number.
    let page = anna.page("/alma?state=held");
    for text in [r#"<a href="/records/uzhkh/object/o1">Юнит o1</a>"#, ">ждёт решения</span>"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    let all = form(&page, "/confirm/alma-release", "Отпустить все 2: held");
    let question = anna.send(&all);
    assert!(question.text.contains("Отпустить все 2: held"), "{}", question.text);
    let confirm = form(&question.text, "/acts/alma-release", "Подтвердить");
    let moved = anna.send(&confirm.clone().with("count", "3"));
    assert_eq!(moved.status, 409, "another number than was confirmed");
    assert!(anna.follow(&confirm).contains("отпущено: 2"));
    assert!(anna.follow(&confirm).contains("отпущено: 2"), "once");
    // A page that was left open asks about none.
    let none = anna.send(&all);
    assert_eq!(none.status, 400);
    assert!(none.text.contains("ничего не осталось"), "{}", none.text);
    assert_eq!(anna.send(&all.with("state", "nonsense")).status, 400);
    let verbs = site.bench.lines("SELECT verb FROM act ORDER BY seq");
    assert_eq!(verbs, ["settle", "quarantine-acknowledge", "alma-release"]);
    let log = site.signed_in("auditor").page("/log");
    for verb in ["Исход вызова", "Отказ от записи карантина", "Отпущено в Alma"]
    {
        assert!(log.contains(verb), "{verb}: {log}");
    }
}

#[test]
fn a_poller_runs_at_once_when_asked() {
    let mut site = site(|setup| setup.uzhkh("unauthorized_pause = \"1h\""));
    site.begin();
    site.wait_for("SELECT count(*) > 0 FROM poll WHERE feed = 'Requests'", "1");
    let anna = site.signed_in("operator");
    let poll = form(&anna.page("/systems"), "/acts/poll", "value=\"uzhkh/Requests\"");
    assert!(poll.html.contains(">Опросить</button>"), "{}", poll.html);
    assert!(anna.follow(&poll).contains("поручено службе"));
    assert_eq!(site.bench.one("SELECT verb, target FROM act"), "poll|uzhkh/Requests");
}

/// A site over the ledger that has something of everything that an operator decides about.
fn with_decisions() -> Site {
    let bench = crate::commands::operator::bench();
    let address = crate::support::nowhere();
    let config = std::fs::read_to_string(bench.config()).unwrap();
    std::fs::write(bench.config(), config + &super::site::section(address, "")).unwrap();
    let mut site = Site { bench, daemon: None, address };
    site.begin();
    site
}

#[test]
fn all_that_match_are_acted_on_each_once_and_nothing_that_came_since() {
    let site = with_decisions();
    let (anna, boris) = (site.signed_in("operator"), site.signed_in("operator"));
    // Of which state they are has to be chosen first.
    assert!(!anna.page("/stuck").contains("/confirm/settle"));
    let all =
        form(&anna.page("/stuck?state=unknown"), "/confirm/settle", "Не исполнен ни один из 2");
    assert!(all.html.contains("Не исполнен ни один из 2: исход неизвестен"), "{}", all.html);
    let question = anna.send(&all);
    assert!(
        question.text.contains("Не исполнен ни один из 2: исход неизвестен"),
        "{}",
        question.text
    );
    let confirm = form(&question.text, "/acts/settle", "Подтвердить");
    // One is settled and another gets stuck before the answer.
    let page = boris.page("/stuck?state=unknown");
    let calls = site.bench.lines("SELECT seq FROM call WHERE state = 'unknown' ORDER BY seq");
    let one = form(&page, "/acts/settle", &format!("id=\"c-{}\"", calls[0]));
    boris.follow(&one.with("outcome", "done"));
    site.bench.tamper(
        "INSERT INTO call (target, op, params, state, attempts, created_at, finished_at, last_error) VALUES \
         ('uzhkh', 'HandleRequestToRegister', '{\"id\":\"79\"}', 'unknown', 1, '2024-05-01T08:00:00.000Z', \
         '2024-05-01T08:00:01.000Z', 'no answer')",
    );
    let told = anna.follow(&confirm);
    assert!(told.contains("не исполнено: 1 из 2"), "{told}");
    assert!(anna.follow(&confirm).contains("не исполнено: 1"), "once");
    assert_eq!(
        site.bench.lines("SELECT params ->> '$.id', state FROM call ORDER BY seq DESC LIMIT 3"),
        ["79|unknown", "78|failed", "77|done"]
    );
    // One has its own buttons.
    assert!(!anna.page("/stuck?state=failed").contains("/confirm/settle"));
    site.bench.tamper(
        "INSERT INTO call (target, op, params, state, attempts, created_at, finished_at, last_error) VALUES \
         ('uzhkh', 'HandleRequestToRegister', '{\"id\":\"80\"}', 'failed', 1, '2024-05-01T08:00:00.000Z', \
         '2024-05-01T08:00:01.000Z', 'no answer')",
    );
    let failed = site.bench.one("SELECT max(seq) FROM call");
    // What nobody is left to say anything of is not asked about.
    let all = form(&anna.page("/stuck?state=failed"), "/confirm/settle", "Исполнены все 2");
    anna.follow(&form(&anna.send(&all).text, "/acts/settle", "Подтвердить"));
    let none = anna.send(&all);
    assert!(none.text.contains("ничего не осталось"), "{}", none.text);
    assert!(!none.text.contains("Подтвердить</button>"), "{}", none.text);

    let page = anna.page("/quarantine?source=uzhkh&queue=requests");
    let retry = form(&page, "/confirm/quarantine-retry", "Повторить все 2: Умное ЖКХ, requests");
    let question = anna.send(&retry);
    assert!(question.text.contains("нет ни одного известного раздела"), "{}", question.text);
    let refused = anna.send(&form(&question.text, "/acts/quarantine-retry", "Подтвердить"));
    assert_eq!(refused.status, 409);
    assert!(refused.text.contains("и теперь не применить"), "{}", refused.text);
    let give_up = form(&page, "/confirm/quarantine-acknowledge", "Отказаться от всех 2");
    let question = anna.send(&give_up);
    let confirm = form(&question.text, "/acts/quarantine-acknowledge", "Подтвердить");
    assert!(anna.follow(&confirm).contains("отказались: 2"));
    let acts = "SELECT verb, target, count(*) FROM act GROUP BY 1, 2 ORDER BY min(seq)";
    assert_eq!(
        site.bench.lines(acts),
        [
            &format!("settle|{}|1", calls[0]),
            &format!("settle|{}|2", calls[1]),
            &format!("settle|{failed}|1"),
            "quarantine-acknowledge|uzhkh/requests/1|1",
            "quarantine-acknowledge|uzhkh/requests/2|1"
        ]
    );
    let auditor = site.signed_in("auditor");
    assert!(!auditor.page("/stuck?state=unknown").contains("/confirm/"));
    assert_eq!(auditor.send(&all).status, 403);
}

#[test]
fn what_one_operator_has_said_of_a_call_is_not_unsaid_from_an_older_page() {
    let site = with_decisions();
    let (anna, boris) = (site.signed_in("operator"), site.signed_in("operator"));
    let calls = site.bench.lines("SELECT seq FROM call WHERE state = 'unknown' ORDER BY seq");
    let first = format!("id=\"c-{}\"", calls[0]);
    let page = anna.page("/stuck?state=unknown");
    let one = form(&page, "/acts/settle", &first);
    let all = anna.send(&form(&page, "/confirm/settle", "Исполнены все 2"));
    let all = form(&all.text, "/acts/settle", "Подтвердить");
    let theirs = form(&boris.page("/stuck?state=unknown"), "/acts/settle", &first);
    boris.follow(&theirs.with("outcome", "failed"));
    // Both pages of hers still say that the outcome is not known.
    let late = anna.send(&one.with("outcome", "done"));
    assert_eq!(late.status, 409, "{}", late.text);
    assert!(
        late.text.contains("<dd>operator</dd>") && late.text.contains("не исполнено"),
        "{}",
        late.text
    );
    let told = anna.follow(&all);
    assert!(told.contains("исполнено: 1 из 2"), "{told}");
    let state = |call: &str| site.bench.one(&format!("SELECT state FROM call WHERE seq = {call}"));
    assert_eq!([state(&calls[0]), state(&calls[1])], ["failed", "done"]);
    assert_eq!(site.bench.one("SELECT count(*) FROM act"), "2");
    // Looked at again, it may be put away.
    let failed = form(&anna.page("/stuck?state=failed"), "/acts/settle", &first);
    anna.follow(&failed.with("outcome", "done"));
    assert_eq!(state(&calls[0]), "done");
}

#[test]
fn only_what_was_shown_is_released_and_only_for_the_reason_that_was_shown() {
    let site = with_decisions();
    let (anna, boris) = (site.signed_in("operator"), site.signed_in("operator"));
    let held = "SELECT group_concat(external_id) FROM \
                (SELECT external_id FROM alma_object WHERE state = 'held' ORDER BY 1)";
    let release_all = || {
        let all = form(&anna.page("/alma?state=held"), "/confirm/alma-release", "все 2: held");
        form(&anna.send(&all).text, "/acts/alma-release", "Подтвердить")
    };
    let release_one = |person: &super::site::Person<'_>, id: &str| {
        let one =
            form(&person.page("/alma?state=held"), "/confirm/alma-release", &format!("\"{id}\""));
        form(&person.send(&one).text, "/acts/alma-release", "Подтвердить")
    };
    // As many are held, and one of them is another.
    let confirm = release_all();
    boris.follow(&release_one(&boris, "o1"));
    site.bench
        .tamper("UPDATE alma_object SET state = 'held', reason = 'left' WHERE external_id = 'o2'");
    assert_eq!(site.bench.one(held), "o2,o3");
    let moved = anna.send(&confirm);
    assert_eq!(moved.status, 409, "{}", moved.text);
    assert!(moved.text.contains("Посмотрите ещё раз."), "{}", moved.text);
    assert_eq!(site.bench.one(held), "o2,o3");
    // The same, and one of them for another reason.
    let (confirm, one) = (release_all(), release_one(&anna, "o3"));
    site.bench.tamper("UPDATE alma_object SET reason = 'another' WHERE external_id = 'o3'");
    assert_eq!(anna.send(&confirm).status, 409);
    let moved = anna.send(&one);
    assert_eq!(moved.status, 409, "{}", moved.text);
    assert!(moved.text.contains("Посмотрите ещё раз."), "{}", moved.text);
    assert_eq!(site.bench.one(held), "o2,o3");
    // A form that says of nothing what was shown releases nothing.
    let mut bare = release_one(&anna, "o3");
    bare.fields.retain(|(name, _)| ["act_id", "kind", "id"].contains(&name.as_str()));
    assert_eq!(anna.send(&bare).status, 409);
    let mut bare = release_all();
    bare.fields
        .retain(|(name, _)| ["act_id", "state", "in_kind", "count"].contains(&name.as_str()));
    assert_eq!(anna.send(&bare).status, 409);
    assert_eq!(site.bench.one("SELECT count(*) FROM act"), "1");
    // Looked at again, they go.
    anna.follow(&release_one(&anna, "o3"));
    anna.follow(&release_one(&anna, "o2"));
    assert_eq!(site.bench.one("SELECT count(*) FROM act"), "3");
}

#[test]
fn a_block_is_told_with_the_record_of_its_object() {
    let site = with_decisions();
    let anna = site.signed_in("operator");
    let page = anna.page("/alma?state=synced&kind=unit");
    anna.follow(&form(&page, "/acts/alma-block", "\"o2\""));
    anna.follow(&form(&page, "/acts/alma-unblock", "\"o2\""));
    let told = |id: &str| {
        let ended = site.bench.run(&["history", "uzhkh", "object", id, "--json"]);
        let history: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        let calls = history["calls"].as_array().unwrap().iter();
        calls.map(|call| format!("{} {}", call["target"], call["op"])).collect::<Vec<_>>()
    };
    assert_eq!(told("o2"), [r#""alma" "block""#, r#""alma" "block""#]);
    assert_eq!(told("o1"), [""; 0]);
    let card = anna.page("/records/uzhkh/object/o2");
    assert!(card.contains("Блокировка · Alma"), "{card}");
    assert!(!anna.page("/records/uzhkh/object/o1").contains("Блокировка"));
}

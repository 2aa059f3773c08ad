//! A record's card: what its members are called, what is a date, and how much of it is shown.

use super::html::form;
use super::russian::shown;
use super::site::{Site, site};
use crate::support::entities::{
    account_of, counter, document, envelope, object, person, request, resident, to_object_adding,
    to_register,
};

/// A site that has these, each the entity of a member.
fn with(entities: &[(&str, String)]) -> Site {
    let mut site = site(|setup| setup);
    for (n, (member, entity)) in entities.iter().enumerate() {
        site.bench.uzhkh().push_request(envelope(&format!("g{n}"), member, entity));
    }
    site.begin();
    let all = entities.len().to_string();
    site.wait_for("SELECT count(*) FROM envelope WHERE state = 'acknowledged'", &all);
    site
}

/// Whether a member is shown under a label, on the card of a record.
#[track_caller]
fn assert_shown(card: &str, label: &str, value: &str) {
    let text = shown(card);
    let at = text.find(&format!("{label}\n")).unwrap_or_else(|| panic!("no {label}: {text}"));
    let behind = text[at + label.len()..].trim_start();
    assert!(behind.starts_with(value), "{label}: {}", behind.lines().next().unwrap_or_default());
}

#[test]
fn members_are_called_as_the_vendors_document_describes_them() {
    let account = account_of(
        "a1",
        &[person("r1").replace(r#""ParentResidentId":null"#, r#""ParentResidentId":"r9""#)],
    )
    .replace(r#""SpelledOutPerson":2"#, r#""SpelledOutPerson":4"#);
    let meter = counter("c1").replace(r#""CheckDate":null"#, r#""CheckDate":"2030-05-01""#);
    let request = request(5).replace(
        r#""Status":"Новая""#,
        r#""Status":"Новая","FinishDate":"2030-06-01T00:00:00","RequestType":"подтип","WorkType":"вид""#,
    );
    let site = with(&[("Account", account), ("Counter", meter), ("Request", request)]);
    let auditor = site.signed_in("auditor");
    let card = auditor.page("/records/uzhkh/account/a1");
    assert_shown(&card, "Прописано", "4");
    assert_shown(&card, "Зарегистрировано", "2");
    assert_shown(&card, "Кем добавлен", "r9");
    let card = auditor.page("/records/uzhkh/counter/c1");
    assert_shown(&card, "Следующая поверка", "01.05.2030");
    let card = auditor.page("/records/uzhkh/request/5");
    assert_shown(&card, "Плановый срок", "01.06.2030");
    assert_shown(&card, "Подтип заявки", "подтип");
    assert_shown(&card, "Тип заявки", "вид");
}

#[test]
fn a_number_that_looks_like_a_date_is_shown_as_written() {
    let account = account_of("a1", &[])
        .replace(r#""AccountNumber":"1001""#, r#""AccountNumber":"2024-05-12""#)
        .replace("2023-01-15T00:00:00", "0001-01-01T00:00:00")
        .replace(r#""DateTimeClose":null"#, r#""DateTimeClose":"/Date(1714550400123-0500)/""#);
    let meter = counter("c1").replace("SN-77", "2024-05-12");
    let site = with(&[("Account", account), ("Counter", meter)]);
    let auditor = site.signed_in("auditor");
    let card = auditor.page("/records/uzhkh/account/a1");
    assert_shown(&card, "Номер лицевого счёта", "2024-05-12");
    assert_shown(&card, "Открыт", "—");
    assert_shown(&card, "Закрыт", "01.05.2024");
    let card = auditor.page("/records/uzhkh/counter/c1");
    assert_shown(&card, "Заводской номер", "2024-05-12");
}

#[test]
fn a_request_with_a_number_in_the_place_of_a_text_is_shown_and_decided_like_any() {
    let odd = to_register("72")
        .replace(r#""FlatId":"o1""#, r#""FlatId":17"#)
        .replace(r#""Phone":"+70000000001""#, r#""Phone":79000000001"#)
        .replace(r#""Email":"inna@example.invalid""#, r#""Email":true"#);
    let adding = to_object_adding("73").replace(r#""ResidentId":"r1""#, r#""ResidentId":8"#);
    let site = with(&[
        ("Obj", object("o1").replace(r#""ул. Лодочная, д. 4, кв. 12""#, "412")),
        ("RequestToRegister", to_register("71")),
        ("RequestToRegister", odd),
        ("RequestToObjectAdding", adding),
    ]);
    let operator = site.signed_in("operator");
    let page = operator.page("/requests");
    for id in ["71", "72", "73"] {
        let decided = form(&page, "/confirm/decide", &format!(">{id}</a>"));
        let decided = decided.with("verdict", "approve").with("account_number", "1001");
        let question = operator.send(&decided);
        assert_eq!(question.status, 200, "{id}: {}", question.text);
        operator.follow(&form(&question.text, "/acts/decide", "Подтвердить"));
    }
    site.wait_for("SELECT count(*) FROM call WHERE state = 'done'", "3");
}

#[test]
fn what_a_request_names_is_in_the_ledger_though_it_has_no_name() {
    let flat = object("o1").replace(r#""ул. Лодочная, д. 4, кв. 12""#, "null");
    let mut nameless = resident("r1");
    for name in ["Ветрова", "Инна", "Павловна"] {
        nameless = nameless.replace(&format!("{name:?}"), r#""""#);
    }
    let unknown = to_object_adding("74").replace("o1", "o9").replace("r1", "r9");
    let site = with(&[
        ("Obj", flat),
        ("Resident", nameless),
        ("RequestToRegister", to_register("71")),
        ("RequestToObjectAdding", to_object_adding("73")),
        ("RequestToObjectAdding", unknown),
    ]);
    let operator = site.signed_in("operator");
    let page = operator.page("/requests");
    for (id, is_known) in [("71", true), ("73", true), ("74", false)] {
        let request = form(&page, "/confirm/decide", &format!(">{id}</a>"));
        for words in ["такой квартиры в журнале нет", "не найдено в журнале"]
        {
            let is_said = request.html.contains(words);
            assert_ne!(is_said, is_known, "{id}: {}", request.html);
        }
    }
    let request = form(&page, "/confirm/decide", ">73</a>");
    assert!(request.html.contains(">o1</a>") && request.html.contains(">r1</a>"), "{request:?}");
    let question = operator.send(&request.with("verdict", "reject"));
    for text in ["<dd>o1</dd>", "<dd>r1</dd>"] {
        assert!(question.text.contains(text), "{text}: {}", question.text);
    }
}

#[test]
fn a_card_of_long_texts_that_changed_often_stays_small() {
    let revision = |n: usize| {
        document("news", "n1").replace("Приходите", &format!("{n} {}", "\\u0022слово ".repeat(900)))
    };
    let revisions: Vec<_> = (0..120).map(|n| ("Doc", revision(n))).collect();
    let site = with(&revisions);
    site.wait_for("SELECT count(*) FROM change", "120");
    let card = site.signed_in("operator").page("/records/uzhkh/news/n1");
    assert!(card.len() < 2_000_000, "{}", card.len());
    // The latest is there, and it is said that others are not.
    assert!(card.contains("119 &#34;слово"), "{}", &card[..4000]);
    assert!(card.contains("Показаны"), "{}", &card[..4000]);
}

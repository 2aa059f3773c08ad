//! The module for 1C: it cannot be run here. What it asks for is answered, what it reads is
//! there, and it is whole.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::served::{answer, serve_with, token};
use crate::support::entities::{counter, envelope, to_register};
use crate::support::{setup, wait_until};

const MODULE: &str = include_str!("../../../deploy/1c/ledger.bsl");
const PAGE: &str = include_str!("../../../docs/1c.md");

/// The texts between quotation marks, without those of comments.
fn texts() -> Vec<&'static str> {
    let lines = MODULE.lines().map(|line| line.split("//").next().unwrap());
    lines.flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
}

/// So often a word stands alone.
fn count(word: &str) -> usize {
    let words = MODULE.lines().filter(|line| !line.trim_start().starts_with("//"));
    let words = words.flat_map(|line| line.split(|one: char| !one.is_alphanumeric() && one != '#'));
    words.filter(|known| *known == word).count()
}

#[test]
fn the_module_is_whole() {
    assert!(MODULE.starts_with('\u{FEFF}'), "1C tells UTF-8 by its mark");
    for (begins, ends) in [
        ("Процедура", "КонецПроцедуры"),
        ("Функция", "КонецФункции"),
        ("Если", "КонецЕсли"),
        ("Цикл", "КонецЦикла"),
        ("Попытка", "КонецПопытки"),
        ("НачатьТранзакцию", "ЗафиксироватьТранзакцию"),
        ("НачатьТранзакцию", "ОтменитьТранзакцию"),
        ("#Область", "#КонецОбласти"),
    ] {
        assert!(count(begins) > 0, "{begins}");
        assert_eq!(count(begins), count(ends), "{begins} and {ends}");
    }
    // The page has every constant, and every procedure to be written is told of.
    for prefix in ["Константы.", "РеестрПереопределяемый."] {
        for piece in MODULE.split(prefix).skip(1) {
            let end = piece.find(|one: char| !one.is_alphanumeric()).unwrap();
            let name = &piece[..end];
            let is_told =
                PAGE.contains(&format!("`{name}`")) || MODULE.contains(&format!("//   {name}("));
            assert!(is_told, "{prefix}{name}");
        }
    }
    assert!(PAGE.contains("РеестрОбмен.ВыполнитьОбмен"));
}

#[test]
fn what_the_module_asks_for_is_answered_with_what_it_reads() {
    let served = serve_with(setup().section("[identity]\nassign = \"external\""), "");
    served.bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    let entry = envelope("g2", "RequestToRegister", &to_register("71"));
    served.bench.uzhkh().push_request(entry);
    wait_until("both", || served.bench.one("SELECT count(*) FROM record") == "2");
    let ledger = served.ledger_id();
    let mut answers = Vec::new();
    let post = |path: &str, key: &str, body: Value, status: u16| {
        let key = format!("Idempotency-Key: {key}");
        let token = token("1c");
        let headers = [token.as_str(), "Content-Type: application/json", &key];
        let answered = answer(served.send("POST", path, &headers, &body.to_string()));
        assert_eq!(answered.status, status, "{path}: {}", answered.body);
        answered.json()
    };
    let mut asked = BTreeSet::new();
    for text in texts().into_iter().filter(|text| text.starts_with("/api/")) {
        asked.insert(text.split('?').next().unwrap());
        let target = match text {
            "/api/v1/identities" => {
                let names = json!([{"kind": "counter", "temporary_id": "--5", "permanent_id": "К-5"},
                    {"kind": "counter", "temporary_id": "5", "permanent_id": "К-5"}]);
                answers.push(post(text, "names", json!({"identities": names}), 200));
                continue;
            }
            "/api/v1/decisions" => {
                let body =
                    json!({"request": "register", "id": "71", "approve": false, "cause": "Нет"});
                let key = "decision%20register%2071%200";
                answers.push(post(text, key, body, 202));
                continue;
            }
            text if text.ends_with("&ledger=") => format!("{text}{ledger}&after=0"),
            text => text.to_owned(),
        };
        let answered = served.get(&target);
        assert_eq!(answered.status, 200, "{target}: {}", answered.body);
        answers.push(answered.json());
    }
    let paths = ["/api/v1/changes", "/api/v1/decisions", "/api/v1/identities", "/api/v1/records"];
    assert_eq!(asked.into_iter().collect::<Vec<_>>(), paths);
    // A rename, which naming has made.
    answers.push(served.get("/api/v1/changes?with_body=true").json());
    let answers = Value::from(answers).to_string();
    for member in MODULE.split("[\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(answers.contains(&format!("\"{member}\":")), "nothing has a member {member}");
    }
    // After 410 all is read anew.
    let gone = served.get("/api/v1/changes?after=0&ledger=another");
    assert_eq!(gone.status, 410, "{}", gone.body);
    served.stop();
}

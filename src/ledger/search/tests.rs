//! The index of a real ledger, filled and asked.

use super::*;
use crate::clock::SystemClock;
use crate::ledger::{Ledger, RecordKey, WhenFull};

struct Kept {
    dir: tempfile::TempDir,
    _ledger: Ledger,
}

impl Kept {
    fn path(&self) -> std::path::PathBuf {
        self.dir.path().join("ledger.db")
    }

    fn sql(&self, sql: &str) {
        rusqlite::Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }

    fn put(&self, source: &str, kind: &str, id: &str, body: &str) {
        self.sql(&format!(
            "INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at) \
             VALUES ('{source}', '{kind}', '{id}', '{body}', '', '', '') \
             ON CONFLICT DO UPDATE SET body = excluded.body; \
             INSERT INTO change (at, source, kind, id, op) VALUES ('', '{source}', '{kind}', '{id}', 'insert')"
        ));
    }

    fn fill(&self) {
        let mut indexer = Indexer::open(&self.path()).unwrap();
        while indexer.step().unwrap() == Step::More {}
    }

    fn find(&self, text: &str) -> Vec<String> {
        self.find_as(text, true)
    }

    fn find_as(&self, text: &str, with_people: bool) -> Vec<String> {
        let searcher = Searcher::open(&self.path()).unwrap().unwrap();
        let hits = searcher.find(text, with_people, 50).unwrap();
        hits.into_iter().map(|hit| format!("{} {}", hit.kind, hit.id)).collect()
    }
}

fn kept() -> Kept {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let ledger = Ledger::open(&path, std::sync::Arc::new(SystemClock), WhenFull::Fail).unwrap();
    let kept = Kept { dir, _ledger: ledger };
    let flat = |id: &str, street: &str, house: &str, flat: &str| {
        let body = format!(
            r#"{{"Street":"{street}","HouseNumber":"{house}","FlatNumber":"{flat}","Locality":"г. Верхнелесье"}}"#
        );
        kept.put("uzhkh", "object", id, &body);
    };
    flat("o1", "ул. Ткачей", "13", "5");
    flat("o2", "ул. Ткачей", "5", "13");
    flat("o3", "ул. Ткачей", "13к2", "7");
    flat("o4", "ул. 3-я Ткачих", "13", "50");
    kept.put(
        "uzhkh",
        "resident",
        "r1",
        r#"{"Surname":"Озёрова-Клён\u043eва","Name":"Майя","Phone":"+7 (900) 000-00-41","Email":"maya@example.com"}"#,
    );
    kept.put("uzhkh", "account", "a1", r#"{"AccountNumber":"ЛС-700000123"}"#);
    kept.put("uzhkh", "payment", "p1", r#"{"AccountNumber":"ЛС-700000123"}"#);
    kept.put("domoplaner", "deal", "77", r#"{"dogovor_number":"Д-15/2026"}"#);
    kept
}

#[test]
fn a_flat_is_found_by_its_house_before_its_number() {
    let kept = kept();
    kept.fill();
    assert_eq!(kept.find("ткачей 13 5"), ["object o1"]);
    assert_eq!(kept.find("Ткачей 5 13"), ["object o2"]);
    assert_eq!(kept.find("ул. Ткачей, д. 13, кв. 5"), ["object o1"]);
    assert_eq!(kept.find("ткачей 13/2 7"), ["object o3"]);
    assert_eq!(kept.find("ткачей 13 7"), ["object o3"]);
    assert_eq!(kept.find("Верхнелесье 3-я ткачих 13 50"), ["object o4"]);
    assert_eq!(kept.find("ткачей 50"), [""; 0]);
}

#[test]
fn people_are_found_by_half_a_name_and_by_any_spelling_of_a_phone() {
    let kept = kept();
    kept.fill();
    for text in ["кленова", "КЛЁНОВА", "озерова", "Озёрова-Кленова", "майя озёрова", "maya"]
    {
        assert_eq!(kept.find(text), ["resident r1"], "{text}");
    }
    for text in ["89000000041", "+7 900 000 00 41", "9000000041", "000-00-41", "7 (900) 000–00–41"]
    {
        assert_eq!(kept.find(text), ["resident r1"], "{text}");
    }
    // As word processors, contact cards and people in a hurry write it.
    for text in [
        "8 (900) 000\u{2011}00\u{2011}41",
        "8 900 000—00—41",
        "8 900 000\u{2212}00\u{2212}41",
        "8\u{2009}900\u{2009}000\u{202f}00\u{202f}41",
        "\u{202a}+7 900 000-00-41\u{202c}",
        "tel:+79000000041",
        "тел. 8 900 000 00 41",
        "т. 000-00-41",
        "Моб: +7(900)0000041",
        "8/900/000/00/41",
        "8_900_000_00_41",
    ] {
        assert_eq!(kept.find(text), ["resident r1"], "{text}");
    }
    assert_eq!(kept.find("9000000042"), [""; 0]);
    // A viewer finds places, accounts and ids.
    for text in ["кленова", "89000000041", "maya", "д-15/2026"] {
        assert_eq!(kept.find_as(text, false), [""; 0], "{text}");
    }
    assert_eq!(kept.find_as("ткачей 13 5", false), ["object o1"]);
    assert_eq!(kept.find_as("700000123", false), ["account a1"]);
    assert_eq!(kept.find_as("r1", false), ["resident r1"]);
}

#[test]
fn a_phone_is_found_in_whatever_spelling_the_record_has_it() {
    let kept = kept();
    let put = |id: &str, phone: &str| {
        kept.put("uzhkh", "resident", id, &format!(r#"{{"Phone":"{phone}"}}"#));
    };
    put("r5", "8/900/000/00/45");
    put("r6", "000-00-46/000-00-47; +7 900 000 00 48");
    put("r7", "+7 991 205-20-26");
    put("r8", "225-10-10/11");
    kept.fill();
    // A date is none, though it has as many digits.
    assert_eq!(kept.find("9912052026"), ["resident r7"]);
    assert_eq!(kept.find("1205-20-26"), ["resident r7"]);
    assert_eq!(kept.find("12.05.2026"), [""; 0]);
    assert_eq!(kept.find("8 900 000 00 45"), ["resident r5"]);
    assert_eq!(kept.find("225-10-10"), ["resident r8"]);
    for text in ["000-00-46", "000 00 47", "89000000048"] {
        assert_eq!(kept.find(text), ["resident r6"], "{text}");
    }
}

#[test]
fn a_contract_is_a_relative_of_what_its_mark_says() {
    let kept = kept();
    for (kind, id, body) in [
        ("apartment", "12", r#"{"id":12,"title":"A"}"#),
        ("unit", "12", r#"{"id":12,"title":"U"}"#),
        ("contact", "5", r#"{"ID":"5","NAME":"Майя"}"#),
        ("tenant_contract", "1", r#"{"id":1,"ufCrm20_1693919019":"T90_12","contactId":"CO_5"}"#),
        ("tenant_contract", "2", r#"{"id":2,"ufCrm20_1693919019":"Ta7_12","contactId":"C_5"}"#),
    ] {
        kept.put("bitrix24", kind, id, body);
    }
    kept.fill();
    let searcher = Searcher::open(&kept.path()).unwrap().unwrap();
    let relatives = |kind: &str, id: &str| -> Vec<String> {
        let hits = searcher.relatives(RecordKey::new("bitrix24", kind, id), 50).unwrap();
        hits.into_iter().map(|(hit, _)| format!("{} {}", hit.kind, hit.id)).collect()
    };
    assert_eq!(relatives("unit", "12"), ["tenant_contract 2"]);
    assert_eq!(relatives("contact", "5"), ["tenant_contract 2"]);
    assert_eq!(relatives("apartment", "12"), [""; 0]);
    assert_eq!(relatives("unit", "T90_12"), [""; 0]);
}

#[test]
fn a_number_that_a_portal_sends_for_a_text_is_found_too() {
    let kept = kept();
    for (kind, id, body) in [
        ("contact", "5", r#"{"ID":"5","NAME":"Майя","PHONE":[{"ID":"1","VALUE":79000000077}]}"#),
        ("owner_contract", "3", r#"{"id":3,"title":20260017,"contactId":5}"#),
        ("contact", "6", r#"{"ID":"6","NAME":"Вера"}"#),
    ] {
        kept.put("bitrix24", kind, id, body);
    }
    kept.fill();
    assert_eq!(kept.find("8 900 000-00-77"), ["contact 5"]);
    assert_eq!(kept.find("20260017"), ["owner_contract 3"]);
    assert_eq!(kept.find("вера"), ["contact 6"]);
}

#[test]
fn an_index_is_made_anew_where_a_portal_s_fields_have_other_codes() {
    let kept = kept();
    let body =
        r#"{"id":7,"ufCrm6_1718821717":"Лодочная","ufCrm6_1682232363193":"4","ufCrm6_99":"12"}"#;
    kept.put("bitrix24", "apartment", "7", body);
    kept.fill();
    assert_eq!(kept.find("лодочная 4 12"), [""; 0]);
    // As a start does where the config names another field; the records are as they were.
    let connection = rusqlite::Connection::open(kept.path()).unwrap();
    let sql = "SELECT sql FROM sqlite_schema WHERE name = 'bitrix_apartment'";
    let view: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    let other = view.replace("ufCrm6_1682232396330", "ufCrm6_99");
    assert_ne!(view, other);
    kept.sql(&format!("DROP VIEW bitrix_apartment; {other}"));
    kept.fill();
    assert_eq!(kept.find("лодочная 4 12"), ["apartment 7"]);
}

#[test]
fn numbers_and_ids_are_found_whole() {
    let kept = kept();
    kept.sql(
        "INSERT INTO identity (kind, temporary_id, permanent_id, state, reserved_at) \
         VALUES ('account', '--41', 'a1', 'reserved', '')",
    );
    kept.fill();
    for text in ["ЛС-700000123", "лс700000123", "700000123", "a1", "A1", "--41"] {
        assert_eq!(kept.find(text), ["account a1"], "{text}");
    }
    assert_eq!(kept.find("д-15/2026"), ["deal 77"]);
    assert_eq!(kept.find("70000012"), [""; 0]);
    for hostile in ["\"", "a\" OR \"", "place:", "*", "NEAR(", "' OR 1=1 --", "", "  "] {
        assert_eq!(kept.find(hostile), [""; 0], "{hostile}");
    }
}

#[test]
fn the_index_follows_the_changes_and_is_made_anew_for_another_ledger() {
    let kept = kept();
    kept.fill();
    kept.put("uzhkh", "resident", "r1", r#"{"Surname":"Ветрова","Name":"Майя"}"#);
    kept.put("uzhkh", "resident", "r2", r#"{"Surname":"Кленова"}"#);
    kept.fill();
    assert_eq!(kept.find("кленова"), ["resident r2"]);
    assert_eq!(kept.find("ветрова"), ["resident r1"]);
    // Renamed: the record of the old id is no more.
    kept.sql(
        "UPDATE record SET id = 'r3' WHERE id = 'r2'; \
         INSERT INTO change (at, source, kind, id, op, fields) \
         VALUES ('', 'uzhkh', 'resident', 'r3', 'rename', '{\"Id\": [\"r2\", \"r3\"]}')",
    );
    kept.fill();
    assert_eq!(kept.find("кленова"), ["resident r3"]);
    // Written over, it is as good as missing.
    let index = kept.dir.path().join("ledger-search.db");
    std::fs::write(&index, "no database").unwrap();
    kept.fill();
    assert_eq!(kept.find("кленова"), ["resident r3"]);
    let connection = rusqlite::Connection::open(&index).unwrap();
    connection.execute("UPDATE state SET ledger_id = 'another'", []).unwrap();
    connection.execute("DELETE FROM exact", []).unwrap();
    drop(connection);
    kept.fill();
    assert_eq!(kept.find("r3"), ["resident r3"]);
}

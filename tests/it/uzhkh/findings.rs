//! Remarks on the quality of the data: path and problem, never a value, never in
//! the way.

use crate::support::entities::{account, account_of, counter, envelope, person};
use crate::support::{Bench, setup};

const FOUND: &str = "SELECT kind, id, path FROM finding ORDER BY path";

fn applied(member: &str, entity: &str) -> Bench {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", member, entity));
    bench.pass();
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "0");
    assert_eq!(bench.uzhkh().queue_len(), 0);
    bench
}

#[test]
fn what_is_as_documented_is_no_finding() {
    let bench = setup().start();
    let generated = 120;
    bench.uzhkh().generate(generated);
    for (n, text) in [
        "2024-05-01T08:00:00",
        "2024-05-01T08:00:00.1234567",
        "2024-05-01T08:00:00Z",
        "2024-05-01T08:00:00+03:00",
        r"\/Date(1714550400000)\/",
        "/Date(1714550400000+0300)/",
    ]
    .iter()
    .enumerate()
    {
        let entity = counter(&format!("c{n}")).replace("2024-05-01T08:00:00", text);
        bench.uzhkh().push_request(envelope(&format!("g{n}"), "Counter", &entity));
    }
    bench.pass();
    // A car beside others is one, and nobody's fault.
    assert_eq!(bench.lines("SELECT * FROM finding WHERE kind <> 'car'"), Vec::<String>::new());
}

#[test]
fn wrong_types_and_missing_values_are_found_and_do_no_harm() {
    let entity = r#"{"Id":"a1","AccountNumber":515253,"IsActive":"marker-1","ApartmentID":null,"DateTimeOpen":"marker-2","DateTimeClose":717273,"SpelledOutPerson":2.5,"RegisteredPerson":"3","LivingPerson":null,"RelatedAccountId":["marker-3"],"Balance":"10.50","Persons":[{"Id":"r1","Surname":null,"Name":"Инна","Patronymic":{"x":"marker-4"},"IsOwner":1},"marker-5",null]}"#;
    let bench = applied("Account", entity);
    assert_eq!(
        bench.lines(FOUND),
        [
            "account|a1|AccountNumber",
            "account|a1|ApartmentID",
            "account|a1|Balance",
            "account|a1|DateTimeClose",
            "account|a1|DateTimeOpen",
            "account|a1|IsActive",
            "account|a1|Persons[0].IsOwner",
            "account|a1|Persons[0].Patronymic",
            "account|a1|Persons[0].Surname",
            "account|a1|Persons[1]",
            "account|a1|Persons[2]",
            "account|a1|RegisteredPerson",
            "account|a1|RelatedAccountId",
            "account|a1|SpelledOutPerson",
            "account|a1|TypeObject",
        ]
    );
    let told = bench.lines("SELECT path || ' ' || problem FROM finding");
    for value in ["marker", "515253", "717273", "10.50", "2.5", "Инна"] {
        assert!(!told.iter().any(|line| line.contains(value)), "{told:?}");
    }
    assert_eq!(bench.one("SELECT body FROM record WHERE kind = 'account'"), entity);
    assert_eq!(bench.one("SELECT balance FROM account"), "10.50");
    assert_eq!(bench.one("SELECT DISTINCT envelope_seq FROM finding"), "1");
}

#[test]
fn persons_that_are_no_list_are_a_finding() {
    let entity = account("a1").replace(r#""Persons":[]"#, r#""Persons":"none""#);
    let bench = applied("Account", &entity);
    assert_eq!(bench.lines(FOUND), ["account|a1|Persons"]);
    assert_eq!(bench.one("SELECT count(*) FROM account_person"), "0");
}

#[test]
fn a_finding_is_made_once_for_each_record_and_problem() {
    let entity = counter("c1").replace("10.50", "\"10.50\"");
    let bench = applied("Counter", &entity);
    for (guid, value) in [("g2", "\"11.00\""), ("g3", "\"12.00\"")] {
        let entity = entity.replace("\"10.50\"", value);
        bench.uzhkh().push_request(envelope(guid, "Counter", &entity));
        bench.pass();
    }
    let other = entity.replace("c1", "c2");
    bench.uzhkh().push_request(envelope("g4", "Counter", &other));
    bench.pass();
    assert_eq!(
        bench.lines("SELECT id, envelope_seq, path FROM finding ORDER BY seq"),
        ["c1|1|Value1", "c2|4|Value1"]
    );
}

#[test]
fn of_a_key_given_twice_the_last_counts() {
    let child = person("r2").replace(r#""Name":"Инна""#, r#""Name":"Инна","Name":"Нина""#);
    let entity = account_of("a1", &[child])
        .replace(r#""Balance":10.50"#, r#""Balance":1.10,"Note":{"x":1,"x":2},"Balance":2.20"#);
    let bench = applied("Account", &entity);
    assert_eq!(bench.one("SELECT balance FROM account"), "2.20");
    assert_eq!(bench.one("SELECT name FROM account_person"), "Нина");
    assert_eq!(bench.one("SELECT name FROM resident"), "Нина");
    assert_eq!(bench.lines(FOUND), ["account|a1|Balance", "account|a1|Persons[0].Name"]);
    assert_eq!(bench.one("SELECT body FROM envelope"), envelope("g1", "Account", &entity));
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}

#[test]
fn of_a_member_or_guid_given_twice_the_last_counts() {
    let bench = setup().start();
    let (first, last) = (counter("c1"), counter("c2"));
    bench
        .uzhkh()
        .push_request(format!(r#"{{"Guid":"g0","Counter":{first},"Guid":"g1","Counter":{last}}}"#));
    bench.pass();
    assert_eq!(bench.one("SELECT id FROM record"), "c2");
    assert_eq!(bench.one("SELECT guid, state FROM envelope"), "g1|acknowledged");
    assert_eq!(bench.lines(FOUND), ["counter|c2|Counter", "counter|c2|Guid"]);
}

#[test]
fn an_id_as_text_or_as_number_is_the_same_record() {
    let bench = setup().start();
    let number = crate::support::entities::request(10001);
    let text = number.replace(r#""Id":10001"#, r#""Id":"10001""#).replace("Новая", "Принята");
    bench.uzhkh().push_request(envelope("g1", "Request", &number));
    bench.uzhkh().push_request(envelope("g2", "Request", &text));
    bench.pass();
    assert_eq!(bench.one("SELECT id, status FROM request"), "10001|Принята");
    assert_eq!(bench.lines(FOUND), ["request|10001|Id"]);
}

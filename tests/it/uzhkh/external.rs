//! `identity.assign = "external"`: what is new waits for its name, and naming carries it
//! everywhere.

use crate::support::entities::{account, account_of, counter, envelope, object, person, request};
use crate::support::{Bench, is_uuid_v7, setup};

/// A bench whose ids the accounting system gives.
pub(crate) fn external() -> Bench {
    setup().section("[identity]\nassign = \"external\"").start()
}

/// `identity set`, which must say this verdict.
#[track_caller]
pub(crate) fn named(bench: &Bench, kind: &str, temporary: &str, permanent: &str, verdict: &str) {
    let ended = bench.run(&["identity", "set", "--json", kind, temporary, permanent]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let said: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(said["result"], verdict, "{}", ended.stdout);
}

/// `identity set`, which must be refused; answers why.
#[track_caller]
pub(crate) fn refused(bench: &Bench, kind: &str, temporary: &str, permanent: &str) -> String {
    let ended = bench.run(&["identity", "set", kind, temporary, permanent]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    ended.stderr
}

#[test]
fn what_is_new_waits_and_is_acknowledged_by_a_plain_delete() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    assert_eq!(bench.deletes("g1"), [None]);
    assert!(bench.set_ids().is_empty());
    assert_eq!(
        bench.one("SELECT temporary_id, permanent_id IS NULL, state, first_seen_at IS NULL, reserved_at FROM identity"),
        "--5|1|waiting|0|NULL"
    );
    assert_eq!(bench.one("SELECT id FROM counter"), "--5");
    assert_eq!(bench.one("SELECT body FROM record"), counter("--5"));
    assert_eq!(bench.one("SELECT temporary_id, state FROM temporary_id"), "--5|waiting");
    let list = bench.run(&["identity", "list", "--state", "waiting", "--json"]).stdout;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list[0]["temporary_id"], "--5");
    assert!(list[0]["permanent_id"].is_null());
    bench.verified();
}

#[test]
fn naming_carries_the_id_everywhere_and_nowhere_else() {
    let bench = external();
    let beside = object("--7").replace("Лодочная, д. 4", "Лодочная --7, --70");
    bench.uzhkh().push_request(envelope("g1", "Obj", &beside));
    let meter = counter("c1").replace(r#""o1""#, r#""--7""#).replace("SN-77", "--7");
    bench.uzhkh().push_request(envelope("g2", "Counter", &meter));
    let other = counter("c2").replace(r#""o1""#, r#""--70""#);
    bench.uzhkh().push_request(envelope("g3", "Counter", &other));
    let asked = request(9).replace(r#""FlatId":"o1""#, r#""FlatId":"--7""#);
    bench.uzhkh().push_request(envelope("g4", "Request", &asked));
    bench.pass();
    named(&bench, "object", "--7", "flat \"7\"", "named");
    assert_eq!(
        bench.lines("SELECT id, address FROM object"),
        ["flat \"7\"|ул. Лодочная --7, --70, кв. 12"]
    );
    assert_eq!(
        bench.lines("SELECT id, flat_id, serial_number FROM counter ORDER BY id"),
        ["c1|flat \"7\"|--7", "c2|--70|SN-77"]
    );
    assert_eq!(bench.one("SELECT flat_id FROM request"), "flat \"7\"");
    assert_eq!(
        bench.lines("SELECT kind, id, op, fields FROM change WHERE seq > 4 ORDER BY kind"),
        [
            r#"counter|c1|update|{"FlatId":["--7","flat \"7\""]}"#,
            r#"object|flat "7"|rename|{"Id":["--7","flat \"7\""]}"#,
            r#"request|9|update|{"FlatId":["--7","flat \"7\""]}"#,
        ]
    );
    bench.verified();
    bench.pass();
    assert_eq!(bench.set_ids(), ["object/--7=flat \"7\" success"]);
    assert_eq!(bench.uzhkh().current_id("object", "--7"), "flat \"7\"");
    assert_eq!(bench.one("SELECT state FROM identity WHERE temporary_id = '--7'"), "announced");
    assert_eq!(bench.one("SELECT count(*) FROM identity_reference"), "1");
    named(&bench, "object", "--7", "flat \"7\"", "already");
    bench.verified();
}

#[test]
fn nested_persons_and_lists_are_named_too() {
    let bench = external();
    let nested = account_of("--2", &[person("--3"), person("r2")])
        .replace(r#""ParentResidentId":null"#, r#""ParentResidentId":"--3""#);
    bench.uzhkh().push_request(envelope("g1", "Account", &nested));
    let news = r#"{"Id":"n1","TypeName":"news","Title":"t","Text":"--3","ResidentsIds":"r2, --3,--30","ResidentToFlatsIds":"--2"}"#;
    bench.uzhkh().push_request(envelope("g2", "Doc", news));
    bench.pass();
    named(&bench, "resident", "--3", "r3", "named");
    named(&bench, "account", "--2", "a2", "named");
    assert_eq!(
        bench.lines("SELECT account_id, resident_id, parent_resident_id FROM account_person"),
        ["a2|r3|r3", "a2|r2|r3"]
    );
    assert_eq!(bench.lines("SELECT id FROM resident ORDER BY id"), ["r2", "r3"]);
    assert_eq!(
        bench.one("SELECT text, residents_ids, resident_to_flats_ids FROM document"),
        "--3|r2, r3,--30|a2"
    );
    bench.pass();
    let mut told = bench.set_ids();
    told.sort();
    assert_eq!(told, ["account/--2=a2 success", "resident/--3=r3 success"]);
    bench.verified();
}

#[test]
fn a_later_envelope_of_a_waiting_id_updates_its_record() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    bench.uzhkh().push_request(envelope(
        "g2",
        "Counter",
        &counter("--5").replace("10.50", "11.00"),
    ));
    bench.pass();
    assert_eq!(bench.one("SELECT id, value1 FROM counter"), "--5|11.00");
    named(&bench, "counter", "--5", "33dssdsd", "named");
    // An older spelling that UZhKH still uses finds the named record.
    bench.uzhkh().push_request(envelope(
        "g3",
        "Counter",
        &counter("--5").replace("10.50", "12.00"),
    ));
    bench.pass();
    assert_eq!(bench.deletes("g3"), [Some("33dssdsd".to_owned())]);
    assert_eq!(bench.one("SELECT id, value1 FROM counter"), "33dssdsd|12.00");
    bench.verified();
}

#[test]
fn an_id_only_referred_to_is_named_and_told_at_once() {
    let bench = external();
    let entity = account("a1").replace(r#""o1""#, r#""--7""#);
    bench.uzhkh().push_request(envelope("g1", "Account", &entity));
    bench.pass();
    named(&bench, "object", "--7", "flat-7", "named");
    assert_eq!(bench.one("SELECT count(*) FROM change WHERE op = 'rename'"), "0");
    assert_eq!(bench.one("SELECT apartment_id FROM account"), "flat-7");
    assert_eq!(
        bench.one("SELECT op, params ->> '$.externalId', state FROM call"),
        "SetId|flat-7|pending"
    );
    bench.verified();
}

#[test]
fn a_name_set_before_the_object_was_seen_waits_for_it() {
    let bench = external();
    bench.pass();
    named(&bench, "counter", "--5", "wrong", "named");
    named(&bench, "counter", "--5", "33dssdsd", "named");
    bench.pass();
    assert!(bench.set_ids().is_empty());
    assert_eq!(bench.one("SELECT first_seen_at, state FROM identity"), "NULL|reserved");
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    assert_eq!(bench.deletes("g1"), [Some("33dssdsd".to_owned())]);
    assert_eq!(bench.one("SELECT id FROM counter"), "33dssdsd");
    assert_eq!(bench.one("SELECT state FROM identity"), "announced");
    bench.verified();
}

#[test]
fn a_preset_alone_is_never_sent_in_the_other_way_of_naming_either() {
    let bench = setup().section("[identity]\nannounce_after = \"0s\"").start();
    bench.pass();
    named(&bench, "object", "--7", "flat-7", "named");
    bench.pass();
    assert!(bench.set_ids().is_empty());
    assert_eq!(bench.one("SELECT state FROM identity"), "reserved");
    assert_eq!(bench.one("SELECT count(*) FROM call"), "0");
}

#[test]
fn a_preset_that_only_others_refer_to_is_told_by_set_id() {
    let bench = setup().section("[identity]\nannounce_after = \"0s\"").start();
    bench.pass();
    named(&bench, "object", "--7", "flat-7", "named");
    let entity = account("a1").replace(r#""o1""#, r#""--7""#);
    bench.uzhkh().push_request(envelope("g1", "Account", &entity));
    bench.pass();
    assert_eq!(bench.set_ids(), ["object/--7=flat-7 success"]);
    assert_eq!(bench.one("SELECT apartment_id FROM account"), "flat-7");
}

#[test]
fn what_waits_too_long_gets_a_uuid() {
    let bench =
        setup().section("[identity]\nassign = \"external\"\nexternal_timeout = \"0s\"").start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    let permanent = bench.permanent("counter", "--5");
    assert!(is_uuid_v7(&permanent), "{permanent}");
    assert_eq!(bench.one("SELECT id FROM counter"), permanent);
    assert_eq!(bench.set_ids(), [format!("counter/--5={permanent} success")]);
    bench.verified();
}

#[test]
fn a_name_that_others_give_meanwhile_is_not_taken_for_one_to_correct() {
    let bench = external();
    for id in ["--5", "--6"] {
        bench.uzhkh().push_request(envelope(id, "Counter", &counter(id)));
        bench.pass();
    }
    // What is named last was named by others since it was found to have waited too long.
    bench.tamper(
        "CREATE TRIGGER named_meanwhile AFTER UPDATE OF permanent_id ON identity \
         WHEN NEW.temporary_id = '--5' BEGIN \
             UPDATE identity SET permanent_id = 'c6', state = 'reserved', reserved_at = first_seen_at \
             WHERE temporary_id = '--6' AND state = 'waiting'; \
         END",
    );
    let config = std::fs::read_to_string(bench.config()).unwrap();
    let config = config.replace("\"external\"", "\"external\"\nexternal_timeout = \"0s\"");
    std::fs::write(bench.config(), config).unwrap();
    bench.pass();
    assert!(is_uuid_v7(&bench.permanent("counter", "--5")));
    assert_eq!(bench.permanent("counter", "--6"), "c6");
}

#[test]
fn what_waited_gets_a_uuid_when_the_ledger_names_again() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    let config = std::fs::read_to_string(bench.config()).unwrap();
    std::fs::write(bench.config(), config.replace("\"external\"", "\"uuid\"")).unwrap();
    bench.pass();
    let permanent = bench.permanent("counter", "--5");
    assert!(is_uuid_v7(&permanent), "{permanent}");
    assert_eq!(bench.uzhkh().current_id("counter", "--5"), permanent);
    bench.verified();
}

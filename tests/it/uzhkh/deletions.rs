//! Deletions: a deleted entity stays deleted, whatever the queue still brings.

use crate::support::entities::{counter, deletion, document, envelope, object, request};
use crate::support::{is_uuid_v7, setup};

const RECORD: &str = "SELECT kind, id, body, deleted_at IS NOT NULL FROM record";
const OPS: &str = "SELECT op FROM change ORDER BY seq";

#[test]
fn a_deletion_deletes_and_is_acknowledged() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    bench.pass();
    bench.uzhkh().push_deleted(deletion("d1", "counter", "c1"));
    bench.pass();
    assert_eq!(bench.one(RECORD), format!("counter|c1|{}|1", counter("c1")));
    assert_eq!(bench.lines(OPS), ["insert", "delete"]);
    assert_eq!(
        bench.one("SELECT queue, guid, kinds, body, state FROM envelope WHERE queue = 'deleted'"),
        r#"deleted|d1|["counter"]|{"Guid":"d1","Id":"c1","Type":"counter"}|acknowledged"#
    );
    assert_eq!(bench.one("SELECT count(*) FROM counter"), "0");
    assert_eq!(bench.uzhkh().deleted_len(), 0);
    assert_eq!(bench.deletes("d1"), [None]);
}

#[test]
fn every_type_word_is_known() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Request", &request(10001)));
    bench.uzhkh().push_request(envelope("g2", "Doc", &document("news", "1")));
    bench.uzhkh().push_request(envelope("g3", "Doc", &document("article", "1")));
    bench.pass();
    let words = [
        "counter",
        "resident",
        "payment",
        "account",
        "object",
        "notice",
        "requesttoobjectadding",
        "requesttoregister",
    ];
    for word in words {
        bench.uzhkh().push_deleted(deletion(&format!("d-{word}"), word, "x"));
    }
    bench.uzhkh().push_deleted(deletion("d-request", "request", "10001"));
    bench.uzhkh().push_deleted(deletion("d-news", "news", "1"));
    bench.pass();
    assert_eq!(
        bench.lines("SELECT kind, id FROM record WHERE deleted_at IS NOT NULL ORDER BY kind"),
        [
            "account|x",
            "counter|x",
            "news|1",
            "notice|x",
            "object|x",
            "payment|x",
            "request|10001",
            "requesttoobjectadding|x",
            "requesttoregister|x",
            "resident|x",
        ]
    );
    assert_eq!(bench.one("SELECT type_name, id FROM document"), "article|1");
    assert_eq!(bench.uzhkh().deleted_len(), 0);
}

#[test]
fn what_was_never_seen_leaves_a_tombstone() {
    let bench = setup().start();
    bench.uzhkh().push_deleted(deletion("d1", "object", "o9"));
    bench.pass();
    assert_eq!(bench.one(RECORD), r#"object|o9|{"Id":"o9"}|1"#);
    assert_eq!(bench.lines(OPS), ["delete"]);
    // The envelope that comes late is kept and acknowledged, no more.
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("o9")));
    bench.pass();
    assert_eq!(bench.one(RECORD), r#"object|o9|{"Id":"o9"}|1"#);
    assert_eq!(bench.lines(OPS), ["delete"]);
    assert_eq!(
        bench.one("SELECT body, state FROM envelope WHERE queue = 'requests'"),
        format!("{}|acknowledged", envelope("g1", "Obj", &object("o9")))
    );
    assert_eq!(bench.uzhkh().queue_len(), 0);
    assert_eq!(bench.one("SELECT count(*) FROM object"), "0");
}

#[test]
fn a_late_envelope_does_not_bring_a_deleted_record_back() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    bench.pass();
    bench.uzhkh().push_deleted(deletion("d1", "counter", "c1"));
    bench.pass();
    let late = counter("c1").replace("10.50", "11.00");
    bench.uzhkh().push_request(envelope("g2", "Counter", &late));
    bench.pass();
    assert_eq!(bench.one(RECORD), format!("counter|c1|{}|1", counter("c1")));
    assert_eq!(bench.lines(OPS), ["insert", "delete"]);
    assert_eq!(bench.deletes("g2"), [None]);
}

#[test]
fn a_temporary_id_means_the_same_in_both_queues() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    let permanent = bench.permanent("counter", "--5");
    bench.uzhkh().push_deleted(deletion("d1", "counter", "--5"));
    bench.pass();
    assert_eq!(
        bench.one("SELECT id, deleted_at IS NOT NULL FROM record"),
        format!("{permanent}|1")
    );
    assert_eq!(bench.lines(OPS), ["insert", "delete"]);
}

#[test]
fn a_temporary_id_first_seen_in_a_deletion_is_kept_for_the_envelope() {
    let bench = setup().start();
    bench.uzhkh().push_deleted(deletion("d1", "counter", "--5"));
    bench.pass();
    let permanent = bench.permanent("counter", "--5");
    assert!(is_uuid_v7(&permanent));
    assert_eq!(bench.one(RECORD), format!(r#"counter|{permanent}|{{"Id":"{permanent}"}}|1"#));
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    assert_eq!(bench.permanent("counter", "--5"), permanent);
    assert_eq!(bench.lines(OPS), ["delete"]);
    assert_eq!(bench.deletes("g1"), [Some(permanent)]);
}

#[test]
fn a_request_keeps_its_own_id_in_a_deletion() {
    let bench = setup().start();
    bench.uzhkh().push_deleted(deletion("d1", "request", "--5"));
    bench.pass();
    assert_eq!(bench.one("SELECT kind, id FROM record"), "request|--5");
    assert_eq!(bench.one("SELECT count(*) FROM identity"), "0");
}

#[test]
fn what_does_not_say_what_is_deleted_is_quarantined() {
    let bench = setup().start();
    let bad = [
        deletion("d1", "house", "h1"),
        deletion("d2", "car", "k1"),
        deletion("d3", "counter", ""),
        r#"{"Guid":"d4","Type":"counter"}"#.to_owned(),
        r#"{"Guid":"d5","Id":null,"Type":"counter"}"#.to_owned(),
        r#"{"Guid":"d6","Id":"c1"}"#.to_owned(),
    ];
    for entry in &bad {
        bench.uzhkh().push_deleted(entry.as_str());
    }
    bench.uzhkh().push_deleted(deletion("d7", "counter", "c7"));
    bench.pass();
    assert_eq!(bench.lines("SELECT body FROM quarantine WHERE queue = 'deleted'"), bad);
    let reasons = bench.lines("SELECT last_error FROM quarantine");
    for (n, word) in [(0, "Type"), (1, "Type"), (2, "Id"), (3, "Id"), (4, "Id"), (5, "Type")] {
        assert!(reasons[n].contains(word), "{n}: {}", reasons[n]);
    }
    assert_eq!(bench.uzhkh().deleted_len(), 6);
    assert_eq!(bench.report().deletes.into_keys().collect::<Vec<_>>(), ["d7"]);
    assert_eq!(bench.one("SELECT count(*) FROM record"), "1");
}

#[test]
fn only_a_page_that_was_read_after_it_undoes_a_deletion() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    bench.pass();
    bench.uzhkh().push_deleted(deletion("d1", "counter", "c1"));
    bench.pass();
    bench.uzhkh().set_download("Counters", vec![counter("c1").replace("10.50", "11.00")]);
    let ended = bench.run(&["run", "--once", "--full-resync"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(bench.lines(OPS), ["insert", "delete", "restore"]);
    assert_eq!(
        bench.one("SELECT envelope_seq, fields FROM change WHERE op = 'restore'"),
        "NULL|NULL"
    );
    assert_eq!(bench.one("SELECT id, value1 FROM counter"), "c1|11.00");
    // The old deletion, offered again, is known and deletes nothing any more.
    bench.uzhkh().push_deleted(deletion("d1", "counter", "c1"));
    bench.pass();
    assert_eq!(bench.one("SELECT count(*) FROM counter"), "1");
    assert_eq!(bench.deletes("d1"), [None, None]);
}

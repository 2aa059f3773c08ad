//! Two records of one object are joined when the temporary one gets the other's name.

use super::external::{external, named, refused};
use crate::support::clock::shifted;
use crate::support::entities::{counter, deletion, envelope};

const LAST: &str = "SELECT id, op, fields FROM change ORDER BY seq DESC LIMIT 1";

#[test]
fn the_version_that_was_modified_later_wins() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("33d")));
    bench.pass();
    let newer = counter("--5").replace("10.50", "11.00");
    bench.uzhkh().push_request(envelope("g2", "Counter", &newer));
    bench.pass();
    named(&bench, "counter", "--5", "33d", "merged");
    assert_eq!(bench.lines("SELECT id, value1 FROM counter"), ["33d|11.00"]);
    assert_eq!(bench.one(LAST), r#"33d|rename|{"Id":["--5","33d"],"Value1":["10.50","11.00"]}"#);
    bench.verified();
    assert_eq!(
        bench.one("SELECT op, params ->> '$.uzhkId', params ->> '$.externalId', state FROM call"),
        "SetId|--5|33d|pending"
    );
    named(&bench, "counter", "--5", "33d", "already");
}

#[test]
fn the_standing_version_wins_where_it_was_modified_later() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5").replace("10.50", "9")));
    bench.pass();
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("33d")));
    bench.pass();
    named(&bench, "counter", "--5", "33d", "merged");
    assert_eq!(bench.lines("SELECT id, value1 FROM counter"), ["33d|10.50"]);
    assert_eq!(bench.one(LAST), r#"33d|rename|{"Id":["--5","33d"]}"#);
    bench.verified();
}

#[test]
fn the_newest_change_wins_though_the_clock_was_ahead_at_an_older_one() {
    for (first, second) in [("--5", "33d"), ("33d", "--5")] {
        let bench = external();
        let older = counter(first).replace("10.50", "9");
        bench.uzhkh().push_request(envelope("g1", "Counter", &older));
        let Some(ahead) = shifted(bench.command(&["run", "--once"]), "+2h") else { return };
        assert_eq!(bench.spawn(ahead).end().code, Some(0));
        bench.uzhkh().push_request(envelope("g2", "Counter", &counter(second)));
        bench.pass();
        named(&bench, "counter", "--5", "33d", "merged");
        assert_eq!(bench.lines("SELECT id, value1 FROM counter"), ["33d|10.50"], "{second}");
        bench.verified();
    }
}

#[test]
fn a_tie_goes_to_the_temporary_one() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5").replace("10.50", "9")));
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("33d")));
    bench.pass();
    bench.tamper("UPDATE record SET updated_at = '2026-01-01T00:00:00.000Z'");
    named(&bench, "counter", "--5", "33d", "merged");
    assert_eq!(bench.lines("SELECT id, value1 FROM counter"), ["33d|9"]);
}

#[test]
fn a_tombstone_under_the_permanent_id_wins() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("33d")));
    bench.pass();
    bench.uzhkh().push_deleted(deletion("d1", "counter", "33d"));
    bench.pass();
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("--5")));
    bench.pass();
    named(&bench, "counter", "--5", "33d", "merged");
    assert_eq!(bench.one("SELECT count(*) FROM counter"), "0");
    assert_eq!(bench.one("SELECT id, deleted_at IS NULL FROM record"), "33d|0");
    assert_eq!(
        bench.lines("SELECT id, op FROM change ORDER BY seq DESC LIMIT 2"),
        ["33d|delete", "33d|rename"]
    );
    bench.verified();
}

#[test]
fn one_name_belongs_to_one_temporary_id() {
    let bench = external();
    for (guid, id) in [("g1", "--5"), ("g2", "--6")] {
        bench.uzhkh().push_request(envelope(guid, "Counter", &counter(id)));
    }
    bench.pass();
    named(&bench, "counter", "--5", "33d", "named");
    let why = refused(&bench, "counter", "--6", "33d");
    assert!(why.contains("--5"), "{why}");
    assert_eq!(bench.lines("SELECT id FROM counter ORDER BY id"), ["--6", "33d"]);
}

#[test]
fn a_joined_name_cannot_be_taken_back() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("33d")));
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("--5")));
    bench.pass();
    named(&bench, "counter", "--5", "33d", "merged");
    let why = refused(&bench, "counter", "--5", "other");
    assert!(why.contains("joined"), "{why}");
}

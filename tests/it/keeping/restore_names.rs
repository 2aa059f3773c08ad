//! `restore` across a naming: a name that was given since the backup is for ever all the same.

use super::restore::restored;
use super::{file, is_sound};
use crate::support::entities::{account, counter, envelope};
use crate::support::{Bench, setup};

#[track_caller]
fn name(bench: &Bench, kind: &str, temporary: &str, permanent: &str, verdict: &str) {
    let ended = bench.run(&["identity", "set", "--json", kind, temporary, permanent]);
    let said: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap_or_default();
    assert_eq!(said["result"], verdict, "{}{}", ended.stdout, ended.stderr);
}

const IDENTITIES: &str =
    "SELECT kind, temporary_id, permanent_id, state FROM identity ORDER BY kind, temporary_id";

#[test]
fn names_given_since_the_backup_are_taken_over_with_their_records() {
    let bench = setup().section("[identity]\nassign = \"external\"").start();
    for id in ["--5", "--6", "m6", "--9"] {
        bench.uzhkh().push_request(envelope(id, "Counter", &counter(id)));
    }
    let refers = account("a1").replace(r#""o1""#, r#""--7""#);
    bench.uzhkh().push_request(envelope("a", "Account", &refers));
    bench.pass();
    let backup = file(&bench, "copy.db");
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));

    name(&bench, "counter", "--5", "m5", "named");
    name(&bench, "counter", "--6", "m6", "merged");
    name(&bench, "object", "--7", "flat 7", "named");
    bench.uzhkh().push_request(envelope("g8", "Counter", &counter("--8")));
    bench.pass();
    name(&bench, "counter", "--8", "m8", "named");
    bench.pass();
    // UZhKH has not been told of the last one.
    name(&bench, "counter", "--9", "m9", "named");
    let told = bench.set_ids().len();
    let counters = "SELECT id FROM counter ORDER BY id";
    assert_eq!(bench.lines(counters), ["m5", "m6", "m8", "m9"]);
    let before = bench.lines(IDENTITIES);

    restored(&bench, &backup);
    assert_eq!(bench.lines(IDENTITIES), before);
    // The one that came since comes back with the full lists, under its name.
    assert_eq!(bench.lines(counters), ["m5", "m6", "m9"]);
    assert_eq!(bench.one("SELECT apartment_id FROM account"), "flat 7");
    let listed = ["m5", "m6", "m8", "m9"].map(counter);
    bench.uzhkh().set_download("Counters", listed.to_vec());
    bench.pass();
    assert_eq!(bench.lines(counters), ["m5", "m6", "m8", "m9"]);
    assert_eq!(bench.set_ids()[told..], ["counter/--9=m9 success"]);
    assert_eq!(bench.lines("SELECT DISTINCT state FROM identity"), ["announced"]);
    is_sound(&bench, bench.ledger().to_str().unwrap());
}

//! `decide`: what it takes, and what it tells. What is sent, and that it is sent
//! once, stands with UZhKH.

use crate::support::entities::{envelope, to_register};
use crate::support::setup;

#[test]
fn empty_arguments_are_wrong_usage() {
    let bench = setup().start();
    bench.pass();
    let wrong: [&[&str]; 8] = [
        // What is no id is an option that was mistyped.
        &["register", "--approve", "--rejct"],
        &["object", "--reject", "--notifi"],
        &["object", " ", "--reject"],
        &["register", "", "--approve"],
        &["register", "71", "--reject", "--cause", ""],
        &["object", "", "--reject"],
        &["object", "71", "--approve", "--account-number", ""],
        &["object", "", "--approve", "--account-number", "1001"],
    ];
    for arguments in wrong {
        let ended = bench.run(&[&["decide"], arguments].concat());
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
    }
    assert_eq!(bench.one("SELECT count(*) FROM call"), "0");
}

#[test]
fn a_cause_may_begin_with_a_dash_and_is_no_other_option() {
    let bench = setup().start();
    bench.pass();
    for option in ["--notify", "--yes", "-y", "--config=x"] {
        let ended = bench.run(&["decide", "register", "71", "--reject", "--cause", option]);
        assert_eq!(ended.code, Some(2), "{option}: {}", ended.stderr);
    }
    for (id, cause) in [("71", "-нет"), ("72", "- нет документов"), ("73", "-- нет")]
    {
        let ended = bench.run(&["decide", "register", id, "--reject", "--cause", cause]);
        assert_eq!(ended.code, Some(0), "{cause}: {}", ended.stderr);
    }
    assert_eq!(
        bench.lines("SELECT params ->> '$.cause' FROM call ORDER BY seq"),
        ["-нет", "- нет документов", "-- нет"]
    );
}

#[test]
fn the_verdict_is_repeated() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "RequestToRegister", &to_register("72")));
    bench.pass();
    let approved = bench.run(&["decide", "register", "72", "--approve", "--notify"]);
    assert_eq!(approved.code, Some(0), "{}", approved.stderr);
    assert_eq!(
        approved.stdout,
        "approved request 72; people are notified; the service sends it (call 1)\n"
    );
    let rejected = bench.run(&["decide", "object", "73", "--reject"]);
    assert_eq!(rejected.code, Some(0), "{}", rejected.stderr);
    assert_eq!(
        rejected.stdout,
        "rejected request 73; people are not notified; the service sends it (call 2)\n\
         note: the ledger holds no such request; UZhKH will say whether it has it\n"
    );
}

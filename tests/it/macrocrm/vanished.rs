//! What becomes of a flat that is no longer listed, and of a list that cannot be true.

use simulator::{Category, Endpoint, Fault, FaultKind, FeedKind, Layout};

use crate::macrocrm::bench::{Bench, EVERY_SECOND, FLAT, HOUSE, bench, read_once};
use crate::support::wait_until;

const FLATS: &str = "categories = [\"flat\"]";
const TWO: &str = "categories = [\"flat\", \"garage\"]";

/// So many flats of a house are ready, and nothing else.
fn ready(bench: &Bench, category: Category, count: usize) {
    let flats: Vec<String> = (1..=count).map(|n| format!("№{n:02}")).collect();
    let flats: Vec<&str> = flats.iter().map(String::as_str).collect();
    bench.macrocrm().set_ready(HOUSE, "Дом", category, &flats);
}

/// A ledger with ten of each.
fn ten(config: &str) -> Bench {
    let bench = bench(config);
    ready(&bench, Category::Flat, 10);
    ready(&bench, Category::Garage, 10);
    bench.pass();
    bench
}

fn live(bench: &Bench, category: &str) -> String {
    bench.one(&format!("SELECT count(*) FROM ready_flat WHERE category = '{category}'"))
}

#[test]
fn what_is_no_longer_listed_is_deleted_and_what_returns_restored() {
    let bench = ten(FLATS);
    ready(&bench, Category::Flat, 8);
    bench.pass();
    assert_eq!(bench.polled("flat"), "ok|8|2");
    assert_eq!(bench.changes()[10..], ["delete 123/flat/№09", "delete 123/flat/№10"]);
    assert_eq!(live(&bench, "flat"), "8");
    assert_eq!(
        bench.one("SELECT count(*) FROM record WHERE deleted_at IS NOT NULL AND body LIKE '%№%'"),
        "2",
        "what was known of it stays"
    );
    let before = bench.mirrored();
    bench.pass();
    assert_eq!(bench.mirrored(), before, "it is deleted once");
    ready(&bench, Category::Flat, 9);
    bench.pass();
    assert_eq!(bench.polled("flat"), "ok|9|1");
    assert_eq!(bench.changes()[12..], ["restore 123/flat/№09"]);
    assert_eq!(live(&bench, "flat"), "9");
    bench.verified();
}

#[test]
fn the_guard_is_each_lists_own() {
    let bench = ten(TWO);
    ready(&bench, Category::Flat, 9);
    ready(&bench, Category::Garage, 7);
    bench.macrocrm().set_ready("124", "Второй", Category::Garage, &["1"]);
    let ended = bench.fail();
    assert!(ended.stderr.contains("3 of the 10"), "{}", ended.stderr);
    assert_eq!(bench.polled("flat"), "ok|9|1");
    // What is new in the list is kept all the same.
    assert_eq!(bench.polled("garage"), "failed|8|1");
    assert_eq!(live(&bench, "flat"), "9");
    assert_eq!(live(&bench, "garage"), "11");
    let error = bench.poll_error("garage");
    assert!(error.contains("3 of the 10") && error.contains("max_shrink (20 %)"));
    let before = bench.mirrored();
    bench.fail();
    assert_eq!(bench.mirrored(), before);
    // A list that is whole again needs no leave.
    ready(&bench, Category::Garage, 10);
    bench.pass();
    assert_eq!(bench.mirrored(), before);
}

#[test]
fn the_share_that_may_vanish_is_configured() {
    for (line, left, deleted) in [
        ("max_shrink = \"0%\"", 9, false),
        ("max_shrink = \"50%\"", 5, true),
        ("max_shrink = \"50%\"", 4, false),
        ("max_shrink = \"100%\"", 1, true),
        ("max_shrink = \"100%\"", 0, false),
    ] {
        let bench = ten(&format!("{FLATS}\n{line}"));
        ready(&bench, Category::Flat, left);
        let ended = bench.once();
        assert_eq!(ended.code, Some(i32::from(!deleted)), "{line} {left}");
        let expected = if deleted { left } else { 10 };
        assert_eq!(live(&bench, "flat"), expected.to_string(), "{line} {left}");
    }
}

#[test]
fn an_empty_list_deletes_nothing_whatever_its_shape() {
    let bench = ten(FLATS);
    let before = bench.mirrored();
    for data in [
        "[]",
        "null",
        "{}",
        r#"{"houses":[]}"#,
        r#"{"houses":null}"#,
        r#"{"houses":[{"id":"123","title":"Дом","flats":[]}]}"#,
    ] {
        let body = format!(r#"{{"status_code":200,"data":{data},"message":"Выполнено"}}"#);
        bench.answers(Endpoint::GetReadyFlats, &body);
        bench.fail();
        assert_eq!(bench.polled("flat"), "failed|0|0", "{data}");
        assert_eq!(bench.mirrored(), before, "{data}");
    }
}

#[test]
fn an_operator_may_accept_it_once() {
    for name in ["garage", "macrocrm/garage"] {
        let bench = ten(TWO);
        ready(&bench, Category::Flat, 5);
        ready(&bench, Category::Garage, 5);
        let ended = bench.run(&["run", "--once", "--accept-shrink", name]);
        assert_eq!(ended.code, Some(1), "the other list: {}", ended.stderr);
        assert_eq!(bench.polled("garage"), "ok|5|5");
        assert_eq!(bench.polled("flat"), "failed|5|0");
        assert_eq!(live(&bench, "garage"), "5");
        assert_eq!(live(&bench, "flat"), "10");
        ready(&bench, Category::Garage, 2);
        bench.fail();
        assert_eq!(live(&bench, "garage"), "5", "it was for one read");
    }
}

#[test]
fn a_read_that_fails_does_not_use_up_what_was_accepted() {
    let bench = ten(FLATS);
    ready(&bench, Category::Flat, 0);
    bench.answers(Endpoint::GetReadyFlats, "<html>");
    let accept = ["run", "--once", "--accept-shrink", "flat"];
    assert_eq!(bench.run(&accept).code, Some(1));
    // Nor does one after which nobody can tell what is gone.
    let unclear = r#"{"status_code":200,"data":{"houses":[{"title":"Дом"}]}}"#;
    bench.answers(Endpoint::GetReadyFlats, unclear);
    bench.once();
    assert_eq!(live(&bench, "flat"), "10");
    bench.answers_itself(Endpoint::GetReadyFlats);
    bench.pass();
    assert_eq!(live(&bench, "flat"), "0");
}

#[test]
fn the_service_is_told_what_is_accepted() {
    let bench = ten(&format!("{FLATS}\n{EVERY_SECOND}"));
    ready(&bench, Category::Flat, 1);
    let service = bench.service();
    wait_until("the guard", || bench.polled("flat").starts_with("failed"));
    assert_eq!(live(&bench, "flat"), "10");
    let ended = bench.run(&["run", "--once", "--accept-shrink", "flat"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("the service is running"));
    wait_until("the deletion", || live(&bench, "flat") == "1");
    service.stop();
}

#[test]
fn a_name_that_two_systems_use_must_be_told_apart() {
    let bench = ten(FLATS);
    let link = bench.simulator.domoplaner().add_feed(FeedKind::Premises, Layout::array());
    bench.reconfigure(&format!(
        "{FLATS}\n[[domoplaner.feed]]\nname = \"flat\"\nkind = \"premises\"\nurl = {link:?}"
    ));
    ready(&bench, Category::Flat, 1);
    let ended = bench.run(&["run", "--once", "--accept-shrink", "flat"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("SYSTEM/flat"), "{}", ended.stderr);
    let ended = bench.run(&["run", "--once", "--accept-shrink", "garage"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("domoplaner/flat, macrocrm/flat"), "{}", ended.stderr);
    bench.run(&["run", "--once", "--accept-shrink", "domoplaner/flat"]);
    assert_eq!(live(&bench, "flat"), "10", "that is the other one");
    // The failure tells a command that works.
    let error = bench.poll_error("flat");
    let (_, told) = error.split_once("uzhkh-ledger ").unwrap();
    let told: Vec<&str> = told.split(' ').collect();
    let ended = bench.run(&told);
    assert_eq!(ended.code, Some(0), "{told:?}: {}", ended.stderr);
    assert_eq!(live(&bench, "flat"), "1");
}

#[test]
fn while_a_piece_is_unclear_nothing_is_deleted() {
    let bench = ten(FLATS);
    let pieces = [
        r#"{"title":"Без номера","flats":["№01"]}"#,
        r#"{"id":123,"title":"Дом","flats":["№02",null,{"n":"№03"}]}"#,
    ];
    let body = format!(r#"{{"status_code":200,"data":{{"houses":[{}]}}}}"#, pieces.join(","));
    bench.answers(Endpoint::GetReadyFlats, &body);
    let before = bench.mirrored();
    for _ in 0..2 {
        bench.pass();
        assert_eq!(bench.mirrored(), before);
        assert_eq!(bench.polled("flat"), "ok|4|0");
    }
    let items = "SELECT source, queue, last_error, CAST(body AS TEXT) FROM quarantine ORDER BY seq";
    assert_eq!(
        bench.lines(items),
        [
            format!("macrocrm|flat|a house without an id|{}", pieces[0]),
            "macrocrm|flat|a flat of house 123 that is neither text nor a number|null".to_owned(),
            "macrocrm|flat|a flat of house 123 that is neither text nor a number|{\"n\":\"№03\"}"
                .to_owned(),
        ]
    );
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("3  quarantined"), "{status}");
    let listed = bench.run(&["quarantine", "list"]).stdout;
    assert!(listed.contains("a house without an id"), "{listed}");
    let seq = bench.lines("SELECT seq FROM quarantine ORDER BY seq").remove(0);
    let shown = bench.run(&["quarantine", "show", &seq]).stdout;
    assert_eq!(shown, format!("{}\n", pieces[0]));
    let ended = bench.run(&["quarantine", "retry", &seq]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("comes with the next read"));
    let ended = bench.run(&["quarantine", "acknowledge", &seq]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "given up\n"));
    bench.pass();
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "2", "for good");
    assert_eq!(bench.mirrored(), before);
    // Understood again: what is gone is gone.
    bench.answers_itself(Endpoint::GetReadyFlats);
    ready(&bench, Category::Flat, 8);
    bench.pass();
    assert_eq!(live(&bench, "flat"), "8");
    bench.verified();
}

#[test]
fn what_is_clear_beside_it_is_kept() {
    let bench = bench(FLATS);
    let body = r#"{"status_code":200,"data":{"houses":[7,{"id":"1","title":"А","flats":"x"},
        {"id":"","flats":["1"]},{"id":"2","title":"Б","flats":["5",true,[]]}]}}"#;
    bench.answers(Endpoint::GetReadyFlats, body);
    bench.pass();
    assert_eq!(bench.flats(), ["2/flat/5"]);
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "5");
}

#[test]
fn a_list_of_rubbish_is_no_list() {
    let bench = ten(FLATS);
    let before = bench.mirrored();
    let rubbish: Vec<String> = (0..1001).map(|n| format!("[{n}]")).collect();
    let body = format!(r#"{{"status_code":200,"data":{{"houses":[{}]}}}}"#, rubbish.join(","));
    bench.answers(Endpoint::GetReadyFlats, &body);
    bench.fail();
    assert!(bench.poll_error("flat").contains("cannot be understood"));
    assert_eq!(bench.mirrored(), before);
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "0");
}

#[test]
fn lists_that_take_the_place_of_others_take_their_flats_over() {
    let last = |category: &str| format!("123/{category}/{FLAT}");
    let bench = read_once("");
    let any = ["123/any/2".to_owned(), "123/any/3".to_owned(), last("any")];
    assert_eq!(bench.flats(), any);
    // What shows nothing has taken nothing over.
    bench.reconfigure("categories = [\"comm\"]");
    bench.pass();
    assert_eq!(bench.flats(), any);
    // Nor has what could not be read, until each of them has been.
    bench.reconfigure(TWO);
    let fault = Fault::new(FaultKind::Html).at(Endpoint::GetReadyFlats);
    bench.simulator.inject(fault.times(1));
    bench.fail();
    assert_eq!(bench.flats()[..3], any);
    assert_eq!(bench.flats()[3..], [last("garage")]);
    bench.pass();
    let two = ["123/flat/2".to_owned(), "123/flat/3".to_owned(), last("flat"), last("garage")];
    assert_eq!(bench.flats(), two);
    let deleted = bench.changes().split_off(any.len() + two.len());
    assert_eq!(deleted, any.clone().map(|id| format!("delete {id}")));
    let before = bench.mirrored();
    bench.pass();
    assert_eq!(bench.mirrored(), before);
    // The other way round, and what is asked for again comes back.
    bench.reconfigure("");
    bench.pass();
    assert_eq!(bench.flats(), any);
    bench.verified();
}

//! The full resync: six lists, page by page, and upstreams that page badly.

use crate::support::entities::{
    account, account_of, counter, document, envelope, object, payment, person, request,
};
use crate::support::{Bench, Ended, Setup, setup};
use simulator::{DownloadMode, Endpoint, Fault, FaultKind};

const MISSING: &str = "SELECT kind, id FROM record WHERE missing_since IS NOT NULL";

fn paged(size: usize) -> Setup {
    setup().options(|options| options.page_size = size)
}

fn objects(count: usize) -> Vec<String> {
    (0..count).map(|n| object(&format!("o{n}"))).collect()
}

fn resync(bench: &Bench) -> Ended {
    bench.run(&["run", "--once", "--full-resync"])
}

#[track_caller]
fn resynced(bench: &Bench) {
    let ended = resync(bench);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn six_lists_become_records() {
    let bench = paged(2).start();
    let uzhkh = bench.uzhkh();
    uzhkh.set_download("Flats", objects(5));
    uzhkh.set_download("Accounts", vec![account_of("a1", &[person("r1")])]);
    uzhkh.set_download("Counters", vec![counter("c1"), counter("c2")]);
    uzhkh.set_download("Requests", vec![request(10001)]);
    uzhkh.set_download("Payments", vec![payment("p1")]);
    uzhkh.set_download("Docs", vec![document("article", "1"), document("news", "1")]);
    resynced(&bench);
    assert_eq!(
        bench.lines("SELECT kind, count(*) FROM record GROUP BY kind ORDER BY kind"),
        [
            "account|1",
            "article|1",
            "counter|2",
            "news|1",
            "object|5",
            "payment|1",
            "request|1",
            "resident|1"
        ]
    );
    assert_eq!(
        bench.lines("SELECT op, envelope_seq, count(*) FROM change GROUP BY op, envelope_seq"),
        ["insert|NULL|13"]
    );
    assert_eq!(
        bench.lines("SELECT feed, outcome, fetched, changed FROM poll WHERE feed LIKE 'Download%' ORDER BY feed"),
        [
            "DownloadAccounts|ok|1|2",
            "DownloadCounters|ok|2|2",
            "DownloadDocs|ok|2|2",
            "DownloadFlats|ok|5|5",
            "DownloadPayments|ok|1|1",
            "DownloadRequests|ok|1|1",
        ]
    );
    // Every list up to the page that says NoResults.
    assert_eq!(bench.asked("Download"), 4 + 5 * 2);
    assert_eq!(bench.one("SELECT body FROM record WHERE id = 'c1'"), counter("c1"));
    // Again, and nothing has changed; without the flag, nothing is read.
    resynced(&bench);
    assert_eq!(bench.one("SELECT count(*) FROM change"), "13");
    bench.pass();
    assert_eq!(bench.asked("Download"), 28);
}

#[test]
fn the_queues_come_first() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("o1")));
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::Requests));
    assert_eq!(resync(&bench).code, Some(1));
    assert_eq!(bench.asked("Download"), 0);
}

#[test]
fn what_a_list_does_not_show_is_missing_not_deleted() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    bench.uzhkh().set_download("Counters", vec![counter("c1")]);
    bench.uzhkh().set_download("Flats", objects(3));
    resynced(&bench);
    assert_eq!(bench.lines(MISSING), Vec::<String>::new());
    bench.uzhkh().set_download("Flats", vec![object("o0"), object("o2")]);
    resynced(&bench);
    assert_eq!(bench.lines(MISSING), ["object|o1"]);
    assert_eq!(bench.lines("SELECT kind, id FROM finding"), ["object|o1"]);
    assert_eq!(bench.lines("SELECT id FROM object ORDER BY id"), ["o0", "o1", "o2"]);
    assert_eq!(bench.one("SELECT count(*) FROM change WHERE op <> 'insert'"), "0");
    bench.uzhkh().set_download("Flats", objects(3));
    resynced(&bench);
    assert_eq!(bench.lines(MISSING), Vec::<String>::new());
    assert_eq!(bench.one("SELECT count(*) FROM change WHERE op <> 'insert'"), "0");
}

#[test]
fn an_envelope_also_finds_what_was_missing() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("o1")));
    bench.pass();
    resynced(&bench);
    assert_eq!(bench.lines(MISSING), ["object|o1"]);
    bench.uzhkh().push_request(envelope("g2", "Obj", &object("o1")));
    bench.pass();
    assert_eq!(bench.lines(MISSING), Vec::<String>::new());
}

#[test]
fn an_upstream_that_pages_badly_is_stopped() {
    for (mode, words, most) in [
        (DownloadMode::IgnoresPage, "repeats", 3),
        (DownloadMode::NeverEnds, "repeats", 7),
        (DownloadMode::EndlessEmpty, "NoResults", 10),
        (DownloadMode::EndlessNew, "NoResults", 9),
    ] {
        let bench = paged(2).uzhkh("max_pages = 8").start();
        bench.uzhkh().set_download("Flats", objects(7));
        bench.uzhkh().set_download("Docs", vec![document("news", "1")]);
        bench.uzhkh().set_download_mode("Flats", mode);
        let ended = resync(&bench);
        assert_eq!(ended.code, Some(1), "{mode:?}: {}", ended.stderr);
        let failed = bench.one("SELECT list, last_error FROM resync WHERE state = 'failed'");
        assert!(
            failed.starts_with("DownloadFlats|") && failed.contains(words),
            "{mode:?}: {failed}"
        );
        assert!(
            bench
                .one("SELECT outcome, error FROM poll WHERE feed = 'DownloadFlats'")
                .contains(words)
        );
        // The other lists: four that are empty, one of a page and an end.
        assert!(bench.asked("Download") <= most + 6, "{mode:?}: {}", bench.asked("Download"));
        assert_eq!(bench.one("SELECT count(*) FROM document"), "1");
        assert_eq!(bench.lines(MISSING), Vec::<String>::new());
        let status = bench.run(&["status"]).stdout;
        assert!(status.contains("DownloadFlats failed"), "{status}");
        // It is not followed again before somebody asks for it.
        let asked = bench.asked("Download");
        bench.pass();
        assert_eq!(bench.asked("Download"), asked);
    }
}

#[test]
fn temporary_ids_of_a_list_are_announced_by_set_id() {
    let bench = setup().start();
    bench.uzhkh().set_download("Accounts", vec![account_of("--2", &[person("--3")])]);
    bench.uzhkh().set_download("Flats", vec![object("--1")]);
    resynced(&bench);
    let ids = [
        bench.permanent("account", "--2"),
        bench.permanent("object", "--1"),
        bench.permanent("resident", "--3"),
    ];
    let mut set_ids = bench.set_ids();
    set_ids.sort();
    assert_eq!(
        set_ids,
        [
            format!("account/--2={} success", ids[0]),
            format!("object/--1={} success", ids[1]),
            format!("resident/--3={} success", ids[2]),
        ]
    );
    assert_eq!(bench.lines("SELECT DISTINCT state FROM identity"), ["announced"]);
    assert_eq!(bench.one("SELECT id FROM object"), ids[1]);
    assert_eq!(bench.one("SELECT count(*) FROM call WHERE envelope_seq IS NOT NULL"), "0");
}

#[test]
fn bad_items_are_quarantined_under_numbers_of_their_own() {
    let bench = setup().start();
    let bad = [r#"{"AccountNumber":"1"}"#, "17"];
    let items = [bad[0], &account("a1"), bad[1]].map(str::to_owned);
    bench.uzhkh().set_download("Accounts", items.to_vec());
    resynced(&bench);
    resynced(&bench);
    assert_eq!(
        bench.lines("SELECT seq, queue, guid, body FROM quarantine"),
        [
            format!("1000000000001|DownloadAccounts||{}", bad[0]),
            format!("1000000000002|DownloadAccounts||{}", bad[1]),
        ]
    );
    assert_eq!(bench.one("SELECT id FROM account"), "a1");
    assert_eq!(bench.run(&["quarantine", "retry", "1000000000001"]).code, Some(1));
    let given_up = bench.run(&["quarantine", "acknowledge", "1000000000001"]);
    assert_eq!(given_up.code, Some(0), "{}", given_up.stderr);
    // As an earlier version may have left it, and this one understands it.
    let understood = account("a2");
    bench.tamper(&format!(
        "INSERT INTO item (source, feed, body, body_sha256, bytes, received_at, state, last_error) \
         VALUES ('uzhkh', 'DownloadAccounts', '{understood}', '{:064}', {}, '2024-05-01T08:00:00.000Z', \
         'quarantined', 'not understood')",
        0,
        understood.len()
    ));
    let retried = bench.run(&["quarantine", "retry", "1000000000003"]);
    assert_eq!(retried.code, Some(0), "{}", retried.stderr);
    assert_eq!(bench.lines("SELECT seq FROM quarantine"), ["1000000000002"]);
    assert_eq!(bench.lines("SELECT id FROM account ORDER BY id"), ["a1", "a2"]);
    bench.pass();
    assert_eq!(bench.asked("Delete"), 0);
}

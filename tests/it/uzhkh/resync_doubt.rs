//! The full resync in doubt: what a list shows but nobody can understand, and a list
//! that moves while it is read.

use crate::support::entities::{account, document, object};
use crate::support::{Bench, setup};

const MISSING: &str =
    "SELECT kind, id FROM record WHERE missing_since IS NOT NULL ORDER BY kind, id";

#[track_caller]
fn resynced(bench: &Bench) {
    let ended = bench.run(&["run", "--once", "--full-resync"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

/// A bench that knows these accounts from a list.
fn knowing(ids: &[&str]) -> Bench {
    let bench = setup().start();
    let accounts = ids.iter().map(|id| account(id)).collect();
    bench.uzhkh().set_download("Accounts", accounts);
    resynced(&bench);
    bench
}

#[test]
fn what_is_shown_but_not_understood_is_not_missing() {
    let bench = knowing(&["a1", "a2", "a3"]);
    let garbled = account("a2").replace("1001", r"\ud83d alone");
    bench.uzhkh().set_download("Accounts", vec![account("a1"), garbled.clone()]);
    resynced(&bench);
    assert_eq!(
        bench.lines("SELECT queue, body FROM quarantine"),
        [format!("DownloadAccounts|{garbled}")]
    );
    assert_eq!(bench.lines(MISSING), ["account|a3"]);
    assert_eq!(bench.one("SELECT body FROM record WHERE id = 'a2'"), account("a2"));
}

#[test]
fn beside_something_nameless_nothing_of_the_list_is_missing() {
    let bench = knowing(&["a1", "a2"]);
    bench.uzhkh().set_download("Flats", vec![object("o1"), object("o2")]);
    resynced(&bench);
    let nameless = r#"{"AccountNumber":"\ud83d"}"#.to_owned();
    bench.uzhkh().set_download("Accounts", vec![account("a1"), nameless]);
    // Another list knows what it shows.
    bench.uzhkh().set_download("Flats", vec![object("o1")]);
    resynced(&bench);
    assert_eq!(bench.lines(MISSING), ["object|o2"]);
    // The doubt ends with the list.
    bench.uzhkh().set_download("Accounts", vec![account("a1")]);
    resynced(&bench);
    assert_eq!(bench.lines(MISSING), ["account|a2", "object|o2"]);
}

#[test]
fn a_document_of_an_unknown_type_leaves_the_others_alone() {
    let bench = setup().start();
    let known = [document("news", "1"), document("notice", "2")];
    bench.uzhkh().set_download("Docs", known.to_vec());
    resynced(&bench);
    bench.uzhkh().set_download("Docs", vec![document("pamphlet", "1")]);
    resynced(&bench);
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "1");
    assert_eq!(bench.lines(MISSING), Vec::<String>::new());
}

#[test]
fn a_list_that_moves_may_show_something_again() {
    let bench = setup().options(|options| options.page_size = 2).start();
    let items = [object("a"), object("b"), object("b")];
    bench.uzhkh().set_download("Flats", items.to_vec());
    resynced(&bench);
    assert_eq!(
        bench.one("SELECT state, last_error FROM resync WHERE list = 'DownloadFlats'"),
        "done|NULL"
    );
    assert_eq!(
        bench.one("SELECT outcome, fetched, changed FROM poll WHERE feed = 'DownloadFlats'"),
        "ok|3|2"
    );
    assert_eq!(bench.lines("SELECT id FROM object ORDER BY id"), ["a", "b"]);
}

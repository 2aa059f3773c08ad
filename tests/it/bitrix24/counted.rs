//! Lists of a portal that counts its rows: `next` and `total` say that there are more than a
//! page shows.

use std::sync::{Arc, Mutex};

use crate::support::raw::Raw;
use crate::support::{Bench, setup};

/// How a page of apartments is cut: the rows after an id, of all ids that there are.
type Cut = fn(after: u64, all: u64) -> (u64, String);

/// A portal with this many apartments, and nothing else, not even a batch.
fn portal(cut: Cut, all: &Arc<Mutex<u64>>) -> Raw {
    let all = Arc::clone(all);
    Raw::answering(move |target, body| {
        if target.ends_with("/batch") {
            return r#"{"error":"ERROR_METHOD_NOT_FOUND"}"#.to_owned();
        }
        let asked: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        if asked["entityTypeId"] != 144 {
            return r#"{"result":[],"time":{}}"#.to_owned();
        }
        let all = *all.lock().unwrap();
        let after = asked["filter"][">id"].as_u64().unwrap_or_default();
        let (shown, beside) = cut(after, all);
        let rows: Vec<String> = (after + 1..=after + shown)
            .map(|id| {
                format!(
                    r#"{{"id":{id},"title":"A{id}","updatedTime":"2025-01-01T03:00:00+03:00"}}"#
                )
            })
            .collect();
        format!(r#"{{"result":{{"items":[{}]}}{beside},"time":{{}}}}"#, rows.join(","))
    })
}

fn bench(portal: &Raw) -> Bench {
    let url = format!("http://{}/rest/1/s3cretwebhook/", portal.address);
    let section = format!("[bitrix24]\nwebhook_url = {url:?}\nfull_every = \"1ms\"");
    setup().without_uzhkh().section(&section).start()
}

const LIVE: &str = "SELECT count(*) FROM record WHERE kind = 'apartment' AND deleted_at IS NULL";

#[test]
fn a_page_that_says_there_is_more_ended_the_list() {
    let cuts: [Cut; 2] = [
        |after, all| {
            let shown = (all - after).min(49);
            let next = if after + shown < all { r#","next":50"# } else { "" };
            (shown, next.to_owned())
        },
        |after, all| ((all - after).min(30), format!(r#","total":{}"#, all - after)),
    ];
    for cut in cuts {
        let portal = portal(cut, &Arc::new(Mutex::new(120)));
        let bench = bench(&portal);
        bench.pass();
        assert_eq!(bench.one(LIVE), "120");
    }
}

#[test]
fn a_short_list_deletes_nothing() {
    let all = Arc::new(Mutex::new(60));
    // It shows fewer than it counts, and says so on the first page alone.
    let portal = portal(
        |after, all| {
            let shown = (all - after).min(50);
            (shown, if after == 0 { r#","total":60"#.to_owned() } else { String::new() })
        },
        &all,
    );
    let bench = bench(&portal);
    bench.pass();
    assert_eq!(bench.one(LIVE), "60");
    *all.lock().unwrap() = 55;
    bench.pass();
    assert_eq!(bench.one(LIVE), "60");
}

#[test]
fn a_portal_without_a_batch_is_asked_for_each_list() {
    let all = Arc::new(Mutex::new(2));
    let portal = portal(|after, all| (all - after, String::new()), &all);
    let bench = bench(&portal);
    bench.rewrite_config("full_every = \"1ms\"", "");
    bench.pass();
    assert_eq!(bench.one(LIVE), "2");
    *all.lock().unwrap() = 3;
    bench.pass();
    assert_eq!(bench.one(LIVE), "3");
    let of_lists = portal.targets().iter().filter(|target| target.contains("list")).count();
    assert_eq!(of_lists, 2 * 5);
}

#[test]
fn an_empty_first_page_with_next_and_total_was_taken_for_an_empty_list() {
    let all = Arc::new(Mutex::new(3));
    let portal = portal(
        |after, all| match all {
            0 => (0, r#","next":50,"total":3"#.to_owned()),
            all => (all - after, String::new()),
        },
        &all,
    );
    let bench = bench(&portal);
    bench.pass();
    *all.lock().unwrap() = 0;
    let ended = bench.fail();
    assert!(ended.stderr.contains("it is empty and says that there are rows"), "{}", ended.stderr);
    assert_eq!(bench.one(LIVE), "3");
}

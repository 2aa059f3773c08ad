//! Deaths in the middle of a full resync: it goes on at the page it had reached.

use simulator::Options;

use crate::crash::push_bad;
use crate::support::End;

const PAGE: usize = 10;
const FLATS: usize = 95;

#[test]
fn mid_resync_page() {
    let bench = crate::crash::bench(Options {
        seed: 7,
        accounts: 40,
        envelopes: 30,
        page_size: PAGE,
        ..Options::default()
    });
    push_bad(&bench);
    let flat = |number| format!(r#"{{"Id":"{}","Address":"A"}}"#, flat_id(number));
    bench.uzhkh().set_download("Flats", (0..FLATS).map(flat).collect());
    let mut deaths = 0;
    for pages in [2, 3, 3, 3, 9, 14] {
        let before = bench.asked("Download");
        // The first asks for a resync, the others only carry on.
        let arguments = ["run", "--once", "--full-resync"];
        bench.start(&arguments[..if deaths == 0 { 3 } else { 2 }]);
        let ended = bench.kill_when("some pages", || bench.asked("Download") >= before + pages);
        if ended == End::Killed {
            deaths += 1;
        }
    }
    assert!(deaths >= 2, "{deaths} deaths");
    bench.settle();
    bench.check_promises();
    let needed: i64 = bench
        .read()
        .query_row("SELECT sum(next_page - 1) FROM resync", [], |row| row.get(0))
        .unwrap();
    // What a death costs is the page that was being committed and the one asked for ahead.
    let asked = bench.asked("Download");
    let most = u64::try_from(needed).unwrap() + 2 * deaths;
    assert!(asked <= most, "{asked} pages were asked for, {most} are enough");
    let connection = bench.read();
    let mut live = connection.prepare("SELECT 1 FROM object WHERE id = coalesce(?2, ?1)").unwrap();
    for number in 0..FLATS {
        let id = flat_id(number);
        let temporary = id.starts_with("--");
        let permanent = temporary.then(|| bench.uzhkh().current_id("object", &id));
        assert!(live.exists((&id, permanent)).unwrap(), "{id} was passed over");
    }
}

/// Every third has a temporary id, far from those of the simulator's own.
fn flat_id(number: usize) -> String {
    match number % 3 {
        0 => format!("--77{number}"),
        _ => format!("flat-{number}"),
    }
}

//! The service: on its schedule, and killed in the middle.

use simulator::{BitrixKind, Endpoint, FaultKind};

use crate::bitrix24::bench::{EVERY_SECOND, bench, clean};
use crate::support::wait_until;

#[test]
fn the_service_follows_the_portal() {
    let bench = bench(EVERY_SECOND);
    bench.apartments(3);
    let service = bench.service();
    let names = || match bench.ledger().exists() {
        true => bench.lines("SELECT title FROM bitrix_apartment ORDER BY id"),
        false => Vec::new(),
    };
    wait_until("the schema", || {
        bench.ledger().exists()
            && bench.lines("SELECT name FROM sqlite_schema WHERE name = 'bitrix_contact'")
                == ["bitrix_contact"]
    });
    wait_until("the first read", || names() == ["A1", "A2", "A3"]);
    bench.portal().change(BitrixKind::Apartment, 2, "title", "\"B\"");
    wait_until("the change", || names() == ["A1", "B", "A3"]);
    clean(&service.log());
    service.signal("TERM");
    let ended = service.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    bench.verified();
}

#[test]
fn kill_9_in_the_middle_of_a_read_leaves_nothing_half_done() {
    let bench = bench(EVERY_SECOND);
    bench.apartments(120);
    bench.pass();
    for id in 1..=10 {
        bench.portal().remove(BitrixKind::Apartment, id);
        let title = format!("\"B{id}\"");
        bench.portal().change(BitrixKind::Apartment, id + 10, "title", &title);
    }
    bench.forget_full_reads();
    let lists = bench.asked("BitrixList");
    bench.fault(FaultKind::StallBody, Endpoint::BitrixList, 1000);
    let changes = bench.changes();
    let service = bench.service();
    wait_until("a list on its way", || bench.asked("BitrixList") > lists);
    clean(&service.log());
    service.kill();
    assert_eq!(bench.changes(), changes);
    bench.verified();
    bench.simulator.clear_faults();
    bench.pass();
    assert_eq!(bench.live("apartment"), "110");
    assert_eq!(bench.changes().len(), changes.len() + 20);
    bench.verified();
}

#[test]
fn a_stop_does_not_wait_for_the_portal() {
    let bench = bench(EVERY_SECOND);
    bench.fault(FaultKind::Stall, Endpoint::BitrixList, 1000);
    let service = bench.service();
    wait_until("a request", || bench.asked("BitrixList") > 0);
    service.signal("TERM");
    let ended = service.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(bench.lines("SELECT outcome FROM poll").is_empty());
}

//! What has changed, asked for by time.

use simulator::{BitrixKind, BitrixOptions, Endpoint, FaultKind};
use uzhkh_ledger::clock::{Clock, SystemClock};

use crate::bitrix24::bench::{Bench, bench, with};

/// A portal whose items are a year old, read once.
fn read_once(count: u64) -> Bench {
    let bench = bench("");
    age(&bench, count);
    bench.pass();
    bench
}

fn age(bench: &Bench, count: u64) {
    for id in 1..=count {
        let fields = format!(r#"{{"title":"A{id}","updatedTime":"2025-01-01T03:00:00+03:00"}}"#);
        bench.portal().put(BitrixKind::Apartment, id, &fields);
    }
}

#[test]
fn what_has_changed_in_all_kinds_is_asked_for_by_one_request() {
    let bench = read_once(60);
    let (lists, batches) = (bench.asked("BitrixList"), bench.asked("BitrixBatch"));
    let portal = bench.portal();
    portal.change(BitrixKind::Apartment, 7, "title", "\"Новое имя\"");
    portal.put(BitrixKind::Contact, 9, r#"{"NAME":"Анна"}"#);
    bench.pass();
    assert_eq!(bench.asked("BitrixList"), lists);
    assert_eq!(bench.asked("BitrixBatch"), batches + 1);
    assert_eq!(bench.polled("apartment"), "ok|1|1");
    assert_eq!(bench.polled("unit"), "ok|0|0");
    // The kinds are recorded side by side.
    let mut changes = bench.changes().split_off(60);
    changes.sort();
    assert_eq!(changes, ["insert contact/9", "update apartment/7"]);
    let fields = bench.one("SELECT fields FROM change WHERE op = 'update'");
    assert!(fields.contains(r#""title":["A7","Новое имя"]"#), "{fields}");
}

#[test]
fn more_changes_than_a_page_holds_are_read_on() {
    let bench = read_once(130);
    let lists = bench.asked("BitrixList");
    for id in 1..=120 {
        let title = format!("\"B{id}\"");
        bench.portal().change(BitrixKind::Apartment, id, "title", &title);
    }
    bench.pass();
    assert_eq!(bench.polled("apartment"), "ok|120|120");
    // The first page came with the batch.
    assert_eq!(bench.asked("BitrixList"), lists + 2);
    let call = bench.calls().pop().unwrap();
    assert_eq!(call.params["filter"][">id"], 100);
    assert!(call.params["filter"][">=updatedTime"].is_string());
}

#[test]
fn an_increment_begins_before_the_last_read() {
    let bench = read_once(1);
    bench.tamper("UPDATE feed SET read_at = '2026-11-20T10:00:00.000Z'");
    bench.pass();
    let call = bench.calls().pop().unwrap();
    let command = call.params["cmd"]["apartment"].as_str().unwrap().to_owned();
    // Ten minutes before, in Moscow's time: 2026-11-20T12:50:00+03:00.
    let time = "filter%5B%3E%3DupdatedTime%5D=2026-11-20T12%3A50%3A00%2B03%3A00";
    assert!(command.contains(time), "{command}");
    let contact = call.params["cmd"]["contact"].as_str().unwrap();
    assert!(contact.starts_with("crm.contact.list?"), "{contact}");
    assert!(contact.contains("DATE_MODIFY"), "{contact}");
}

#[test]
fn a_time_can_be_written_as_sql_does_and_a_change_of_that_reads_all() {
    let bench = read_once(3);
    bench.configure("updated_format = \"sql\"\ntimezone = \"Asia/Dubai\"\noverlap = \"1h\"");
    bench.pass();
    assert_eq!(bench.polled("apartment"), "ok|3|0");
    bench.tamper("UPDATE feed SET read_at = '2026-11-20T10:00:00.000Z'");
    bench.pass();
    let call = bench.calls().pop().unwrap();
    let command = call.params["cmd"]["unit"].as_str().unwrap().to_owned();
    assert!(command.contains("=2026-11-20+13%3A00%3A00"), "{command}");
}

#[test]
fn a_portal_that_does_not_filter_is_understood_all_the_same() {
    let bench = with("", |options| {
        options.bitrix = BitrixOptions { ignores_iso: true, ..BitrixOptions::default() };
    });
    age(&bench, 120);
    bench.pass();
    bench.portal().change(BitrixKind::Apartment, 110, "title", "\"B\"");
    let ended = bench.pass();
    assert_eq!(bench.polled("apartment"), "ok|120|1");
    assert!(ended.stderr.contains("bitrix24.updated_format"), "{}", ended.stderr);
}

#[test]
fn an_increment_deletes_nothing_and_a_full_read_does() {
    let bench = read_once(20);
    bench.portal().remove(BitrixKind::Apartment, 5);
    bench.pass();
    assert_eq!(bench.live("apartment"), "20");
    bench.forget_full_reads();
    bench.pass();
    assert_eq!(bench.live("apartment"), "19");
    assert_eq!(bench.changes().last().unwrap(), "delete apartment/5");
    // It comes back.
    bench.portal().put(BitrixKind::Apartment, 5, r#"{"title":"A5"}"#);
    bench.pass();
    assert_eq!(bench.changes().last().unwrap(), "restore apartment/5");
}

#[test]
fn increments_find_all_that_a_full_read_finds_but_what_is_gone() {
    let bench = with("max_shrink = 100", |options| options.bitrix_apartments = 40);
    bench.pass();
    for _ in 0..4 {
        bench.portal().step(30);
        let before = bench.changes().len();
        bench.pass();
        let after = bench.changes().len();
        assert!(after > before, "nothing came");
        bench.forget_full_reads();
        bench.pass();
        let rest = bench.changes().split_off(after);
        assert!(rest.iter().all(|change| change.starts_with("delete ")), "{rest:?}");
        for kind in BitrixKind::ALL {
            let ids = bench.portal().ids(kind).len().to_string();
            assert_eq!(bench.live(kind.word()), ids, "{kind:?}");
        }
    }
    bench.verified();
}

#[test]
fn a_command_that_fails_in_a_batch_is_asked_for_by_itself() {
    let bench = read_once(3);
    bench.portal().change(BitrixKind::Apartment, 2, "title", "\"B\"");
    bench.fault(FaultKind::CommandFails, Endpoint::BitrixBatch, 1);
    let lists = bench.asked("BitrixList");
    bench.pass();
    assert_eq!(bench.polled("apartment"), "ok|1|1");
    assert_eq!(bench.asked("BitrixList"), lists + 1);
}

#[test]
fn a_batch_that_fails_is_a_failure_of_every_kind() {
    let bench = read_once(3);
    bench.portal().change(BitrixKind::Apartment, 2, "title", "\"B\"");
    bench.fault(FaultKind::Html, Endpoint::BitrixBatch, 1);
    bench.fail();
    for kind in BitrixKind::ALL {
        let error = bench.poll_error(kind.word());
        assert!(error.contains("batch"), "{error}");
    }
    bench.pass();
    assert_eq!(bench.polled("apartment"), "ok|1|1");
}

#[test]
fn a_change_was_not_seen_while_our_clock_was_ahead_of_the_portals() {
    for hours in [-2, 2] {
        let bench = bench("");
        let here = SystemClock.now().to_zoned_datetime(moscow());
        let at = |minutes: i64| {
            let there = here.checked_add(jiff::SignedDuration::from_mins(hours * 60 + minutes));
            Some(there.unwrap().datetime())
        };
        bench.portal().set_now(at(0));
        age(&bench, 3);
        let ended = bench.pass();
        assert!(ended.stderr.contains("this host's clock is"), "{}", ended.stderr);
        bench.portal().set_now(at(1));
        bench.portal().change(BitrixKind::Apartment, 2, "title", "\"B2\"");
        let lists = bench.asked("BitrixList");
        bench.pass();
        assert_eq!(bench.asked("BitrixList"), lists, "{hours}: the list was read whole");
        let changes = bench.changes();
        assert_eq!(changes.last().unwrap(), "update apartment/2", "{hours}: {changes:?}");
    }
}

fn moscow() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Europe/Moscow").unwrap()
}

//! Bookings that the service sends: at once, once, and not again after any end of it.

use serde_json::Value;
use simulator::{Category, Endpoint, Fault, FaultKind};

use crate::macrocrm::bench::{Bench, EVERY_SECOND, FLAT, HOUSE, nowhere, read_once};
use crate::support::wait_until;

/// A pass and a booking later the service has had every occasion to repeat itself.
#[track_caller]
fn another_is_done(bench: &Bench, row: usize) {
    bench.books("3", &bench.at("15:30"));
    wait_until("another booking", || bench.states()[row] == "done|1|200");
}

/// So often a flat's booking has arrived, and so often it was made.
fn arrived(bench: &Bench, flat: &str) -> (usize, usize) {
    let bookings = bench.macrocrm().bookings();
    let of_flat: Vec<_> = bookings.iter().filter(|one| one.flat_num == flat).collect();
    let made = of_flat.iter().filter(|one| one.booked.is_some()).count();
    (of_flat.len(), made)
}

#[test]
fn a_booking_goes_out_while_the_service_runs() {
    let bench = read_once("");
    let service = bench.service();
    wait_until("the service", || service.log().contains("running"));
    bench.books(FLAT, &bench.at("10:30"));
    bench.books("2", &bench.at("11:30"));
    let done = ["done|1|200", "done|1|200"];
    wait_until("both bookings", || bench.states() == done);
    assert_eq!(arrived(&bench, FLAT), (1, 1));
    assert_eq!(arrived(&bench, "2"), (1, 1));
    service.stop();
}

#[test]
fn what_waited_goes_out_when_the_service_starts() {
    let bench = read_once("");
    bench.books(FLAT, &bench.at("10:30"));
    let service = bench.service();
    wait_until("the booking", || bench.states() == ["done|1|200"]);
    assert_eq!(bench.added(), 1);
    service.stop();
}

#[test]
fn an_unknown_outcome_is_never_repeated() {
    for kind in
        [FaultKind::Error500, FaultKind::LostAnswer, FaultKind::ResetBefore, FaultKind::Html]
    {
        let bench = read_once(EVERY_SECOND);
        let once = Fault::new(kind.clone()).at(Endpoint::Add).times(1);
        bench.simulator.inject(once);
        let service = bench.service();
        bench.books(FLAT, &bench.at("10:30"));
        wait_until("the outcome", || bench.states()[0].starts_with("unknown"));
        let first = bench.states();
        another_is_done(&bench, 1);
        let log = service.stop();
        assert!(log.contains("may have been made; it is not sent again"), "{kind:?}: {log}");
        let service = bench.service();
        wait_until("the next start", || service.log().contains("running"));
        bench.books("2", &bench.at("16:30"));
        wait_until("a third booking", || bench.states()[2] == "done|1|200");
        service.stop();
        bench.pass();
        assert_eq!(bench.states()[..1], first[..], "{kind:?}");
        assert_eq!(arrived(&bench, FLAT).0, 1, "{kind:?}");
        assert_eq!(bench.added(), 3, "{kind:?}");
    }
}

#[test]
fn a_refused_one_is_not_repeated_either() {
    let bench = read_once("");
    bench.macrocrm().take(HOUSE, bench.day().at(10, 30, 0, 0));
    let service = bench.service();
    bench.books(FLAT, &bench.at("10:30"));
    wait_until("the outcome", || bench.states() == ["failed|1|200"]);
    another_is_done(&bench, 1);
    let log = service.stop();
    assert!(log.contains("a booking was refused"), "{log}");
    assert!(!log.contains("Время занято"), "{log}");
    assert_eq!(arrived(&bench, FLAT), (1, 0));
    // It may be tried anew, at another time.
    bench.books(FLAT, &bench.at("11:00"));
    bench.pass();
    assert_eq!(arrived(&bench, FLAT), (2, 1));
}

#[test]
fn kill_9_between_sending_and_answer_leaves_it_unknown() {
    // Whether MACRO had booked by then or not.
    for (kind, made) in [(FaultKind::Stall, 0), (FaultKind::StallBody, 1)] {
        let bench = read_once(EVERY_SECOND);
        bench.fault(kind.clone(), Endpoint::Add);
        bench.books(FLAT, &bench.at("10:30"));
        bench.books("2", &bench.at("11:30"));
        let service = bench.service();
        wait_until("the booking on its way", || arrived(&bench, FLAT) == (1, made));
        assert_eq!(bench.states(), ["pending|1|NULL", "pending|0|NULL"]);
        service.kill();
        bench.simulator.clear_faults();
        let service = bench.service();
        wait_until("the other booking", || bench.states()[1] == "done|1|200");
        another_is_done(&bench, 2);
        let log = service.stop();
        assert!(log.contains("may have been made"), "{log}");
        assert_eq!(bench.states()[0], "unknown|1|NULL", "{kind:?}");
        assert!(bench.last_error().contains("ended before an answer came"));
        bench.pass();
        assert_eq!(arrived(&bench, FLAT), (1, made), "{kind:?}");
        assert_eq!(bench.states()[0], "unknown|1|NULL", "{kind:?}");
        // The operator has looked, and wants it.
        let options = ["--category", "flat"];
        let ended = bench.book(FLAT, &bench.at("12:30"), &options);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        let again = ["--category", "flat", "--again"];
        let ended = bench.book(FLAT, &bench.at("12:30"), &again);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        bench.pass();
        assert_eq!(arrived(&bench, FLAT), (2, made + 1), "{kind:?}");
        bench.verified();
    }
}

#[test]
fn a_pass_takes_note_of_what_was_killed() {
    let bench = read_once("");
    bench.fault(FaultKind::Stall, Endpoint::Add);
    bench.books(FLAT, &bench.at("10:30"));
    let service = bench.service();
    wait_until("the booking on its way", || bench.added() == 1);
    service.kill();
    bench.simulator.clear_faults();
    let ended = bench.once();
    assert!(ended.stderr.contains("may have been made"), "{}", ended.stderr);
    assert_eq!(bench.states(), ["unknown|1|NULL"]);
    bench.pass();
    assert_eq!(bench.added(), 1);
}

#[test]
fn a_stop_while_it_is_under_way_leaves_it_unknown() {
    let bench = read_once("");
    bench.fault(FaultKind::Stall, Endpoint::Add);
    bench.books(FLAT, &bench.at("10:30"));
    let service = bench.service();
    wait_until("the booking on its way", || bench.added() == 1);
    let log = service.stop();
    assert!(log.contains("calls were still under way"), "{log}");
    bench.simulator.clear_faults();
    let service = bench.service();
    wait_until("the next start", || bench.states() == ["unknown|1|NULL"]);
    another_is_done(&bench, 1);
    service.stop();
    assert_eq!(arrived(&bench, FLAT), (1, 0));
}

#[test]
fn a_refusal_at_the_door_pauses_until_it_is_put_right() {
    let bench = read_once(EVERY_SECOND);
    bench.fault(FaultKind::Forbidden, Endpoint::Add);
    let service = bench.service();
    bench.books(FLAT, &bench.at("10:30"));
    wait_until("the refusal", || bench.states() == ["pending|0|403"]);
    wait_until("the pause", || service.log().contains("are paused"));
    bench.simulator.clear_faults();
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("1  calls waiting") && status.contains("HTTP 403"), "{status}");
    service.stop();
    // A start asks anew: somebody may have put it right.
    let service = bench.service();
    wait_until("the booking", || bench.states() == ["done|1|200"]);
    service.stop();
    assert_eq!(arrived(&bench, FLAT), (2, 1));
}

#[test]
fn without_a_connection_it_waits_and_is_sent_once() {
    let bench = read_once("");
    bench.write_config(&nowhere(), "");
    let service = bench.service();
    bench.books(FLAT, &bench.at("10:30"));
    wait_until("a try", || bench.last_error().contains("cannot connect"));
    service.stop();
    assert_eq!(bench.states(), ["pending|0|NULL"]);
    bench.reconfigure("");
    let service = bench.service();
    wait_until("the booking", || bench.states() == ["done|1|200"]);
    service.stop();
    assert_eq!(bench.added(), 1);
}

#[test]
fn a_list_that_stalls_does_not_keep_a_booking() {
    let bench = read_once(EVERY_SECOND);
    bench.fault(FaultKind::Stall, Endpoint::GetReadyFlats);
    let service = bench.service();
    wait_until("the list", || bench.asked("getReadyFlats") >= 2);
    bench.books(FLAT, &bench.at("10:30"));
    wait_until("the booking", || bench.states() == ["done|1|200"]);
    service.stop();
}

#[test]
fn a_booking_that_stalls_does_not_keep_the_lists() {
    let bench = read_once(EVERY_SECOND);
    bench.fault(FaultKind::Stall, Endpoint::Add);
    bench.books(FLAT, &bench.at("10:30"));
    let service = bench.service();
    wait_until("the booking on its way", || bench.added() == 1);
    bench.macrocrm().set_ready("124", "Новый", Category::Flat, &["77"]);
    wait_until("the new flat", || bench.flats().contains(&"124/any/77".to_owned()));
    assert_eq!(bench.states(), ["pending|1|NULL"]);
    service.kill();
}

#[test]
fn status_counts_what_waits_and_what_is_stuck() {
    let bench = read_once("");
    let times = ["10:30", "11:00", "11:30", "12:00", "12:30", "13:00"];
    for (flat, time) in ["1", "2", "3", "4", "5", "6"].into_iter().zip(times) {
        let ended = bench.book(flat, &bench.at(time), &["--category", "comm"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    bench.tamper(
        "UPDATE call SET state = 'unknown', attempts = 1, finished_at = created_at WHERE seq <= 2; \
         UPDATE call SET state = 'failed', attempts = 1, finished_at = created_at WHERE seq = 3; \
         UPDATE call SET state = 'done', attempts = 1, finished_at = created_at WHERE seq = 4;",
    );
    let status = bench.run(&["status", "--json"]).stdout;
    let status: Value = serde_json::from_str(&status).unwrap();
    for (key, count) in [("pending_calls", 2), ("unknown_calls", 2), ("failed_calls", 1)] {
        assert_eq!(status[key], count, "{key}");
    }
    let status = bench.run(&["status"]).stdout;
    for words in [
        "2  calls waiting, the oldest since",
        "2  calls with an unknown outcome",
        "1  calls failed",
    ] {
        assert!(status.contains(words), "{status}");
    }
}

//! Bodies that break off are asked for again in the same pass, of every system and whatever the
//! method; what of a queue came whole is committed first.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use simulator::{Category, Endpoint, FaultKind, FeedKind, Layout};

use super::unruly::{Asked, Unruly, says};
use crate::support::entities::{counter, envelope, object};
use crate::support::setup;

const KINDS: [FaultKind; 2] = [FaultKind::CutBody, FaultKind::CutAnnounced];

#[test]
fn a_queue_that_breaks_off_twice_is_drained_in_the_same_pass() {
    for kind in KINDS {
        let bench = setup().start();
        for n in 0..40 {
            let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
            bench.uzhkh().push_request(entry);
        }
        bench.fault(kind, Endpoint::Requests, 2);
        bench.pass();
        assert_eq!(bench.uzhkh().queue_len(), 0);
        assert_eq!(bench.one("SELECT count(*), min(state) FROM envelope"), "40|acknowledged");
    }
}

#[test]
fn a_page_of_a_resync_that_breaks_off_is_read_in_the_same_pass() {
    for kind in KINDS {
        let bench = setup().start();
        bench.uzhkh().set_download("Flats", vec![object("o1")]);
        bench.fault(kind, Endpoint::Download, 2);
        let ended = bench.run(&["run", "--once", "--full-resync"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(bench.one("SELECT count(*) FROM object"), "1");
    }
}

#[test]
fn a_feed_that_breaks_off_is_read_in_the_same_pass() {
    for layout in [Layout::array(), Layout::nested()] {
        for kind in KINDS {
            let bench = setup()
                .without_uzhkh()
                .options(|options| options.catalogue = 100)
                .feed("flats", FeedKind::Premises, layout.clone(), &[])
                .start();
            bench.fault(kind, Endpoint::Feed, 2);
            bench.pass();
            let live = bench.one("SELECT count(*) FROM premises");
            let poll = bench.newest_poll("domoplaner", "flats", "outcome, fetched");
            assert_eq!(poll, format!("ok|{live}"), "what came before the break is not counted");
            assert_ne!(live, "0");
        }
    }
}

#[test]
fn lists_that_are_asked_for_by_post_are_read_in_the_same_pass() {
    for kind in KINDS {
        let bench = setup().without_uzhkh().macrocrm("").bitrix24("").start();
        bench.simulator.macrocrm().set_ready("1", "Дом", Category::Flat, &["1", "2"]);
        bench.fault(FaultKind::CutAnnounced, Endpoint::GetReadyFlats, 2);
        bench.fault(kind, Endpoint::BitrixList, 2);
        bench.pass();
        assert_eq!(bench.one("SELECT count(*) FROM ready_flat"), "2");
        assert_eq!(bench.lines("SELECT DISTINCT outcome FROM poll"), ["ok"]);
    }
}

#[test]
fn a_list_of_alma_that_breaks_off_is_read_in_the_same_pass() {
    let bench = setup().alma("").start();
    bench.fault(FaultKind::CutAnnounced, Endpoint::AlmaBuildings, 2);
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("o1")));
    bench.pass();
    assert!(bench.asked("AlmaBuildings") > 2);
}

/// A body that its head says is whole, and whose JSON ends in the middle: of every system.
#[test]
fn json_that_breaks_off_within_its_frame_is_read_in_the_same_pass() {
    let bench = setup()
        .options(|options| options.catalogue = 10)
        .feed("flats", FeedKind::Premises, Layout::array(), &[])
        .macrocrm("")
        .bitrix24("")
        .alma("")
        .start();
    bench.simulator.macrocrm().set_ready("1", "Дом", Category::Flat, &["1", "2"]);
    bench.uzhkh().push_request(envelope("g1", "Obj", &object("o1")));
    bench.uzhkh().set_download("Flats", vec![object("o1"), object("o2")]);
    let reads = [
        Endpoint::Requests,
        Endpoint::Download,
        Endpoint::Feed,
        Endpoint::GetReadyFlats,
        Endpoint::BitrixList,
        Endpoint::AlmaBuildings,
    ];
    for endpoint in reads {
        bench.fault(FaultKind::CutFramed, endpoint, 2);
    }
    let ended = bench.run(&["run", "--once", "--full-resync"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(bench.report().faults.get("cut_framed"), Some(&12), "each was broken off twice");
    assert_eq!(bench.one("SELECT count(*) FROM object"), "2");
    assert_eq!(bench.one("SELECT count(*) FROM ready_flat"), "2");
    assert_eq!(bench.lines("SELECT DISTINCT outcome FROM poll"), ["ok"]);
}

#[test]
fn a_body_that_stalls_three_times_still_ends_the_pass_within_half_a_minute() {
    let server = Unruly::start(|stream: &mut TcpStream, asked: &Asked| {
        if asked.path() != "To1c/Requests" {
            return says(stream, "[]");
        }
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[";
        // Silence, until the other end has had enough.
        stream.write_all(head.as_bytes()).is_ok()
            && std::io::Read::read(stream, &mut [0]).is_ok_and(|read| read > 0)
    });
    let bench = setup().start();
    bench.write_config(&server.base_url());
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
    assert_eq!(server.asked("To1c/Requests").len(), 3);
}

#[test]
fn a_queue_without_content_or_with_null_has_nothing_waiting() {
    for body in ["HTTP/1.1 204 No Content\r\n\r\n", NULL, NULL_IN_PIECES] {
        let server = Unruly::start(move |stream: &mut TcpStream, _: &Asked| {
            stream.write_all(body.as_bytes()).is_ok()
        });
        let bench = setup().start();
        bench.write_config(&server.base_url());
        bench.pass();
        assert_eq!(bench.lines("SELECT DISTINCT outcome, fetched FROM poll"), ["ok|0"]);
        let ended = bench.run(&["check"]);
        assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    }
}

const NULL: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull";
const NULL_IN_PIECES: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\u{feff}\r\n3\r\n nu\r\n3\r\nll\n\r\n0\r\n\r\n";

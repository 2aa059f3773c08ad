//! Alma on a bad day: nothing is lost, nothing is made twice, and nobody else waits.

use std::fs;
use std::time::Duration;

use uzhkh_ledger::simulator::{AlmaKind, Endpoint, Fault, FaultKind, Way};

use crate::bench::{account, both, flat, owner, tenant};
use crate::support::{Bench, wait_until};

const QUICKLY: &str = "[http]\ntimeout = \"1s\"\nidle_timeout = \"1s\"";
const ALL: [Endpoint; 9] = [
    Endpoint::AlmaBuildings,
    Endpoint::AlmaUnits,
    Endpoint::AlmaRooms,
    Endpoint::AlmaClients,
    Endpoint::AlmaOwnerContracts,
    Endpoint::AlmaTenantContracts,
    Endpoint::AlmaRentalObject,
    Endpoint::AlmaArchive,
    Endpoint::AlmaBlock,
];

/// From now on all of Alma goes wrong so.
fn strike(bench: &Bench, kind: &FaultKind) {
    for endpoint in ALL {
        bench.inject(Fault::new(kind.clone()).at(endpoint));
    }
}

/// `outcome|error` of Alma's last pass.
fn polled(bench: &Bench) -> String {
    bench.one(
        "SELECT outcome || '|' || coalesce(error, '') FROM poll WHERE source = 'alma' \
         ORDER BY seq DESC LIMIT 1",
    )
}

/// So many flats, each with an owner and a tenant.
fn fill(bench: &Bench, flats: usize) {
    for number in 0..flats {
        let object = format!("o{number}");
        bench.say("Obj", &flat(&object, &number.to_string()));
        let persons = [owner(&format!("p{number}")), tenant(&format!("q{number}"))];
        bench.say(
            "Account",
            &account(&format!("a{number}"), &object, &persons),
        );
    }
}

/// Alma has each of the flats once with all that belongs to them, and nothing else.
#[track_caller]
fn assert_filled(bench: &Bench, flats: usize) {
    assert_eq!(bench.stuck(), [""; 0]);
    for (kind, expected) in [
        (AlmaKind::Building, 1),
        (AlmaKind::Unit, flats),
        (AlmaKind::Client, 2 * flats),
        (AlmaKind::OwnerContract, flats),
        (AlmaKind::TenantContract, flats),
    ] {
        assert_eq!(bench.alma().objects(kind).len(), expected, "{kind:?}");
    }
    bench.rests();
}

#[test]
fn a_pass_on_a_bad_day_fails_and_the_next_one_mends_it() {
    for (kind, outcome, words) in [
        (FaultKind::Error500, "failed", "HTTP 500"),
        (FaultKind::TooMany, "failed", "HTTP 429"),
        (
            FaultKind::Unavailable {
                retry_after_seconds: 60,
            },
            "failed",
            "HTTP 503",
        ),
        (FaultKind::Forbidden, "unauthorized", "HTTP 403"),
        (FaultKind::Redirect, "failed", "HTTP 302"),
        (FaultKind::Html, "failed", "a page for people"),
        (FaultKind::ResetBefore, "failed", "connection was closed"),
        (FaultKind::LostAnswer, "failed", "connection was closed"),
        (FaultKind::CutBody, "failed", ""),
        (FaultKind::CutAnnounced, "failed", "cut short"),
        (FaultKind::StallBody, "failed", "stopped"),
        (FaultKind::Stall, "failed", "no answer within"),
    ] {
        let bench = both().section(QUICKLY).start();
        fill(&bench, 2);
        strike(&bench, &kind);
        let ended = bench.traced(&["run", "--once"]);
        assert_eq!(ended.code, Some(1), "{kind:?}: {}", ended.stderr);
        let polled = polled(&bench);
        assert!(
            polled.starts_with(&format!("{outcome}|alma: ")) && polled.contains(words),
            "{kind:?}: {polled}"
        );
        let status = bench.run(&["status"]).stdout;
        assert!(
            status.contains(&format!("alma objects {outcome}: ")),
            "{kind:?}: {status}"
        );
        let judged =
            "SELECT count(*) FROM alma_object WHERE state IN ('rejected', 'held', 'archived')";
        assert_eq!(bench.one(judged), "0", "{kind:?}: {:?}", bench.stuck());
        // Each of the five that wait for no other, in three passes, up to three times.
        let asked = bench.called();
        assert!(asked <= 45, "{kind:?}: {asked} requests");
        assert_eq!(
            bench.one("SELECT count(*) FROM envelope WHERE state = 'acknowledged'"),
            "4",
            "{kind:?}"
        );
        bench.clear_faults();
        bench.pass();
        assert_filled(&bench, 2);
    }
}

#[test]
fn what_comes_oddly_but_whole_is_an_answer() {
    for kind in [FaultKind::Bom, FaultKind::Drip] {
        let bench = both().start();
        fill(&bench, 1);
        strike(&bench, &kind);
        bench.pass();
        bench.clear_faults();
        assert_filled(&bench, 1);
    }
}

#[test]
fn a_short_failure_is_mended_in_the_same_pass() {
    for endpoint in &ALL[..7] {
        for kind in [
            FaultKind::Error500,
            FaultKind::ResetBefore,
            FaultKind::LostAnswer,
        ] {
            let bench = both().start();
            fill(&bench, 1);
            bench.fault(kind.clone(), *endpoint, 2);
            bench.pass();
            assert!(polled(&bench).starts_with("ok|"));
            assert_filled(&bench, 1);
        }
    }
}

#[test]
fn whatever_answer_is_lost_nothing_is_made_twice() {
    for by_external_id in [true, false] {
        for kind in [
            FaultKind::LostAnswer,
            FaultKind::CutAnnounced,
            FaultKind::CutBody,
        ] {
            for endpoint in &ALL[..6] {
                let bench = both()
                    .options(|options| options.contracts_by_external_id = by_external_id)
                    .start();
                fill(&bench, 1);
                let lost = Fault::new(kind.clone()).at(*endpoint).by(Way::Write);
                bench.inject(lost.clone());
                let code = bench.once().code;
                // Made it was: the second look has found it.
                assert_eq!(code, Some(0), "{kind:?} {endpoint:?}");
                bench.clear_faults();
                assert_filled(&bench, 1);
                // Of a change likewise.
                bench.inject(lost);
                bench.say("Obj", &flat("o0", "77"));
                let persons = [owner("p0").replace("p0@", "n@"), tenant("q0")];
                let changed = account("a0", "o0", &persons).replace("1001", "1002");
                bench.say("Account", &changed);
                bench.pass();
                bench.clear_faults();
                assert_filled(&bench, 1);
                assert_eq!(bench.field(AlmaKind::Unit, "o0", "name"), "\"77\"");
                assert_eq!(
                    bench.field(AlmaKind::Client, "p0", "email"),
                    "\"n@example.invalid\""
                );
                for kind in [AlmaKind::OwnerContract, AlmaKind::TenantContract] {
                    let id = if kind == AlmaKind::OwnerContract {
                        "a0:p0"
                    } else {
                        "a0:q0"
                    };
                    assert_eq!(bench.field(kind, id, "name"), "\"ЛС 1002\"");
                }
            }
        }
    }
}

#[test]
fn a_lost_answer_to_an_archive_archives_once() {
    let bench = both().alma("archive = \"auto\"").start();
    fill(&bench, 1);
    bench.pass();
    bench.fault(FaultKind::LostAnswer, Endpoint::AlmaArchive, 1);
    bench.say_deleted("account", "a0");
    bench.say_deleted("object", "o0");
    bench.pass();
    assert!(bench.held(AlmaKind::Unit, "o0").is_archived);
    assert!(bench.alma().objects(AlmaKind::OwnerContract)[0].is_archived);
    let stands = bench.lines("SELECT DISTINCT state FROM alma_object");
    assert_eq!(stands, ["archived"]);
    assert_eq!(bench.asked("AlmaArchive"), 1);
    bench.rests();
}

#[test]
fn among_many_faults_everything_arrives_once() {
    for seed in 1..=4 {
        let bench = both()
            .options(|options| {
                options.seed = seed;
                options.contracts_by_external_id = seed % 2 == 0;
            })
            .start();
        fill(&bench, 12);
        for kind in [
            FaultKind::LostAnswer,
            FaultKind::Error500,
            FaultKind::CutAnnounced,
        ] {
            for endpoint in &ALL[..7] {
                bench.inject(Fault::new(kind.clone()).at(*endpoint).likely(0.07));
            }
        }
        let mut passes = 0;
        while bench.once().code != Some(0) {
            passes += 1;
            assert!(passes < 20, "{:?}", bench.stuck());
        }
        bench.clear_faults();
        assert_filled(&bench, 12);
    }
}

#[test]
fn a_dead_alma_costs_a_pass_no_more_than_half_a_minute() {
    let bench = both().start();
    fill(&bench, 20);
    strike(&bench, &FaultKind::Stall);
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
    assert_eq!(
        bench.one("SELECT count(*) FROM envelope WHERE state <> 'acknowledged'"),
        "0"
    );
    assert_eq!(bench.report().waiting_requests, 0);
    assert!(polled(&bench).starts_with("failed|alma: "));
    bench.clear_faults();
    bench.pass();
    assert_filled(&bench, 20);
}

#[test]
fn who_is_not_there_fails_the_pass_and_no_other() {
    let bench = both().start();
    fill(&bench, 20);
    let right = fs::read_to_string(bench.config()).unwrap();
    let nobody = right.replace(
        &format!("{:?}\napi_key", bench.alma().base_url()),
        "\"http://127.0.0.1:9/\"\napi_key",
    );
    fs::write(bench.config(), nobody).unwrap();
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    assert!(
        polled(&bench).contains("cannot connect"),
        "{}",
        polled(&bench)
    );
    assert_eq!(
        bench.one("SELECT count(*) FROM envelope WHERE state <> 'acknowledged'"),
        "0"
    );
    fs::write(bench.config(), right).unwrap();
    bench.pass();
    assert_filled(&bench, 20);
}

#[test]
fn a_wrong_key_is_said_and_not_tried_on_every_object() {
    let bench = both().start();
    fill(&bench, 20);
    let key = bench.alma().api_key();
    bench.alma().set_api_key("another");
    bench.fail();
    assert!(
        polled(&bench).starts_with("unauthorized|alma: "),
        "{}",
        polled(&bench)
    );
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("alma objects unauthorized: "), "{status}");
    assert!(bench.called() <= 8, "{}", bench.called());
    bench.alma().set_api_key(key);
    bench.pass();
    assert_filled(&bench, 20);
}

#[test]
fn the_service_leaves_an_alma_that_refuses_it_alone() {
    let bench = both()
        .every_second()
        .alma("schedule = \"* * * * * *\"")
        .start();
    bench.alma().set_api_key("another");
    fill(&bench, 20);
    let daemon = bench.daemon();
    let outcome = "SELECT max(outcome) FROM poll WHERE source = 'alma'";
    wait_until("the refusal", || {
        bench.one_or_none(outcome) == "unauthorized"
    });
    let before = bench.called();
    assert!(before <= 8, "{before}");
    let polls = bench.asked("Requests");
    bench.say("Obj", &flat("o99", "99"));
    wait_until("some seconds", || bench.asked("Requests") > polls + 3);
    assert_eq!(bench.called(), before);
    let log = daemon.log();
    let warned = log.lines().filter(|line| line.contains(" WARN "));
    assert!(warned.count() <= 2, "{log}");
    daemon.stop();
}

#[test]
fn the_service_waits_as_long_as_it_is_told() {
    let bench = both()
        .every_second()
        .alma("schedule = \"* * * * * *\"")
        .start();
    let wait = FaultKind::Unavailable {
        retry_after_seconds: 60,
    };
    bench.inject(Fault::new(wait).at(Endpoint::AlmaUnits).by(Way::Post));
    fill(&bench, 1);
    let daemon = bench.daemon();
    let waits = "SELECT count(*) FROM alma_object WHERE kind = 'unit' AND attempts = 1 \
                 AND unixepoch(next_attempt_at) - unixepoch(updated_at) >= 59";
    wait_until("the delay", || bench.one_or_none(waits) == "1");
    // The rest does not wait.
    wait_until("the clients", || {
        bench.alma().objects(AlmaKind::Client).len() == 2
    });
    let polls = bench.asked("Requests");
    wait_until("some seconds", || bench.asked("Requests") > polls + 3);
    let posts = bench
        .writes_since(0)
        .into_iter()
        .filter(|call| call.path.ends_with("/units/"));
    assert_eq!(posts.count(), 1);
    bench.clear_faults();
    bench.orders(&["retry", "unit", "o0"]);
    let synced = "SELECT count(*) FROM alma_object WHERE state = 'synced'";
    wait_until("all of it", || bench.one(synced) == "6");
    daemon.stop();
    assert_filled(&bench, 1);
}

//! Answers that never come: whatever was done by then is done once.

use simulator::{AlmaKind, Endpoint, Fault, FaultKind, Way};

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::alma::watch::{ENDPOINTS, assert_filled, fill, polled};

#[test]
fn a_short_failure_is_mended_in_the_same_pass() {
    for endpoint in &ENDPOINTS[..7] {
        for kind in [FaultKind::Error500, FaultKind::ResetBefore, FaultKind::LostAnswer] {
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
        for kind in [FaultKind::LostAnswer, FaultKind::CutAnnounced, FaultKind::CutBody] {
            // Only contracts are looked for otherwise.
            let endpoints = if by_external_id { &ENDPOINTS[..6] } else { &ENDPOINTS[4..6] };
            for endpoint in endpoints {
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
                assert_eq!(bench.field(AlmaKind::Client, "p0", "email"), "\"n@example.invalid\"");
                for kind in [AlmaKind::OwnerContract, AlmaKind::TenantContract] {
                    let id = if kind == AlmaKind::OwnerContract { "a0:p0" } else { "a0:q0" };
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
        for kind in [FaultKind::LostAnswer, FaultKind::Error500, FaultKind::CutAnnounced] {
            for endpoint in &ENDPOINTS[..7] {
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

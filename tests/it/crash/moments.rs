//! Deaths at the points of the protocol that matter.
//!
//! The simulator holds the program there: an answer that never comes, or one that
//! is lost, keeps it from getting any further before it is killed.

use simulator::{Endpoint, Fault, FaultKind, Options};

use crate::crash::{push_bad, push_owners};
use crate::support::{Bench, End};

fn bench(seed: u64) -> Bench {
    let bench = crate::crash::bench(Options { seed, envelopes: 60, ..Options::default() });
    push_bad(&bench);
    bench
}

fn settled(bench: &Bench) {
    bench.settle();
    bench.check_promises();
    bench.uzhkh().generate(30);
}

#[test]
fn after_receive() {
    let bench = bench(1);
    for times in 1..=3 {
        bench.uzhkh().inject(Fault::new(FaultKind::StallBody).at(Endpoint::Requests));
        bench.start(&["run", "--once"]);
        let ended = bench.kill_when("half an answer", || {
            bench.report().faults.get("stall_body") == Some(&times)
        });
        assert_eq!(ended, End::Killed);
        settled(&bench);
    }
}

#[test]
fn after_commit_before_acknowledge() {
    let bench = bench(2);
    for begun in 1..=4 {
        let before = bench.asked("Delete");
        bench.uzhkh().inject(Fault::new(FaultKind::Stall).at(Endpoint::Delete));
        bench.start(&["run", "--once"]);
        let ended = bench.kill_when("a Delete", || bench.asked("Delete") >= before + begun);
        assert_eq!(ended, End::Killed);
        settled(&bench);
    }
}

#[test]
fn while_a_delete_arrives() {
    let bench = bench(3);
    for last in [1, 2, 5, 13, 21] {
        let mut count = 0;
        bench.on_delete(move |_| {
            count += 1;
            count == last
        });
        bench.start(&["run", "--once"]);
        assert!(!bench.wait().success(), "it is killed");
        settled(&bench);
    }
}

#[test]
fn acknowledge_sent_answer_lost() {
    let bench = bench(4);
    let mut lost = 0;
    for times in [1, 2, 3, 4] {
        let faults = [Fault::new(FaultKind::LostAnswer).times(times), Fault::new(FaultKind::Stall)];
        for fault in faults {
            bench.uzhkh().inject(fault.at(Endpoint::Delete));
        }
        lost += u64::from(times);
        bench.start(&["run"]);
        let ended = bench.kill_when("the answers are lost", || {
            bench.report().faults.get("lost_answer") == Some(&lost)
        });
        assert_eq!(ended, End::Killed);
        settled(&bench);
    }
}

#[test]
fn set_id_answered_not_yet_noted() {
    let bench = bench(5);
    for answers in [1, 2, 4] {
        // Four are under way at once: the last answer is lost, and no further one comes.
        let faults = [
            Fault::new(FaultKind::Bom).times(answers - 1),
            Fault::new(FaultKind::LostAnswer).times(1),
            Fault::new(FaultKind::Stall),
        ];
        for fault in faults {
            bench.uzhkh().inject(fault.at(Endpoint::SetId));
        }
        push_owners(&bench, 10 * answers..10 * answers + 5);
        let before = bench.report().set_ids.len();
        bench.start(&["run", "--once"]);
        let ended = bench.kill_when("SetId is answered", || {
            bench.report().set_ids.len() >= before + answers as usize
        });
        assert_eq!(ended, End::Killed);
        settled(&bench);
    }
}

#[test]
fn an_answer_is_lost_and_the_program_lives() {
    let bench = bench(6);
    for endpoint in [Endpoint::Delete, Endpoint::SetId, Endpoint::Requests] {
        let fault = Fault::new(FaultKind::LostAnswer).at(endpoint);
        bench.uzhkh().inject(fault.likely(0.3).times(20));
        bench.start(&["run", "--once"]);
        bench.wait();
        settled(&bench);
    }
}

/// The Delete took the entry out, but perhaps not the id in: the repetition is
/// answered 404, and the id goes out by SetId.
#[test]
fn the_id_that_a_lost_delete_carried() {
    let bench = crate::crash::bench(Options::default());
    bench.announce_late();
    for times in [1, 2, 3] {
        for number in 0..6 {
            bench.uzhkh().push_request(format!(
                r#"{{"Guid":"{times}-{number}","Counter":{{"Id":"--{times}{number}","Value1":1.10}}}}"#
            ));
        }
        let faults = [Fault::new(FaultKind::LostAnswer).times(times), Fault::new(FaultKind::Stall)];
        for fault in faults {
            bench.uzhkh().inject(fault.at(Endpoint::Delete));
        }
        let lost = u64::from(times * (times + 1) / 2);
        bench.start(&["run", "--once"]);
        let ended = bench.kill_when("the answers are lost", || {
            bench.report().faults.get("lost_answer") == Some(&lost)
        });
        assert_eq!(ended, End::Killed);
        bench.settle();
        bench.check_promises();
    }
}

//! Deaths around a naming: between it and the SetId that tells of it, and at every write of the
//! transaction that joins two records.

use simulator::{Endpoint, Fault, FaultKind, Options};

use super::sweep::{FLUSH, WRITE, dies_at};
use crate::support::entities::{account, counter, envelope};
use crate::support::{Bench, End, tool};

/// A ledger whose ids others give.
fn bench() -> Bench {
    let bench = crate::crash::bench(Options::default());
    bench.named_by_others();
    bench
}

/// A name is given with the service down, and the next start dies when it tells of it: before
/// UZhKH has taken it over, and after.
#[test]
fn between_naming_and_set_id() {
    let bench = bench();
    for (number, kind) in [FaultKind::Stall, FaultKind::LostAnswer].into_iter().enumerate() {
        let (temporary, name) = (format!("--5{number}"), format!("meter {number}"));
        let guid = format!("g{number}");
        bench.uzhkh().push_request(envelope(&guid, "Counter", &counter(&temporary)));
        bench.settle();
        assert_eq!(bench.deletes(&guid), [None]);
        let before = bench.asked("SetId");
        let ended = bench.run(&["identity", "set", "counter", &temporary, &name]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        for fault in [Fault::new(kind.clone()).times(1), Fault::new(FaultKind::Stall)] {
            bench.uzhkh().inject(fault.at(Endpoint::SetId));
        }
        // A lost answer is asked for again, and that is where it stands still.
        let times = if kind == FaultKind::Stall { 1 } else { 2 };
        bench.start(&["run", "--once"]);
        let ended = bench.kill_when("SetId", || bench.asked("SetId") >= before + times);
        assert_eq!(ended, End::Killed);
        assert_eq!(
            bench.one(&format!("SELECT permanent_id, state, sent_at IS NULL FROM identity WHERE temporary_id = '{temporary}'")),
            format!("{name}|reserved|0")
        );
        bench.settle();
        assert_eq!(bench.uzhkh().current_id("counter", &temporary), name);
        bench.check_promises();
    }
    assert_eq!(bench.lines("SELECT DISTINCT state FROM call"), ["done"]);
    assert_eq!(bench.one("SELECT count(*) FROM change WHERE op = 'rename'"), "2");
}

/// A service that runs takes a name up, and dies.
#[test]
fn beside_a_service_that_dies() {
    let bench = bench();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.settle();
    bench.uzhkh().inject(Fault::new(FaultKind::Stall).at(Endpoint::SetId));
    bench.start(&["run"]);
    let ended = bench.run(&["identity", "set", "counter", "--5", "meter"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(bench.kill_when("SetId", || bench.asked("SetId") >= 1), End::Killed);
    bench.settle();
    assert_eq!(bench.uzhkh().current_id("counter", "--5"), "meter");
    bench.check_promises();
}

/// All of a merge is in the ledger after a death, or nothing.
#[test]
fn between_merging_and_its_change() {
    let Some(_) = tool("strace") else { return };
    let bench = bench();
    let moments = (1..=31).step_by(3).map(|number| (WRITE, number));
    let moments: Vec<_> = moments.chain([(FLUSH, 1), (FLUSH, 2)]).collect();
    for number in 0..moments.len() {
        for id in [format!("--{number}"), format!("m{number}")] {
            bench.uzhkh().push_request(envelope(&id, "Counter", &counter(&id)));
        }
        // Refers to what is to be named.
        let refers = format!(r#"{{"Id":{number},"IdCounter":"--{number}"}}"#);
        bench.uzhkh().push_request(envelope(&format!("r{number}"), "Request", &refers));
    }
    bench.uzhkh().push_request(envelope("a", "Account", &account("a1")));
    bench.settle();
    let mut deaths = 0;
    for (number, (calls, at)) in moments.iter().enumerate() {
        let (temporary, name) = (format!("--{number}"), format!("m{number}"));
        let set = ["identity", "set", "counter", &temporary, &name];
        deaths += u32::from(dies_at(&bench, calls, *at, &set));
        let stands = bench.one(&format!(
            "SELECT state, (SELECT count(*) FROM record WHERE kind = 'counter' AND id IN ('{temporary}', '{name}')), \
                 (SELECT count(*) FROM change WHERE op = 'rename' AND id = '{name}'), \
                 (SELECT count(*) FROM call WHERE params ->> '$.uzhkId' = '{temporary}'), \
                 (SELECT id_counter FROM request WHERE id = {number}) \
             FROM identity WHERE kind = 'counter' AND temporary_id = '{temporary}'"
        ));
        let whole = [format!("waiting|2|0|0|{temporary}"), format!("reserved|1|1|1|{name}")];
        assert!(whole.contains(&stands), "{calls} {at}: {stands}");
        bench.verified();
    }
    assert!(deaths >= 8, "only {deaths} deaths: the sweep goes too far");
    for number in 0..moments.len() {
        let (temporary, name) = (format!("--{number}"), format!("m{number}"));
        let ended = bench.run(&["identity", "set", "counter", &temporary, &name]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    bench.settle();
    bench.check_promises();
    assert_eq!(bench.one("SELECT count(*) FROM counter"), moments.len().to_string());
}

//! An entry that waits for a call is acknowledged as soon as that is settled, however long it
//! is until the queue is looked at again.

use crate::support::entities::{account_of, envelope, person};
use crate::support::{Bench, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind};

/// A service whose first SetIds fail, so that the first look at the queue is over by then.
fn waiting(times: u32) -> Bench {
    let bench = setup().uzhkh("requests_schedule = \"0 0 0 1 1 *\"").start();
    let fault = Fault::new(FaultKind::Error500).at(Endpoint::SetId);
    bench.uzhkh().inject(fault.times(times));
    let household = account_of("a1", &[person("--1")]);
    bench.uzhkh().push_request(envelope("g1", "Account", &household));
    bench
}

#[test]
fn by_an_answer() {
    let bench = waiting(2);
    let daemon = bench.daemon();
    wait_until("the Delete", || bench.uzhkh().queue_len() == 0);
    daemon.stop();
    assert_eq!(bench.set_ids().len(), 1);
}

#[test]
fn by_what_has_made_it_needless() {
    let bench = waiting(u32::MAX);
    let daemon = bench.daemon();
    let failed = "SELECT count(*) FROM call WHERE attempts > 1 AND last_error IS NOT NULL";
    wait_until("its failures", || bench.one_or_none(failed) == "1");
    // As the Delete of another entry with that id has it.
    bench.tamper("UPDATE identity SET state = 'announced', announced_at = reserved_at");
    wait_until("the Delete", || bench.uzhkh().queue_len() == 0);
    daemon.stop();
    assert_eq!(bench.one("SELECT state FROM call"), "done");
    assert_eq!(bench.set_ids(), [""; 0]);
}

//! A second signal while the service stops: the ledger takes it like a crash.

use simulator::{Endpoint, Fault, FaultKind, Options};

use crate::crash::push_owners;
use crate::support::wait_until;

#[test]
fn a_second_signal_while_stopping() {
    let bench = crate::crash::bench(Options { seed: 8, envelopes: 40, ..Options::default() });
    push_owners(&bench, 0..10);
    for (round, endpoint) in [Endpoint::SetId, Endpoint::Delete].into_iter().enumerate() {
        bench.uzhkh().inject(Fault::new(FaultKind::Stall).at(endpoint));
        let before = bench.asked(endpoint.name());
        bench.start(&["run"]);
        wait_until("a call that hangs", || bench.asked(endpoint.name()) > before);
        bench.signal("TERM");
        wait_until("it says that it stops", || {
            bench.log().matches("stopping; a second signal").count() == round + 1
        });
        assert!(!bench.has_ended(), "the call is still waited for");
        bench.signal("TERM");
        assert_eq!(bench.wait().code(), Some(1));
        bench.settle();
        bench.check_promises();
        bench.uzhkh().generate(40);
    }
}

//! Kills the program where it hurts, and looks whether every promise was kept.
//!
//! A real process writes a real file and talks to a simulator of UZhKH that goes
//! on living. After each death a clean `run --once` must find its way from the file
//! alone, and then all promises are checked (see `support::promises`).
//!
//! ```text
//! moments   at known points of the protocol    sweep   at every write of the file
//! resync    between the pages of the lists     disk    no room for a commit
//! random    at any time                        stop    a second signal
//! model     against a model, in any order      naming  around a name that is given
//! acts      at every flush of an act
//! ```

mod acts;
mod disk;
mod model;
mod moments;
mod naming;
mod random;
mod resync;
mod stop;
mod sweep;

use simulator::Options;

use crate::support::{API_KEY, Bench, Setup, TOKEN, setup};

/// A ledger that is not there yet, and UZhKH with these options.
fn bench(options: Options) -> Bench {
    set_up(options).start()
}

fn set_up(options: Options) -> Setup {
    setup()
        .options(|own| {
            *own = Options { token: TOKEN.to_owned(), api_key: API_KEY.to_owned(), ..options };
        })
        .uzhkh("acknowledge_concurrency = 4")
        .every_second()
        .section("[identity]\nannounce_after = \"0s\"")
        .log("debug")
}

/// Elements that can only be quarantined, in both queues.
fn push_bad(bench: &Bench) {
    bench.push_bad("requests", "42");
    bench.push_bad("requests", r#"{"Counter":{"Id":"nobody's"}}"#);
    bench.push_bad("requests", r#"{"Guid":"bad-1","Counter":{"Value1":1.10}}"#);
    bench.push_bad("requests", r#"{"Guid":"bad-2","Counter":{"Id":"a\ud800"}}"#);
    bench.push_bad("deleted", r#"{"Guid":"bad-3","Id":"1","Type":"spaceship"}"#);
    bench.push_bad("deleted", r#"{"Guid":"bad-4","Type":"counter"}"#);
}

/// Accounts whose owners have temporary ids that only SetId can announce.
fn push_owners(bench: &Bench, numbers: std::ops::Range<u32>) {
    for number in numbers {
        bench.uzhkh().push_request(format!(
            r#"{{"Guid":"owners-{number}","Account":{{"Id":"account-{number}","Balance":1234.10,"ApartmentID":"--7000","Persons":[{{"Id":"--8{number:03}","Name":"A","IsOwner":true}},{{"Id":"--9{number:03}","Name":"B","IsEmployer":true,"ParentResidentId":"--8{number:03}"}}]}}}}"#
        ));
    }
}

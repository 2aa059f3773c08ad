//! What the scenarios share: houses full of people, and looks at what passes over the wire
//! and what is said of it.

use simulator::{AlmaCall, AlmaKind, Endpoint};

use crate::alma::bench::{account, flat, owner, tenant};
use crate::support::process::{command, finish};
use crate::support::{Bench, Ended};

/// All that there is to be logged, of the libraries too.
const LOG: &str = "trace,reqwest=trace,hyper::proto::h1=trace,hyper_util::client::legacy=trace";

/// What the people of these tests are known by.
const PERSONAL: [&str; 5] = ["Ветрова", "Инна", "Павловна", "@example", "+7000000"];

/// Nothing here says who somebody is.
#[track_caller]
pub(crate) fn assert_impersonal(text: &str) {
    for personal in PERSONAL {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
}

/// Every part of Alma that is asked.
pub(crate) const ENDPOINTS: [Endpoint; 9] = [
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

/// A flat with this number, an account and an owner of it.
pub(crate) fn lets(bench: &Bench, number: usize, change: impl Fn(String) -> String) {
    let (object, holder) = (format!("o{number}"), format!("r{number}"));
    let persons = [owner(&holder)];
    let account = account(&format!("a{number}"), &object, &persons);
    bench.say("Obj", &change(flat(&object, &number.to_string())));
    bench.say("Account", &change(account));
}

/// So many flats, each with an owner and a tenant.
pub(crate) fn fill(bench: &Bench, flats: usize) {
    for number in 0..flats {
        let object = format!("o{number}");
        bench.say("Obj", &flat(&object, &number.to_string()));
        let persons = [owner(&format!("p{number}")), tenant(&format!("q{number}"))];
        bench.say("Account", &account(&format!("a{number}"), &object, &persons));
    }
}

/// Alma has each of the flats once with all that belongs to them, and nothing else.
#[track_caller]
pub(crate) fn assert_filled(bench: &Bench, flats: usize) {
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

/// `outcome|error` of Alma's last pass.
pub(crate) fn polled(bench: &Bench) -> String {
    bench.one(
        "SELECT outcome || '|' || coalesce(error, '') FROM poll WHERE source = 'alma' \
         ORDER BY seq DESC LIMIT 1",
    )
}

impl Bench {
    /// A command that logs all that it can, and of nobody.
    #[track_caller]
    pub(crate) fn traced(&self, arguments: &[&str]) -> Ended {
        let mut command = command(&self.config(), arguments);
        command.env("UZHKH_LEDGER_LOG", LOG);
        let ended = finish(command);
        assert_impersonal(&ended.stderr);
        ended
    }

    /// `run --once` that logs all that it can, which must succeed and print nothing.
    #[track_caller]
    pub(crate) fn traced_pass(&self) {
        let ended = self.traced(&["run", "--once"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }

    /// The calls of Alma from the one with this number on that change something.
    pub(crate) fn writes_since(&self, since: usize) -> Vec<AlmaCall> {
        let calls = self.report().alma.into_iter().skip(since);
        calls.filter(|call| call.method != "GET").collect()
    }

    /// How many calls of Alma there were.
    pub(crate) fn called(&self) -> usize {
        self.report().alma.len()
    }

    /// Why every object that is not as it should be stands as it does: `kind id state: reason`.
    pub(crate) fn stuck(&self) -> Vec<String> {
        self.lines(
            "SELECT kind || ' ' || external_id || ' ' || state || ': ' || coalesce(reason, '') \
             FROM alma_pending ORDER BY kind, external_id",
        )
    }

    /// A pass in which Alma is not asked anything.
    #[track_caller]
    pub(crate) fn leaves_alma_alone(&self) {
        let before = self.called();
        self.pass();
        let calls = self.report().alma.split_off(before);
        assert!(calls.is_empty(), "{calls:?}");
    }

    /// An operator's command, which must succeed; answers what it prints.
    #[track_caller]
    pub(crate) fn orders(&self, arguments: &[&str]) -> String {
        let ended = self.run(&[&["alma"], arguments].concat());
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
        ended.stdout
    }

    /// An operator's command that is refused: exit code 1, and why.
    #[track_caller]
    pub(crate) fn refuses(&self, arguments: &[&str], why: &str) {
        let ended = self.run(&[&["alma"], arguments].concat());
        assert_eq!(ended.code, Some(1), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{arguments:?}");
        assert!(ended.stderr.contains(why), "{why}: {}", ended.stderr);
    }
}

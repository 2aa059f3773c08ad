//! What is no longer in the ledger: held until the operator releases it, or archived at
//! once.

use simulator::{AlmaKind, Endpoint, Fault, FaultKind, Way};

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::alma::wire::UNITS;
use crate::support::Bench;

pub(crate) fn people() -> Vec<String> {
    vec![owner("r1"), tenant("r2")]
}

/// One flat with an owner and a tenant, in Alma.
pub(crate) fn furnished(line: &str) -> Bench {
    let bench = both().alma(line).start();
    bench.furnish();
    bench.pass();
    bench
}

pub(crate) const AUTO: &str = "archive = \"auto\"";

/// The one write that archives a flat, or brings it back.
pub(crate) fn archiving(id: i64, is_archived: bool) -> String {
    format!("PATCH {UNITS}{id}/archive/ {{\"is_archived\":{is_archived}}}")
}

impl Bench {
    /// The operator lets happen what an object is held for.
    #[track_caller]
    pub(crate) fn release(&self, kind: &str, id: &str) {
        let released = self.run(&["alma", "release", kind, id]);
        assert_eq!(released.code, Some(0), "{}", released.stderr);
    }

    /// UZhKH's lists have these objects and accounts again, and are read.
    #[track_caller]
    pub(crate) fn resync(&self, objects: &[String], accounts: &[String]) {
        self.uzhkh().set_download("Flats", objects.to_vec());
        self.uzhkh().set_download("Accounts", accounts.to_vec());
        let ended = self.run(&["run", "--once", "--full-resync"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }

    /// The flat of the tests is in UZhKH again, as it was.
    #[track_caller]
    pub(crate) fn restore(&self) {
        self.resync(&[flat("o1", "12")], &[account("a1", "o1", &people())]);
    }
}

pub(crate) const ALL_HELD: [&str; 6] = [
    "building h4 held",
    "client r1 held",
    "client r2 held",
    "owner_contract a1:r1 held",
    "tenant_contract a1:r2 held",
    "unit o1 held",
];

pub(crate) const ALL_ARCHIVED: [&str; 6] = [
    "building h4 archived",
    "client r1 archived",
    "client r2 archived",
    "owner_contract a1:r1 archived",
    "tenant_contract a1:r2 archived",
    "unit o1 archived",
];

#[test]
fn a_deleted_flat_is_held_with_all_that_hangs_on_it_and_nothing_is_sent() {
    let bench = furnished("");
    bench.say_deleted("object", "o1");
    bench.pass_writes_only(&[]);
    assert_eq!(bench.stand(), ALL_HELD);
    assert!(!bench.held(AlmaKind::Unit, "o1").is_archived);
    for line in ALL_HELD {
        let (kind, id) = line.trim_end_matches(" held").split_once(' ').unwrap();
        let reason = bench.reason(kind, id);
        let command = format!("uzhkh-ledger alma release {kind} {id}");
        assert!(reason.contains(&command), "{reason}");
    }
}

#[test]
fn a_release_archives_the_flat_once_and_its_contracts_follow() {
    let bench = furnished("");
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    bench.say_deleted("object", "o1");
    bench.pass();
    bench.release("unit", "o1");
    bench.pass_writes_only(&[archiving(unit, true)]);
    assert_eq!(
        bench.stand(),
        [
            "building h4 held",
            "client r1 held",
            "client r2 held",
            "owner_contract a1:r1 archived",
            "tenant_contract a1:r2 archived",
            "unit o1 archived",
        ]
    );
    bench.release("building", "h4");
    bench.release("client", "r1");
    bench.release("client", "r2");
    bench.pass_writes_only(&[]);
    assert_eq!(bench.stand(), ALL_ARCHIVED);
    assert!(bench.reason("client", "r1").contains("left in Alma"));
    assert!(!bench.alma().objects(AlmaKind::Building)[0].is_archived);
}

#[test]
fn by_itself_all_is_archived_at_once_and_what_has_no_archive_is_left() {
    let bench = furnished(AUTO);
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    bench.say_deleted("object", "o1");
    bench.pass_writes_only(&[archiving(unit, true)]);
    assert_eq!(bench.stand(), ALL_ARCHIVED);
    assert!(bench.held(AlmaKind::OwnerContract, "a1:r1").is_archived);
    assert!(bench.reason("building", "h4").contains("left in Alma"));
}

#[test]
fn a_flat_that_is_no_dwelling_any_more_leaves_as_a_deleted_one_does() {
    let bench = furnished(AUTO);
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    bench.say("Obj", &flat("o1", "12").replace("Квартира", "Кладовая"));
    bench.pass_writes_only(&[archiving(unit, true)]);
    assert_eq!(bench.stand(), ALL_ARCHIVED);
}

#[test]
fn a_contract_without_its_person_is_held_in_both_modes_since_nothing_can_end_it() {
    for line in ["", AUTO] {
        let bench = furnished(line);
        bench.say("Account", &account("a1", "o1", &[owner("r1")]));
        bench.pass_writes_only(&[]);
        assert_eq!(bench.state("tenant_contract", "a1:r2"), "held", "{line}");
        assert_eq!(bench.state("owner_contract", "a1:r1"), "synced");
        let id = bench.alma_id(AlmaKind::TenantContract, "a1:r2");
        bench.alma().archive(AlmaKind::TenantContract, id, true);
        bench.release("tenant_contract", "a1:r2");
        bench.pass_writes_only(&[]);
        assert_eq!(bench.state("tenant_contract", "a1:r2"), "archived");
        // The next tenant moves in.
        bench.say("Account", &account("a1", "o1", &[owner("r1"), tenant("r5")]));
        bench.pass();
        assert_eq!(bench.state("tenant_contract", "a1:r5"), "synced");
        bench.rests();
    }
}

#[test]
fn a_deleted_account_leaves_the_flat_where_it_is() {
    for line in ["", AUTO] {
        let bench = furnished(line);
        bench.say_deleted("account", "a1");
        bench.pass_writes_only(&[]);
        assert_eq!(bench.state("unit", "o1"), "synced");
        assert_eq!(bench.state("owner_contract", "a1:r1"), "held");
        assert_eq!(bench.state("tenant_contract", "a1:r2"), "held");
        let client = if line.is_empty() { "held" } else { "archived" };
        assert_eq!(bench.state("client", "r1"), client);
    }
}

#[test]
fn who_has_another_flat_stays_a_client() {
    let bench = furnished(AUTO);
    bench.say("Obj", &flat("o2", "13"));
    bench.say("Account", &account("a2", "o2", &[owner("r1")]));
    bench.pass();
    bench.say_deleted("object", "o1");
    bench.pass();
    assert_eq!(bench.state("client", "r1"), "synced");
    assert_eq!(bench.state("owner_contract", "a2:r1"), "synced");
    assert_eq!(bench.state("building", "h4"), "synced");
    assert_eq!(bench.held(AlmaKind::Client, "r1").status, "active");
    bench.rests();
}

#[test]
fn what_never_came_to_alma_is_forgotten() {
    for line in ["", AUTO] {
        let bench = both().alma(line).start();
        bench.say("Obj", &flat("o1", "12").replace(r#""HouseId":"h4""#, r#""HouseId":null"#));
        let nobody = owner("r1").replace("r1@example.invalid", "");
        bench.say("Account", &account("a1", "o1", &[nobody]));
        bench.pass();
        assert_eq!(
            bench.stand(),
            ["client r1 blocked", "owner_contract a1:r1 blocked", "unit o1 blocked"]
        );
        bench.say_deleted("object", "o1");
        bench.pass_writes_only(&[]);
        assert_eq!(bench.stand(), Vec::<String>::new());
    }
}

#[test]
fn what_alma_has_unknown_to_the_ledger_leaves_too() {
    for (line, client, unit) in [("", "held", "held"), (AUTO, "archived", "archived")] {
        let bench = furnished(line);
        // Both are blocked, and the ledger has lost what Alma has of them.
        bench.say("Obj", &flat("o1", "12").replace(r#""HouseId":"h4""#, r#""HouseId":null"#));
        let nobody = owner("r1").replace("r1@example.invalid", "");
        bench.say("Account", &account("a1", "o1", &[nobody]));
        bench.pass();
        bench.tamper("UPDATE alma_object SET alma_id = NULL, sent = NULL WHERE state = 'blocked'");
        bench.say_deleted("object", "o1");
        bench.pass();
        assert_eq!(bench.state("client", "r1"), client);
        assert_eq!(bench.state("unit", "o1"), unit);
        bench.rests();
    }
}

#[test]
fn an_archive_whose_answer_is_lost_is_not_sent_again() {
    for line in ["", AUTO] {
        let bench = furnished(line);
        let unit = bench.alma_id(AlmaKind::Unit, "o1");
        bench.say_deleted("object", "o1");
        if line.is_empty() {
            bench.pass();
            bench.release("unit", "o1");
        }
        let lost = Fault::new(FaultKind::LostAnswer).at(Endpoint::AlmaArchive).by(Way::Patch);
        bench.uzhkh().inject(lost.times(1));
        bench.pass_writes_only(&[archiving(unit, true)]);
        assert_eq!(bench.state("unit", "o1"), "archived");
        assert_eq!(bench.state("owner_contract", "a1:r1"), "archived");
    }
}

#[test]
fn a_release_outlives_an_alma_that_is_down() {
    let bench = furnished("");
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    bench.say_deleted("object", "o1");
    bench.pass();
    bench.release("unit", "o1");
    bench.fault(FaultKind::Error500, Endpoint::AlmaArchive, 100);
    bench.fail();
    assert_eq!(bench.state("unit", "o1"), "pending");
    bench.clear_faults();
    bench.pass_writes_only(&[archiving(unit, true)]);
    assert_eq!(bench.state("unit", "o1"), "archived");
}

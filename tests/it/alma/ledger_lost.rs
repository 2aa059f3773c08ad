//! The ledger is lost, or put back from an older copy: Alma keeps what it has, and gets
//! no twin.

use std::fs;
use std::path::Path;

use simulator::{AlmaKind, AlmaObject, Endpoint, Fault, FaultKind, Way};

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::alma::wire::{UNITS, patch};
use crate::support::{Bench, Setup};

/// With the lock file, which remembers that there was a ledger.
const FILES: [&str; 4] = ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock"];

/// Two flats in two houses, three people, four contracts.
fn objects() -> [String; 2] {
    let elsewhere = flat("o2", "13")
        .replace(r#""HouseId":"h4""#, r#""HouseId":"h5""#)
        .replace(r#""HouseNumber":"4""#, r#""HouseNumber":"5""#)
        .replace("54.3", "54.30");
    [flat("o1", "12"), elsewhere]
}

fn accounts() -> [String; 2] {
    [
        account("a1", "o1", &[owner("r1"), tenant("r2"), tenant("r3")]),
        account("a2", "o2", &[owner("r1"), tenant("r3")])
            .replace(r#""DateTimeClose":null"#, r#""DateTimeClose":"2098-05-31T23:59:59""#),
    ]
}

/// UZhKH says all of it, by its queue.
fn push(bench: &Bench) {
    for object in objects() {
        bench.say("Obj", &object);
    }
    for account in accounts() {
        bench.say("Account", &account);
    }
}

/// The same stands in UZhKH's lists.
fn list(bench: &Bench) {
    bench.uzhkh().set_download("Flats", objects().to_vec());
    bench.uzhkh().set_download("Accounts", accounts().to_vec());
}

fn resync(bench: &Bench) {
    let ended = bench.run(&["run", "--once", "--full-resync"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

pub(crate) fn lose(bench: &Bench) {
    for file in FILES {
        let path = bench.dir.path().join(file);
        if path.exists() {
            fs::remove_file(path).unwrap();
        }
    }
    assert!(!bench.ledger().exists());
}

fn copy(bench: &Bench, to: &Path) {
    bench.tamper(&format!("VACUUM INTO '{}'", to.display()));
}

fn put_back(bench: &Bench, from: &Path) {
    lose(bench);
    fs::copy(from, bench.ledger()).unwrap();
}

/// All that Alma has.
fn all(bench: &Bench) -> Vec<AlmaObject> {
    let alma = bench.alma();
    AlmaKind::ALL.iter().flat_map(|kind| alma.objects(*kind)).collect()
}

fn furnished(setup: Setup) -> Bench {
    let bench = setup.start();
    push(&bench);
    bench.pass();
    assert_eq!(all(&bench).len(), 11);
    bench
}

#[test]
fn a_lost_ledger_is_filled_again_from_the_queue_and_nothing_is_written() {
    for by_external_id in [true, false] {
        let bench =
            furnished(both().options(|options| options.contracts_by_external_id = by_external_id));
        let (before, stood) = (all(&bench), bench.stand());
        lose(&bench);
        push(&bench);
        bench.pass_writes_only(&[]);
        assert_eq!(all(&bench), before);
        assert_eq!(bench.stand(), stood);
    }
}

#[test]
fn a_lost_ledger_is_filled_again_by_a_resync_and_nothing_is_written() {
    let bench = furnished(both());
    let (before, stood) = (all(&bench), bench.stand());
    lose(&bench);
    list(&bench);
    resync(&bench);
    assert_eq!(all(&bench), before);
    assert_eq!(bench.stand(), stood);
    assert_eq!(bench.alma().twins(), Vec::<String>::new());
    bench.rests();
}

#[test]
fn what_has_changed_while_the_ledger_was_lost_is_all_that_is_written() {
    let bench = furnished(both());
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    lose(&bench);
    push(&bench);
    let higher = objects()[0].replace(r#""EtazhNumber":3"#, r#""EtazhNumber":4"#);
    bench.say("Obj", &higher);
    bench.pass_writes_only(&[patch(UNITS, unit, r#"{"floor":4}"#)]);
}

#[test]
fn a_ledger_that_is_lost_half_way_makes_no_twin() {
    let bench = both().start();
    // Each first POST of a kind is done, and its answer lost; then all is lost.
    for endpoint in [
        Endpoint::AlmaBuildings,
        Endpoint::AlmaUnits,
        Endpoint::AlmaClients,
        Endpoint::AlmaOwnerContracts,
        Endpoint::AlmaTenantContracts,
    ] {
        let lost = Fault::new(FaultKind::LostAnswer).at(endpoint).by(Way::Post);
        bench.uzhkh().inject(lost.times(1));
        push(&bench);
        bench.once();
        lose(&bench);
    }
    push(&bench);
    bench.pass();
    assert_eq!(all(&bench).len(), 11);
    bench.rests();
}

#[test]
fn an_older_copy_catches_up_without_a_twin_and_without_a_needless_write() {
    let bench = both().start();
    bench.say("Obj", &objects()[0]);
    bench.pass();
    let older = bench.dir.path().join("copy.db");
    copy(&bench, &older);
    push(&bench);
    let higher = objects()[0].replace(r#""EtazhNumber":3"#, r#""EtazhNumber":4"#);
    bench.say("Obj", &higher);
    bench.pass();
    let (before, stood) = (all(&bench), bench.stand());
    put_back(&bench, &older);
    push(&bench);
    bench.say("Obj", &higher);
    bench.pass_writes_only(&[]);
    assert_eq!(all(&bench), before);
    assert_eq!(bench.stand(), stood);
}

#[test]
fn an_older_copy_is_brought_up_by_a_resync_without_a_needless_write() {
    let bench = furnished(both());
    let older = bench.dir.path().join("copy.db");
    copy(&bench, &older);
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    bench.say("Obj", &objects()[0].replace(r#""EtazhNumber":3"#, r#""EtazhNumber":4"#));
    bench.pass();
    put_back(&bench, &older);
    list(&bench);
    let higher = objects()[0].replace(r#""EtazhNumber":3"#, r#""EtazhNumber":4"#);
    let shorter = objects()[1].clone();
    bench.uzhkh().set_download("Flats", vec![higher, shorter]);
    let before = bench.writes();
    resync(&bench);
    assert_eq!(bench.writes(), before);
    assert_eq!(bench.alma_id(AlmaKind::Unit, "o1"), unit);
    bench.rests();
}

#[test]
fn an_older_copy_from_before_a_flat_was_archived_does_not_bring_it_back() {
    let bench = furnished(both().alma("archive = \"manual\""));
    let older = bench.dir.path().join("copy.db");
    copy(&bench, &older);
    bench.say_deleted("object", "o1");
    bench.pass();
    let released = bench.run(&["alma", "release", "unit", "o1"]);
    assert_eq!(released.code, Some(0), "{}", released.stderr);
    bench.pass();
    assert!(bench.held(AlmaKind::Unit, "o1").is_archived);
    put_back(&bench, &older);
    // The ledger knows of no deletion; whatever it wants then waits for a person.
    bench.say("Obj", &objects()[0].replace(r#""EtazhNumber":3"#, r#""EtazhNumber":4"#));
    bench.pass_writes_only(&[]);
    assert_eq!(bench.state("unit", "o1"), "held");
    // Once it hears of the deletion, nothing is left to do.
    bench.say_deleted("object", "o1");
    bench.pass_writes_only(&[]);
    let released = bench.run(&["alma", "release", "unit", "o1"]);
    assert_eq!(released.code, Some(0), "{}", released.stderr);
    bench.pass_writes_only(&[]);
    assert_eq!(bench.state("unit", "o1"), "archived");
    assert_eq!(bench.state("owner_contract", "a1:r1"), "archived");
}

#[test]
fn permanent_ids_that_uzhkh_knows_find_their_objects_again() {
    let bench = both().start();
    bench.say("Obj", &flat("--7", "12"));
    bench.say("Account", &account("--8", "--7", &[owner("--9")]));
    bench.pass();
    let (before, stood) = (all(&bench), bench.stand());
    let [object, account_id, resident] =
        [("object", "--7"), ("account", "--8"), ("resident", "--9")]
            .map(|(kind, id)| bench.permanent(kind, id));
    lose(&bench);
    // UZhKH was told the permanent ids, and says them from now on.
    bench.say("Obj", &flat(&object, "12"));
    let person = owner(&resident).replace(&format!("{resident}@"), "--9@");
    bench.say("Account", &account(&account_id, &object, &[person]));
    bench.pass_writes_only(&[]);
    assert_eq!(all(&bench), before);
    assert_eq!(bench.stand(), stood);
}

#[test]
fn a_permanent_id_that_was_lost_before_uzhkh_was_told_makes_no_twin() {
    let bench = both().start();
    let say = || {
        bench.say("Obj", &flat("--7", "12"));
        bench.say("Account", &account("--8", "--7", &[owner("--9")]));
    };
    let deaf = Fault::new(FaultKind::Error500).at(Endpoint::Delete);
    bench.uzhkh().inject(deaf);
    let set_id = Fault::new(FaultKind::Error500).at(Endpoint::SetId);
    bench.uzhkh().inject(set_id);
    say();
    bench.fail();
    let before = all(&bench);
    assert_eq!(before.len(), 4);
    bench.clear_faults();
    lose(&bench);
    bench.pass();
    assert_eq!(all(&bench), before);
    // It has the name and the e-mail of what was made under the lost ids.
    let states = "SELECT kind || ' ' || state FROM alma_object ORDER BY kind";
    assert_eq!(
        bench.lines(states),
        ["building synced", "client blocked", "owner_contract blocked", "unit rejected"]
    );
    bench.rests();
}

//! Which call announces a permanent id: the table of the design, row by row.

use crate::support::entities::{
    account, account_of, car, counter, envelope, object, person, resident,
};
use crate::support::{Bench, is_uuid_v7, setup};
use simulator::{Endpoint, Fault, FaultKind};

const IDENTITIES: &str = "SELECT kind, temporary_id, state, announced_at IS NULL FROM identity ORDER BY kind, temporary_id";

fn one(member: &str, entity: &str) -> Bench {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", member, entity));
    bench
}

/// SetId fails for good: what waits for it must wait.
fn without_set_id(bench: &Bench) {
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::SetId));
    bench.fail();
    assert!(bench.asked("SetId") >= 1);
    assert_eq!(bench.asked("Delete"), 0);
    assert_eq!(bench.one("SELECT state FROM envelope"), "committed");
    bench.uzhkh().clear_faults();
}

#[test]
fn the_only_entity_is_announced_by_its_delete() {
    let bench = one("Counter", &counter("--5"));
    bench.pass();
    let permanent = bench.permanent("counter", "--5");
    assert!(is_uuid_v7(&permanent), "{permanent}");
    assert_eq!(bench.deletes("g1"), [Some(permanent.clone())]);
    assert_eq!(bench.asked("SetId"), 0);
    assert_eq!(bench.lines(IDENTITIES), ["counter|--5|announced|0"]);
    assert_eq!(bench.uzhkh().current_id("counter", "--5"), permanent);
    assert_eq!(
        bench.one("SELECT id, body FROM record"),
        format!("{permanent}|{}", counter(&permanent))
    );
    // What came is kept as it came.
    assert_eq!(bench.one("SELECT body FROM envelope"), envelope("g1", "Counter", &counter("--5")));
}

#[test]
fn a_permanent_id_goes_out_with_nothing() {
    let bench = one("Counter", &counter("c1"));
    bench.pass();
    assert_eq!(bench.deletes("g1"), [None]);
    assert_eq!(bench.asked("SetId"), 0);
    assert_eq!(bench.one("SELECT count(*) FROM identity"), "0");
}

#[test]
fn several_entities_are_announced_by_set_id_and_then_deleted() {
    let bench = setup().start();
    let account = account("--2").replace(r#""o1""#, r#""--1""#);
    let object = object("--1");
    bench.uzhkh().push_request(format!(r#"{{"Guid":"g1","Account":{account},"Obj":{object}}}"#));
    without_set_id(&bench);
    bench.pass();
    let (account, object) = (bench.permanent("account", "--2"), bench.permanent("object", "--1"));
    let mut set_ids = bench.set_ids();
    set_ids.sort();
    assert_eq!(
        set_ids,
        [format!("account/--2={account} success"), format!("object/--1={object} success"),]
    );
    assert_eq!(bench.deletes("g1"), [None]);
    assert_eq!(bench.lines(IDENTITIES), ["account|--2|announced|0", "object|--1|announced|0"]);
    assert_eq!(bench.one("SELECT id, apartment_id FROM account"), format!("{account}|{object}"));
    assert_eq!(
        bench.lines("SELECT op, state, envelope_seq FROM call"),
        ["SetId|done|1", "SetId|done|1"]
    );
}

#[test]
fn one_of_several_that_is_temporary_is_announced_by_set_id() {
    let bench = setup().start();
    let (resident, object) = (resident("--3"), object("o1"));
    bench.uzhkh().push_request(format!(r#"{{"Guid":"g1","Resident":{resident},"Obj":{object}}}"#));
    bench.pass();
    let permanent = bench.permanent("resident", "--3");
    assert_eq!(bench.set_ids(), [format!("resident/--3={permanent} success")]);
    assert_eq!(bench.deletes("g1"), [None]);
}

#[test]
fn nested_persons_are_announced_before_the_plain_delete() {
    let bench = one("Account", &account_of("a1", &[person("--3"), person("r2"), person("--4")]));
    without_set_id(&bench);
    bench.pass();
    let (third, fourth) = (bench.permanent("resident", "--3"), bench.permanent("resident", "--4"));
    let mut set_ids = bench.set_ids();
    set_ids.sort();
    assert_eq!(
        set_ids,
        [format!("resident/--3={third} success"), format!("resident/--4={fourth} success"),]
    );
    assert_eq!(bench.deletes("g1"), [None]);
    assert_eq!(
        bench.lines("SELECT account_id, resident_id FROM account_person"),
        [format!("a1|{third}"), "a1|r2".to_owned(), format!("a1|{fourth}")]
    );
}

#[test]
fn a_temporary_account_with_temporary_persons_needs_both() {
    let bench = one("Account", &account_of("--2", &[person("--3")]));
    without_set_id(&bench);
    bench.pass();
    let (account, resident) =
        (bench.permanent("account", "--2"), bench.permanent("resident", "--3"));
    assert_eq!(bench.set_ids(), [format!("resident/--3={resident} success")]);
    assert_eq!(bench.deletes("g1"), [Some(account)]);
    assert_eq!(bench.lines(IDENTITIES), ["account|--2|announced|0", "resident|--3|announced|0"]);
}

#[test]
fn a_car_alone_is_announced_by_its_delete() {
    let bench = one("Car", &car("--9"));
    bench.pass();
    let permanent = bench.permanent("car", "--9");
    assert_eq!(bench.deletes("g1"), [Some(permanent)]);
    assert_eq!(bench.lines(IDENTITIES), ["car|--9|announced|0"]);
    assert_eq!(bench.one("SELECT count(*) FROM finding"), "0");
}

#[test]
fn a_car_beside_others_cannot_be_announced() {
    let bench = setup().section("[identity]\nannounce_after = \"0s\"").start();
    let (car, resident) = (car("--9"), resident("--8"));
    bench.uzhkh().push_request(format!(r#"{{"Guid":"g1","Resident":{resident},"Car":{car}}}"#));
    bench.pass();
    bench.pass();
    let (car, resident) = (bench.permanent("car", "--9"), bench.permanent("resident", "--8"));
    assert_eq!(bench.deletes("g1"), [None]);
    assert_eq!(bench.set_ids(), [format!("resident/--8={resident} success")]);
    assert_eq!(bench.lines(IDENTITIES), ["car|--9|reserved|1", "resident|--8|announced|0"]);
    assert_eq!(
        bench.lines("SELECT kind, id, envelope_seq, path FROM finding"),
        [format!("car|{car}|1|Id")]
    );
    // Alone, it is announced after all, under the same id.
    bench.uzhkh().push_request(envelope("g2", "Car", &crate::support::entities::car("--9")));
    bench.pass();
    assert_eq!(bench.deletes("g2"), [Some(car)]);
}

#[test]
fn requests_of_all_three_kinds_keep_their_own_ids() {
    let bench = setup().section("[identity]\nannounce_after = \"0s\"").start();
    let request = crate::support::entities::request(7).replace(r#""Id":7"#, r#""Id":"--5""#);
    let entries = [
        envelope("g1", "Request", &request),
        envelope("g2", "RequestToRegister", &crate::support::entities::to_register("--5")),
        envelope("g3", "RequestToObjectAdding", &crate::support::entities::to_object_adding("--5")),
    ];
    for entry in entries {
        bench.uzhkh().push_request(entry);
    }
    bench.pass();
    bench.pass();
    assert_eq!(
        bench.lines("SELECT kind, id, body ->> '$.Id' FROM record ORDER BY rowid"),
        ["request|--5|--5", "requesttoregister|--5|--5", "requesttoobjectadding|--5|--5"]
    );
    for guid in ["g1", "g2", "g3"] {
        assert_eq!(bench.deletes(guid), [None], "{guid}");
    }
    assert_eq!(bench.one("SELECT count(*) FROM identity"), "0");
    assert_eq!(bench.one("SELECT count(*) FROM call"), "0");
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}

#[test]
fn a_redelivered_envelope_repeats_its_object_id() {
    let bench = one("Counter", &counter("--5"));
    bench.pass();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    let permanent = Some(bench.permanent("counter", "--5"));
    assert_eq!(bench.deletes("g1"), [permanent.clone(), permanent]);
}

#[test]
fn a_permanent_id_is_the_same_after_every_restart() {
    let bench = one("Obj", &object("--7"));
    bench.pass();
    let permanent = bench.permanent("object", "--7");
    let referring = counter("c1").replace(r#""o1""#, r#""--7""#);
    for (n, entry) in [object("--7").replace("54.3", "55.0"), object("--7")].iter().enumerate() {
        bench.uzhkh().push_request(envelope(&format!("later{n}"), "Obj", entry));
        bench.uzhkh().push_request(envelope(&format!("ref{n}"), "Counter", &referring));
        bench.pass();
        assert_eq!(bench.permanent("object", "--7"), permanent);
    }
    assert_eq!(bench.one("SELECT count(*) FROM identity"), "1");
    assert_eq!(bench.one("SELECT id FROM record WHERE kind = 'object'"), permanent);
    assert_eq!(bench.one("SELECT flat_id FROM counter"), permanent);
    let brought = &bench.report().identities["object/--7"];
    assert_eq!(brought.len(), 1);
}

#[test]
fn an_id_of_one_kind_says_nothing_of_another() {
    let bench = one("Counter", &counter("--5"));
    bench.uzhkh().push_request(envelope(
        "g2",
        "Payment",
        &crate::support::entities::payment("--5"),
    ));
    bench.pass();
    assert_ne!(bench.permanent("counter", "--5"), bench.permanent("payment", "--5"));
}

//! The config decides what objects are, too: a change of it is carried to Alma like any
//! other, and no more of it than that.

use std::fs;

use simulator::{AlmaCall, AlmaKind};

use crate::alma::bench::{account, both, flat, owner};
use crate::support::Bench;

/// From now on `[alma]` has this line too; it stands last.
fn with(bench: &Bench, line: &str) {
    let config = fs::read_to_string(bench.config()).unwrap();
    fs::write(bench.config(), format!("{config}\n{line}\n")).unwrap();
}

/// What a pass sends, as `METHOD path body`.
fn sent(bench: &Bench) -> Vec<String> {
    let before = bench.called();
    bench.pass();
    let calls = bench.writes_since(before).into_iter();
    let told = calls.map(|AlmaCall { method, path, body, .. }| {
        format!("{method} {path} {}", body.unwrap_or_default())
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told
}

#[test]
fn another_end_of_contracts_without_end_is_sent_and_nothing_else() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    with(&bench, "open_ended_date = \"2090-06-30\"");
    let id = |kind, external_id| bench.held(kind, external_id).id;
    let end = r#"{"end_date":"2090-06-30T00:00:00"}"#;
    assert_eq!(
        sent(&bench),
        [
            format!(
                "PATCH external_api/realty/contracts/owner_contracts/{}/ {end}",
                id(AlmaKind::OwnerContract, "a1:r1")
            ),
            format!(
                "PATCH external_api/realty/contracts/tenant_contracts/{}/ {end}",
                id(AlmaKind::TenantContract, "a1:r2")
            ),
        ]
    );
    bench.rests();
}

#[test]
fn a_plan_of_another_config_than_the_service_has_is_refused_while_that_runs() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    let daemon = bench.daemon();
    let made_by = || bench.one("SELECT settings FROM alma_cursor");
    let before = (made_by(), bench.writes().len());
    bench.orders(&["plan"]);
    with(&bench, "open_ended_date = \"2090-06-30\"");
    bench.refuses(&["plan"], "restart it, or stop it");
    assert_eq!((made_by(), bench.writes().len()), before);
    daemon.stop();
    let planned = bench.orders(&["plan"]);
    assert!(planned.contains("2090-06-30"), "{planned}");
    assert_eq!(made_by(), before.0, "a plan writes nothing");
    bench.pass();
    assert_ne!(made_by(), before.0);
    bench.rests();
}

#[test]
fn words_of_the_contracts_are_sent_to_those_that_have_them() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    with(&bench, "work_model = \"TM 10%\"\ntype_contract = \"Airbnb\"\nschedule = \"0 0 * * * *\"");
    let told = sent(&bench);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].ends_with(r#"/ {"work_model":"TM 10%"}"#), "{told:?}");
    assert!(told[1].ends_with(r#"/ {"type_contract":"Airbnb"}"#), "{told:?}");
    bench.rests();
}

#[test]
fn a_type_of_objects_that_is_left_out_leaves_and_comes_back_unharmed() {
    let bench = both().start();
    bench.furnish();
    bench.say("Obj", &flat("o2", "2").replace("Квартира", "Паркинг"));
    bench.say("Account", &account("a2", "o2", &[owner("r3")]));
    bench.pass();
    assert_eq!(bench.stand().len(), 6);
    let config = fs::read_to_string(bench.config()).unwrap();
    with(&bench, "unit_types = [\"Паркинг\"]");
    let told = sent(&bench);
    assert_eq!(told.len(), 3, "the other's unit, client and contract: {told:?}");
    assert_eq!(bench.state("owner_contract", "a2:r3"), "synced");
    assert_eq!(bench.state("building", "h4"), "synced");
    for (kind, id) in [
        ("unit", "o1"),
        ("client", "r1"),
        ("client", "r2"),
        ("owner_contract", "a1:r1"),
        ("tenant_contract", "a1:r2"),
    ] {
        assert_eq!(bench.state(kind, id), "held", "{kind} {id}");
    }
    bench.rests();
    // It was a slip of the pen.
    fs::write(bench.config(), config).unwrap();
    with(&bench, "unit_types = [\"Паркинг\", \"Квартира\"]");
    assert_eq!(sent(&bench), [""; 0]);
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn what_is_said_in_other_words_changes_nothing() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    with(
        &bench,
        "unit_types = [\"Квартира\", \"Апартаменты\"]\nproject = 207\narchive = \"auto\"\nconcurrency = 2",
    );
    bench.leaves_alma_alone();
    bench.rests();
}

#[test]
fn a_switch_to_another_source_is_no_deletion_and_back_again_all_is_as_it_was() {
    for archive in ["auto", "manual"] {
        let bench = both().alma(&format!("archive = {archive:?}")).start();
        bench.furnish();
        bench.pass();
        let config = fs::read_to_string(bench.config()).unwrap();
        let stood = bench.stand();
        with(&bench, "source = \"bitrix24\"");
        assert_eq!(sent(&bench), [""; 0], "{archive}");
        let held =
            "SELECT count(*) FROM alma_object WHERE state = 'held' AND reason LIKE 'of uzhkh, %'";
        assert_eq!(bench.one(held), stood.len().to_string(), "{archive}: {:?}", bench.stuck());
        bench.rests();
        fs::write(bench.config(), config).unwrap();
        assert_eq!(sent(&bench), [""; 0], "{archive}");
        assert_eq!(bench.stand(), stood, "{archive}");
        bench.rests();
    }
}

#[test]
fn what_the_sources_call_alike_is_taken_over_by_a_release_alone() {
    let bench = both().start();
    bench.say("Obj", &flat("310", "12"));
    bench.say("Account", &account("a1", "310", &[owner("r1")]));
    bench.pass();
    let (unit, house) =
        (bench.held(AlmaKind::Unit, "310"), bench.alma().objects(AlmaKind::Building));
    with(&bench, "source = \"bitrix24\"");
    bench.apartment(310, 4598, "[]");
    let told = sent(&bench);
    let is_new_building = |told: &String| told.starts_with("POST external_api/realty/buildings/ ");
    assert!(told.iter().all(is_new_building), "{told:?}");
    assert_eq!(bench.held(AlmaKind::Unit, "310"), unit);
    assert_eq!(bench.alma().objects(AlmaKind::Building)[0], house[0]);
    assert_eq!(bench.state("unit", "310"), "held");
    bench.orders(&["release", "unit", "310"]);
    bench.pass();
    assert_eq!(bench.state("unit", "310"), "synced");
    let now = bench.held(AlmaKind::Unit, "310");
    assert_eq!((now.id, now.fields["name"].as_str()), (unit.id, "\"Gate 310\""));
    // What nothing of the other source is called alike leaves by a release, as it would otherwise.
    bench.orders(&["release", "owner_contract", "a1:r1"]);
    bench.orders(&["release", "building", "h4"]);
    assert_eq!(sent(&bench), [""; 0]);
    assert_eq!(bench.state("owner_contract", "a1:r1"), "archived");
    assert_eq!(bench.state("building", "h4"), "archived");
    bench.rests();
}

#[test]
fn a_contract_is_not_of_the_former_sources_client_of_the_same_id() {
    let bench = both().start();
    bench.say("Obj", &flat("310", "12"));
    bench.say("Account", &account("a1", "310", &[owner("503")]));
    bench.pass();
    let theirs = bench.held(AlmaKind::Client, "503");
    with(&bench, "source = \"bitrix24\"");
    bench.contact(503);
    bench.apartment(311, 4598, "[]");
    bench.owner_contract(5, 311, 503);
    bench.once();
    assert_eq!(bench.state("unit", "311"), "synced");
    assert!(bench.alma().object(AlmaKind::OwnerContract, "5").is_none());
    let reason = bench.reason("owner_contract", "5");
    assert_eq!(reason, "waits for client 503, which is held");
    let asked = bench.called();
    bench.once();
    assert_eq!(bench.writes_since(asked).len(), 0);
    // A person has said that both are one.
    bench.orders(&["release", "client", "503"]);
    bench.pass();
    assert_eq!(bench.state("owner_contract", "5"), "synced");
    assert_eq!(bench.field(AlmaKind::OwnerContract, "5", "client_id"), theirs.id.to_string());
    bench.rests();
}

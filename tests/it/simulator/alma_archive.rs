//! Archiving and blocking in Alma, with what follows from it.

use jiff::civil::date;
use serde_json::json;
use simulator::AlmaKind;

use crate::simulator::Bench;
use crate::simulator::alma_contracts::{owner, tenant, whole};

const OWNER: &str = "realty/contracts/owner_contracts/";
const TENANT: &str = "realty/contracts/tenant_contracts/";

/// Which objects of a kind are archived, in order.
fn archived(bench: &Bench, kind: AlmaKind) -> Vec<bool> {
    let objects = bench.simulator.alma().objects(kind);
    objects.iter().map(|object| object.is_archived).collect()
}

async fn bench() -> (Bench, i64, i64, i64) {
    let bench = Bench::empty().await;
    bench.simulator.alma().set_today(Some(date(2024, 11, 1)));
    let (_, unit, client) = bench.home().await;
    let room = bench.room(unit, "1").await;
    (bench, unit, room, client)
}

#[tokio::test]
async fn a_unit_is_archived_with_its_rooms_and_contracts() {
    let (bench, unit, room, client) = bench().await;
    bench.made(OWNER, owner(unit, client)).await;
    bench.made(TENANT, tenant(room, client)).await;
    let path = format!("realty/units/{unit}/archive/");
    bench.patched(&path, json!({"is_archived": true})).await;
    let read = bench.read(&format!("realty/units/{unit}/")).await;
    assert_eq!(read["is_archived"], true);
    assert_eq!(bench.read(&format!("realty/rooms/{room}/")).await["is_archived"], true);
    for kind in [AlmaKind::OwnerContract, AlmaKind::TenantContract, AlmaKind::Client] {
        assert_eq!(archived(&bench, kind), [true], "{kind}");
    }
    assert_eq!(archived(&bench, AlmaKind::Building), [false]);
    assert_eq!(bench.alma("GET", "realty/rental_object/u-1/", None).await.0, 404);
    // It can still be edited, by either id.
    let edited = bench.patched("realty/units/external_id/u-1/", json!({"floor": 3})).await;
    assert_eq!((&edited["floor"], &edited["is_archived"]), (&json!(3), &json!(true)));

    let path = "realty/units/external_id/u-1/archive/";
    bench.patched(path, json!({"is_archived": false})).await;
    assert_eq!(archived(&bench, AlmaKind::Unit), [false]);
    assert_eq!(archived(&bench, AlmaKind::Room), [false]);
    for kind in [AlmaKind::OwnerContract, AlmaKind::TenantContract, AlmaKind::Client] {
        assert_eq!(archived(&bench, kind), [true], "{kind} comes back");
    }
    assert_eq!(bench.report().violations, [""; 0]);
}

#[tokio::test]
async fn a_room_is_archived_alone_and_comes_back_with_its_unit() {
    let (bench, unit, room, client) = bench().await;
    bench.made(OWNER, owner(unit, client)).await;
    bench.made(TENANT, tenant(room, client)).await;
    let path = format!("realty/rooms/{room}/archive/");
    bench.patched(&path, json!({"is_archived": true})).await;
    assert_eq!(archived(&bench, AlmaKind::Unit), [false]);
    assert_eq!(archived(&bench, AlmaKind::OwnerContract), [false]);
    assert_eq!(archived(&bench, AlmaKind::TenantContract), [true]);
    assert_eq!(archived(&bench, AlmaKind::Client), [false]);

    let building = bench.simulator.alma().objects(AlmaKind::Building)[0].id;
    bench.simulator.alma().archive(AlmaKind::Building, building, true);
    for kind in [AlmaKind::Building, AlmaKind::Unit, AlmaKind::Room, AlmaKind::OwnerContract] {
        assert_eq!(archived(&bench, kind), [true], "{kind}");
    }
    bench.patched("realty/rooms/external_id/r-1/archive/", json!({"is_archived": false})).await;
    for kind in [AlmaKind::Building, AlmaKind::Unit, AlmaKind::Room] {
        assert_eq!(archived(&bench, kind), [false], "{kind}");
    }
}

#[tokio::test]
async fn contracts_that_are_over_are_left_alone() {
    let (bench, unit, room, client) = bench().await;
    bench.made(TENANT, tenant(room, client)).await;
    bench.simulator.alma().set_today(Some(date(2024, 12, 30)));
    let path = format!("realty/units/{unit}/archive/");
    bench.patched(&path, json!({"is_archived": true})).await;
    assert_eq!(archived(&bench, AlmaKind::TenantContract), [false]);
}

#[tokio::test]
async fn a_block_stands_alone_and_answers_true() {
    let (bench, unit, room, client) = bench().await;
    bench.made(OWNER, owner(unit, client)).await;
    let (of_unit, of_room) =
        (format!("realty/units/{unit}/block/"), "realty/rooms/external_id/r-1/block/");
    let block = json!({"is_blocked": true});
    let free = json!({"is_blocked": false});
    assert_eq!(bench.patched(&of_unit, block.clone()).await, json!(true));
    let unit_now = &bench.simulator.alma().objects(AlmaKind::Unit)[0];
    assert_eq!((unit_now.is_blocked, &*unit_now.status), (true, "available"));
    assert!(!bench.simulator.alma().objects(AlmaKind::Room)[0].is_blocked);
    let again = bench.refused("PATCH", &of_unit, block.clone()).await;
    assert!(again["non_field_errors"][0].as_str().unwrap().contains("usage type=block."));
    assert_eq!(bench.patched(&of_unit, free.clone()).await, json!(true));

    assert_eq!(bench.patched(of_room, block.clone()).await, json!(true));
    let rooms = bench.refused("PATCH", &of_unit, block.clone()).await;
    assert!(rooms["non_field_errors"][0].as_str().unwrap().contains("usage type=block."));
    bench.patched(&of_unit, free.clone()).await;
    assert!(bench.simulator.alma().objects(AlmaKind::Room)[0].is_blocked);
    bench.patched(of_room, free).await;

    bench.made(TENANT, tenant(room, client)).await;
    let usage =
        bench.read(&format!("{TENANT}external_id/k/")).await["unit_usage"]["usage_id"].clone();
    let met = whole(&format!(
        "There are intersections in the use of the unit. Nearest intersection usage id:{usage} \
         usage type=tenant."
    ));
    for path in [&*of_unit, of_room] {
        assert_eq!(bench.refused("PATCH", path, block.clone()).await, met);
    }
}

#[tokio::test]
async fn archiving_and_blocking_are_asked_with_one_flag() {
    let (bench, unit, ..) = bench().await;
    for (action, flag) in [("archive", "is_archived"), ("block", "is_blocked")] {
        let path = format!("realty/units/{unit}/{action}/");
        let refused = bench.refused("PATCH", &path, json!({})).await;
        assert_eq!(refused, json!({flag: ["This field is required."]}));
        let refused = bench.refused("PATCH", &path, json!({flag: "true"})).await;
        assert_eq!(refused, json!({flag: ["Must be a valid boolean."]}));
        let unknown = format!("realty/rooms/external_id/none/{action}/");
        let answer = bench.alma("PATCH", &unknown, Some(&json!({flag: true}))).await;
        assert_eq!(answer, (404, json!({"detail": "Not found."})));
    }
    assert_eq!(bench.report().violations, [""; 0]);
    let both = json!({"is_archived": true, "name": "x"});
    bench.patched(&format!("realty/units/{unit}/archive/"), both).await;
    assert_eq!(bench.report().violations.len(), 1);
}

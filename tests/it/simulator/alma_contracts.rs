//! Alma's contracts, and what it does not let be rented.

use jiff::civil::date;
use serde_json::{Value, json};
use simulator::{AlmaKind, Options};

use crate::simulator::Bench;
use crate::simulator::alma_bench::with;

const OWNER: &str = "realty/contracts/owner_contracts/";
const TENANT: &str = "realty/contracts/tenant_contracts/";

pub(crate) fn owner(unit: i64, client: i64) -> Value {
    json!({"external_id": "k", "unit_id": unit, "client_id": client, "name": "ЛС 1",
        "start_date": "2024-10-21T00:10:10Z", "end_date": "2024-12-29T00:10:10Z"})
}

pub(crate) fn tenant(unit: i64, client: i64) -> Value {
    with(owner(unit, client), json!({"price": "0.00"}))
}

pub(crate) fn whole(problem: &str) -> Value {
    json!({"non_field_errors": [problem]})
}

/// A bench on the first of November 2024, with a unit and a client.
async fn bench() -> (Bench, i64, i64) {
    let bench = Bench::empty().await;
    bench.simulator.alma().set_today(Some(date(2024, 11, 1)));
    let (_, unit, client) = bench.home().await;
    (bench, unit, client)
}

#[tokio::test]
async fn contracts_read_as_documented() {
    let (bench, unit, client) = bench().await;
    let more = json!({"external_id": 4330, "work_model": "TM 10%",
        "pml_start_date": "2024-07-22T00:10:10Z", "contract_with_client_scan": null});
    let id = bench.made(OWNER, with(owner(unit, client), more)).await;
    let read = bench.read(&format!("{OWNER}{id}/")).await;
    let usage = read["unit_usage"]["usage_id"].as_i64().unwrap();
    assert_eq!(
        read,
        json!({"id": id, "name": "ЛС 1", "number": "", "start_date": "2024-10-21T00:00:00",
            "end_date": "2024-12-29T00:00:00", "external_id": "4330",
            "unit_usage": {"usage_id": usage, "client_id": client, "unit_id": unit,
                "client_type": "owner", "is_archived": false},
            "contract_with_client_scan": null, "property_title_deed_scan": null,
            "property_management_letter_scan": null, "dtcm_permit_scan": null,
            "pml_start_date": "2024-07-22T00:00:00", "pml_end_date": null,
            "work_model": "TM 10%"})
    );
    let id = bench.made(TENANT, with(tenant(unit, client), json!({"price": "12.5"}))).await;
    let read = bench.read(&format!("{TENANT}external_id/k/")).await;
    assert_eq!(
        read,
        json!({"id": id, "name": "ЛС 1", "number": "", "start_date": "2024-10-21T00:00:00",
            "end_date": "2024-12-29T00:00:00", "external_id": "k",
            "unit_usage": {"usage_id": usage + 1, "client_id": client, "unit_id": unit,
                "client_type": "tenant", "is_archived": false},
            "price": "12.50", "contract_scan": null, "co_tenant": "", "co_tenant_id_scan": null,
            "history": "", "type_contract": "", "co_tenant_id": ""})
    );
    assert_eq!(bench.read(TENANT).await, json!([{"id": id, "number": "", "external_id": "k"}]));
    assert_eq!(bench.report().violations, [""; 0]);
}

#[tokio::test]
async fn a_price_is_a_decimal_in_a_string() {
    let (bench, unit, client) = bench().await;
    for (price, problem) in [
        (json!(12.5), "A valid number is required."),
        (json!("a lot"), "A valid number is required."),
        (json!("1.234"), "Ensure that there are no more than 2 decimal places."),
    ] {
        let body = with(tenant(unit, client), json!({"price": price}));
        assert_eq!(bench.refused("POST", TENANT, body).await, json!({"price": [problem]}));
    }
}

#[tokio::test]
async fn the_last_day_is_after_today_and_after_the_first() {
    let (bench, unit, client) = bench().await;
    let over = whole("Rental period end date must be greater than today.");
    for (path, body) in [(OWNER, owner(unit, client)), (TENANT, tenant(unit, client))] {
        let ended = with(body.clone(), json!({"end_date": "2024-11-01T23:00:00"}));
        assert_eq!(bench.refused("POST", path, ended).await, over);
        let backwards = with(body.clone(), json!({"start_date": "2024-12-29T00:00:00"}));
        let text = "Rental period start date must be less than end date.";
        assert_eq!(bench.refused("POST", path, backwards).await, whole(text));
        let id = bench.made(path, body).await;
        bench.simulator.alma().set_today(Some(date(2024, 12, 29)));
        let path = format!("{path}{id}/");
        assert_eq!(bench.refused("PATCH", &path, json!({"name": "new"})).await, over);
        bench.patched(&path, json!({"name": "new", "end_date": "2024-12-30T00:00:00"})).await;
        bench.simulator.alma().set_today(Some(date(2024, 11, 1)));
    }
    bench.simulator.alma().set_today(None);
    assert!(bench.simulator.alma().today() > date(2024, 12, 31));
}

#[tokio::test]
async fn the_client_of_a_contract_does_not_change() {
    let (bench, unit, client) = bench().await;
    let other = bench.client("c2").await;
    let id = bench.made(OWNER, owner(unit, client)).await;
    let path = format!("{OWNER}{id}/");
    let refused = bench.refused("PATCH", &path, json!({"client_id": other})).await;
    assert!(refused["client_id"].is_array(), "{refused}");
    bench.patched(&path, json!({"client_id": client, "name": "new"})).await;
}

#[tokio::test]
async fn an_archived_contract_does_not_change_and_its_external_id_is_free() {
    let (bench, unit, client) = bench().await;
    let alma = bench.simulator.alma();
    let id = bench.made(TENANT, tenant(unit, client)).await;
    alma.archive(AlmaKind::TenantContract, id, true);
    alma.archive(AlmaKind::TenantContract, id, false);
    let path = format!("{TENANT}{id}/");
    assert_eq!(bench.read(&path).await["unit_usage"]["is_archived"], true);
    let refused = bench.refused("PATCH", &path, json!({"name": "new"})).await;
    assert_eq!(refused, whole("It is forbidden to edit the archive usage."));
    let again = bench.made(TENANT, tenant(unit, client)).await;
    assert_eq!(bench.read(&format!("{TENANT}external_id/k/")).await["id"], again);
    assert_eq!(bench.read(TENANT).await.as_array().unwrap().len(), 2);
    assert_eq!(alma.twins(), [""; 0]);
}

#[tokio::test]
async fn an_owner_owns_a_unit_and_no_room() {
    let (bench, unit, client) = bench().await;
    let room = bench.room(unit, "1").await;
    assert!(bench.refused("POST", OWNER, owner(room, client)).await["non_field_errors"].is_array());
    // Owners do not stand in each other's way, nor do rooms in theirs.
    bench.made(OWNER, owner(unit, client)).await;
    bench.made(OWNER, owner(unit, client)).await;
}

#[tokio::test]
async fn tenants_do_not_meet() {
    let (bench, unit, client) = bench().await;
    bench.made(OWNER, owner(unit, client)).await;
    let first = bench.made(TENANT, tenant(unit, client)).await;
    let first = bench.read(&format!("{TENANT}{first}/")).await;
    let text = format!(
        "There are intersections in the use of the unit. Nearest intersection usage id:{} usage \
         type=tenant.",
        first["unit_usage"]["usage_id"]
    );
    let later = |start: &str, end: &str| {
        with(
            tenant(unit, client),
            json!({"external_id": "l", "start_date": start, "end_date": end}),
        )
    };
    for (start, end) in [
        ("2024-12-28T00:00:00", "2025-01-01T00:00:00"),
        ("2024-11-05T00:00:00", "2024-11-06T00:00:00"),
        ("2024-01-01T00:00:00", "2025-01-01T00:00:00"),
    ] {
        let refused = bench.refused("POST", TENANT, later(start, end)).await;
        assert_eq!(refused, whole(&text));
    }
    let next = later("2024-12-29T00:00:00", "2025-01-01T00:00:00");
    let next = bench.made(TENANT, next).await;
    let path = format!("{TENANT}{next}/");
    let earlier = json!({"start_date": "2024-12-20T00:00:00"});
    assert_eq!(bench.refused("PATCH", &path, earlier.clone()).await, whole(&text));
    let archived = first["id"].as_i64().unwrap();
    bench.simulator.alma().archive(AlmaKind::TenantContract, archived, true);
    bench.patched(&path, earlier).await;
}

#[tokio::test]
async fn what_is_divided_blocked_or_archived_is_not_rented() {
    let (bench, unit, client) = bench().await;
    let room = bench.room(unit, "1").await;
    let refused = bench.refused("POST", TENANT, tenant(unit, client)).await;
    assert_eq!(refused, whole("It is not possible to rent a unit divided into rooms"));
    let block = format!("realty/units/{unit}/block/");
    bench.patched(&block, json!({"is_blocked": true})).await;
    let blocked = whole("The unit is blocked and renting is prohibited.");
    for place in [unit, room] {
        assert_eq!(bench.refused("POST", TENANT, tenant(place, client)).await, blocked);
    }
    bench.made(OWNER, owner(unit, client)).await;
    bench.patched(&block, json!({"is_blocked": false})).await;
    bench.made(TENANT, tenant(room, client)).await;
    bench.simulator.alma().archive(AlmaKind::Room, room, true);
    let refused = bench.refused("POST", TENANT, tenant(room, client)).await;
    assert!(refused["unit_id"].is_array(), "{refused}");
    bench.made(TENANT, tenant(unit, client)).await;
}

#[tokio::test]
async fn a_contract_makes_its_client_active() {
    let (bench, unit, client) = bench().await;
    let status = |alma: &simulator::Alma| {
        let client = alma.object(AlmaKind::Client, "c1").unwrap();
        (client.status, client.is_archived)
    };
    let alma = bench.simulator.alma();
    assert_eq!(status(alma), ("unconfirmed".to_owned(), false));
    let rented = bench.made(TENANT, tenant(unit, client)).await;
    let owned = bench.made(OWNER, owner(unit, client)).await;
    assert_eq!(status(alma), ("active".to_owned(), false));
    alma.archive(AlmaKind::TenantContract, rented, true);
    assert_eq!(status(alma), ("active".to_owned(), false));
    alma.archive(AlmaKind::OwnerContract, owned, true);
    assert_eq!(status(alma), ("archived".to_owned(), true));
    bench.made(OWNER, owner(unit, client)).await;
    assert_eq!(status(alma), ("active".to_owned(), false));
}

#[tokio::test]
async fn a_contract_may_have_no_page_by_its_external_id() {
    let bench =
        Bench::start(Options { contracts_by_external_id: false, ..Options::default() }).await;
    bench.simulator.alma().set_today(Some(date(2024, 11, 1)));
    let (_, unit, client) = bench.home().await;
    let id = bench.made(OWNER, owner(unit, client)).await;
    for path in [format!("{OWNER}external_id/k/"), format!("{TENANT}external_id/none/")] {
        let (status, page) = bench.alma_text("GET", &path, None).await;
        assert!(status == 404 && page.contains("<h1>Not Found</h1>"), "{page}");
    }
    bench.patched(&format!("{OWNER}external_id/k/"), json!({"name": "new"})).await;
    assert_eq!(bench.read(&format!("{OWNER}{id}/")).await["name"], "new");
    // The document's other spelling is nowhere.
    for path in
        ["realty/rooms/contracts/owner_contracts/k/", "realty/rooms/contracts/tenant_contracts/k/"]
    {
        assert_eq!(bench.alma_text("GET", path, None).await.0, 404);
    }
    assert_eq!(bench.report().violations, [""; 0]);
}

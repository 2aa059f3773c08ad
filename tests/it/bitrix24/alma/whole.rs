//! The two together: limits, secrets, deaths, and what the commands say.

use simulator::{AlmaKind, BitrixKind, BitrixOptions, Bucket, Endpoint, FaultKind};

use super::{SHARED, WHOLE, rentals};
use crate::bitrix24::bench::{Bench, EVERY_SECOND, clean};
use crate::support::entities::{account_of, envelope, object, person};
use crate::support::{TOKEN, wait_until};

/// So many apartments let whole, each with an owner and a tenant of its own.
fn street(bench: &Bench, count: u64) {
    for id in 1..=count {
        let (unit, owner, tenant) = (1000 + id, 2000 + id, 3000 + id);
        bench.apartment(id, WHOLE, &format!("[{unit}]"));
        bench.unit(unit, id);
        bench.owns(id, id, owner);
        bench.rents(id, unit, tenant);
        bench.person(owner);
        bench.person(tenant);
    }
}

/// All of the street is in Alma, once.
#[track_caller]
fn arrived(bench: &Bench, count: usize) {
    assert_eq!(bench.stuck(), [""; 0]);
    for (kind, expected) in [
        (AlmaKind::Building, 1),
        (AlmaKind::Unit, count),
        (AlmaKind::Room, 0),
        (AlmaKind::Client, 2 * count),
        (AlmaKind::OwnerContract, count),
        (AlmaKind::TenantContract, count),
    ] {
        assert_eq!(bench.alma().objects(kind).len(), expected, "{kind:?}");
    }
    bench.rests();
    bench.verified();
}

#[test]
fn apartments_and_units_with_the_same_numbers_are_kept_apart() {
    let bench = rentals();
    bench.furnish();
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    let [whole, shared] = ["7", "8"].map(|id| bench.id(AlmaKind::Unit, id).to_string());
    let room = bench.id(AlmaKind::Room, "7").to_string();
    let about = |kind, id: &str| bench.field(kind, id, "unit_id");
    assert_eq!(about(AlmaKind::OwnerContract, "1"), whole);
    assert_eq!(about(AlmaKind::OwnerContract, "2"), shared);
    assert_eq!(about(AlmaKind::TenantContract, "1"), whole);
    assert_eq!(about(AlmaKind::TenantContract, "2"), room);
    assert_eq!(bench.alma().objects(AlmaKind::Client).len(), 3);
    bench.rests();
    // A full read brings nothing new either.
    bench.forget_full_reads();
    bench.rests();
}

#[test]
fn an_item_that_is_saved_as_it_is_reaches_nobody() {
    let bench = rentals();
    bench.furnish();
    bench.pass();
    for kind in BitrixKind::ALL {
        for id in bench.portal().ids(kind) {
            bench.portal().touch(kind, id);
        }
    }
    bench.rests();
}

#[test]
fn a_portal_that_has_enough_of_us_delays_and_loses_nothing() {
    let bench = rentals();
    bench
        .portal()
        .set_options(BitrixOptions { bucket: Some(Bucket::USUAL), ..BitrixOptions::default() });
    street(&bench, 4);
    bench.fault(FaultKind::QueryLimit, Endpoint::BitrixList, 1);
    bench.pass();
    arrived(&bench, 4);
    // What has changed cannot be asked for: Alma stays as it is, and the rest goes on.
    let title = "\"Gate 1, new\"";
    bench.portal().change(BitrixKind::Apartment, 1, "title", title);
    bench.fault(FaultKind::QueryLimit, Endpoint::BitrixBatch, 1000);
    let writes = bench.alma().writes();
    bench.fail();
    assert_eq!(bench.alma().writes(), writes);
    bench.simulator.clear_faults();
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "1", "name"), title);
    bench.rests();
}

#[test]
fn a_list_that_cannot_be_read_holds_up_no_more_than_what_needs_it() {
    let bench = rentals();
    bench.furnish();
    bench.fills_alma("units = 999", "");
    bench.fail();
    assert_eq!(
        bench.stuck(),
        [
            "tenant_contract 1 blocked: waits for unit 22, which the ledger does not have",
            "tenant_contract 2 blocked: waits for unit 7, which the ledger does not have",
        ]
    );
    bench.fills_alma("", "");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn nobody_is_named_in_a_log_and_no_secret_anywhere() {
    let bench = rentals();
    bench.furnish();
    let portal = bench.portal();
    let scan = b"scan".as_slice();
    let field = "UF_CRM_20_1696615939";
    portal.add_file(BitrixKind::TenantContract, 1, field, "id.jpg", scan);
    portal.change(BitrixKind::Apartment, 7, "ufCrm6_1686728251990", "\"w1-f1\"");
    portal.change(BitrixKind::Contact, 53, "UF_CRM_1727788747", "\"Ветрова\"");
    let mut told = bench.pass().stderr;
    let said = bench.run(&["alma", "plan"]);
    assert_eq!(said.code, Some(0));
    told.push_str(&said.stderr);
    let said = bench.run(&["status"]);
    told.push_str(&said.stdout);
    told.push_str(&said.stderr);
    portal.set_secret("another");
    told.push_str(&bench.fail().stderr);
    for personal in ["Ветрова", "Инна", "@example.com", "+7900", "+7 900", "w1-f1"] {
        assert!(!told.contains(personal), "{personal}: {told}");
    }
}

#[test]
fn the_commands_say_how_it_stands() {
    let bench = rentals();
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    for system in ["bitrix24", "alma"] {
        let is_well = |line: &str| line.starts_with(system) && line.ends_with("ok");
        assert!(ended.stdout.lines().any(is_well), "{}", ended.stdout);
    }
    bench.furnish();
    bench.portal().change(BitrixKind::Apartment, 8, "ufCrm6_1682232863625", "999");
    // Without Alma all is read and nothing sent.
    bench.configure("");
    bench.pass();
    bench.fills_alma("", "");
    let shown = bench.run(&["alma", "plan"]).stdout;
    for line in [
        "+ building Golden Gate  pending",
        "+ unit 7  pending",
        "    additional_external_id: \"22\"",
        "    subway_station: null",
        "? unit 8  blocked",
        "+ tenant_contract 1  pending",
        "    price: \"5500.00\"",
    ] {
        assert!(shown.lines().any(|known| known == line), "{line}: {shown}");
    }
    let asked = bench.alma().reads();
    assert_eq!(bench.alma().writes(), 0);
    bench.pass();
    assert!(bench.alma().reads() > asked);
    let status = bench.run(&["status"]).stdout;
    for part in ["bitrix24 apartment", "bitrix24 contact", "alma"] {
        assert!(status.contains(part), "{part}: {status}");
    }
    let status = bench.run(&["status", "--json"]).stdout;
    assert!(status.contains("blocked"), "{status}");
    bench.apartment(8, SHARED, "[7]");
    bench.pass();
    let shown = bench.run(&["alma", "plan"]).stdout;
    assert_eq!(shown, "nothing to send: Alma was sent all that the ledger wants\n");
}

#[test]
fn the_service_follows_the_portal_into_alma() {
    let bench = rentals();
    bench.fills_alma(EVERY_SECOND, "");
    bench.furnish();
    let service = bench.service();
    let arrived = |kind, id: &str| bench.alma().object(kind, id).is_some();
    wait_until("the contracts", || {
        arrived(AlmaKind::TenantContract, "1") && arrived(AlmaKind::TenantContract, "2")
    });
    let rent = "ufCrm8_1699620518232";
    bench.portal().change(BitrixKind::Unit, 7, rent, "2500.5");
    wait_until("the new rent", || bench.field(AlmaKind::Room, "7", "goal_rent_cost") == "2500.5");
    bench.portal().change(BitrixKind::Contact, 51, "NAME", "\"Анна\"");
    wait_until("the new name", || bench.field(AlmaKind::Client, "51", "first_name") == "\"Анна\"");
    clean(&service.log());
    service.signal("TERM");
    let ended = service.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    bench.rests();
    bench.verified();
}

#[test]
fn the_service_killed_again_and_again_makes_nothing_twice() {
    const APARTMENTS: usize = 20;
    let bench = rentals();
    let portal = format!("{EVERY_SECOND}\nfull_every = \"1s\"");
    bench.fills_alma(&portal, "schedule = \"* * * * * *\"");
    street(&bench, APARTMENTS as u64);
    let made = || {
        let kinds = AlmaKind::ALL.into_iter();
        let counts = kinds.map(|kind| bench.alma().objects(kind).len());
        counts.sum::<usize>()
    };
    for part in [1, 12, 33, 55, 80] {
        let service = bench.service();
        wait_until("a further part of it", || made() >= part);
        clean(&service.log());
        service.kill();
    }
    bench.fills_alma("", "");
    bench.pass();
    arrived(&bench, APARTMENTS);
}

#[test]
fn answers_that_are_lost_make_nothing_twice() {
    let bench = rentals();
    bench.furnish();
    for endpoint in [
        Endpoint::AlmaBuildings,
        Endpoint::AlmaUnits,
        Endpoint::AlmaRooms,
        Endpoint::AlmaClients,
        Endpoint::AlmaOwnerContracts,
        Endpoint::AlmaTenantContracts,
    ] {
        bench.fault(FaultKind::LostAnswer, endpoint, 2);
    }
    for _ in 0..6 {
        drop(bench.run(&["run", "--once"]));
    }
    bench.simulator.clear_faults();
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.alma().objects(AlmaKind::Client).len(), 3);
    bench.rests();
}

#[test]
fn a_ledger_that_filled_alma_from_uzhkh_goes_on_with_bitrix24() {
    let bench = rentals();
    let simulator = &bench.simulator;
    let queue = format!("[uzhkh]\nbase_url = {:?}\ntoken = {TOKEN:?}\n", simulator.base_url());
    let access = format!(
        "[alma]\nbase_url = {:?}\napi_key = {:?}\n",
        bench.alma().base_url(),
        bench.alma().api_key()
    );
    let object = object("o1");
    let account = account_of("a1", &[person("r1")]);
    for (guid, member, entity) in [("g1", "Obj", &object), ("g2", "Account", &account)] {
        simulator.uzhkh().push_request(envelope(guid, member, entity));
    }
    bench.furnish();
    bench.configure(&format!("{queue}{access}"));
    bench.pass();
    let of_uzhkh = ["building h4", "client r1", "owner_contract a1:r1", "unit o1"];
    assert_eq!(bench.stand(), of_uzhkh.map(|object| format!("{object} synced")));
    let writes = bench.alma().writes();
    bench.configure(&format!("{queue}{access}source = \"bitrix24\"\n"));
    bench.pass();
    // What came from UZhKH is wanted by nobody any more, which the operator decides.
    let stand = bench.stand();
    for object in of_uzhkh {
        assert!(stand.contains(&format!("{object} held")), "{object}: {stand:?}");
    }
    let others = stand.len() - of_uzhkh.len();
    let synced = stand.iter().filter(|line| line.ends_with(" synced"));
    assert_eq!((others, synced.count()), (11, 11), "{stand:?}");
    assert!(!bench.held(AlmaKind::Unit, "o1").is_archived);
    assert_eq!(bench.alma().writes(), writes + 11);
    bench.rests();
    // And back again.
    bench.configure(&format!("{queue}{access}"));
    bench.pass();
    let stand = bench.stand();
    for object in of_uzhkh {
        assert!(stand.contains(&format!("{object} synced")), "{object}: {stand:?}");
    }
    assert!(stand.contains(&"unit 7 held".to_owned()), "{stand:?}");
    assert_eq!(bench.alma().writes(), writes + 11);
}

//! What Alma has already is adopted, whoever put it there, and only what differs by
//! meaning is written.

use simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::alma::wire::{
    BUILDINGS, CLIENTS, OWNER_CONTRACTS, TENANT_CONTRACTS, UNITS, patch, post,
};
use crate::support::Bench;

/// What people put into Alma; `changes` are what they put differently.
struct Put<'b> {
    bench: &'b Bench,
    changes: &'static [(&'static str, &'static str)],
}

impl Put<'_> {
    fn put(&self, kind: AlmaKind, fields: &str) -> i64 {
        let mut fields = fields.to_owned();
        for (from, to) in self.changes {
            fields = fields.replace(from, to);
        }
        self.bench.alma().create(kind, &fields)
    }

    fn building(&self, name: &str) -> i64 {
        let fields = format!(r#"{{"name":"{name}","project":207}}"#);
        self.put(AlmaKind::Building, &fields)
    }

    fn unit(&self, id: &str, building: i64) -> i64 {
        self.put(
            AlmaKind::Unit,
            &format!(
                r#"{{"external_id":"{id}","name":"12","header":"ул. Лодочная, д. 4, кв. 12","building":{building},"property_type":"apartment","number":"12","internal_area":54.30,"address":"ул. Лодочная, д. 4, кв. 12","number_of_bedrooms":2,"number_of_baths":0,"is_roof_garden":false,"parking":"not_applicable","is_swimming_pool":false,"total_buildable_area":54.3,"floor":3}}"#
            ),
        )
    }

    fn client(&self, id: &str) -> i64 {
        self.put(
            AlmaKind::Client,
            &format!(
                r#"{{"external_id":"{id}","first_name":"Инна","last_name":"Ветрова","email":"{id}@example.invalid","phone":"+70000000001","country":4}}"#
            ),
        )
    }

    fn owner_contract(&self, id: &str, unit: i64, client: i64) -> i64 {
        let terms = terms(id, unit, client);
        let fields = format!(r#"{{{terms},"work_model":"Long term"}}"#);
        self.put(AlmaKind::OwnerContract, &fields)
    }

    fn tenant_contract(&self, id: &str, unit: i64, client: i64) -> i64 {
        let terms = terms(id, unit, client);
        let fields = format!(r#"{{{terms},"price":"0","type_contract":"Long-term 3+ months"}}"#);
        self.put(AlmaKind::TenantContract, &fields)
    }

    /// Everything that UZhKH's o1, a1, r1 and r2 become.
    fn all(&self) -> [i64; 6] {
        let building = self.building("Лодочная, 4");
        let unit = self.unit("o1", building);
        let (r1, r2) = (self.client("r1"), self.client("r2"));
        let owners = self.owner_contract("a1:r1", unit, r1);
        let tenants = self.tenant_contract("a1:r2", unit, r2);
        [building, unit, r1, r2, owners, tenants]
    }
}

fn terms(id: &str, unit: i64, client: i64) -> String {
    format!(
        r#""external_id":"{id}","unit_id":{unit},"client_id":{client},"name":"ЛС 1001","start_date":"2023-01-15T10:00:00Z","end_date":"2099-12-31T23:59:59""#
    )
}

fn people(bench: &Bench) -> Put<'_> {
    Put { bench, changes: &[] }
}

#[test]
fn what_is_there_and_means_the_same_is_adopted_without_a_write() {
    let bench = both().start();
    let ids = people(&bench).all();
    bench.furnish();
    bench.pass_writes_only(&[]);
    let known = bench.lines("SELECT alma_id FROM alma_object WHERE state = 'synced' ORDER BY 1");
    let mut ids = ids.map(|id| id.to_string());
    ids.sort();
    assert_eq!(known.len(), 6);
    assert!(ids.iter().all(|id| known.contains(id)), "{known:?}");
}

#[test]
fn of_what_is_there_and_differs_only_that_is_written() {
    let bench = both().start();
    let put = Put {
        bench: &bench,
        changes: &[
            (r#""name":"12""#, r#""name":"12 old""#),
            (r#""floor":3"#, r#""floor":null"#),
            ("+70000000001", "+79000000009"),
            ("Long term", "TM 20%"),
            (r#""price":"0""#, r#""price":"100.50""#),
            ("2099-12-31", "2098-12-31"),
        ],
    };
    let [building, unit, r1, r2, owners, tenants] = put.all();
    bench.furnish();
    let phone = r#"{"phone":"+70000000001"}"#;
    bench.pass_writes_only(&[
        patch(UNITS, unit, &format!(r#"{{"name":"12","floor":3,"building":{building}}}"#)),
        patch(CLIENTS, r1, phone),
        patch(CLIENTS, r2, phone),
        patch(
            OWNER_CONTRACTS,
            owners,
            r#"{"end_date":"2099-12-31T00:00:00","work_model":"Long term"}"#,
        ),
        // UZhKH knows no rent: the one that people have typed in stays.
        patch(TENANT_CONTRACTS, tenants, r#"{"end_date":"2099-12-31T00:00:00"}"#),
    ]);
}

#[test]
fn what_people_typed_in_and_uzhkh_does_not_say_stays() {
    let bench = both().start();
    let put = Put {
        bench: &bench,
        changes: &[
            (r#""number_of_baths":0"#, r#""number_of_baths":2"#),
            (r#""is_swimming_pool":false"#, r#""is_swimming_pool":true"#),
            (r#""property_type":"apartment""#, r#""property_type":"detached_villa""#),
            (r#""name":"12""#, r#""name":"12A""#),
        ],
    };
    let unit = put.unit("o1", put.building("Лодочная, 4"));
    let said = flat("o1", "12");
    let bare = said
        .replace(r#""SquareAll":54.3"#, r#""SquareAll":null"#)
        .replace(r#""CountRooms":"2""#, r#""CountRooms":null"#)
        .replace(r#""FlatNumber":"12""#, r#""FlatNumber":null"#);
    assert_eq!(bare.matches("null").count(), said.matches("null").count() + 3, "{bare}");
    bench.say("Obj", &bare);
    bench.pass_writes_only(&[]);
    assert_eq!(bench.state("unit", "o1"), "synced");
    bench.rests();
    // What UZhKH says from now on is sent, and only that.
    bench.say("Obj", &bare.replace(r#""SquareAll":null"#, r#""SquareAll":60"#));
    bench.pass_writes_only(&[patch(
        UNITS,
        unit,
        r#"{"internal_area":60,"total_buildable_area":60}"#,
    )]);
}

#[test]
fn a_flat_that_people_put_into_another_building_is_adopted_and_moved() {
    let bench = both().start();
    let put = people(&bench);
    let elsewhere = put.building("Парусная, 1");
    let unit = put.unit("o1", elsewhere);
    bench.say("Obj", &flat("o1", "12"));
    let writes = bench.pass_writes();
    let building = bench.building("Лодочная, 4");
    let moved = format!(r#"{{"building":{building}}}"#);
    assert_eq!(writes.len(), 2);
    assert_eq!(writes[0], patch(UNITS, unit, &moved));
    bench.rests();
}

#[test]
fn a_building_of_the_same_name_in_another_project_is_not_taken() {
    let bench = both().start();
    let fields = r#"{"name":"Лодочная, 4","project":208}"#;
    let other = bench.alma().create(AlmaKind::Building, fields);
    bench.say("Obj", &flat("o1", "12"));
    let writes = bench.pass_writes();
    assert_eq!(writes[0], post(BUILDINGS, r#"{"name":"Лодочная, 4","project":207}"#));
    let unit = bench.held(AlmaKind::Unit, "o1");
    assert_ne!(unit.fields["building"], other.to_string());
    bench.rests();
}

#[test]
fn of_two_buildings_of_one_name_the_one_of_our_project_is_taken() {
    let bench = both().start();
    let ours = people(&bench).building("Лодочная, 4");
    // The newest stands first in the list.
    let fields = r#"{"name":"Лодочная, 4","project":208}"#;
    bench.alma().create(AlmaKind::Building, fields);
    bench.say("Obj", &flat("o1", "12"));
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "o1", "building"), ours.to_string());
    assert_eq!(bench.alma().objects(AlmaKind::Building).len(), 2);
    bench.rests();
}

#[test]
fn pictures_that_people_put_there_stay() {
    let bench = both().start();
    let put = people(&bench);
    let unit = put.unit("o1", put.building("Лодочная, 4"));
    let picture = bench.upload();
    let photos = format!(r#"[{{"external_file_id":{picture}}}]"#);
    bench.alma().edit(AlmaKind::Unit, unit, "photos", &photos);
    bench.say("Obj", &flat("o1", "12"));
    bench.pass_writes_only(&[]);
    bench.say("Obj", &flat("o1", "13"));
    assert_eq!(bench.pass_writes().len(), 1);
    assert_eq!(bench.field(AlmaKind::Unit, "o1", "photos"), photos);
    // A flat that was archived, and is known no more, comes back.
    bench.alma().archive(AlmaKind::Unit, unit, true);
    bench.say("Obj", &flat("o1", "14"));
    bench.pass();
    let released = bench.run(&["alma", "release", "unit", "o1"]);
    assert_eq!(released.code, Some(0), "{}", released.stderr);
    bench.pass();
    assert_eq!(bench.state("unit", "o1"), "synced");
    assert_eq!(bench.field(AlmaKind::Unit, "o1", "photos"), photos);
}

#[test]
fn a_contract_that_only_the_list_shows_is_found_there() {
    let bench = both().options(|options| options.contracts_by_external_id = false).start();
    people(&bench).all();
    bench.furnish();
    bench.pass_writes_only(&[]);
    bench
        .say("Account", &account("a1", "o1", &[owner("r1"), tenant("r2")]).replace("1001", "1002"));
    assert_eq!(bench.pass_writes().len(), 2);
    bench.rests();
}

#[test]
fn of_several_contracts_with_one_id_the_one_in_force_is_adopted() {
    for by_external_id in [true, false] {
        let bench =
            both().options(|options| options.contracts_by_external_id = by_external_id).start();
        let put = people(&bench);
        let [_, unit, _, r2, _, first] = put.all();
        let alma = bench.alma();
        alma.archive(AlmaKind::TenantContract, first, true);
        let second = put.tenant_contract("a1:r2", unit, r2);
        let third = put.tenant_contract("a1:r2", unit, r2);
        alma.archive(AlmaKind::TenantContract, third, true);
        bench.furnish();
        bench.pass_writes_only(&[]);
        assert_eq!(
            bench.one("SELECT alma_id FROM alma_object WHERE kind = 'tenant_contract'"),
            second.to_string()
        );
    }
}

#[test]
fn a_contract_of_another_client_is_held_and_another_made_when_it_was_ended() {
    let bench = both().start();
    let put = people(&bench);
    let [.., r1, _, owners, _] = put.all();
    let other = put.client("r7");
    bench.alma().edit(AlmaKind::OwnerContract, owners, "client_id", &other.to_string());
    bench.furnish();
    bench.pass_writes_only(&[]);
    assert_eq!(bench.state("owner_contract", "a1:r1"), "held");
    let reason = bench.reason("owner_contract", "a1:r1");
    assert!(reason.contains("another client"), "{reason}");
    bench.alma().archive(AlmaKind::OwnerContract, owners, true);
    let released = bench.run(&["alma", "release", "owner_contract", "a1:r1"]);
    assert_eq!(released.code, Some(0), "{}", released.stderr);
    let writes = bench.pass_writes();
    assert_eq!(writes.len(), 1, "{writes:?}");
    assert!(writes[0].starts_with("POST"), "{writes:?}");
    assert_eq!(bench.field(AlmaKind::OwnerContract, "a1:r1", "client_id"), r1.to_string());
    bench.rests();
}

#[test]
fn a_contract_about_the_room_that_alma_resolves_to_is_left_as_it_is() {
    let bench = both().start();
    let put = people(&bench);
    let [_, unit, _, _, _, tenants] = put.all();
    let fields = format!(
        r#"{{"external_id":"o1","name":"1","parent_unit":{unit},"property_type":"room","internal_area":0}}"#
    );
    let room = bench.alma().create(AlmaKind::Room, &fields);
    let alma = bench.alma();
    alma.edit(AlmaKind::TenantContract, tenants, "unit_id", &room.to_string());
    bench.furnish();
    bench.pass_writes_only(&[]);
}

#[test]
fn contracts_wait_where_alma_finds_a_strangers_flat_under_the_number_of_theirs() {
    let bench = both().start();
    let put = people(&bench);
    let stranger = put.unit("900", put.building("Парусная, 1"));
    let also_called = |number: &str, is_used: bool| {
        let edit = |field, value: &str| bench.alma().edit(AlmaKind::Unit, stranger, field, value);
        edit("additional_external_id", &format!("\"{number}\""));
        edit("is_used_additional_external_id", &is_used.to_string());
    };
    also_called("o1", true);
    bench.furnish();
    bench.pass();
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    let contracts = [(AlmaKind::OwnerContract, "a1:r1"), (AlmaKind::TenantContract, "a1:r2")];
    for (kind, id) in contracts {
        assert_eq!(bench.state(kind.word(), id), "blocked");
        let reason = bench.reason(kind.word(), id);
        let both_named = format!(
            "it is about unit o1 (Alma's id {unit}), and Alma finds under o1 (rental_object) another live one, \
             unit 900 (Alma's id {stranger})"
        );
        assert!(reason.starts_with(&both_named), "{reason}");
        assert!(bench.alma().objects(kind).is_empty());
    }
    bench.rests();
    // People put the stranger's number right.
    also_called("", false);
    for (kind, id) in contracts {
        bench.orders(&["retry", kind.word(), id]);
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    for (kind, id) in contracts {
        assert_eq!(bench.field(kind, id, "unit_id"), unit.to_string());
    }
    bench.rests();
}

//! Every call, against an Alma that keeps its document's rules.

use sha2::{Digest, Sha256};
use simulator::{self, Options};
use uzhkh_ledger::alma::Fields;
use uzhkh_ledger::alma::api::{At, Error, File, RentalObject};
use uzhkh_ledger::http;
use uzhkh_ledger::ledger::AlmaKind;

use super::wire::{
    Wire, client, external, json, of, owner_contract, room, staged, tenant_contract, unit, wire,
    wired,
};

/// Makes an object and reads it back by either id: it is what was written.
async fn round(wire: &Wire, kind: AlmaKind, fields: &str) -> i64 {
    let id = wire.create(kind, fields).await;
    let object = wire.read(kind, id).await;
    assert_eq!(object.id, id);
    assert!(!object.is_archived);
    let written = of(fields);
    assert_eq!(
        written.changed_from(&object.fields),
        Fields::default(),
        "{kind}: {:?}",
        object.fields
    );
    let name = written.string("external_id");
    assert_eq!(object.external_id, name);
    if let Some(name) = name {
        let again = wire.api.read(kind, &At::ExternalId(name.clone())).await;
        assert_eq!(again.unwrap().as_ref(), Some(&object));
        let rows = wire.api.list(kind).await.unwrap();
        let row = rows.iter().find(|row| row.id == id).unwrap();
        assert_eq!(row.external_id, Some(name));
    }
    id
}

#[tokio::test]
async fn every_kind_reads_back_as_it_was_written() {
    let wire = wire().await;
    let fields = r#"{"name":"Садовая, 1","project":207}"#;
    let building = round(&wire, AlmaKind::Building, fields).await;
    let apartment = round(&wire, AlmaKind::Unit, &unit(building, "u/1")).await;
    let shared = round(&wire, AlmaKind::Unit, &unit(building, "u?2")).await;
    let bed = round(&wire, AlmaKind::Room, &room(shared, "r%2F1")).await;
    let person = round(&wire, AlmaKind::Client, &client("Анна №1")).await;
    round(&wire, AlmaKind::OwnerContract, &owner_contract(shared, person)).await;
    for about in [apartment, bed] {
        let fields = tenant_contract(about, person, "2025-08-21", "2025-08-25");
        round(&wire, AlmaKind::TenantContract, &fields).await;
    }
    wire.clean();
}

#[tokio::test]
async fn lists_show_what_the_document_has_of_each_kind() {
    let wire = wire().await;
    let building = wire.building().await;
    let apartment = wire.unit(building, "u1").await;
    let person = wire.client("c1").await;
    wire.alma().edit(simulator::AlmaKind::Client, person, "external_id", "\"\"");
    let rows = wire.api.list(AlmaKind::Building).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].id, rows[0].name.as_deref()), (building, Some("Садовая, 1")));
    assert_eq!((&rows[0].external_id, &rows[0].email), (&None, &None));
    let rows = wire.api.list(AlmaKind::Unit).await.unwrap();
    assert_eq!((rows[0].id, rows[0].name.as_deref()), (apartment, Some("u1")));
    let rows = wire.api.list(AlmaKind::Client).await.unwrap();
    assert_eq!(rows[0].email.as_deref(), Some("anna-2@example.com"));
    assert_eq!((&rows[0].external_id, &rows[0].name), (&None, &None));
    for empty in [AlmaKind::Room, AlmaKind::OwnerContract, AlmaKind::TenantContract] {
        assert_eq!(wire.api.list(empty).await.unwrap(), []);
    }
    wire.clean();
}

#[tokio::test]
async fn what_is_not_there_is_nothing() {
    let wire = wire().await;
    for kind in AlmaKind::ALL {
        for at in [At::Id(7), external("none"), external("a/../b?c#d%")] {
            assert_eq!(wire.api.read(kind, &at).await.unwrap(), None, "{kind} {at:?}");
        }
    }
    assert_eq!(wire.api.rental_object("none").await.unwrap(), None);
    wire.clean();
}

#[tokio::test]
async fn a_contract_that_cannot_be_asked_for_by_external_id_is_in_the_list() {
    let options = Options { contracts_by_external_id: false, ..Options::default() };
    let wire = wired(options, "").await;
    let building = wire.building().await;
    let (apartment, person) = (wire.unit(building, "u1").await, wire.client("c1").await);
    let contract = owner_contract(apartment, person);
    let id = wire.create(AlmaKind::OwnerContract, &contract).await;
    let found = wire.api.read(AlmaKind::OwnerContract, &external("ЛС:1")).await;
    assert_eq!(found.unwrap(), None);
    let rows = wire.api.list(AlmaKind::OwnerContract).await.unwrap();
    assert_eq!((rows[0].id, rows[0].external_id.as_deref()), (id, Some("ЛС:1")));
    wire.clean();
}

#[tokio::test]
async fn a_path_by_external_id_that_is_for_patch_alone_finds_no_contract() {
    for kind in [AlmaKind::OwnerContract, AlmaKind::TenantContract] {
        let detail = r#"{"detail":"Method \"GET\" not allowed."}"#;
        let (_server, api) = staged(vec![json("405 Method Not Allowed", detail)]).await;
        assert_eq!(api.read(kind, &external("ЛС:1")).await.unwrap(), None);
    }
}

#[tokio::test]
async fn fields_are_changed_by_either_id() {
    let wire = wire().await;
    let building = wire.building().await;
    let apartment = wire.unit(building, "дом/1").await;
    let fields = of(r#"{"floor":-1,"internal_area":45.35,"keybox_code":"7"}"#);
    let at = external("дом/1");
    wire.api.change(AlmaKind::Unit, &at, &fields).await.unwrap();
    let object = wire.read(AlmaKind::Unit, apartment).await;
    assert_eq!(object.fields.get("floor"), Some("-1"));
    assert_eq!(object.fields.get("internal_area"), Some("45.35"));
    assert_eq!(object.fields.string("keybox_code").as_deref(), Some("7"));
    let name = format!(r#"{{"name":"2","building":{building}}}"#);
    wire.change(AlmaKind::Unit, apartment, &name).await.unwrap();
    let object = wire.read(AlmaKind::Unit, apartment).await;
    assert_eq!(object.fields.string("name").as_deref(), Some("2"));
    let gone = wire.change(AlmaKind::Unit, 7, &name).await.unwrap_err();
    assert_eq!((gone.status(), gone.is_final()), (Some(404), false));
    wire.clean();
}

#[tokio::test]
async fn a_unit_is_archived_with_its_contracts_and_comes_back_without_them() {
    let wire = wire().await;
    let building = wire.building().await;
    let (apartment, person) = (wire.unit(building, "u1").await, wire.client("c1").await);
    let contract = owner_contract(apartment, person);
    let contract = wire.create(AlmaKind::OwnerContract, &contract).await;
    let at = external("u1");
    let archived = wire.api.archive(AlmaKind::Unit, &at, true).await;
    archived.unwrap();
    assert!(wire.read(AlmaKind::Unit, apartment).await.is_archived);
    assert!(wire.read(AlmaKind::OwnerContract, contract).await.is_archived);
    assert!(!wire.read(AlmaKind::Client, person).await.is_archived);
    let at = At::Id(apartment);
    wire.api.archive(AlmaKind::Unit, &at, false).await.unwrap();
    assert!(!wire.read(AlmaKind::Unit, apartment).await.is_archived);
    assert!(wire.read(AlmaKind::OwnerContract, contract).await.is_archived);
    wire.clean();
}

#[tokio::test]
async fn a_block_is_made_ended_and_refused() {
    let wire = wire().await;
    let building = wire.building().await;
    let apartment = wire.unit(building, "u1").await;
    let bed = wire.create(AlmaKind::Room, &room(apartment, "r1")).await;
    wire.api.block(AlmaKind::Room, &At::Id(bed), true).await.unwrap();
    let blocked = |id| {
        let object = wire.alma().object(simulator::AlmaKind::Room, id);
        object.unwrap().is_blocked
    };
    assert!(blocked("r1"));
    let error = wire.api.block(AlmaKind::Room, &external("r1"), true).await;
    assert!(error.unwrap_err().is_refusal());
    let at = external("r1");
    wire.api.block(AlmaKind::Room, &at, false).await.unwrap();
    assert!(!blocked("r1"));
    wire.clean();
}

#[tokio::test]
async fn only_units_and_rooms_are_archived_and_blocked() {
    let wire = wire().await;
    for kind in AlmaKind::ALL {
        if matches!(kind, AlmaKind::Unit | AlmaKind::Room) {
            continue;
        }
        let archived = wire.api.archive(kind, &At::Id(1), true).await.unwrap_err();
        let blocked = wire.api.block(kind, &At::Id(1), true).await.unwrap_err();
        for error in [archived, blocked] {
            assert!(matches!(error, Error::NotSent { .. }), "{error}");
            assert_eq!(error.class(), http::Class::Reject);
            assert!(error.is_refusal());
            assert_eq!((error.sent(), error.status()), (http::Sent::No, None));
            assert!(error.in_full().contains("web interface"), "{error}");
        }
    }
    assert_eq!(wire.alma().writes(), 0);
}

#[tokio::test]
async fn an_id_that_no_address_can_name_is_not_asked_for() {
    let wire = wire().await;
    for id in ["", ".", ".."] {
        let read = wire.api.read(AlmaKind::Unit, &external(id)).await;
        let found = wire.api.rental_object(id).await;
        for error in [read.unwrap_err(), found.unwrap_err()] {
            assert!(matches!(error, Error::NotSent { .. }), "{error}");
            assert!(error.to_string().contains("which no address can name"));
        }
    }
    assert_eq!(wire.alma().reads(), 0);
}

#[tokio::test]
async fn a_rental_object_is_a_unit_or_a_room() {
    let wire = wire().await;
    let building = wire.building().await;
    let shared = wire.unit(building, "u1").await;
    let bed = wire.create(AlmaKind::Room, &room(shared, "r1")).await;
    let whole = wire.unit(building, "u22").await;
    let alone = r#"{"additional_external_id":"r2","is_used_additional_external_id":true}"#;
    wire.change(AlmaKind::Unit, whole, alone).await.unwrap();
    let found = async |id: &str| wire.api.rental_object(id).await.unwrap().unwrap();
    let expected = RentalObject {
        id: shared,
        external_id: Some("u1".to_owned()),
        additional_external_id: None,
        is_used_additional_external_id: false,
        parent_unit: None,
    };
    assert_eq!(found("u1").await, expected);
    let room = found("r1").await;
    assert_eq!((room.id, room.parent_unit), (bed, Some(shared)));
    let whole_by_room = found("r2").await;
    assert_eq!(whole_by_room.id, whole);
    assert_eq!(whole_by_room.additional_external_id.as_deref(), Some("r2"));
    assert!(whole_by_room.is_used_additional_external_id);
    wire.clean();
}

#[tokio::test]
async fn a_file_is_handed_over_and_shown_as_a_photo_and_a_scan() {
    let wire = wired(Options::default(), "upload_part = \"image\"").await;
    let content = b"\x89PNG\r\n--\r\n\0";
    let file = File::Content(http::File {
        name: "план \"1\".png".to_owned(),
        content_type: "image/png".to_owned(),
        length: content.len() as u64,
        content: Box::new(&content[..]),
    });
    let id = wire.api.upload(file).await.unwrap();
    let link = File::Link("https://portal.example/file?token=1");
    let linked = wire.api.upload(link).await.unwrap();
    let files = wire.alma().files();
    assert_eq!((files[0].id, files[1].id), (id, linked));
    let hash = Sha256::digest(content);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(files[0].sha256.as_deref(), Some(hash.as_str()));
    assert_eq!(files[1].url.as_deref(), Some("https://portal.example/file?token=1"));
    let building = wire.building().await;
    let apartment = wire.unit(building, "u1").await;
    let photos = format!(r#"{{"photos":[{{"external_file_id":{id}}}]}}"#);
    wire.change(AlmaKind::Unit, apartment, &photos).await.unwrap();
    let object = wire.read(AlmaKind::Unit, apartment).await;
    let kept = object.fields.get("photos").unwrap().to_owned();
    assert!(kept.starts_with("[{\"id\":") && kept.ends_with("}]"), "{kept}");
    let both =
        format!(r#"{{"photos":[{},{{"external_file_id":{linked}}}]}}"#, &kept[1..kept.len() - 1]);
    wire.change(AlmaKind::Unit, apartment, &both).await.unwrap();
    let object = wire.read(AlmaKind::Unit, apartment).await;
    let photos = object.fields.get("photos").unwrap();
    assert!(photos.starts_with(&kept[..kept.len() - 1]), "{photos}");
    assert_eq!(photos.matches("\"id\"").count(), 2, "{photos}");
    let person = wire.client("c1").await;
    let scan = format!(r#"{{"passport_scan":{id}}}"#);
    wire.change(AlmaKind::Client, person, &scan).await.unwrap();
    let object = wire.read(AlmaKind::Client, person).await;
    let path = object.fields.string("passport_scan").unwrap();
    assert!(path.starts_with("/private-media/"), "{path}");
    assert_eq!(object.fields.get("id_scan"), Some("null"));
    wire.clean();
}

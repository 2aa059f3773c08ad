//! The keys of `[alma]` that say what arrives.

use simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner};
use crate::alma::wire::{OWNER_CONTRACTS, TENANT_CONTRACTS, patch};

#[test]
fn the_words_of_the_config_arrive_and_another_word_changes_all() {
    let bench = both()
        .alma("work_model = \"TM 10%\"")
        .alma("type_contract = \"Airbnb\"")
        .alma("open_ended_date = \"2090-01-02\"")
        .start();
    bench.furnish();
    bench.pass();
    let owners = bench.held(AlmaKind::OwnerContract, "a1:r1");
    assert_eq!(owners.fields["work_model"], r#""TM 10%""#);
    assert_eq!(owners.fields["end_date"], r#""2090-01-02T00:00:00""#);
    let rent = bench.held(AlmaKind::TenantContract, "a1:r2");
    assert_eq!(rent.fields["type_contract"], r#""Airbnb""#);
    bench.rests();
    bench.rewrite_config("2090-01-02", "2091-01-02");
    let end = r#"{"end_date":"2091-01-02T00:00:00"}"#;
    bench.pass_writes_only(&[
        patch(OWNER_CONTRACTS, owners.id, end),
        patch(TENANT_CONTRACTS, rent.id, end),
    ]);
}

#[test]
fn only_objects_of_the_configured_types_become_units() {
    let of_type = |id: &str, kind: &str| {
        flat(id, id).replace(r#""TypeObject":"Квартира""#, &format!(r#""TypeObject":"{kind}""#))
    };
    let types =
        [("o1", "Квартира"), ("o2", "Апартаменты"), ("o3", "Нежилое помещение"), ("o4", "Паркинг")];
    for (line, expected) in
        [("", ["o1", "o2"]), ("unit_types = [\"Паркинг\", \"Квартира\"]", ["o1", "o4"])]
    {
        let bench = both().alma(line).start();
        for (id, kind) in types {
            bench.say("Obj", &of_type(id, kind));
        }
        let persons = [owner("r1")];
        bench.say("Account", &account("a3", "o3", &persons));
        bench.pass();
        let units = bench.alma().objects(AlmaKind::Unit);
        let mut ids: Vec<&str> = units.iter().map(|unit| unit.external_id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, expected);
        assert!(
            bench.alma().objects(AlmaKind::Client).is_empty(),
            "who owns what is no unit is no client"
        );
        bench.rests();
    }
}

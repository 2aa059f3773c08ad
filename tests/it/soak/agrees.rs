//! What the ledger and the systems hold at the end, and what was done once.

use std::collections::{BTreeMap, BTreeSet};

use simulator::{AlmaKind, BitrixKind, FeedKind};

use super::world::{HOUSE, World};

pub(super) fn check(world: &World) {
    world.bench.check_promises();
    mirrors_are_whole(world);
    decisions_were_sent_once(world);
    bookings_were_made_once(world);
    alma_has_no_twins(world);
    backups_are_sound(world);
}

fn live(world: &World, source: &str, kind: &str) -> BTreeSet<String> {
    let sql = format!(
        "SELECT id FROM record WHERE source = '{source}' AND kind = '{kind}' AND deleted_at IS NULL"
    );
    world.bench.lines(&sql).into_iter().collect()
}

fn mirrors_are_whole(world: &World) {
    let ids = |kind| -> BTreeSet<String> {
        world.bench.domoplaner().ids(kind).iter().map(u64::to_string).collect()
    };
    assert_eq!(live(world, "domoplaner", "premises"), ids(FeedKind::Premises));
    // A deals feed never deletes.
    let deals = live(world, "domoplaner", "deal");
    assert!(deals.is_superset(&ids(FeedKind::Deals)), "deals are missing");

    let flats = world.macrocrm().ready_flats();
    let flats = flats.iter().map(|flat| format!("{}/any/{}", flat.house_id, flat.flat_num));
    assert_eq!(live(world, "macrocrm", "ready_flat"), flats.collect());

    for (kind, word) in [
        (BitrixKind::Apartment, "apartment"),
        (BitrixKind::Unit, "unit"),
        (BitrixKind::OwnerContract, "owner_contract"),
        (BitrixKind::TenantContract, "tenant_contract"),
        (BitrixKind::Contact, "contact"),
    ] {
        let ids = world.bench.simulator.bitrix24().ids(kind);
        let ids: BTreeSet<String> = ids.iter().map(u64::to_string).collect();
        assert_eq!(live(world, "bitrix24", word), ids, "{word}");
    }
}

/// A call's state by the value of one of its parameters.
fn calls(world: &World, op: &str, parameter: &str) -> BTreeMap<String, String> {
    let sql = format!(
        "SELECT params ->> '$.{parameter}', state FROM call WHERE op = '{op}' ORDER BY seq"
    );
    let rows = world.bench.lines(&sql);
    let calls = rows.iter().filter_map(|row| row.split_once('|'));
    calls.map(|(name, state)| (name.to_owned(), state.to_owned())).collect()
}

fn decisions_were_sent_once(world: &World) {
    let arrived = world.bench.report().register_decisions;
    let calls = calls(world, "HandleRequestToRegister", "id");
    assert_eq!(calls.len(), world.decided as usize, "{calls:?}");
    for (id, state) in calls {
        let times: u64 = arrived.get(&id).into_iter().flatten().map(|one| one.times).sum();
        assert!(times <= 1, "{id} was decided {times} times");
        match state.as_str() {
            "done" => assert_eq!(times, 1, "{id} was not decided, and is said to be"),
            "failed" => assert_eq!(times, 0, "{id} was decided, and is said not to be"),
            // A person has to look.
            "unknown" => {}
            other => panic!("{id} is left {other}"),
        }
    }
}

fn bookings_were_made_once(world: &World) {
    let mut made = BTreeMap::new();
    for booking in world.macrocrm().bookings() {
        if booking.house_id == HOUSE && booking.refused.is_none() {
            *made.entry(booking.flat_num).or_insert(0) += 1;
        }
    }
    for (flat, state) in calls(world, "add", "flat_num") {
        let times = made.remove(&flat).unwrap_or_default();
        assert!(times <= 1, "{flat} was booked {times} times");
        match state.as_str() {
            "done" => assert_eq!(times, 1, "{flat} was not booked, and is said to be"),
            "failed" => assert_eq!(times, 0, "{flat} was booked, and is said not to be"),
            "unknown" => {}
            other => panic!("{flat} is left {other}"),
        }
    }
    assert!(made.is_empty(), "booked without a word: {made:?}");
}

fn alma_has_no_twins(world: &World) {
    let alma = world.bench.alma();
    assert_eq!(alma.twins(), [""; 0], "twins in Alma");
    let synced = "SELECT external_id || '|' || alma_id FROM alma_object \
         WHERE kind = 'unit' AND state = 'synced' AND alma_id IS NOT NULL";
    let synced = world.bench.lines(synced);
    for row in &synced {
        let (external_id, alma_id) = row.rsplit_once('|').unwrap();
        let there = alma.object(AlmaKind::Unit, external_id);
        let there = there.map(|object| object.id.to_string());
        assert_eq!(there.as_deref(), Some(alma_id), "unit {external_id}");
    }
    println!("{} units in step with Alma", synced.len());
    let waiting =
        world.bench.lines("SELECT kind, external_id FROM alma_object WHERE state = 'pending'");
    assert_eq!(waiting, [""; 0], "objects still wait after a clean pass");
}

fn backups_are_sound(world: &World) {
    let folder = world.disk().join("backups");
    let mut sound = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "db") {
            let ended = world.bench.run(&["verify", path.to_str().unwrap()]);
            assert_eq!(ended.code, Some(0), "{}: {}{}", path.display(), ended.stdout, ended.stderr);
            sound += 1;
        }
    }
    assert!((0..=3).contains(&sound), "{sound} backups are kept");
    println!("{sound} scheduled backups, sound");
}

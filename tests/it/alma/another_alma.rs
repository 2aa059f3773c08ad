//! Another Alma behind the same ledger: what stands there under the ids that were ours is not
//! ours, and what is ours is looked for as on the first day.

use simulator::{AlmaKind, AlmaObject, Endpoint, Fault, FaultKind, Options, Simulator};

use crate::alma::bench::{both, flat};
use crate::support::{Bench, wait_until};

/// Another Alma, which takes the same key, with a building of a stranger's and a unit in it.
fn another(bench: &Bench) -> Simulator {
    let options = Options { api_key: bench.alma().api_key(), ..Options::default() };
    let other = bench.runtime.block_on(Simulator::start(options)).unwrap();
    let palm = other.alma().create(AlmaKind::Building, r#"{"name":"Palm House","project":207}"#);
    other.alma().create(
        AlmaKind::Unit,
        &format!(
            r#"{{"external_id":"p1","name":"P1","header":"Palm House, P1","building":{palm},"property_type":"apartment","number":"1","internal_area":54.30,"address":"Palm House","number_of_bedrooms":2,"number_of_baths":0,"is_roof_garden":false,"parking":"not_applicable","is_swimming_pool":false,"total_buildable_area":54.3,"floor":3}}"#
        ),
    );
    other
}

/// From now on the config leads from one Alma to the other.
fn moved(bench: &Bench, from: &str, to: &str) {
    let way = |address: &str| format!("base_url = {address:?}\napi_key");
    bench.rewrite_config(&way(from), &way(to));
}

fn all(alma: &simulator::Alma) -> Vec<AlmaObject> {
    AlmaKind::ALL.iter().flat_map(|kind| alma.objects(*kind)).collect()
}

#[test]
fn what_stands_there_under_our_ids_is_not_ours_and_ours_is_made() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    let (here, other) = (bench.alma(), another(&bench));
    let theirs = all(other.alma());
    let ours = here.objects(AlmaKind::Building).remove(0);
    assert_eq!(theirs[0].id, ours.id, "the same id");
    let (before, asked) = (all(here), bench.called());
    moved(&bench, &here.base_url(), &other.alma().base_url());
    bench.say("Obj", &flat("o2", "13"));
    let ended = bench.pass();
    assert!(ended.stderr.contains("alma.base_url is another one"), "{}", ended.stderr);
    assert_eq!(bench.called(), asked, "the former one is asked nothing");
    let now = all(other.alma());
    assert!(theirs.iter().all(|one| now.contains(one)), "{now:?}");
    let made = other.alma().objects(AlmaKind::Building).remove(1);
    assert_eq!(made.fields["name"], ours.fields["name"]);
    for id in ["o1", "o2"] {
        let unit = other.alma().object(AlmaKind::Unit, id).unwrap();
        assert_eq!(unit.fields["building"], made.id.to_string());
    }
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(now.len(), theirs.len() + before.len() + 1);
    let ended = bench.pass();
    assert!(!ended.stderr.contains("alma.base_url"), "{}", ended.stderr);
    // Back where it was all is found, and nothing is made twice.
    moved(&bench, &other.alma().base_url(), &here.base_url());
    bench.pass();
    assert!(before.iter().all(|one| all(here).contains(one)), "{:?}", all(here));
    assert_eq!(here.objects(AlmaKind::Building).len(), 1);
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn the_same_place_by_another_scheme_or_spelling_is_no_other() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    let address = bench.alma().base_url();
    moved(&bench, &address, address.trim_end_matches('/'));
    let before = bench.called();
    bench.pass();
    assert_eq!(bench.called(), before);
}

#[test]
fn what_is_held_and_what_left_stay_so_and_the_rest_of_the_state_is_found_anew() {
    let bench = both().start();
    bench.furnish();
    bench.say("Obj", &flat("o2", "13"));
    bench.pass();
    bench.say_deleted("object", "o2");
    bench.pass();
    assert_eq!(bench.state("unit", "o2"), "held");
    let other = another(&bench);
    moved(&bench, &bench.alma().base_url(), &other.alma().base_url());
    bench.pass();
    assert_eq!(bench.state("unit", "o2"), "held");
    assert_eq!(bench.state("unit", "o1"), "synced");
    bench.orders(&["release", "unit", "o2"]);
    bench.pass();
    assert_eq!(bench.lines("SELECT 1 FROM alma_object WHERE external_id = 'o2'"), [""; 0]);
}

#[test]
fn a_block_that_was_meant_for_the_former_one_is_not_sent() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    bench.orders(&["block", "unit", "o1"]);
    let other = another(&bench);
    moved(&bench, &bench.alma().base_url(), &other.alma().base_url());
    bench.once();
    let state = "SELECT state || ' ' || last_error FROM call WHERE target = 'alma'";
    assert!(bench.one(state).starts_with("failed not sent: "), "{}", bench.one(state));
    assert!(!other.alma().objects(AlmaKind::Unit).iter().any(|unit| unit.is_blocked));
}

#[test]
fn an_address_where_nothing_answers_as_alma_does_forgets_nothing() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    let known = "SELECT kind, external_id, alma_id, sent, state FROM alma_object ORDER BY 1, 2";
    let before = bench.lines(known);
    let other = another(&bench);
    other.alma().set_api_key("another");
    moved(&bench, &bench.alma().base_url(), &other.alma().base_url());
    bench.say("Obj", &flat("o2", "13"));
    let ended = bench.fail();
    assert!(!ended.stderr.contains("alma.base_url is another one"), "{}", ended.stderr);
    assert_eq!(bench.lines(known), before);
    moved(&bench, &other.alma().base_url(), &bench.alma().base_url());
    let asked = bench.called();
    bench.pass();
    assert_eq!(bench.writes_since(asked).len(), 1, "the new flat");
    assert_eq!(bench.state("unit", "o2"), "synced");
}

#[test]
fn no_block_is_sent_with_an_id_of_the_former_one_though_the_other_fails_at_first() {
    let bench = both().alma("schedule = \"0 0 0 1 1 *\"").start();
    bench.furnish();
    bench.pass();
    let other = another(&bench);
    moved(&bench, &bench.alma().base_url(), &other.alma().base_url());
    other.inject(
        Fault::new(FaultKind::Unavailable { retry_after_seconds: 0 }).at(Endpoint::AlmaBuildings),
    );
    let daemon = bench.daemon();
    let looked = "SELECT count(*) FROM poll WHERE source = 'alma' AND feed = 'objects' AND outcome = 'failed'";
    wait_until("Alma was looked at", || bench.one(looked) != "0");
    bench.orders(&["block", "unit", "o1"]);
    let state = "SELECT state || ' ' || coalesce(last_error, '') FROM call WHERE target = 'alma'";
    wait_until("the call is settled", || !bench.one(state).starts_with("pending"));
    assert!(bench.one(state).starts_with("failed not sent: alma.base_url"), "{}", bench.one(state));
    daemon.stop();
    assert!(!other.alma().objects(AlmaKind::Unit).iter().any(|unit| unit.is_blocked));
}

//! Where a feed's items are and which of their members is the id: the documents do
//! not say, so any of what is in use is taken.

use std::process::Command;

use super::items::{CHANGES, deal, deals, flat, flats, live, of_deals, premises};
use crate::support::{Bench, setup, tool};
use simulator::{Endpoint, Fault, FaultKind, FeedKind, Layout};

const LISTS: [&str; 6] = ["data", "items", "flats", "deals", "objects", "result"];

/// What stood around each flat, as an operator reads it through the shell.
fn places(bench: &Bench) -> String {
    let sql = "SELECT id, project_id, project, stage_id, stage, house_id, house, section_id, section, \
               floor_id, floor FROM premises ORDER BY id";
    let shell = Command::new("sqlite3")
        .args(["-readonly", "-nullvalue", "-"])
        .arg(bench.ledger())
        .arg(sql)
        .output()
        .unwrap();
    assert!(shell.status.success(), "{shell:?}");
    String::from_utf8(shell.stdout).unwrap()
}

/// The ledger of one read of a feed that answers this.
fn read(body: &str) -> Bench {
    let bench = premises(&[]).start();
    bench.raw("flats", body);
    bench.pass();
    bench
}

#[test]
fn a_list_is_found_bare_and_under_any_of_the_known_names() {
    let mut layouts = vec![Layout::array()];
    layouts.extend(LISTS.map(Layout::wrapped));
    // One of them inside another.
    layouts.push(Layout::at("/result/flats"));
    for layout in layouts {
        for kind in [FeedKind::Premises, FeedKind::Deals] {
            let bench = setup().without_uzhkh().feed("f", kind, layout.clone(), &[]).start();
            let (texts, word) = match kind {
                FeedKind::Premises => (flats(1..4), "premises"),
                FeedKind::Deals => (deals(1..4), "deal"),
            };
            bench.items("f", texts.clone());
            bench.pass();
            assert_eq!(live(&bench, word), ["1", "2", "3"], "{layout:?}");
            assert_eq!(bench.lines("SELECT body FROM record ORDER BY id"), texts, "{layout:?}");
            assert_eq!(bench.one("SELECT fetched FROM poll"), "3");
        }
    }
}

#[test]
fn what_stands_beside_the_list_does_not_matter() {
    for body in [
        r#"{"v":1,"total":1,"data":[ {"id":1} ],"next":null,"meta":{"items_count":1}}"#,
        r#"{"result":"ok","errors":[],"data":[{"id":1}]}"#,
        "\u{feff}\n\t [\n{\"id\":1}\r\n]\n",
        // PHP writes an array with gaps as an object.
        r#"{"projects":[{"houses":[{"floors":{"3":{"number":3,"flats":{"0":{"id":1}}}}}]}]}"#,
        r#"{"v":1,"data":{"3":{"id":1}},"total":1}"#,
        r#"{"result":{"deals_count":0,"17":{"id":1}}}"#,
        r#"{"result":{"flats":{"17":{"id":1}},"total":1}}"#,
        r#"{"5":{"id":1}}"#,
    ] {
        let bench = read(body);
        assert_eq!(live(&bench, "premises"), ["1"], "{body}");
    }
}

#[test]
fn a_pointer_names_the_list() {
    let bench = setup()
        .without_uzhkh()
        .feed(
            "f",
            FeedKind::Premises,
            Layout::at("/answer/a~1b/list"),
            &["items = \"/answer/a~1b/list\""],
        )
        .start();
    bench.items("f", flats(1..3));
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["1", "2"]);
    // Where it leads nowhere, nothing is taken for an empty list.
    bench.raw("f", r#"{"answer":{"list":[]}}"#);
    bench.fail();
    assert_eq!(live(&bench, "premises"), ["1", "2"]);
    let error = bench.one("SELECT error FROM poll ORDER BY seq DESC LIMIT 1");
    assert!(error.contains("/answer/a~1b/list"), "{error}");
}

#[test]
fn a_nested_feed_of_the_simulator_keeps_where_its_flats_stand() {
    for (layout, has_ids) in [(Layout::nested(), true), (Layout::nested().titles_only(), false)] {
        let bench = setup()
            .without_uzhkh()
            .options(|options| options.catalogue = 400)
            .feed("f", FeedKind::Premises, layout, &[])
            .start();
        bench.pass();
        let ids = bench.domoplaner().ids(FeedKind::Premises).len().to_string();
        let count = |condition: &str| {
            bench.one(&format!("SELECT count(*) FROM premises WHERE {condition}"))
        };
        assert_eq!(count("1"), ids);
        assert_eq!(
            count(
                "project LIKE 'ЖК «%»' AND house LIKE 'Дом %' AND section LIKE 'Секция %' AND floor <> ''"
            ),
            ids
        );
        assert_eq!(
            count(
                "(stage IS NULL OR stage LIKE '% очередь') AND (stage_id IS NULL OR stage IS NOT NULL)"
            ),
            ids
        );
        assert_ne!(count("stage IS NULL"), "0", "no house without a stage");
        assert_ne!(count("stage IS NOT NULL"), "0", "no house in a stage");
        let all_or_none = if has_ids { ids.as_str() } else { "0" };
        for column in ["project_id", "house_id", "section_id"] {
            assert_eq!(count(&format!("{column} IS NOT NULL")), all_or_none);
        }
    }
}

#[test]
fn members_of_the_nested_layout_come_in_any_order_and_levels_may_be_missing() {
    let Some(_) = tool("sqlite3") else { return };
    let flat = |id: u32| format!(r#"{{"id":{id}}}"#);
    let body = format!(
        r#"{{"generated":"x","projects":[
            {{"stages":[{{"houses":[{{"sections":[{{"floors":[{{"flats":[{}],"number":4,"id":"f\u0034"}}],"title":"С1","id":31}}],
                "title":"Дом \"А\"","id":21}}],"title":"I","id":11}}],"id":"p1","title":"Заря"}},
            {{"name":"Луч","id":2,"houses_without_stage":[{{"number":"7/1","flats":[{}]}}],"stages":null}},
            {{"floors":[{{"flats":[{}]}},{{"title":null,"number":0,"flats":[]}}],"flats":[{}]}}
        ]}}"#,
        flat(1),
        flat(2),
        flat(3),
        flat(4)
    );
    let bench = read(&body);
    assert_eq!(
        places(&bench),
        "1|p1|Заря|11|I|21|Дом \"А\"|31|С1|f4|4\n\
         2|2|Луч|-|-|-|7/1|-|-|-|-\n\
         3|-|-|-|-|-|-|-|-|-|-\n\
         4|-|-|-|-|-|-|-|-|-|-\n"
    );
}

#[test]
fn a_house_that_is_renamed_changes_its_flats_and_a_flat_keeps_its_own_word() {
    let body = |house: &str| {
        format!(
            r#"{{"projects":[{{"houses":[{{"flats":[{{"id":1,"price":1.50}},{{"id":2,"house":"своё"}}],"title":"{house}"}}]}}]}}"#
        )
    };
    let bench = read(&body("Дом 1"));
    bench.raw("flats", body("Дом 2"));
    bench.pass();
    assert_eq!(
        bench.lines(CHANGES),
        ["1|insert|NULL", "2|insert|NULL", r#"1|update|{"house":["Дом 1","Дом 2"]}"#]
    );
    assert_eq!(bench.lines("SELECT id, house FROM premises ORDER BY id"), ["1|Дом 2", "2|своё"]);
}

#[test]
fn the_id_is_found_under_the_kinds_own_name_too() {
    let bench = setup()
        .without_uzhkh()
        .feed("flats", FeedKind::Premises, Layout::array().id_member("flat_id"), &[])
        .feed("deals", FeedKind::Deals, Layout::array().id_member("deal_id"), &[])
        .start();
    bench.items("flats", [r#"{"flat_id":11,"id":null}"#, r#"{"flat_id":"12"}"#]);
    // What a deal is about is not what it is.
    bench.items("deals", [r#"{"flat_id":11,"deal_id":21}"#, r#"{"deal_id":5,"id":22}"#]);
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["11", "12"]);
    assert_eq!(live(&bench, "deal"), ["21", "22"]);
}

#[test]
fn id_field_names_a_member_or_points_into_the_item() {
    for (line, items) in [
        ("id_field = \"uid\"", [r#"{"id":1,"uid":"а-7"}"#, r#"{"id":1,"uid":8}"#]),
        (
            "id_field = \"/key/of~1it\"",
            [r#"{"id":1,"key":{"of/it":"а-7"}}"#, r#"{"key":{"of/it":8}}"#],
        ),
    ] {
        let bench = of_deals(&[line]).start();
        bench.items("deals", items);
        bench.pass();
        assert_eq!(bench.lines("SELECT id FROM deal ORDER BY id DESC"), ["а-7", "8"]);
    }
}

#[test]
fn a_byte_order_mark_and_drops_do_not_matter() {
    for kind in [FaultKind::Bom, FaultKind::Drip] {
        for layout in [Layout::array(), Layout::nested()] {
            let bench = setup().without_uzhkh().feed("f", FeedKind::Premises, layout, &[]).start();
            let fault = Fault::new(kind.clone()).at(Endpoint::Feed);
            bench.uzhkh().inject(fault);
            // Longer than a few drops, and with letters that a drop can fall apart in.
            let texts =
                (1..40).map(|id| flat(id).replace("\"seller\":null", "\"seller\":\"Ёж 🦔\""));
            bench.items("f", texts);
            bench.pass();
            assert_eq!(
                bench.one("SELECT count(*) FROM premises WHERE body LIKE '%Ёж 🦔%'"),
                "39",
                "{kind}"
            );
            assert!(bench.report().faults[&kind.to_string()] > 0);
        }
    }
}

#[test]
fn a_whole_feed_of_deals_is_kept_to_the_letter() {
    let bench = of_deals(&[]).options(|options| options.catalogue = 60).start();
    bench.pass();
    let ids = bench.domoplaner().ids(FeedKind::Deals);
    assert!(ids.len() > 20);
    assert_eq!(live(&bench, "deal").len(), ids.len());
    let own = bench.of_another_client(&bench.link("deals"), "date_format=YYYY-MM-DD");
    for body in bench.lines("SELECT body FROM record") {
        assert!(own.contains(&body), "{body}");
    }
    assert_eq!(bench.one("SELECT count(*) FROM finding"), "0");
    // Of one more, all that the view shows.
    bench.items("deals", [deal(9)]);
    bench.pass();
    assert_eq!(
        bench.one("SELECT id, deal_status, flat_id, dogovor_number, dogovor_day, day_reg_start FROM deal WHERE id = '9'"),
        "9|31|7|ДДУ-9|2023-08-23|NULL"
    );
}

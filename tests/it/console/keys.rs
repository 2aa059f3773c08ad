//! The booking of a handover.

use simulator::ReadyFlat;

use super::html::form;
use super::site::{Person, Site, site};

/// A site with flats whose keys may be handed over.
fn ready() -> (Site, Vec<ReadyFlat>) {
    let mut site = site(|setup| {
        setup.options(|options| options.ready_flats = 12).macrocrm(
            "timezone = \"Europe/Moscow\"\ncategories = [\"flat\"]\nschedule = \"* * * * * *\"",
        )
    });
    site.begin();
    site.wait_for("SELECT count(*) > 2 FROM ready_flat", "1");
    let mut flats = site.bench.simulator.macrocrm().ready_flats();
    flats.retain(|flat| flat.category == simulator::Category::Flat);
    (site, flats)
}

#[test]
fn a_flat_is_booked_again_however_many_were_booked_since() {
    let (site, flats) = ready();
    let book = |house: &str, flat: &str, state: &str| {
        let finished = if state == "pending" { "NULL" } else { "'2026-05-01T08:00:01.000Z'" };
        site.bench.tamper(&format!(
            "INSERT INTO call (target, op, params, state, attempts, created_at, finished_at) VALUES \
             ('macrocrm', 'add', json_object('transfer_date', '2026-06-11T10:00:00+03:00', 'house_id', '{house}', \
             'flat_num', '{flat}', 'phone', '+70000000001', 'category', 'flat'), '{state}', 1, \
             '2026-05-01T08:00:00.000Z', {finished})"
        ));
    };
    book(&flats[0].house_id, &flats[0].flat_num, "done");
    book(&flats[1].house_id, &flats[1].flat_num, "failed");
    for number in 0..50 {
        book("another", &number.to_string(), "done");
    }
    let anna = site.signed_in("operator");
    let offers_again = |flat: &simulator::ReadyFlat| {
        let path =
            format!("/keys?flat={}%2Fflat%2F{}&date=2099-06-11", flat.house_id, flat.flat_num);
        form(&anna.page(&path), "/confirm/book", "name=\"time\"").html.contains("name=\"again\"")
    };
    assert!(offers_again(&flats[0]));
    assert!(!offers_again(&flats[1]), "what failed was not booked");
    assert!(!offers_again(&flats[2]));
}

#[test]
fn a_flat_is_booked_again_beside_what_was_shown_and_nothing_that_came_since() {
    let (site, flats) = ready();
    let flat = &flats[0];
    site.bench.tamper(&format!(
        "INSERT INTO call (target, op, params, state, attempts, created_at, finished_at) VALUES \
         ('macrocrm', 'add', json_object('transfer_date', '2026-06-11T10:00:00+03:00', 'house_id', '{}', \
         'flat_num', '{}', 'phone', '+70000000001', 'category', 'flat'), 'done', 1, \
         '2026-05-01T08:00:00.000Z', '2026-05-01T08:00:01.000Z')",
        flat.house_id, flat.flat_num
    ));
    let (anna, boris) = (site.signed_in("operator"), site.signed_in("operator"));
    let path = format!("/keys?flat={}%2Fflat%2F{}&date=2099-06-11", flat.house_id, flat.flat_num);
    let question = |person: &Person<'_>| {
        let times = form(&person.page(&path), "/confirm/book", "name=\"time\"");
        let time = times.html.split("<option>").nth(1).unwrap()[..5].to_owned();
        let filled = times.with("time", &time).with("phone", &flat.phone).with("again", "1");
        form(&person.send(&filled).text, "/acts/book", "Подтвердить")
    };
    let (hers, his) = (question(&anna), question(&boris));
    assert!(boris.follow(&his).contains("11.06.2099"));
    site.wait_for("SELECT state FROM call ORDER BY seq DESC LIMIT 1", "done");
    // She knew of one booking, and by now there are two.
    let late = anna.send(&hers);
    assert_eq!(late.status, 409, "{}", late.text);
    assert!(
        late.text.contains("<dd>operator</dd>") && late.text.contains("11.06.2099"),
        "{}",
        late.text
    );
    assert_eq!(boris.send(&his).status, 303, "a double click is the first one");
    assert_eq!(site.bench.one("SELECT count(*) FROM call"), "2");
    // Looked at again, she may.
    anna.follow(&question(&anna));
    assert_eq!(site.bench.one("SELECT count(*) FROM act"), "2");
}

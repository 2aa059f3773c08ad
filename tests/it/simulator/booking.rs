//! MACRO's slots, which are taken once and by nobody else.

use jiff::civil::{Date, Weekday};
use serde_json::json;
use simulator::{Category, Endpoint, Fault, FaultKind};

use crate::simulator::Bench;
use crate::simulator::macrocrm::{documented, get, post, send, signed, values};

/// A day with slots, surely not today.
fn weekday(bench: &Bench) -> Date {
    let mut day = bench.simulator.macrocrm().today().tomorrow().unwrap();
    while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        day = day.tomorrow().unwrap();
    }
    day
}

#[tokio::test]
async fn a_slot_is_taken_once() {
    let bench = documented().await;
    let macrocrm = bench.simulator.macrocrm();
    let day = weekday(&bench);
    macrocrm.set_ready("123", "3 очередь", Category::Flat, &["7"]);
    macrocrm.set_ready("123", "3 очередь", Category::Garage, &["7"]);
    let ready = macrocrm.ready_flats();
    let garage = ready.iter().find(|flat| {
        (&*flat.house_id, flat.category, &*flat.flat_num) == ("123", Category::Garage, "7")
    });
    let phone = garage.unwrap().phone.replace([' ', '-'], "");
    let midnight = format!("{day}T00:00:00+03:00");
    let times = signed(&bench, &[("transfer_date", &midnight), ("house_id", "123")]);
    let free = get(&bench, "getFreeTimes", &times).await;
    let slots = values(&free["data"]);
    assert_eq!((slots.len(), slots[0], slots[18]), (19, &json!("08:30"), &json!("17:30")));

    let at = format!("{day}T11:00:00+03:00");
    let booking = [
        ("transfer_date", &*at),
        ("house_id", "123"),
        ("flat_num", "7"),
        ("phone", &*phone),
        ("category", "garage"),
    ];
    let parameters = signed(&bench, &booking);
    let done = post(&bench, "add", &parameters).await;
    assert_eq!(done["status_code"], 200, "{done}");
    assert!(!macrocrm.free_times("123", day).contains(&"11:00".to_owned()));
    assert_eq!(post(&bench, "getFreeTimes", &times).await["data"].as_array().unwrap().len(), 18);
    assert_eq!(bench.report().violations, [""; 0]);

    assert_eq!(post(&bench, "add", &parameters).await["status_code"], 409);
    let bookings = macrocrm.bookings();
    assert_eq!(bookings[0].booked.as_deref(), Some("garage"));
    assert_eq!((bookings[1].booked.as_deref(), bookings.len()), (None, 2));
    assert_eq!(bench.report().violations, ["add 7: sent again after it was booked"]);
    assert_eq!(bench.report().bookings, bookings);
}

#[tokio::test]
async fn what_cannot_be_booked_is_refused() {
    let bench = documented().await;
    let macrocrm = bench.simulator.macrocrm();
    let day = weekday(&bench);
    macrocrm.set_ready("123", "3 очередь", Category::Flat, &["К-1.4-7-1"]);
    let ready = macrocrm.ready_flats();
    let flat = ready.iter().rfind(|flat| flat.flat_num == "К-1.4-7-1").unwrap();
    let saturday = (1..8)
        .map(|days| day.saturating_add(jiff::Span::new().days(days)))
        .find(|day| day.weekday() == Weekday::Saturday)
        .unwrap();
    let right = [
        ("transfer_date", format!("{day}T09:30:00+03:00")),
        ("house_id", "123".to_owned()),
        ("flat_num", flat.flat_num.clone()),
        ("phone", flat.phone.clone()),
        ("category", "flat".to_owned()),
    ];
    let wrong = [
        ("flat_num", "K-1.4-7-1".to_owned(), 404),
        ("house_id", "1".to_owned(), 404),
        ("phone", "+7 900 111-11-11".to_owned(), 404),
        ("category", "comm".to_owned(), 404),
        ("transfer_date", format!("{day}T09:45:00+03:00"), 409),
        ("transfer_date", format!("{saturday}T09:30:00+03:00"), 409),
        ("transfer_date", "2020-06-11T11:00:00+03:00".to_owned(), 409),
        ("category", "parking".to_owned(), 400),
        ("transfer_date", format!("{day}T09:30:00+05:00"), 400),
        ("transfer_date", format!("{day}T06:30:00Z"), 400),
        ("phone", String::new(), 400),
    ];
    for (name, value, code) in &wrong {
        let mut sent = signed(&bench, &[]);
        sent.extend(right.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        sent.insert((*name).to_owned(), value.clone());
        let answer = post(&bench, "add", &sent).await;
        assert_eq!(answer["status_code"], *code, "{name}={value}: {answer}");
    }
    assert_eq!(bench.report().violations.len(), 4);
    let bookings = macrocrm.bookings();
    assert!(bookings.len() == wrong.len() && bookings.iter().all(|one| one.booked.is_none()));
    assert_eq!(macrocrm.free_times("123", day).len(), 19);
}

#[tokio::test]
async fn without_a_category_the_first_object_of_that_number_is_booked() {
    let bench = documented().await;
    let macrocrm = bench.simulator.macrocrm();
    macrocrm.set_timezone(jiff::tz::TimeZone::fixed(jiff::tz::offset(5)));
    macrocrm.set_ready("7", "Дом", Category::Comm, &["1"]);
    macrocrm.set_ready("7", "Дом", Category::Flat, &["1"]);
    let ready = macrocrm.ready_flats();
    let shop = ready.iter().find(|flat| flat.house_id == "7").unwrap();
    let at = format!("{}T08:30:00+05:00", weekday(&bench));
    let parameters = signed(
        &bench,
        &[("transfer_date", &*at), ("house_id", "7"), ("flat_num", "1"), ("phone", &*shop.phone)],
    );
    let done = post(&bench, "add", &parameters).await;
    assert_eq!(done["status_code"], 200, "{done}");
    assert_eq!(macrocrm.bookings()[0].booked.as_deref(), Some("comm"));

    let day = weekday(&bench).tomorrow().unwrap();
    let free = macrocrm.free_times("7", day).len();
    macrocrm.take("7", day.at(9, 0, 0, 0));
    assert_eq!(macrocrm.free_times("7", day).len(), free.saturating_sub(1));
    macrocrm.set_now(Some(day.at(23, 0, 0, 0)));
    assert_eq!(macrocrm.free_times("7", day), [""; 0]);
}

#[tokio::test]
async fn faults_do_or_do_not_book() {
    for (kind, booked) in [
        (FaultKind::Error500, false),
        (FaultKind::ResetBefore, false),
        (FaultKind::LostAnswer, true),
        (FaultKind::CutBody, true),
    ] {
        let bench = documented().await;
        let macrocrm = bench.simulator.macrocrm();
        bench.simulator.inject(Fault::new(kind.clone()).at(Endpoint::Add));
        let flat = macrocrm.ready_flats().remove(0);
        let at = format!("{}T12:00:00+03:00", weekday(&bench));
        let parameters = signed(
            &bench,
            &[
                ("transfer_date", &*at),
                ("house_id", &*flat.house_id),
                ("flat_num", &*flat.flat_num),
                ("phone", &*flat.phone),
            ],
        );
        if let Ok(response) = send(&bench, "add", &parameters).await {
            assert!(response.status() != 200 || response.bytes().await.is_err(), "{kind}");
        }
        let bookings = macrocrm.bookings();
        assert_eq!(bookings.len(), 1, "{kind}");
        assert_eq!(bookings[0].booked.is_some(), booked, "{kind}");
    }
    let bench = documented().await;
    bench.simulator.inject(Fault::new(FaultKind::Forbidden));
    let response = send(&bench, "getReadyFlats", &signed(&bench, &[])).await;
    assert_eq!(response.unwrap().status(), 403);
}

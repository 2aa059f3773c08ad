//! `keys free-times`: asked at once, whether or not there is a ledger or a service.

use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use simulator::{Endpoint, Fault, FaultKind, PhpShape, RefusalShape};

use crate::macrocrm::bench::{Bench, DOMAIN, HOUSE, bench, nowhere};
use crate::support::process::Ended;
use crate::support::wait_until;

fn ask(bench: &Bench, date: &str, options: &[&str]) -> Ended {
    let base = ["keys", "free-times", "--house", HOUSE, "--date", date];
    bench.run(&[&base, options].concat())
}

fn free(bench: &Bench) -> Vec<String> {
    bench.macrocrm().free_times(HOUSE, bench.day())
}

#[test]
fn the_free_times_of_a_day_are_shown_whatever_shape_they_have() {
    let bench = bench("");
    let day = bench.day();
    bench.macrocrm().take(HOUSE, day.at(9, 0, 0, 0));
    for shape in [PhpShape::Lists, PhpShape::Holes] {
        bench.macrocrm().set_php(shape);
        let ended = ask(&bench, &day.to_string(), &["--json"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let times: Vec<String> = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(times, free(&bench));
        assert!(!times.contains(&"09:00".to_owned()));
    }
    let ended = ask(&bench, &day.to_string(), &[]);
    let mut shown = ended.stdout.lines();
    assert_eq!(shown.next(), Some("time"));
    assert_eq!(shown.collect::<Vec<_>>(), free(&bench));
    assert!(!bench.ledger().exists(), "no ledger is needed or made");
}

#[test]
fn the_house_was_asked_for_where_macro_does_not_want_it() {
    for method in ["get", "post"] {
        let bench = bench(&format!("free_times_method = \"{method}\""));
        let day = bench.day().to_string();
        let ended = bench.run(&["keys", "free-times", "--date", &day, "--json"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let times: Vec<String> = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(times, free(&bench));
        let calls = bench.simulator.report().macrocrm;
        assert!(!calls[0].parameters.contains_key("house_id"), "{:?}", calls[0]);
    }
}

#[test]
fn all_houses_had_one_time_zone() {
    let bench = bench("[[macrocrm.house]]\nid = 123\ntimezone = \"Asia/Yekaterinburg\"");
    bench.macrocrm().set_timezone(TimeZone::get("Asia/Yekaterinburg").unwrap());
    let ended = ask(&bench, "2032-06-11", &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let sent = |name: &str| bench.simulator.report().macrocrm[0].parameters[name].clone();
    assert_eq!(sent("transfer_date"), "2032-06-11T00:00:00+05:00");
    let booked = bench.book("1", "2032-06-11T10:30", &["--category", "flat"]);
    assert_eq!(booked.code, Some(0), "{}", booked.stderr);
    assert!(booked.stdout.contains("2032-06-11T10:30:00+05:00"), "{}", booked.stdout);
}

#[test]
fn they_are_shown_as_they_come() {
    // The document's own sample, made JSON; and an order that no sorting would give.
    let bench = bench("");
    for (data, times) in [
        (
            r#"{"0":"08:30","1":"09:00","2":"13:00","17":"13:30"}"#,
            vec!["08:30", "09:00", "13:00", "13:30"],
        ),
        (r#"{"17":"13:30","2":"09:00","10":"8:30"}"#, vec!["13:30", "09:00", "8:30"]),
        (r#"["13:30","09:00"]"#, vec!["13:30", "09:00"]),
        ("[]", vec![]),
        ("{}", vec![]),
        ("null", vec![]),
    ] {
        let body = format!(r#"{{"status_code":200,"data":{data},"message":"Выполнено"}}"#);
        bench.answers(Endpoint::GetFreeTimes, &body);
        let ended = ask(&bench, &bench.day().to_string(), &["--json"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let shown: Vec<String> = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(shown, times, "{data}");
    }
}

#[test]
fn a_day_without_free_times_says_so() {
    let bench = bench("");
    let day = bench.day();
    for slot in free(&bench) {
        let (hour, minute) = slot.split_once(':').unwrap();
        let slot = day.at(hour.parse().unwrap(), minute.parse().unwrap(), 0, 0);
        bench.macrocrm().take(HOUSE, slot);
    }
    for shape in [PhpShape::Lists, PhpShape::Holes] {
        bench.macrocrm().set_php(shape);
        let ended = ask(&bench, &day.to_string(), &[]);
        assert_eq!(ended.stdout, format!("no free times on {day} at house 123\n"));
        let ended = ask(&bench, &day.to_string(), &["--json"]);
        assert_eq!(ended.stdout.trim(), "[]");
    }
}

#[test]
fn it_is_asked_by_get_or_by_post_as_configured() {
    for (line, method) in [
        ("", "GET"),
        ("free_times_method = \"get\"", "GET"),
        ("free_times_method = \"post\"", "POST"),
    ] {
        let bench = bench(line);
        let ended = ask(&bench, &bench.day().to_string(), &[]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let calls = bench.simulator.report().macrocrm;
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].method, method);
        let sent = |name: &str| calls[0].parameters[name].as_str();
        assert_eq!(sent("house_id"), HOUSE);
        assert_eq!(sent("domain"), DOMAIN);
        assert_eq!(sent("transfer_date"), format!("{}T00:00:00+03:00", bench.day()));
        assert_eq!(calls[0].parameters.len(), 4, "these, time and no other");
    }
}

#[test]
fn the_day_begins_in_the_configured_zone() {
    // The simulator refuses an offset that is not in force there on that day.
    for (zone, date, sent) in [
        ("Asia/Yekaterinburg", "2032-06-11", "2032-06-11T00:00:00+05:00"),
        ("Europe/Berlin", "2032-01-12", "2032-01-12T00:00:00+01:00"),
        ("Europe/Berlin", "2032-07-12", "2032-07-12T00:00:00+02:00"),
        // The clocks change on this very day, after its midnight.
        ("Europe/Berlin", "2032-03-28", "2032-03-28T00:00:00+01:00"),
        ("America/New_York", "2032-07-12", "2032-07-12T00:00:00-04:00"),
        ("Asia/Kolkata", "2032-07-12", "2032-07-12T00:00:00+05:30"),
        ("+05:00", "2032-07-12", "2032-07-12T00:00:00+05:00"),
    ] {
        let bench = bench(&format!("timezone = \"{zone}\""));
        let place = TimeZone::get(zone).unwrap_or_else(|_| TimeZone::fixed(offset(5)));
        bench.macrocrm().set_timezone(place);
        let ended = ask(&bench, date, &["--json"]);
        assert_eq!(ended.code, Some(0), "{zone}: {}", ended.stderr);
        let times: Vec<String> = serde_json::from_str(&ended.stdout).unwrap();
        let day: Date = date.parse().unwrap();
        assert_eq!(times, bench.macrocrm().free_times(HOUSE, day), "{zone}");
        let calls = bench.calls("getFreeTimes");
        assert_eq!(calls[0].parameters["transfer_date"], sent, "{zone}");
    }
}

#[test]
fn it_works_beside_the_service() {
    let bench = bench("");
    let service = bench.service();
    wait_until("the first poll", || bench.asked("getReadyFlats") == 1);
    let ended = ask(&bench, &bench.day().to_string(), &["--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let times: Vec<String> = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(times, free(&bench));
    service.stop();
}

#[test]
fn a_refusal_is_told_in_macros_words() {
    for (shape, words) in [
        (RefusalShape::StatusCode, "refused (status_code 403)"),
        (RefusalShape::Success, "refused; check"),
    ] {
        let bench = bench("");
        bench.macrocrm().set_refusals(shape);
        bench.macrocrm().set_app_secret("another");
        let ended = ask(&bench, &bench.day().to_string(), &["--json"]);
        assert_eq!(ended.code, Some(1));
        assert_eq!(ended.stdout, "");
        assert!(
            ended.stderr.contains(&format!("getFreeTimes: {words}"))
                && ended.stderr.contains("macrocrm.app_secret")
                && ended.stderr.ends_with("clock: Request not authenticated\n"),
            "{}",
            ended.stderr
        );
    }
    let bench = bench("");
    let date = bench.day().to_string();
    let base = ["keys", "free-times", "--house", "no such", "--date"];
    let ended = bench.run(&[&base, [date.as_str()].as_slice()].concat());
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.ends_with(": Дом не найден\n"), "{}", ended.stderr);
}

#[test]
fn what_is_not_documented_is_an_error() {
    let bench = bench("");
    for (body, words) in [
        ("<html>", "an HTML page"),
        ("[]", "not a JSON object"),
        ("", "not a JSON object"),
        ("{\"status_code\":200}", "it has no data"),
        ("{\"data\":\"09:00\"}", "its data is not a list"),
        ("{\"data\":[{}]}", "a time in it is not text"),
        ("{\"data\":{\"morning\":\"09:00\"}}", "its data is not a list"),
    ] {
        bench.answers(Endpoint::GetFreeTimes, body);
        let ended = ask(&bench, &bench.day().to_string(), &[]);
        assert_eq!(ended.code, Some(1), "{body}");
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    bench.answers_itself(Endpoint::GetFreeTimes);
    let fault = Fault::new(FaultKind::Error500).at(Endpoint::GetFreeTimes);
    bench.simulator.inject(fault.times(1));
    let ended = ask(&bench, &bench.day().to_string(), &[]);
    assert_eq!(ended.code, Some(0), "a read is asked again: {}", ended.stderr);
}

#[test]
fn a_macro_that_is_not_there_is_an_error() {
    let bench = bench("");
    bench.write_config(&nowhere(), "");
    let ended = ask(&bench, &bench.day().to_string(), &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("cannot connect"), "{}", ended.stderr);
    bench.reconfigure("[http]\ntimeout = \"300ms\"");
    bench.fault(FaultKind::Stall, Endpoint::GetFreeTimes);
    let ended = ask(&bench, &bench.day().to_string(), &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("no answer within"), "{}", ended.stderr);
}

#[test]
fn a_day_that_is_none_or_past_is_wrong_usage() {
    let bench = bench("");
    let past = bench.macrocrm().today().yesterday().unwrap().to_string();
    for date in [past.as_str(), "2020-06-11", "2099-02-30", "20990101", "11.06.2099", ""] {
        let ended = ask(&bench, date, &[]);
        assert_eq!(ended.code, Some(2), "{date}: {}", ended.stderr);
    }
    assert!(bench.simulator.report().macrocrm.is_empty());
}

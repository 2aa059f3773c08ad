//! `keys free-times`.

use uzhkh_ledger::simulator::{Endpoint, Fault, FaultKind, PhpShape};

use crate::bench::{Bench, DOMAIN, HOUSE, bench};
use crate::support::process::Ended;

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
    bench.no_violations();
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
        assert_eq!(
            ended.stdout,
            format!("no free times on {day} at house 123\n")
        );
        let ended = ask(&bench, &day.to_string(), &["--json"]);
        assert_eq!(ended.stdout.trim(), "[]");
    }
}

#[test]
fn it_is_asked_by_get_or_by_post_as_configured() {
    for (line, method) in [("", "GET"), ("free_times_method = \"post\"", "POST")] {
        let bench = bench(line);
        let ended = ask(&bench, &bench.day().to_string(), &[]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let calls = bench.simulator.report().macrocrm;
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].method, method);
        let sent = |name: &str| {
            let mut all = calls[0].parameters.iter();
            all.find(|(known, _)| *known == name).unwrap().1.clone()
        };
        assert_eq!(sent("house_id"), HOUSE);
        assert_eq!(sent("domain"), DOMAIN);
        assert_eq!(
            sent("transfer_date"),
            format!("{}T00:00:00+03:00", bench.day())
        );
        bench.no_violations();
    }
}

#[test]
fn a_refusal_is_told_in_macros_words() {
    let bench = bench("");
    bench.macrocrm().set_app_secret("another");
    let ended = ask(&bench, &bench.day().to_string(), &[]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("getFreeTimes: refused")
            && ended.stderr.contains("macrocrm.app_secret")
            && ended.stderr.ends_with("clock: Request not authenticated\n"),
        "{}",
        ended.stderr
    );
}

#[test]
fn what_is_not_documented_is_an_error() {
    let bench = bench("");
    for (body, words) in [
        ("<html>", "a page for people"),
        ("[]", "not a JSON object"),
        ("{\"status_code\":200}", "it has no data"),
        ("{\"data\":\"09:00\"}", "its data is not a list"),
        ("{\"data\":[{}]}", "a time in it is not text"),
    ] {
        let raw = Some(body.to_owned().into());
        bench.macrocrm().set_raw(Endpoint::GetFreeTimes, raw);
        let ended = ask(&bench, &bench.day().to_string(), &[]);
        assert_eq!(ended.code, Some(1), "{body}");
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
    bench.macrocrm().set_raw(Endpoint::GetFreeTimes, None);
    let fault = Fault::new(FaultKind::Error500).at(Endpoint::GetFreeTimes);
    bench.simulator.inject(fault.times(1));
    let ended = ask(&bench, &bench.day().to_string(), &[]);
    assert_eq!(
        ended.code,
        Some(0),
        "a read is asked again: {}",
        ended.stderr
    );
}

#[test]
fn a_day_that_is_none_or_past_is_wrong_usage() {
    let bench = bench("");
    let past = bench.macrocrm().today().yesterday().unwrap().to_string();
    for date in [
        past.as_str(),
        "2020-06-11",
        "2099-02-30",
        "20990101",
        "11.06.2099",
        "",
    ] {
        let ended = ask(&bench, date, &[]);
        assert_eq!(ended.code, Some(2), "{date}: {}", ended.stderr);
    }
    assert!(bench.simulator.report().macrocrm.is_empty());
}

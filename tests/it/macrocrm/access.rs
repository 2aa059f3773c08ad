//! `check`: whether MACRO knows us, found out with the list of ready flats.

use simulator::{Endpoint, Fault, FaultKind, PhpShape, RefusalShape};

use crate::macrocrm::bench::{Bench, bench, nowhere};
use crate::support::process::Ended;

/// `check`, which must fail; answers what it says of MACRO.
#[track_caller]
fn told(bench: &Bench) -> String {
    let Ended { code, stdout, .. } = bench.run(&["check"]);
    assert_eq!(code, Some(1), "{stdout}");
    let mut lines = stdout.lines();
    let told = lines.find_map(|line| line.strip_prefix("macrocrm  "));
    told.unwrap().to_owned()
}

#[test]
fn who_is_known_gets_the_list_of_the_first_category() {
    for (categories, category) in
        [("", None), ("categories = [\"garage\", \"flat\"]", Some("garage"))]
    {
        let bench = bench(categories);
        for shape in [PhpShape::Lists, PhpShape::Holes] {
            bench.macrocrm().set_php(shape);
            let ended = bench.run(&["check"]);
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            assert!(ended.stdout.contains("macrocrm  ok\n"), "{}", ended.stdout);
        }
        let calls = bench.simulator.report().macrocrm;
        assert_eq!(calls.len(), 2);
        for call in calls {
            assert_eq!((call.endpoint.as_str(), call.method.as_str()), ("getReadyFlats", "POST"));
            let sent = call.parameters.get("category").map(String::as_str);
            assert_eq!(sent, category);
        }
        assert!(!bench.ledger().exists(), "nothing is kept of it");
    }
}

#[test]
fn without_asking_only_the_config_is_checked() {
    let bench = bench("");
    bench.macrocrm().set_app_secret("another");
    let ended = bench.run(&["check", "--offline"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(bench.simulator.report().requests.is_empty());
}

#[test]
fn who_is_not_known_is_told_what_to_look_at() {
    for shape in [RefusalShape::StatusCode, RefusalShape::Success] {
        let bench = bench("");
        bench.macrocrm().set_refusals(shape);
        bench.macrocrm().set_domain("another");
        let told = told(&bench);
        assert!(
            told.starts_with("getReadyFlats: refused")
                && told
                    .contains("check macrocrm.domain, macrocrm.app_secret and this host's clock")
                && told.ends_with(": Request not authenticated"),
            "{told}"
        );
        assert_eq!(bench.simulator.report().unauthorized, 1, "asked once");
    }
}

#[test]
fn what_is_no_list_is_an_error() {
    let bench = bench("");
    for (body, words) in [
        ("<html>", "(HTTP 200): it is an HTML page"),
        ("{}", "neither status_code nor data"),
        (r#"{"status_code":200}"#, "it has no data"),
        (r#"{"data":{"houses":7}}"#, "its houses are not a list"),
        (r#"{"data":{"flats":[]}}"#, "its data has no houses"),
    ] {
        bench.answers(Endpoint::GetReadyFlats, body);
        let told = told(&bench);
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_list_is_asked_for_again_where_that_may_help() {
    let bench = bench("");
    let fault = Fault::new(FaultKind::Error500).at(Endpoint::GetReadyFlats);
    bench.simulator.inject(fault.times(2));
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert_eq!(bench.asked("getReadyFlats"), 3);
    bench.fault(FaultKind::Forbidden, Endpoint::GetReadyFlats);
    let told = told(&bench);
    assert!(told.contains("refused with HTTP 403"), "{told}");
    assert_eq!(bench.asked("getReadyFlats"), 4, "a refusal is not repeated");
}

#[test]
fn who_cannot_be_reached_is_said() {
    let bench = bench("");
    bench.write_config(&nowhere(), "");
    let told = told(&bench);
    assert!(told.contains("cannot connect: connection refused"), "{told}");
}

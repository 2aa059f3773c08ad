//! Whether MACRO knows us, found out with the list of ready flats.

use uzhkh_ledger::simulator::{Endpoint, Fault, FaultKind, PhpShape};

use crate::bench::{DOMAIN, SECRET, bench};

#[test]
fn who_is_known_gets_the_list_of_the_first_category() {
    for (categories, category) in [
        ("", None),
        ("categories = [\"garage\", \"flat\"]", Some("garage")),
    ] {
        let bench = bench(categories);
        for shape in [PhpShape::Lists, PhpShape::Holes] {
            bench.macrocrm().set_php(shape);
            assert_eq!(bench.check(), Ok(()));
        }
        for call in bench.simulator.report().macrocrm {
            assert_eq!(
                (call.endpoint.as_str(), call.method.as_str()),
                ("getReadyFlats", "POST")
            );
            let mut all = call.parameters.iter();
            let sent = all.find(|(name, _)| *name == "category");
            assert_eq!(sent.map(|(_, value)| value.as_str()), category);
        }
        bench.no_violations();
    }
}

#[test]
fn who_is_not_known_is_told_what_to_look_at() {
    let bench = bench("");
    bench.macrocrm().set_domain("another");
    let told = bench.check().unwrap_err();
    assert!(
        told.contains("getReadyFlats: refused")
            && told.contains("check macrocrm.domain, macrocrm.app_secret and this host's clock")
            && told.ends_with(": Request not authenticated"),
        "{told}"
    );
    assert!(!told.contains(SECRET) && !told.contains(DOMAIN), "{told}");
}

#[test]
fn what_is_no_list_is_an_error() {
    let bench = bench("");
    for (body, words) in [
        ("<html>", "(HTTP 200): it is a page for people"),
        ("{}", "neither status_code nor data"),
        (r#"{"status_code":200}"#, "it has no data"),
        (r#"{"data":{"houses":7}}"#, "its houses are not a list"),
        (r#"{"data":{"flats":[]}}"#, "its data has no houses"),
    ] {
        let raw = Some(body.to_owned().into());
        bench.macrocrm().set_raw(Endpoint::GetReadyFlats, raw);
        let told = bench.check().unwrap_err();
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_list_is_asked_for_again_where_that_may_help() {
    let bench = bench("");
    let fault = Fault::new(FaultKind::Error500).at(Endpoint::GetReadyFlats);
    bench.simulator.inject(fault.times(2));
    assert_eq!(bench.check(), Ok(()));
    bench.no_violations();
    bench.simulator.inject(Fault::new(FaultKind::Forbidden));
    let told = bench.check().unwrap_err();
    assert!(told.contains("refused with HTTP 403"), "{told}");
}

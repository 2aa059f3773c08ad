//! Secrets are dots whatever the config says, and has said before.

use std::fs;

use simulator::BitrixKind;

use super::site::{Site, section, site};
use crate::support::entities::{envelope, object};

/// What stands for a lock's code, and nowhere else.
const CANARY: &str = "zwiebelschloss";
/// Those of Wi-Fi, keybox and SIP.
const OTHERS: [&str; 3] = ["zwiebelnetz", "zwiebelkasten", "zwiebelruf"];

/// A site with an apartment whose lock has its code in this field.
fn with_lock(code: &str, lines: &str) -> Site {
    let mut site = site(|setup| setup.bitrix24(lines));
    let fields = format!(
        r#"{{"title":"A1","ufCrm6_1682232396330":"1","{code}":"{CANARY}",
            "ufCrm6_1686728251990":"{}","ufCrm6_1720794204":"{}"}}"#,
        OTHERS[0], OTHERS[1]
    );
    site.bench.simulator.bitrix24().put(BitrixKind::Apartment, 1, &fields);
    let flat =
        object("o1").replace(r#""SipPassword":null"#, &format!(r#""SipPassword":"{}""#, OTHERS[2]));
    site.bench.uzhkh().push_request(envelope("g1", "Obj", &flat));
    site.begin();
    site.wait_for("SELECT count(*) FROM record WHERE kind IN ('apartment', 'object')", "2");
    site
}

/// A UZhKH that is not there.
const NO_PORTAL: &str = "[uzhkh]\nbase_url = \"http://127.0.0.1:9/\"\ntoken = \"t\"";

/// Starts the service anew, with these sections alone.
fn configured(site: &mut Site, sections: &str) {
    site.daemon.take().unwrap().kill();
    let (ledger, web) = (site.bench.ledger(), section(site.address, ""));
    let text = format!("[ledger]\npath = {ledger:?}\n{sections}\n{web}");
    fs::write(site.bench.config(), text).unwrap();
    site.begin();
}

/// No card has any of them.
#[track_caller]
fn is_dots(site: &Site) {
    for role in ["operator", "auditor", "viewer"] {
        for path in ["/records/bitrix24/apartment/1", "/records/uzhkh/object/o1"] {
            let card = site.signed_in(role).page(path);
            assert!(card.contains("••••••"), "{role}: {card}");
            for secret in [CANARY].iter().chain(&OTHERS) {
                assert!(!card.contains(secret), "{role} {path}: {card}");
            }
        }
    }
}

#[test]
fn the_codes_of_the_document_are_secret_without_the_system() {
    let mut site = with_lock("ufCrm6_1715777670", "");
    is_dots(&site);
    configured(&mut site, NO_PORTAL);
    is_dots(&site);
}

#[test]
fn a_code_that_was_a_secret_stays_one() {
    let mut site = with_lock("ufCrm6_77", "[bitrix24.fields]\napartment_lock = \"ufCrm6_77\"");
    is_dots(&site);
    let url = site.bench.simulator.bitrix24().webhook_url();
    let portal = format!(
        "[bitrix24]\nwebhook_url = {url:?}\n[bitrix24.fields]\napartment_lock = \"ufCrm6_88\""
    );
    configured(&mut site, &portal);
    is_dots(&site);
    configured(&mut site, NO_PORTAL);
    is_dots(&site);
}

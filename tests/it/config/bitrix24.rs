//! `[bitrix24]`: the webhook hidden, the portal's numbers and codes configurable.

use std::time::Duration;

use tempfile::TempDir;
use uzhkh_ledger::config::{Bitrix24, Environment, UpdatedFormat};

use crate::config::{file, message, message_in, parse, parse_in};

const WEBHOOK: &str = "https://p0rtal.example/rest/17/s3cret/";
const LEAST: &str = "[bitrix24]\nwebhook_url = \"https://p0rtal.example/rest/17/s3cret\"\n";

fn bitrix24(lines: &str) -> Bitrix24 {
    parse(&format!("{LEAST}{lines}\n")).unwrap().bitrix24.unwrap()
}

#[test]
fn the_least_section_has_the_documented_defaults() {
    let config = parse(LEAST).unwrap();
    let names: Vec<String> =
        uzhkh_ledger::registry::feeds(&config).into_iter().map(|(_, feed)| feed).collect();
    let kinds = ["apartment", "unit", "owner_contract", "tenant_contract", "contact"];
    assert_eq!(names, kinds);
    let bitrix24 = config.bitrix24.unwrap();
    assert_eq!(bitrix24.webhook_url.expose_secret().as_str(), WEBHOOK);
    assert_eq!((bitrix24.apartments, bitrix24.units), (144, 167));
    assert_eq!(bitrix24.owner_contracts, 148);
    assert_eq!(bitrix24.tenant_contracts, 183);
    assert_eq!(bitrix24.contacts, 3);
    assert_eq!(bitrix24.schedule, "0 */2 * * * *");
    assert_eq!(bitrix24.full_every, Duration::from_secs(86_400));
    assert_eq!(bitrix24.max_shrink, 20);
    assert_eq!(bitrix24.overlap, Duration::from_secs(600));
    assert_eq!(bitrix24.updated_format, UpdatedFormat::Iso);
    assert_eq!(bitrix24.timezone.iana_name(), Some("Europe/Moscow"));
    let fields = bitrix24.fields;
    assert_eq!(fields.codes("unit_apartment").unwrap(), ["ufCrm8_1684429208"]);
    assert_eq!(fields.codes("apartment_unit").unwrap(), ["ufCrm6_1684425402"]);
    assert_eq!(fields.codes("owner_contract_apartment").unwrap(), ["ufCrm10_1693823301"]);
    assert_eq!(fields.codes("tenant_contract_unit").unwrap(), ["ufCrm20_1693919019"]);
    assert_eq!(fields.codes("contract_contact").unwrap(), ["contactId"]);
    assert_eq!(fields.codes("apartment_photos").unwrap(), ["ufCrm6_1682238498225"]);
    assert_eq!(fields.codes("pml_start").unwrap(), ["ufCrm10_1708956056"]);
    assert_eq!(fields.codes("pml_end").unwrap(), ["ufCrm10_1708955996"]);
}

#[test]
fn every_key_can_be_set() {
    let bitrix24 = bitrix24(
        "apartments = 1030\nunits = 1031\nowner_contracts = 1032\ntenant_contracts = 1033\n\
         contacts = 1034\nschedule = \"0 0 * * * *\"\nfull_every = \"6h\"\nmax_shrink = 5\n\
         overlap = \"0s\"\nupdated_format = \"sql\"\ntimezone = \"Asia/Dubai\"\n\
         [bitrix24.fields]\nunit_apartment = \"UF_CRM_9_1\"\npml_end = \"parentId144\"",
    );
    assert_eq!((bitrix24.apartments, bitrix24.contacts), (1030, 1034));
    assert_eq!(bitrix24.full_every, Duration::from_secs(6 * 3600));
    assert_eq!((bitrix24.max_shrink, bitrix24.overlap), (5, Duration::ZERO));
    assert_eq!(bitrix24.updated_format, UpdatedFormat::Sql);
    assert_eq!(bitrix24.timezone.iana_name(), Some("Asia/Dubai"));
    assert_eq!(bitrix24.fields.codes("unit_apartment").unwrap(), ["UF_CRM_9_1"]);
    assert_eq!(bitrix24.fields.codes("pml_end").unwrap(), ["parentId144"]);
    assert_eq!(bitrix24.fields.codes("pml_start").unwrap(), ["ufCrm10_1708956056"]);
}

#[test]
fn the_values_that_are_wanted_are_ids_or_texts_one_or_several() {
    let only = bitrix24(
        "only.apartment_status = [5974, \"5978\"]\nonly.tenant_contract_stage = \"DT183_1:NEW\"\n\
         only.contract_contact = [1]\nonly.apartment_pool = true",
    )
    .only;
    let of_kind = |kind: &str| -> Vec<(&str, Vec<String>)> {
        only.of_kind(kind).map(|(key, values)| (key, values.to_vec())).collect()
    };
    let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let expected: Vec<(&str, Vec<String>)> =
        vec![("apartment_pool", values(&["Y"])), ("apartment_status", values(&["5974", "5978"]))];
    assert_eq!(of_kind("apartment"), expected);
    assert_eq!(of_kind("owner_contract"), [("contract_contact", values(&["1"]))]);
    assert_eq!(of_kind("tenant_contract").len(), 2);
    assert!(of_kind("unit").is_empty() && of_kind("contact").is_empty());
    assert!(bitrix24("").only.is_empty());
}

/// The design's keys, each with its kind before it.
#[test]
fn every_field_that_is_read_has_a_key_of_its_own() {
    for (prefix, names) in [
        (
            "apartment_",
            "building number type address floor area bathrooms pool metro rent wifi_name wifi_password parking lock \
             keybox photos sharing unit status",
        ),
        ("unit_", "room number type rent area apartment photos status"),
        (
            "owner_contract_",
            "apartment start end work_model scan title_deed letter permit passport stage",
        ),
        (
            "tenant_contract_",
            "unit start end price scan type history passport co_tenant co_tenant_id co_tenant_id_scan stage",
        ),
        ("contact_", "email birthday phone id_scan"),
        ("", "pml_start pml_end contract_contact"),
    ] {
        for name in names.split_whitespace() {
            let key = format!("{prefix}{name}");
            let fields =
                bitrix24(&format!("fields.{key} = [\"ufCrm1_1\", \"parentId144\"]")).fields;
            assert_eq!(fields.codes(&key).unwrap(), ["ufCrm1_1", "parentId144"], "{key}");
            let fields = bitrix24(&format!("fields.{key} = \"UF_CRM_1_1\"")).fields;
            assert_eq!(fields.codes(&key).unwrap(), ["UF_CRM_1_1"], "{key}");
        }
    }
}

#[test]
fn wrong_keys_are_faults() {
    for (line, expected) in [
        (
            "apartments = 0",
            "3: bitrix24.apartments: must be a whole number from 1 to 4294967295, not 0",
        ),
        ("units = 144", "3: bitrix24.units: is the number of apartments too"),
        ("updated_format = \"ISO\"", "3: bitrix24.updated_format: must be one of"),
        ("full_every = \"0s\"", "3: bitrix24.full_every: must be more than 0s"),
        ("fields = \"x\"", "3: bitrix24.fields: must be a section"),
        (
            "fields.pml_start = \"uf Crm\"",
            "3: bitrix24.fields.pml_start: must be the code of a field",
        ),
        ("fields.pml = \"ufCrm1_1\"", "3: bitrix24.fields.pml: unknown key"),
        ("deals = 2", "3: bitrix24.deals: unknown key"),
        ("only.apartment_status = []", "3: bitrix24.only.apartment_status: must not be empty"),
        (
            "only.apartment_status = [1.5]",
            "3: bitrix24.only.apartment_status: element 1 must be the id of a choice, or text",
        ),
        ("only.status = 1", "3: bitrix24.only.status: unknown key"),
        (
            "only.unit_photos = 1",
            "3: bitrix24.only.unit_photos: needs the field's code, bitrix24.fields.unit_photos",
        ),
    ] {
        let message = message(&format!("{LEAST}{line}\n"));
        assert!(message.starts_with(&format!("config.toml:{expected}")), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn what_is_no_webhook_is_refused_and_not_shown() {
    for url in [
        "p0rtal.example/rest/17/s3cret/",
        "ftp://p0rtal.example/rest/17/s3cret/",
        "https://p0rtal.example/",
        "https://p0rtal.example/rest/17/",
        "https://p0rtal.example/rest/s3cret/17a/",
        "https://p0rtal.example/rest/17/s3cret/crm.item.list.json",
        "https://p0rtal.example/rest/17/s3cret/profile/",
        "https://p0rtal.example/rest/17/s3cret/?auth=s3cret",
        "https://u:s3cret@p0rtal.example/rest/17/s3cret/",
    ] {
        let message = message(&format!("[bitrix24]\nwebhook_url = {url:?}\n"));
        assert!(message.starts_with("config.toml:2: bitrix24.webhook_url: must "), "{message}");
        for secret in ["s3cret", "p0rtal"] {
            assert!(!message.contains(secret), "{message}");
        }
    }
}

#[test]
fn the_webhook_has_four_spellings() {
    let dir = TempDir::new().unwrap();
    let path = file(&dir, "webhook", format!("{WEBHOOK}\n"));
    file(&dir, "bitrix24-webhook-url", WEBHOOK);
    let in_file = format!("[bitrix24]\nwebhook_url_file = {:?}\n", path.to_str().unwrap());
    let bare = "[bitrix24]\n".to_owned();
    let variable = || Environment::new().variable("BITRIX24_WEBHOOK_URL", WEBHOOK);
    for (text, environment) in [
        (LEAST.to_owned(), Environment::new()),
        (in_file, Environment::new()),
        (bare.clone(), variable()),
        (bare, Environment::new().credentials(dir.path())),
    ] {
        let bitrix24 = parse_in(&text, &environment).unwrap().bitrix24.unwrap();
        assert_eq!(bitrix24.webhook_url.expose_secret().as_str(), WEBHOOK);
    }
    let message = message_in(LEAST, &variable());
    assert!(message.contains("bitrix24.webhook_url: is given 2 times"), "{message}");
    assert!(!message.contains("s3cret"), "{message}");
}

#[test]
fn debug_does_not_show_the_webhook() {
    let shown = format!("{:?}", bitrix24(""));
    for secret in ["s3cret", "p0rtal"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

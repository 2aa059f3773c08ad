//! `[alma]`: every key with its default, the key of the API hidden.

use jiff::civil::date;
use secrecy::ExposeSecret;
use tempfile::TempDir;
use uzhkh_ledger::config::{
    Alma, AlmaSource, AlmaTable, AlmaTables, Archive, Environment, PhoneCountry,
    TenantContractNames, Upload,
};

use crate::config::{file, message, message_in, parse, parse_in};

const LEAST: &str = "[alma]\nbase_url = \"https://a.example:1337/x\"\napi_key = \"k3y\"\n";

fn alma(lines: &str) -> Alma {
    parse(&format!("{LEAST}{lines}\n")).unwrap().alma.unwrap()
}

#[test]
fn the_least_section_has_the_documented_defaults() {
    let config = parse(LEAST).unwrap();
    assert!(config.uzhkh.is_none() && config.macrocrm.is_none());
    let alma = config.alma.unwrap();
    assert_eq!(alma.base_url.expose_secret().as_str(), "https://a.example:1337/x/");
    assert_eq!(alma.api_key.expose_secret(), "k3y");
    assert_eq!(alma.project, 207);
    assert_eq!(alma.source, AlmaSource::Uzhkh);
    assert_eq!(alma.schedule, "*/10 * * * * *");
    assert_eq!(alma.archive, Archive::Manual);
    assert_eq!(alma.unit_types, ["Квартира", "Апартаменты"]);
    assert_eq!(alma.open_ended_date, date(2099, 12, 31));
    assert_eq!(alma.work_model, "Long term");
    assert_eq!(alma.type_contract, "Long-term 3+ months");
    assert_eq!(alma.timezone.iana_name(), Some("Europe/Moscow"));
    assert_eq!(alma.tenant_contract_names, TenantContractNames::Either);
    assert_eq!(alma.tables, AlmaTables::default());
    assert_eq!(alma.concurrency, 8);
    assert_eq!(alma.upload, Upload::Multipart);
    assert_eq!(alma.upload_part, "file");
}

#[test]
fn a_host_may_be_in_cyrillic() {
    let alma = parse(&LEAST.replace("a.example:1337", "ПРИМЕР.рф")).unwrap().alma.unwrap();
    assert_eq!(alma.base_url.expose_secret().as_str(), "https://xn--e1afmkfd.xn--p1ai/x/");
}

#[test]
fn every_key_can_be_set() {
    let alma = alma(
        "project = 240\nsource = \"uzhkh\"\nschedule = \"0 * * * * *\"\narchive = \"auto\"\nunit_types = [\"Комната\"]\n\
         open_ended_date = \"2050-01-31\"\nwork_model = \"TM 10%\"\ntype_contract = \"Airbnb\"\ntimezone = \"+04:00\"\n\
         concurrency = 64\nupload = \"json-url\"\nupload_part = \"image\"",
    );
    assert_eq!(alma.project, 240);
    assert_eq!(alma.schedule, "0 * * * * *");
    assert_eq!(alma.archive, Archive::Auto);
    assert_eq!(alma.unit_types, ["Комната"]);
    assert_eq!(alma.open_ended_date, date(2050, 1, 31));
    assert_eq!(alma.work_model, "TM 10%");
    assert_eq!(alma.type_contract, "Airbnb");
    assert_eq!(alma.timezone.to_fixed_offset().unwrap().seconds(), 4 * 3600);
    assert_eq!(alma.concurrency, 64);
    assert_eq!(alma.upload, Upload::JsonUrl);
    assert_eq!(alma.upload_part, "image");
}

#[test]
fn wrong_keys_are_faults() {
    for (line, expected) in [
        (
            "project = 0",
            "alma.project: must be a whole number from 1 to 9223372036854775807, not 0",
        ),
        ("project = \"207\"", "alma.project: must be a whole number from 1 to"),
        (
            "source = \"bitrix\"",
            "alma.source: must be one of \"uzhkh\", \"bitrix24\", not \"bitrix\"",
        ),
        ("schedule = \"*/10 * * * *\"", "alma.schedule: must be a cron expression"),
        ("archive = true", "alma.archive: must be a string in quotes, not a boolean"),
        ("unit_types = []", "alma.unit_types: must not be empty"),
        ("unit_types = [\"Квартира\", \" \"]", "alma.unit_types: element 2 must not be empty"),
        ("open_ended_date = \"31.12.2099\"", "alma.open_ended_date: must be a date in quotes"),
        ("work_model = \"\"", "alma.work_model: must not be empty"),
        ("type_contract = 1", "alma.type_contract: must be a string"),
        ("timezone = \"Mars\"", "alma.timezone: must be a time zone"),
        ("concurrency = 65", "alma.concurrency: must be a whole number from 1 to 64, not 65"),
        (
            "upload = \"base64\"",
            "alma.upload: must be one of \"multipart\", \"json-url\", not \"base64\"",
        ),
        ("upload_part = \"\"", "alma.upload_part: must not be empty"),
        ("concurency = 8", "alma.concurency: unknown key; did you mean concurrency?"),
    ] {
        let message = message(&format!("{LEAST}{line}\n"));
        assert!(message.starts_with(&format!("config.toml:4: {expected}")), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    let beyond = LEAST.replace("1337/x", "1337/external_api");
    assert_eq!(message(&beyond), "config.toml:2: alma.base_url: must end before external_api/");
    assert_eq!(message("[alma]\napi_key = \"k3y\"\n"), "config.toml:1: alma.base_url: is missing");
}

#[test]
fn bitrix24_may_be_the_source_and_its_tables_are_added_to_or_replaced() {
    let alma = alma(
        "source = \"bitrix24\"\ntenant_contract_names = \"apartment\"\ntables_replace = [\"sharing\", \"bedrooms\"]\n\
         [alma.tables.type_contract]\n6578 = \" Less than a month \"\n\
         [alma.tables.subway_station]\n\"2762\" = \"\"\n256 = \"Expo 2020\"\n\
         [alma.tables.bedrooms]\n54 = 1\n56 = \"02\"\n\
         [alma.tables.sharing]\n1 = true\n2 = \"false\"",
    );
    assert_eq!(alma.source, AlmaSource::Bitrix24);
    assert_eq!(alma.tenant_contract_names, TenantContractNames::Apartment);
    let replaced: Vec<AlmaTable> = alma.tables.replaced.into_iter().collect();
    assert_eq!(replaced, [AlmaTable::Bedrooms, AlmaTable::Sharing]);
    let rows = |table| {
        let rows = alma.tables.rows[&table].iter();
        rows.map(|(id, word)| format!("{id} {word}")).collect::<Vec<_>>()
    };
    assert_eq!(rows(AlmaTable::TypeContract), ["6578 Less than a month"]);
    assert_eq!(rows(AlmaTable::SubwayStation), ["256 Expo 2020", "2762 "]);
    assert_eq!(rows(AlmaTable::Bedrooms), ["54 1", "56 2"]);
    assert_eq!(rows(AlmaTable::Sharing), ["1 true", "2 false"]);
    assert_eq!(alma.tables.rows.len(), 4);
}

#[test]
fn what_has_no_country_and_no_name_has_those_of_the_config() {
    let (uzhkh, bitrix24) = (alma(""), alma("source = \"bitrix24\""));
    assert_eq!((uzhkh.phone_country, bitrix24.phone_country), (PhoneCountry::RU, PhoneCountry::AE));
    assert_eq!(uzhkh.blank_last_name, "-");
    let other = alma("phone_country = \"kz\"\nblank_last_name = \"\"");
    assert_eq!(
        (other.phone_country.to_string(), other.blank_last_name),
        ("KZ".to_owned(), String::new())
    );
    for line in ["phone_country = \"Russia\"", "phone_country = \"XX\"", "phone_country = 7"] {
        let message = message(&format!("{LEAST}{line}\n"));
        assert!(message.starts_with("config.toml:4: alma.phone_country: must be "), "{message}");
    }
}

#[test]
fn the_word_minus_may_stand_in_every_table() {
    for table in AlmaTable::ALL {
        let alma = alma(&format!("tables.{}.7 = \"-\"", table.name()));
        let word = if table == AlmaTable::SubwayStation { "" } else { "-" };
        assert_eq!(alma.tables.rows[&table]["7"], word, "{table:?}");
    }
}

#[test]
fn wrong_tables_are_faults() {
    for (lines, expected) in [
        (
            "tenant_contract_names = \"room\"",
            "4: alma.tenant_contract_names: must be one of \"either\", \"unit\", \"apartment\", not \"room\"",
        ),
        (
            "tables_replace = [\"metro\"]",
            "4: alma.tables_replace: element 1 must be one of \"property_type\"",
        ),
        (
            "tables_replace = [\"sharing\"]",
            "4: alma.tables_replace: names \"sharing\", and there is no section [alma.tables.sharing]",
        ),
        ("[alma.tables]\nmetro = {}", "5: alma.tables.metro: unknown key"),
        (
            "[alma.tables]\nsharing = 1",
            "5: alma.tables.sharing: must be a section, [alma.tables.sharing], not an integer",
        ),
        (
            "[alma.tables.work_model]\nlong = \"Long term\"",
            "5: alma.tables.work_model.long: must be the id of a choice, such as 54",
        ),
        (
            "[alma.tables.work_model]\n1 = [\"Long term\"]",
            "5: alma.tables.work_model.1: must be a word of Alma's in quotes, not an array",
        ),
        ("[alma.tables.work_model]\n1 = \" \"", "5: alma.tables.work_model.1: must not be empty"),
        (
            "[alma.tables.bedrooms]\n1 = \"two\"",
            "5: alma.tables.bedrooms.1: must be a number of bedrooms, such as 2",
        ),
        (
            "[alma.tables.bedrooms]\n1 = -2",
            "5: alma.tables.bedrooms.1: must be a number of bedrooms, such as 2",
        ),
        (
            "[alma.tables.sharing]\n1 = \"yes\"",
            "5: alma.tables.sharing.1: must be true, where it is let whole, or false, where it is shared",
        ),
    ] {
        let message = message(&format!("{LEAST}{lines}\n"));
        assert!(message.starts_with(&format!("config.toml:{expected}")), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn the_key_of_the_api_has_four_spellings() {
    let dir = TempDir::new().unwrap();
    let path = file(&dir, "key", "k3y\n");
    file(&dir, "alma-api-key", "k3y\n");
    let with = |spelling: &str| format!("[alma]\nbase_url = \"https://a.example/\"\n{spelling}\n");
    let in_file = with(&format!("api_key_file = {:?}", path.to_str().unwrap()));
    let variable = || Environment::new().variable("ALMA_API_KEY", "k3y");
    for (text, environment) in [
        (with("api_key = \"k3y\""), Environment::new()),
        (in_file.clone(), Environment::new()),
        (with(""), variable()),
        (with(""), Environment::new().credentials(dir.path())),
    ] {
        let alma = parse_in(&text, &environment).unwrap().alma.unwrap();
        assert_eq!(alma.api_key.expose_secret(), "k3y");
    }
    assert_eq!(
        message(&with("")),
        "config.toml:1: alma.api_key: is missing: give exactly one of api_key, api_key_file, the environment variable ALMA_API_KEY and the systemd credential alma-api-key"
    );
    for (text, environment) in [
        (LEAST.to_owned(), variable()),
        (in_file, Environment::new().credentials(dir.path())),
        (with(""), variable().credentials(dir.path())),
    ] {
        let message = message_in(&text, &environment);
        assert!(message.contains("alma.api_key: is given 2 times"), "{message}");
        assert!(!message.contains("k3y"), "{message}");
    }
}

#[test]
fn debug_shows_neither_the_address_nor_the_key() {
    let shown = format!("{:?}", alma(""));
    for secret in ["k3y", "a.example", "1337"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

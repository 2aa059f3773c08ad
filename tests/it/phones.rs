//! The table of countries' phones holds what the library knows.

use std::path::Path;

use phonenumber::Type;
use phonenumber::metadata::DATABASE;

/// Has the table written anew: `UZHKH_LEDGER_PHONES=renew cargo test --test it phones`.
const RENEW: &str = "UZHKH_LEDGER_PHONES";

/// The types of numbers that people have.
const TYPES: [Type; 10] = [
    Type::FixedLine,
    Type::Mobile,
    Type::TollFree,
    Type::PremiumRate,
    Type::SharedCost,
    Type::PersonalNumber,
    Type::Voip,
    Type::Pager,
    Type::Uan,
    Type::Voicemail,
];

#[test]
fn the_table_is_what_the_library_knows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/phone/countries.in");
    let known = table();
    if std::env::var(RENEW).is_ok_and(|wanted| wanted == "renew") {
        std::fs::write(&path, &known).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept.lines().count(), known.lines().count(), "{RENEW}=renew writes it anew");
    for (kept, known) in kept.lines().zip(known.lines()) {
        assert_eq!(kept, known, "{RENEW}=renew writes it anew");
    }
}

/// A row for each country, ordered by its letters.
fn table() -> String {
    let mut rows: Vec<String> = DATABASE
        .iter()
        .map(|country| {
            let numbers = TYPES.iter().filter_map(|kind| country.descriptors().get(*kind));
            // The patterns are spaced out for readers.
            let numbers = numbers.map(|numbers| numbers.national_number().as_str());
            let numbers = numbers.map(|pattern| pattern.split_whitespace().collect::<String>());
            let mobile = country.descriptors().get(Type::Mobile);
            format!(
                "Country {{ id: {:?}, code: {}, prefix: {:?}, numbers: &{:?}, mobile_lengths: &{:?} }},\n",
                country.id(),
                country.country_code(),
                country.national_prefix().filter(|prefix| !prefix.is_empty()),
                numbers.collect::<Vec<_>>(),
                mobile.map_or(&[][..], |mobile| mobile.possible_length()),
            )
        })
        .collect();
    rows.sort();
    format!("[\n{}]\n", rows.concat())
}

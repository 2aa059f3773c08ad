//! Writes what the library knows of the phones of all countries into a table: reading it at each
//! start would take longer than all the rest of the start.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use phonenumber::Type;
use phonenumber::metadata::DATABASE;

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

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
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
    let path = PathBuf::from(env::var("OUT_DIR")?).join("countries.rs");
    fs::write(path, format!("[\n{}]\n", rows.concat()))?;
    Ok(())
}

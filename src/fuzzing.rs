//! What must hold of everything that parses foreign bytes, whatever they are.
//!
//! Each property stands beside what it is about, and is taken by name
//! from here: `fuzz/` looks for bytes that break it, and the tests try it on its seeds and on
//! every beginning of them.

/// A property: it panics where it does not hold of these bytes.
pub type Property = fn(&[u8]);

/// The properties, by the names of their targets in `fuzz/`.
pub const PROPERTIES: [(&str, Property); 13] = [
    ("splitter", crate::json::fuzzing::splitter),
    ("members", crate::json::fuzzing::members),
    ("envelope", crate::uzhkh::fuzzing::envelope),
    ("feed", crate::domoplaner::fuzzing::feed),
    ("dates", dates),
    ("phones", crate::alma::fuzzing::phones),
    ("config", crate::config::fuzzing::config),
    ("macrocrm", crate::macrocrm::fuzzing::answer),
    ("bitrix24", crate::bitrix24::fuzzing::answer),
    ("alma", crate::alma::fuzzing::answer),
    ("names", crate::cli::fuzzing::names),
    ("requests", crate::web::fuzzing::request),
    ("heads", crate::http::fuzzing::head),
];

fn dates(bytes: &[u8]) {
    crate::alma::fuzzing::dates(bytes);
    crate::macrocrm::fuzzing::handover(bytes);
}

/// Tries the property of this name.
///
/// # Panics
/// It does not hold, or there is none of this name.
pub fn hold(name: &str, bytes: &[u8]) {
    let property = PROPERTIES.into_iter().find(|(known, _)| *known == name);
    let (_, property) = property.expect("a property has this name");
    property(bytes);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn fuzz() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
    }

    fn names(folder: &Path) -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
        entries.map(|entry| stem(entry.unwrap().path())).collect()
    }

    #[test]
    fn every_property_has_a_target_and_seeds() {
        let known: BTreeSet<String> =
            PROPERTIES.into_iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names(&fuzz().join("fuzz_targets")), known);
        assert_eq!(names(&fuzz().join("seeds")), known);
    }

    /// As they are, broken off anywhere, and with a byte that is another.
    #[test]
    fn every_property_holds_of_its_seeds() {
        for (name, property) in PROPERTIES {
            let mut seeds = 0;
            for entry in fs::read_dir(fuzz().join("seeds").join(name)).unwrap() {
                let bytes = fs::read(entry.unwrap().path()).unwrap();
                seeds += 1;
                property(&bytes);
                // Long ones not at every byte: the cost grows with the square.
                let step = bytes.len() / 40 + 1;
                for at in (0..bytes.len()).step_by(step) {
                    property(&bytes[..at]);
                    let mut other = bytes.clone();
                    other[at] ^= 0x03;
                    property(&other);
                }
            }
            assert!(seeds > 0, "{name} has no seeds");
        }
    }
}

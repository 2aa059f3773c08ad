//! The files that an object's fields name: photos and scans of the source, which stand for
//! themselves until they are uploaded ([`super::uploads`]).

use super::fields::{Fields, photos};
use crate::json;

/// The field of a unit's or a room's photos.
pub(super) const PHOTOS: &str = "photos";
/// What the value of a scan begins with until it is uploaded.
const FILE: &str = "file:";

/// The files that fields name.
pub(super) fn named(fields: &Fields) -> Vec<String> {
    fields.iter().flat_map(|(name, value)| of_field(name, value)).collect()
}

/// The files of the fields that Alma's words are about.
pub(super) fn named_in(fields: &Fields, words: &str) -> Vec<String> {
    let meant = fields.iter().filter(|(name, _)| words.contains(name));
    meant.flat_map(|(name, value)| of_field(name, value)).collect()
}

/// The files that a field names.
pub(super) fn of_field(name: &str, value: &str) -> Vec<String> {
    if name == PHOTOS {
        // A photo that Alma has already is an object, not a text.
        let photos = photos(value).unwrap_or_default().into_iter();
        return photos.filter_map(|photo| Some(json::string(photo)?.into_owned())).collect();
    }
    let text = json::string(value).unwrap_or_default();
    text.strip_prefix(FILE).map(str::to_owned).into_iter().collect()
}

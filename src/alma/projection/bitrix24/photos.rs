//! The photos of an apartment or a unit.

use super::item::Item;
use crate::alma::objects::Photo;

/// The whole set, in its order; `None`: the item lacks the field, or the portal has none.
pub(super) fn of(kind: &str, id: &str, item: &Item<'_>, key: &str) -> Option<Vec<Photo>> {
    let files = item.files(key).into_iter();
    let field = item.counted_code(key);
    let photo = |file| Photo::File { file: format!("{kind}/{id}/{field}/{file}") };
    item.has(key).then(|| files.map(photo).collect())
}

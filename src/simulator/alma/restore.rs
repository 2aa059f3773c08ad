//! Gives Alma back what it had before the simulator started: a new simulator plays the
//! Alma that an earlier one left off.

use super::fields::Shape;
use super::kind::AlmaKind;
use super::object::Photo;
use super::state::{File, Memory};
use super::{Alma, body};

/// An object that Alma had.
#[derive(Clone, Debug)]
pub struct RestoredObject {
    /// Kind of the object.
    pub kind: AlmaKind,
    /// Alma's id.
    pub id: i64,
    /// Fields, each with its raw JSON: references and scans by Alma's ids. What is no
    /// field of the kind is left out, and so are photos.
    pub fields: Vec<(String, String)>,
    /// Photos, in order.
    pub photos: Vec<RestoredPhoto>,
}

/// A photo of a restored object.
#[derive(Clone, Copy, Debug)]
pub struct RestoredPhoto {
    /// Alma's id of the photo.
    pub id: i64,
    /// Alma's id of the upload that it came from.
    pub file: i64,
}

impl Alma {
    /// Puts an object back under its id, by no rules: parents go before what stands in them.
    pub fn restore(&self, object: &RestoredObject) {
        self.shared.lock().alma.restore(object);
    }

    /// Puts an upload back under its id. Its bytes are gone.
    pub fn restore_file(&self, id: i64, name: &str) {
        let file = File { name: name.to_owned(), length: 0, sha256: None, url: None };
        self.shared.lock().alma.restore_file(id, file);
    }

    /// Gives no new object of a kind this id, or one before it.
    pub fn reserve_id(&self, kind: AlmaKind, id: i64) {
        self.shared.lock().alma.reserve_id(kind, id);
    }
}

impl Memory {
    fn restore(&mut self, restored: &RestoredObject) {
        let RestoredObject { kind, id, .. } = *restored;
        let is_kept = |name: &str| {
            let field = kind.field(name);
            field.is_some_and(|field| !field.shape.is_made() && field.shape != Shape::Photos)
        };
        let fields = restored.fields.iter().filter(|(name, _)| is_kept(name));
        let members: body::Members = fields.cloned().collect();
        self.reserve_id(kind, id);
        self.place_at(kind, id, &members);
        let photos: Vec<Photo> = restored
            .photos
            .iter()
            .map(|photo| self.restore_photo(Photo { id: photo.id, file: photo.file }))
            .collect();
        self.change(kind, id, |object| object.photos = photos);
    }
}

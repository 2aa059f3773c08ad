//! Gives the simulated Alma what the ledger knows that it has.
//!
//! An Alma that began empty would give the ids of known objects to new ones, and the
//! reconciler would rightly leave both alone.

use std::collections::HashMap;

use crate::json::{self, Members};
use crate::ledger::{AlmaKey, AlmaKind, AlmaRow, AsPhoto, Reader};
use simulator::{self, RestoredObject, RestoredPhoto};

/// The field of a contract that says which object its `unit_id` stands for.
const RENTAL_OBJECT: &str = "rental_object";
/// Prefix of a scan that stands for its file.
const FILE: &str = "file:";

/// Alma's ids, by the ledger's names.
struct Known {
    objects: HashMap<AlmaKey, i64>,
    uploads: HashMap<String, i64>,
}

/// Puts every upload and every object back that Alma is known to have.
pub(super) fn restore(reader: &Reader, alma: &simulator::Alma) -> anyhow::Result<()> {
    let rows = reader.known_alma()?;
    let objects = rows.iter().filter_map(|row| Some((row.key.clone(), row.alma_id?)));
    let known = Known { objects: objects.collect(), uploads: reader.alma_uploads()? };
    for (file, id) in &known.uploads {
        alma.restore_file(*id, file);
    }
    for row in &rows {
        let (Some(kind), Some(id)) = (simulated(row.key.kind), row.alma_id) else { continue };
        match row.sent.as_deref().or(row.desired.as_deref()).and_then(Members::parse) {
            Some(sent) => {
                let fields = known.fields(row.key.kind, &sent);
                let photos = known.photos(reader, row)?;
                alma.restore(&RestoredObject { kind, id, fields, photos });
            }
            // It has left the ledger; only its id must not be given again.
            None => alma.reserve_id(kind, id),
        }
    }
    Ok(())
}

/// The simulator's word for a kind.
fn simulated(kind: AlmaKind) -> Option<simulator::AlmaKind> {
    simulator::AlmaKind::ALL.into_iter().find(|one| one.word() == kind.word())
}

impl Known {
    /// Fields as Alma was sent them: references and scans by Alma's ids.
    fn fields(&self, kind: AlmaKind, sent: &Members<'_>) -> Vec<(String, String)> {
        let let_object = sent.get(RENTAL_OBJECT).and_then(json::string);
        let fields = sent.iter().map(|(name, raw)| {
            let text = json::string(raw).unwrap_or_default();
            let id = match (name, let_object.as_deref()) {
                ("building", _) if kind == AlmaKind::Unit => {
                    self.object(&[AlmaKind::Building], &text)
                }
                ("parent_unit", _) => self.object(&[AlmaKind::Unit], &text),
                ("client_id", _) => self.object(&[AlmaKind::Client], &text),
                ("unit_id", Some(object)) => object
                    .split_once(' ')
                    .and_then(|(kind, id)| self.object(AlmaKind::from_word(kind).as_slice(), id)),
                ("unit_id", None) => self.object(&[AlmaKind::Unit, AlmaKind::Room], &text),
                _ => text.strip_prefix(FILE).and_then(|file| self.uploads.get(file).copied()),
            };
            (name.to_owned(), id.map_or_else(|| raw.to_owned(), |id| id.to_string()))
        });
        fields.collect()
    }

    /// Alma's id of an object of one of these kinds.
    fn object(&self, kinds: &[AlmaKind], external_id: &str) -> Option<i64> {
        let mut keys = kinds.iter().map(|kind| AlmaKey::new(*kind, external_id));
        keys.find_map(|key| self.objects.get(&key).copied())
    }

    /// The photos that Alma is known to have of an object.
    fn photos(&self, reader: &Reader, row: &AlmaRow) -> anyhow::Result<Vec<RestoredPhoto>> {
        let mut photos = Vec::new();
        for photo in reader.alma_photos(&row.key)? {
            if let (AsPhoto::Id(id), Some(file)) = (photo.as_photo, self.uploads.get(&photo.file)) {
                photos.push(RestoredPhoto { id, file: *file });
            }
        }
        Ok(photos)
    }
}

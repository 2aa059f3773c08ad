//! `alma_photo`: which photo of Alma each file of an object has become.

use rusqlite::params;

use super::kind::AlmaKey;
use crate::ledger::{Error, Reader, Tx};

/// A file in the set of an object's photos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlmaPhoto {
    /// `alma_file.file`
    pub file: String,
    /// The photo that it has become.
    pub as_photo: AsPhoto,
}

/// The photo that a file of a set has become, or may have become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AsPhoto {
    /// The photo with this id.
    Id(i64),
    /// Being written, beside these photos (JSON): it may have become one.
    Beside(String),
}

impl Tx<'_> {
    /// Notes the whole set of an object, in its order.
    pub fn set_alma_photos(&self, key: &AlmaKey, photos: &[AlmaPhoto]) -> Result<(), Error> {
        let (kind, id) = (key.kind.word(), &key.external_id);
        self.connection
            .prepare_cached("DELETE FROM alma_photo WHERE kind = ?1 AND external_id = ?2")?
            .execute([kind, id])?;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO alma_photo (kind, external_id, file, place, photo_id, beside) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?;
        for (place, photo) in photos.iter().enumerate() {
            let (photo_id, beside) = match &photo.as_photo {
                AsPhoto::Id(photo_id) => (Some(photo_id), None),
                AsPhoto::Beside(photos) => (None, Some(photos)),
            };
            insert.execute(params![kind, id, photo.file, place, photo_id, beside])?;
        }
        Ok(())
    }
}

impl Reader {
    /// The recorded photos of an object, in the order of the set.
    pub fn alma_photos(&self, key: &AlmaKey) -> Result<Vec<AlmaPhoto>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT file, photo_id, coalesce(beside, '') FROM alma_photo \
             WHERE kind = ?1 AND external_id = ?2 ORDER BY place",
        )?;
        let rows = statement.query_map([key.kind.word(), &key.external_id], |row| {
            let photo_id: Option<i64> = row.get(1)?;
            Ok(AlmaPhoto {
                file: row.get(0)?,
                as_photo: match photo_id {
                    Some(photo_id) => AsPhoto::Id(photo_id),
                    None => AsPhoto::Beside(row.get(2)?),
                },
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

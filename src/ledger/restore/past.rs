//! What the replaced ledger still has to say, where it can be read: how far numbers were
//! given, and, where the backup is what it was before, what was given to the outside since.

use std::path::Path;

use rusqlite::{OptionalExtension, params};

use super::sent::Sent;
use crate::ledger::identity::NewIdentity;
use crate::ledger::{EnvelopeParser, Error, Identity, IdentityState, LedgerSpan, Reader, Tx};

/// What the replaced ledger still has to say.
pub(super) struct Past {
    /// The highest number that each table has given.
    pub(super) given: Vec<(String, i64)>,
    /// What it knows, where it is the same ledger at a later time.
    pub(super) later: Option<Later>,
}

/// What the same ledger knows at a later time.
pub(super) struct Later {
    identities: Vec<Identity>,
    photos: Vec<Photo>,
    /// `None` where it cannot be read, though the rest can.
    pub(super) sent: Option<Sent>,
}

/// A row of `alma_photo`.
struct Photo {
    object: [String; 2],
    file: String,
    place: i64,
    photo_id: Option<i64>,
    beside: Option<String>,
}

impl Past {
    pub(super) fn read(ledger: &Path, continues: bool) -> Result<Self, Error> {
        let reader = Reader::open(ledger)?;
        let mut statement = reader
            .connection
            .prepare("SELECT name, max(seq) FROM sqlite_sequence GROUP BY name")?;
        let given = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let later = || {
            Ok::<_, Error>(Later {
                identities: reader.identities()?,
                photos: reader.photos()?,
                sent: reader.sent().ok(),
            })
        };
        Ok(Self {
            given: given.collect::<Result<_, _>>()?,
            later: continues.then(later).transpose()?,
        })
    }
}

impl Tx<'_> {
    /// Takes over what was given to the outside since; answers how many identities were
    /// new.
    pub(super) fn take_over(
        &self,
        later: &Later,
        parser: &dyn EnvelopeParser,
    ) -> Result<usize, Error> {
        self.take_photos_over(&later.photos)?;
        self.take_identities_over(&later.identities, parser)
    }

    /// What stands in Alma, and is not known to be ours, is taken for people's and stays.
    fn take_photos_over(&self, photos: &[Photo]) -> Result<(), Error> {
        self.connection.execute("DELETE FROM alma_photo", [])?;
        let mut insert = self.connection.prepare(
            "INSERT INTO alma_photo (kind, external_id, file, place, photo_id, beside) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for photo in photos {
            let [kind, id] = &photo.object;
            insert.execute(params![
                kind,
                id,
                photo.file,
                photo.place,
                photo.photo_id,
                photo.beside
            ])?;
        }
        Ok(())
    }

    /// The identities that came since, and how far each has come. One that was given
    /// another permanent id by hand since gets that, where nothing else has it.
    fn take_identities_over(
        &self,
        identities: &[Identity],
        parser: &dyn EnvelopeParser,
    ) -> Result<usize, Error> {
        let mut taken = 0;
        for identity in identities {
            let temporary_id = &identity.temporary();
            let Some(permanent_id) = &identity.permanent_id else {
                // It waited; the lists that are read anew show it again.
                continue;
            };
            match self.identity(temporary_id)? {
                Some(known) if known.permanent_id.as_ref() == Some(permanent_id) => {}
                Some(_) => {
                    if !parser.name(self, temporary_id, permanent_id)? {
                        continue;
                    }
                }
                None if self.holder(&identity.kind, permanent_id)?.is_some() => continue,
                None => {
                    let new = NewIdentity {
                        permanent_id: Some(permanent_id),
                        is_seen: identity.first_seen_at.is_some(),
                        is_linked: identity.is_linked,
                    };
                    self.insert_identity(temporary_id, new)?;
                    taken += 1;
                }
            }
            if identity.state == IdentityState::Announced {
                self.announce(temporary_id)?;
            }
        }
        Ok(taken)
    }
}

impl Reader {
    /// The envelopes and the changes that are newer than those of a backup.
    pub(super) fn newer_than(&self, backup: &LedgerSpan) -> Result<(u64, u64), Error> {
        let newer = self.connection.query_row(
            "SELECT (SELECT count(*) FROM envelope WHERE seq > ?1), (SELECT count(*) FROM change WHERE seq > ?2)",
            [backup.last_envelope, backup.last_change],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(newer)
    }

    /// Whether a backup is of this ledger, and its last change is one of this ledger too: it is
    /// what this ledger was. Where one of them has forgotten that change, the last record tells;
    /// those are kept.
    pub(super) fn continues(&self, backup: &Reader, span: &LedgerSpan) -> Result<bool, Error> {
        if self.ledger_id()? != backup.ledger_id()? {
            return Ok(false);
        }
        if span.last_change <= self.forgotten_changes()? {
            return match backup.last_record()? {
                Some(record) => self.has_record(&record),
                None => Ok(span.last_envelope == 0),
            };
        }
        let change = |reader: &Reader| {
            let sql =
                "SELECT json_array(at, source, kind, id, op, fields) FROM change WHERE seq = ?1";
            let mut statement = reader.connection.prepare(sql)?;
            let found = statement.query_row([span.last_change], |row| row.get::<_, String>(0));
            Ok::<_, Error>(found.optional()?)
        };
        let own = change(self)?;
        Ok(own.is_some() && own == change(backup)?)
    }

    /// The record that came last, and when.
    fn last_record(&self) -> Result<Option<[String; 4]>, Error> {
        let sql = "SELECT source, kind, id, first_seen_at FROM record ORDER BY rowid DESC LIMIT 1";
        let found = self
            .connection
            .query_row(sql, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]));
        Ok(found.optional()?)
    }

    fn has_record(&self, record: &[String; 4]) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM record WHERE source = ?1 AND kind = ?2 AND id = ?3 AND first_seen_at = ?4";
        Ok(self.connection.prepare(sql)?.exists(record.each_ref())?)
    }

    fn photos(&self) -> Result<Vec<Photo>, Error> {
        let mut statement = self
            .connection
            .prepare("SELECT kind, external_id, file, place, photo_id, beside FROM alma_photo")?;
        let rows = statement.query_map([], |row| {
            Ok(Photo {
                object: [row.get(0)?, row.get(1)?],
                file: row.get(2)?,
                place: row.get(3)?,
                photo_id: row.get(4)?,
                beside: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

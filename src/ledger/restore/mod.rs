//! A backup takes the place of the ledger.
//!
//! The backup is checked first, and what would be lost is told ([`Restore::prepare`]).
//! Then a copy is made beside the ledger, brought to this program's version, made to
//! doubt what it remembers of the outside (see [`doubts`]) and checked again; only then
//! the names change (see [`swap`]). A crash at any instant leaves the one ledger or the
//! other, and the replaced one is kept.

mod doubts;
mod past;
mod sent;
mod swap;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::TransactionBehavior;

use super::backup::{CancelFlag, Partial, copy_from, folder, verified, verified_by};
use super::guard::FileId;
use super::memory::Memory;
use super::owner::Ownership;
use super::schema::Cache;
use super::{EnvelopeParser, Error, LedgerSpan, NotRestored, Reader, Refusal, Tx, memory, schema};

/// A restore that has been checked and not been done.
pub(crate) struct Restore {
    owner: Ownership,
    /// The ledger itself, where its name is a link.
    ledger: PathBuf,
    from: PathBuf,
    backup: LedgerSpan,
    present: Present,
    /// The WAL beside the ledger was written for another file.
    has_foreign_wal: bool,
}

/// The ledger that would be replaced.
#[derive(Debug, Clone)]
pub(crate) enum Present {
    /// There is none.
    Absent,
    /// It cannot be read; why, in words.
    Unreadable(String),
    /// It is the file that is taken for a backup.
    Itself,
    /// It goes so far.
    Is {
        /// How far.
        span: LedgerSpan,
        /// Entries that the backup does not have.
        newer_envelopes: u64,
        /// Changes that the backup does not have.
        newer_changes: u64,
        /// Whether the backup is this ledger as it was before.
        continues: bool,
    },
}

/// What a restore came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Restored {
    /// Where the replaced ledger is kept; `None` where there was none.
    pub(crate) aside: Option<PathBuf>,
    /// Calls that may have been sent since the backup: a person must look.
    pub(crate) unknown_calls: usize,
    /// Objects of Alma whose leaving waits for the operator once more.
    pub(crate) held: usize,
    /// Permanent ids taken over from the replaced ledger; `None` where it could not tell.
    pub(crate) identities: Option<usize>,
    /// Decisions, bookings and blocks taken over from the replaced ledger; `None` where it
    /// could not tell.
    pub(crate) sent: Option<usize>,
}

impl Restore {
    /// Takes the ledger for this process and checks the backup. Nothing is changed.
    ///
    /// # Errors
    /// [`Error::Owned`], [`Error::Newer`], or [`Refusal::NotRestored`] with what is wrong
    /// with the backup.
    pub(crate) fn prepare(
        ledger: &Path,
        from: &Path,
        parser: &dyn EnvelopeParser,
    ) -> Result<Self, Error> {
        if !from.is_file() {
            return Err(refusal(from, NotRestored::NoFile));
        }
        if !folder(ledger).is_dir() {
            return Err(Refusal::NoLedgerFolder { folder: folder(ledger).to_owned() }.into());
        }
        let ledger = fs::canonicalize(ledger).unwrap_or_else(|_| ledger.to_owned());
        if fs::canonicalize(from).is_ok_and(|from| from == ledger) {
            return Err(refusal(from, NotRestored::IsLedger));
        }
        let owner = Ownership::take(&ledger)?;
        let backup = verified(from, parser, &CancelFlag::default());
        let backup = backup.map_err(|error| not_restored(error, from))?;
        let has_foreign_wal = memory::refuse_foreign_wal_to_owner(&ledger).is_err();
        let present = match has_foreign_wal {
            true => Present::Unreadable("its log was written for another file".to_owned()),
            false => present(&ledger, from, &backup),
        };
        Ok(Self { owner, ledger, from: from.to_owned(), backup, present, has_foreign_wal })
    }

    /// Takes the ledger for this process, and checks the file that stands in its place, which
    /// was put there by other means. Nothing is changed.
    ///
    /// # Errors
    /// As [`Restore::prepare`], and [`Error::Absent`].
    pub(crate) fn prepare_in_place(
        ledger: &Path,
        parser: &dyn EnvelopeParser,
    ) -> Result<Self, Error> {
        let ledger =
            fs::canonicalize(ledger).map_err(|_| Error::Absent { path: ledger.to_owned() })?;
        let owner = Ownership::take(&ledger)?;
        let has_foreign_wal = memory::refuse_foreign_wal_to_owner(&ledger).is_err();
        let opened = match has_foreign_wal {
            true => Reader::open_alone(&ledger),
            false => Reader::open(&ledger),
        };
        let backup = opened.and_then(|reader| verified_by(reader, parser, &CancelFlag::default()));
        let backup = backup.map_err(|error| not_restored(error, &ledger))?;
        let from = ledger.clone();
        Ok(Self { owner, ledger, from, backup, present: Present::Itself, has_foreign_wal })
    }

    /// How far the backup goes.
    pub(crate) fn backup(&self) -> &LedgerSpan {
        &self.backup
    }

    /// The ledger that would be replaced.
    pub(crate) fn present(&self) -> &Present {
        &self.present
    }

    /// Replaces the ledger. `lists`: what the next start is to read anew of UZhKH.
    ///
    /// # Errors
    /// [`Error::Refused`] with what is in the way: no room, or a process that reads the ledger.
    /// The ledger is as it was then.
    pub(crate) fn carry_out(
        mut self,
        lists: &[&str],
        now: Timestamp,
        parser: &dyn EnvelopeParser,
    ) -> Result<Restored, Error> {
        let partial = Partial::of(&self.ledger)?;
        let like = match self.present {
            Present::Absent => folder(&self.ledger),
            _ => &self.ledger,
        };
        partial.belong_like(like)?;
        let room = |error| no_room(error, &self.ledger);
        self.copy(partial.path()).map_err(room)?;
        let (mut restored, memory) =
            self.doubt(partial.path(), lists, now, parser).map_err(room)?;
        verified(partial.path(), parser, &CancelFlag::default())?;
        self.owner.expect_restored(&memory);
        restored.aside = swap::swap(&self.ledger, partial, now, !self.has_foreign_wal)?;
        self.owner.belong_like(&self.ledger)?;
        self.owner.remember(memory);
        Ok(restored)
    }

    fn copy(&self, into: &Path) -> Result<(), Error> {
        let from = match (&self.present, self.has_foreign_wal) {
            (Present::Itself, true) => schema::open_alone(&self.from)?,
            _ => schema::open_for_reading(&self.from, Cache::Large)?,
        };
        copy_from(from, into, &CancelFlag::default())
    }

    /// Brings the copy to this version and has it doubt what it remembers; answers what is
    /// to be remembered of it, too.
    fn doubt(
        &self,
        copy: &Path,
        lists: &[&str],
        now: Timestamp,
        parser: &dyn EnvelopeParser,
    ) -> Result<(Restored, Memory), Error> {
        let mut connection = schema::open_existing(copy)?;
        let past = match &self.present {
            Present::Is { continues, .. } => Some((self.ledger.as_path(), *continues)),
            // How far numbers had been given is not known here.
            Present::Absent | Present::Unreadable(_) | Present::Itself => None,
        };
        let past = past.and_then(|(ledger, continues)| past::Past::read(ledger, continues).ok());
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let tx = Tx::new(&transaction, now);
        let restored = tx.doubt_the_outside(past.as_ref(), lists, parser)?;
        memory::set_generation(&transaction, &uuid::Uuid::now_v7().to_string())?;
        transaction.commit()?;
        let memory = Memory { wal: FileId::default(), ..Memory::of(&connection, copy)? };
        // One file again, that can be renamed alone.
        connection.pragma_update(None, "journal_mode", "DELETE")?;
        connection.close().map_err(|(_, error)| error)?;
        Ok((restored, memory))
    }
}

fn refusal(backup: &Path, why: NotRestored) -> Error {
    Refusal::NotRestored { backup: backup.to_owned(), why }.into()
}

/// What is wrong with a file, told of it.
fn not_restored(error: Error, backup: &Path) -> Error {
    let why = match error {
        Error::Refused(why) => NotRestored::Refused(Box::new(why)),
        Error::NotALedger { .. } => NotRestored::NotALedger,
        Error::Damaged(why) => NotRestored::Damaged(why),
        Error::Older { found, .. } => NotRestored::Older { found },
        error => return error,
    };
    refusal(backup, why)
}

fn no_room(error: Error, ledger: &Path) -> Error {
    match error {
        Error::DiskFull => Refusal::NoRoomToRestore { folder: folder(ledger).to_owned() }.into(),
        error => error,
    }
}

fn present(ledger: &Path, from: &Path, backup: &LedgerSpan) -> Present {
    if !ledger.exists() {
        return Present::Absent;
    }
    let compared = Reader::open(ledger).and_then(|present| {
        let (newer_envelopes, newer_changes) = present.newer_than(backup)?;
        Ok(Present::Is {
            span: present.span()?,
            newer_envelopes,
            newer_changes,
            continues: present.continues(&Reader::open(from)?, backup)?,
        })
    });
    compared.unwrap_or_else(|error| Present::Unreadable(error.to_string()))
}

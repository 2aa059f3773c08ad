//! Files that one system has and another is to be given. Systems do not know each other:
//! the one that has them is a [`FileSource`] to the one that is given them.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::pin::Pin;

use sha2::{Digest, Sha256};

use crate::ledger::hex;

/// What a [`FileSource`] answers with, some time.
pub type Opening<'f, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'f>>;

/// A system that has files. A file is named `KIND/ID/FIELD/FILEID`: the kind and the id of
/// a record in the ledger, the code of the field, and the file's id there.
pub trait FileSource: Send + Sync {
    /// Reads a file into a spool.
    fn fetch<'f>(&'f self, file: &'f str, spool: Spool) -> Opening<'f, Spooled>;

    /// Says which files are fetched or linked next, so that what they need is read together. What cannot be
    /// read is read again one by one.
    fn prepare<'f>(
        &'f self,
        _files: &'f [String],
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'f>> {
        Box::pin(async {})
    }

    /// A link that opens the file for a while, as secret as the file: one that was prepared
    /// lately, or, where those are stale, one that is read now.
    fn link<'f>(&'f self, file: &'f str, is_stale: bool) -> Opening<'f, String>;
}

/// Where a file is put on its way: nameless, so it is gone with the process.
pub struct Spool {
    content: File,
    sha256: Sha256,
    length: u64,
    limit: u64,
}

/// A file on its way, at its beginning.
pub struct Spooled {
    /// What it is called.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// What is in it.
    pub content: File,
    /// In bytes.
    pub length: u64,
    /// Of the content, as lower-case hex.
    pub sha256: String,
}

impl Spool {
    /// An empty one in a directory, for at most so many bytes.
    ///
    /// # Errors
    /// The directory cannot be written to, [`Error::Later`].
    pub fn new(directory: &Path, limit: u64) -> Result<Self, Error> {
        Ok(Self {
            content: tempfile::tempfile_in(directory).map_err(unwritten)?,
            sha256: Sha256::new(),
            length: 0,
            limit,
        })
    }

    /// Adds a piece.
    ///
    /// # Errors
    /// [`Error::TooLarge`]; a disk that is full, [`Error::Later`].
    pub fn write(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.length = self.length.saturating_add(piece.len() as u64);
        if self.length > self.limit {
            return Err(Error::TooLarge(self.limit));
        }
        self.sha256.update(piece);
        self.content.write_all(piece).map_err(unwritten)
    }

    /// Empty again, for a file that broke off and is fetched anew.
    ///
    /// # Errors
    /// The disk does not take it, [`Error::Later`].
    pub fn clear(&mut self) -> Result<(), Error> {
        self.content.set_len(0).map_err(unwritten)?;
        self.content.seek(SeekFrom::Start(0)).map_err(unwritten)?;
        self.sha256 = Sha256::new();
        self.length = 0;
        Ok(())
    }

    /// That was all of it.
    ///
    /// # Errors
    /// It cannot be read back, [`Error::Later`].
    pub fn finish(mut self, name: String, content_type: String) -> Result<Spooled, Error> {
        self.content.seek(SeekFrom::Start(0)).map_err(unwritten)?;
        Ok(Spooled {
            name,
            content_type,
            content: self.content,
            length: self.length,
            sha256: hex(&self.sha256.finalize()),
        })
    }
}

fn unwritten(error: std::io::Error) -> Error {
    Error::Later(format!("it cannot be spooled beside the ledger: {error}"))
}

/// Why a file cannot be had. Holds no secret and no link.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not there, and asking again will not bring it.
    #[error("{0}")]
    Gone(String),
    /// It has more bytes than it may.
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// It may be had later.
    #[error("{0}")]
    Later(String),
    /// The system answers, but not with this file: it may be had later, and others may be
    /// had now.
    #[error("{0}")]
    NotThis(String),
}

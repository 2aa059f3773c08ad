//! Files that one system has and another is to be given. Systems do not know each other:
//! the one that has them is a [`FileSource`] to the one that is given them.

use std::pin::Pin;

use bytes::Bytes;

/// What a [`FileSource`] answers with, some time.
pub type Opening<'f, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'f>>;

/// A system that has files. A file is named `KIND/ID/FIELD/FILEID`: the kind and the id of
/// a record in the ledger, the code of the field, and the file's id there.
pub trait FileSource: Send + Sync {
    /// A file of at most so many bytes.
    fn fetch<'f>(&'f self, file: &'f str, limit: usize) -> Opening<'f, Content>;

    /// A link that opens the file for a while, as secret as the file.
    fn link<'f>(&'f self, file: &'f str) -> Opening<'f, String>;
}

/// A file.
pub struct Content {
    /// What it is called.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// Why a file cannot be had. Holds no secret and no link.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not there, and asking again will not bring it.
    #[error("{0}")]
    Gone(String),
    /// It has more bytes than it may.
    #[error("it has more than {0} bytes")]
    TooLarge(usize),
    /// It may be had later.
    #[error("{0}")]
    Later(String),
}

//! What names a row: types in place of words and numbers that could be mistaken for each
//! other.

use std::borrow::Cow;
use std::fmt;

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;

/// The name of a record: `record.source`, `record.kind`, `record.id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordKey<'k> {
    /// The system that it is of: `uzhkh`.
    pub source: &'k str,
    /// Its kind there: `counter`.
    pub kind: &'k str,
    /// Its id; of UZhKH the permanent one.
    pub id: &'k str,
}

impl<'k> RecordKey<'k> {
    /// The record of this system, kind and id.
    pub fn new(source: &'k str, kind: &'k str, id: &'k str) -> Self {
        Self { source, kind, id }
    }
}

/// An id that UZhKH gave for the time being: `--7`, and the kind of what has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TemporaryId<'t> {
    /// The kind of the entity.
    pub kind: Cow<'t, str>,
    /// The id, beginning with `--`.
    pub id: Cow<'t, str>,
}

impl<'t> TemporaryId<'t> {
    /// The temporary id of an entity of the kind.
    pub fn new(kind: impl Into<Cow<'t, str>>, id: impl Into<Cow<'t, str>>) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }

    /// The same, with texts of its own.
    pub fn into_owned(self) -> TemporaryId<'static> {
        TemporaryId::new(self.kind.into_owned(), self.id.into_owned())
    }

    /// Kind and id, as parameters of a statement.
    pub(super) fn params(&self) -> [&str; 2] {
        [&self.kind, &self.id]
    }
}

/// `object --7`
impl fmt::Display for TemporaryId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// The id that stands for a temporary one, for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct PermanentId(String);

impl PermanentId {
    /// The permanent id of this text.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PermanentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<PermanentId> for String {
    fn from(id: PermanentId) -> Self {
        id.0
    }
}

impl ToSql for PermanentId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for PermanentId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        String::column_result(value).map(Self)
    }
}

macro_rules! seq {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                i64::column_result(value).map(Self)
            }
        }
    };
}

seq! {
    /// `envelope.seq`; 0 stands before all envelopes.
    EnvelopeSeq
}

seq! {
    /// `change.seq`, the cursor of every reader of changes; 0 stands before all changes.
    ChangeSeq
}

//! Enums that a column holds as a word.
//!
//! Each derives `strum::EnumString` and `strum::IntoStaticStr`, which tie variants and
//! words together once; [`in_column!`] lets them go into a column and come out of it. A
//! word that the enum does not know is an error: guessing a state could repeat a call or
//! give an id twice.

use std::str::FromStr;

use rusqlite::types::{FromSqlError, FromSqlResult, ValueRef};

/// A word in a column that this program does not know.
#[derive(Debug, thiserror::Error)]
#[error("the word {word:?} in the column is not one that this program knows")]
struct UnknownWord {
    word: String,
}

/// The value of a word.
pub(super) fn read<T: FromStr>(value: ValueRef<'_>) -> FromSqlResult<T> {
    let word = value.as_str()?;
    let unknown = |_| FromSqlError::Other(Box::new(UnknownWord { word: word.to_owned() }));
    word.parse().map_err(unknown)
}

/// Gives an enum with strum's derives its word, and its way into a column and out of it.
macro_rules! in_column {
    ($vis:vis $name:ident) => {
        impl $name {
            /// The word in the column.
            $vis fn word(self) -> &'static str {
                self.into()
            }
        }

        impl rusqlite::types::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(rusqlite::types::ToSqlOutput::from(self.word()))
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(
                value: rusqlite::types::ValueRef<'_>,
            ) -> rusqlite::types::FromSqlResult<Self> {
                $crate::ledger::word::read(value)
            }
        }
    };
}

pub(super) use in_column;

//! The views `bitrix_*` with the codes and kinds of the config. `schema.sql` has them with those of Alma's
//! document; at a start they are made anew where the config has others.

use rusqlite::OptionalExtension;

use super::migrate::SCHEMA;
use super::{Error, Tx};

/// The column of a view, and the codes of its field in the order in which they are tried.
pub struct BitrixColumn<'c> {
    /// `bitrix_apartment`
    pub view: &'static str,
    /// `building`
    pub column: &'static str,
    /// `ufCrm6_1682232363193`, in either spelling.
    pub codes: &'c [[String; 2]],
}

/// The column of a view that names an item, and what may stand before the id of one of its kind.
pub struct BitrixReference {
    /// `bitrix_unit`
    pub view: &'static str,
    /// `apartment_id`
    pub column: &'static str,
    /// `T90_`, in capitals.
    pub marks: Vec<String>,
}

impl Tx<'_> {
    /// Makes the views show the fields of these codes, and the ids with these marks as bare numbers.
    pub fn remake_bitrix_views(
        &self,
        columns: &[BitrixColumn<'_>],
        references: &[BitrixReference],
    ) -> Result<(), Error> {
        for sql in SCHEMA.views().split("CREATE VIEW ").skip(1) {
            let (name, _) = sql.split_once(' ').unwrap_or_default();
            let mut sql =
                format!("CREATE VIEW {}", sql.split_once(";\n").map_or(sql, |(sql, _)| sql));
            if !name.starts_with("bitrix_") {
                continue;
            }
            for column in columns.iter().filter(|column| column.view == name) {
                sql = with_codes(&sql, column);
            }
            for reference in references.iter().filter(|reference| reference.view == name) {
                sql = with_marks(&sql, reference);
            }
            let known: Option<String> = self
                .connection
                .query_row(
                    "SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?1",
                    [name],
                    |row| row.get(0),
                )
                .optional()?;
            if known.as_ref() != Some(&sql) {
                self.connection.execute_batch(&format!("DROP VIEW IF EXISTS {name}; {sql}"))?;
            }
        }
        Ok(())
    }
}

/// Where the inner SELECT of a view begins.
const INNER: &str = "FROM (\n";

/// The text of a view with other marks before the ids of a column.
fn with_marks(sql: &str, reference: &BitrixReference) -> String {
    let name = format!(" AS {},\n", reference.column);
    let place = sql.find(&name).and_then(|end| {
        let start = sql[..end].rfind(" IN (")? + " IN (".len();
        Some(start..start + sql[start..end].find(')')?)
    });
    let Some(place) = place else { return sql.to_owned() };
    let marks: Vec<String> = reference.marks.iter().map(|mark| format!("'{mark}'")).collect();
    format!("{}{}{}", &sql[..place.start], marks.join(", "), &sql[place.end..])
}

/// The text of a view with other codes in the place of a column's.
fn with_codes(sql: &str, column: &BitrixColumn<'_>) -> String {
    let name = format!(" AS {},\n", column.column);
    // The inner SELECT takes the members, the outer one shapes them.
    let inner = sql.find(INNER).unwrap_or_default();
    let Some(end) = sql[inner..].find(&name).map(|at| inner + at) else {
        return sql.to_owned();
    };
    let Some(start) = sql[inner..end].rfind("        coalesce(").map(|at| inner + at + 8) else {
        return sql.to_owned();
    };
    let expression = expression(column, &sql[start..end]);
    format!("{}{expression}{}", &sql[..start], &sql[end..])
}

/// The member that counts; `multi`: the phones of a multi-field, by the document.
fn expression(column: &BitrixColumn<'_>, multi: &str) -> String {
    let is_phone = column.column == "phone";
    let members = column.codes.iter().flat_map(|[camel, original]| {
        if is_phone && original == "PHONE" {
            return vec![multi.to_owned()];
        }
        let member = |code: &String| {
            if is_phone {
                format!("nullif(body ->> '$.{code}', '')")
            } else {
                format!("nullif(nullif(nullif(body -> '$.{code}', 'null'), '\"\"'), '[]')")
            }
        };
        vec![member(camel), member(original)]
    });
    let members: Vec<String> = members.collect();
    if members.is_empty() {
        return "NULL".to_owned();
    }
    // coalesce wants two at least.
    format!("coalesce({}, NULL)", members.join(", "))
}

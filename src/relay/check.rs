//! `check`: whether PostgreSQL lets us in, and whether the role may do what it has to.

use std::time::Duration;

use tokio_postgres::types::{ToSql, Type};

use super::There;
use super::failure::Failure;
use super::schema::{self, COLUMNS, Found};
use super::session::{Dial, Session};
use crate::config::Config;

/// How long it may take in all.
const WITHIN: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(10);

/// Tries it; the error is for people.
pub(super) async fn check(config: &Config) -> Result<(), String> {
    let Some(relay) = &config.relay else { return Ok(()) };
    let dial = Dial::new(relay).map_err(|error| error.to_string())?;
    let there = There::new(relay, &config.ledger.path);
    let trying = async {
        let mut session = dial.connect(CONNECT).await?;
        match schema::look(session.client(), &there).await? {
            Found::Nothing => may_make(&session, &there).await,
            Found::Ours => may_write(&mut session, &there).await,
        }
    };
    let tried = tokio::time::timeout(WITHIN, trying).await;
    let failure = match tried {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(failure)) => failure,
        Err(_) => Failure::Away("no answer".to_owned()),
    };
    let problem = match failure {
        Failure::Ledger(error) => error.to_string(),
        Failure::Moved => "the cursor was moved meanwhile".to_owned(),
        Failure::Row(words)
        | Failure::Away(words)
        | Failure::Late(words)
        | Failure::Paused(words)
        | Failure::Refused(words) => words,
    };
    Err(format!("{}: {problem}", dial.shown()))
}

/// Whether the schema and its tables may be made.
async fn may_make(session: &Session, there: &There) -> Result<(), Failure> {
    let (sql, lacking) = match schema::has_schema(session.client(), there).await? {
        true => ("SELECT has_schema_privilege($1, 'CREATE')", "make tables in the schema"),
        false => (
            "SELECT has_database_privilege(current_database(), 'CREATE') AND $1 <> ''",
            "make the schema",
        ),
    };
    let row = session.client().query_typed_one(sql, &[(&there.schema_name, Type::TEXT)]).await?;
    match row.try_get(0)? {
        true => Ok(()),
        false => Err(Failure::Paused(format!(
            "the role may not {lacking} {}: grant it CREATE, or make the tables by \
             deploy/postgresql/fleet.sql",
            there.schema_name
        ))),
    }
}

/// Whether the tables may be read and written, by their rights and by their policies.
async fn may_write(session: &mut Session, there: &There) -> Result<(), Failure> {
    let mut lacking = Vec::new();
    for (table, _) in COLUMNS {
        let rights: &[&str] = match table {
            "relay_version" => &["SELECT"],
            _ => &["SELECT", "INSERT", "UPDATE", "DELETE"],
        };
        for right in rights {
            let name = format!("{}.{table}", there.schema);
            let parameters: [(&(dyn ToSql + Sync), Type); 2] =
                [(&name, Type::TEXT), (right, Type::TEXT)];
            let sql = "SELECT has_table_privilege($1, $2)";
            let row = session.client().query_typed_one(sql, &parameters).await?;
            if !row.try_get::<_, bool>(0)? {
                lacking.push(format!("{right} on {table}"));
            }
        }
    }
    if !lacking.is_empty() {
        return Err(Failure::Paused(format!("the role lacks {}", lacking.join(", "))));
    }
    let transaction = session.begin().await?;
    transaction.batch_execute("SET LOCAL lock_timeout TO '5s'").await?;
    let sql = format!(
        "INSERT INTO {0}.record AS r (ledger, source, kind, id, seq, epoch, body, data, updated_at) \
         VALUES ($1, '', '', '', 0, 0, '{{}}', '{{}}', now()) \
         ON CONFLICT (ledger, source, kind, id) DO UPDATE SET seq = excluded.seq",
        there.schema
    );
    transaction.execute_typed(&sql, &[(&there.ledger, Type::TEXT)]).await?;
    // It was a trial.
    Ok(transaction.rollback().await?)
}

//! Shows what would be sent, and what waits for what.

use std::sync::Arc;

use serde::Serialize;

use super::fields::Fields;
use super::follow::Follower;
use super::projection;
use super::refused::Refused;
use crate::config::{self, Config};
use crate::ledger::{AlmaRow, AlmaState, Error, Ledger};

/// An object that is not synced, with the fields that would be sent.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    /// `alma_object.kind`
    pub kind: &'static str,
    /// `alma_object.external_id`
    pub external_id: String,
    /// `alma_object.alma_id`
    pub alma_id: Option<i64>,
    /// `alma_object.state`
    pub state: AlmaState,
    /// `alma_object.reason`
    pub reason: Option<String>,
    /// Each field that differs from what was last sent: its name, what was sent, what
    /// would be; JSON texts.
    pub fields: Vec<(String, Option<String>, String)>,
    /// Whether it should be there at all.
    pub is_wanted: bool,
}

/// The fields that open doors and networks.
const SECRET: [&str; 3] = ["internet_password", "keybox_code", "electronic_lock_password"];

/// Brings the objects in the ledger up to its records and answers those that are not
/// synced. Alma is neither asked nor told.
///
/// # Errors
/// [`Refused::OtherSettings`] where the service runs (`is_served`) with other settings: it would send
/// what is planned here.
pub async fn plan(
    ledger: &Arc<Ledger>,
    config: &Config,
    alma: &config::Alma,
    is_served: bool,
) -> Result<Vec<Planned>, Error> {
    let follower = Follower::new(ledger, projection(config, alma), alma.archive);
    if is_served && follower.has_other_settings().await? {
        return Err(Error::system(Refused::OtherSettings));
    }
    follower.catch_up().await?;
    let rows = ledger.read(|reader| reader.unsynced_alma()).await?;
    Ok(rows.into_iter().map(planned).collect())
}

fn planned(row: AlmaRow) -> Planned {
    let parse = |text: &Option<String>| text.as_deref().and_then(Fields::parse);
    let (desired, sent) = (parse(&row.desired), parse(&row.sent).unwrap_or_default());
    let changed = desired.as_ref().map(|desired| desired.changed_from(&sent)).unwrap_or_default();
    let fields = changed.iter().map(|(name, now)| {
        let shown = |value: &str| {
            if SECRET.contains(&name) { "\"[secret]\"".to_owned() } else { value.to_owned() }
        };
        (name.to_owned(), sent.get(name).map(shown), shown(now))
    });
    Planned {
        kind: row.key.kind.word(),
        external_id: row.key.external_id,
        alma_id: row.alma_id,
        state: row.state,
        reason: row.reason,
        fields: fields.collect(),
        is_wanted: desired.is_some(),
    }
}

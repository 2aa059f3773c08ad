//! Shows what would be sent, and what waits for what.

use serde::Serialize;

use super::fields::Fields;
use super::refused::Refused;
use super::{follow, projection};
use crate::clock::SharedClock;
use crate::config::{self, Config};
use crate::ledger::{AlmaRow, AlmaState, Error, Reader};

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

/// Answers the objects that would not be synced if they were brought up to the ledger's newest
/// records now. Writes nothing; Alma is neither asked nor told.
///
/// # Errors
/// [`Refused::OtherSettings`] where the service runs (`is_served`) with other settings: what
/// it would send is not what is planned here.
pub fn plan(
    config: &Config,
    alma: &config::Alma,
    clock: &SharedClock,
    is_served: bool,
) -> Result<Vec<Planned>, Error> {
    let projection = projection(config, alma);
    Reader::rehearse_alma(&config.ledger.path, clock, |tx, reader| {
        let settings = projection.settings();
        let has_other_settings =
            reader.alma_cursor()?.is_some_and(|cursor| cursor.settings != settings);
        if is_served && has_other_settings {
            return Err(Error::system(Refused::OtherSettings));
        }
        follow::catch_up(tx, reader, &*projection, alma.archive)?;
        Ok(reader.unsynced_alma()?.into_iter().map(planned).collect())
    })
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

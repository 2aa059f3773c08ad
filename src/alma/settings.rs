//! What objects are made by besides their records, as the cursor keeps it: where one of these is
//! another, all are made anew. Two of them say besides what is known of Alma:
//!
//! - **its address**: under another one may stand another Alma, where the ids of this one are
//!   strangers'. Once it answers they are forgotten, and every object is looked for as on the
//!   first day;
//! - **the source**: a switch is no deletion, and the ids of two sources may be alike. What was
//!   made by the other one is held, and nothing is written to it before a person says so.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::api::Api;
use super::fields::Fields;
use super::follow::Policy;
use super::held;
use super::notes::ASIDE;
use super::pass::Pass;
use super::projection::{Projection, bitrix24, uzhkh};
use crate::config::{self, AlmaSource, Config, SecretUrl};
use crate::http::Class;
use crate::ledger::{AlmaRow, AlmaState, Error, Ledger, Tx};

/// Between the source and the digest of the address.
const AT: &str = ", at ";
/// After both.
const END: char = ';';

/// What has become another since objects were last made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Renewed {
    /// Alma is at another address.
    pub(super) has_moved: bool,
    /// Another source is followed.
    pub(super) is_switched: bool,
}

impl Renewed {
    /// Says what a person may not have meant.
    pub(super) fn warn(self) {
        if self.has_moved {
            tracing::warn!(
                "alma.base_url is another one than before: all objects are looked for there, and what is not found \
                 is made"
            );
        }
        if self.is_switched {
            tracing::warn!(
                "alma.source is another one than before: what was made by the other is held; \
                 `uzhkh-ledger alma plan` lists it"
            );
        }
    }
}

/// The projection of the source that the config names.
pub(super) fn projection(config: &Config, alma: &config::Alma) -> Arc<dyn Projection> {
    match alma.source {
        AlmaSource::Uzhkh => Arc::new(uzhkh::Uzhkh::new(uzhkh::Settings {
            project: alma.project,
            unit_types: alma.unit_types.clone(),
            open_ended_date: alma.open_ended_date,
            work_model: alma.work_model.clone(),
            type_contract: alma.type_contract.clone(),
            timezone: alma.timezone.clone(),
            phone_country: alma.phone_country,
            blank_last_name: alma.blank_last_name.clone(),
        })),
        AlmaSource::Bitrix24 => {
            // Where the portal is switched off, its records are still there.
            let fields = config.bitrix24.as_ref().map(|portal| portal.fields.clone());
            let only = config.bitrix24.as_ref().map(|portal| portal.only.clone());
            let types = config.bitrix24.as_ref().map(config::Bitrix24::entity_types);
            Arc::new(bitrix24::Bitrix24::new(bitrix24::Settings {
                project: alma.project,
                open_ended_date: alma.open_ended_date,
                tenant_contract_names: alma.tenant_contract_names,
                types: bitrix24::EntityTypes::new(types.unwrap_or(config::ENTITY_TYPES)),
                fields: fields.unwrap_or_default(),
                only: only.unwrap_or_default(),
                tables: bitrix24::Tables::new(&alma.tables),
                phone_country: alma.phone_country,
                blank_last_name: alma.blank_last_name.clone(),
            }))
        }
    }
}

impl Policy {
    pub(super) fn new(projection: &dyn Projection, alma: &config::Alma) -> Self {
        Self {
            archive: alma.archive,
            timezone: alma.timezone.clone(),
            settings: settings(projection, alma),
        }
    }
}

/// The settings as the cursor keeps them: `uzhkh, at 0123456789abcdef; rules …`.
fn settings(projection: &dyn Projection, alma: &config::Alma) -> String {
    let address = address(&alma.base_url);
    format!("{}{AT}{address}{END} {}", projection.source(), projection.settings())
}

/// A digest of where Alma is: it may be a secret. The scheme is no part of it.
fn address(base_url: &SecretUrl) -> String {
    let url = base_url.expose_secret();
    let port = url.port().map(|port| port.to_string()).unwrap_or_default();
    let place = [url.host_str().unwrap_or_default(), &port, url.path()].join("\n");
    Sha256::digest(place).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The source of these settings; `None` where nothing is known of it.
fn source_of(settings: &str) -> Option<&str> {
    Some(settings.split_once(',')?.0)
}

/// The digest of Alma's address in these settings; `None` where nothing is known of it.
fn address_of(settings: &str) -> Option<&str> {
    Some(settings.split_once(END)?.0.split_once(AT)?.1)
}

/// Whether these settings are known to be of an Alma at another address.
pub(super) fn has_moved(before: &str, now: &str) -> bool {
    address_of(before).is_some_and(|before| address_of(now) != Some(before))
}

/// Whether Alma is at another address than what the ledger knows of it is of.
pub(super) async fn is_elsewhere(ledger: &Ledger, settings: &str) -> Result<bool, Error> {
    let cursor = ledger.read(|reader| reader.alma_cursor()).await?;
    Ok(cursor.is_some_and(|cursor| has_moved(&cursor.settings, settings)))
}

/// Begins anew where the settings are others by now, before anything is sent. At another address
/// Alma has to answer first: nothing is forgotten for a slip of the pen. Where it does not, nothing
/// is begun; answers what came of it.
pub(super) async fn keep_up(
    ledger: &Ledger,
    settings: &str,
    api: &Api,
) -> Result<Option<Pass>, Error> {
    let cursor = ledger.read(|reader| reader.alma_cursor()).await?;
    let before = cursor.map(|cursor| cursor.settings);
    if before.as_deref() == Some(settings) {
        return Ok(None);
    }
    if before.is_some_and(|before| has_moved(&before, settings))
        && let Err(error) = api.probe().await
    {
        return Ok(Some(Pass {
            error: Some(error.to_string()),
            is_unauthorized: error.class() == Class::Unauthorized,
            ..Pass::default()
        }));
    }
    let settings = settings.to_owned();
    ledger.write(move |tx| renew(tx, &settings)).await?.warn();
    Ok(None)
}

/// Begins anew where the settings are not those that objects were last made with.
pub(super) fn renew(tx: &Tx<'_>, settings: &str) -> Result<Renewed, Error> {
    let before = tx.alma_cursor()?.map(|cursor| cursor.settings);
    if before.as_deref() == Some(settings) {
        return Ok(Renewed::default());
    }
    let mut renewed = Renewed::default();
    if let Some(before) = &before {
        renewed.has_moved = has_moved(before, settings);
        if renewed.has_moved {
            tx.forget_what_alma_has()?;
        }
        if let (Some(from), Some(to)) = (source_of(before), source_of(settings))
            && from != to
        {
            renewed.is_switched = true;
            hold_what_is_of(tx, from, to)?;
        }
    }
    tx.restart_alma(settings)?;
    Ok(renewed)
}

/// Holds what Alma has of the source that is followed no more, and lets go what was held as that
/// of the one that is followed again.
fn hold_what_is_of(tx: &Tx<'_>, from: &str, to: &str) -> Result<(), Error> {
    tx.forget_what_alma_lacks()?;
    for row in tx.known_alma()? {
        let (state, reason) = if held::is_of(&row, to) {
            (AlmaState::Pending, None)
        } else if held::is_switched(&row) {
            continue;
        } else {
            (AlmaState::Held, Some(held::why_switched(&row.key, from)))
        };
        // What stands aside is still to come back.
        let sent = row
            .sent
            .filter(|sent| Fields::parse(sent).is_some_and(|sent| sent.get(ASIDE).is_some()));
        let alma_id = row.alma_id;
        tx.put_alma_row(&AlmaRow { alma_id, state, reason, sent, ..AlmaRow::new(row.key) })?;
    }
    Ok(())
}

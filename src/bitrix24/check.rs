//! Checks that a portal knows the webhook, the smart processes and their fields, without
//! reading any item.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::api::Api;
use super::{kinds, names};
use crate::clock::SharedClock;
use crate::config::{self, Config};
use crate::http::{BuildError, Deadline};
use crate::json::Members;

const FIELDS: &str = "crm.item.fields";
const CONTACT_FIELDS: &str = "crm.contact.fields";

/// Whether the way to the portal can be built as the config says. Sends nothing.
pub(super) fn check_config(config: &Config, clock: &SharedClock) -> Result<(), BuildError> {
    api(config, clock).map(drop)
}

fn api(config: &Config, clock: &SharedClock) -> Result<Option<Api>, BuildError> {
    let stop = CancellationToken::new();
    let settings = config.bitrix24.iter();
    let mut api = settings.map(|settings| {
        let deadline = &Deadline::of_pass();
        Api::new(settings, &config.http, deadline, clock, &stop)
    });
    api.next().transpose()
}

/// Asks the portal for the fields of each kind, which changes nothing there, and looks
/// for those that the config names. Does nothing without `[bitrix24]`.
///
/// # Errors
/// What is wrong, in words. Not for the log: it may hold what Bitrix24 says.
pub(super) async fn check_access(config: &Config, clock: &SharedClock) -> Result<(), String> {
    let api = api(config, clock).map_err(|error| error.to_string())?;
    let (Some(api), Some(settings)) = (api, &config.bitrix24) else {
        return Ok(());
    };
    let kinds = kinds(settings);
    let commands = kinds.map(|kind| {
        if kind.is_contact() {
            return (kind.name, CONTACT_FIELDS, json!({}));
        }
        (kind.name, FIELDS, json!({"entityTypeId": kind.entity_type}))
    });
    let answers = api.batch(&commands).await;
    let answers = answers.map_err(|error| error.in_full())?;
    let mut problems = Vec::new();
    for (kind, answer) in kinds.iter().zip(answers) {
        let (name, number) = (kind.name, kind.entity_type);
        match answer {
            Ok(fields) => problems.extend(missing(&fields.result, name, settings)),
            Err(error) => {
                let error = error.in_full();
                let error = error.strip_prefix("bitrix24: ").unwrap_or(&error);
                problems.push(format!("{name} ({number}): {error}"));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}

/// The fields that the config names and a kind does not have.
fn missing(answer: &str, kind: &str, settings: &config::Bitrix24) -> Vec<String> {
    let members = Members::parse(answer).unwrap_or_default();
    // Of contacts the answer is the fields themselves.
    let known = match members.get("fields") {
        Some(fields) => Members::parse(fields),
        None => Some(members).filter(|members| members.iter().next().is_some()),
    };
    let Some(known) = known else {
        return vec![format!("{kind}: its fields are not told")];
    };
    let missing = settings
        .fields
        .of_kind(kind, &settings.only)
        .into_iter()
        .filter(|(_, codes)| codes.iter().all(|code| names::get(&known, code).is_none()));
    missing
        .map(|(key, codes)| {
            let codes = codes.join(" or ");
            format!("{kind}: no field {codes}, which bitrix24.fields.{key} names")
        })
        .collect()
}

//! `reveal`: a secret is shown, once: a SIP, Wi-Fi, lock or keybox password.

use super::actor::{Act, Done};
use super::refused::Rule;
use crate::json::{Members, string};
use crate::ledger::{Error, RecordKey, Tx, Verb};

/// The secret to be shown.
#[derive(Debug, Clone, Copy)]
pub struct Secret<'s> {
    /// The record that has it.
    pub record: RecordKey<'s>,
    /// The member of its body.
    pub member: &'s str,
}

/// Shows a secret: its text, of what is no text its JSON.
///
/// # Errors
/// Refused: there is no such record, or it has no such member.
pub fn reveal(tx: &Tx<'_>, act: &Act, secret: Secret<'_>) -> Result<String, Error> {
    act.begin(tx)?;
    let Secret { record, member } = secret;
    let target = format!("{}/{}/{}", record.source, record.kind, record.id);
    let body = tx.record_text(record)?.unwrap_or_default();
    let members = Members::parse(&body).unwrap_or_default();
    let Some(value) = members.get(member) else {
        return Err(Rule::NoSecret { target, member: member.to_owned() }.into());
    };
    let shown = string(value).map_or_else(|| value.to_string(), Into::into);
    act.done(tx, Done { verb: Verb::Reveal, target: &target, call: None, outcome: member })?;
    Ok(shown)
}

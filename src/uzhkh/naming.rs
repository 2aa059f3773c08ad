//! Naming: a temporary id gets the permanent one that the accounting system, or an operator,
//! has for it.
//!
//! One transaction holds all of it: the identity, its record under the new id (joined with
//! the one that had it), every record that refers to it, the changes, and the call that
//! tells UZhKH. A crash leaves all or nothing. What is named and not told yet is as after
//! any other commit: the calls and acknowledgements that wait in the ledger carry the name.

use std::borrow::Cow;
use std::convert::Infallible;

use super::SOURCE;
use super::apply::announce_by_set_id;
use super::decode;
use super::model::Kind;
use crate::config;
use crate::ledger::{
    Assign, Error, Identity, IdentityState, PermanentId, RecordKey, Renamed, TemporaryId, Tx,
};

/// The most characters of a permanent id.
const LONGEST_ID: usize = 200;

/// As the config's `identity.assign` says.
impl From<config::Assign> for Assign {
    fn from(configured: config::Assign) -> Self {
        match configured {
            config::Assign::Uuid => Assign::Uuid,
            config::Assign::External => Assign::External,
        }
    }
}

/// What came of naming an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Naming {
    /// It has the name.
    Named,
    /// It has the name, and its record was joined with the one that had it.
    Merged,
    /// It had this name already.
    Already,
    /// What the ledger holds forbids it; why, in words.
    Conflict(String),
    /// It cannot be a name, or not of this; why, in words.
    Invalid(String),
}

impl Naming {
    /// The verdict: `named`, `merged`, `already`, `conflict` or `invalid`.
    pub fn word(&self) -> &'static str {
        match self {
            Naming::Named => "named",
            Naming::Merged => "merged",
            Naming::Already => "already",
            Naming::Conflict(_) => "conflict",
            Naming::Invalid(_) => "invalid",
        }
    }

    /// Why it was refused; `None` where it was not.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Naming::Conflict(detail) | Naming::Invalid(detail) => Some(detail),
            Naming::Named | Naming::Merged | Naming::Already => None,
        }
    }
}

/// Names a temporary id. What is refused changes nothing. `assign`: as the config says.
///
/// # Errors
/// The ledger's alone: a refusal is a [`Naming`].
pub fn name(
    tx: &Tx<'_>,
    assign: impl Into<Assign>,
    kind: &str,
    temporary_id: &str,
    permanent_id: &str,
) -> Result<Naming, Error> {
    let assign = assign.into();
    let kind = match check(kind, temporary_id, permanent_id) {
        Ok(kind) => kind,
        Err(detail) => return Ok(Naming::Invalid(detail)),
    };
    let temporary_id = TemporaryId::new(kind.word(), temporary_id);
    let permanent_id = PermanentId::new(permanent_id);
    let known = tx.identity(&temporary_id)?;
    if known.as_ref().is_some_and(|known| known.permanent_id.as_ref() == Some(&permanent_id)) {
        return Ok(Naming::Already);
    }
    if let Some(detail) = obstacle(tx, assign, known.as_ref(), &temporary_id, &permanent_id)? {
        return Ok(Naming::Conflict(detail));
    }
    let Some(known) = known else {
        tx.preset_name(&temporary_id, &permanent_id)?;
        return Ok(Naming::Named);
    };
    tx.set_name(&temporary_id, &permanent_id)?;
    let renamed = carry(tx, &known, &permanent_id)?;
    if known.first_seen_at.is_some() {
        let is_due = assign == Assign::External || known.state == IdentityState::Waiting;
        announce(tx, &temporary_id, is_due)?;
    }
    Ok(if renamed == Renamed::Merged { Naming::Merged } else { Naming::Named })
}

/// The kind, where id and name can be ones.
fn check(kind: &str, temporary_id: &str, permanent_id: &str) -> Result<Kind, String> {
    let known = Kind::from_word(kind).ok_or("no such kind")?;
    if !known.is_reidentified() {
        return Err(format!("a {kind} keeps the id that UZhKH gave it"));
    }
    if !temporary_id.starts_with("--") {
        return Err("the temporary id does not begin with --".to_owned());
    }
    if permanent_id.trim().is_empty() {
        return Err("the permanent id is empty".to_owned());
    }
    if permanent_id.starts_with("--") {
        return Err("the permanent id begins with --, as temporary ones do".to_owned());
    }
    if permanent_id.chars().count() > LONGEST_ID {
        return Err(format!("the permanent id has more than {LONGEST_ID} characters"));
    }
    if permanent_id.chars().any(char::is_control) {
        return Err("the permanent id holds a control character".to_owned());
    }
    Ok(known)
}

/// Why an identity cannot get this name; `None`: it can.
fn obstacle(
    tx: &Tx<'_>,
    assign: Assign,
    known: Option<&Identity>,
    temporary_id: &TemporaryId<'_>,
    permanent_id: &PermanentId,
) -> Result<Option<String>, Error> {
    let kind = &*temporary_id.kind;
    if let Some(holder) = tx.holder(kind, permanent_id)? {
        return Ok(Some(format!(
            "{kind} {permanent_id} is the name of {holder}; one name belongs to one temporary id; see `uzhkh-ledger identity list`"
        )));
    }
    let may_join = assign == Assign::External
        || known.is_some_and(|known| known.state == IdentityState::Waiting);
    if !may_join && tx.has_record(RecordKey::new(SOURCE, kind, permanent_id.as_str()))? {
        return Ok(Some(format!(
            "{kind} {permanent_id} is another record; two are joined with identity.assign = \
             \"external\" only; see `uzhkh-ledger identity list`"
        )));
    }
    let Some((known, name)) = known.and_then(|known| Some((known, known.permanent_id.as_ref()?)))
    else {
        return Ok(None);
    };
    // The Delete of an identity that is not linked is sent without a mark before.
    let may_be_under_way = tx.is_being_told(temporary_id)?
        || (!known.is_linked && tx.is_being_acknowledged(temporary_id)?);
    let why = if known.state == IdentityState::Announced {
        "UZhKH has been told"
    } else if known.sent_at.is_some() || may_be_under_way {
        "UZhKH may have been told, or is being told"
    } else if known.is_joined {
        "it was joined with the record of that name"
    } else {
        return Ok(None);
    };
    Ok(Some(format!("{temporary_id} is {name} for ever: {why}; see `uzhkh-ledger identity list`")))
}

/// Puts the name into the identity's own record and into every one that refers to it.
fn carry(tx: &Tx<'_>, known: &Identity, new: &PermanentId) -> Result<Renamed, Error> {
    let old = known.permanent_id.as_ref().map_or(&*known.temporary_id, PermanentId::as_str);
    let records = match (known.seen_after, &known.permanent_id) {
        (Some(seen_after), Some(given)) => tx.records_since(seen_after, given)?,
        _ => tx.linked_records(&known.temporary())?,
    };
    let mut renamed = Renamed::Nothing;
    let is_own = |kind: &str, id: &str| kind == known.kind && id == old;
    if let Some((kind, id)) = records.iter().find(|(kind, id)| is_own(kind, id))
        && let Some((body, decimals)) = named_body(tx, known, old, new, kind, id)?
    {
        renamed = tx.rename_record(&known.temporary(), old, new.as_str(), &body, decimals)?;
    }
    for (kind, id) in records.iter().filter(|(kind, id)| !is_own(kind, id)) {
        if let Some((body, decimals)) = named_body(tx, known, old, new, kind, id)? {
            tx.rewrite_record(RecordKey::new(SOURCE, kind, id), &body, decimals)?;
        }
    }
    Ok(renamed)
}

/// A record's text with the new id wherever a member is, or refers to, the old one, and the
/// members that are decimals.
fn named_body(
    tx: &Tx<'_>,
    known: &Identity,
    old: &str,
    new: &PermanentId,
    kind: &str,
    id: &str,
) -> Result<Option<(String, &'static [&'static str])>, Error> {
    let (Some(kind), Some(of)) = (Kind::from_word(kind), Kind::from_word(&known.kind)) else {
        return Ok(None);
    };
    let Some(body) = tx.record_text(RecordKey::new(SOURCE, kind.word(), id))? else {
        return Ok(None);
    };
    let places = decode::places_of(kind, &body, of, old);
    let Ok(named) = places.fill(|_, _| Ok::<_, Infallible>(Cow::Borrowed(new.as_str())));
    Ok(Some((named.into_owned(), kind.decimals())))
}

/// Has UZhKH told the name: by the Delete that waits, by the SetId that waits, or by one
/// that is added here where it `is_due`.
fn announce(tx: &Tx<'_>, temporary_id: &TemporaryId<'_>, is_due: bool) -> Result<(), Error> {
    if is_due && !tx.is_being_acknowledged(temporary_id)? && !tx.is_being_announced(temporary_id)? {
        announce_by_set_id(tx, temporary_id, None)?;
    }
    Ok(())
}

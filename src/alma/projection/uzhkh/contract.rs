//! The parts that both kinds of contracts have in common: a person of an account, by the id
//! `ACCOUNT:RESIDENT`, and the account's number and dates.

use jiff::civil::Date;

use super::account::{Account, Listed};
use super::dates::{self, Unreadable};
use super::world::World;
use crate::ledger::Error;

/// An account of a unit and a person of it.
#[derive(Debug)]
pub(super) struct Parties {
    /// The account's id.
    pub(super) account_id: String,
    /// The account.
    pub(super) account: Account,
    /// The id of the object.
    pub(super) object: String,
    /// The id of the person.
    pub(super) resident: String,
}

/// The account and the person of a contract's id, where the account's object becomes a
/// unit and the person has the role. An id that has colons of its own can be taken apart
/// in several ways: the first that fits counts.
pub(super) fn parties(
    id: &str,
    has_role: impl Fn(&Account, &Listed) -> bool,
    world: &World<'_>,
) -> Result<Option<Parties>, Error> {
    for (at, _) in id.match_indices(':') {
        let (account_id, resident) = (&id[..at], &id[at + 1..]);
        if account_id.is_empty() || resident.is_empty() {
            continue;
        }
        let Some((account, object)) = world.account_of_unit(account_id)? else {
            continue;
        };
        let listed = account.person(resident);
        if listed.is_some_and(|listed| has_role(&account, listed)) {
            return Ok(Some(Parties {
                account_id: account_id.to_owned(),
                account,
                object,
                resident: resident.to_owned(),
            }));
        }
    }
    Ok(None)
}

/// The terms that all contracts of an account share.
#[derive(Debug)]
pub(super) struct Terms {
    /// `ЛС NUMBER`
    pub(super) name: String,
    /// `YYYY-MM-DDT00:00:00`
    pub(super) start_date: String,
    /// `YYYY-MM-DDT00:00:00`
    pub(super) end_date: String,
}

/// The terms, or all that is missing for them. Whether the end is past depends on the
/// day, and is not asked here.
pub(super) fn terms(parties: &Parties, open_ended: Date) -> Result<Terms, String> {
    let account = &parties.account;
    let mut problems = Vec::new();
    if account.number.is_none() {
        problems.push("no AccountNumber: give it in Umnoe ZhKH");
    }
    match account.opened {
        Ok(Some(_)) => {}
        Ok(None) => problems.push("no DateTimeOpen: give it in Umnoe ZhKH"),
        Err(Unreadable) => {
            problems.push("a DateTimeOpen that is no date: correct it in Umnoe ZhKH");
        }
    }
    if account.closed == Err(Unreadable) {
        problems.push("a DateTimeClose that is no date: correct it in Umnoe ZhKH");
    }
    if let (Some(number), Ok(Some(start)), Ok(end)) =
        (&account.number, account.opened, account.closed)
    {
        let is_open_ended = end.is_none();
        let end = end.unwrap_or(open_ended);
        if start < end {
            return Ok(Terms {
                name: format!("ЛС {number}"),
                start_date: dates::midnight(start),
                end_date: dates::midnight(end),
            });
        }
        problems.push(if is_open_ended {
            "a DateTimeOpen that is not before alma.open_ended_date: correct it in Umnoe ZhKH, \
             or the date in the config"
        } else {
            "a DateTimeOpen that is not before its DateTimeClose: correct them in Umnoe ZhKH"
        });
    }
    let (id, problems) = (&parties.account_id, problems.join("; and "));
    Err(format!("account {id} has {problems}"))
}

//! `decide`: a request to register or to add an object is approved or rejected. People are
//! notified by it, so it is sent once.

use super::actor::{Act, Done};
use super::refused::{Rule, Wrong};
use crate::ledger::{Error, RecordKey, Tx, Verb};
use crate::uzhkh::{self, Decision, Kind, Ruling};

/// The most characters of a cause: it travels in a URL.
const LONGEST_CAUSE: usize = 2000;
/// The most characters of an id or a number.
const LONGEST_ID: usize = 200;

/// The two kinds of requests.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, strum::EnumString, strum::IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Request {
    /// RequestToRegister
    Register,
    /// RequestToObjectAdding
    Object,
}

impl Request {
    /// The word of the command and of the view `decision`.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// `record.kind`
    pub fn kind(self) -> &'static str {
        match self {
            Request::Register => Kind::RequestToRegister.word(),
            Request::Object => Kind::RequestToObjectAdding.word(),
        }
    }
}

/// What is to be decided, and how.
#[derive(Debug, Clone)]
pub struct Decide {
    request: Request,
    decision: Decision,
}

impl Decide {
    /// A decision; an empty cause or number is none.
    ///
    /// # Errors
    /// [`Wrong`]: a value is missing, too long, or does not go with the verdict.
    pub fn new(
        request: Request,
        id: String,
        approve: bool,
        cause: Option<String>,
        account_number: Option<String>,
        notify: bool,
    ) -> Result<Self, Wrong> {
        let cause = cause.filter(|cause| !cause.trim().is_empty());
        let account_number = account_number.filter(|number| !number.trim().is_empty());
        if id.is_empty() {
            return Err(Wrong::new("id", "is empty"));
        }
        bound("id", &id, LONGEST_ID)?;
        bound("cause", cause.as_deref().unwrap_or_default(), LONGEST_CAUSE)?;
        bound("account_number", account_number.as_deref().unwrap_or_default(), LONGEST_ID)?;
        let ruling = match (request, approve) {
            (Request::Register, _) if account_number.is_some() => {
                return Err(Wrong::new("account_number", "goes with a request to add an object"));
            }
            (Request::Object, _) | (Request::Register, true) if cause.is_some() => {
                return Err(Wrong::new("cause", "goes with the rejection of a registration"));
            }
            (Request::Register, false) if cause.is_none() => {
                return Err(Wrong::new("cause", "is needed to reject a registration"));
            }
            (Request::Object, true) if account_number.is_none() => {
                return Err(Wrong::new("account_number", "is needed to approve an object"));
            }
            (Request::Object, false) if account_number.is_some() => {
                return Err(Wrong::new("account_number", "goes with an approval"));
            }
            (Request::Register, _) => Ruling::Register { rejected_because: cause },
            (Request::Object, _) => Ruling::ObjectAdding { account_number },
        };
        Ok(Self { request, decision: Decision { id, ruling, notify } })
    }

    /// UZhKH's id of the request.
    pub fn id(&self) -> &str {
        &self.decision.id
    }

    /// `approved` or `rejected`
    pub fn verdict(&self) -> &'static str {
        if self.decision.is_approval() { "approved" } else { "rejected" }
    }

    /// Whether the people concerned are notified.
    pub fn notifies(&self) -> bool {
        self.decision.notify
    }
}

fn bound(member: &'static str, text: &str, most: usize) -> Result<(), Wrong> {
    if text.chars().count() > most {
        return Err(Wrong::new(member, format!("has more than {most} characters")));
    }
    Ok(())
}

/// A decision that is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// The call that carries it out.
    pub call: i64,
    /// Whether the ledger has the request, live.
    pub is_known: bool,
}

/// Decides a request. `must_be_known`: one that the ledger does not have, or that was deleted, is
/// refused; else UZhKH says whether it has it.
///
/// # Errors
/// Refused: it was decided, or may have been; there is no such request.
pub fn decide(
    tx: &Tx<'_>,
    act: &Act,
    decide: &Decide,
    must_be_known: bool,
) -> Result<Decided, Error> {
    act.begin(tx)?;
    let (kind, id) = (decide.request.kind(), decide.id());
    let (call, is_known) = uzhkh::decide(tx, &decide.decision)?;
    if must_be_known && !tx.has_live_record(RecordKey::new(uzhkh::SOURCE, kind, id))? {
        return Err(Rule::NoSuchRequest { id: id.to_owned() }.into());
    }
    let target = format!("{}/{kind}/{id}", uzhkh::SOURCE);
    let outcome = decide.verdict();
    act.done(tx, Done { verb: Verb::Decide, target: &target, call: Some(call), outcome })?;
    Ok(Decided { call, is_known })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(request: Request, approve: bool, cause: &str, number: &str) -> Option<&'static str> {
        let text = |text: &str| (text != "-").then(|| text.to_owned());
        let decide =
            Decide::new(request, "71".to_owned(), approve, text(cause), text(number), true);
        decide.err().map(|wrong| wrong.member)
    }

    #[test]
    fn a_verdict_takes_what_goes_with_it_and_nothing_else() {
        assert_eq!(wrong(Request::Register, true, "-", "-"), None);
        assert_eq!(wrong(Request::Register, true, "", " "), None);
        assert_eq!(wrong(Request::Register, true, "x", "-"), Some("cause"));
        assert_eq!(wrong(Request::Register, false, "x", "-"), None);
        assert_eq!(wrong(Request::Register, false, " ", "-"), Some("cause"));
        assert_eq!(wrong(Request::Register, false, "x", "1"), Some("account_number"));
        assert_eq!(wrong(Request::Object, true, "-", "1"), None);
        assert_eq!(wrong(Request::Object, true, "-", "-"), Some("account_number"));
        assert_eq!(wrong(Request::Object, false, "-", "-"), None);
        assert_eq!(wrong(Request::Object, false, "-", "1"), Some("account_number"));
        assert_eq!(wrong(Request::Object, false, "x", "-"), Some("cause"));
        assert_eq!(wrong(Request::Register, false, &"x".repeat(2001), "-"), Some("cause"));
    }
}

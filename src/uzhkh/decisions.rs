//! An operator's decisions on requests to register and to add an object.
//!
//! Decisions notify people, so each is sent once: a decision on a request that has been
//! decided before, or may have been, is refused.

use super::model::Kind;
use super::{HANDLE_OBJECT_ADDING, HANDLE_REGISTER, SOURCE};
use crate::ledger::{CallState, Error, NewCall, RecordKey, Tx};

/// A decision on a request.
#[derive(Debug, Clone)]
pub struct Decision {
    /// UZhKH's id of the request.
    pub id: String,
    /// The ruling.
    pub ruling: Ruling,
    /// Whether the people concerned are notified (isSendNotification).
    pub notify: bool,
}

/// The ruling on one of the two kinds of requests.
#[derive(Debug, Clone)]
pub enum Ruling {
    /// HandleRequestToRegister: approved, or rejected for a cause.
    Register {
        /// The cause of a rejection; `None` approves it.
        rejected_because: Option<String>,
    },
    /// HandleRequestToObjectAdding: approved with an account number, or rejected.
    ObjectAdding {
        /// The account number; `None` rejects it.
        account_number: Option<String>,
    },
}

impl Decision {
    /// Whether it approves the request.
    pub fn is_approval(&self) -> bool {
        match &self.ruling {
            Ruling::Register { rejected_because } => rejected_because.is_none(),
            Ruling::ObjectAdding { account_number } => account_number.is_some(),
        }
    }
}

/// A request was decided, or may have been; [`Error::of_system`] has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlreadyDecided {
    /// The decision was sent.
    #[error(
        "request {request} was decided already (call {call}); a decision is sent once; `uzhkh-ledger calls show {call}` \
         tells more"
    )]
    Done {
        /// UZhKH's id of the request.
        request: String,
        /// `call.seq` of the decision.
        call: i64,
    },
    /// The decision is about to be sent.
    #[error(
        "request {request} is about to be decided already (call {call}); a decision is sent once; \
         `uzhkh-ledger calls show {call}` tells more"
    )]
    Pending {
        /// UZhKH's id of the request.
        request: String,
        /// `call.seq` of the decision.
        call: i64,
    },
    /// The decision may have been sent.
    #[error(
        "request {request} may have been decided already (call {call}); a decision is sent once; look into UZhKH, then \
         say with `uzhkh-ledger calls settle {call} --done` or `--failed`"
    )]
    Unknown {
        /// UZhKH's id of the request.
        request: String,
        /// `call.seq` of the decision.
        call: i64,
    },
}

/// Inserts the call that carries a decision out. Returns its number, and whether the
/// ledger knows the request.
///
/// # Errors
/// [`AlreadyDecided`] when the request was decided before, or may have been.
pub fn decide(tx: &Tx<'_>, decision: &Decision) -> Result<(i64, bool), Error> {
    let approved = decision.is_approval();
    let (op, kind, extra) = match &decision.ruling {
        Ruling::Register { rejected_because } => {
            (HANDLE_REGISTER, Kind::RequestToRegister, ("cause", rejected_because.clone()))
        }
        Ruling::ObjectAdding { account_number } => (
            HANDLE_OBJECT_ADDING,
            Kind::RequestToObjectAdding,
            ("accountNumber", account_number.clone()),
        ),
    };
    // The last one tells: one that came before it had failed by then, and was at most put away since.
    if let Some(last) = tx.calls_about(op, "$.id", &decision.id)?.first() {
        let (request, call) = (decision.id.clone(), last.seq);
        let decided = match last.state {
            CallState::Failed => None,
            CallState::Done => Some(AlreadyDecided::Done { request, call }),
            CallState::Pending => Some(AlreadyDecided::Pending { request, call }),
            CallState::Unknown => Some(AlreadyDecided::Unknown { request, call }),
        };
        if let Some(decided) = decided {
            return Err(Error::system(decided));
        }
    }
    let is_known = tx.has_record(RecordKey::new(SOURCE, kind.word(), &decision.id))?;
    let call = tx.insert_call(&NewCall {
        target: SOURCE,
        op,
        params: vec![
            ("id", decision.id.clone()),
            ("isApprove", approved.to_string()),
            ("isReject", (!approved).to_string()),
            (extra.0, extra.1.unwrap_or_default()),
            ("isSendNotification", decision.notify.to_string()),
        ],
        envelope_seq: None,
    })?;
    Ok((call, is_known))
}

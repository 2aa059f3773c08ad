//! Blocks and unblocks units and rooms, at the operator's command only.
//!
//! Alma answers `true` and may show the old status for a while. It refuses to block what is
//! blocked already: after a lost answer, a refusal may mean that the block is done, and the
//! call ends as `unknown` for a person to look at.

use std::sync::Arc;

use super::api::{Api, At, Error};
use super::settings::has_moved;
use super::{SOURCE, heal};
use crate::clock::SharedClock;
use crate::ledger::{self, AlmaKey, AlmaKind, AlmaRow, Call, Tx, Verdict};
use crate::runtime::outbox::{Answer, Attempt, Failure, Prepared, Target};

/// `call.op`
pub(super) const BLOCK: &str = "block";
/// The parameters of a row: `alma_object`'s columns, Alma's own id, and the document's
/// `is_blocked`.
pub(super) const KIND: &str = "kind";
pub(super) const EXTERNAL_ID: &str = "external_id";
pub(super) const ALMA_ID: &str = "alma_id";
pub(super) const IS_BLOCKED: &str = "is_blocked";

/// The beginning of a refusal in `alma_object.reason`.
const REFUSED: &str = "block was refused: ";
/// The separator between the object's own reason and a refusal.
const SEPARATOR: &str = "; ";

/// Alma as a target of calls.
pub(super) struct Calls {
    pub(super) api: Arc<Api>,
    /// As the cursor keeps them.
    pub(super) settings: String,
    pub(super) clock: SharedClock,
}

impl Target for Calls {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn concurrency(&self) -> usize {
        // Calls go out in the order of the operator's commands.
        1
    }

    fn is_left_to_people(&self, _: &Call) -> bool {
        // A refusal is, once an earlier attempt may have arrived.
        true
    }

    fn must_succeed(&self, _: &Call) -> bool {
        true
    }

    fn prepare(&self, tx: &Tx<'_>, call: &Call) -> Result<Prepared, ledger::Error> {
        let external_id = call.param(EXTERNAL_ID);
        let kind = call.param(KIND);
        let calls = tx.calls_about(BLOCK, "$.external_id", &external_id)?;
        let is_later = |other: &Call| other.seq > call.seq && other.param(KIND) == kind;
        if let Some(later) = calls.iter().find(|other| is_later(other)) {
            // The operator's last command counts.
            let why = format!("not sent: call {} came after it", later.seq);
            tx.settle_call(call.seq, &Verdict::Done, None, Some(&why), None)?;
            return Ok(Prepared::Needless);
        }
        let cursor = tx.alma_cursor()?;
        let why = if cursor.is_some_and(|cursor| has_moved(&cursor.settings, &self.settings)) {
            // Its id is one of the Alma that was there before.
            Some(
                "not sent: alma.base_url is another one, and Alma has not answered there yet; ask for it again",
            )
        } else if self.is_of_another(tx, call)? {
            Some("not sent: Alma has another one in its place by now; ask for it again")
        } else {
            None
        };
        if let Some(why) = why {
            let verdict = if call.attempts > 0 { Verdict::Unknown } else { Verdict::Failed };
            tx.settle_call(call.seq, &verdict, None, Some(why), None)?;
            return Ok(Prepared::TooLate);
        }
        let sent_before = call.attempts > 0;
        Ok(Prepared::Send { sent_before })
    }

    async fn send(&self, attempt: &Attempt) -> Answer {
        let call = &attempt.call;
        let kind = AlmaKind::from_word(&call.param(KIND));
        let (Some(kind), Ok(id)) = (kind, call.param(ALMA_ID).parse()) else {
            return Answer::no_such_operation();
        };
        let is_blocked = call.param(IS_BLOCKED) == "true";
        let error = match self.api.block(kind, &At::Id(id), is_blocked).await {
            Ok(said) => return Answer::settled(Verdict::Done, 200, None).saying(said),
            Err(error) => error,
        };
        let words = error.in_full();
        let failure = failure(&error);
        if !error.is_refusal() {
            return failure.repeat(call, &self.clock);
        }
        tracing::warn!(call = call.seq, %error, "a block was refused; alma_object.reason says why");
        let mut answer = failure.settle(call, &self.clock);
        if attempt.sent_before {
            answer.verdict = Verdict::Unknown;
            answer.error = Some(format!(
                "{words}; an earlier attempt, whose answer was lost, may have done it: look into Alma"
            ));
        }
        answer
    }

    fn settle(&self, tx: &Tx<'_>, attempt: &Attempt, answer: &Answer) -> Result<(), ledger::Error> {
        let call = &attempt.call;
        let error = answer.error.as_deref();
        let said = answer.said.as_deref();
        tx.settle_call(call.seq, &answer.verdict, answer.status, error, said)?;
        let Some(kind) = AlmaKind::from_word(&call.param(KIND)) else {
            return Ok(());
        };
        let key = AlmaKey::new(kind, call.param(EXTERNAL_ID));
        if matches!(answer.verdict, Verdict::Done) {
            let is_blocked = call.param(IS_BLOCKED) == "true";
            tx.set_alma_blocked(&key, is_blocked)?;
            if !is_blocked {
                heal::unblocked(tx, &key)?;
            }
        }
        let Some(row) = tx.alma_row(&key)? else {
            return Ok(());
        };
        let own = row.reason.as_deref().and_then(without_refusal);
        let reason = match (&answer.verdict, error) {
            (Verdict::Done, _) => own.map(str::to_owned),
            (Verdict::Failed | Verdict::Unknown, Some(error)) => {
                let refusal = format!("{REFUSED}{error}");
                Some(own.map_or(refusal.clone(), |own| format!("{own}{SEPARATOR}{refusal}")))
            }
            _ => return Ok(()),
        };
        if reason == row.reason {
            return Ok(());
        }
        tx.put_alma_row(&AlmaRow { reason, ..row })
    }
}

impl Calls {
    /// Whether what has the id of a call by now is not known to be the object that was meant.
    fn is_of_another(&self, tx: &Tx<'_>, call: &Call) -> Result<bool, ledger::Error> {
        let kind = AlmaKind::from_word(&call.param(KIND));
        let (Some(kind), Ok(id)) = (kind, call.param(ALMA_ID).parse()) else {
            return Ok(false);
        };
        Ok(match tx.alma_row(&AlmaKey::new(kind, call.param(EXTERNAL_ID)))? {
            Some(row) => row.alma_id != Some(id),
            // Its record may have got another name since.
            None => tx.alma_holder(kind, id)?.is_none(),
        })
    }
}

/// An object's own reason, without the refusal of an earlier block.
fn without_refusal(reason: &str) -> Option<&str> {
    let (own, _) = reason.split_once(REFUSED).unwrap_or((reason, ""));
    let own = own.strip_suffix(SEPARATOR).unwrap_or(own);
    (!own.is_empty()).then_some(own)
}

fn failure(error: &Error) -> Failure {
    Failure {
        class: error.class(),
        sent: error.sent(),
        status: error.status(),
        is_no: error.is_refusal(),
        words: error.in_full(),
        said: error.said(),
    }
}

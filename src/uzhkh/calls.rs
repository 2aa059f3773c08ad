//! The calls to UZhKH that wait in the ledger: SetId and the two decisions.
//!
//! SetId may be repeated: a `notFound` after an attempt that may have arrived
//! means that it did. The decisions notify people, so an outcome that is not
//! known is left to the operator.

use std::sync::Arc;
use std::time::Duration;

use super::api::{Api, Error, NO_DATA, NOT_FOUND, SetId, UNKNOWN_TYPE};
use super::{HANDLE_OBJECT_ADDING, HANDLE_REGISTER, SET_ID, SOURCE};
use crate::clock::{SharedClock, later};
use crate::ledger::{self, Call, Finding, IdentityState, RecordKey, TemporaryId, Tx, Verdict};
use crate::runtime::outbox::{Answer, Attempt, Failure, Prepared, Target};

/// The time that a SetId waits for a Delete with the same id.
const OVERTAKEN_PAUSE: Duration = Duration::from_secs(1);

/// UZhKH as a target of calls.
pub(super) struct Calls {
    pub(super) api: Arc<Api>,
    pub(super) clock: SharedClock,
    pub(super) concurrency: usize,
}

impl Target for Calls {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn concurrency(&self) -> usize {
        self.concurrency
    }

    fn is_left_to_people(&self, call: &Call) -> bool {
        call.op != SET_ID
    }

    fn must_succeed(&self, call: &Call) -> bool {
        // SetId is rejected where UZhKH has lost the object; the identity records that.
        call.op != SET_ID
    }

    fn prepare(&self, tx: &Tx<'_>, call: &Call) -> Result<Prepared, ledger::Error> {
        if call.op != SET_ID {
            return Ok(Prepared::Send { sent_before: false });
        }
        let temporary_id = TemporaryId::new(call.param("type"), call.param("uzhkId"));
        let identity = tx.identity(&temporary_id)?;
        if identity.is_none_or(|identity| identity.state == IdentityState::Announced) {
            tx.settle_call(call.seq, &Verdict::Done, None, None, None)?;
            return Ok(Prepared::Needless);
        }
        let is_first = tx.mark_sent(&temporary_id)? && call.attempts == 0;
        Ok(Prepared::Send { sent_before: !is_first })
    }

    async fn send(&self, attempt: &Attempt) -> Answer {
        let call = &attempt.call;
        match call.op.as_str() {
            SET_ID => {
                let told = self
                    .api
                    .set_id(&call.param("uzhkId"), &call.param("externalId"), &call.param("type"))
                    .await;
                let settled = |verdict, word| Answer {
                    status: told.status,
                    ..Answer::settled(verdict, 200, word).saying(told.said.clone())
                };
                match &told.outcome {
                    Ok(SetId::Success) => settled(Verdict::Done, None),
                    Ok(SetId::NotFound) if attempt.sent_before => {
                        settled(Verdict::Done, Some(NOT_FOUND))
                    }
                    Ok(SetId::NotFound) => settled(Verdict::Failed, Some(NOT_FOUND)),
                    Ok(SetId::UnknownType) => settled(Verdict::Failed, Some(UNKNOWN_TYPE)),
                    Ok(SetId::NoData) => settled(Verdict::Failed, Some(NO_DATA)),
                    Err(error) => {
                        tell_of_undocumented(call, error);
                        failure(error, told.said.clone()).repeat(call, &self.clock)
                    }
                }
            }
            HANDLE_REGISTER => self.decide(call, HANDLE_REGISTER, &REGISTER).await,
            HANDLE_OBJECT_ADDING => self.decide(call, HANDLE_OBJECT_ADDING, &OBJECT_ADDING).await,
            _ => Answer::no_such_operation(),
        }
    }

    fn settle(&self, tx: &Tx<'_>, attempt: &Attempt, answer: &Answer) -> Result<(), ledger::Error> {
        let call = &attempt.call;
        let temporary_id = TemporaryId::new(call.param("type"), call.param("uzhkId"));
        let mut verdict = answer.verdict.clone();
        if call.op == SET_ID && matches!(verdict, Verdict::Failed) {
            // A Delete that carries the same id may have been faster than this SetId.
            let identity = tx.identity(&temporary_id)?;
            if identity.is_some_and(|identity| identity.state == IdentityState::Announced) {
                verdict = Verdict::Done;
            } else if tx.is_being_acknowledged(&temporary_id)? {
                verdict = Verdict::NotSent(later(tx.at(), OVERTAKEN_PAUSE));
            }
        }
        let (error, said) = (answer.error.as_deref(), answer.said.as_deref());
        tx.settle_call(call.seq, &verdict, answer.status, error, said)?;
        if call.op != SET_ID {
            return Ok(());
        }
        match verdict {
            Verdict::Done => tx.announce(&temporary_id),
            Verdict::Again(_) => tx.mark_lost(&temporary_id),
            Verdict::NotSent(_) if !attempt.sent_before => {
                tx.unmark_sent(&temporary_id, attempt.begun_at)
            }
            Verdict::Failed => {
                tx.reject(&temporary_id)?;
                let word = answer.error.as_deref().unwrap_or_default();
                let finding = Finding::new("Id", format!("SetId was answered {word}"));
                let id = call.param("externalId");
                tx.note(RecordKey::new(SOURCE, &temporary_id.kind, &id), None, &finding)
            }
            _ => Ok(()),
        }
    }
}

const REGISTER: [&str; 5] = ["id", "isApprove", "isReject", "cause", "isSendNotification"];
const OBJECT_ADDING: [&str; 5] =
    ["id", "isApprove", "isReject", "accountNumber", "isSendNotification"];

impl Calls {
    async fn decide(&self, call: &Call, operation: &'static str, names: &[&'static str]) -> Answer {
        let values: Vec<String> = names.iter().map(|name| call.param(name)).collect();
        let query: Vec<(&str, &str)> =
            names.iter().zip(&values).map(|(name, value)| (*name, value.as_str())).collect();
        let told = self.api.decide(operation, &query).await;
        let error = match told.outcome {
            Ok(()) => {
                let done = Answer::settled(Verdict::Done, 200, None);
                return Answer { status: told.status, said: told.said, ..done };
            }
            Err(error) => error,
        };
        let answer = failure(&error, told.said).settle(call, &self.clock);
        match answer.verdict {
            Verdict::Failed => tracing::error!(
                call = call.seq,
                %error,
                "a decision was refused; `uzhkh-ledger calls show` says why"
            ),
            Verdict::Unknown => tracing::error!(
                call = call.seq,
                %error,
                "a decision was sent and may have arrived; it is not sent again, look into UZhKH"
            ),
            _ => tracing::warn!(call = call.seq, %error, "a decision could not be sent yet"),
        }
        answer
    }
}

/// Says once of a SetId that its answer is none of the document's: it may stay so, and an
/// acknowledgement waits for it.
fn tell_of_undocumented(call: &Call, error: &Error) {
    if error.undocumented_status().is_some() && call.attempts == 0 {
        tracing::warn!(
            call = call.seq,
            %error,
            "an id is not announced; it is tried again now and then, `uzhkh-ledger calls show` has UZhKH's words"
        );
    }
}

fn failure(error: &Error, said: Option<String>) -> Failure {
    Failure {
        class: error.class(),
        sent: error.sent(),
        status: error.status(),
        is_no: matches!(error, Error::Refused { .. }) || error.refused_status().is_some(),
        words: error.to_string(),
        said,
    }
}

//! The bookings that wait in the ledger, on their way to MACRO.
//!
//! A booking is sent once: one with an unknown outcome is left to the operator. It
//! is signed when it is sent; the row holds neither `time` nor `token`.

use std::sync::Arc;

use jiff::Timestamp;

use super::SOURCE;
use super::api::{ADD, Api};
use super::error::Error;
use crate::clock::SharedClock;
use crate::ledger::{self, Call, Tx, Verdict};
use crate::runtime::outbox::{Answer, Attempt, Failure, Prepared, Target};

/// The parameters of `add` that a row holds, in the document's order.
const PARAMETERS: [&str; 5] = ["transfer_date", "house_id", "flat_num", "phone", "category"];

/// MACRO as a target of calls.
pub(super) struct Calls {
    pub(super) api: Arc<Api>,
    pub(super) clock: SharedClock,
}

impl Target for Calls {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn concurrency(&self) -> usize {
        1
    }

    fn is_left_to_people(&self, _: &Call) -> bool {
        true
    }

    fn must_succeed(&self, _: &Call) -> bool {
        true
    }

    fn prepare(&self, tx: &Tx<'_>, call: &Call) -> Result<Prepared, ledger::Error> {
        if !is_over(call, self.clock.now()) {
            return Ok(Prepared::Send { sent_before: false });
        }
        let problem = "not sent: its time had passed; book another one";
        tx.settle_call(call.seq, &Verdict::Failed, None, Some(problem), None)?;
        let seq = call.seq;
        tx.after_commit(move || tracing::error!(call = seq, "a booking was {problem}"));
        Ok(Prepared::TooLate)
    }

    async fn send(&self, attempt: &Attempt) -> Answer {
        let call = &attempt.call;
        if call.op != ADD {
            return Answer::no_such_operation();
        }
        let parameters = PARAMETERS.map(|name| (name, call.param(name)));
        let error = match self.api.add(parameters.into()).await {
            Ok((status, said)) => {
                return Answer::settled(Verdict::Done, status, None).saying(said);
            }
            Err(error) => error,
        };
        let answer = failure(&error).settle(call, &self.clock);
        // MACRO's words may hold a telephone number: they go into the row alone.
        match answer.verdict {
            Verdict::Failed => tracing::error!(
                call = call.seq,
                %error,
                "a booking was refused; `uzhkh-ledger calls show` says why"
            ),
            Verdict::Unknown => tracing::error!(
                call = call.seq,
                %error,
                "a booking was sent and may have been made; it is not sent again, look into MACRO"
            ),
            _ => tracing::warn!(call = call.seq, %error, "a booking could not be sent yet"),
        }
        answer
    }

    fn settle(&self, tx: &Tx<'_>, attempt: &Attempt, answer: &Answer) -> Result<(), ledger::Error> {
        let (error, said) = (answer.error.as_deref(), answer.said.as_deref());
        tx.settle_call(attempt.call.seq, &answer.verdict, answer.status, error, said)
    }
}

/// Whether the time that a call books has passed.
fn is_over(call: &Call, now: Timestamp) -> bool {
    let transfer_date: Option<Timestamp> = call.param("transfer_date").parse().ok();
    transfer_date.is_some_and(|date| date <= now)
}

fn failure(error: &Error) -> Failure {
    Failure {
        class: error.class(),
        sent: error.sent(),
        status: error.status(),
        is_no: matches!(error, Error::No { .. }),
        words: error.in_full(),
        said: error.said().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::CallState;

    #[test]
    fn a_time_is_over_when_it_has_come() {
        let call = Call {
            seq: 1,
            op: ADD.to_owned(),
            params: r#"{"transfer_date":"2020-06-11T11:00:00+05:00"}"#.to_owned(),
            state: CallState::Pending,
            attempts: 0,
        };
        assert!(!is_over(&call, "2020-06-11T05:59:59.999Z".parse().unwrap()));
        assert!(is_over(&call, "2020-06-11T06:00:00Z".parse().unwrap()));
    }
}

//! What becomes of a call whose attempt failed: one rule for every system.
//!
//! What never left, or was refused at the door, is sent again as if nothing had been.
//! A call that may be repeated is. One that must not be is settled: `failed` where it
//! was answered with a no, `unknown` where it cannot be told whether it had its effect.

use std::time::Duration;

use jiff::Timestamp;

use super::{Answer, Sign};
use crate::clock::{SharedClock, later};
use crate::http::{Backoff, Class, Sent};
use crate::ledger::{Call, Verdict};

/// An attempt that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) class: Class,
    pub(crate) sent: Sent,
    /// The HTTP status, where an answer came.
    pub(crate) status: Option<u16>,
    /// Whether the answer says no, as a status of 400 to 499 does by itself.
    pub(crate) is_no: bool,
    /// What went wrong, for the ledger.
    pub(crate) words: String,
    /// The other side's own words, without secrets.
    pub(crate) said: Option<String>,
}

impl Failure {
    /// For a call that may be sent again, whatever became of this attempt.
    pub(crate) fn repeat(self, call: &Call, clock: &SharedClock) -> Answer {
        if self.has_not_arrived() {
            return self.not_sent(call, clock);
        }
        let verdict = Verdict::Again(self.next(call, clock));
        let is_no = self.is_no;
        self.answer(verdict, is_no)
    }

    /// For a call that must not be sent again once it may have arrived.
    pub(crate) fn settle(self, call: &Call, clock: &SharedClock) -> Answer {
        if self.has_not_arrived() {
            return self.not_sent(call, clock);
        }
        // A 408 or a 429 speaks of the moment: what was done meanwhile it does not say.
        let is_no = match self.status {
            Some(408 | 429) => false,
            Some(400..=499) => true,
            _ => self.is_no,
        };
        let verdict = if is_no { Verdict::Failed } else { Verdict::Unknown };
        self.answer(verdict, is_no)
    }

    fn has_not_arrived(&self) -> bool {
        self.class == Class::Unauthorized || self.sent == Sent::No
    }

    fn not_sent(self, call: &Call, clock: &SharedClock) -> Answer {
        let verdict = Verdict::NotSent(self.next(call, clock));
        self.answer(verdict, false)
    }

    fn answer(self, verdict: Verdict, is_no: bool) -> Answer {
        let sign = Sign::of(self.class, self.sent, is_no);
        let after = self.after();
        let Self { status, words, said, .. } = self;
        Answer { verdict, status, error: Some(words), said, sign, after }
    }

    fn next(&self, call: &Call, clock: &SharedClock) -> Timestamp {
        let mut rng = fastrand::Rng::new();
        let delay = Backoff::default().delay_after(call.attempts, self.after(), &mut rng);
        later(clock.now(), delay)
    }

    /// What the target asks for by Retry-After.
    fn after(&self) -> Option<Duration> {
        match self.class {
            Class::Retry { after } => after,
            Class::Unauthorized | Class::Reject => None,
        }
    }
}

impl Answer {
    /// It was answered for good.
    pub(crate) fn settled(verdict: Verdict, status: u16, word: Option<&str>) -> Self {
        let error = word.map(str::to_owned);
        Self { verdict, status: Some(status), error, said: None, sign: Sign::Takes, after: None }
    }

    /// The answer with the other side's own words.
    pub(crate) fn saying(self, said: Option<String>) -> Self {
        Self { said, ..self }
    }

    /// A row that another version of this program has left.
    pub(crate) fn no_such_operation() -> Self {
        Self {
            verdict: Verdict::Failed,
            status: None,
            error: Some("this program does not know the operation".to_owned()),
            said: None,
            sign: Sign::Takes,
            after: None,
        }
    }
}

use super::*;
use crate::clock::SystemClock;
use crate::ledger::{NewCall, WhenFull};

/// Takes one call, and fails all others.
struct Takes(&'static str);

impl Target for Takes {
    fn name(&self) -> &'static str {
        "uzhkh"
    }

    fn concurrency(&self) -> usize {
        1
    }

    fn is_left_to_people(&self, _: &Call) -> bool {
        false
    }

    fn must_succeed(&self, _: &Call) -> bool {
        true
    }

    fn prepare(&self, _: &Tx<'_>, _: &Call) -> Result<Prepared, ledger::Error> {
        Ok(Prepared::Send { sent_before: false })
    }

    async fn send(&self, attempt: &Attempt) -> Answer {
        let done = Answer::settled(Verdict::Done, 200, None);
        if attempt.call.param("n") == self.0 {
            return done;
        }
        Answer { verdict: Verdict::Again(Timestamp::UNIX_EPOCH), sign: Sign::Fails, ..done }
    }

    fn settle(&self, tx: &Tx<'_>, attempt: &Attempt, answer: &Answer) -> Result<(), ledger::Error> {
        tx.settle_call(attempt.call.seq, &answer.verdict, answer.status, None, None)
    }
}

#[tokio::test]
async fn a_call_that_is_not_sent_has_not_failed_and_goes_before_those_that_have() {
    let dir = tempfile::tempdir().unwrap();
    let clock: SharedClock = Arc::new(SystemClock);
    let path = dir.path().join("ledger.db");
    let ledger = Arc::new(Ledger::open(&path, Arc::clone(&clock), WhenFull::Fail).unwrap());
    let filled = ledger.write(|tx| {
        (0..6).try_for_each(|n| {
            let params = vec![("n", n.to_string())];
            let call = NewCall { target: "uzhkh", op: "Op", params, envelope_seq: None };
            tx.insert_call(&call).map(drop)
        })
    });
    filled.await.unwrap();
    let stop = CancellationToken::new();
    let target = Arc::new(Takes("5"));
    let outbox = Outbox::new(Arc::clone(&ledger), clock, target, &Deadline::of_pass(), stop);
    let four = Pass { failed: 4, settled: 0 };
    assert_eq!(outbox.pass().await.unwrap(), four);
    // The fifth fails, the sixth is done, and then the first four end this pass, too.
    assert_eq!(outbox.pass().await.unwrap(), Pass { failed: 5, settled: 1 });
    let waiting = ledger.read(|reader| reader.due_calls("uzhkh", (0, 0), None, 6)).await.unwrap();
    let attempts = waiting.iter().map(|call| (call.seq, call.attempts)).collect::<Vec<_>>();
    assert_eq!(attempts, [(5, 1), (1, 2), (2, 2), (3, 2), (4, 2)]);
}

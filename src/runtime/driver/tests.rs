use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

#[derive(Default)]
struct Counter {
    steps: AtomicU32,
    paused_until: Mutex<Option<Instant>>,
}

impl Counter {
    fn pause(&self) {
        let end = Instant::now() + Duration::from_millis(50);
        *self.paused_until.lock().unwrap() = Some(end);
    }

    fn paused_until(&self) -> Option<Instant> {
        (*self.paused_until.lock().unwrap()).filter(|until| *until > Instant::now())
    }

    /// Takes a step; the last one is that after the pause.
    async fn step(self: Arc<Self>) -> Result<Next, ledger::Error> {
        self.steps.fetch_add(1, Ordering::Relaxed);
        Ok(if self.paused_until().is_some() { Next::WhenDue } else { Next::Done })
    }
}

async fn drive(task: Task, stop: &CancellationToken) -> Result<(), ledger::Error> {
    task.drive(stop.clone(), Heartbeats::new(Duration::from_secs(60))).await
}

#[tokio::test]
async fn a_task_steps_until_it_is_done() {
    let counter = Arc::new(Counter::default());
    let task = Task::new("counter", &counter, |counter: Arc<Counter>| async move {
        let steps = counter.steps.fetch_add(1, Ordering::Relaxed);
        Ok(if steps < 2 { Next::WhenDue } else { Next::Done })
    });
    let task = task.every(Duration::from_millis(1));
    drive(task, &CancellationToken::new()).await.unwrap();
    assert_eq!(counter.steps.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_step_that_has_begun_ends_though_the_service_stops() {
    let counter = Arc::new(Counter::default());
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    let task = Task::new("counter", &counter, move |counter: Arc<Counter>| {
        let stopping = stopping.clone();
        async move {
            stopping.cancel();
            tokio::task::yield_now().await;
            counter.steps.fetch_add(1, Ordering::Relaxed);
            Ok(Next::WhenDue)
        }
    });
    drive(task.at_once(), &stop).await.unwrap();
    assert_eq!(counter.steps.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_wake_in_a_pause_is_met_when_that_ends() {
    let (counter, wake) = (Arc::new(Counter::default()), Arc::new(Notify::new()));
    let task = Task::new("counter", &counter, Counter::step).woken_by(&wake);
    counter.pause();
    wake.notify_one();
    drive(task.unless(&counter, Counter::paused_until), &CancellationToken::new()).await.unwrap();
    assert_eq!(counter.steps.load(Ordering::Relaxed), 1);
    assert_eq!(counter.paused_until(), None);
}

#[tokio::test]
async fn a_poll_is_told_as_refused_once_in_a_pause_and_goes_first_after_it() {
    let (counter, calls) = (Arc::new(Counter::default()), Arc::new(Counter::default()));
    let (polls, held_back) = (Arc::clone(&counter), HeldBack::default());
    let call = Task::new("calls", &calls, move |calls: Arc<Counter>| {
        let polls = Arc::clone(&polls);
        async move {
            assert_eq!(polls.steps.load(Ordering::Relaxed), 2);
            calls.step().await
        }
    });
    let wake = Arc::new(Notify::new());
    let poll = Task::new("poll", &counter, |counter: Arc<Counter>| async move {
        tokio::task::yield_now().await;
        counter.step().await
    });
    let poll = poll.polling("uzhkh", ["Requests"]).woken_by(&wake).polls_first(&held_back);
    counter.pause();
    *calls.paused_until.lock().unwrap() = counter.paused_until();
    let stop = CancellationToken::new();
    wake.notify_one();
    wake.notify_one();
    let calling = call.at_once().unless(&calls, Counter::paused_until).polls_first(&held_back);
    let (called, polled) = tokio::join!(
        drive(calling, &stop),
        drive(poll.unless(&counter, Counter::paused_until), &stop),
    );
    called.and(polled).unwrap();
    assert_eq!(counter.steps.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_poll_that_is_always_refused_does_not_keep_calls_waiting() {
    let (counter, held_back) = (Arc::new(Counter::default()), HeldBack::default());
    let stop = CancellationToken::new();
    let wake = Arc::new(Notify::new());
    let again = Arc::clone(&wake);
    let poll = Task::new("poll", &counter, move |counter: Arc<Counter>| {
        let again = Arc::clone(&again);
        async move {
            // It is asked, and refused.
            if counter.paused_until().is_none() {
                counter.steps.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                counter.pause();
            }
            again.notify_one();
            Ok(Next::WhenDue)
        }
    });
    let poll = poll.polling("uzhkh", ["Requests"]).woken_by(&wake).polls_first(&held_back);
    let stopping = stop.clone();
    let call = Task::new("calls", &counter, move |_: Arc<Counter>| {
        let stopping = stopping.clone();
        async move {
            stopping.cancel();
            Ok(Next::Done)
        }
    });
    counter.pause();
    wake.notify_one();
    let calling = call.at_once().unless(&counter, Counter::paused_until).polls_first(&held_back);
    let both = async {
        tokio::join!(
            drive(poll.unless(&counter, Counter::paused_until), &stop),
            drive(calling, &stop),
        )
    };
    let (polled, called) = tokio::time::timeout(Duration::from_secs(20), both).await.unwrap();
    polled.and(called).unwrap();
    let polls = counter.steps.load(Ordering::Relaxed);
    assert!((1..=3).contains(&polls), "{polls}");
}

#[tokio::test]
async fn no_commit_cuts_a_backoff_short() {
    let (counter, stop) = (Arc::new(Counter::default()), CancellationToken::new());
    let task = Task::new("counter", &counter, |counter: Arc<Counter>| async move {
        counter.steps.fetch_add(1, Ordering::Relaxed);
        Ok(Next::Again)
    });
    let task = task.at_once().after_commits();
    let commits = task.following().unwrap();
    let committing = async {
        for _ in 0..10_000 {
            commits.notify_one();
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let (driven, ()) = tokio::join!(drive(task, &stop), committing);
    driven.unwrap();
    assert!(counter.steps.load(Ordering::Relaxed) < 100);
}

#[tokio::test]
async fn a_pass_takes_up_what_fails_twice() {
    let stop = CancellationToken::new();
    let mut rounds = Rounds::default();
    assert!(rounds.go_on(&stop, true, true).await);
    assert!(rounds.go_on(&stop, false, true).await);
    assert!(rounds.go_on(&stop, true, true).await);
    assert!(!rounds.go_on(&stop, true, true).await);
}

#[tokio::test]
async fn a_pass_ends_when_nothing_is_left_or_it_is_stopped() {
    let stop = CancellationToken::new();
    assert!(!Rounds::default().go_on(&stop, false, false).await);
    stop.cancel();
    assert!(!Rounds::default().go_on(&stop, false, true).await);
}

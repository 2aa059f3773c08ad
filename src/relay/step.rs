//! One step of the relay, decided from the cursor in PostgreSQL and the ledger alone.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::cursor::{self, Cursor, Wish};
use super::failure::Failure;
use super::missing::Missing;
use super::session::Session;
use super::source::{Batch, Page};
use super::told::Told;
use super::{Relay, schema};
use crate::http::Backoff;
use crate::ledger::{self, ChangeSeq, Reader, RelayAct, RelayState};
use crate::runtime::driver::Next;
use crate::watchdog::idle;

/// How long PostgreSQL may take over a step, and in a pass of `run --once`.
pub(super) const STEP: Duration = Duration::from_secs(120);
pub(super) const PASS_STEP: Duration = Duration::from_secs(12);
/// How long connecting may take, and in a pass.
const CONNECT: Duration = Duration::from_secs(10);
const PASS_CONNECT: Duration = Duration::from_secs(4);
/// How often is looked for changes once all have been brought.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often is looked at what a person must act on, and at what is asked meanwhile.
const PAUSE: Duration = Duration::from_secs(60);
const ASK_EVERY: Duration = Duration::from_secs(1);
/// `ledger.at` is set at least once a minute.
const BEAT: Duration = Duration::from_secs(45);
/// A connection that has had nothing to do for so long is given back.
const IDLE: Duration = Duration::from_secs(10);
/// Waits between attempts where PostgreSQL is away.
const AGAIN: Backoff = Backoff { base: Duration::from_millis(250), cap: Duration::from_secs(15) };
/// A ledger that grows faster than so many changes a second is being drained: the relay then
/// rests so many times as long as a step took, up to a second.
const DRAINING: f64 = 300.0;
const RESTS: u32 = 12;
const LONGEST_REST: Duration = Duration::from_secs(1);

/// What the relay remembers from one step to the next. All of it can be found again.
pub(super) struct Live {
    pub(super) session: Option<Session>,
    /// `None`: it is to be looked at before anything is brought.
    pub(super) cursor: Option<Cursor>,
    /// The most changes or records of the next step. One row's fault is found by halving it, and
    /// so is what PostgreSQL takes in time.
    pub(super) size: usize,
    /// The changes after the cursor, read while those before were sent.
    pub(super) ahead: Option<Batch>,
    /// The same of records in a backfill.
    pub(super) page_ahead: Option<Page>,
    pub(super) missing: Missing,
    /// Whether something is stuck.
    pub(super) has_stuck: bool,
    pub(super) told: Told,
    /// Attempts in a row that found PostgreSQL away.
    away: u32,
    /// When it is looked at again what a person must act on.
    looks_at: Option<Instant>,
    /// What the last attempt was asked to do.
    asked: Vec<RelayAct>,
    /// When something was last brought; when `ledger.at` was last set.
    active_at: Instant,
    beat_at: Option<Instant>,
    growth: Growth,
}

/// How fast the ledger grows.
#[derive(Default)]
struct Growth {
    seen: Option<(Instant, ChangeSeq)>,
    a_second: f64,
}

impl Growth {
    /// Notes the newest change.
    #[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
    fn note(&mut self, newest: ChangeSeq) {
        let now = Instant::now();
        let Some((at, before)) = self.seen else {
            self.seen = Some((now, newest));
            return;
        };
        let passed = now - at;
        if passed >= LOOK_EVERY {
            self.a_second = (newest.0 - before.0) as f64 / passed.as_secs_f64();
            self.seen = Some((now, newest));
        }
    }
}

/// Whether something is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is more.
    More,
    /// All that the ledger has is there.
    End,
}

impl Live {
    pub(super) fn new(batch: usize) -> Self {
        Self {
            session: None,
            cursor: None,
            size: batch,
            ahead: None,
            page_ahead: None,
            missing: Missing::default(),
            has_stuck: false,
            told: Told::default(),
            away: 0,
            looks_at: None,
            asked: Vec::new(),
            active_at: Instant::now(),
            beat_at: None,
            growth: Growth::default(),
        }
    }

    /// What is known of PostgreSQL is to be looked at anew.
    fn forget(&mut self) {
        self.cursor = None;
        self.ahead = None;
        self.page_ahead = None;
    }

    /// The connection is alive, and `ledger.at` is set. That is no success yet: a server whose
    /// disk is full lets the cursor be taken and takes no row.
    fn is_there(&mut self) {
        self.active_at = Instant::now();
        self.beat_at = Some(self.active_at);
    }

    /// PostgreSQL has taken something, or has all that there is.
    pub(super) fn succeeded(&mut self, now: Timestamp) {
        self.is_there();
        self.away = 0;
        self.told.last_success_at = Some(now);
    }

    /// A step of so many rows failed with no row at fault: they may be more than PostgreSQL
    /// takes in time. The size doubles again with each step that comes to its end.
    pub(super) fn failed(&mut self, rows: usize, failure: &Failure) {
        if failure.is_away() {
            self.size = (rows / 2).max(1);
        }
    }

    /// The session, which a step begins with.
    pub(super) fn session(&mut self) -> Result<&mut Session, Failure> {
        self.session.as_mut().ok_or(Failure::Moved)
    }
}

impl Relay {
    /// Takes a step, unless the service stops meanwhile: what is under way then comes to
    /// nothing, or the cursor shows it at the next start.
    pub(super) async fn step(&self) -> Result<Next, ledger::Error> {
        let mut live = self.live.lock().await;
        let began = Instant::now();
        if live.looks_at.is_some_and(|at| at > began) {
            let acts = self.ledger.read(Reader::relay_wanted).await?;
            // What the failed attempt has seen changes nothing, however long it waits.
            live.asked.retain(|act| acts.contains(act));
            if live.asked.len() == acts.len() {
                return Ok(Next::Within(ASK_EVERY));
            }
        }
        let outcome = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Ok(Next::Done),
            outcome = self.advance(&mut live) => outcome,
        };
        let failure = match outcome {
            Ok(progress) => {
                live.looks_at = None;
                self.tell(&mut live, None, progress == Progress::End).await?;
                return Ok(Next::Within(rest(&live, progress, began.elapsed())));
            }
            Err(failure) => failure,
        };
        self.fail(&mut live, failure).await
    }

    /// Deals with a failure; answers when the next step is due.
    pub(super) async fn fail(
        &self,
        live: &mut Live,
        failure: Failure,
    ) -> Result<Next, ledger::Error> {
        live.forget();
        live.looks_at = None;
        let (state, error) = match failure {
            Failure::Ledger(error) if error.is_fatal() => return Err(error),
            // It is closing, or another process writes it for long.
            Failure::Ledger(error) => (RelayState::Away, error.to_string()),
            Failure::Moved => return Ok(Next::Within(LOOK_EVERY)),
            Failure::Away(error) => (RelayState::Away, error),
            Failure::Late(error) => {
                if let Some(session) = live.session.take() {
                    idle(session.cancel()).await;
                }
                (RelayState::Away, error)
            }
            Failure::Row(error) | Failure::Paused(error) => (RelayState::Paused, error),
            Failure::Refused(error) => (RelayState::Refused, error),
        };
        live.session = None;
        let pause = match state {
            RelayState::Away => {
                live.away = live.away.saturating_add(1);
                AGAIN.ceiling(live.away - 1)
            }
            _ => {
                live.looks_at = Some(Instant::now() + PAUSE);
                ASK_EVERY
            }
        };
        self.tell(live, Some((state, error)), true).await?;
        Ok(Next::Within(pause))
    }

    /// Does what is next.
    pub(super) async fn advance(&self, live: &mut Live) -> Result<Progress, Failure> {
        let acts = self.ledger.read(Reader::relay_wanted).await?;
        live.asked.clone_from(&acts);
        if acts.is_empty() && self.is_at_rest(live).await? {
            return Ok(Progress::End);
        }
        // What is told to the outside must be the ledger's.
        self.ledger.check_in_place()?;
        self.connect(live).await?;
        let is_unknown = live.cursor.is_none();
        let is_taken_up =
            is_unknown || acts.contains(&RelayAct::Backfill) || acts.contains(&RelayAct::Takeover);
        if is_taken_up {
            self.within(self.take_up(live, &acts)).await?;
        }
        if acts.contains(&RelayAct::Retry) {
            self.retry_stuck(live).await?;
        }
        let Some(cursor) = live.cursor.clone() else { return Err(Failure::Moved) };
        let progress = match &cursor.backfill {
            Some(_) => self.backfill(live, &cursor).await?,
            None => self.follow(live, &cursor).await?,
        };
        if progress == Progress::End {
            if is_taken_up {
                live.succeeded(self.clock.now());
            }
            self.beat(live).await?;
        }
        Ok(progress)
    }

    /// What PostgreSQL takes too long for is given up, and the connection with it.
    pub(super) async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        self.within_time(self.step_within, work).await
    }

    /// The same, with a time of its own.
    pub(super) async fn within_time<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let seconds = limit.as_secs();
        let done = idle(tokio::time::timeout(limit, work)).await;
        done.unwrap_or_else(|_| Err(Failure::Late(format!("no answer within {seconds} s"))))
    }

    /// Whether nothing is to be brought, so that no connection is needed; gives one back that
    /// is idle.
    async fn is_at_rest(&self, live: &mut Live) -> Result<bool, Failure> {
        let Some(cursor) = &live.cursor else { return Ok(false) };
        let seq = cursor.seq;
        let newest = self.ledger.read(Reader::end_of_log).await?;
        live.growth.note(newest);
        let is_due = live.beat_at.is_none_or(|at| at.elapsed() >= BEAT);
        let cursor_is_last = cursor.backfill.is_none() && newest <= seq;
        if !cursor_is_last || is_due || self.has_missing_changed(live, seq).await? {
            return Ok(false);
        }
        if live.active_at.elapsed() >= IDLE {
            live.session = None;
        }
        Ok(true)
    }

    /// Connects where there is no connection, and finds the tables or makes them.
    async fn connect(&self, live: &mut Live) -> Result<(), Failure> {
        if live.session.as_ref().is_some_and(|session| !session.is_closed()) {
            return Ok(());
        }
        let limit = if self.deadline.is_of_pass() { PASS_CONNECT } else { CONNECT };
        // Where it fails, the failure takes it away again.
        let session = live.session.insert(idle(self.dial.connect(limit)).await?);
        self.within(schema::prepare(session, &self.there)).await
    }

    /// Looks at the cursor, and takes it.
    async fn take_up(&self, live: &mut Live, acts: &[RelayAct]) -> Result<(), Failure> {
        live.forget();
        let reading = self.source.ask(|reader| {
            Ok((reader.ledger_id()?, reader.end_of_log()?, reader.relay_stuck_count()?))
        });
        let (ledger_id, end_of_log, stuck) = reading.await?;
        let wish = Wish {
            ledger_id,
            end_of_log,
            anew: acts.contains(&RelayAct::Backfill),
            takeover: acts.contains(&RelayAct::Takeover),
        };
        let cursor = self.begin_or_go_on(live, &wish).await?;
        live.has_stuck = stuck > 0;
        if cursor.backfill.as_ref().is_some_and(|last| *last == Default::default()) && stuck > 0 {
            // Every record is brought anew, what was stuck too.
            self.ledger.write(|tx| tx.forget_stuck_relay()).await?;
            live.has_stuck = false;
        }
        let done: Vec<RelayAct> = acts
            .iter()
            .copied()
            .filter(|act| matches!(act, RelayAct::Backfill | RelayAct::Takeover))
            .collect();
        if !done.is_empty() {
            let ending =
                self.ledger.write(move |tx| done.iter().try_for_each(|act| tx.end_relay_act(*act)));
            ending.await?;
        }
        live.told.look(&cursor);
        live.missing = Missing::default();
        live.cursor = Some(cursor);
        Ok(())
    }

    /// The cursor by which it goes on, or that of the epoch which begins.
    async fn begin_or_go_on(&self, live: &mut Live, wish: &Wish) -> Result<Cursor, Failure> {
        let before = live.told.epoch;
        let transaction = live.session()?.begin().await?;
        let cursor = cursor::take_up(&transaction, &self.there, wish).await?;
        transaction.commit().await?;
        live.is_there();
        let (epoch, seq) = (cursor.epoch, cursor.seq.0);
        if before != Some(epoch) {
            let is_whole = cursor.backfill.is_none();
            tracing::info!(epoch, seq, is_whole, "the relay has its cursor");
        }
        Ok(cursor)
    }

    /// The cursor is of no use with this log any more: an epoch begins.
    pub(super) async fn begin_anew(&self, live: &mut Live) -> Result<Progress, Failure> {
        self.within(self.take_up(live, &[RelayAct::Backfill])).await?;
        Ok(Progress::More)
    }

    /// Sets `ledger.at` where that is due.
    async fn beat(&self, live: &mut Live) -> Result<(), Failure> {
        if live.beat_at.is_some_and(|at| at.elapsed() < BEAT) {
            return Ok(());
        }
        let Some(cursor) = live.cursor.clone() else { return Err(Failure::Moved) };
        let now = self.clock.now();
        let beating = async {
            let transaction = live.session()?.begin().await?;
            cursor::hold(&transaction, &self.there, &cursor).await?;
            cursor::set(&transaction, &self.there, cursor.seq, None).await?;
            transaction.commit().await?;
            let active_at = live.active_at;
            live.succeeded(now);
            // A beat keeps no connection open.
            live.active_at = active_at;
            Ok(())
        };
        self.within(beating).await
    }

    /// Notes how far the ledger has come.
    pub(super) fn note_growth(live: &mut Live, newest: ChangeSeq) {
        live.growth.note(newest);
    }
}

/// When the next step is due after one that took so long.
fn rest(live: &Live, progress: Progress, took: Duration) -> Duration {
    match progress {
        Progress::End => LOOK_EVERY,
        Progress::More if live.growth.a_second > DRAINING => (took * RESTS).min(LONGEST_REST),
        Progress::More => Duration::ZERO,
    }
}

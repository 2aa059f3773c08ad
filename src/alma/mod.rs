//! Alma: rentals, kept in step with the ledger.
//!
//! Level-triggered: a change in the ledger marks the objects that it touches ([`follow`]),
//! a [projection](mod@projection) says what each of them should be, and the difference to
//! what was last sent is sent ([`reconcile`], one object at a time in [`sync`]). Restarting,
//! coalescing and retrying need no further logic. From a change to a PATCH:
//!
//! ```text
//! follow       changes mark objects; marked objects are projected anew
//! projection   what Alma should hold of an object, from its records
//! state        the states of an object: what a projection and a sync make of it
//! reconcile    pending objects, kind by kind, side by side
//! task         one object, with everything that the ledger knows about it
//! sync         closes its difference: adopt, update, create, archive; photos
//! lookup       what Alma has already; lists: its lists, kept for ten minutes
//! api          the requests and answers of Alma's document
//! outcome      records the result and unblocks what waited for it
//! names        names that Alma has once in their place; heal: what else is let go on
//! exchange     contracts of tenants that are to have each other's flats
//! again        what comes back by itself: days that pass, what is looked at slowly
//! ```
//!
//! Beside that: [`uploads`] brings photos and scans to Alma, [`plan`](mod@plan) shows what
//! would be sent, [`audit`](mod@audit) what Alma holds otherwise, [`operator`] retries and
//! releases, and [`calls`] blocks and unblocks.
//!
//! Source: «Alma External API Documentation».

mod again;
pub mod api;
mod audit;
mod calls;
mod check;
mod exchange;
mod fields;
mod files;
mod follow;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod heal;
mod held;
mod lists;
mod lookup;
mod merged;
mod names;
mod notes;
pub mod objects;
mod operator;
mod outcome;
mod pass;
mod plan;
mod preview;
mod projection;
mod reconcile;
mod records;
mod refused;
mod settings;
mod state;
mod sync;
mod system;
mod task;
mod tenancy;
mod term;
mod uploads;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use audit::{Audited, Finding, audit, take};
use check::{check_access, check_config};
pub use fields::Fields;
pub use operator::{block, release, retry};
pub use plan::{AskError, Plan, Planned, Sign, plan};
pub use refused::Refused;
pub(crate) use system::System;

use crate::clock::{SharedClock, stamp};
use crate::config::AlmaSource;
use crate::http::BuildError;
use crate::ledger::{self, Ledger, Outcome};
use crate::runtime::driver::Rounds;
use crate::runtime::outbox::Outbox;
use crate::runtime::pace::Pace;
use crate::runtime::poll_log::{PollLog, Run};
use crate::runtime::system::Context;
use api::Api;
use calls::Calls;
use follow::{Follower, Policy};
use lists::Lists;
use pass::Pass;
use reconcile::Reconciler;
use uploads::{Brought, Uploads};

/// `call.target` and `poll.source` of this system.
pub const SOURCE: &str = "alma";
/// `poll.feed` of the reconciler.
const OBJECTS: &str = "objects";
/// `poll.feed` of photos and scans.
const FILES: &str = "files";

/// Alma as this process sees it.
pub struct Alma {
    ledger: Arc<Ledger>,
    clock: SharedClock,
    stop: CancellationToken,
    schedule: String,
    /// Notified when objects are due.
    objects_due: Arc<Notify>,
    settings: String,
    /// Whether Alma has been looked at since the start, with whatever outcome.
    has_looked: AtomicBool,
    follower: Follower,
    reconciler: Reconciler,
    /// `None`: nothing that the config switches on has files.
    uploads: Option<Uploads>,
    outbox: Outbox<Calls>,
    polls: PollLog,
    longest_wait: Duration,
}

impl Alma {
    /// Sets the system up; `None` where the config switches it off.
    ///
    /// # Errors
    /// The HTTP client could not be built.
    pub(crate) fn new(context: &Context<'_>) -> Result<Option<Self>, BuildError> {
        let Context { config, ledger, clock, stop, deadline, .. } = *context;
        let Some(alma) = &config.alma else {
            return Ok(None);
        };
        let api = Arc::new(Api::new(alma, &config.http, deadline)?);
        let uploads = context.files.clone().map(|source| Uploads {
            api: Arc::clone(&api),
            ledger: Arc::clone(ledger),
            clock: Arc::clone(clock),
            stop: stop.clone(),
            source,
            upload: alma.upload,
            limit: alma.max_file_bytes,
            directory: config.ledger.directory(),
            pace: Pace::new(deadline),
        });
        let projection = settings::projection(config, alma);
        let policy = Policy::new(&*projection, alma);
        let settings = policy.settings.clone();
        let calls = Arc::new(Calls {
            api: Arc::clone(&api),
            settings: settings.clone(),
            clock: Arc::clone(clock),
        });
        Ok(Some(Self {
            ledger: Arc::clone(ledger),
            clock: Arc::clone(clock),
            stop: stop.clone(),
            schedule: alma.schedule.clone(),
            objects_due: Arc::default(),
            settings,
            has_looked: AtomicBool::new(false),
            follower: Follower::new(ledger, projection, policy),
            reconciler: Reconciler {
                api,
                ledger: Arc::clone(ledger),
                clock: Arc::clone(clock),
                stop: stop.clone(),
                archive: alma.archive,
                end_contracts: alma.end_contracts,
                are_contacts: alma.source == AlmaSource::Bitrix24,
                timezone: alma.timezone.clone(),
                concurrency: alma.concurrency,
                lists: Lists::default(),
                pace: Pace::new(deadline),
            },
            uploads,
            outbox: Outbox::new(
                Arc::clone(ledger),
                Arc::clone(clock),
                calls,
                deadline,
                stop.clone(),
            ),
            polls: PollLog::new(SOURCE),
            longest_wait: config.http.longest_wait(),
        }))
    }

    /// One pass: until nothing more can move, what fails being tried again shortly; then
    /// what the operator wants blocked. True when nothing failed.
    async fn pass(&self) -> Result<bool, ledger::Error> {
        let started_at = self.clock.now();
        let (mut all, mut files) = (Pass::default(), Brought::default());
        self.rounds(&mut all, &mut files).await?;
        if self.is_elsewhere().await? {
            self.tell(started_at, all).await?;
            return Ok(false);
        }
        let is_at_rest = !self.reconciler.has_more().await?;
        let have_calls_passed = self.outbox.passes().await?;
        // What was unblocked can be let again.
        if is_at_rest && self.reconciler.has_more().await? {
            self.rounds(&mut all, &mut files).await?;
        }
        let is_pending = self.reconciler.has_pending().await?;
        let lacks_files = self.lacks_files().await?;
        // What failed on the way may have gone through in the end.
        all.error = all.error.filter(|_| is_pending);
        files.error = files.error.filter(|_| lacks_files);
        self.tell_files(started_at, files).await?;
        self.tell(started_at, all).await?;
        Ok(!is_pending & !lacks_files & have_calls_passed)
    }

    /// Brings objects to Alma until none moves any more, and then files, which make some move
    /// again: no object waits for a file of another.
    async fn rounds(&self, all: &mut Pass, files: &mut Brought) -> Result<(), ledger::Error> {
        let mut rounds = Rounds::default();
        loop {
            if let Some(failed) = self.follow().await? {
                all.add(failed);
                if rounds.go_on(&self.stop, true, true).await {
                    continue;
                }
                return Ok(());
            }
            let pass = self.reconciler.pass(&self.follower).await?;
            let (mut has_failed, mut has_moved) = (pass.failed > 0, pass.looked_at > 0);
            all.add(pass);
            let mut has_more = has_moved && self.reconciler.has_more().await?;
            if has_failed || !has_more {
                let brought = self.bring().await?;
                has_failed |= brought.error.is_some();
                has_moved |= brought.tried > 0;
                files.add(brought);
                has_more = has_moved
                    && (self.reconciler.has_more().await? || self.has_more_files().await?);
            }
            if !rounds.go_on(&self.stop, has_failed, has_more).await {
                return Ok(());
            }
        }
    }

    async fn bring(&self) -> Result<Brought, ledger::Error> {
        match &self.uploads {
            Some(uploads) => uploads.pass().await,
            None => Ok(Brought::default()),
        }
    }

    async fn has_more_files(&self) -> Result<bool, ledger::Error> {
        match &self.uploads {
            Some(uploads) => uploads.has_more().await,
            None => Ok(false),
        }
    }

    /// Whether a file is still to be uploaded from a source that is switched on.
    async fn lacks_files(&self) -> Result<bool, ledger::Error> {
        match &self.uploads {
            Some(_) => self.ledger.read(|reader| reader.has_pending_alma_file()).await,
            None => Ok(false),
        }
    }

    /// Begins to follow the changes of the ledger; a pass goes on with it. What a crash has left
    /// aside in Alma comes back first, whatever it is to become. Answers what came of it where Alma
    /// is not where it was, and nothing is begun.
    async fn follow(&self) -> Result<Option<Pass>, ledger::Error> {
        // Renewed settings may take from the ledger what is to come back.
        if !self.is_paused() && !self.is_elsewhere().await? {
            self.reconciler.put_back().await?;
        }
        let failed = settings::keep_up(&self.ledger, &self.settings, &self.reconciler.api).await?;
        if failed.is_some() {
            return Ok(failed);
        }
        self.follower.begin().await?;
        Ok(None)
    }

    /// Follows the changes of the ledger, and carries what is due to Alma.
    async fn reconcile(&self) -> Result<(), ledger::Error> {
        let started_at = self.clock.now();
        if let Some(failed) = self.follow().await? {
            return self.tell(started_at, failed).await;
        }
        // Changes are followed while Alma refuses us too.
        if self.is_paused() {
            return self.follower.finish().await;
        }
        let pass = self.reconciler.pass(&self.follower).await?;
        // A pass that found nothing due says nothing of what failed before and waits.
        if pass.looked_at > 0 || !self.reconciler.has_pending().await? {
            self.tell(started_at, pass).await?;
        }
        Ok(())
    }

    /// Looks at the ledger often, which costs little, so that no change waits for the schedule.
    async fn wake_for_changes(&self) -> Result<(), ledger::Error> {
        let (settings, now) = (self.settings.clone(), stamp(self.clock.now()));
        let has_work = self.ledger.read(move |reader| reader.has_work_for_alma(&settings, &now));
        if has_work.await? {
            self.objects_due.notify_one();
        }
        Ok(())
    }

    /// Brings the files that are due.
    async fn upload(&self) -> Result<(), ledger::Error> {
        let started_at = self.clock.now();
        let brought = self.bring().await?;
        self.tell_files(started_at, brought).await
    }

    /// Records what became of files.
    async fn tell_files(
        &self,
        started_at: jiff::Timestamp,
        files: Brought,
    ) -> Result<(), ledger::Error> {
        if files.tried == 0 {
            return Ok(());
        }
        let outcome = match &files.error {
            None => Outcome::Ok,
            Some(_) if files.is_unauthorized => Outcome::Unauthorized,
            Some(_) => Outcome::Failed,
        };
        tracing::info!(uploaded = files.uploaded, failed = files.failed, "brought files to Alma");
        let run = Run {
            feed: FILES.into(),
            started_at,
            outcome,
            fetched: files.tried,
            new: 0,
            changed: files.uploaded,
            quarantined: 0,
            error: files.error,
            said: None,
            is_notable: false,
        };
        self.polls.record(&self.ledger, run, None).await
    }

    /// Records what a pass came to.
    async fn tell(&self, started_at: jiff::Timestamp, pass: Pass) -> Result<(), ledger::Error> {
        let outcome = match &pass.error {
            None => Outcome::Ok,
            Some(_) if pass.is_unauthorized => Outcome::Unauthorized,
            Some(_) => Outcome::Failed,
        };
        if pass.looked_at > 0 {
            tracing::info!(
                synced = pass.synced,
                archived = pass.archived,
                blocked = pass.blocked,
                rejected = pass.rejected,
                held = pass.held,
                failed = pass.failed,
                "reconciled Alma"
            );
        }
        let run = Run {
            feed: OBJECTS.into(),
            started_at,
            outcome,
            fetched: pass.looked_at,
            new: 0,
            changed: pass.synced + pass.archived,
            quarantined: 0,
            error: pass.error,
            said: None,
            is_notable: false,
        };
        self.polls.record(&self.ledger, run, None).await
    }

    /// Whether Alma is not where it was, and nothing has answered there as Alma does yet.
    async fn is_elsewhere(&self) -> Result<bool, ledger::Error> {
        settings::is_elsewhere(&self.ledger, &self.settings).await
    }

    fn is_paused(&self) -> bool {
        self.paused_until().is_some()
    }

    fn paused_until(&self) -> Option<Instant> {
        self.reconciler.api.upstream().paused_until()
    }
}

//! The service: sets up the systems of the registry, runs their tasks and those of the
//! process itself, and stops them in order.
//!
//! Stopping: nothing more is fetched, the commit at hand is finished, calls that
//! are under way get a bounded time, the ledger is closed. What that time does not
//! suffice for is in the ledger and goes on at the next start, as after a crash.

mod mode;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use mode::{Begin, Mode};

use crate::clock::{SharedClock, SystemClock};
use crate::config::Config;
use crate::http::{BuildError, Deadline};
use crate::ledger::{self, Ledger, WhenFull};
use crate::ops::admin::{self, Admin};
use crate::ops::maintenance::Maintenance;
use crate::ops::{state_directory, systemd};
use crate::registry::SYSTEMS;
use crate::runtime::asked::Asked;
use crate::runtime::driver::Task;
use crate::runtime::schedule::Schedules;
use crate::runtime::system::{Connected, Context, Feed, System};
use crate::watchdog::{GRACE, Heartbeats};
use crate::web::{self, Listener, Web};

/// How long calls that are under way may take once the service stops.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Why the service ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The ledger cannot be opened, or failed for good.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// An HTTP client could not be built.
    #[error(transparent)]
    Http(#[from] BuildError),
    /// The scheduler failed.
    #[error("the schedules cannot be started: {0}")]
    Schedule(#[from] tokio_cron_scheduler::JobSchedulerError),
    /// The directory of the ledger is not there.
    #[error("ledger.path: {0}")]
    NoDirectory(#[from] state_directory::Missing),
    /// The address of `[admin]` cannot be had.
    #[error("admin.listen: {0} cannot be listened on: {1}; is another program there?")]
    Admin(std::net::SocketAddr, #[source] std::io::Error),
    /// `[web]` cannot be served.
    #[error(transparent)]
    Web(#[from] web::Error),
    /// A task panicked.
    #[error("a task of the service panicked; this is a bug")]
    Panicked,
}

/// The runtime that the service expects.
///
/// # Errors
/// The system has no threads for it.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build()
}

/// Runs the service until `stop`, or with [`Mode::once`] until one pass is done.
/// Answers whether everything that was due succeeded; only a pass can fail.
///
/// # Errors
/// What keeps the service from running at all.
pub async fn run(config: &Config, mode: Mode, stop: CancellationToken) -> Result<bool, Error> {
    run_systems(SYSTEMS, config, mode, stop).await
}

async fn run_systems(
    systems: &[&dyn System],
    config: &Config,
    mode: Mode,
    stop: CancellationToken,
) -> Result<bool, Error> {
    let is_service = !mode.once;
    if is_service {
        systemd::status("opening the ledger").await;
    }
    let outcome = run_on_ledger(systems, config, mode, stop).await;
    if let Err(error) = &outcome
        && is_service
    {
        systemd::status(&format!("ended: {error}")).await;
    }
    outcome
}

async fn run_on_ledger(
    systems: &[&dyn System],
    config: &Config,
    mode: Mode,
    stop: CancellationToken,
) -> Result<bool, Error> {
    let when_full = if mode.once { WhenFull::Fail } else { WhenFull::Wait };
    let clock: SharedClock = Arc::new(SystemClock);
    let ledger = Arc::new(open(config, Arc::clone(&clock), when_full).await?);
    let deadline = if mode.once { Deadline::of_pass() } else { Deadline::none() };
    let feeds: Vec<Feed> = systems.iter().flat_map(|system| system.feeds(config)).collect();
    let context = Context {
        config,
        ledger: &ledger,
        clock: &clock,
        stop: &stop,
        deadline: &deadline,
        full_resync: mode.full_resync,
        feeds: &feeds,
        files: None,
    };
    let outcome = run_connected(systems, context, mode).await;
    let closed = tokio::task::spawn_blocking(move || ledger.close()).await;
    let closed = closed.map_err(|_| Error::Panicked)?;
    let is_well = outcome?;
    closed?;
    Ok(is_well)
}

async fn open(config: &Config, clock: SharedClock, when_full: WhenFull) -> Result<Ledger, Error> {
    let path = config.ledger.path.clone();
    state_directory::find_or_make(&path)?;
    let opening = tokio::task::spawn_blocking(move || Ledger::open(&path, clock, when_full));
    Ok(opening.await.map_err(|_| Error::Panicked)??)
}

/// A system that the config has switched on, with its row of the registry.
type Switched<'a> = (&'a dyn System, Arc<dyn Connected>);

async fn run_connected(
    systems: &[&dyn System],
    mut context: Context<'_>,
    mode: Mode,
) -> Result<bool, Error> {
    let mut switched: Vec<Switched<'_>> = Vec::new();
    for system in systems {
        if let Some(connected) = system.connect(&context)? {
            context.files = context.files.take().or_else(|| connected.files());
            switched.push((*system, connected));
        }
    }
    let mut is_certain = true;
    for (_, system) in &switched {
        is_certain &= system.recover().await?;
    }
    let begin = mode.begin;
    let beginning = context.ledger.write(move |tx| {
        // All of them are due at a start.
        tx.all_polls_begin()?;
        begin.write(tx)
    });
    beginning.await?;
    if mode.once {
        return Ok(pass(&switched, context.deadline).await? && is_certain);
    }
    serve(switched, &context).await?;
    Ok(true)
}

/// One pass of each system, side by side; those that follow the others come last. True when
/// none failed.
async fn pass(systems: &[Switched<'_>], deadline: &Deadline) -> Result<bool, Error> {
    let (last, first): (Vec<_>, Vec<_>) =
        systems.iter().partition(|(system, _)| system.follows_others());
    let passes = join_all(first.iter().map(|(_, system)| once(system))).await;
    let mut is_well = passes.into_iter().try_fold(true, |all, pass| pass.map(|one| all & one))?;
    for (_, system) in last {
        if !is_well {
            deadline.enforce();
        }
        is_well &= once(system).await?;
    }
    Ok(is_well)
}

/// One pass of a system, on a thread that waits for its sockets too: no answer wakes another one.
async fn once(system: &Arc<dyn Connected>) -> Result<bool, Error> {
    let system = Arc::clone(system);
    let pass = tokio::spawn(async move { system.once().await });
    Ok(pass.await.map_err(|_| Error::Panicked)??)
}

/// Runs the tasks of the systems and of the process until the stop.
async fn serve(systems: Vec<Switched<'_>>, context: &Context<'_>) -> Result<(), Error> {
    let Context { config, ledger, clock, stop, .. } = *context;
    let listener = match &config.admin {
        Some(admin) => {
            let bound = admin::bind(admin.listen).await;
            Some(bound.map_err(|error| Error::Admin(admin.listen, error))?)
        }
        None => None,
    };
    let web = Listener::bind(config).await?;
    let heartbeats = Heartbeats::new(systemd::watchdog().unwrap_or(GRACE));
    ledger.heartbeats().iter().for_each(|heartbeat| heartbeats.watch(heartbeat));
    let mut tasks: Vec<Task> = systems.into_iter().flat_map(|(_, system)| system.tasks()).collect();
    tasks.extend(Arc::new(Maintenance::new(config, ledger, clock, stop)).tasks());
    tasks.push(Asked::new(ledger, &tasks).task());
    let jobs = tasks.iter().filter_map(Task::job).collect();
    let mut running = JoinSet::new();
    for task in tasks {
        running.spawn(task.drive(stop.clone(), heartbeats.clone()));
    }
    if let Some(listener) = listener {
        let admin = Admin::new(config, ledger, clock, &heartbeats, stop);
        running.spawn(unfailing(admin::serve(listener, admin)));
    }
    if let Some(listener) = web {
        let web = Web::new(config, ledger, clock, stop).await?;
        running.spawn(unfailing(web::serve(listener, web)));
    }
    let schedules = Schedules::start(jobs, &heartbeats).await?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "running");
    systemd::ready().await;
    running.spawn(unfailing(schedules.keep(stop.clone())));
    running.spawn(unfailing(systemd::keep_notifying(heartbeats.clone(), stop.clone())));
    let status = systemd::Status::new(config, Arc::clone(ledger), Arc::clone(clock), heartbeats);
    running.spawn(unfailing(status.keep_telling(stop.clone())));
    wait(&mut running, stop).await?;
    tracing::info!("stopped");
    Ok(())
}

/// A task that cannot fail.
async fn unfailing(task: impl Future<Output = ()>) -> Result<(), ledger::Error> {
    task.await;
    Ok(())
}

/// Waits for the tasks: until the stop, and then no longer than they may take. A task that
/// fails ends them all.
async fn wait(
    tasks: &mut JoinSet<Result<(), ledger::Error>>,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(STOP_WITHIN).await;
    };
    let ending = async {
        while let Some(task) = tasks.join_next().await {
            match task {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => return Err(Error::Panicked),
            }
        }
        Ok(())
    };
    tokio::select! {
        ended = ending => ended,
        () = late => {
            tracing::warn!("calls were still under way; they are taken up at the next start");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::future::BoxFuture;

    use super::*;
    use crate::config::Environment;
    use crate::ledger::{Outcome, Reader};
    use crate::runtime::driver::Next;
    use crate::runtime::poll_log::{PollLog, Run};

    /// A system that only this test has: it polls nothing but the clock.
    struct Sundial;

    struct Shadow {
        ledger: Arc<Ledger>,
        clock: SharedClock,
        stop: CancellationToken,
        polls: PollLog,
        steps: AtomicU32,
    }

    impl System for Sundial {
        fn name(&self) -> &'static str {
            "sundial"
        }

        fn feeds(&self, _: &Config) -> Vec<Feed> {
            vec![Feed {
                source: "sundial",
                name: "shadow".to_owned(),
                schedule: "* * * * * *".to_owned(),
                is_mirrored: false,
            }]
        }

        fn check_config(&self, _: &Config, _: &SharedClock) -> Result<(), BuildError> {
            Ok(())
        }

        fn check<'a>(
            &'a self,
            _: &'a Config,
            _: &'a SharedClock,
        ) -> BoxFuture<'a, Vec<Result<(), String>>> {
            Box::pin(async { vec![Ok(())] })
        }

        fn connect(&self, context: &Context<'_>) -> Result<Option<Arc<dyn Connected>>, BuildError> {
            Ok(Some(Arc::new(Shadow {
                ledger: Arc::clone(context.ledger),
                clock: Arc::clone(context.clock),
                stop: context.stop.clone(),
                polls: PollLog::new("sundial"),
                steps: AtomicU32::new(0),
            })))
        }
    }

    impl Shadow {
        async fn poll(&self) -> Result<bool, ledger::Error> {
            let run = Run {
                feed: "shadow".into(),
                started_at: self.clock.now(),
                outcome: Outcome::Ok,
                fetched: 1,
                new: 0,
                changed: 0,
                quarantined: 0,
                error: None,
                said: None,
                is_notable: false,
            };
            self.polls.record(&self.ledger, run, None).await?;
            Ok(true)
        }
    }

    impl Connected for Shadow {
        fn tasks(self: Arc<Self>) -> Vec<Task> {
            let task = Task::new("sundial shadow", &self, |shadow: Arc<Self>| async move {
                shadow.poll().await?;
                if shadow.steps.fetch_add(1, Ordering::Relaxed) == 1 {
                    shadow.stop.cancel();
                }
                Ok(Next::WhenDue)
            });
            vec![task.on("* * * * * *").watched(Duration::from_secs(1))]
        }

        fn once(&self) -> BoxFuture<'_, Result<bool, ledger::Error>> {
            Box::pin(self.poll())
        }
    }

    fn config(directory: &std::path::Path) -> Config {
        let path = directory.join("ledger.db");
        let text = format!(
            "[ledger]\npath = {path:?}\n[macrocrm]\nbase_url = \"http://127.0.0.1:1/\"\n\
             domain = \"example.test\"\napp_secret = \"secret\"\n"
        );
        Config::parse(&text, &directory.join("config.toml"), &Environment::default()).unwrap()
    }

    fn polls(config: &Config) -> Vec<(String, String)> {
        let standing = Reader::open(&config.ledger.path)
            .unwrap()
            .standing(crate::clock::Clock::now(&SystemClock))
            .unwrap();
        standing.polls.into_iter().map(|poll| (poll.source, poll.feed)).collect()
    }

    #[tokio::test]
    async fn a_registered_system_has_its_pass_and_no_other_is_known() {
        let directory = tempfile::tempdir().unwrap();
        let config = config(directory.path());
        let mode = Mode { once: true, ..Mode::default() };
        let done = run_systems(&[&Sundial], &config, mode, CancellationToken::new()).await;
        assert!(done.unwrap());
        assert_eq!(polls(&config), [("sundial".to_owned(), "shadow".to_owned())]);
    }

    #[tokio::test]
    async fn a_registered_system_is_polled_by_its_schedule_until_the_stop() {
        let directory = tempfile::tempdir().unwrap();
        let config = config(directory.path());
        let stop = CancellationToken::new();
        let done = run_systems(&[&Sundial], &config, Mode::default(), stop.clone()).await;
        assert!(done.unwrap() && stop.is_cancelled());
        assert_eq!(polls(&config).len(), 1);
    }
}

//! Starts the parts and stops them in order.
//!
//! Stopping: nothing more is fetched, the commit at hand is finished, calls that
//! are under way get a bounded time, the ledger is closed. What that time does not
//! suffice for is in the ledger and goes on at the next start, as after a crash.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::OptionFuture;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::alma::Alma;
use crate::bitrix24::Bitrix24;
use crate::clock::{SharedClock, SystemClock};
use crate::config::Config;
use crate::domoplaner::Domoplaner;
use crate::http::{BuildError, Patience};
use crate::ledger::{self, Ledger, WhenFull};
use crate::macrocrm::Macrocrm;
use crate::ops::admin::{self, Admin};
use crate::ops::maintenance::Keeping;
use crate::ops::systemd;
use crate::runtime::schedule::Schedules;
use crate::uzhkh::{Schedule, Uzhkh};
use crate::watchdog::{GRACE, Heartbeats};

/// How long calls that are under way may take once the service stops.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// When a pass that has met a dead system no longer waits for another: it shall end within
/// half a minute.
const ONCE_WITHIN: Duration = Duration::from_secs(23);
/// When reserved ids are looked at.
const IDENTITIES_SCHEDULE: &str = "*/10 * * * * *";

/// How the service is to run.
#[derive(Debug, Clone, Default)]
pub struct Mode {
    /// Begin by reading the full lists.
    pub full_resync: bool,
    /// One pass of everything, then the end.
    pub once: bool,
    /// The feeds (system and name) whose next full read may delete all that it lacks.
    pub accept_shrink: Vec<(&'static str, String)>,
}

/// Why the service ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The ledger cannot be opened, or failed for good.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The way out cannot be built.
    #[error(transparent)]
    Http(#[from] BuildError),
    /// The scheduler failed.
    #[error("the schedules cannot be started: {0}")]
    Schedule(#[from] tokio_cron_scheduler::JobSchedulerError),
    /// The directory of the ledger is not there.
    #[error(
        "the directory of the ledger does not exist: {0}; create it, owned by the service's user"
    )]
    NoDirectory(PathBuf),
    /// The address of `[admin]` cannot be had.
    #[error("admin.listen: {0} cannot be listened on: {1}; is another program there?")]
    Admin(std::net::SocketAddr, #[source] std::io::Error),
    /// A part of the service panicked.
    #[error("a part of the service panicked; this is a bug")]
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
    let is_service = !mode.once;
    if is_service {
        systemd::status("opening the ledger").await;
    }
    let outcome = run_on_ledger(config, mode, stop).await;
    if let Err(error) = &outcome
        && is_service
    {
        systemd::status(&format!("ended: {error}")).await;
    }
    outcome
}

async fn run_on_ledger(
    config: &Config,
    mode: Mode,
    stop: CancellationToken,
) -> Result<bool, Error> {
    let (when_full, patience) = if mode.once {
        (WhenFull::Fail, Patience::Once)
    } else {
        (WhenFull::Wait, Patience::Service)
    };
    let clock: SharedClock = Arc::new(SystemClock);
    let ledger = Arc::new(open(config, Arc::clone(&clock), when_full).await?);
    let outcome = run_parts(config, mode, patience, &ledger, clock, stop).await;
    let closing = tokio::task::spawn_blocking(move || ledger.close());
    let closed = closing.await.map_err(|_| Error::Panicked)?;
    let all_well = outcome?;
    closed?;
    Ok(all_well)
}

async fn open(config: &Config, clock: SharedClock, when_full: WhenFull) -> Result<Ledger, Error> {
    let path = config.ledger.path.clone();
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(directory) = directory.filter(|directory| !directory.is_dir()) {
        return Err(Error::NoDirectory(directory.to_owned()));
    }
    let opening = tokio::task::spawn_blocking(move || Ledger::open(&path, clock, when_full));
    Ok(opening.await.map_err(|_| Error::Panicked)??)
}

/// The systems that the config switches on.
struct Systems {
    uzhkh: Option<Arc<Uzhkh>>,
    domoplaner: Option<Domoplaner>,
    macrocrm: Option<Arc<Macrocrm>>,
    bitrix24: Option<Bitrix24>,
    alma: Option<Alma>,
}

impl Systems {
    /// One pass of each, side by side; Alma's comes last, since it follows the others.
    /// True when none failed.
    async fn once(&self, full_resync: bool) -> Result<bool, ledger::Error> {
        let began = Instant::now();
        let (uzhkh, domoplaner, macrocrm, bitrix24) = tokio::join!(
            OptionFuture::from(self.uzhkh.as_ref().map(|uzhkh| uzhkh.once(full_resync))),
            OptionFuture::from(self.domoplaner.as_ref().map(Domoplaner::once)),
            OptionFuture::from(self.macrocrm.as_ref().map(|macrocrm| macrocrm.once())),
            OptionFuture::from(self.bitrix24.as_ref().map(Bitrix24::once)),
        );
        let mut passes = [uzhkh, domoplaner, macrocrm, bitrix24].into_iter().flatten();
        let is_well =
            passes.try_fold(true, |well, pass| Ok::<bool, ledger::Error>(well & pass?))?;
        let Some(alma) = &self.alma else {
            return Ok(is_well);
        };
        if !is_well {
            alma.end_by(began + ONCE_WITHIN);
        }
        Ok(is_well & alma.once().await?)
    }

    /// Starts each as a part; answers what is due when.
    fn start(
        self,
        config: &Config,
        full_resync: bool,
        heartbeats: &Heartbeats,
        parts: &mut JoinSet<Result<(), ledger::Error>>,
    ) -> Vec<(String, Arc<Notify>)> {
        let mut jobs = Vec::new();
        let mut due = |schedule: &str| {
            let due = Arc::new(Notify::new());
            jobs.push((schedule.to_owned(), Arc::clone(&due)));
            due
        };
        if let Some((uzhkh, settings)) = self.uzhkh.zip(config.uzhkh.as_ref()) {
            let heartbeats = heartbeats.clone();
            let schedule = Schedule {
                requests: due(&settings.requests_schedule),
                deleted: due(&settings.deleted_schedule),
                identities: due(IDENTITIES_SCHEDULE),
            };
            parts.spawn(async move { uzhkh.run(&schedule, full_resync, &heartbeats).await });
        }
        for feed in self.domoplaner.iter().flat_map(Domoplaner::feeds) {
            let (feed, heartbeats) = (Arc::clone(feed), heartbeats.clone());
            let due = due(feed.schedule());
            parts.spawn(async move { feed.run(&due, &heartbeats).await });
        }
        if let Some((macrocrm, settings)) = self.macrocrm.zip(config.macrocrm.as_ref()) {
            let (due, heartbeats) = (due(&settings.schedule), heartbeats.clone());
            parts.spawn(async move { macrocrm.run(&due, &heartbeats).await });
        }
        if let Some((bitrix24, settings)) = self.bitrix24.zip(config.bitrix24.as_ref()) {
            let (due, heartbeats) = (due(&settings.schedule), heartbeats.clone());
            parts.spawn(async move { bitrix24.run(&due, &heartbeats).await });
        }
        if let Some((alma, settings)) = self.alma.zip(config.alma.as_ref()) {
            let (due, heartbeats) = (due(&settings.schedule), heartbeats.clone());
            parts.spawn(async move { alma.run(&due, &heartbeats).await });
        }
        jobs
    }
}

/// A part that cannot fail.
async fn attend(part: impl Future<Output = ()>) -> Result<(), ledger::Error> {
    part.await;
    Ok(())
}

async fn run_parts(
    config: &Config,
    mode: Mode,
    patience: Patience,
    ledger: &Arc<Ledger>,
    clock: SharedClock,
    stop: CancellationToken,
) -> Result<bool, Error> {
    let bitrix24 = Bitrix24::new(config, ledger, &clock, patience, &stop)?;
    let files = bitrix24.as_ref().map(Bitrix24::files);
    let systems = Systems {
        uzhkh: Uzhkh::new(config, Arc::clone(ledger), Arc::clone(&clock), patience, stop.clone())?
            .map(Arc::new),
        domoplaner: Domoplaner::new(config, ledger, &clock, patience, &stop)?,
        macrocrm: Macrocrm::new(config, ledger, &clock, patience, &stop)?.map(Arc::new),
        bitrix24,
        alma: Alma::new(config, ledger, &clock, patience, &stop, files)?,
    };
    let mut is_certain = true;
    if let Some(uzhkh) = &systems.uzhkh {
        is_certain &= uzhkh.recover().await?;
    }
    if let Some(macrocrm) = &systems.macrocrm {
        is_certain &= macrocrm.recover().await?;
    }
    let accepted = mode.accept_shrink;
    let accepting = ledger.write(move |tx| {
        accepted.iter().try_for_each(|(source, feed)| tx.accept_shrink(source, feed))
    });
    accepting.await?;
    if mode.once {
        return Ok(systems.once(mode.full_resync).await? && is_certain);
    }
    let listener = match &config.admin {
        Some(admin) => {
            let bound = admin::bind(admin.listen).await;
            Some(bound.map_err(|error| Error::Admin(admin.listen, error))?)
        }
        None => None,
    };
    let heartbeats = Heartbeats::new(systemd::watchdog().unwrap_or(GRACE));
    ledger.heartbeats().iter().for_each(|heartbeat| heartbeats.watch(heartbeat));
    let mut parts = JoinSet::new();
    let mut jobs = systems.start(config, mode.full_resync, &heartbeats, &mut parts);
    if let Some(listener) = listener {
        let admin = Admin::new(config, ledger, &clock, &heartbeats, &stop);
        parts.spawn(attend(admin::serve(listener, admin)));
    }
    let keeping = Keeping::new(config, ledger, &clock, &stop);
    jobs.extend(keeping.job());
    parts.spawn(async move { keeping.run().await });
    let schedules = Schedules::start(jobs, &heartbeats).await?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "running");
    systemd::ready().await;
    parts.spawn(attend(schedules.keep(stop.clone())));
    parts.spawn(attend(systemd::feed(heartbeats.clone(), stop.clone())));
    let status = systemd::Status::new(config, Arc::clone(ledger), clock, heartbeats);
    parts.spawn(attend(status.keep_telling(stop.clone())));
    wait(&mut parts, &stop).await?;
    tracing::info!("stopped");
    Ok(true)
}

/// Waits for the parts: until the stop, and then no longer than they may take. A
/// part that fails ends them all.
async fn wait(
    parts: &mut JoinSet<Result<(), ledger::Error>>,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let patience = async {
        stop.cancelled().await;
        tokio::time::sleep(STOP_WITHIN).await;
    };
    let ending = async {
        while let Some(part) = parts.join_next().await {
            match part {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => return Err(Error::Panicked),
            }
        }
        Ok(())
    };
    tokio::select! {
        ended = ending => ended,
        () = patience => {
            tracing::warn!("calls were still under way; they are taken up at the next start");
            Ok(())
        }
    }
}

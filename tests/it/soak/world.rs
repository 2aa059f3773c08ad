//! The systems, what happens in them, and what people do meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use simulator::{Category, Endpoint, Fault, FaultKind, FeedKind, Layout};

use super::PACE;
use crate::support::entities::{envelope, to_register};
use crate::support::{Bench, setup};

/// MACRO's house, whose keys are booked.
pub(super) const HOUSE: &str = "soak";
/// No more entries that cannot be understood: each is looked at again by every drain.
const BAD: u32 = 40;
/// The longest step of the clock, in seconds of the wall.
const STEP: i64 = 3 * 3600;

/// Everything outside of the service.
pub(super) struct World {
    pub(super) bench: Bench,
    pub(super) random: fastrand::Rng,
    disk: PathBuf,
    /// Only held: the systems' clocks go as long as it is there.
    _clock: SystemsClock,
    is_wrong: bool,
    /// Requests to register that a person decided, and flats that a person booked.
    pub(super) decided: u32,
    pub(super) booked: u32,
    bad: u32,
    backups: u32,
    pub(super) full: u32,
    pub(super) held_up: u32,
    pub(super) killed: u32,
    pub(super) stopped: u32,
    steps: u32,
}

impl World {
    pub(super) fn new(mut random: fastrand::Rng, disk: &Path) -> Self {
        let seed = random.u64(..);
        let is_wrapped = random.bool();
        let batch = random.bool().then(|| random.usize(20..200));
        let backups = disk.join("backups");
        fs::create_dir(&backups).unwrap();
        let bench = setup()
            .options(|options| {
                options.seed = seed;
                options.accounts = 20;
                options.catalogue = 60;
                options.ready_flats = 20;
                options.bitrix_apartments = 8;
                options.wrap_items = is_wrapped;
                options.batch_limit = batch;
                options.page_size = 15;
            })
            .ledger(&disk.join("ledger.db"))
            .every_second()
            .uzhkh("unauthorized_pause = \"2s\"")
            .domoplaner("max_shrink = 90")
            .feed(
                "premises",
                FeedKind::Premises,
                Layout::nested(),
                &["schedule = \"*/40 * * * * *\""],
            )
            .feed(
                "deals",
                FeedKind::Deals,
                Layout::wrapped("data"),
                &["schedule = \"*/30 * * * * *\""],
            )
            .macrocrm("max_shrink = 90\nschedule = \"*/50 * * * * *\"")
            .bitrix24("max_shrink = 90\nschedule = \"*/50 * * * * *\"\nfull_every = \"1h\"")
            .alma("schedule = \"*/30 * * * * *\"")
            .section("[identity]\nannounce_after = \"0s\"")
            .section("[http]\ntimeout = \"4s\"\nidle_timeout = \"1s\"")
            .section(&format!(
                "[backup]\ndir = {backups:?}\nschedule = \"0 */10 * * * *\"\nkeep = 3"
            ))
            .start();
        bench.clock(PACE).expect("faketime is there");
        bench.simulator.macrocrm().take_any_time();
        let clock = SystemsClock::follow(&bench);
        Self {
            bench,
            random,
            disk: disk.to_owned(),
            _clock: clock,
            is_wrong: false,
            decided: 0,
            booked: 0,
            bad: 0,
            backups: 0,
            full: 0,
            held_up: 0,
            killed: 0,
            stopped: 0,
            steps: 0,
        }
    }

    pub(super) fn disk(&self) -> &Path {
        &self.disk
    }

    pub(super) fn macrocrm(&self) -> &simulator::Macrocrm {
        self.bench.simulator.macrocrm()
    }

    /// The clock is wrong from now on, or right again.
    pub(super) fn clock_steps(&mut self) {
        self.is_wrong = !self.is_wrong;
        let seconds = if self.is_wrong { self.random.i64(-STEP..STEP) } else { 0 };
        self.is_wrong_by(seconds);
        self.steps += 1;
    }

    fn is_wrong_by(&self, seconds: i64) {
        self.bench.clock(PACE).expect("faketime is there").is_wrong_by(seconds);
    }

    /// Something happens in each of the systems, and to the way there.
    pub(super) fn goes_on(&mut self) {
        self.goes_on_outside();
        match self.random.u32(..40) {
            0 => self.bench.clear_faults(),
            1..=6 => self.something_fails(),
            7 if self.bad < BAD => {
                self.bad += 1;
                let text =
                    format!(r#"{{"Guid":"soak-bad-{}","Counter":{{"Value1":1.10}}}}"#, self.bad);
                self.bench.push_bad("requests", &text);
            }
            8 => self.person_decides(),
            9 => self.person_books(),
            10 => self.bench.uzhkh().set_latency(Duration::from_millis(self.random.u64(..30))),
            _ => {}
        }
    }

    pub(super) fn goes_on_outside(&mut self) {
        match self.random.u32(..12) {
            0 => self.bench.uzhkh().generate(self.random.usize(1..12)),
            1 => self.bench.domoplaner().step(self.random.usize(1..3)),
            2 => self.macrocrm().step(1),
            3 => self.bench.simulator.bitrix24().step(1),
            _ => {}
        }
    }

    /// One way to misbehave of all that there are, somewhere or everywhere.
    fn something_fails(&mut self) {
        let kinds = [
            FaultKind::Error500,
            FaultKind::Unavailable { retry_after_seconds: 1 },
            FaultKind::TooMany,
            FaultKind::Forbidden,
            FaultKind::Html,
            FaultKind::Xml,
            FaultKind::Redirect,
            FaultKind::CutBody,
            FaultKind::CutAnnounced,
            FaultKind::CutFramed,
            FaultKind::ResetBefore,
            FaultKind::LostAnswer,
            FaultKind::Duplicate,
            FaultKind::Stall,
            FaultKind::StallBody,
            FaultKind::Drip,
            FaultKind::Bom,
            FaultKind::QueryLimit,
            FaultKind::OperationLimit,
            FaultKind::Overload,
            FaultKind::CommandFails,
            // The words that are no lie about what was set before.
            FaultKind::Word("error".to_owned()),
            FaultKind::Word("notAuthorized".to_owned()),
        ];
        let kind = kinds[self.random.usize(..kinds.len())].clone();
        let endpoint = Endpoint::ALL[self.random.usize(..Endpoint::ALL.len())];
        let fault = Fault::new(kind).likely(self.random.f64() * 0.4).times(self.random.u32(1..20));
        let is_everywhere = self.random.u8(..3) == 0;
        self.bench.inject(if is_everywhere { fault } else { fault.at(endpoint) });
    }

    /// A request to register comes, and a person decides one that came before.
    fn person_decides(&mut self) {
        let id = self.decided;
        let came = format!(
            "SELECT count(*) FROM record WHERE kind = 'requesttoregister' AND id = 'soak-{id}'"
        );
        if self.bench.one_or_none(&came) == "1" {
            let ended = self.bench.run(&[
                "decide",
                "register",
                &format!("soak-{id}"),
                "--approve",
                "--notify",
            ]);
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            self.decided += 1;
        } else if id == 0
            || self.bench.one_or_none(&format!(
                "SELECT count(*) FROM envelope WHERE guid = 'soak-register-{id}'"
            )) == "0"
        {
            let text = envelope(
                &format!("soak-register-{id}"),
                "RequestToRegister",
                &to_register(&format!("soak-{id}")),
            );
            self.bench.uzhkh().push_request(text);
        }
    }

    /// A flat of its own each time: no two people want the same.
    fn person_books(&mut self) {
        let flat = format!("soak-{}", self.booked);
        self.booked += 1;
        self.macrocrm().set_ready(HOUSE, "Дом", Category::Flat, &[&flat]);
        let flats = self.macrocrm().ready_flats();
        let Some(ready) = flats.into_iter().find(|ready| ready.flat_num == flat) else { return };
        let today = self.macrocrm().today();
        let free = (2..30).find_map(|days| {
            let day = today.checked_add(jiff::Span::new().days(days)).unwrap();
            let times = self.macrocrm().free_times(HOUSE, day);
            Some(format!("{day}T{}", times.first()?))
        });
        let Some(at) = free else { return };
        let ended = self.bench.run(&[
            "keys",
            "book",
            "--house",
            HOUSE,
            "--flat",
            &flat,
            "--category",
            "flat",
            "--at",
            &at,
            "--phone",
            &ready.phone,
        ]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }

    /// By hand, beside the service.
    pub(super) fn is_backed_up(&mut self) {
        let file = self.disk.join(format!("by-hand-{}.db", self.backups));
        let path = file.to_str().unwrap().to_owned();
        let ended = self.bench.run(&["backup", &path]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let verified = self.bench.run(&["verify", &path]);
        assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
        fs::remove_file(file).unwrap();
        self.backups += 1;
    }

    /// A person looks how it stands.
    pub(super) fn is_asked(&self) {
        let ended = self.bench.run(&["status", "--json"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }

    /// All is well again, and one clean pass does what is left.
    pub(super) fn settles(&mut self) {
        self.is_wrong_by(0);
        self.bench.clear_faults();
        self.bench.uzhkh().set_latency(Duration::ZERO);
        self.bench.uzhkh().set_batch_limit(None);
        // Everything is read whole, whatever was taken for its time.
        self.bench.tamper("UPDATE feed SET full_at = '2020-01-01T00:00:00.000Z'");
        // What a system refuses is tried twice in a pass; several depend on one another.
        for _ in 0..3 {
            let refused = self.refused();
            self.bench.start(&["run", "--once"]);
            let status = self.bench.wait();
            // A booking may have waited until its flat was no longer ready, or its time taken.
            let is_well = status.success() || self.refused() > refused;
            assert!(is_well, "{status}\n{}", self.last_words());
        }
        self.bench.settle();
    }

    /// How many bookings MACRO has refused.
    fn refused(&self) -> u64 {
        let refused = "SELECT count(*) FROM call WHERE target = 'macrocrm' AND state = 'failed'";
        self.bench.one(refused).parse().unwrap()
    }

    /// The end of the log.
    pub(super) fn last_words(&self) -> String {
        let log = self.bench.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(80)..].join("\n")
    }

    /// What has happened, in a line.
    pub(super) fn told(&self) -> String {
        let faults: u64 = self.bench.report().faults.values().sum();
        format!(
            "{} kills, {} stops, {} steps of the clock, {} full disks, {} hold-ups, {} backups by hand, \
             {faults} faults, {} bad entries, {} decisions, {} bookings, {} envelopes",
            self.killed,
            self.stopped,
            self.steps,
            self.full,
            self.held_up,
            self.backups,
            self.bad,
            self.decided,
            self.booked,
            self.bench.one("SELECT count(*) FROM envelope")
        )
    }
}

/// Has the systems keep pace with the clock of the service, where that is right.
struct SystemsClock {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl SystemsClock {
    fn follow(bench: &Bench) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (simulator, over) = (Arc::clone(&bench.simulator), Arc::clone(&is_over));
        let (began_at, began) = (now(), Instant::now());
        let thread = std::thread::spawn(move || {
            let zone = TimeZone::get("Europe/Moscow").unwrap();
            while !over.load(Ordering::Relaxed) {
                let passed = SignedDuration::try_from(began.elapsed() * PACE).unwrap();
                let now = (began_at + passed).to_zoned_datetime(zone.clone()).datetime();
                simulator.domoplaner().set_now(Some(now));
                simulator.macrocrm().set_now(Some(now));
                simulator.bitrix24().set_now(Some(now));
                simulator.alma().set_today(Some(now.date()));
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        Self { is_over, thread: Some(thread) }
    }
}

impl Drop for SystemsClock {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // One that panicked has said why.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the wall's clock is what the service's departs from"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

//! `demo --source uzhkh`: the queue of UZhKH, the feeds of Domoplaner and the lists of MACRO
//! in one ledger; what UZhKH says of flats, owners and tenants on its way to Alma.

use std::fmt::Write;
use std::time::Duration;

use super::accounting::Accounting;
use super::booking::Bookings;
use super::console::Console;
use super::script::{LATENCY, Script, Stage, alma_states};
use crate::cli::output;
use crate::cli::simulated::{Schedules, sections};
use crate::ledger::{Progress, Reader, sum};
use simulator::{FeedKind, Options, Report, Simulator};

/// Entries that wait at the start.
const WAITING: usize = 5000;
/// Entries per second that keep coming.
const RATE: f64 = 150.0;
/// Premises, and objects ready to be handed over. So many that what happens between two
/// reads is a small part of them.
const PREMISES: usize = 600;
const READY_FLATS: usize = 400;
/// Events per second in Domoplaner, and in MACRO.
const CATALOGUE_RATE: f64 = 4.0;
const TOKEN: &str = "demo-token";
const SCHEDULES: Schedules = Schedules { queues: Some("* * * * * *"), lists: "*/2 * * * * *" };
/// The second from which on keys are booked: the ready flats have arrived by then.
const BOOKS_FROM: u64 = 2;

/// What to try in the console.
const CLICKS: &[(&str, &str)] = &[
    ("Requests", "approve a registration, or reject the one whose account is another flat's"),
    ("Keys", "choose a flat and a day, show the times, book one"),
    ("Quarantine", "an entry that cannot be understood: retry it, or give it up"),
    ("Search", "a street and a house, half a surname, a phone; then the whole history"),
];

/// The script of four systems.
pub(super) struct FourSystems {
    bookings: Bookings,
    /// Names what is new; `None`: the ledger does.
    accounting: Option<Accounting>,
    console: Console,
    commands: Vec<String>,
    /// True if the ledger is that of an earlier demo.
    is_continued: bool,
    /// The ledger before this demo.
    before: Progress,
    /// The ledger at the last line.
    now: Progress,
    /// Entries acknowledged up to the last line.
    acknowledged: usize,
}

impl Script for FourSystems {
    const QUERIES: &'static [&'static str] = &[
        "SELECT kind, count(*) AS live FROM record WHERE deleted_at IS NULL GROUP BY kind",
        "SELECT a.account_number, a.balance, p.surname, p.name FROM account AS a \
         JOIN account_person AS p ON p.account_id = a.id WHERE p.is_owner LIMIT 5",
        "SELECT house, floor, number, area, price, status FROM premises LIMIT 5",
        "SELECT id, dogovor_number, deal_status, dt_updated FROM deal ORDER BY dt_updated DESC LIMIT 5",
        "SELECT title, category, flat FROM ready_flat LIMIT 5",
        "SELECT kind, state, count(*) AS objects, min(reason) AS reason FROM alma_object GROUP BY kind, state",
        "SELECT at, id, fields FROM recent_change WHERE kind = 'premises' AND op = 'update' LIMIT 5",
    ];

    fn options() -> Options {
        Options {
            token: TOKEN.to_owned(),
            envelopes: WAITING,
            rate: RATE,
            accounts: 300,
            catalogue: PREMISES,
            ready_flats: READY_FLATS,
            catalogue_rate: CATALOGUE_RATE,
            latency: LATENCY,
            ..Options::default()
        }
    }

    fn sections(simulator: &Simulator) -> String {
        sections(simulator, TOKEN, &SCHEDULES)
    }

    fn new(stage: Stage<'_>) -> anyhow::Result<Self> {
        let bookings = Bookings::new(stage.config, stage.simulator.macrocrm());
        let before = match stage.earlier {
            Some(reader) => reader.progress()?,
            None => Progress::default(),
        };
        Ok(Self {
            commands: commands(stage.simulator, &bookings),
            bookings,
            accounting: Accounting::new(stage.config),
            console: stage.console,
            is_continued: stage.earlier.is_some(),
            before,
            now: before,
            acknowledged: 0,
        })
    }

    fn simulated(&self) -> String {
        format!(
            "Simulated: UZhKH with {WAITING} entries waiting and {RATE} more a second; Domoplaner with {PREMISES} \
             premises\nand their deals; MACRO with {READY_FLATS} flats, parking places, storage rooms and shops ready \
             to be handed over;\nAlma, which is sent what UZhKH says of flats, their owners and tenants."
        )
    }

    fn continued(&self) -> &'static str {
        "The ledger of the last demo goes on, and Alma has what it had. The other systems begin anew: what\n\
         their lists lack is let go, as `run --once --accept-shrink` would. Deals never vanish."
    }

    fn commands(&self) -> &[String] {
        &self.commands
    }

    fn head(&self) -> String {
        format!(
            "{:>6}  {:-^38}  {:-^21}  {:-^18}  {:-^13}\n\
             {:>6}{:>7}{:>8}{:>13}{:>6}{:>6}{:>9}{:>6}{:>8}{:>12}{:>8}{:>8}{:>7}",
            "",
            " UZhKH ",
            " Domoplaner ",
            " MACRO ",
            " Alma ",
            "second",
            "queue",
            "applied",
            "acknowledged",
            "per s",
            "ids",
            "premises",
            "deals",
            "changes",
            "ready flats",
            "changes",
            "synced",
            "asked"
        )
    }

    /// The figures of UZhKH's queue and of Alma's requests are the simulator's, the rest the ledger's.
    fn line(
        &mut self,
        second: u64,
        simulator: &Simulator,
        reader: &Reader,
    ) -> anyhow::Result<String> {
        self.now = reader.progress()?;
        let (uzhkh, alma, now) = (simulator.uzhkh(), simulator.alma(), self.now);
        let waiting = uzhkh.queue_len() + uzhkh.deleted_len();
        let asked = alma.reads() + alma.writes();
        let acknowledged = simulator.report().deletes.len();
        let lately = acknowledged - self.acknowledged;
        self.acknowledged = acknowledged;
        Ok(format!(
            "{second:>6}{waiting:>7}{:>8}{acknowledged:>13}{lately:>6}{:>6}{:>9}{:>6}{:>8}{:>12}{:>8}{:>8}{asked:>7}",
            now.envelopes,
            now.ids,
            now.premises,
            now.deals,
            now.domoplaner_changes,
            now.ready_flats,
            now.macrocrm_changes,
            now.alma_synced,
        ))
    }

    fn console(&self) -> Option<String> {
        Some(self.console.introduction(CLICKS))
    }

    async fn act(
        &mut self,
        second: u64,
        simulator: &Simulator,
        reader: &Reader,
    ) -> anyhow::Result<Option<String>> {
        if let Some(told) = self.console.step(simulator, reader)? {
            return Ok(Some(told));
        }
        let named = match &mut self.accounting {
            Some(accounting) => accounting.step(reader)?,
            None => None,
        };
        if named.is_some() || self.now.ready_flats == 0 || second < BOOKS_FROM {
            return Ok(named);
        }
        self.bookings.step(reader).await
    }

    fn summary(
        &mut self,
        reader: &Reader,
        took: Duration,
        report: &Report,
    ) -> anyhow::Result<String> {
        self.bookings.look(reader)?;
        let (before, now) = (self.before, reader.progress()?);
        let (standing, tallies) = (reader.standing(crate::cli::clock().now())?, reader.tallies()?);
        let mut text = String::new();
        writeln!(
            text,
            "UZhKH       {} entries applied, {} acknowledged, {} permanent ids assigned in {:.0} s",
            now.envelopes.saturating_sub(before.envelopes),
            report.deletes.len(),
            now.ids.saturating_sub(before.ids),
            took.as_secs_f64(),
        )?;
        if let Some(accounting) = &self.accounting {
            writeln!(text, "            {}", accounting.summary())?;
        }
        if self.is_continued {
            writeln!(
                text,
                "            {} entries and {} ids were there already; what is offered again is acknowledged again",
                before.envelopes, before.ids
            )?;
        }
        writeln!(
            text,
            "Domoplaner  {} premises and {} deals; {} changes",
            now.premises,
            now.deals,
            now.domoplaner_changes.saturating_sub(before.domoplaner_changes)
        )?;
        writeln!(
            text,
            "MACRO       {} ready flats; {} changes; {}",
            now.ready_flats,
            now.macrocrm_changes.saturating_sub(before.macrocrm_changes),
            output::plain(&self.bookings.summary())
        )?;
        writeln!(text, "Alma        {}", alma_states(&tallies.alma))?;
        for poll in &standing.polls {
            if let Some(error) = &poll.error {
                let (source, feed) = (&poll.source, &poll.feed);
                let error = output::unnamed(error, source);
                writeln!(text, "{source} {feed} {}: {}", poll.outcome, output::plain(error))?;
            }
        }
        writeln!(
            text,
            "{} entries wait for their acknowledgement; {} quarantined, findings about the data: {}",
            standing.pending_acknowledgements,
            sum(&standing.quarantined),
            sum(&tallies.findings)
        )?;
        if report.violations.is_empty() && !report.deletes.is_empty() {
            writeln!(
                text,
                "\nAt each acknowledgement the simulator looked into the ledger: every entry was on the disk before. \
                 What\nwas asked of the four systems was as their documents have it."
            )?;
        }
        Ok(text)
    }
}

/// Commands to try, on deals and a house that there are.
fn commands(simulator: &Simulator, bookings: &Bookings) -> Vec<String> {
    let deals = simulator.domoplaner().ids(FeedKind::Deals);
    let deals: Vec<String> = deals.iter().rev().take(2).map(u64::to_string).collect();
    let flats = simulator.macrocrm().ready_flats();
    let house = flats.first().map_or("", |flat| flat.house_id.as_str());
    vec![
        "status".to_owned(),
        "check".to_owned(),
        "alma plan".to_owned(),
        format!("fetch deals --deal-ids {}", deals.join(",")),
        format!("keys free-times --house {house} --date {}", bookings.day()),
    ]
}

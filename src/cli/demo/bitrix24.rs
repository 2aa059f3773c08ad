//! `demo --source bitrix24`: the rentals of a Bitrix24 portal on their way to Alma: apartments
//! and rooms, people and contracts.

use std::time::Duration;

use super::console::Console;
use super::script::{LATENCY, Script, Stage, alma_states};
use crate::cli::simulated::portal_sections;
use crate::ledger::Reader;
use simulator::{Options, Report, Simulator};

/// Apartments of the portal, with their units, people and contracts.
/// Few enough for their photos and scans to arrive in the time: a portal allows two requests
/// a second.
const APARTMENTS: usize = 10;
/// Events per second.
const RATE: f64 = 0.5;
const SCHEDULE: &str = "*/2 * * * * *";

/// The kinds that are shown as they arrive in the ledger, and in Alma.
const MIRRORED: [&str; 5] = ["apartment", "unit", "contact", "owner_contract", "tenant_contract"];
const CARRIED: [&str; 6] =
    ["building", "unit", "room", "client", "owner_contract", "tenant_contract"];

/// What to try in the console.
const CLICKS: &[(&str, &str)] = &[
    ("Today", "what waits for a person, and the systems that are down"),
    ("Alma", "what is blocked, and why; block a unit"),
    ("Search", "an apartment, half a surname, a phone; then the whole history"),
];

/// The script of a portal.
pub(super) struct Rentals {
    console: Console,
    commands: Vec<String>,
}

impl Script for Rentals {
    const QUERIES: &'static [&'static str] = &[
        "SELECT kind, count(*) AS live FROM record WHERE deleted_at IS NULL GROUP BY kind",
        "SELECT id, title, building, apartment_number, floor FROM bitrix_apartment LIMIT 5",
        "SELECT kind, state, count(*) AS objects, min(reason) AS reason FROM alma_object GROUP BY kind, state",
        "SELECT state, count(*) AS files, sum(bytes) AS bytes FROM alma_file GROUP BY state",
    ];

    fn options() -> Options {
        Options {
            bitrix_apartments: APARTMENTS,
            catalogue_rate: RATE,
            latency: LATENCY,
            ..Options::default()
        }
    }

    fn sections(simulator: &Simulator) -> String {
        portal_sections(simulator, SCHEDULE)
    }

    fn new(stage: Stage<'_>) -> anyhow::Result<Self> {
        let console = stage.console;
        Ok(Self { console, commands: ["status", "check", "alma plan"].map(str::to_owned).to_vec() })
    }

    fn console(&self) -> Option<String> {
        Some(self.console.introduction(CLICKS))
    }

    fn simulated(&self) -> String {
        format!(
            "Simulated: a portal of Bitrix24 with {APARTMENTS} apartments, their units, people and contracts, where \
             things keep\nhappening; and Alma, which is sent what the portal says."
        )
    }

    fn continued(&self) -> &'static str {
        "The ledger of the last demo goes on, and Alma has what it had; the portal begins anew."
    }

    fn commands(&self) -> &[String] {
        &self.commands
    }

    fn head(&self) -> String {
        format!(
            "{:>6}  {:-^45}  {:-^59}\n\
             {:>6}{:>12}{:>7}{:>10}{:>8}{:>10}{:>11}{:>7}{:>7}{:>9}{:>8}{:>9}{:>7}",
            "",
            " Bitrix24 in the ledger ",
            " in Alma ",
            "second",
            "apartments",
            "units",
            "contacts",
            "owners",
            "tenants",
            "buildings",
            "units",
            "rooms",
            "clients",
            "owners",
            "tenants",
            "files"
        )
    }

    fn line(&mut self, second: u64, _: &Simulator, reader: &Reader) -> anyhow::Result<String> {
        let tallies = reader.tallies()?;
        let [apartments, units, contacts, owners, tenants] =
            MIRRORED.map(|kind| tallies.live_records(kind));
        let [buildings, flats, rooms, clients, owned, let_out] = CARRIED.map(|kind| {
            let counts = tallies.alma.iter().filter(|known| known.kind == kind);
            counts.map(|known| known.in_alma).sum::<u64>()
        });
        let uploaded = tallies.alma_files.iter().find(|(state, _)| state == "uploaded");
        let files = uploaded.map_or(0, |(_, count)| *count);
        Ok(format!(
            "{second:>6}{apartments:>12}{units:>7}{contacts:>10}{owners:>8}{tenants:>10}{buildings:>11}{flats:>7}\
             {rooms:>7}{clients:>9}{owned:>8}{let_out:>9}{files:>7}"
        ))
    }

    fn summary(&mut self, reader: &Reader, _: Duration, _: &Report) -> anyhow::Result<String> {
        Ok(format!("Alma  {}\n", alma_states(&reader.alma_counts()?)))
    }
}

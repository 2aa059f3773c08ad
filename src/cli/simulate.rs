//! `simulate`: the simulator alone, to try things out against.
//!
//! It prints what a config needs to point at it, serves until Ctrl-C or SIGTERM,
//! and says at the end what was asked of it. While it runs, `/simulator/report`
//! shows the same as JSON and `/simulator/ready` answers as soon as it serves.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::simulated::{Schedules, sections};
use simulator::{AlmaCall, Booking, Fault, Options, Report, Simulator};

/// Schedules of the printed config.
const SCHEDULES: Schedules = Schedules { queues: None, lists: "*/10 * * * * *" };
/// Number of violations printed at the end; the report has all of them.
const SHOWN_VIOLATIONS: usize = 20;

/// The options of `simulate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8765")]
    listen: SocketAddr,
    /// Token that requests to UZhKH must carry
    #[arg(long, default_value = "simulator-token")]
    token: String,
    /// Seed of the generated data and of all random choices
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// UZhKH: envelopes in the queue at the start
    #[arg(long, value_name = "N", default_value_t = 1000)]
    envelopes: usize,
    /// UZhKH: further envelopes per second
    #[arg(long, value_name = "R", default_value_t = 0.0, value_parser = rate)]
    rate: f64,
    /// UZhKH: accounts at the start, for the Download lists
    #[arg(long, value_name = "N", default_value_t = 500)]
    accounts: usize,
    /// Domoplaner: premises at the start, about two in three with a deal
    #[arg(long, value_name = "N", default_value_t = 300)]
    catalogue: usize,
    /// MACRO: objects ready for handover at the start
    #[arg(long, value_name = "N", default_value_t = 80)]
    ready_flats: usize,
    /// Domoplaner, MACRO and Bitrix24: events per second (bookings, sales, prices, handovers,
    /// leases)
    #[arg(long, value_name = "R", default_value_t = 0.0, value_parser = rate)]
    catalogue_rate: f64,
    /// Bitrix24: apartments at the start, with units, people, contracts and files; if not 0,
    /// the printed config has a section [bitrix24]
    #[arg(long, value_name = "N", default_value_t = 0)]
    bitrix24: usize,
    /// Alma: Api-Key that requests must carry
    #[arg(long, value_name = "KEY", default_value = "simulator-key")]
    api_key: String,
    /// Alma: id of the only project
    #[arg(long, value_name = "ID", default_value_t = 207)]
    project: i64,
    /// UZhKH: maximum number of entries in one answer
    #[arg(long, value_name = "N")]
    batch_limit: Option<usize>,
    /// UZhKH: items on a Download page
    #[arg(long, value_name = "N", default_value_t = 200)]
    page_size: usize,
    /// Delay of every answer, such as 50ms
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    latency: Duration,
    /// Fault to inject, KIND[@ENDPOINT[.WAY]]=PROBABILITY[xTIMES]; may be repeated
    ///
    /// Such as lost_answer=0.05, forbidden@Delete=1x3 or lost_answer@AlmaUnits.POST=0.1.
    ///
    /// Kinds: error_500, unavailable:SECONDS, too_many, forbidden, html, xml, redirect, cut_body,
    /// cut_announced, cut_framed, reset_before, lost_answer, duplicate, stall, stall_body, drip,
    /// bom, query_limit, operation_limit, overload, command_fails, word:WORD. Endpoints:
    /// Requests, DeletedItems, Delete, SetId, Download, HandleRequestToRegister,
    /// HandleRequestToObjectAdding, Feed, getReadyFlats, getFreeTimes, add, AlmaBuildings,
    /// AlmaUnits, AlmaRooms, AlmaClients, AlmaOwnerContracts, AlmaTenantContracts,
    /// AlmaRentalObject, AlmaArchive, AlmaBlock, AlmaImage, BitrixList, BitrixGet, BitrixFields,
    /// BitrixBatch, BitrixFile. Ways: GET, POST, PATCH, WRITE (all but GET)
    #[arg(long = "fault", value_name = "SPEC")]
    faults: Vec<Fault>,
    /// Only count requests; leave guids, ids and calls out of the report
    #[arg(long)]
    no_record: bool,
}

/// So many a second: neither without end nor backwards.
fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "must be a number".to_owned())?;
    if rate.is_finite() && rate >= 0.0 { Ok(rate) } else { Err("must be from 0 on".to_owned()) }
}

/// Serves until Ctrl-C or SIGTERM.
pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let mut terminated = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let (listen, token) = (args.listen, args.token.clone());
    let simulator = Simulator::start(options(args))
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    announced(introduce(&simulator, &token))?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot wait for Ctrl-C")?,
        _ = terminated.recv() => {}
    }
    let report = simulator.report();
    simulator.stop().await;
    announced(summarize(&report))
}

fn options(args: Args) -> Options {
    Options {
        listen: args.listen,
        token: args.token,
        seed: args.seed,
        envelopes: args.envelopes,
        rate: args.rate,
        accounts: args.accounts,
        catalogue: args.catalogue,
        ready_flats: args.ready_flats,
        bitrix_apartments: args.bitrix24,
        api_key: args.api_key,
        alma_project: args.project,
        catalogue_rate: args.catalogue_rate,
        batch_limit: args.batch_limit,
        page_size: args.page_size,
        latency: args.latency,
        faults: args.faults,
        record: !args.no_record,
        ..Options::default()
    }
}

/// A reader that went away has seen enough: the simulator serves on.
fn announced(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// Prints the addresses, and the config that points at them.
fn introduce(simulator: &Simulator, token: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "UZhKH simulator at {}", simulator.base_url())?;
    writeln!(out, "token {token}")?;
    writeln!(out, "Alma simulator at {}", simulator.alma().base_url())?;
    writeln!(out, "key {}\n", simulator.alma().api_key())?;
    write!(out, "{}", sections(simulator, token, &SCHEDULES))?;
    out.flush()
}

fn summarize(report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out)?;
    for (endpoint, count) in &report.requests {
        writeln!(out, "{count:>9}  {endpoint}")?;
    }
    for (fault, count) in &report.faults {
        writeln!(out, "{count:>9}  fault {fault}")?;
    }
    let booked = |booking: &&Booking| booking.booked.is_some();
    let taken = report.bookings.iter().filter(booked).count();
    let refused = |call: &&AlmaCall| call.status == 400;
    let refused = report.alma.iter().filter(refused).count();
    writeln!(
        out,
        "{:>9}  unauthorized requests\n{:>9}  guids deleted or tried\n{:>9}  temporary ids \
         replaced\n{:>9}  envelopes waiting\n{:>9}  deletions waiting\n\
         {:>9}  unknown feed links\n{:>9}  bookings taken\n{:>9}  writes that Alma refused\n{:>9}  files of Bitrix24 \
         sent",
        report.unauthorized,
        report.deletes.len(),
        report.identities.len(),
        report.waiting_requests,
        report.waiting_deleted,
        report.unknown_links,
        taken,
        refused,
        report.bitrix_downloads.values().sum::<u64>(),
    )?;
    let all = report.violations.len() as u64 + report.further_violations;
    writeln!(out, "{all:>9}  violations of the documents")?;
    for violation in report.violations.iter().take(SHOWN_VIOLATIONS) {
        writeln!(out, "           {violation}")?;
    }
    out.flush()
}

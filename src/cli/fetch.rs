//! `fetch`: one read of a Domoplaner feed, with filters of its own.

use std::io::Write;
use std::path::Path;

use clap::error::ErrorKind;
use jiff::civil::Date;

use super::{clock, naming, output, run, runtime, wrong_usage};
use crate::acts;
use crate::config::{Config, Filters, Secrets};
use crate::domoplaner;

/// The options of `fetch`: the documented filters of a feed, which take the place of
/// those in the config.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: uzhkh-ledger fetch deals --deal-ids 50401,50400")]
pub(super) struct Args {
    /// Name of the feed in the config
    feed: String,
    #[command(flatten)]
    filters: FilterArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Filters")]
struct FilterArgs {
    /// Premises with these ids
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    ids: Vec<u64>,
    /// Deals updated within the last N days, today included
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    dt_updated_last_days: Option<u32>,
    /// Deals updated on this day or later
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::keys::date)]
    dt_updated_from: Option<Date>,
    /// Deals updated on this day or before
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::keys::date)]
    dt_updated_to: Option<Date>,
    /// Deals at these stages
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    deal_status: Vec<u64>,
    /// Deals with these ids
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    deal_ids: Vec<u64>,
    /// Deals with this contract number
    #[arg(long, value_name = "NUMBER", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    deal_dogovor_number: Option<String>,
    /// Deals whose stage changed on this day or later
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::keys::date)]
    dt_status_changed_from: Option<Date>,
    /// Deals whose stage changed on this day or before
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::keys::date)]
    dt_status_changed_to: Option<Date>,
    /// Deals with a contract dated this day or later
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::keys::date)]
    dogovor_day_from: Option<Date>,
    /// Deals with a contract dated this day or before
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::keys::date)]
    dogovor_day_to: Option<Date>,
    /// Deals submitted for registration on this day or later
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::keys::date)]
    day_reg_start_from: Option<Date>,
    /// Deals submitted for registration on this day or before
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::keys::date)]
    day_reg_start_to: Option<Date>,
    /// Deals registered on this day or later
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::keys::date)]
    day_reg_end_from: Option<Date>,
    /// Deals registered on this day or before
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::keys::date)]
    day_reg_end_to: Option<Date>,
    /// Deals on premises with this status: 1 booked, 2 being registered, 3 sold
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1..=3))]
    flat_status: Vec<u64>,
    /// Only active deals
    #[arg(long)]
    only_active: bool,
    /// Deals on these premises
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    flat_ids: Vec<u64>,
}

impl From<FilterArgs> for Filters {
    fn from(args: FilterArgs) -> Self {
        Filters {
            ids: args.ids,
            dt_updated_last_days: args.dt_updated_last_days,
            dt_updated_from: args.dt_updated_from,
            dt_updated_to: args.dt_updated_to,
            deal_status: args.deal_status,
            deal_ids: args.deal_ids,
            deal_dogovor_number: args.deal_dogovor_number,
            dt_status_changed_from: args.dt_status_changed_from,
            dt_status_changed_to: args.dt_status_changed_to,
            dogovor_day_from: args.dogovor_day_from,
            dogovor_day_to: args.dogovor_day_to,
            day_reg_start_from: args.day_reg_start_from,
            day_reg_start_to: args.day_reg_start_to,
            day_reg_end_from: args.day_reg_end_from,
            day_reg_end_to: args.day_reg_end_to,
            flat_status: args.flat_status,
            only_active: args.only_active,
            flat_ids: args.flat_ids,
        }
    }
}

pub(super) fn run(config: &Path, args: Args) -> anyhow::Result<()> {
    let config = Config::load_with(config, Secrets::Of("domoplaner"))?;
    let feeds = config.domoplaner.iter().flat_map(|system| &system.feeds);
    let Some(feed) = feeds.clone().find(|feed| feed.name == args.feed) else {
        let names: Vec<String> = feeds.map(|feed| feed.name.clone()).collect();
        let known = acts::known_in_words(&names);
        let problem = format!("there is no feed {:?}; {known}", args.feed);
        wrong_usage(ErrorKind::InvalidValue, &problem);
    };
    let filters = Filters::from(args.filters);
    let faults: Vec<String> = filters
        .fault(feed.kind)
        .into_iter()
        .map(|(name, problem)| format!("--{} {problem}", name.replace('_', "-")))
        .collect();
    if !faults.is_empty() {
        wrong_usage(ErrorKind::ArgumentConflict, &faults.join("; "));
    }
    let filters = Some(filters).filter(|filters| !filters.is_empty());
    run::start_logging("error");
    let stop = tokio_util::sync::CancellationToken::new();
    let fetched = runtime::block_on(async {
        run::stop_on_signals(stop.clone())?;
        domoplaner::fetch(&config, &args.feed, filters, &clock(), &stop)
            .await
            .map_err(|error| naming_ledger(&config, error))
    })??;
    if args.json {
        return output::print_json(&fetched);
    }
    output::print(|out| {
        writeln!(
            out,
            "{} item{} read: {} new, {} changed otherwise, {} quarantined",
            fetched.fetched,
            if fetched.fetched == 1 { "" } else { "s" },
            fetched.new,
            fetched.changed - fetched.new,
            fetched.quarantined
        )
    })
}

fn naming_ledger(config: &Config, error: domoplaner::FetchError) -> anyhow::Error {
    match error {
        domoplaner::FetchError::Ledger(error) => naming(&config.ledger.path, error.into()),
        error => error.into(),
    }
}

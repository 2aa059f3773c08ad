//! `keys`: the handing over of keys. Free times are asked for at once; a booking is sent
//! by the service, once.

use std::io::Write;
use std::path::Path;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use jiff::civil::Date;

use super::actor::act;
use super::asking::Asking;
use super::dashed::dashed;
use super::{clock, naming, option, output, run as service, runtime, wrong_usage};
use crate::acts;
use crate::config::{Category, Config, Macrocrm, Secrets};
use crate::ledger::{self, Ledger};
use crate::macrocrm::{self, AskError, HandoverTime, TransferDate};

/// The commands of `keys`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the free times of a day
    #[command(after_help = "Example: uzhkh-ledger keys free-times --house 123 --date 2026-11-23")]
    FreeTimes(FreeTimes),
    /// Book a time; the running service sends the booking to MACRO
    #[command(after_help = "Example: uzhkh-ledger keys book --house 123 --flat 1.1-12-2 \
        --at 2026-11-23T09:00 --phone '+7 900 000-00-01' --category flat")]
    Book(Book),
}

/// The options of `keys free-times`.
#[derive(Debug, clap::Args)]
pub(super) struct FreeTimes {
    /// Id of the house in MACRO; not needed where all houses have the same schedule
    #[arg(long, value_name = "ID", value_parser = dashed, allow_hyphen_values = true)]
    house: Option<String>,
    /// Day of the handover
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    date: Date,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The options of `keys book`.
#[derive(Debug, clap::Args)]
pub(super) struct Book {
    /// Id of the house in MACRO
    #[arg(long, value_name = "ID", value_parser = dashed, allow_hyphen_values = true)]
    house: String,
    /// Number of the flat, parking place or other object, as in MACRO
    // A parking place on floor -1 may begin with a minus.
    #[arg(long, value_name = "N", value_parser = dashed, allow_hyphen_values = true)]
    flat: String,
    /// Time of the handover, in the house's time zone, or with an offset
    #[arg(long, value_name = "YYYY-MM-DDTHH:MM")]
    at: HandoverTime,
    /// Phone number of one of the buyers
    #[arg(long, value_name = "P", value_parser = dashed, allow_hyphen_values = true)]
    phone: String,
    /// Category of the object; required unless exactly one is configured
    #[arg(long, value_name = "C", value_parser = category())]
    category: Option<Category>,
    /// Book even if a time was, or may have been, booked for the object
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    asking: Asking,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(path: &Path, command: Command) -> anyhow::Result<()> {
    let secrets = match command {
        Command::FreeTimes(_) => Secrets::Of("macrocrm"),
        Command::Book(_) => Secrets::None,
    };
    let config = Config::load_with(path, secrets)?;
    let Some(macrocrm) = &config.macrocrm else {
        return Err(super::no_section(path, "macrocrm"));
    };
    match command {
        Command::FreeTimes(args) => free_times(&config, macrocrm, &args),
        Command::Book(args) => book(&config, macrocrm, args),
    }
}

fn free_times(config: &Config, macrocrm: &Macrocrm, args: &FreeTimes) -> anyhow::Result<()> {
    let house = args.house.as_deref();
    let timezone = macrocrm.timezone_of(house);
    let today = clock().now().to_zoned_datetime(timezone.clone()).date();
    let Some(day) = TransferDate::of_day(args.date, timezone) else {
        wrong_usage(ErrorKind::ValueValidation, "--date is beyond all times");
    };
    if args.date < today {
        let problem = format!("--date {} is past; today is {today}", args.date);
        wrong_usage(ErrorKind::ValueValidation, &problem);
    }
    service::start_logging("error");
    let clock = clock();
    let times = runtime::block_on(macrocrm::free_times(config, &clock, house, &day))?;
    let times = times.map_err(|error| match error {
        AskError::Build(error) => anyhow::Error::from(error),
        error @ AskError::Failed(_) => error.into(),
    })?;
    if args.json {
        return output::print_json(&times);
    }
    if times.is_empty() {
        let at = house.map(|house| format!(" at house {house}")).unwrap_or_default();
        return output::print(|out| writeln!(out, "no free times on {}{at}", args.date));
    }
    let rows: Vec<Vec<String>> = times.into_iter().map(|time| vec![time]).collect();
    output::print_table(&["time"], &rows)
}

fn book(config: &Config, macrocrm: &Macrocrm, args: Book) -> anyhow::Result<()> {
    let wanted = acts::Book {
        house: args.house,
        flat: args.flat,
        category: args.category,
        at: args.at,
        phone: args.phone,
        again: args.again,
    };
    let booking = match wanted.booking(macrocrm, clock().now()) {
        Ok(booking) => booking,
        Err(wrong) => wrong_usage(ErrorKind::ValueValidation, &option(&wrong)),
    };
    args.asking.confirm(&format!(
        "{} is booked for {} {} at house {}. It is sent once and cannot be taken back here.",
        booking.transfer_date,
        booking.category.word(),
        booking.flat_num,
        booking.house_id
    ))?;
    let path = &config.ledger.path;
    let booked = Ledger::make(path, &clock())
        .and_then(|()| ledger::edit(path, &clock(), |tx| acts::book(tx, &act(), &booking)));
    let acts::Booked { call, is_ready } = booked.map_err(|error| naming(path, error.into()))?;
    if args.json {
        return output::print_json(&serde_json::json!({
            "call": call,
            "at": booking.transfer_date.to_string(),
            "house": booking.house_id,
            "category": booking.category.word(),
            "flat": booking.flat_num,
            "is_ready": is_ready,
        }));
    }
    let doubt = if is_ready {
        ""
    } else {
        "\nnote: the ledger holds no such ready flat; MACRO will say whether it has it"
    };
    output::print(|out| {
        writeln!(
            out,
            "books {} for {} {} at house {}; the service sends it (call {call}){doubt}",
            booking.transfer_date,
            booking.category.word(),
            booking.flat_num,
            booking.house_id
        )
    })
}

/// A day as it is written on the command line.
pub(super) fn date(text: &str) -> Result<Date, String> {
    let date = Date::strptime("%Y-%m-%d", text).ok();
    date.filter(|date| date.to_string() == text)
        .ok_or_else(|| "it must be a day such as 2026-06-11".to_owned())
}

fn category() -> impl TypedValueParser<Value = Category> {
    PossibleValuesParser::new(Category::ALL.map(Category::word)).try_map(|word| {
        let mut all = Category::ALL.into_iter();
        all.find(|category| category.word() == word).ok_or("there is no such category")
    })
}

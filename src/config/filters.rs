//! The documented filters of a Domoplaner feed, typed.
//!
//! Source: «Фиды данных для 1С». A filter is a key of its feed and an option of
//! the command `fetch`; this is the one place that knows which feed takes which,
//! what contradicts what, and how each is spelt in the link.

use std::fmt::Display;

use jiff::civil::Date;

use super::domoplaner::FeedKind;
use super::reader::Section;
use super::value;

/// Filters of a feed; the default has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// `ids`: only these premises.
    pub ids: Vec<u64>,
    /// `dt_updated_last_days`: deals updated within so many days, today included.
    pub dt_updated_last_days: Option<u32>,
    /// `dt_updated_from`: deals updated on this day or later.
    pub dt_updated_from: Option<Date>,
    /// `dt_updated_to`: deals updated on this day or before.
    pub dt_updated_to: Option<Date>,
    /// `deal_status`: deals at one of these stages.
    pub deal_status: Vec<u64>,
    /// `deal_ids`: only these deals.
    pub deal_ids: Vec<u64>,
    /// `deal_dogovor_number`: deals of the contract with this number.
    pub deal_dogovor_number: Option<String>,
    /// `dt_status_changed_from`: deals whose stage changed on this day or later.
    pub dt_status_changed_from: Option<Date>,
    /// `dt_status_changed_to`: deals whose stage changed on this day or before.
    pub dt_status_changed_to: Option<Date>,
    /// `dogovor_day_from`: deals whose contract is of this day or later.
    pub dogovor_day_from: Option<Date>,
    /// `dogovor_day_to`: deals whose contract is of this day or before.
    pub dogovor_day_to: Option<Date>,
    /// `day_reg_start_from`: deals handed in for registration on this day or later.
    pub day_reg_start_from: Option<Date>,
    /// `day_reg_start_to`: deals handed in for registration on this day or before.
    pub day_reg_start_to: Option<Date>,
    /// `day_reg_end_from`: deals registered on this day or later.
    pub day_reg_end_from: Option<Date>,
    /// `day_reg_end_to`: deals registered on this day or before.
    pub day_reg_end_to: Option<Date>,
    /// `flat_status`: deals on premises that are 1 booked, 2 being registered, 3 sold.
    pub flat_status: Vec<u64>,
    /// `only_active`: only active deals.
    pub only_active: bool,
    /// `flat_ids`: deals on these premises.
    pub flat_ids: Vec<u64>,
}

/// Every filter in the document's order, with the feed that takes it.
const NAMES: [(&str, FeedKind); 18] = [
    ("ids", FeedKind::Premises),
    ("dt_updated_last_days", FeedKind::Deals),
    ("dt_updated_from", FeedKind::Deals),
    ("dt_updated_to", FeedKind::Deals),
    ("deal_status", FeedKind::Deals),
    ("deal_ids", FeedKind::Deals),
    ("deal_dogovor_number", FeedKind::Deals),
    ("dt_status_changed_from", FeedKind::Deals),
    ("dt_status_changed_to", FeedKind::Deals),
    ("dogovor_day_from", FeedKind::Deals),
    ("dogovor_day_to", FeedKind::Deals),
    ("day_reg_start_from", FeedKind::Deals),
    ("day_reg_start_to", FeedKind::Deals),
    ("day_reg_end_from", FeedKind::Deals),
    ("day_reg_end_to", FeedKind::Deals),
    ("flat_status", FeedKind::Deals),
    ("only_active", FeedKind::Deals),
    ("flat_ids", FeedKind::Deals),
];

/// True if a parameter of a link is one of the filters.
pub(super) fn is_filter(name: &str) -> bool {
    NAMES.iter().any(|(filter, _)| *filter == name)
}

fn misplaced(taker: FeedKind) -> String {
    format!("is a filter of {} feeds alone", taker.word())
}

impl Filters {
    /// True if no filter is set.
    pub fn is_empty(&self) -> bool {
        *self == Filters::default()
    }

    /// The problems of the filters for a feed of this kind: filter and problem.
    pub fn fault(&self, kind: FeedKind) -> Vec<(&'static str, String)> {
        let given = self.query();
        let misplaced = NAMES
            .into_iter()
            .filter(|(name, taker)| *taker != kind && given.iter().any(|(given, _)| given == name))
            .map(|(name, taker)| (name, misplaced(taker)));
        misplaced.chain(self.contradictions()).collect()
    }

    fn contradictions(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if self.dt_updated_last_days.is_some()
            && (self.dt_updated_from.is_some() || self.dt_updated_to.is_some())
        {
            faults.push((
                "dt_updated_last_days",
                "contradicts dt_updated_from and dt_updated_to: give the one or the others"
                    .to_owned(),
            ));
        }
        for (name, from, to) in [
            ("dt_updated_from", self.dt_updated_from, self.dt_updated_to),
            ("dt_status_changed_from", self.dt_status_changed_from, self.dt_status_changed_to),
            ("dogovor_day_from", self.dogovor_day_from, self.dogovor_day_to),
            ("day_reg_start_from", self.day_reg_start_from, self.day_reg_start_to),
            ("day_reg_end_from", self.day_reg_end_from, self.day_reg_end_to),
        ] {
            if let (Some(from), Some(to)) = (from, to)
                && from > to
            {
                let end = name.replace("_from", "_to");
                faults.push((name, format!("{from} is after {end}, {to}: nothing is between")));
            }
        }
        faults
    }

    /// The parameters of the link, spelt as documented and not yet encoded, in the
    /// document's order.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let date = |date: Option<Date>| date.map(|date| date.to_string());
        let values = [
            list(&self.ids),
            self.dt_updated_last_days.map(|days| days.to_string()),
            date(self.dt_updated_from),
            date(self.dt_updated_to),
            list(&self.deal_status),
            list(&self.deal_ids),
            self.deal_dogovor_number.clone(),
            date(self.dt_status_changed_from),
            date(self.dt_status_changed_to),
            date(self.dogovor_day_from),
            date(self.dogovor_day_to),
            date(self.day_reg_start_from),
            date(self.day_reg_start_to),
            date(self.day_reg_end_from),
            date(self.day_reg_end_to),
            list(&self.flat_status),
            self.only_active.then(|| "1".to_owned()),
            list(&self.flat_ids),
        ];
        NAMES
            .into_iter()
            .zip(values)
            .filter_map(|((name, _), value)| Some((name, value?)))
            .collect()
    }
}

/// «ID перечисляются через разделитель "-" (минус)».
fn list(ids: &[impl Display]) -> Option<String> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    (!ids.is_empty()).then(|| ids.join("-"))
}

/// Reads the filters of a feed; `kind` is None where that is itself at fault.
pub(super) fn read(section: &Section<'_>, kind: Option<FeedKind>) -> Filters {
    let ids = |name| section.or(name, Vec::new(), value::ids(0..=LARGEST_ID));
    let date = |name| section.optional(name, value::date);
    let filters = Filters {
        ids: ids("ids"),
        dt_updated_last_days: section
            .optional("dt_updated_last_days", value::whole(1..=MOST_DAYS))
            .and_then(|days| u32::try_from(days).ok()),
        dt_updated_from: date("dt_updated_from"),
        dt_updated_to: date("dt_updated_to"),
        deal_status: ids("deal_status"),
        deal_ids: ids("deal_ids"),
        deal_dogovor_number: section.optional("deal_dogovor_number", value::string),
        dt_status_changed_from: date("dt_status_changed_from"),
        dt_status_changed_to: date("dt_status_changed_to"),
        dogovor_day_from: date("dogovor_day_from"),
        dogovor_day_to: date("dogovor_day_to"),
        day_reg_start_from: date("day_reg_start_from"),
        day_reg_start_to: date("day_reg_start_to"),
        day_reg_end_from: date("day_reg_end_from"),
        day_reg_end_to: date("day_reg_end_to"),
        flat_status: section.or("flat_status", Vec::new(), value::ids(1..=3)),
        only_active: section.or("only_active", false, value::boolean),
        flat_ids: ids("flat_ids"),
    };
    let fault = |name, problem: String| {
        let line = section.entry(name).map_or(section.line(), |entry| entry.line);
        section.fault(name, line, problem);
    };
    // By the keys rather than by the values: only_active = false stands in the
    // wrong place too.
    for (name, taker) in NAMES {
        if section.has(name) && kind.is_some_and(|kind| kind != taker) {
            fault(name, misplaced(taker));
        }
    }
    for (name, problem) in filters.contradictions() {
        fault(name, problem);
    }
    filters
}

/// Range of a signed database column.
const LARGEST_ID: u64 = i64::MAX.unsigned_abs();
/// A century of days.
const MOST_DAYS: u64 = 36_500;

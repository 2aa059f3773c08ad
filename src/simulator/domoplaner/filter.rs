//! The parameters of a feed, exactly as documented.
//!
//! What the document does not know is reported and passed over, so that a
//! misspelt filter shows twice: in the report and in an answer that is too long.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::FeedKind;
use super::dates::{self, DateFormat};
use super::facts::{Facts, When, Which};
use crate::query::Query;

/// Filters of a request to a feed.
#[derive(Clone, Default)]
pub(super) struct Filter {
    pub(super) dates: DateFormat,
    lists: Vec<(Which, BTreeSet<String>)>,
    from: Vec<(When, Date)>,
    to: Vec<(When, Date)>,
    dogovor_number: Option<String>,
    only_active: bool,
}

impl Filter {
    /// Reads the parameters; the texts say what is wrong with them.
    pub(super) fn read(kind: FeedKind, query: &Query, today: Date) -> (Self, Vec<String>) {
        let mut filter = Self::default();
        let mut problems = Vec::new();
        for (name, value) in query.iter() {
            let known = match kind {
                FeedKind::Premises => filter.premises(name, value),
                FeedKind::Deals => filter.deals(name, value, today),
            };
            let read = known.or_else(|| (name == "date_format").then(|| filter.format(value)));
            match read {
                Some(Ok(())) => {}
                Some(Err(problem)) => problems.push(format!("{name}={value}: {problem}")),
                None => problems
                    .push(format!("{name}: a feed of {} has no such parameter", kind.word())),
            }
        }
        (filter, problems)
    }

    /// True if every item passes.
    pub(super) fn is_open(&self) -> bool {
        self.lists.is_empty()
            && self.from.is_empty()
            && self.to.is_empty()
            && self.dogovor_number.is_none()
            && !self.only_active
    }

    /// True if an item passes.
    pub(super) fn passes(&self, facts: &Facts) -> bool {
        let listed = self.lists.iter().all(|(which, wanted)| {
            let number = facts.numbers[*which as usize].as_ref();
            number.is_none_or(|number| wanted.contains(number))
        });
        let within = |limits: &[(When, Date)], holds: fn(Date, Date) -> bool| {
            limits.iter().all(|(when, limit)| {
                let day = facts.days[*when as usize];
                day.is_none_or(|day| day.is_some_and(|day| holds(day, *limit)))
            })
        };
        let numbered = match (&self.dogovor_number, &facts.dogovor_number) {
            (Some(wanted), Some(number)) => wanted == number,
            _ => true,
        };
        listed
            && numbered
            && within(&self.from, |day, from| day >= from)
            && within(&self.to, |day, to| day <= to)
            && (!self.only_active || facts.active != Some(false))
    }

    fn premises(&mut self, name: &str, value: &str) -> Option<Result<(), String>> {
        (name == "ids").then(|| self.list(Which::Id, value))
    }

    fn deals(&mut self, name: &str, value: &str, today: Date) -> Option<Result<(), String>> {
        Some(match name {
            "deal_ids" => self.list(Which::Id, value),
            "flat_ids" => self.list(Which::Flat, value),
            "deal_status" => self.list(Which::DealStatus, value),
            "flat_status" if value.split('-').any(|one| !matches!(one, "1" | "2" | "3")) => {
                Err("a flat's status is 1, 2 or 3".to_owned())
            }
            "flat_status" => self.list(Which::FlatStatus, value),
            "dt_updated_last_days" => self.last_days(value, today),
            "deal_dogovor_number" if value.is_empty() => Err("is empty".to_owned()),
            "deal_dogovor_number" => {
                self.dogovor_number = Some(value.to_owned());
                Ok(())
            }
            "only_active" if value != "1" => Err("only 1 is documented".to_owned()),
            "only_active" => {
                self.only_active = true;
                Ok(())
            }
            _ => return self.range(name, value),
        })
    }

    fn format(&mut self, value: &str) -> Result<(), String> {
        let format = DateFormat::asked(value);
        self.dates = format.ok_or("is not made of YYYY, MM and DD")?;
        Ok(())
    }

    fn list(&mut self, which: Which, value: &str) -> Result<(), String> {
        let numbers: BTreeSet<String> = value.split('-').map(str::to_owned).collect();
        let number = |text: &String| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            digits && !text.is_empty()
        };
        if !numbers.iter().all(number) {
            return Err("is not a list of ids with - between them".to_owned());
        }
        self.lists.push((which, numbers));
        Ok(())
    }

    /// `1` is today alone, `2` today and yesterday.
    fn last_days(&mut self, value: &str, today: Date) -> Result<(), String> {
        let days = value.parse::<u16>().ok().filter(|days| *days > 0);
        let days = days.ok_or("is not a number of days")?;
        let first = jiff::Span::new().days(i64::from(days) - 1);
        self.from.push((When::Updated, today.saturating_sub(first)));
        Ok(())
    }

    fn range(&mut self, name: &str, value: &str) -> Option<Result<(), String>> {
        let (stem, from) = match name.strip_suffix("_from") {
            Some(stem) => (stem, true),
            None => (name.strip_suffix("_to")?, false),
        };
        let (_, when) = When::ALL.into_iter().find(|(known, _)| *known == stem)?;
        let Some(day) = dates::iso(value) else {
            return Some(Err("is not a date as YYYY-MM-DD".to_owned()));
        };
        let limits = if from { &mut self.from } else { &mut self.to };
        limits.push((when, day));
        Some(Ok(()))
    }
}

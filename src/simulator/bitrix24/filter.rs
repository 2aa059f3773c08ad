//! The query of a list: filter, order, page.

use serde_json::Value;

use super::fields::{self, Type};
use super::kind::BitrixKind;
use super::names::Spelling;
use super::params::{integer, text};
use super::show::Select;
use super::state::{Held, Memory, Place};

/// Items on a page.
pub(super) const PAGE: usize = 50;
/// More changed items than this are found quicker among all.
const MANY: usize = 1000;

/// Operator of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    Contains,
}

struct Condition {
    /// By its original name.
    field: String,
    compare: Compare,
    /// At least one of them holds.
    values: Vec<String>,
}

/// The query of a list.
pub(super) struct Asked {
    pub(super) kind: BitrixKind,
    pub(super) select: Select,
    conditions: Vec<Condition>,
    order: String,
    descending: bool,
    /// None is a list without count and next page.
    pub(super) start: Option<usize>,
}

impl Memory {
    /// Reads what a list is asked for; what is wrong with it is dropped, as the portal
    /// does, and noted.
    pub(super) fn asked(&mut self, kind: BitrixKind, spelling: Spelling, params: &Value) -> Asked {
        let (order, descending) = self.order(kind, spelling, &params["order"]);
        let start = integer(params.get("start")).unwrap_or(0);
        Asked {
            kind,
            select: self.select(kind, spelling, &params["select"]),
            conditions: self.conditions(kind, spelling, &params["filter"]),
            order,
            descending,
            start: usize::try_from(start).ok(),
        }
    }

    /// The original name of a field that there is.
    fn known(&mut self, kind: BitrixKind, spelling: Spelling, name: &str) -> Option<String> {
        let read = spelling
            .read(name)
            .filter(|read| read.starts_with("UF_") || fields::find(kind, read).is_some());
        if read.is_none() {
            self.problems.push(format!("{kind} has no field {name}"));
        }
        read
    }

    fn select(&mut self, kind: BitrixKind, spelling: Spelling, asked: &Value) -> Select {
        let names: Vec<String> = match asked {
            Value::Array(names) => names.iter().filter_map(text).collect(),
            Value::Object(names) => names.values().filter_map(text).collect(),
            _ => Vec::new(),
        };
        if names.is_empty() {
            return Select::Usual;
        }
        let names = names.into_iter().filter_map(|name| match name.as_str() {
            "*" => Some(name),
            "UF_*" | "ufCrm*" => Some("UF_*".to_owned()),
            "fm" if kind == BitrixKind::Contact => Some("FM".to_owned()),
            "entityTypeId" => Some("ENTITY_TYPE_ID".to_owned()),
            _ => self.known(kind, spelling, &name),
        });
        Select::Named(names.collect())
    }

    fn order(&mut self, kind: BitrixKind, spelling: Spelling, asked: &Value) -> (String, bool) {
        let members = asked.as_object().into_iter().flatten();
        let mut orders: Vec<(String, bool)> = Vec::new();
        for (name, direction) in members {
            let direction = text(direction).unwrap_or_default();
            if let Some(field) = self.known(kind, spelling, name) {
                orders.push((field, direction.eq_ignore_ascii_case("desc")));
            }
        }
        // The id settles ties in any case.
        orders.sort_by_key(|(field, _)| field == "ID");
        orders.into_iter().next().unwrap_or(("ID".to_owned(), false))
    }

    fn conditions(
        &mut self,
        kind: BitrixKind,
        spelling: Spelling,
        filter: &Value,
    ) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (key, value) in filter.as_object().into_iter().flatten() {
            let name = key.trim_start_matches(['>', '<', '=', '!', '@', '%']);
            let compare = match &key[..key.len() - name.len()] {
                "" | "=" | "@" => Compare::Equal,
                "!" | "!=" | "!@" => Compare::NotEqual,
                "<" => Compare::Less,
                "<=" => Compare::LessOrEqual,
                ">" => Compare::More,
                ">=" => Compare::MoreOrEqual,
                "%" => Compare::Contains,
                other => {
                    self.problems.push(format!("no filter begins with {other}"));
                    continue;
                }
            };
            let Some(field) = self.known(kind, spelling, name) else {
                continue;
            };
            let values = match value {
                Value::Array(values) => values.iter().filter_map(text).collect(),
                one => text(one).into_iter().collect(),
            };
            let condition = Condition { field, compare, values };
            conditions.extend(self.in_seconds(condition));
        }
        conditions
    }

    /// Moments are compared in seconds. One that the portal does not understand filters
    /// nothing.
    fn in_seconds(&mut self, mut condition: Condition) -> Option<Condition> {
        if !matches!(condition.field.as_str(), "CREATED_TIME" | "UPDATED_TIME") {
            return Some(condition);
        }
        let mut seconds = Vec::new();
        for value in &condition.values {
            match self.parse_moment(value) {
                None => {
                    self.problems.push(format!("{value:?} is no moment"));
                    return None;
                }
                Some(_) if self.options.ignores_iso && value.contains('T') => return None,
                Some(moment) => seconds.push(moment.to_string()),
            }
        }
        condition.values = seconds;
        Some(condition)
    }

    /// The ids that a list consists of, in its order; of a list without a count no more
    /// than a page.
    pub(super) fn matches(&self, asked: &Asked) -> Vec<u64> {
        let fits = |id: &u64| {
            let place = (asked.kind, *id);
            asked.conditions.iter().all(|one| self.holds(place, one))
        };
        let most = if asked.start.is_none() { PAGE } else { usize::MAX };
        let low = asked.lowest("ID").unwrap_or(0);
        let since = asked.lowest("UPDATED_TIME").unwrap_or(i64::MIN);
        let range = (asked.kind, since, 0)..=(asked.kind, i64::MAX, u64::MAX);
        let changed = self.by_update.range(range).map(|(_, _, id)| *id);
        let many = changed.clone().nth(MANY).is_some();
        if asked.order == "ID" && (since == i64::MIN || many) {
            let low = u64::try_from(low).unwrap_or(0);
            let ids = self.range(asked.kind, low, u64::MAX);
            return if asked.descending {
                ids.rev().filter(fits).take(most).collect()
            } else {
                ids.filter(fits).take(most).collect()
            };
        }
        let mut ids: Vec<u64> = changed.filter(fits).collect();
        match asked.order.as_str() {
            "ID" => ids.sort_unstable(),
            "UPDATED_TIME" => {}
            order => {
                ids.sort_unstable();
                ids.sort_by_cached_key(|id| self.plain((asked.kind, *id), order));
            }
        }
        if asked.descending {
            ids.reverse();
        }
        ids.truncate(most);
        ids
    }

    fn holds(&self, place: Place, condition: &Condition) -> bool {
        let held = self.plain(place, &condition.field);
        let flag =
            fields::find(place.0, &condition.field).is_some_and(|field| field.shape == Type::Flag);
        let equal = |wanted: &String| {
            let wanted = match (flag, wanted.as_str()) {
                (true, "1") => "Y",
                (true, "0") => "N",
                (_, wanted) => wanted,
            };
            held.iter().any(|held| held == wanted) || (wanted.is_empty() && held.is_empty())
        };
        let ordered = |by: fn(std::cmp::Ordering) -> bool| {
            let mut pairs = condition
                .values
                .iter()
                .flat_map(|wanted| held.iter().map(move |held| compare(held, wanted)));
            pairs.any(by)
        };
        match condition.compare {
            Compare::Equal => condition.values.iter().any(equal),
            Compare::NotEqual => !condition.values.iter().any(equal),
            Compare::Less => ordered(|order| order.is_lt()),
            Compare::LessOrEqual => ordered(|order| order.is_le()),
            Compare::More => ordered(|order| order.is_gt()),
            Compare::MoreOrEqual => ordered(|order| order.is_ge()),
            Compare::Contains => condition
                .values
                .iter()
                .any(|wanted| held.iter().any(|held| held.contains(wanted.as_str()))),
        }
    }

    /// The values of a field as text; moments in seconds.
    fn plain(&self, place: Place, name: &str) -> Vec<String> {
        let Some(item) = self.items.get(&place) else {
            return Vec::new();
        };
        match name {
            "ID" => vec![place.1.to_string()],
            "CREATED_TIME" => vec![item.created.to_string()],
            "UPDATED_TIME" => vec![item.updated.to_string()],
            _ => match item.fields.get(name) {
                Some(Held::Json(raw)) => match serde_json::from_str(raw) {
                    Ok(Value::Array(values)) => values.iter().filter_map(text).collect(),
                    Ok(value) => text(&value).into_iter().collect(),
                    Err(_) => Vec::new(),
                },
                Some(Held::Files { ids, .. }) => ids.iter().map(u64::to_string).collect(),
                None => Vec::new(),
            },
        }
    }
}

impl Asked {
    /// The highest of the lower bounds of a whole number.
    fn lowest(&self, field: &str) -> Option<i64> {
        let bounds = self.conditions.iter().filter(|condition| {
            let lower = matches!(condition.compare, Compare::More | Compare::MoreOrEqual);
            lower && condition.field == field
        });
        bounds.filter_map(|bound| bound.values.first()?.parse().ok()).max()
    }
}

/// Whole numbers by their value, all else as text.
fn compare(one: &str, other: &str) -> std::cmp::Ordering {
    match (one.parse::<i64>(), other.parse::<i64>()) {
        (Ok(one), Ok(other)) => one.cmp(&other),
        _ => one.cmp(other),
    }
}

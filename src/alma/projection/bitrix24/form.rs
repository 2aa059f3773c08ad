//! Reads the fields of an item, and collects everything that is wrong with it, said at
//! once.

use std::fmt::Display;

use jiff::civil::Date;

use super::dates;
use super::item::{Field, Item};
use super::price;
use super::table::Table;
use super::target::EntityTypes;
use crate::alma::objects::Number;
use crate::alma::projection::{decimal, text};

/// The longest name of a choice that is shown whole.
const LONGEST_CHOICE: usize = 40;

/// Reads an item field by field, and keeps what is missing or wrong.
pub(super) struct Form<'i, 't> {
    /// The item.
    pub(super) item: &'i Item<'t>,
    problems: Vec<String>,
}

impl<'i, 't> Form<'i, 't> {
    pub(super) fn new(item: &'i Item<'t>) -> Self {
        Self { item, problems: Vec::new() }
    }

    /// Something is missing or wrong; follows «apartment 7 has».
    pub(super) fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// A value is missing.
    pub(super) fn lacks(&mut self, Field { code, name }: Field<'_>) {
        self.problem(format!("no {name} ({code}): give it in Bitrix24"));
    }

    fn refuses(&mut self, Field { code, name }: Field<'_>, what: &str) {
        self.problem(format!(
            "a value in {name} ({code}) that is no {what}: correct it in Bitrix24"
        ));
    }

    /// Everything that is wrong, as one reason.
    pub(super) fn check(self, name: impl Display) -> Result<(), String> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(format!("{name} has {}", self.problems.join("; and ")))
    }

    /// A text that must not be blank.
    pub(super) fn needed(&mut self, field: Field<'_>) -> String {
        self.item.text(field.code).unwrap_or_else(|| {
            self.lacks(field);
            String::new()
        })
    }

    /// The id of another item of a kind, which must be there.
    pub(super) fn reference(
        &mut self,
        field: Field<'_>,
        kind: &'static str,
        types: EntityTypes,
    ) -> String {
        match types.named(self.item, field, kind) {
            Ok(Some(id)) => return id,
            Ok(None) => self.lacks(field),
            Err(problem) => self.problem(problem),
        }
        String::new()
    }

    /// Text; a blank one is empty.
    pub(super) fn text(&self, field: Field<'_>) -> String {
        self.item.text(field.code).unwrap_or_default()
    }

    /// A number, or an amount of money; a blank one is none.
    pub(super) fn amount(&mut self, field: Field<'_>) -> Option<Number> {
        let value = price::amount(self.item.value(field.code)?)?;
        let number = decimal::decimal(&value);
        if number.is_none() {
            self.refuses(field, "number");
        }
        number
    }

    /// A number; a blank one is 0.
    pub(super) fn number(&mut self, field: Field<'_>) -> Number {
        self.amount(field).unwrap_or_else(Number::zero)
    }

    /// An amount of money with two decimals, which must be there.
    pub(super) fn price(&mut self, field: Field<'_>) -> String {
        let problems = self.problems.len();
        let Some(amount) = self.amount(field) else {
            if self.problems.len() == problems {
                self.lacks(field);
            }
            return String::new();
        };
        price::with_two_decimals(amount.text()).unwrap_or_else(|| {
            self.refuses(field, "amount with at most two decimals");
            String::new()
        })
    }

    /// Y or N; a blank one is N.
    pub(super) fn flag(&mut self, field: Field<'_>) -> bool {
        let Some(value) = self.item.value(field.code) else {
            return false;
        };
        if text::is_yes(value) {
            return true;
        }
        let word = text::shown(value).map(|word| word.to_ascii_lowercase());
        match (word.as_deref(), value) {
            (Some("y"), _) => true,
            (Some("n" | "0" | "false"), _) => false,
            (None, value) if value.starts_with('"') => false,
            _ => {
                self.refuses(field, "Y or N");
                false
            }
        }
    }

    /// A day; a blank one is none.
    pub(super) fn day(&mut self, field: Field<'_>) -> Option<Date> {
        match dates::day(self.item.value(field.code)?) {
            Ok(day) => day,
            Err(dates::Unreadable) => {
                self.refuses(field, "date");
                None
            }
        }
    }

    /// What the table calls a choice; `None` where nothing is chosen.
    pub(super) fn choice(&mut self, field: Field<'_>, table: &Table) -> Option<String> {
        let value = chosen(self.item.value(field.code)?)?;
        let word = table.get(&value);
        if word.is_none() {
            let Field { code, name } = field;
            self.problem(format!(
                "{} in {name} ({code}), which the table does not know: correct it in Bitrix24, \
                 or add it to [alma.tables.{}]",
                shortened(&value),
                table.name()
            ));
        }
        word.map(str::to_owned)
    }

    /// What the table calls a choice, which must have been made.
    pub(super) fn needed_choice(&mut self, field: Field<'_>, table: &Table) -> String {
        let problems = self.problems.len();
        let word = self.choice(field, table);
        if word.is_none() && self.problems.len() == problems {
            self.lacks(field);
        }
        word.unwrap_or_default()
    }
}

/// The id of a choice. 0 and blanks are none; a value that is no id is
/// shown as its type.
fn chosen(value: &str) -> Option<String> {
    if let Some(text) = text::spelled(value) {
        let text = text.trim();
        return (!text.is_empty() && text != "0").then(|| text.to_owned());
    }
    Some(match value.as_bytes().first() {
        Some(b'{') => "an object".to_owned(),
        Some(b'[') => "a list in a list".to_owned(),
        _ => value.to_owned(),
    })
}

/// The beginning of a value, in one line.
fn shortened(value: &str) -> String {
    let line = text::one_line(value).unwrap_or_default();
    match line.char_indices().nth(LONGEST_CHOICE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// All values of a field that are text, in their order.
pub(super) fn texts(item: &Item<'_>, field: Field<'_>) -> Vec<String> {
    let values = item.values(field.code).into_iter();
    values.filter_map(text::shown).collect()
}

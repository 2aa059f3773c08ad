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
    /// What is needed to create the object, and the item lacks altogether.
    absent: Vec<String>,
}

impl<'i, 't> Form<'i, 't> {
    pub(super) fn new(item: &'i Item<'t>) -> Self {
        Self { item, problems: Vec::new(), absent: Vec::new() }
    }

    /// Something is missing or wrong; follows «apartment 7 has».
    pub(super) fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// A value is missing.
    pub(super) fn lacks(&mut self, Field { code, name }: Field<'_>) {
        let code = self.item.code(code);
        self.problem(format!("no {name} ({code}): give it in Bitrix24"));
    }

    fn refuses(&mut self, Field { code, name }: Field<'_>, what: &str) {
        let code = self.item.code(code);
        self.problem(format!(
            "a value in {name} ({code}) that is no {what}: correct it in Bitrix24"
        ));
    }

    /// Whether the item has a field, be it empty. Where it lacks one that is needed, the object
    /// cannot be created.
    pub(super) fn has_needed(&mut self, field: Field<'_>) -> bool {
        let has = self.item.has(field.code);
        if !has {
            let (name, code) = (field.name, self.item.code(field.code));
            self.absent.push(format!("no {name} ({code}), which the item lacks altogether"));
        }
        has
    }

    /// Why the object cannot be created, where the item lacks what that needs.
    pub(super) fn why_not_new(&self, name: impl Display) -> Option<String> {
        let absent = (!self.absent.is_empty()).then(|| self.absent.join("; and "));
        absent.map(|absent| {
            format!(
                "{name} has {absent}: is the code in [bitrix24.fields] right, and may the webhook read the field?"
            )
        })
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

    /// Text; a blank one is empty, `None`: the item lacks it.
    pub(super) fn text(&self, field: Field<'_>) -> Option<String> {
        self.item.has(field.code).then(|| self.item.text(field.code).unwrap_or_default())
    }

    /// Text; the inner `None`: it is blank, the outer: the item lacks it.
    pub(super) fn nullable_text(&self, field: Field<'_>) -> Option<Option<String>> {
        self.item.has(field.code).then(|| self.item.text(field.code))
    }

    /// A number, or an amount of money; the inner `None`: it is blank, the outer: the item
    /// lacks it.
    pub(super) fn nullable_amount(&mut self, field: Field<'_>) -> Option<Option<Number>> {
        self.item.has(field.code).then(|| self.amount(field))
    }

    /// A day; the inner `None`: it is blank, the outer: the item lacks it.
    pub(super) fn nullable_day(&mut self, field: Field<'_>) -> Option<Option<Date>> {
        self.item.has(field.code).then(|| self.day(field))
    }

    /// A number, or an amount of money; a blank one is none.
    pub(super) fn amount(&mut self, field: Field<'_>) -> Option<Number> {
        let value = price::amount(self.item.value(field.code)?)?;
        let number = decimal::decimal(&value).filter(|_| !price::has_thousands(&value));
        if number.is_none() {
            self.refuses(field, "number");
        }
        number
    }

    /// Whether an amount is blank.
    pub(super) fn is_blank_amount(&self, field: Field<'_>) -> bool {
        self.item.value(field.code).and_then(price::amount).is_none()
    }

    /// An amount of money with two decimals; a blank one is none.
    pub(super) fn price(&mut self, field: Field<'_>) -> Option<String> {
        let amount = self.amount(field)?;
        let price = price::with_two_decimals(amount.text());
        if price.is_none() {
            self.refuses(field, "amount with at most two decimals");
        }
        price
    }

    /// Y or N; a blank one is none.
    pub(super) fn flag(&mut self, field: Field<'_>) -> Option<bool> {
        let value = self.item.value(field.code)?;
        if text::is_yes(value) {
            return Some(true);
        }
        let word = text::shown(value).map(|word| word.to_ascii_lowercase());
        match (word.as_deref(), value) {
            (Some("y" | "1"), _) => Some(true),
            (Some("n" | "0" | "false"), _) => Some(false),
            (None, value) if value.starts_with('"') => None,
            _ => {
                self.refuses(field, "Y or N");
                None
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
            let (name, code) = (field.name, self.item.code(field.code));
            self.problem(format!(
                "{} in {name} ({code}), which the table does not know: correct it in Bitrix24, \
                 or add it to [alma.tables.{}]",
                shortened(&value),
                table.name()
            ));
        }
        word.map(str::to_owned)
    }

    /// What the table calls a choice, which must have been made; `None`: the item lacks the
    /// field, or the choice is wrong.
    pub(super) fn choice_of_new(&mut self, field: Field<'_>, table: &Table) -> Option<String> {
        self.has_needed(field).then(|| self.needed_choice(field, table))
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
pub(super) fn chosen(value: &str) -> Option<String> {
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

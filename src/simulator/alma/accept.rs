//! Validation of single fields.

use serde::Deserialize;

use super::body::json_kind;
use super::fields::{Field, Shape};
use super::kind::AlmaKind;
use super::object::{Object, Photo, day, plain};
use super::refusal::{BLANK, NULL, no_such};
use super::state::Memory;

const NOT_A_MOMENT: &str = "Datetime has wrong format. Use one of these formats instead: \
    YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";
/// Cyprus, the only country that the document names.
pub(super) const CYPRUS: &str = "4";

/// An element of `photos` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPhoto {
    id: Option<i64>,
    external_file_id: Option<i64>,
}

/// A picture that is to be: one that the object has, or an upload.
pub(super) enum NewPhoto {
    Kept(Photo),
    Of(i64),
}

impl Memory {
    /// Checks whether a field takes a value, which is raw JSON.
    pub(super) fn accepts(&self, field: &Field, raw: &str) -> Result<(), String> {
        if raw == "null" {
            return if field.is_nullable { Ok(()) } else { Err(NULL.to_owned()) };
        }
        match field.shape {
            Shape::Text { blank } => text(raw, blank),
            Shape::Code(longest) => code(raw, longest),
            Shape::External if json_kind(raw) == "int" => Ok(()),
            Shape::External => text(raw, !field.is_required),
            Shape::Email => email(raw),
            Shape::Number => match json_kind(raw) {
                "int" | "float" => Ok(()),
                _ => Err("A valid number is required.".to_owned()),
            },
            Shape::Integer => match json_kind(raw) {
                "int" => Ok(()),
                _ => Err("A valid integer is required.".to_owned()),
            },
            Shape::Flag => match json_kind(raw) {
                "bool" => Ok(()),
                _ => Err("Must be a valid boolean.".to_owned()),
            },
            Shape::Price => price(raw),
            Shape::Moment => day(raw).map(drop).ok_or_else(|| NOT_A_MOMENT.to_owned()),
            Shape::Choice(_, words) => {
                let word = plain(raw);
                match json_kind(raw) == "str" && words.contains(&word.as_str()) {
                    true => Ok(()),
                    false => Err(not_a_choice(&word)),
                }
            }
            Shape::Country if raw == CYPRUS => Ok(()),
            Shape::Country => Err(not_a_choice(&plain(raw))),
            Shape::Project => reference(raw, |id| id == self.project),
            Shape::Parent(kind) => reference(raw, |id| self.get(kind, id).is_some()),
            Shape::Rental => reference(raw, |id| self.rental(id).is_some()),
            Shape::Person => reference(raw, |id| self.get(AlmaKind::Client, id).is_some()),
            Shape::File => reference(raw, |id| self.files.contains_key(&id)),
            // These need the object itself; the rest is never written.
            _ => Ok(()),
        }
    }

    /// The whole set of pictures that an object shall have.
    pub(super) fn photos(&self, raw: &str, object: &Object) -> Result<Vec<NewPhoto>, String> {
        let kind = json_kind(raw);
        if kind != "list" {
            return Err(format!("Expected a list of items but got type \"{kind}\"."));
        }
        let written: Vec<WrittenPhoto> = serde_json::from_str(raw)
            .map_err(|_| "Expected items with id or external_file_id.".to_owned())?;
        let pictures = written.iter().map(|photo| match photo {
            WrittenPhoto { id: Some(id), external_file_id: None } => {
                let kept = object.photos.iter().find(|kept| kept.id == *id);
                kept.map(|kept| NewPhoto::Kept(*kept)).ok_or_else(|| no_such(id))
            }
            WrittenPhoto { id: None, external_file_id: Some(file) } => {
                let known = self.files.contains_key(file);
                known.then_some(NewPhoto::Of(*file)).ok_or_else(|| no_such(file))
            }
            _ => Err("Expected items with id or external_file_id.".to_owned()),
        });
        pictures.collect()
    }
}

fn text(raw: &str, blank: bool) -> Result<(), String> {
    if json_kind(raw) != "str" {
        return Err("Not a valid string.".to_owned());
    }
    match !blank && plain(raw).trim().is_empty() {
        true => Err(BLANK.to_owned()),
        false => Ok(()),
    }
}

fn code(raw: &str, longest: usize) -> Result<(), String> {
    text(raw, true)?;
    match plain(raw).chars().count() > longest {
        true => Err(format!("Ensure this field has no more than {longest} characters.")),
        false => Ok(()),
    }
}

fn email(raw: &str) -> Result<(), String> {
    text(raw, false)?;
    let address = plain(raw);
    let valid = address.split_once('@').is_some_and(|(name, host)| {
        let dotted = host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty());
        !name.is_empty() && dotted && !address.contains(char::is_whitespace) && !host.contains('@')
    });
    if valid { Ok(()) } else { Err("Enter a valid email address.".to_owned()) }
}

fn price(raw: &str) -> Result<(), String> {
    let text = plain(raw);
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    if json_kind(raw) != "str" || !digits(whole) || !digits(cents) {
        return Err("A valid number is required.".to_owned());
    }
    if cents.len() > 2 {
        return Err("Ensure that there are no more than 2 decimal places.".to_owned());
    }
    Ok(())
}

fn reference(raw: &str, is_there: impl FnOnce(i64) -> bool) -> Result<(), String> {
    let kind = json_kind(raw);
    if kind != "int" {
        return Err(format!("Incorrect type. Expected pk value, received {kind}."));
    }
    if raw.parse().is_ok_and(is_there) { Ok(()) } else { Err(no_such(raw)) }
}

fn not_a_choice(word: &str) -> String {
    format!("\"{word}\" is not a valid choice.")
}

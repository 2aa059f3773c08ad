//! What a projection says about fields beside their values. It stands among the fields in the
//! ledger, and neither counts as a difference nor goes to Alma.

use super::fields::Fields;
use crate::json;

/// Why the object cannot be created: what its item lacks altogether. Where Alma has the object,
/// its other fields go on.
pub(super) const NOT_NEW: &str = "why_not_new";
/// Why the object stays blocked once its other fields have been sent.
pub(super) const LACKS: &str = "why_blocked";
/// The fields whose values stand for nothing (`0`, `"0"`, `false`), each between blanks.
const BLANK: &str = "blank_fields";

/// The day on which the last contract of a client ends (`2025-08-25T00:00:00`); without it the
/// client is needed whatever the day.
pub(super) const NEEDED_UNTIL: &str = "needed_until";

/// The fields that a new object gets and one that Alma has does not, JSON.
const NEW: &str = "fields_of_new";

/// Of a contract that was put aside for others to move: its terms in Alma before, and the day on
/// which it begins there meanwhile, JSON. It stands among what was sent.
pub(super) const ASIDE: &str = "aside";

/// All of them.
pub(super) const ALL: [&str; 6] = [NOT_NEW, LACKS, BLANK, NEEDED_UNTIL, NEW, ASIDE];

/// Notes why an object cannot be created.
pub(super) fn set(fields: &mut Fields, note: &str, reason: Option<String>) {
    if let Some(reason) = reason {
        fields.set(note, json::quote(&reason));
    }
}

/// Notes which values stand for nothing.
pub(super) fn set_blank(fields: &mut Fields, names: &[&str]) {
    if !names.is_empty() {
        fields.set(BLANK, json::quote(&names.join(" ")));
    }
}

/// Notes the text that a field of a new object gets, whose source says nothing of it.
pub(super) fn set_new(fields: &mut Fields, name: &str, text: &str) {
    let mut of_new = of_new(fields);
    of_new.set(name, json::quote(text));
    fields.set(NEW, json::quote(&of_new.text()));
}

/// The fields that a new object gets beside its own.
pub(super) fn of_new(desired: &Fields) -> Fields {
    fields(desired, NEW)
}

/// The fields that a note is.
pub(super) fn fields(noted: &Fields, note: &str) -> Fields {
    noted.string(note).as_deref().and_then(Fields::parse).unwrap_or_default()
}

/// Whether the value that a field should have is empty in the source.
pub(super) fn is_blank(desired: &Fields, name: &str) -> bool {
    let blank = desired.string(BLANK).unwrap_or_default();
    matches!(desired.get(name), Some("null" | "\"\"" | "[]"))
        || blank.split(' ').any(|blank| blank == name)
}

/// Whether a value of Alma's says something.
pub(super) fn is_filled(value: Option<&str>) -> bool {
    let is_zero = |value: &str| {
        let digits = value.trim_start_matches('-').replace('.', "");
        !digits.is_empty() && digits.bytes().all(|byte| byte == b'0')
    };
    value.is_some_and(|value| {
        !matches!(value, "null" | "\"\"" | "[]" | "false" | "\"0\"") && !is_zero(value)
    })
}

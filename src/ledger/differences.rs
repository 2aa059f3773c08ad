//! What changed between two versions of a record, as `change.fields` tells it.

use crate::json::{self, Members};

/// In a list of decimals, for undocumented fields: every number that is written with
/// a fraction or an exponent.
pub const FRACTIONS: &str = "*";

/// What changed between two versions, as `change.fields` has it; `None` when they
/// mean the same. A member that is null and one that is absent mean the same.
pub(super) fn differences(old: &str, new: &str, decimals: &[&str]) -> Option<String> {
    let fields = members(old, new, decimals, None);
    (!fields.is_empty()).then(|| format!("{{{fields}}}"))
}

/// What `change.fields` tells of a record that gets another id: both ids, and what else
/// differs between what stood under the new id and what stands there now.
pub(super) fn renaming(
    old_id: &str,
    new_id: &str,
    old: &str,
    new: &str,
    decimals: &[&str],
) -> String {
    let ids = format!("\"Id\":[{},{}]", json::quote(old_id), json::quote(new_id));
    match members(old, new, decimals, Some("Id")) {
        rest if rest.is_empty() => format!("{{{ids}}}"),
        rest => format!("{{{ids},{rest}}}"),
    }
}

/// The members that differ, as those of a JSON object, but for the one that is left out.
fn members(old: &str, new: &str, decimals: &[&str], left_out: Option<&str>) -> String {
    let (old, new) =
        (Members::parse(old).unwrap_or_default(), Members::parse(new).unwrap_or_default());
    let has_fractions = decimals.contains(&FRACTIONS);
    let mut fields = String::new();
    let mut note = |key: &str, before: &str, after: &str| {
        if left_out == Some(key) || json::same(before, after) {
            return;
        }
        let as_text = decimals.contains(&key);
        let has_fraction = |value: &str| has_fractions && value.contains(['.', 'e', 'E']);
        if !fields.is_empty() {
            fields.push(',');
        }
        let [before, after] =
            [before, after].map(|value| shown(value, as_text || has_fraction(value)));
        fields.push_str(&format!("{}:[{before},{after}]", json::quote(key)));
    };
    for (key, before) in old.iter() {
        note(key, before, new.get(key).unwrap_or("null"));
    }
    for (key, after) in new.iter().filter(|(key, _)| old.get(key).is_none()) {
        note(key, "null", after);
    }
    fields
}

/// A value as a change shows it: a decimal as text, the rest as it is.
fn shown(value: &str, as_text: bool) -> std::borrow::Cow<'_, str> {
    let is_number = value.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    if as_text && is_number { format!("\"{value}\"").into() } else { value.into() }
}

#[cfg(test)]
mod tests {
    use super::differences;

    #[test]
    fn a_change_names_old_and_new_and_keeps_decimals_as_text() {
        let old = r#"{"Balance":10.50,"Name":"a","Gone":1,"Rating":4}"#;
        let new = r#"{"Name":"b","Balance":12.00,"Rating":5,"Files":["x"]}"#;
        assert_eq!(
            differences(old, new, &["Balance"]).as_deref(),
            Some(
                r#"{"Balance":["10.50","12.00"],"Name":["a","b"],"Gone":[1,null],"Rating":[4,5],"Files":[null,["x"]]}"#
            )
        );
    }

    #[test]
    fn white_space_order_and_absent_nulls_are_no_change() {
        let old = r#"{"A":1,"B":{"x":[1,2]},"C":null}"#;
        let new = "{ \"B\": {\"x\" : [1, 2]},\n\"A\":1 }";
        assert_eq!(differences(old, new, &[]), None);
    }
}

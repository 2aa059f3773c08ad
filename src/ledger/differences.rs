//! What changed between two versions of a record, as `change.fields` tells it.

use crate::json::{self, Members};

/// In a list of decimals, for undocumented fields: every number that is written with
/// a fraction or an exponent.
pub const FRACTIONS: &str = "*";

/// How two versions of a record are compared.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'d> {
    /// The members whose values a change shows as text: the documented decimals, or [`FRACTIONS`].
    pub decimals: &'d [&'d str],
    /// Whether a member that is null and one that is absent mean different things. Of systems that
    /// leave members out as they please they mean the same.
    pub tells_absent: bool,
}

impl<'d> Comparison<'d> {
    /// One for which a member that is null and one that is absent mean the same.
    pub const fn of(decimals: &'d [&'d str]) -> Self {
        Self { decimals, tells_absent: false }
    }
}

/// What changed between two versions, as `change.fields` has it; `None` when they
/// mean the same. There a member that is absent is null.
pub(super) fn differences(old: &str, new: &str, comparison: Comparison<'_>) -> Option<String> {
    let fields = members(old, new, comparison, None);
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
    match members(old, new, Comparison::of(decimals), Some("Id")) {
        rest if rest.is_empty() => format!("{{{ids}}}"),
        rest => format!("{{{ids},{rest}}}"),
    }
}

/// The members that differ, as those of a JSON object, but for the one that is left out.
fn members(old: &str, new: &str, comparison: Comparison<'_>, left_out: Option<&str>) -> String {
    let Comparison { decimals, tells_absent } = comparison;
    let (old, new) =
        (Members::parse(old).unwrap_or_default(), Members::parse(new).unwrap_or_default());
    let has_fractions = decimals.contains(&FRACTIONS);
    let mut fields = String::new();
    let mut note = |key: &str, before: Option<&str>, after: Option<&str>| {
        let is_presence = tells_absent && before.is_some() != after.is_some();
        let [before, after] = [before, after].map(|value| value.unwrap_or("null"));
        if left_out == Some(key) || !is_presence && json::same(before, after) {
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
        note(key, Some(before), new.get(key));
    }
    for (key, after) in new.iter().filter(|(key, _)| old.get(key).is_none()) {
        note(key, None, Some(after));
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
    use super::{Comparison, differences};

    #[test]
    fn a_change_names_old_and_new_and_keeps_decimals_as_text() {
        let old = r#"{"Balance":10.50,"Name":"a","Gone":1,"Rating":4}"#;
        let new = r#"{"Name":"b","Balance":12.00,"Rating":5,"Files":["x"]}"#;
        assert_eq!(
            differences(old, new, Comparison::of(&["Balance"])).as_deref(),
            Some(
                r#"{"Balance":["10.50","12.00"],"Name":["a","b"],"Gone":[1,null],"Rating":[4,5],"Files":[null,["x"]]}"#
            )
        );
    }

    #[test]
    fn white_space_order_and_absent_nulls_are_no_change() {
        let old = r#"{"A":1,"B":{"x":[1,2]},"C":null}"#;
        let new = "{ \"B\": {\"x\" : [1, 2]},\n\"A\":1 }";
        assert_eq!(differences(old, new, Comparison::of(&[])), None);
    }

    #[test]
    fn what_is_absent_may_tell_something() {
        let comparison = Comparison { decimals: &[], tells_absent: true };
        for (old, new) in
            [(r#"{"A":1,"B":null}"#, r#"{"A":1}"#), (r#"{"A":1}"#, r#"{"B":null,"A":1}"#)]
        {
            assert_eq!(differences(old, new, comparison).as_deref(), Some(r#"{"B":[null,null]}"#));
            assert_eq!(differences(old, old, comparison), None);
        }
    }
}

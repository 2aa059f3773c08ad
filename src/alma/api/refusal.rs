//! Alma's refusals, in the forms of Django REST Framework: `{"non_field_errors": ["…"]}`,
//! `{"email": ["…"]}`, also nested, `{"detail": "…"}`; or any other text, as from a proxy.

use crate::json::{self, Members};

/// The most characters of a refusal that are kept.
const LONGEST: usize = 500;

/// How deep lists and objects are taken apart.
const DEPTH: usize = 16;

/// Members that are not about a field.
const OF_ALL: [&str; 2] = ["non_field_errors", "detail"];

/// The words in one line, `field: text; text`, and the fields that they are about.
pub(super) fn read(body: &str) -> (String, Vec<String>) {
    let body = body.trim();
    if body.starts_with('<') {
        return ("a page for people".to_owned(), Vec::new());
    }
    let mut words = Vec::new();
    gather(body, "", DEPTH, &mut words);
    let members = Members::parse(body).unwrap_or_default();
    let fields = members
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| !OF_ALL.contains(&name.as_str()))
        .collect();
    (one_line(&words.join("; ")), fields)
}

/// Adds the words at one place; `at` is its name.
fn gather(text: &str, at: &str, depth: usize, words: &mut Vec<String>) {
    if depth > 0
        && text.starts_with('{')
        && let Some(members) = Members::parse(text)
    {
        for (name, value) in members.iter() {
            let name = if OF_ALL.contains(&name) { "" } else { name };
            gather(value, &below(at, name), depth - 1, words);
        }
    } else if depth > 0
        && text.starts_with('[')
        && let Some(elements) = json::elements(text)
    {
        gather_list(&elements, at, depth - 1, words);
    } else {
        let said = json::string(text);
        words.push(named(at, said.as_deref().unwrap_or(text)));
    }
}

/// Texts stand one after another; what is said of the elements of a list has their
/// numbers, from 0 as Alma counts.
fn gather_list(elements: &[&str], at: &str, depth: usize, words: &mut Vec<String>) {
    let texts: Vec<_> = elements.iter().copied().filter_map(json::string).collect();
    if texts.len() == elements.len() {
        if !texts.is_empty() {
            words.push(named(at, &texts.join("; ")));
        }
        return;
    }
    for (n, element) in elements.iter().enumerate() {
        gather(element, &below(at, &n.to_string()), depth, words);
    }
}

fn below(at: &str, name: &str) -> String {
    match (at, name) {
        ("", name) | (name, "") => name.to_owned(),
        (at, name) => format!("{at}.{name}"),
    }
}

fn named(at: &str, text: &str) -> String {
    match at {
        "" => text.to_owned(),
        at => format!("{at}: {text}"),
    }
}

/// One line without control characters, no longer than [`LONGEST`].
fn one_line(text: &str) -> String {
    let blanked: String =
        text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
    let words: Vec<&str> = blanked.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        None => line,
        Some(_) => line.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_becomes_one_line_and_names_its_fields() {
        for (body, words, fields) in [
            (
                r#"{"non_field_errors":["It is forbidden to edit the archive usage."]}"#,
                "It is forbidden to edit the archive usage.",
                &[][..],
            ),
            (
                r#"{"email":["Taken.","Really."],"last_name":["This field may not be null."]}"#,
                "email: Taken.; Really.; last_name: This field may not be null.",
                &["email", "last_name"],
            ),
            (
                r#"{"photos":[{},{"external_file_id":["Invalid pk \"7\"."]}],"unit":{"detail":"No.","non_field_errors":[]}}"#,
                "photos.1.external_file_id: Invalid pk \"7\".; unit: No.",
                &["photos", "unit"],
            ),
            (r#"{"detail":"Not found."}"#, "Not found.", &[]),
            (r#"["One.","Two."]"#, "One.; Two.", &[]),
            (r#""Just so.""#, "Just so.", &[]),
            (r#"{"code":7,"is":null}"#, "code: 7; is: null", &["code", "is"]),
            (" Bad\r\n\tRequest\u{7f} ", "Bad Request", &[]),
            ("{\"email\":", "{\"email\":", &[]),
            ("<!DOCTYPE html><p>x", "a page for people", &[]),
            ("{}", "", &[]),
            ("", "", &[]),
        ] {
            let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
            assert_eq!(read(body), (words.to_owned(), fields), "{body}");
        }
    }

    #[test]
    fn it_is_never_long_and_never_deep() {
        let long = format!("{{\"x\":[{:?}]}}", "я".repeat(600));
        let (words, _) = read(&long);
        assert_eq!(words.chars().count(), LONGEST);
        assert!(words.starts_with("x: я") && words.ends_with("я…"));
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(read(&deep).0.chars().count() <= LONGEST);
    }
}

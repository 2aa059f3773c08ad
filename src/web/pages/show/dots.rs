//! Secrets are dots wherever a text is shown: SIP, Wi-Fi, lock and keybox passwords. What is no
//! JSON is gone through as well as it can be: too much is dotted rather than too little.

use std::collections::BTreeSet;

use crate::config::{Bitrix24Fields, Config};
use crate::json;

/// What stands for a secret.
pub(in crate::web) const DOTS: &str = "••••••";

/// Parts of names that tell a secret.
const TELLING: [&str; 6] = ["password", "passwd", "passcode", "пароль", "keybox", "lockcode"];

/// Which members hold secrets.
#[derive(Debug, Default)]
pub(in crate::web) struct Secrets {
    /// The portal's codes, plain.
    codes: BTreeSet<String>,
}

/// A name in lower case, letters and digits alone: a portal spells a code in two ways.
fn plain(name: &str) -> String {
    name.chars().filter(|one| one.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Secrets {
    /// Those of a config, of Alma's document, and `known` ones of configs before: what was
    /// recorded stays in the ledger whatever the config says now, or without the section.
    pub(in crate::web) fn of(config: &Config, known: &BTreeSet<String>) -> Self {
        let documented = Bitrix24Fields::default();
        let configured = config.bitrix24.iter().flat_map(|portal| portal.fields.secret_codes());
        let codes = documented.secret_codes().chain(configured);
        let codes = codes.chain(known.iter().map(String::as_str));
        Self { codes: codes.map(plain).collect() }
    }

    /// Whether a member of this name holds a secret.
    pub(in crate::web) fn has(&self, name: &str) -> bool {
        let name = plain(name);
        self.codes.contains(&name) || TELLING.iter().any(|part| name.contains(part))
    }

    /// A text with dots in the place of each secret.
    pub(in crate::web) fn dotted(&self, text: &str) -> String {
        let mut dotted = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('"') {
            dotted.push_str(&rest[..at]);
            rest = &rest[at..];
            let (literal, after) = rest.split_at(literal_end(rest));
            let name = json::string(literal).map_or_else(|| literal.to_owned(), Into::into);
            let gap = after.len() - after.trim_start().len();
            let is_name = after[gap..].starts_with(':');
            rest = after;
            if !is_name {
                // JSON may stand inside of a string.
                dotted.push_str(if self.tells(&name) { "\"••••••\"" } else { literal });
                continue;
            }
            dotted.push_str(literal);
            if self.has(&name) {
                let value = after[gap + 1..].trim_start();
                dotted.push_str(&after[..after.len() - value.len()]);
                rest = &value[value_end(value)..];
                if rest.len() < value.len() {
                    dotted.push_str("\"••••••\"");
                }
            }
        }
        dotted.push_str(rest);
        dotted
    }

    /// Whether a text speaks of a secret.
    fn tells(&self, text: &str) -> bool {
        let text = plain(text);
        TELLING.iter().any(|part| text.contains(part))
            || self.codes.iter().any(|code| text.contains(code.as_str()))
    }
}

/// The end of a string literal that begins here, or of the text.
fn literal_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The end of a value that begins here, or of the text.
fn value_end(text: &str) -> usize {
    match text.chars().next() {
        Some('"') => literal_end(text),
        Some('{' | '[') => nested_end(text),
        _ => text.find([',', '}', ']', '\n', '\r']).unwrap_or(text.len()),
    }
}

fn nested_end(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(letter) = text[at..].chars().next() {
        match letter {
            '"' => {
                at += literal_end(&text[at..]);
                continue;
            }
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += letter.len_utf8();
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_dots_wherever_it_stands() {
        let secrets = Secrets { codes: ["ufcrm61715777670".to_owned()].into() };
        for text in [
            r#"{"SipPassword":"geheim","Id":"1"}"#,
            r#"{"Obj": {"sip_password" : "geheim"}}"#,
            r#"{"\u0053ipPassword":"geheim"}"#,
            r#"{"SipPassword":["geheim","gehe\"im"]}"#,
            r#"{"SipPassword":{"a":"geheim"},"x":1}"#,
            r#"{"SipPassword":geheim}"#,
            r#"{"SipPassword":"geheim"#,
            r#"not json "keyboxCode": "geheim" and on"#,
            r#"{"UF_CRM_6_1715777670":"geheim"}"#,
            r#"{"ufCrm6_1715777670":"geheim"}"#,
            r#"{"text":"{\"SipPassword\":\"geheim\"}"}"#,
        ] {
            let dotted = secrets.dotted(text);
            assert!(!dotted.contains("gehe") && dotted.contains(DOTS), "{text}: {dotted}");
        }
    }

    #[test]
    fn all_else_stays_as_it_is() {
        let secrets = Secrets::default();
        for text in [
            r#"{"Balance": 1234.10, "Name":"a \"b\" c", "x":[1,{"y":null}]}"#,
            "no quotes at all",
            "\"",
            "{\"a\":\"\\\\\"}",
            "",
        ] {
            assert_eq!(secrets.dotted(text), text);
        }
        let text = r#"{"SipPassword":"x","Id":"1"}"#;
        assert_eq!(secrets.dotted(text), r#"{"SipPassword":"••••••","Id":"1"}"#);
    }
}

//! `[[web.user]]`: the people who use the console.

use toml::de::{DeTable, DeValue};

use super::reader::Section;
use super::value;
use crate::password::Hash;

/// No name is longer, in characters.
const LONGEST_NAME: usize = 64;

/// A person who may sign in to the console.
#[derive(Clone, Debug)]
pub struct WebUser {
    /// The name to sign in with; unique. It is the actor of what they do.
    pub name: String,
    /// The hash of the password, which `uzhkh-ledger web password` makes.
    pub password: Hash,
    /// What they may see and do.
    pub role: Role,
}

/// What a person may see and do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sees no act, and names, phones and e-mails masked.
    Viewer,
    /// Sees everything but the log, and acts.
    Operator,
    /// Sees everything, the log too, and does not act.
    Auditor,
}

const ROLES: [(&str, Role); 3] =
    [("viewer", Role::Viewer), ("operator", Role::Operator), ("auditor", Role::Auditor)];

impl Role {
    /// The word of the config.
    pub fn word(self) -> &'static str {
        ROLES.iter().find(|(_, role)| *role == self).map_or("", |(word, _)| word)
    }
}

/// Reads the users of `[web]`; `None` where one is faulty.
pub(super) fn read(section: &Section<'_>) -> Option<Vec<WebUser>> {
    let mut names: Vec<String> = Vec::new();
    let tables = section.tables("user", label).into_iter();
    let users: Vec<Option<WebUser>> = tables.map(|table| user(table, &mut names)).collect();
    users.into_iter().collect()
}

fn label(table: &DeTable<'_>) -> Option<String> {
    name(table.get("name")?.get_ref()).ok()
}

fn name(value: &DeValue<'_>) -> Result<String, String> {
    let name = value::string(value)?;
    let is_plain = |one: char| one.is_alphanumeric() || matches!(one, '-' | '_' | '.' | '@');
    if name.chars().count() > LONGEST_NAME || !name.chars().all(is_plain) {
        return Err(format!(
            "must be at most {LONGEST_NAME} letters, digits, '-', '_', '.' and '@'"
        ));
    }
    Ok(name)
}

fn user(section: Section<'_>, names: &mut Vec<String>) -> Option<WebUser> {
    let name = section.required("name", name);
    let password = section.required("password_hash", password);
    let role = section.required("role", value::word(&ROLES));
    if let Some(name) = &name {
        if names.contains(name) {
            let line = section.entry("name").map_or(section.line(), |entry| entry.line);
            section.fault(
                "name",
                line,
                "is the name of an earlier user too: each needs one of its own",
            );
        }
        names.push(name.clone());
    }
    section.finish();
    Some(WebUser { name: name?, password: password?, role: role? })
}

/// Not quoted: a password may have been put in its place.
fn password(value: &DeValue<'_>) -> Result<Hash, String> {
    let text = value::string(value)?;
    Hash::parse(&text)
        .map_err(|problem| format!("{problem}; `uzhkh-ledger web password` makes one"))
}

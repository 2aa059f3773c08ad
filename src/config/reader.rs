//! Walks a parsed TOML file and gathers every fault in it.
//!
//! An operator who has made three mistakes wants to hear of three, each with
//! its line. So nothing here stops at the first: a key that cannot be read
//! leaves a [`Fault`] and a None, and the walk goes on. A [`Section`] remembers
//! which keys it was asked for; [`Section::finish`] reports all others as
//! unknown, with the nearest known one as a suggestion. What a value must look
//! like is a plain function (see `value`), and it alone decides whether the
//! value may be quoted.

use std::cell::RefCell;
use std::fmt;

use toml::de::{DeTable, DeValue};

/// A fault in the file. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The dotted key, None where the file as a whole is meant.
    pub key: Option<String>,
    /// The line in the file, counted from 1.
    pub line: usize,
    /// The problem, and the value that is wanted.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{}: {key}: {}", self.line, self.problem),
            None => write!(f, "{}: {}", self.line, self.problem),
        }
    }
}

/// The text, to turn offsets into lines, and what was found wrong in it.
pub(super) struct Findings<'a> {
    text: &'a str,
    faults: RefCell<Vec<Fault>>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(text: &'a str) -> Findings<'a> {
        Findings { text, faults: RefCell::default() }
    }

    /// The line that the byte at `offset` stands in.
    pub(super) fn line(&self, offset: usize) -> usize {
        let end = offset.min(self.text.len());
        1 + self.text.as_bytes()[..end].iter().filter(|&&byte| byte == b'\n').count()
    }

    pub(super) fn add(&self, key: Option<String>, line: usize, problem: impl Into<String>) {
        self.faults.borrow_mut().push(Fault { key, line, problem: problem.into() });
    }

    /// All faults in the order of their lines.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| fault.line);
        faults
    }
}

/// A value with the line of its key.
pub(super) struct Entry<'a> {
    pub(super) value: &'a DeValue<'a>,
    pub(super) line: usize,
}

/// A table of the file, or one that is absent and has nothing but defaults.
pub(super) struct Section<'a> {
    path: String,
    line: usize,
    table: Option<&'a DeTable<'a>>,
    findings: &'a Findings<'a>,
    known: RefCell<Vec<String>>,
}

impl<'a> Section<'a> {
    pub(super) fn root(table: &'a DeTable<'a>, findings: &'a Findings<'a>) -> Section<'a> {
        Section::new(String::new(), 1, Some(table), findings)
    }

    fn new(
        path: String,
        line: usize,
        table: Option<&'a DeTable<'a>>,
        findings: &'a Findings<'a>,
    ) -> Section<'a> {
        Section { path, line, table, findings, known: RefCell::default() }
    }

    /// The table `name`, None where there is none.
    pub(super) fn section(&self, name: &str) -> Option<Section<'a>> {
        let entry = self.entry(name)?;
        match entry.value {
            DeValue::Table(table) => {
                Some(Section::new(self.key(name), entry.line, Some(table), self.findings))
            }
            other => {
                let found = other.type_str();
                self.fault(
                    name,
                    entry.line,
                    format!("must be a section, [{}], not {}", self.key(name), article(found)),
                );
                None
            }
        }
    }

    /// The table `name`, or an empty one: for sections that have a default for
    /// every key.
    pub(super) fn section_or_empty(&self, name: &str) -> Section<'a> {
        self.section(name)
            .unwrap_or_else(|| Section::new(self.key(name), self.line, None, self.findings))
    }

    /// The tables `[[name]]`, in order. A message knows each by its `label`, or by
    /// its number, from 1, where there is none.
    pub(super) fn tables(
        &self,
        name: &str,
        label: impl Fn(&DeTable<'_>) -> Option<String>,
    ) -> Vec<Section<'a>> {
        let Some(entry) = self.entry(name) else {
            return Vec::new();
        };
        let key = self.key(name);
        let wrong = |found: &DeValue<'_>, line| {
            let found = article(found.type_str());
            self.fault(name, line, format!("must be written [[{key}]], not as {found}"));
        };
        let DeValue::Array(elements) = entry.value else {
            wrong(entry.value, entry.line);
            return Vec::new();
        };
        if elements.is_empty() {
            self.fault(name, entry.line, "must not be empty");
        }
        let mut tables = Vec::new();
        for (element, n) in elements.iter().zip(1..) {
            let line = self.findings.line(element.span().start);
            if let DeValue::Table(table) = element.get_ref() {
                let path = match label(table) {
                    Some(label) => format!("{key}.{label}"),
                    None => format!("{key}[{n}]"),
                };
                tables.push(Section::new(path, line, Some(table), self.findings));
            } else {
                wrong(element.get_ref(), line);
            }
        }
        tables
    }

    /// Looks a key up, and remembers that it is a known one.
    pub(super) fn entry(&self, name: &str) -> Option<Entry<'a>> {
        self.known.borrow_mut().push(name.to_owned());
        let (key, value) = self.table?.get_key_value(name)?;
        Some(Entry { value: value.get_ref(), line: self.findings.line(key.span().start) })
    }

    /// The key as read by `read`, None if it is absent or faulty.
    pub(super) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        let entry = self.entry(name)?;
        read(entry.value).map_err(|problem| self.fault(name, entry.line, problem)).ok()
    }

    /// As [`Section::optional`]; its absence is a fault.
    pub(super) fn required<T>(
        &self,
        name: &str,
        read: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        if !self.has(name) {
            self.known.borrow_mut().push(name.to_owned());
            self.fault(name, self.line, "is missing");
            return None;
        }
        self.optional(name, read)
    }

    /// As [`Section::optional`], with the value it has when absent. A faulty
    /// value gives the default too; the fault keeps it from being used.
    pub(super) fn or<T>(
        &self,
        name: &str,
        default: T,
        read: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> T {
        self.optional(name, read).unwrap_or(default)
    }

    /// All keys, for a section whose keys are not known before; none is unknown then.
    pub(super) fn entries(&self) -> Vec<(String, Entry<'a>)> {
        let keys = self.table.into_iter().flatten();
        let names = keys.map(|(key, _)| key.get_ref().as_ref().to_owned());
        names
            .filter_map(|name| {
                let entry = self.entry(&name)?;
                Some((name, entry))
            })
            .collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(name))
    }

    /// Its dotted name; of a table of several, with its label: `domoplaner.feed.deals`.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The line the section begins at.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn fault(&self, name: &str, line: usize, problem: impl Into<String>) {
        self.findings.add(Some(self.key(name)), line, problem);
    }

    /// Reports the keys that were not read.
    pub(super) fn finish(self) {
        let known = self.known.borrow();
        for (key, value) in self.table.into_iter().flatten() {
            let name = key.get_ref().as_ref();
            if known.iter().any(|known| known == name) {
                continue;
            }
            let what = if self.path.is_empty() && matches!(value.get_ref(), DeValue::Table(_)) {
                "unknown section"
            } else {
                "unknown key"
            };
            let hint = nearest(name, &known)
                .map_or_else(String::new, |near| format!("; did you mean {near}?"));
            self.fault(name, self.findings.line(key.span().start), format!("{what}{hint}"));
        }
    }

    fn key(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// "a string", "an integer".
pub(super) fn article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// The known name that a misspelt one is nearest to, if it is near at all.
pub(super) fn nearest<'k>(name: &str, known: &'k [String]) -> Option<&'k String> {
    let most = (name.chars().count() / 3).max(1);
    known
        .iter()
        .map(|key| (distance(name, key), key))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, key)| key)
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

//! What the choices of one field are called in Alma.

use std::collections::BTreeMap;

/// The ids of choices in Bitrix24, and Alma's words for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    name: &'static str,
    words: BTreeMap<String, String>,
}

impl Table {
    /// The table `[alma.tables.NAME]` with these rows.
    pub(super) fn new(name: &'static str, rows: &[(&str, &str)]) -> Self {
        let rows = rows.iter();
        let owned = |(id, word): &(&str, &str)| ((*id).to_owned(), (*word).to_owned());
        Self { name, words: rows.map(owned).collect() }
    }

    /// What it is called in the config.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Alma's word for a choice; `None` where the table does not know it.
    pub(super) fn get(&self, id: &str) -> Option<&str> {
        self.words.get(id).map(String::as_str)
    }

    /// Whether any choice has this word.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.values().any(|known| known == word)
    }

    /// The table with more rows, or with these instead of its own.
    pub(super) fn with(mut self, rows: &BTreeMap<String, String>, is_replaced: bool) -> Self {
        if is_replaced {
            self.words.clear();
        }
        let rows = rows.iter().map(|(id, word)| (id.clone(), word.clone()));
        self.words.extend(rows);
        self
    }
}

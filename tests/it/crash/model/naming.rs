//! Names, given at any time: before a thing is seen, while it waits, once more, or that of
//! another thing.

use super::Assign;
use super::content::{KINDS, Key, first_id, is_temporary};
use super::drive::Drive;
use super::ledger::{Ledger, Record};

/// Later than every time that a ledger has: that of the naming under way.
const NOW: &str = "~";

/// The names that are given within a kind: those of things which UZhKH has had under them from
/// the first, and fresh ones.
const CHOICES: usize = 4;

/// A name to be given: the kind and the number of the thing, and which name.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    kind: usize,
    slot: usize,
    choice: usize,
}

impl Name {
    pub(crate) fn new(kind: usize, slot: usize, choice: usize) -> Self {
        Self { kind, slot, choice }
    }

    fn key(&self) -> Key {
        (KINDS[self.kind % KINDS.len()], 2 + self.slot % 2)
    }

    fn text(&self) -> String {
        let kind = self.key().0;
        match self.choice % CHOICES {
            // The slots that are not temporary.
            own @ (0 | 1) => first_id((kind, own)),
            fresh => format!("{kind} \"{fresh}\""),
        }
    }
}

impl Drive {
    /// Gives names in one import, and has the model say what comes of each.
    pub(super) fn name(&mut self, names: &[Name]) {
        let mut given: Vec<(Key, String)> = Vec::new();
        for (key, name) in names.iter().map(|name| (name.key(), name.text())) {
            let may_follow =
                given.iter().all(|(earlier, text)| *earlier != key || is_fresh(key, text));
            if is_temporary(key) && may_follow && self.model.may_be_named(key, &name) {
                given.push((key, name));
            }
        }
        self.import(&given);
    }

    /// Gives a name to all that waits.
    pub(super) fn name_the_rest(&mut self) {
        let waiting =
            self.model.identified.iter().filter(|key| !self.model.names.contains_key(key));
        let names: Vec<(Key, String)> =
            waiting.map(|key| (*key, format!("last of {}-{}", key.0, key.1))).collect();
        self.import(&names);
    }

    fn import(&mut self, names: &[(Key, String)]) {
        if names.is_empty() || !self.bench.ledger().exists() {
            return;
        }
        let line = |(key, name): &(Key, String)| {
            let (kind, temporary_id, permanent_id) = (key.0, first_id(*key), name);
            serde_json::json!({
                "kind": kind, "temporary_id": temporary_id, "permanent_id": permanent_id,
            })
        };
        let lines: Vec<String> = names.iter().map(|name| line(name).to_string()).collect();
        let file = self.bench.file("names");
        std::fs::write(&file, lines.join("\n")).unwrap();
        let ended = self.bench.run(&["identity", "import", "--json", file.to_str().unwrap()]);
        let said: Vec<serde_json::Value> =
            ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(said.len(), names.len(), "{}{}", ended.stdout, ended.stderr);
        for ((key, name), said) in names.iter().zip(&said) {
            self.model.name(*key, name, said["result"].as_str().unwrap());
        }
    }
}

/// Whether a name is not that of another thing.
fn is_fresh(key: Key, name: &str) -> bool {
    (0..2).all(|slot| first_id((key.0, slot)) != name)
}

impl Ledger {
    /// Not what would be torn apart again: where a thing was named as another one, whose it is
    /// can no longer be told by a model.
    fn may_be_named(&self, key: Key, name: &str) -> bool {
        self.names.get(&key).is_none_or(|known| known == name || is_fresh(key, known))
    }

    /// A name was given, or refused, with this verdict.
    fn name(&mut self, key: Key, name: &str, verdict: &str) {
        let (old, new) = (self.place(key), (key.0.to_owned(), name.to_owned()));
        if self.names.get(&key).is_some_and(|known| known == name) {
            assert_eq!(verdict, "already", "{key:?} {name}");
            return;
        }
        let is_held = self.names.iter().any(|(other, held)| other.0 == key.0 && held == name);
        let is_taken = self.assign == Assign::Uuid && self.records.contains_key(&new);
        // UZhKH may have been told a name that there is already.
        let has_name = self.names.contains_key(&key) || self.assign == Assign::Uuid;
        let may_be_told = has_name && self.identified.contains(&key);
        if is_held || is_taken || (may_be_told && verdict == "conflict") {
            assert_eq!(verdict, "conflict", "{key:?} {name}");
            return;
        }
        let is_joined = self.records.contains_key(&old) && self.records.contains_key(&new);
        assert_eq!(verdict, if is_joined { "merged" } else { "named" }, "{key:?} {name}");
        self.names.insert(key, name.to_owned());
        let mut is_rendered = false;
        if let Some(moving) = self.records.remove(&old) {
            let standing = self.records.remove(&new);
            let joined;
            (joined, is_rendered) = join(moving, standing);
            self.note(&new, "rename");
            if joined.is_deleted {
                self.note(&new, "delete");
            }
            self.records.insert(new.clone(), joined);
            if self.revised.remove(&old) {
                self.revised.insert(new.clone());
            }
        }
        let mut changed = Vec::new();
        for (place, record) in &mut self.records {
            let is_own = *place == new && is_rendered;
            if !is_own && record.content.refers_to(key) {
                NOW.clone_into(&mut record.updated_at);
                if !record.is_deleted {
                    changed.push(place.clone());
                }
            }
        }
        for place in changed {
            self.note(&place, "update");
        }
    }
}

/// The record under the new id, and whether its text is that of the one which was named.
fn join(moving: Record, standing: Option<Record>) -> (Record, bool) {
    let updated_at = NOW.to_owned();
    let Some(standing) = standing else {
        return (Record { updated_at, ..moving }, true);
    };
    let moving_wins = moving.updated_at >= standing.updated_at;
    let is_deleted = standing.is_deleted || (moving_wins && moving.is_deleted);
    let is_missing = standing.is_missing && !moving_wins;
    let is_of_moving = moving_wins && !moving.is_deleted;
    let content = if is_of_moving { moving.content } else { standing.content };
    (Record { content, is_deleted, is_missing, updated_at }, is_of_moving)
}

//! Texts without what differs from run to run, so that they can be compared whole.

use super::Bench;

/// A text of a bench: its directory, its addresses, times and random ids by name.
pub(crate) fn steady(bench: &Bench, text: &str) -> String {
    let directory = bench.dir.path().to_str().unwrap();
    let text = text.replace(directory, "<dir>");
    let mut steady = String::new();
    let mut word = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() || ":.-".contains(letter) {
            word.push(letter);
        } else {
            steady += named(&word);
            word.clear();
            steady.push(letter);
        }
    }
    steady + named(&word)
}

/// What stands for a word that differs from run to run.
fn named(word: &str) -> &str {
    if word.parse::<jiff::Timestamp>().is_ok() {
        "<time>"
    } else if word.parse::<uuid::Uuid>().is_ok() {
        "<uuid>"
    } else if word.strip_prefix("127.0.0.1:").is_some_and(|port| port.parse::<u16>().is_ok()) {
        "<address>"
    } else {
        word
    }
}

/// Compares a text with the one that is kept under this name in `tests/it/snapshots`. With
/// `INSTA_UPDATE=always` it is kept anew.
pub(crate) fn compare(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "../snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, text);
    });
}

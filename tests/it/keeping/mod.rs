//! Backups, what is restored from them, and how long things are kept.

mod at_rest;
mod backup;
mod clock;
mod crash;
mod displaced;
mod full;
mod log;
mod replaced;
mod restore;
mod restore_names;
mod restore_sent;
mod retention;
mod scheduled;

use std::fs;
use std::path::Path;

use crate::support::Bench;

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A file in the bench's folder, as an argument.
fn file(bench: &Bench, name: &str) -> String {
    bench.dir.path().join(name).to_str().unwrap().to_owned()
}

/// `verify FILE` finds nothing broken.
#[track_caller]
fn is_sound(bench: &Bench, file: &str) {
    let ended = bench.run(&["verify", file]);
    assert_eq!(ended.code, Some(0), "{file}: {}{}", ended.stdout, ended.stderr);
}

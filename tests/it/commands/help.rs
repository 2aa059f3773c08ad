//! The help of every command, to the letter.

use std::fmt::Write as _;

use crate::support::setup;
use crate::support::snapshot::compare;

/// What is shown of a command with `--help`, and of all commands beneath it.
fn helps(run: &dyn Fn(&[&str]) -> String, words: &[&str], all: &mut String) {
    let help = run(&[words, &["--help"]].concat());
    writeln!(all, "$ {}\n\n{help}", [&["uzhkh-ledger"], words, &["--help"]].concat().join(" "))
        .unwrap();
    let Some((_, list)) = help.split_once("Commands:\n") else { return };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    for name in names.filter_map(|line| line.split_whitespace().next()) {
        if name != "help" {
            helps(run, &[words, &[name]].concat(), all);
        }
    }
}

#[test]
fn every_command_s_help_is_as_it_was_written() {
    let bench = setup().start();
    let run = |arguments: &[&str]| {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
        ended.stdout
    };
    let mut all = String::new();
    helps(&run, &[], &mut all);
    assert!(all.matches("$ uzhkh-ledger").count() > 30, "{all}");
    compare("help", &all);
}

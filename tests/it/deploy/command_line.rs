//! What is made from the command line: completions and the manual.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{process, tool};

fn run(arguments: &[&str]) -> process::Ended {
    let ended = process::run(Path::new("/none.toml"), arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended
}

/// The commands that the help shows.
fn commands() -> Vec<String> {
    let help = run(&["--help"]).stdout;
    let list = help.split("Commands:\n").nth(1).unwrap();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    let names: Vec<String> = names.map(str::to_owned).collect();
    assert!(names.iter().any(|name| name == "status"), "{help}");
    names
}

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]).stdout;
        for command in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
    }
}

/// Command lines up to where Tab is pressed, and the word that the last one becomes.
const LINES: [(&str, &str); 5] = [
    ("quar", "quarantine"),
    ("quarantine ret", "retry"),
    ("run --on", "--once"),
    ("keys free-times --ho", "--house"),
    ("alma plan --arch", "--archived"),
];

/// The script for a shell, in a directory of its own.
fn script(shell: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("_uzhkh-ledger");
    fs::write(&path, run(&["completions", shell]).stdout).unwrap();
    (dir, path)
}

/// What a shell prints that is given at most three minutes.
fn asked(shell: &str, arguments: &[&str]) -> String {
    let mut timeout = Command::new("timeout");
    let answer = timeout.args(["180", shell]).args(arguments).output().unwrap();
    assert!(answer.status.success(), "{arguments:?}: {answer:?}");
    String::from_utf8_lossy(&answer.stdout).into_owned()
}

#[test]
fn bash_completes_beyond_the_first_word() {
    if tool("bash").is_none() {
        return;
    }
    let (_dir, script) = script("bash");
    let ask = r#"source "$1"; COMP_WORDS=(uzhkh-ledger $2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        complete=($(complete -p uzhkh-ledger));
        while [[ ${complete[0]} != -F ]]; do complete=("${complete[@]:1}"); done
        "${complete[1]}" uzhkh-ledger "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        echo "${COMPREPLY[@]}""#;
    for (line, completed) in LINES {
        let answer = asked("bash", &["-c", ask, "-", script.to_str().unwrap(), line]);
        assert_eq!(answer.trim(), completed, "{line}");
    }
}

#[test]
fn zsh_completes_beyond_the_first_word() {
    if tool("zsh").is_none() {
        return;
    }
    let (dir, _script) = script("zsh");
    // Typed into a zsh at a terminal of its own, until it has completed the word.
    let ask = r#"zmodload zsh/zpty
        zpty -b shell zsh -f -i
        zpty -w shell "PS1=; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; echo READ''Y"
        zpty -r shell said '*READY*'
        zpty -w -n shell "uzhkh-ledger $2"$'\t'
        zpty -r -m shell said "*uzhkh-ledger $3*" && print -r -- "$said"
        zpty -d shell"#;
    for (line, completed) in LINES {
        let before =
            line.rsplit_once(' ').map_or_else(String::new, |(words, _)| format!("{words} "));
        let whole = format!("{before}{completed}");
        let answer =
            asked("zsh", &["-f", "-c", ask, "-", dir.path().to_str().unwrap(), line, &whole]);
        assert!(answer.contains(&whole), "{line}: {answer}");
    }
}

#[test]
fn fish_completes_beyond_the_first_word() {
    if tool("fish").is_none() {
        return;
    }
    let (_dir, script) = script("fish");
    let script = script.to_str().unwrap();
    for (line, completed) in LINES {
        let ask = format!("source {script}; complete -C 'uzhkh-ledger {line}'");
        let answer = asked("fish", &["--no-config", "-c", &ask]);
        let words: Vec<&str> =
            answer.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(words, [completed], "{line}");
    }
}

#[test]
fn every_command_has_a_page_in_the_manual() {
    let dir = tempfile::tempdir().unwrap();
    run(&["man", "--dir", dir.path().to_str().unwrap()]);
    let page = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let all = page("uzhkh-ledger.1");
    for command in commands().into_iter().filter(|name| name != "help") {
        assert!(page(&format!("uzhkh-ledger-{command}.1")).contains("EXIT STATUS"));
        assert!(all.contains(&format!("uzhkh\\-ledger\\-{command}(1)")), "{command}");
    }
    assert!(page("uzhkh-ledger-quarantine-retry.1").contains(".SH SYNOPSIS"));
    assert!(!dir.path().join("uzhkh-ledger-man.1").exists());
}

#[test]
fn a_directory_that_is_missing_is_named() {
    let ended = process::run(Path::new("/none.toml"), &["man", "--dir", "/none/at/all"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("/none/at/all/"), "{}", ended.stderr);
}

//! What is made from the command line: completions and the manual.

use std::fs;
use std::path::Path;

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

#[test]
fn bash_completes_a_command_line() {
    let Some(mut bash) = tool("bash") else { return };
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("completions");
    fs::write(&script, run(&["completions", "bash"]).stdout).unwrap();
    let asked = r#"source "$1"; COMP_WORDS=(uzhkh-ledger quar); COMP_CWORD=1
        complete=($(complete -p uzhkh-ledger));
        while [[ ${complete[0]} != -F ]]; do complete=("${complete[@]:1}"); done
        "${complete[1]}" uzhkh-ledger quar uzhkh-ledger; echo "${COMPREPLY[@]}""#;
    let answer = bash.args(["-c", asked, "-"]).arg(&script).output().unwrap();
    let completed = String::from_utf8_lossy(&answer.stdout).into_owned();
    assert_eq!(completed.trim(), "quarantine", "{answer:?}");
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

//! `web password`.

use std::io::Write;
use std::process::Stdio;

use crate::support::terminal::conversation;
use crate::support::{process, setup};

#[test]
fn a_line_from_a_pipe_is_hashed_and_nothing_else_is_printed() {
    let bench = setup().start();
    let hash = |line: &str| {
        let mut child = process::command(&bench.config(), &["web", "password"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, printed, said) = hash("ключ под ковриком\nnext line\n");
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!(printed.starts_with("$argon2id$v=19$") && printed.lines().count() == 1, "{printed}");
    let (code, printed, said) = hash("\n");
    assert_eq!((code, printed.as_str()), (Some(1), ""));
    assert!(said.contains("empty"), "{said}");
}

#[test]
fn at_a_terminal_it_is_asked_twice_and_never_shown() {
    let bench = setup().start();
    let seen = conversation(&bench, &["web", "password"], &["ключ\n", "ключ\n"]);
    assert_eq!(seen.code, Some(0), "{}", seen.screen);
    assert!(seen.screen.contains("$argon2id$") && !seen.screen.contains("ключ"), "{}", seen.screen);
    let seen = conversation(&bench, &["web", "password"], &["ключ\n", "замок\n"]);
    assert_eq!(seen.code, Some(1), "{}", seen.screen);
    assert!(
        seen.screen.contains("differ") && !seen.screen.contains("$argon2id"),
        "{}",
        seen.screen
    );
    let seen = conversation(&bench, &["web", "password"], &["ключ\u{3}"]);
    assert_eq!(seen.code, Some(1), "{}", seen.screen);
}

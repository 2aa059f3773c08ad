//! README and `docs/` against the code: what they name is there, and what is there is named.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;

const SCHEMA: &str = include_str!("../../schema.sql");
const EXAMPLE: &str = include_str!("../../deploy/config.example.toml");
const RULES: &str = include_str!("../../deploy/prometheus/uzhkh-ledger.rules.yml");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page, by its path from the top.
fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every page, by its path from the top.
fn pages() -> Vec<String> {
    let top = ["README.md", "README.ru.md", "CHANGELOG.md", "CONTRIBUTING.md"];
    let below = fs::read_dir(root().join("docs")).unwrap();
    let below = below.map(|file| format!("docs/{}", file.unwrap().file_name().to_str().unwrap()));
    let below = below.filter(|name| name.ends_with(".md"));
    let mut pages: Vec<String> = top.into_iter().map(str::to_owned).chain(below).collect();
    pages.sort();
    pages
}

/// The rows of the table below a heading, up to the next heading; each has `N` cells.
#[track_caller]
pub(crate) fn table<const N: usize>(name: &str, heading: &str) -> Vec<[String; N]> {
    let page = page(name);
    let mut lines = page.lines().skip_while(|line| *line != heading);
    assert!(lines.next().is_some(), "{name} has no heading «{heading}»");
    lines
        .take_while(|line| !line.starts_with('#'))
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            let cells: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
            cells
                .try_into()
                .unwrap_or_else(|cells| panic!("{name}: a row that has not {N} cells: {cells:?}"))
        })
        .collect()
}

/// A word without what makes it look like code.
pub(crate) fn plain(word: &str) -> String {
    word.trim_matches('`').to_owned()
}

/// What stands between backticks, and not in a block of code.
fn code(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.starts_with("    "));
    lines.flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

/// The blocks of code, without their indentation.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in text.lines() {
        match line.strip_prefix("    ") {
            Some(line) => {
                let block = blocks.last_mut().unwrap();
                block.push_str(line);
                block.push('\n');
            }
            None => blocks.push(String::new()),
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// Every command that does something, by its words: `quarantine retry`.
fn commands() -> BTreeSet<String> {
    let dir = tempfile::tempdir().unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_uzhkh-ledger"))
        .args(["man", "--dir"])
        .arg(dir.path())
        .status()
        .unwrap();
    assert!(ended.success());
    let files = fs::read_dir(dir.path()).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let names: BTreeSet<String> =
        files.filter_map(|file| Some(file.strip_suffix(".1")?.to_owned())).collect();
    let families: BTreeSet<&str> = names
        .iter()
        .filter_map(|name| name.rsplit_once('-'))
        .map(|(family, _)| family)
        .filter(|family| names.contains(*family))
        .collect();
    let alone = names.iter().filter(|name| !families.contains(name.as_str()));
    // A page's name cannot tell `free-times` from two words; the help can.
    alone
        .map(|name| name.trim_start_matches("uzhkh-ledger-"))
        .map(|name| {
            let family = families
                .iter()
                .filter_map(|family| family.strip_prefix("uzhkh-ledger-"))
                .find(|family| name.starts_with(&format!("{family}-")));
            match family {
                Some(family) => format!("{family} {}", &name[family.len() + 1..]),
                None => name.to_owned(),
            }
        })
        .collect()
}

#[test]
fn the_readme_is_short() {
    assert!(page("README.md").lines().count() <= 150);
}

#[test]
fn every_command_is_explained_and_no_other() {
    let commands = commands();
    assert!(commands.contains("quarantine retry"), "{commands:?}");
    assert!(commands.contains("keys free-times"), "{commands:?}");
    let rows = table::<2>("docs/operate.md", "## Commands");
    let named: Vec<String> = rows
        .iter()
        .flat_map(|[usage, _]| code(usage))
        .map(|usage| {
            let mut words: Vec<&str> = usage.split(' ').take(2).collect();
            while !commands.contains(&words.join(" ")) {
                assert!(words.pop().is_some(), "docs/operate.md: no such command: {usage}");
            }
            words.join(" ")
        })
        .collect();
    let named: BTreeSet<String> = named.into_iter().collect();
    assert_eq!(named, commands, "docs/operate.md, under «## Commands», and the program");
}

/// The keys of the example, as `section.key`; those behind a `#` too.
fn keys() -> BTreeSet<String> {
    let mut section = String::new();
    let mut keys = BTreeSet::new();
    for line in EXAMPLE.lines() {
        let line = line.trim_start_matches('#');
        if let Some(name) = line.strip_prefix('[') {
            let name = name.trim_start_matches('[');
            section = name[..name.find(']').unwrap()].to_owned();
        } else if let Some((key, _)) = line.split_once(" = ")
            && is_key(key)
        {
            keys.insert(format!("{section}.{key}"));
            // A secret may also stand in the config itself.
            if let Some(key) = key.strip_suffix("_file") {
                keys.insert(format!("{section}.{key}"));
            }
        }
    }
    keys
}

fn is_key(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

#[test]
fn every_config_key_that_is_named_is_there() {
    let keys = keys();
    assert!(keys.contains("uzhkh.base_url") && keys.contains("ledger.keep_changes"), "{keys:?}");
    let sections: BTreeSet<&str> = keys.iter().map(|key| key.rsplit_once('.').unwrap().0).collect();
    for name in pages() {
        let text = page(&name);
        for word in code(&text) {
            let word = word.split([' ', '=']).next().unwrap();
            let Some((section, key)) = word.split_once('.') else { continue };
            // `ledger.db` is a file.
            if sections.contains(section) && is_key(key) && key != "db" {
                assert!(keys.contains(word), "{name}: no such key: {word}");
            }
        }
        for block in blocks(&text).iter().filter(|block| block.starts_with('[')) {
            let section = block[1..].split(']').next().unwrap();
            if !sections.contains(section) {
                continue;
            }
            for (key, _) in block.lines().filter_map(|line| line.split_once(" = ")) {
                let key = format!("{section}.{key}");
                assert!(keys.contains(&key), "{name}: no such key: {key}");
            }
        }
    }
}

#[test]
fn every_alert_is_explained_in_russian() {
    let page = page("README.ru.md");
    let rules = RULES.lines().filter_map(|line| line.trim().strip_prefix("- alert: "));
    let rules: BTreeSet<&str> = rules.collect();
    let explained: BTreeSet<&str> =
        code(&page).into_iter().filter(|word| word.starts_with("UzhkhLedger")).collect();
    assert_eq!(explained, rules, "README.ru.md and deploy/prometheus/");
}

/// The links of a page that lead to a file.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).map(|rest| &rest[..rest.find(')').unwrap()]);
    targets.filter(|target| !target.contains("://")).collect()
}

/// A heading, as a link names it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().chars().filter_map(|letter| match letter {
        ' ' | '-' => Some('-'),
        _ if letter.is_alphanumeric() || letter == '_' => Some(letter),
        _ => None,
    });
    kept.collect::<String>().to_lowercase()
}

#[test]
fn every_link_leads_somewhere_and_every_page_is_linked() {
    let mut linked = BTreeSet::from([PathBuf::from("README.md")]);
    for name in pages() {
        let text = page(&name);
        let folder = Path::new(&name).parent().unwrap();
        for link in links(&text) {
            let (file, section) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { PathBuf::from(&name) } else { folder.join(file) };
            assert!(root().join(&target).is_file(), "{name}: {link}");
            if !section.is_empty() {
                let there = page(target.to_str().unwrap());
                let found = there
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .any(|heading| anchor(heading) == section);
                assert!(found, "{name}: {link}");
            }
            linked.insert(target);
        }
    }
    for name in pages() {
        assert!(linked.contains(Path::new(&name)), "no page leads to {name}");
    }
}

#[test]
fn every_query_that_is_shown_runs() {
    let ledger = Connection::open_in_memory().unwrap();
    ledger.execute_batch(SCHEMA).unwrap();
    let mut ran = 0;
    for name in pages() {
        let text = page(&name);
        let blocks = blocks(&text);
        let shown = blocks.iter().flat_map(|block| block.split_inclusive(';'));
        let shown = shown.filter(|query| query.ends_with(';'));
        let inline = code(&text).into_iter();
        for text in shown.chain(inline) {
            let Some(at) = text.find("SELECT ") else { continue };
            // A shell's quotation mark may stand at its end.
            let query = text[at..].trim_end_matches('"');
            ledger.prepare(query).unwrap_or_else(|error| panic!("{name}: {query}: {error}"));
            ran += 1;
        }
    }
    assert!(ran > 10, "only {ran} queries were found");
}

/// The sources of the program, with strings that go on in another line in one.
fn said() -> String {
    let mut text = String::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let source = fs::read_to_string(&path).unwrap_or_default();
                let mut pieces = source.split("\\\n");
                text.push_str(pieces.next().unwrap());
                pieces.for_each(|piece| text.push_str(piece.trim_start()));
            }
        }
    }
    text
}

#[test]
fn every_message_that_is_explained_is_one_of_the_program() {
    // What systemd says, and words of ours that are put together.
    let others = ["code=exited, status=78", "Failed with result 'watchdog'", "changes --follow"];
    let said = said();
    let page = page("docs/troubleshooting.md");
    let first = page.lines().filter_map(|line| line.strip_prefix("| "));
    let first = first.filter_map(|row| row.split(" | ").next());
    let mut looked_up = 0;
    for message in first.flat_map(code).filter(|message| message.contains(' ')) {
        if others.contains(&message) {
            continue;
        }
        let pieces = message.split(|letter: char| "…()".contains(letter) || letter.is_numeric());
        for piece in pieces.map(|piece| piece.trim_matches([' ', ',', ';'])) {
            assert!(
                piece.len() < 8 || said.contains(piece),
                "docs/troubleshooting.md: the program does not say «{piece}» any more: {message}"
            );
        }
        looked_up += 1;
    }
    assert!(looked_up > 20, "only {looked_up} messages were found");
}

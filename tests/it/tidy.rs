//! The rules of the house that neither the compiler nor clippy holds: CONTRIBUTING.md has them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The modules from the roof to the ground. One imports only what stands lower; those of a
/// line do not know each other.
const LAYERS: &[&[&str]] = &[
    // What must hold of foreign bytes is gathered from everywhere; tests and `fuzz/` alone take it.
    &["fuzzing"],
    &["cli"],
    &["service"],
    &["web"],
    &["acts"],
    &["ops"],
    &["registry"],
    &["alma", "bitrix24", "domoplaner", "macrocrm", "relay", "uzhkh"],
    &["mirror"],
    &["runtime"],
    &["http", "ledger"],
    &["config", "metrics"],
    &["clock", "json", "password", "phone", "watchdog"],
];

const LONGEST_FILE: usize = 400;
const LONGEST_LINE: usize = 120;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder, by their path from the top.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

fn text(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// A file of `src`, its module of the first level, and its text without line comments.
struct Source {
    path: PathBuf,
    module: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let sources: Vec<Source> = files("src")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let first = path.components().nth(1).unwrap().as_os_str().to_str().unwrap();
            let module = first.trim_end_matches(".rs").to_owned();
            let text = text(&path);
            let lines = text.lines().map(|line| line.split("//").next().unwrap());
            let code = lines.collect::<Vec<_>>().join("\n");
            Source { path, module, code }
        })
        .collect();
    assert!(sources.len() > 100, "these are not all sources");
    sources
}

/// The modules that a text takes from the crate: `crate::a::b`, `crate::{a::{b, c}, d}`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => found.extend(braced(list)),
            None => found.extend(word(rest)),
        }
    }
    found
}

/// The first word of each path that stands directly in a list, which goes to its `}`.
fn braced(list: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut item = String::new();
    let mut items = Vec::new();
    for letter in list.chars() {
        match letter {
            '}' if depth == 0 => break,
            ',' if depth == 0 => items.push(std::mem::take(&mut item)),
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth == 0 => item.push(letter),
            _ => {}
        }
    }
    items.push(item);
    items.iter().filter_map(|item| word(item.trim())).collect()
}

fn word(text: &str) -> Option<String> {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let word = &text[..end.unwrap_or(text.len())];
    // `crate::Type` is of the crate's own file.
    word.starts_with(char::is_lowercase).then(|| word.to_owned())
}

#[track_caller]
fn none(found: &[String]) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn imports_are_read() {
    let code = "use crate::clock;\nuse crate::{http::{self, Error}, ledger};\nlet x = crate::Type;";
    assert_eq!(imports(code), ["clock", "http", "ledger"].map(str::to_owned).into());
}

#[test]
fn no_source_file_is_long() {
    let long: Vec<String> = files("src")
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| (path, text(path).lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    none(&long);
}

#[test]
fn only_the_ledger_speaks_sql() {
    let elsewhere: Vec<String> = sources()
        .iter()
        .filter(|source| !matches!(source.module.as_str(), "ledger" | "relay"))
        .filter(|source| source.code.contains("rusqlite"))
        .map(|source| format!("{} knows rusqlite", source.path.display()))
        .collect();
    none(&elsewhere);
}

#[test]
fn only_http_builds_clients() {
    let elsewhere: Vec<String> = sources()
        .iter()
        .filter(|source| source.module != "http")
        .filter(|source| source.code.contains("reqwest::Client"))
        .map(|source| format!("{} builds a client", source.path.display()))
        .collect();
    none(&elsewhere);
}

#[test]
fn only_the_command_line_starts_the_simulator() {
    let elsewhere: Vec<String> = sources()
        .iter()
        .filter(|source| !matches!(source.module.as_str(), "cli" | "simulator"))
        .filter(|source| source.code.contains("simulator::"))
        .map(|source| format!("{} knows the simulator", source.path.display()))
        .collect();
    none(&elsewhere);
}

#[test]
fn nothing_imports_upwards() {
    let layer: BTreeMap<&str, usize> = LAYERS
        .iter()
        .enumerate()
        .flat_map(|(layer, modules)| modules.iter().map(move |module| (*module, layer)))
        .collect();
    let mut upwards = Vec::new();
    for Source { path, module, code } in sources() {
        // The simulator is a crate of its own, below this one.
        if matches!(module.as_str(), "main" | "lib" | "simulator") {
            continue;
        }
        let Some(own) = layer.get(module.as_str()) else {
            upwards.push(format!("{}: the layers do not have {module}", path.display()));
            continue;
        };
        for other in imports(&code) {
            let is_lower = other == module || layer.get(other.as_str()).is_some_and(|at| at > own);
            // What a ledger is told stands in its own words.
            let is_lower = is_lower && (module.as_str(), other.as_str()) != ("ledger", "config");
            if !is_lower {
                upwards.push(format!("{} imports {other}", path.display()));
            }
        }
    }
    none(&upwards);
}

#[test]
fn the_picture_of_the_modules_is_true() {
    let mut modules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Source { module, code, .. } in sources() {
        if matches!(module.as_str(), "main" | "lib" | "simulator") {
            continue;
        }
        let others = modules.entry(module.clone()).or_default();
        others.extend(imports(&code).into_iter().filter(|other| *other != module));
        others.extend(code.contains("simulator::").then(|| "simulator".to_owned()));
    }
    let line = |(module, others): (&String, &BTreeSet<String>)| {
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        format!("    {module:<12} {}", others.join(" ")).trim_end().to_owned()
    };
    let picture: Vec<String> = modules.iter().map(line).collect();
    let picture = picture.join("\n");
    let page = text(Path::new("docs/architecture.md"));
    assert!(page.contains(&picture), "docs/architecture.md lacks this:\n{picture}");
}

#[test]
fn texts_name_who_is_meant() {
    let words = ["whoever", "somebody", "nobody"];
    let folders = ["src", "docs", "deploy"];
    let top = ["schema.sql", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Cargo.toml"];
    let mut found = Vec::new();
    for path in folders.into_iter().flat_map(files).chain(top.map(PathBuf::from)) {
        for (number, line) in text(&path).lines().enumerate() {
            let lower = line.to_lowercase();
            let mut spoken = lower.split(|letter: char| !letter.is_alphanumeric());
            if spoken.any(|spoken| words.contains(&spoken)) {
                found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    none(&found);
}

#[test]
fn the_schema_fits_the_screen() {
    let long: Vec<String> = text(Path::new("schema.sql"))
        .lines()
        .enumerate()
        .filter(|(_, line)| line.chars().count() > LONGEST_LINE)
        .map(|(number, line)| format!("schema.sql:{}: {line}", number + 1))
        .collect();
    none(&long);
}

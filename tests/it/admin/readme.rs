//! The tables of README.md.

const README: &str = include_str!("../../../README.md");

/// The rows of the table below a heading, up to the next heading; each has `N` cells.
#[track_caller]
pub(crate) fn table<const N: usize>(heading: &str) -> Vec<[String; N]> {
    let mut lines = README.lines().skip_while(|line| *line != heading);
    assert!(lines.next().is_some(), "README.md has no heading «{heading}»");
    lines
        .take_while(|line| !line.starts_with('#'))
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            let cells: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
            cells.try_into().unwrap_or_else(|cells| {
                panic!("README.md: a row that has not {N} cells: {cells:?}")
            })
        })
        .collect()
}

/// A word without what makes it look like code.
pub(crate) fn plain(word: &str) -> String {
    word.trim_matches('`').to_owned()
}

//! What must hold of any file of names.

use super::rows::{Row, decode, parse};

/// Names are read from the lines that they stand on, and written as JSON lines are the same.
pub(crate) fn names(bytes: &[u8]) {
    let text = decode(bytes);
    for delimiter in [None, Some(b'|')] {
        let Ok(rows) = parse(&text, delimiter) else { continue };
        let lines = 1 + text.bytes().filter(|byte| *byte == b'\n').count() as u64;
        let mut last = 0;
        for Row { line, .. } in &rows {
            assert!(*line > last || !text.starts_with('{') && *line >= last, "{line} after {last}");
            assert!(*line <= lines, "line {line} of {lines}");
            last = *line;
        }
        let named: Vec<[String; 3]> = rows.into_iter().filter_map(|row| row.names.ok()).collect();
        let again = parse(&written(&named), None).expect("these are JSON lines");
        let again: Vec<[String; 3]> = again.into_iter().filter_map(|row| row.names.ok()).collect();
        assert_eq!(again, named);
        assert!(named.iter().flatten().all(|name| !name.contains(char::REPLACEMENT_CHARACTER)));
    }
}

fn written(named: &[[String; 3]]) -> String {
    let lines = named.iter().map(|[kind, temporary_id, permanent_id]| {
        let line = serde_json::json!({
            "kind": kind, "temporary_id": temporary_id, "permanent_id": permanent_id,
        });
        format!("{line}\n")
    });
    lines.collect::<String>() + "{}"
}

//! What must hold of any answer of a portal.

use std::borrow::Cow;

use super::answer::{self, Answer, Batch, presentable, rows};
use super::rows::{self, Row, stripped, without_links};
use crate::json::{self, Members};

/// A row is kept without the links of its files, once and for all, and otherwise as it means; its
/// id is the one that a broken row would seem to have. What a portal says is one line.
pub(crate) fn answer(bytes: &[u8]) {
    match answer::read(bytes) {
        Ok(Answer::Yes(result, beside)) => {
            assert!(std::str::from_utf8(bytes).is_ok_and(|text| text.contains(result)));
            let found = rows(result).unwrap_or_default();
            found.iter().for_each(|row| assert_row(row));
            assert!(!beside.more.is_beyond(usize::MAX) || beside.more.has_next);
            assert_batch(result);
        }
        Ok(Answer::No(refusal)) => {
            let said = presentable(refusal.said.as_deref().unwrap_or_default(), &[]);
            assert!(said.chars().count() <= 301 && !said.chars().any(char::is_control));
        }
        Err(_) => {}
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert_row(text);
        let said = presentable(text, &["s3cret".to_owned()]);
        assert!(!said.contains("s3cret"));
    }
}

fn assert_row(text: &str) {
    let Ok(Row { id, text: kept, .. }) = rows::read(text) else { return };
    assert!(id > 0);
    let members = Members::parse(&kept).expect("a row is an object");
    assert!(members.get("id").or(members.get("ID")).is_some());
    assert!(matches!(without_links(&kept), Cow::Borrowed(_)), "links are left in {kept}");
    match stripped(text) {
        None => assert!(json::same(&kept, text)),
        Some(without) => assert_eq!(kept, without),
    }
    if let Some(seemed) = rows::salvage(text) {
        let is_given_twice = members.get("id").is_some() && members.get("ID").is_some();
        assert!(seemed == id || is_given_twice);
    }
}

/// What a batch says of a command is one of its own values.
fn assert_batch(result: &str) {
    let Ok(batch) = Batch::read(result) else { return };
    for command in ["apartment", "unit", "contact", "0"] {
        if let Some(Ok(found)) = batch.get(command) {
            assert!(result.contains(found));
        }
        assert!(!batch.more(command).is_beyond(usize::MAX) || batch.more(command).has_next);
    }
}

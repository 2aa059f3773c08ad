//! Reasons that the ledger has in words: why something is quarantined or blocked, why a poll or
//! a call failed, why an act was refused. They are written in English, for the log and the
//! shell too, and are put into Russian here, at the edge. What a vendor said stays as it said it.
//!
//! A sentence is known by a pattern: `{}` stands for what is named in it, `{~}` for a part that
//! is a sentence of ours itself, `{-}` for a command of the shell, which is left out: the page
//! has a button. What is not known is shown as it is.

mod acts;
mod alma;
mod data;
mod failures;

use std::borrow::Cow;

use super::Lang;

/// A pattern, and the same in Russian.
type Sentence = (&'static str, &'static str);

/// All sentences; the first that fits counts, so a longer one stands before a shorter one that
/// it contains.
const SENTENCES: [&[Sentence]; 4] =
    [data::SENTENCES, failures::SENTENCES, acts::SENTENCES, alma::SENTENCES];

/// Parts within parts are looked at so deep.
const DEPTH: u8 = 6;

/// A reason in this language.
pub(in crate::web) fn reason(lang: Lang, text: &str) -> Cow<'_, str> {
    if lang == Lang::En || text.is_empty() {
        return Cow::Borrowed(text);
    }
    translated(text, DEPTH).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// A reason in Russian; `None` where nothing of it is known.
fn translated(text: &str, depth: u8) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    // A hole would take in what follows, too.
    joined(text, "; and ", depth)
        .or_else(|| whole(text, depth))
        .or_else(|| about(text, depth))
        .or_else(|| joined(text, "; ", depth))
        .or_else(|| quoting(text, depth))
}

/// A text that is one sentence.
fn whole(text: &str, depth: u8) -> Option<String> {
    SENTENCES.into_iter().flatten().find_map(|(en, ru)| {
        let holes = holes(en, text)?;
        Some(filled(ru, &holes, depth))
    })
}

/// Several reasons, of which each is looked at.
fn joined(text: &str, between: &str, depth: u8) -> Option<String> {
    let (first, rest) = text.split_once(between)?;
    let first = translated(first, depth)?;
    Some(format!("{first}; {}", part(rest, depth)))
}

/// What a reason is about, before it: `uzhkh: Requests: no answer…`
fn about(text: &str, depth: u8) -> Option<String> {
    text.match_indices(": ").find_map(|(at, _)| {
        let rest = translated(&text[at + 2..], depth)?;
        Some(format!("{}: {rest}", &text[..at]))
    })
}

/// The words of a vendor after a reason.
fn quoting(text: &str, depth: u8) -> Option<String> {
    text.rmatch_indices(": ").find_map(|(at, _)| {
        let known = whole(&text[..at], depth)?;
        Some(format!("{known}: {}", &text[at + 2..]))
    })
}

fn part(text: &str, depth: u8) -> String {
    translated(text, depth).unwrap_or_else(|| text.to_owned())
}

/// What stands in the holes of a pattern, but for those that are left out; `None` where the text
/// is another one.
fn holes<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let (beginning, mut pattern) = until_hole(pattern);
    let mut rest = text.strip_prefix(beginning)?;
    let mut holes = Vec::new();
    while let Some(hole) = pattern.get(..pattern.find('}').map_or(0, |at| at + 1))
        && !hole.is_empty()
    {
        let (literal, next) = until_hole(&pattern[hole.len()..]);
        let at =
            if next.is_empty() { rest.strip_suffix(literal)?.len() } else { rest.find(literal)? };
        if at == 0 {
            return None;
        }
        if hole != "{-}" {
            holes.push(&rest[..at]);
        }
        rest = &rest[at + literal.len()..];
        pattern = next;
    }
    rest.is_empty().then_some(holes)
}

/// What stands before the next hole, and what follows, from it on.
fn until_hole(pattern: &str) -> (&str, &str) {
    pattern.split_at(pattern.find('{').unwrap_or(pattern.len()))
}

/// A translation with its holes filled, in their order.
fn filled(pattern: &str, holes: &[&str], depth: u8) -> String {
    let mut text = String::with_capacity(pattern.len());
    let (mut rest, mut holes) = (pattern, holes.iter());
    while let Some(at) = rest.find('{') {
        text.push_str(&rest[..at]);
        let hole = holes.next().copied().unwrap_or_default();
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("{~}") {
            text.push_str(&part(hole, depth));
            rest = after;
        } else {
            text.push_str(hole);
            rest = rest.strip_prefix("{}").unwrap_or_default();
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::http;
    use crate::ledger::Refusal;

    fn ru(text: &str) -> String {
        reason(Lang::Ru, text).into_owned()
    }

    #[test]
    fn a_sentence_and_what_it_names() {
        assert_eq!(ru("no Guid"), "нет Guid");
        assert_eq!(ru("Car: no Id"), "Car: нет Id");
        assert_eq!(ru("nested 300 deep, over 128"), "вложенность 300, больше 128");
        assert_eq!(
            ru(
                "resident r1 has no surname: give it in Umnoe ZhKH; and no Email: give it in Umnoe ZhKH"
            ),
            "жилец r1: нет поля surname, укажите в Умном ЖКХ; нет поля Email, укажите в Умном ЖКХ"
        );
        assert_eq!(ru("waits for unit o1, which is blocked"), "ждёт: unit o1 (заблокировано)");
        // What others said, and what is not known, stays.
        assert_eq!(ru("email: Enter a valid address."), "email: Enter a valid address.");
        assert_eq!(ru(""), "");
        assert_eq!(reason(Lang::En, "no Guid"), "no Guid");
    }

    #[test]
    fn a_failed_request_is_told_with_the_words_of_the_other_side() {
        let error = |status| http::Error::from_status("uzhkh", "Requests", status, None);
        assert_eq!(
            ru(&error(403).to_string()),
            "uzhkh: Requests: отказано (HTTP 403); проверьте ключ, секрет или ссылку и внесён ли наш адрес в список разрешённых"
        );
        assert_eq!(ru(&format!("{}: Хватит.", error(500))), "uzhkh: Requests: HTTP 500: Хватит.");
        let later = Some(Duration::from_secs(90));
        let error = http::Error::from_status("macrocrm", "add", 429, later);
        assert_eq!(ru(&error.to_string()), "macrocrm: add: HTTP 429; просит подождать 1m 30s");
    }

    #[test]
    fn every_refusal_of_the_pages_is_known() {
        let refusals = [
            Refusal::NoSuchCall { seq: 7 },
            Refusal::CallPending { seq: 7 },
            Refusal::CallFailed { seq: 7 },
            Refusal::CallDone { seq: 7 },
            Refusal::NotQuarantined { seq: 7 },
            Refusal::StillQuarantined { seq: 7, reason: "no Guid".to_owned(), is_envelope: true },
            Refusal::StillQuarantined { seq: 7, reason: "no id".to_owned(), is_envelope: false },
            Refusal::ReadAnew { seq: 7 },
            Refusal::NoGuid { seq: 7 },
        ];
        for refusal in refusals {
            let (en, ru) = (refusal.to_string(), ru(&refusal.to_string()));
            let is_ours = |word: &str| word.bytes().all(|one| one.is_ascii_lowercase());
            let left: Vec<&str> =
                ru.split_whitespace().filter(|word| word.len() > 2 && is_ours(word)).collect();
            assert_eq!(left, [""; 0], "{en} → {ru}");
        }
    }

    #[test]
    fn both_sides_of_a_sentence_have_the_same_holes() {
        for (en, ru) in SENTENCES.into_iter().flatten() {
            let count = |text: &str| (text.matches("{}").count(), text.matches("{~}").count());
            assert_eq!(count(en), count(ru), "{en}");
            assert_eq!(ru.matches('{').count(), ru.matches('}').count(), "{ru}");
        }
    }
}

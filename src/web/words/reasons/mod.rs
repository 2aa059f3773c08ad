//! Reasons that the ledger has in words: why something is quarantined or blocked, why a poll or
//! a call failed, why an act was refused. They are written in English, for the log and the
//! shell, and are put into the words of a page here, at the edge: into Russian, and where they
//! name a command of the shell, into what the page has for it. What a vendor said stays as it
//! said it.
//!
//! A sentence is known by a pattern: `{}` stands for what is named in it, `{-}` for a command of
//! the shell, which is left out. What is shown has as many holes: `{~}` shows a part that is a
//! sentence of ours itself, `{#}` the name of an object, or of several. What is not known is
//! shown as it is.

mod acts;
mod alma;
mod answers;
mod bitrix24;
mod buttons;
mod data;
mod failures;

use std::borrow::Cow;

use super::{Lang, kind};

/// A pattern, and the same in Russian.
type Sentence = (&'static str, &'static str);

/// All sentences; the first that fits counts, so a longer one stands before a shorter one that
/// it contains.
const SENTENCES: [&[Sentence]; 6] = [
    data::SENTENCES,
    failures::SENTENCES,
    answers::SENTENCES,
    acts::SENTENCES,
    bitrix24::SENTENCES,
    alma::SENTENCES,
];

/// Parts within parts are looked at so deep.
const DEPTH: u8 = 6;

/// So many colons of a text are looked at from either end: what a vendor said may be full of them.
const COLONS: usize = 8;

/// A reason in the words of a page in this language.
pub(in crate::web) fn reason(lang: Lang, text: &str) -> Cow<'_, str> {
    let reasons = Reasons { lang, depth: DEPTH };
    reasons.translated(text).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The patterns, and what is shown for them in this language.
fn sentences(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    let instead = buttons::SENTENCES.iter().map(move |(said, en, ru)| (*said, lang.pick(ru, en)));
    let others = SENTENCES.into_iter().flatten();
    instead.chain(others.map(move |(said, ru)| (*said, lang.pick(ru, said))))
}

/// Reasons in a language; parts of parts are looked at until `depth` is 0.
#[derive(Clone, Copy)]
struct Reasons {
    lang: Lang,
    depth: u8,
}

impl Reasons {
    /// A reason; `None` where nothing of it is known.
    fn translated(self, text: &str) -> Option<String> {
        let inner = Self { depth: self.depth.checked_sub(1)?, ..self };
        inner.first(text).or_else(|| inner.about(text)).or_else(|| inner.last(text))
    }

    /// What is tried first: a hole would take in what follows, too.
    fn first(self, text: &str) -> Option<String> {
        self.joined(text, "; and ").or_else(|| self.whole(text))
    }

    /// What is tried last: it lets parts stand that are not known.
    fn last(self, text: &str) -> Option<String> {
        self.joined(text, "; ").or_else(|| self.quoting(text))
    }

    /// A text that is one sentence.
    fn whole(self, text: &str) -> Option<String> {
        sentences(self.lang).find_map(|(said, shown)| Some(self.filled(shown, &holes(said, text)?)))
    }

    /// Several reasons, of which each is looked at.
    fn joined(self, text: &str, between: &str) -> Option<String> {
        let (first, rest) = text.split_once(between)?;
        let first = self.translated(first)?;
        Some(format!("{first}{}{}", self.lang.pick("; ", between), self.part(rest)))
    }

    /// What a reason is about, before it: `uzhkh: Requests: no answer…`
    fn about(self, text: &str) -> Option<String> {
        let colons: Vec<usize> = text.match_indices(": ").take(COLONS).map(|(at, _)| at).collect();
        let after = |at: usize, rest: String| format!("{}: {rest}", &text[..at]);
        let first = |&at: &usize| Some(after(at, self.first(&text[at + 2..])?));
        let last = |&at: &usize| Some(after(at, self.last(&text[at + 2..])?));
        colons.iter().find_map(first).or_else(|| colons.iter().rev().find_map(last))
    }

    /// The words of a vendor after a reason.
    fn quoting(self, text: &str) -> Option<String> {
        text.rmatch_indices(": ").take(COLONS).find_map(|(at, _)| {
            let known = self.whole(&text[..at])?;
            Some(format!("{known}: {}", &text[at + 2..]))
        })
    }

    fn part(self, text: &str) -> String {
        self.translated(text).unwrap_or_else(|| text.to_owned())
    }

    /// What is shown for a pattern, with its holes filled, in their order.
    fn filled(self, shown: &str, holes: &[&str]) -> String {
        let mut text = String::with_capacity(shown.len());
        let (mut rest, mut holes) = (shown, holes.iter());
        while let Some(at) = rest.find('{') {
            text.push_str(&rest[..at]);
            let hole = holes.next().copied().unwrap_or_default();
            let end = rest[at..].find('}').map_or(rest.len(), |end| at + end + 1);
            match &rest[at..end] {
                "{~}" => text.push_str(&self.part(hole)),
                "{#}" => text.push_str(&named(self.lang, hole)),
                _ => text.push_str(hole),
            }
            rest = &rest[end..];
        }
        text.push_str(rest);
        text
    }
}

/// Objects, which the ledger names by their kind and id: `unit o1, unit o2`.
fn named(lang: Lang, text: &str) -> String {
    let name = |one: &str| match one.split_once(' ') {
        Some((word, id)) if kind(lang, word) != word => {
            format!("{} {id}", kind(lang, word).to_lowercase())
        }
        _ => one.to_owned(),
    };
    text.split(", ").map(name).collect::<Vec<_>>().join(", ")
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
        assert_eq!(ru("waits for unit o1, which is blocked"), "ждёт: юнит o1 (чего-то не хватает)");
        // What others said, and what is not known, stays.
        assert_eq!(ru("email: Enter a valid address."), "email: Enter a valid address.");
        assert_eq!(ru(""), "");
        assert_eq!(reason(Lang::En, "no Guid"), "no Guid");
    }

    #[test]
    fn a_page_names_its_button_and_not_the_command() {
        let held = "no longer in the ledger; `uzhkh-ledger alma release unit o1` archives it in Alma, with its rooms \
                    and, for good, its contracts";
        assert_eq!(
            reason(Lang::En, held),
            "no longer in the ledger; “Release” archives it in Alma, with its rooms and, for good, its contracts"
        );
        assert!(ru(held).contains("«Отпустить» отправит в архив"), "{}", ru(held));
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
            Refusal::StillWithoutGuid { seq: 7, reason: "no Guid".to_owned() },
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
    fn what_is_shown_has_as_many_holes_and_names_no_command() {
        for lang in [Lang::Ru, Lang::En] {
            for (said, shown) in sentences(lang) {
                let count = |text: &str| text.matches('{').count() - text.matches("{-}").count();
                assert_eq!(count(said), count(shown), "{said}");
                assert_eq!(shown.matches('{').count(), shown.matches('}').count(), "{shown}");
                assert!(!shown.contains("{-}") && !shown.contains('`'), "{shown}");
            }
        }
    }
}

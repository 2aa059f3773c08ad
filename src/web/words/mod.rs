//! The words of the console: a struct with two constants, so that a missing word does not
//! compile.

mod fields;
mod plural;
mod reasons;
mod table;

pub(super) use fields::{alma_state, field, kind, op, outcome, system, target};
pub(super) use plural::count;
pub(super) use reasons::reason;
pub(super) use table::{EN, RU, Words};

/// A language of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lang {
    /// Russian, the default.
    Ru,
    /// English.
    En,
}

impl Lang {
    /// The word of `<html lang>`, of `?lang=` and of the cookie.
    pub(super) fn word(self) -> &'static str {
        match self {
            Lang::Ru => "ru",
            Lang::En => "en",
        }
    }

    /// The language of a word.
    pub(super) fn of(word: &str) -> Option<Self> {
        match word {
            "ru" => Some(Lang::Ru),
            "en" => Some(Lang::En),
            _ => None,
        }
    }

    /// The first language of a browser that we have, by `Accept-Language`.
    pub(super) fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for part in header.split(',') {
            let (tag, quality) = part.split_once(';').unwrap_or((part, "q=1"));
            let primary = tag.trim().split('-').next().unwrap_or_default().to_lowercase();
            let quality = quality.trim().strip_prefix("q=").and_then(|text| text.parse().ok());
            let quality: f32 = quality.unwrap_or(1.0);
            if let Some(lang) = Self::of(&primary)
                && quality > best.map_or(0.0, |(best, _)| best)
            {
                best = Some((quality, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }

    /// Its words.
    pub(super) fn words(self) -> &'static Words {
        match self {
            Lang::Ru => &RU,
            Lang::En => &EN,
        }
    }

    /// The Russian or the English one.
    pub(super) fn pick<'t>(self, ru: &'t str, en: &'t str) -> &'t str {
        match self {
            Lang::Ru => ru,
            Lang::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_s_first_known_language_counts() {
        assert_eq!(Lang::accepted("en-US,en;q=0.9,ru;q=0.8"), Some(Lang::En));
        assert_eq!(Lang::accepted("de,ru;q=0.5,en;q=0.4"), Some(Lang::Ru));
        assert_eq!(Lang::accepted("de-DE, fr;q=0.3"), None);
        assert_eq!(Lang::accepted(""), None);
    }
}

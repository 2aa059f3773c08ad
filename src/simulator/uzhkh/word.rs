//! The words that SetId answers, and every refusal with them.

use crate::WordStyle;
use crate::fault::WORDS;
use crate::reply::{JSON, PLAIN, Reply};
use crate::server::Shared;

/// Answer with a word of SetId and its status, plain or as a JSON string.
pub(super) fn word(shared: &Shared, word: &str) -> Reply {
    let status =
        WORDS.iter().find_map(|(known, status)| (*known == word).then_some(*status)).unwrap_or(500);
    let quoted = match shared.uzhkh.words {
        WordStyle::Plain => false,
        WordStyle::Json => true,
        WordStyle::Mixed => shared.lock().random.bool(),
    };
    if quoted {
        Reply::whole(status, JSON, format!("\"{word}\""))
    } else {
        Reply::whole(status, PLAIN, word.to_owned())
    }
}

//! The other side's own words, as they may be kept and shown to an operator. They may name
//! people: they go into the ledger and never into the log.

/// The most characters of a message that are kept.
const MESSAGE: usize = 300;
/// The length of a token: a run of hexadecimal digits at least so long is taken for one.
const TOKEN: usize = 32;
/// The replacement of a secret.
const HIDDEN: &str = "[hidden]";

/// A message fit to be kept and shown: one line, not too long, without tokens and secrets.
pub(crate) fn presentable(message: &str, secrets: &[&str]) -> String {
    let line: Vec<&str> =
        message.split(char::is_control).map(str::trim).filter(|part| !part.is_empty()).collect();
    let hide = |line: String, secret: &&str| line.replace(secret, HIDDEN);
    let line = without_tokens(&secrets.iter().fold(line.join(" "), hide));
    match line.char_indices().nth(MESSAGE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn without_tokens(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let is_hex = |one: char| one.is_ascii_hexdigit();
        let run = rest.find(|one| !is_hex(one)).unwrap_or(rest.len());
        let other = rest[run..].find(is_hex).map_or(rest.len(), |at| run + at);
        kept.push_str(if run < TOKEN { &rest[..run] } else { HIDDEN });
        kept.push_str(&rest[run..other]);
        rest = &rest[other..];
    }
    kept
}

/// The words of a body, none where there are none.
pub(crate) fn words(body: &str, secrets: &[&str]) -> Option<String> {
    let words = presentable(body.trim_start_matches('\u{feff}'), secrets);
    Some(words).filter(|words| !words.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_short_line_without_secrets() {
        let token = "0e8e424732fccbe827ca486feb925c47";
        let text = format!(
            "bad\r\n\u{1b}[31mtoken {token}, {} for s3cret of вашсайт.рф!",
            token.to_uppercase()
        );
        assert_eq!(
            presentable(&text, &["s3cret", "вашсайт.рф"]),
            "bad [31mtoken [hidden], [hidden] for [hidden] of [hidden]!"
        );
        assert_eq!(presentable("дом abc 12", &["s3cret"]), "дом abc 12");
        assert_eq!(presentable(&token[1..], &["s3cret"]), &token[1..]);
        let long = presentable(&"я".repeat(301), &["s3cret"]);
        assert_eq!(long.chars().count(), 301);
        assert!(long.ends_with("я…"));
    }
}

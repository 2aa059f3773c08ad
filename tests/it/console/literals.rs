//! The texts that stand in a source file, as a program has them.

/// What the arguments of these say goes into the log, or to who reads the source.
const ASIDE: [&str; 9] = [
    "tracing::error!(",
    "tracing::warn!(",
    "tracing::info!(",
    "tracing::debug!(",
    "tracing::trace!(",
    "#[expect(",
    "#[allow(",
    "#![expect(",
    "#![allow(",
];

/// The literals of a source before its tests, but for what is said aside.
pub(super) fn literals(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let (mut found, mut rest, mut depth) = (Vec::new(), code, 0_usize);
    while !rest.is_empty() {
        if let Some((text, after)) = literal(rest) {
            found.extend((depth == 0).then_some(text));
            rest = after;
        } else if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(aside) = ASIDE.iter().find(|aside| rest.starts_with(**aside)) {
            depth += 1;
            rest = &rest[aside.len()..];
        } else {
            match rest.chars().next() {
                Some('(') if depth > 0 => depth += 1,
                Some(')') if depth > 0 => depth -= 1,
                _ => {}
            }
            let mut chars = rest.chars();
            chars.next();
            rest = chars.as_str();
        }
    }
    found
}

/// The literal that a text begins with, and what follows; a character's is empty.
fn literal(text: &str) -> Option<(String, &str)> {
    let raw = text.strip_prefix('r').unwrap_or_default();
    let hashes = raw.len() - raw.trim_start_matches('#').len();
    if let Some(body) = raw[hashes..].strip_prefix('"') {
        let (inside, after) = body.split_once(&format!("\"{}", "#".repeat(hashes)))?;
        return Some((inside.to_owned(), after));
    }
    for quote in ['"', '\''] {
        let Some(body) = text.strip_prefix(quote) else { continue };
        let mut is_escaped = false;
        let end = body.find(|one| {
            let is_end = one == quote && !is_escaped;
            is_escaped = one == '\\' && !is_escaped;
            is_end
        })?;
        if quote == '"' {
            return Some((plain(&body[..end]), &body[end + 1..]));
        }
        // Of a lifetime there is but the beginning.
        let is_character = body[..end].chars().count() == 1 || body.starts_with('\\');
        return is_character.then(|| (String::new(), &body[end + 1..]));
    }
    None
}

/// A literal as it is read: lines that go on are one.
fn plain(inside: &str) -> String {
    let mut lines = inside.split("\\\n");
    let mut text = lines.next().unwrap().to_owned();
    lines.for_each(|line| text.push_str(line.trim_start()));
    text.replace("\\\"", "\"").replace("\\n", "\n")
}

/// A format with all that it is filled with.
pub(super) fn filled(format: &str, with: &str) -> String {
    let mut pieces = format.split('{');
    let mut text = pieces.next().unwrap().to_owned();
    for piece in pieces {
        text.push_str(with);
        text.push_str(piece.split_once('}').map_or(piece, |(_, after)| after));
    }
    text
}

#[test]
fn what_is_said_aside_is_no_text_of_the_program() {
    let source = "fn f<'a>(x: &'a str) { tracing::warn!(x = g(\"a b\"), \"in the log\"); // \"no\"\n \
                  h('\"', \"so {x} \\\n            it is\", r#\"a \"b\"\"#) }\n#[cfg(test)]\nmod tests { \"no\" }";
    let found: Vec<String> = literals(source).into_iter().filter(|one| !one.is_empty()).collect();
    assert_eq!(found, ["so {x} it is", "a \"b\""]);
    assert_eq!(filled("so {x} it {y:?} is", "7"), "so 7 it 7 is");
}

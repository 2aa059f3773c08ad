//! Phones as E.164: `+79000000001`. UZhKH keeps them as people typed them.

/// A phone as E.164; `None` where it is none, or several.
///
/// Without a `+` it is a Russian one: ten digits, or eleven that begin with 8 or 7.
pub(super) fn e164(text: &str) -> Option<String> {
    let (mut is_international, mut digits) = (false, String::new());
    for one in text.trim().chars() {
        match one {
            '0'..='9' => digits.push(one),
            '+' if digits.is_empty() && !is_international => is_international = true,
            _ if is_ignored(one) => {}
            _ => return None,
        }
    }
    match (is_international, digits.len(), digits.as_bytes().first()) {
        (true, 8..=15, _) => Some(format!("+{digits}")),
        (false, 11, Some(b'7' | b'8')) => Some(format!("+7{}", &digits[1..])),
        (false, 10, _) => Some(format!("+7{digits}")),
        _ => None,
    }
}

/// What people group digits with. A comma, semicolon or slash is not among it: it stands
/// between two phones.
fn is_ignored(one: char) -> bool {
    one.is_whitespace()
        || matches!(one, '(' | ')' | '[' | ']' | '-' | '.' | '_')
        // Dashes, the minus sign, and the invisible marks of a phone that was pasted.
        || matches!(one, '\u{2010}'..='\u{2015}' | '\u{2212}')
        || matches!(one, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
}

//! Phones as E.164: `+79000000001`. They are kept as people typed them.

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

#[cfg(test)]
mod tests {
    use super::e164;

    #[test]
    fn phones_become_e164() {
        for (text, expected) in [
            ("+79000000001", "+79000000001"),
            (" + 7 (900) 000-00-01 ", "+79000000001"),
            ("(+7) 900.000.00.01", "+79000000001"),
            ("8 900 000 00 01", "+79000000001"),
            ("79000000001", "+79000000001"),
            ("9000000001", "+79000000001"),
            ("\u{202a}8\u{a0}900\u{2011}000\u{2013}00\u{2014}01\u{202c}", "+79000000001"),
            ("+37120000000", "+37120000000"),
            ("+12345678", "+12345678"),
            ("+123456789012345", "+123456789012345"),
        ] {
            assert_eq!(e164(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "+",
            "000-00-01",
            "69000000001",
            "+1234567",
            "+1234567890123456",
            "++79000000001",
            "7+9000000001",
            "+7 900 000 00 01 доб. 2",
            "89000000001, 89000000002",
            "8900000000x",
            "٩٠٠٠٠٠٠٠٠١",
        ] {
            assert_eq!(e164(text), None, "{text}");
        }
    }
}

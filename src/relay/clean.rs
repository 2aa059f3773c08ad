//! A record's text as jsonb takes it, for the views: `body` beside it is verbatim.
//!
//! jsonb holds no `\u0000` and no half of a surrogate pair: each becomes U+FFFD. A number
//! that it cannot hold, or would write in another way (`1e5`, `-0`), becomes a string of its
//! text. Of repeated keys it keeps the last by itself.

/// The longest number that numeric surely holds: 16,383 digits after the point at most.
const LONGEST_NUMBER: usize = 16_000;

/// The text that jsonb takes and how much of it differs; `None`: it is the text itself, which
/// must be JSON.
pub(super) fn cleaned(text: &str) -> Option<(String, u64)> {
    let mut pass = Pass { text, copied: 0, clean: String::new(), times: 0 };
    pass.run();
    if pass.times == 0 {
        return None;
    }
    pass.clean.push_str(&text[pass.copied..]);
    Some((pass.clean, pass.times))
}

/// One pass over a text.
struct Pass<'t> {
    text: &'t str,
    /// Up to here the text is in `clean`.
    copied: usize,
    clean: String,
    times: u64,
}

impl Pass<'_> {
    fn run(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            at = match bytes[at] {
                b'"' => self.string(at + 1),
                b'-' | b'0'..=b'9' => self.number(at),
                _ => at + 1,
            };
        }
    }

    /// The text from here to there is another one.
    fn replace(&mut self, from: usize, to: usize, by: &str) {
        self.clean.push_str(&self.text[self.copied..from]);
        self.clean.push_str(by);
        self.copied = to;
        self.times += 1;
    }

    /// Passes over a string whose first letter is here; answers where it has ended.
    fn string(&mut self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        loop {
            let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) else {
                return bytes.len();
            };
            at += found;
            if bytes[at] == b'"' {
                return at + 1;
            }
            at = match unit(bytes, at) {
                None => at + 2,
                Some(0xD800..=0xDBFF) if is_low(unit(bytes, at + 6)) => at + 12,
                Some(0 | 0xD800..=0xDFFF) => {
                    self.replace(at, at + 6, "\\ufffd");
                    at + 6
                }
                Some(_) => at + 6,
            };
        }
    }

    /// Passes over a number that begins here; answers where it has ended.
    fn number(&mut self, from: usize) -> usize {
        let bytes = self.text.as_bytes();
        let is_of_number =
            |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
        let length = bytes[from..].iter().take_while(|byte| is_of_number(byte)).count();
        let number = &self.text[from..from + length];
        if !is_kept(number) {
            self.replace(from, from + length, &format!("\"{number}\""));
        }
        from + length
    }
}

/// Whether jsonb writes a number as it reads it.
fn is_kept(number: &str) -> bool {
    let is_zero = number.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    let is_negative_zero = is_zero && number.starts_with('-');
    number.len() <= LONGEST_NUMBER && !number.contains(['e', 'E']) && !is_negative_zero
}

/// The UTF-16 unit of the escape that begins here, if one does.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    let digits = escape.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn is_low(unit: Option<u16>) -> bool {
    matches!(unit, Some(0xDC00..=0xDFFF))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, clean: &str, times: u64) {
        assert_eq!(cleaned(text), Some((clean.to_owned(), times)));
    }

    #[test]
    fn what_jsonb_takes_stays_as_it_is() {
        for text in [
            r#"{"Id":"a","Balance":1234.10,"n":-5,"z":0,"f":0.00,"l":[1,2.50],"b":true,"o":null}"#,
            r#"{"t":"\u0041 \ud83d\ude00 \\u0000 \" 1e5 -0","k\u00e9":1}"#,
            r#"{"t":"\\\\u0000"}"#,
            "{}",
        ] {
            assert_eq!(cleaned(text), None, "{text}");
        }
    }

    #[test]
    fn what_it_cannot_hold_is_replaced() {
        check(r#"{"a\u0000":"\u0000x"}"#, r#"{"a\ufffd":"\ufffdx"}"#, 2);
        check(
            r#"["\ud83d","\ude00x","\ud83d\u0041"]"#,
            r#"["\ufffd","\ufffdx","\ufffd\u0041"]"#,
            3,
        );
        check(r#"["\uD83D\uD83D\uDE00"]"#, r#"["\ufffd\uD83D\uDE00"]"#, 1);
        check(r#"["\\\u0000"]"#, r#"["\\\ufffd"]"#, 1);
    }

    #[test]
    fn numbers_that_would_be_written_otherwise_become_text() {
        check("[1E200000,1.5e-7,-0,-0.00]", r#"["1E200000","1.5e-7","-0","-0.00"]"#, 4);
        let long = "1".repeat(20_000);
        check(&format!("{{\"n\":{long}}}"), &format!("{{\"n\":\"{long}\"}}"), 1);
    }
}

//! JSON pointers (RFC 6901), with which an operator names the list in a document.

/// The most parts of a pointer, and so of containers entered on its way.
const MAX_PARTS: usize = 32;

/// A JSON pointer (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    text: String,
    parts: Vec<Part>,
}

/// A step of a pointer: a key, and an index where it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    key: String,
    index: Option<u64>,
}

/// The place of a value in its container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot<'a> {
    Member(&'a str),
    Index(u64),
}

/// The reason why a text is no pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PointerError {
    #[error("a JSON pointer is empty or begins with /")]
    NoSlash,
    #[error("in a JSON pointer, ~ is written ~0 and / inside a key ~1")]
    Tilde,
    #[error("a JSON pointer of over {MAX_PARTS} parts")]
    TooLong,
}

impl Pointer {
    /// Reads a pointer; the empty one names the document itself.
    pub(crate) fn parse(text: &str) -> Result<Self, PointerError> {
        let parts = match text.strip_prefix('/') {
            Some(rest) => rest.split('/').map(Part::parse).collect::<Result<_, _>>()?,
            None if text.is_empty() => Vec::new(),
            None => return Err(PointerError::NoSlash),
        };
        if parts.len() > MAX_PARTS {
            return Err(PointerError::TooLong);
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The pointer as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether the part of this number names the place.
    pub(super) fn leads(&self, part: usize, spot: Spot<'_>) -> bool {
        self.parts.get(part).is_some_and(|part| match spot {
            Spot::Member(key) => part.key == key,
            Spot::Index(index) => part.index == Some(index),
        })
    }
}

impl Part {
    fn parse(text: &str) -> Result<Self, PointerError> {
        let mut key = String::with_capacity(text.len());
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            key.push(match letter {
                '~' => match letters.next() {
                    Some('0') => '~',
                    Some('1') => '/',
                    _ => return Err(PointerError::Tilde),
                },
                letter => letter,
            });
        }
        let is_index = key == "0"
            || (!key.starts_with('0') && key.bytes().all(|letter| letter.is_ascii_digit()));
        let index = if is_index { key.parse().ok() } else { None };
        Ok(Self { key, index })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_indices_are_told_apart() {
        let pointer = Pointer::parse("/a~1b~0/07/12//").unwrap();
        assert_eq!(pointer.len(), 5);
        assert!(pointer.leads(0, Spot::Member("a/b~")));
        assert!(pointer.leads(1, Spot::Member("07")));
        assert!(!pointer.leads(1, Spot::Index(7)));
        assert!(pointer.leads(2, Spot::Index(12)));
        assert!(pointer.leads(2, Spot::Member("12")));
        assert!(pointer.leads(4, Spot::Member("")));
        assert!(!pointer.leads(4, Spot::Index(0)));
        assert!(!pointer.leads(5, Spot::Member("")));
        assert_eq!(Pointer::parse("").unwrap().len(), 0);
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        assert_eq!(Pointer::parse("data"), Err(PointerError::NoSlash));
        assert_eq!(Pointer::parse("/a~"), Err(PointerError::Tilde));
        assert_eq!(Pointer::parse("/~2"), Err(PointerError::Tilde));
        let long = "/a".repeat(MAX_PARTS + 1);
        assert_eq!(Pointer::parse(&long), Err(PointerError::TooLong));
    }
}

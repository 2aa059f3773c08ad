//! What is said of answers and elements that cannot be taken as they came, with the
//! config keys that have to do with it.

use crate::json::stream::Malformed;

/// Why an element of so many bytes is quarantined.
pub(super) fn oversize(bytes: u64) -> String {
    format!("{bytes} bytes, over uzhkh.max_envelope_bytes; only the beginning is kept")
}

/// What to look at when an answer is no list, to be put after what is wrong with it.
pub(super) fn hint(problem: &Malformed) -> &'static str {
    match problem {
        Malformed::Markup => "; is uzhkh.base_url right?",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_for_people_points_to_the_address() {
        let said = |problem: Malformed| format!("{problem}{}", hint(&problem));
        assert_eq!(
            said(Malformed::Markup),
            "expected JSON, got what looks like HTML or XML; is uzhkh.base_url right?"
        );
        assert_eq!(said(Malformed::Cut(7)), "the answer breaks off after 7 bytes");
    }
}

//! Messages on unreadable answers and elements that name the config key to look at.

use crate::json::stream::Malformed;

/// The reason for the quarantine of an element of so many bytes.
pub(super) fn oversize(bytes: u64) -> String {
    format!("{bytes} bytes, over uzhkh.max_envelope_bytes; only the beginning is kept")
}

/// The advice that follows the problem of an answer that is no list.
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

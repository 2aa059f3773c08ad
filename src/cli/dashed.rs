//! Text of an option that may begin with a dash.

/// A text that people typed: «-нет» is one, `--notify` in its place an option whose own text is
/// missing, which must not be sent to anybody.
pub(super) fn dashed(text: &str) -> Result<String, String> {
    let is_long = text.strip_prefix("--").is_some_and(|rest| {
        rest.starts_with(|one: char| one.is_ascii_lowercase())
            && !rest.contains(char::is_whitespace)
    });
    if text.trim().is_empty() || is_long || matches!(text, "-y" | "-h" | "-V") {
        return Err("a text is needed here".to_owned());
    }
    Ok(text.to_owned())
}

//! When what waits for its time is due.
//!
//! A time further away than anything is ever put off was written while the clock was ahead:
//! what waits for it is due.

/// Minutes that nothing is put off beyond: the longest backoff and the longest Retry-After
/// that is believed are a quarter of an hour, and clocks differ a little.
const LONGEST: u32 = 16;

/// The condition that what waits until the time in `column` is due at `now`, a parameter;
/// where that is NULL all is.
pub(super) fn is_due(column: &str, now: &str) -> String {
    format!(
        "({column} IS NULL OR {now} IS NULL OR {column} <= {now} \
         OR {column} > strftime('%Y-%m-%dT%H:%M:%fZ', {now}, '+{LONGEST} minutes'))"
    )
}

//! When what waits for its time is due, and in which order.
//!
//! A time further away than anything is ever put off was written while the clock was ahead:
//! what waits for it is due.

use jiff::SignedDuration;

use super::Error;

/// Minutes that nothing is put off beyond: the longest backoff and the longest Retry-After
/// that is believed are a quarter of an hour, and clocks differ a little.
const LONGEST: i64 = 16;

/// The condition that what waits until the time in `column` is due at `now`, a parameter;
/// where that is NULL all is.
pub(super) fn is_due(column: &str, now: &str) -> String {
    let beyond = is_beyond(column, now, LONGEST);
    format!("({column} IS NULL OR {now} IS NULL OR {column} <= {now} OR {beyond})")
}

/// The condition that the time in `column` is later than so many minutes after `now`, a parameter.
fn is_beyond(column: &str, now: &str, minutes: i64) -> String {
    format!("{column} > strftime('%Y-%m-%dT%H:%M:%fZ', {now}, '+{minutes} minutes')")
}

/// The condition that what is put off by so much was put off while the clock was ahead: the time in
/// `column` is further away from `now`, a parameter.
pub(super) fn is_put_off_ahead(column: &str, now: &str, by: SignedDuration) -> String {
    is_beyond(column, now, by.as_mins() + LONGEST)
}

/// Reads on after a place: `in_order` of the keys, or what has failed least first. So many at the
/// front that fail each time and end a pass would keep all others from their turn for ever.
/// `read` reads so many of those with an attempt count after a key, and `next` the next count.
pub(super) fn in_turn<K: Default, T>(
    in_order: bool,
    (mut attempts, mut after): (u32, K),
    limit: usize,
    mut read: impl FnMut(u32, &K, usize) -> Result<Vec<T>, Error>,
    next: impl Fn(u32) -> Result<Option<u32>, Error>,
) -> Result<Vec<T>, Error> {
    let mut due = read(attempts, &after, limit)?;
    while !in_order
        && due.len() < limit
        && let Some(more) = next(attempts)?
    {
        (attempts, after) = (more, K::default());
        due.extend(read(attempts, &after, limit - due.len())?);
    }
    Ok(due)
}

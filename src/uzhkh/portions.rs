//! When a drain ends although each fetch brings something new.
//!
//! A long backlog and a queue that never empties look alike: each fetch brings something. An
//! upstream that hands a backlog out in portions hands out full ones, each as long as the
//! longest, so those may be many; of fetches that bring less, few in a row are needed.

/// The most fetches of a drain that bring something new and no full portion.
const SHORT: u32 = 500;
/// The most full portions of a drain: of fifty entries, a backlog of a million.
const FULL: u32 = 20_000;

/// The fetches of a drain so far that brought something new.
#[derive(Debug, Default)]
pub(super) struct Portions {
    longest: u64,
    short: u32,
    full: u32,
}

impl Portions {
    /// Counts a fetch of this many entries, new ones among them. Answers why the drain ends
    /// with it, where it does: the other queue waits, and what is left comes with the next poll.
    pub(super) fn take(&mut self, entries: u64) -> Option<&'static str> {
        let is_full = entries > 1 && entries >= self.longest;
        self.longest = self.longest.max(entries);
        let count = if is_full { &mut self.full } else { &mut self.short };
        *count += 1;
        if self.short >= SHORT {
            return Some(
                "it brought something new at each of 500 fetches in a row; the next poll goes on",
            );
        }
        (self.full >= FULL).then_some(
            "it brought something new at each of 20000 fetches in a row; the next poll goes on",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{FULL, Portions, SHORT};

    fn fetches(entries: impl Fn(u32) -> u64) -> u32 {
        let mut portions = Portions::default();
        (0..).find(|fetch| portions.take(entries(*fetch)).is_some()).unwrap() + 1
    }

    #[test]
    fn single_entries_and_a_trickle_end_soon_and_full_portions_late() {
        assert_eq!(fetches(|_| 1), SHORT);
        // A backlog in one answer, and new entries for ever.
        assert_eq!(fetches(|fetch| if fetch == 0 { 9000 } else { 3 }), SHORT + 1);
        assert_eq!(fetches(|_| 50), FULL);
        assert_eq!(fetches(|fetch| 2 + u64::from(fetch % 2)), 2 * SHORT + 1);
    }
}

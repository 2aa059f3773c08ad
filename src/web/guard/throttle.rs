//! Wrong passwords are slowed down, for the name and for the address, each; never for good.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use crate::clock::{SharedClock, later};

/// So many may be wrong before anything is slowed down.
const FREE: u32 = 5;
/// The first pause; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// So far may the clock of one thread be behind that of another.
const LEEWAY: Duration = Duration::from_secs(60);
/// What was wrong is forgotten after so long.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60 * 60);
/// No more names and addresses are remembered.
const MOST: usize = 20_000;

/// What attempts are counted for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// A name, hashed: it may be a password that was typed into the wrong field.
    Name([u8; 32]),
    /// An address; of IPv6 the network that a household has.
    Address(IpAddr),
}

impl Who {
    /// A name.
    pub(super) fn name(name: &str) -> Self {
        Self::Name(Sha256::digest(name).into())
    }

    /// An address.
    pub(super) fn address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => {
                let network = address.to_bits() & !u128::from(u64::MAX);
                std::net::Ipv6Addr::from_bits(network).into()
            }
        })
    }
}

#[derive(Debug, Clone, Copy)]
struct Tries {
    wrong: u32,
    last: Timestamp,
    /// The end of a pause. The present moment is none: another thread's may be a little earlier.
    until: Option<Timestamp>,
    /// Those that are being verified.
    under_way: u32,
}

impl Tries {
    /// What lies ahead is of a clock that has been set back since: how long ago cannot be told.
    fn is_forgotten(&self, now: Timestamp) -> bool {
        later(self.last, FORGOTTEN_AFTER) <= now || later(now, LONGEST_PAUSE + LEEWAY) < self.last
    }
}

/// The attempts that were wrong.
#[derive(Default)]
pub(super) struct Throttle {
    known: Mutex<HashMap<Who, Tries>>,
    ended: Notify,
}

/// An attempt that is being verified. One that ends without a word was wrong.
pub(super) struct Attempt<'t> {
    throttle: &'t Throttle,
    all: Vec<Who>,
    clock: SharedClock,
    is_right: bool,
}

/// Why an attempt is not verified now.
#[derive(Debug, PartialEq, Eq)]
enum NotNow {
    /// So much was wrong that it has to wait for so long.
    Pause(Duration),
    /// As many are being verified as may be wrong.
    Full,
}

impl Throttle {
    /// Begins an attempt, once those under way leave room for one that is wrong: they may all
    /// be right.
    ///
    /// # Errors
    /// How long to wait: nothing is to be verified before, and nothing is counted.
    pub(super) async fn begin(
        &self,
        all: Vec<Who>,
        clock: &SharedClock,
    ) -> Result<Attempt<'_>, Duration> {
        loop {
            // Before it is tried: an end after that wakes.
            let ended = self.ended.notified();
            match self.enter(&all, clock.now()) {
                Ok(()) => break,
                Err(NotNow::Pause(wait)) => return Err(wait),
                Err(NotNow::Full) => ended.await,
            }
        }
        Ok(Attempt { throttle: self, all, clock: SharedClock::clone(clock), is_right: false })
    }

    fn enter(&self, all: &[Who], now: Timestamp) -> Result<(), NotNow> {
        let mut known = self.lock();
        let waits = all.iter().filter_map(|who| {
            let left = Duration::try_from(known.get(who)?.until?.duration_since(now)).ok()?;
            // More is left than any pause lasts where the clock has been set back since.
            Some(left).filter(|left| !left.is_zero() && *left <= LONGEST_PAUSE + LEEWAY)
        });
        if let Some(longest) = waits.max() {
            return Err(NotNow::Pause(longest));
        }
        let is_full = |tries: &Tries| {
            let wrong = if tries.is_forgotten(now) { 0 } else { tries.wrong };
            tries.under_way >= FREE.saturating_sub(wrong).max(1)
        };
        if all.iter().filter_map(|who| known.get(who)).any(is_full) {
            return Err(NotNow::Full);
        }
        if known.len() >= MOST {
            known.retain(|_, tries| tries.under_way > 0 || !tries.is_forgotten(now));
        }
        if known.len() >= MOST {
            known.clear();
        }
        for who in all {
            let new = Tries { wrong: 0, last: now, until: None, under_way: 0 };
            known.entry(who.clone()).or_insert(new).under_way += 1;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Who, Tries>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// The attempt was right: what was wrong before is forgotten.
    pub(super) fn right(mut self) {
        self.is_right = true;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let now = self.clock.now();
        let mut known = self.throttle.lock();
        for who in &self.all {
            let new = Tries { wrong: 0, last: now, until: None, under_way: 1 };
            let tries = known.entry(who.clone()).or_insert(new);
            tries.under_way = tries.under_way.saturating_sub(1);
            if self.is_right {
                tries.wrong = 0;
                tries.until = None;
            } else {
                let before = if tries.is_forgotten(now) { 0 } else { tries.wrong };
                tries.wrong = before.saturating_add(1);
                tries.last = now;
                tries.until = pause(tries.wrong).map(|pause| later(now, pause));
            }
            if tries.wrong == 0 && tries.under_way == 0 {
                known.remove(who);
            }
        }
        drop(known);
        self.throttle.ended.notify_waiters();
    }
}

fn pause(wrong: u32) -> Option<Duration> {
    let further = wrong.checked_sub(FREE)?;
    Some(FIRST_PAUSE.saturating_mul(1 << further.min(10)).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::Clock;

    /// A clock that stands still.
    struct Still(Timestamp);

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    fn now() -> Timestamp {
        "2026-06-11T08:00:00Z".parse().unwrap()
    }

    fn attempt<'t>(
        throttle: &'t Throttle,
        all: &[Who],
        at: Timestamp,
    ) -> Result<Attempt<'t>, NotNow> {
        throttle.enter(all, at)?;
        Ok(Attempt { throttle, all: all.to_vec(), clock: Arc::new(Still(at)), is_right: false })
    }

    fn wrong(throttle: &Throttle, all: &[Who], at: Timestamp) -> Result<(), NotNow> {
        attempt(throttle, all, at).map(drop)
    }

    #[test]
    fn after_five_a_name_waits_longer_each_time_but_never_for_good() {
        let throttle = Throttle::default();
        let anna = [Who::name("anna")];
        let mut at = now();
        for _ in 0..5 {
            wrong(&throttle, &anna, at).unwrap();
        }
        let mut waited = Vec::new();
        for _ in 0..9 {
            let Err(NotNow::Pause(wait)) = wrong(&throttle, &anna, at) else { panic!("no pause") };
            waited.push(wait.as_secs());
            at = later(at, wait);
            wrong(&throttle, &anna, at).unwrap();
        }
        assert_eq!(waited, [10, 20, 40, 80, 160, 320, 640, 900, 900]);
        let after = later(at, LONGEST_PAUSE);
        attempt(&throttle, &anna, after).unwrap().right();
        assert!(throttle.lock().is_empty());
        wrong(&throttle, &anna, after).unwrap();
    }

    #[test]
    fn names_and_addresses_count_each_for_itself() {
        let throttle = Throttle::default();
        let address = |text: &str| Who::address(text.parse().unwrap());
        let office = address("192.0.2.7");
        for number in 0..5 {
            wrong(&throttle, &[Who::name(&number.to_string()), office.clone()], now()).unwrap();
        }
        assert!(wrong(&throttle, &[Who::name("anna"), office.clone()], now()).is_err());
        wrong(&throttle, &[Who::name("anna"), address("192.0.2.8")], now()).unwrap();
        assert_eq!(address("::ffff:192.0.2.7"), office);
        assert_eq!(address("2001:db8::1"), address("2001:db8::2"));
        assert_ne!(address("2001:db8:0:1::1"), address("2001:db8:0:2::1"));
        // Long ago is forgotten.
        let later = later(now(), Duration::from_secs(2 * 3600));
        for _ in 0..5 {
            wrong(&throttle, std::slice::from_ref(&office), later).unwrap();
        }
    }

    #[test]
    fn no_more_are_verified_at_once_than_may_be_wrong() {
        let throttle = Throttle::default();
        let office = [Who::address("192.0.2.7".parse().unwrap())];
        let begin = || attempt(&throttle, &office, now());
        let mut under_way: Vec<Attempt<'_>> = (0..5).map(|_| begin().unwrap()).collect();
        assert_eq!(begin().err(), Some(NotNow::Full));
        under_way.pop().unwrap().right();
        under_way.push(begin().unwrap());
        // Those that were given up count as wrong.
        under_way.clear();
        assert_eq!(begin().err(), Some(NotNow::Pause(FIRST_PAUSE)));
    }

    #[test]
    fn a_clock_that_is_set_back_lets_everybody_in_again() {
        let throttle = Throttle::default();
        let office = [Who::address("192.0.2.7".parse().unwrap())];
        let ahead: Timestamp = "2027-06-11T08:00:00Z".parse().unwrap();
        for _ in 0..5 {
            wrong(&throttle, &office, ahead).unwrap();
        }
        assert!(wrong(&throttle, &office, ahead).is_err());
        // A moment that another thread has looked at earlier ends no pause.
        assert!(wrong(&throttle, &office, ahead - Duration::from_secs(1)).is_err());
        for _ in 0..5 {
            wrong(&throttle, &office, now()).unwrap();
        }
        assert_eq!(wrong(&throttle, &office, now()), Err(NotNow::Pause(FIRST_PAUSE)));
    }

    #[test]
    fn a_thread_that_looked_at_the_clock_a_moment_earlier_waits_for_nothing() {
        let throttle = Throttle::default();
        let office = [Who::address("192.0.2.7".parse().unwrap())];
        let earlier = now() - Duration::from_millis(1);
        let under_way = attempt(&throttle, &office, now()).unwrap();
        attempt(&throttle, &office, earlier).unwrap().right();
        under_way.right();
        wrong(&throttle, &office, now()).unwrap();
        wrong(&throttle, &office, earlier).unwrap();
    }
}

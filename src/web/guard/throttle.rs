//! Wrong passwords are slowed down, for the name and for the address, each; never for good.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::clock::later;

/// So many may be wrong before anything is slowed down.
const FREE: u32 = 5;
/// The first pause; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
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
    until: Timestamp,
}

/// The attempts that were wrong.
#[derive(Default)]
pub(super) struct Throttle(Mutex<HashMap<Who, Tries>>);

impl Throttle {
    /// Counts an attempt as wrong until [`Throttle::right`] takes that back.
    ///
    /// # Errors
    /// How long to wait: nothing is to be verified before, and nothing is counted.
    pub(super) fn begin(&self, all: &[Who], now: Timestamp) -> Result<(), Duration> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = all.iter().filter_map(|who| {
            let left = known.get(who)?.until.duration_since(now);
            Duration::try_from(left).ok().filter(|left| !left.is_zero())
        });
        if let Some(longest) = waits.max() {
            return Err(longest);
        }
        if known.len() >= MOST {
            known.retain(|_, tries| later(tries.last, FORGOTTEN_AFTER) > now);
        }
        if known.len() >= MOST {
            known.clear();
        }
        for who in all {
            let before = known.get(who).filter(|tries| later(tries.last, FORGOTTEN_AFTER) > now);
            let wrong = before.map_or(0, |tries| tries.wrong).saturating_add(1);
            let until = later(now, pause(wrong));
            known.insert(who.clone(), Tries { wrong, last: now, until });
        }
        Ok(())
    }

    /// The attempt was right: what was wrong before is forgotten.
    pub(super) fn right(&self, all: &[Who]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for who in all {
            known.remove(who);
        }
    }
}

fn pause(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(further) => FIRST_PAUSE.saturating_mul(1 << further.min(10)).min(LONGEST_PAUSE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-06-11T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn after_five_a_name_waits_longer_each_time_but_never_for_good() {
        let throttle = Throttle::default();
        let anna = [Who::name("anna")];
        let mut at = now();
        for _ in 0..5 {
            throttle.begin(&anna, at).unwrap();
        }
        let mut waited = Vec::new();
        for _ in 0..9 {
            let wait = throttle.begin(&anna, at).unwrap_err();
            waited.push(wait.as_secs());
            at = later(at, wait);
            throttle.begin(&anna, at).unwrap();
        }
        assert_eq!(waited, [10, 20, 40, 80, 160, 320, 640, 900, 900]);
        throttle.right(&anna);
        throttle.begin(&anna, at).unwrap();
    }

    #[test]
    fn names_and_addresses_count_each_for_itself() {
        let throttle = Throttle::default();
        let address = |text: &str| Who::address(text.parse().unwrap());
        let office = address("192.0.2.7");
        for number in 0..5 {
            throttle.begin(&[Who::name(&number.to_string()), office.clone()], now()).unwrap();
        }
        assert!(throttle.begin(&[Who::name("anna"), office.clone()], now()).is_err());
        throttle.begin(&[Who::name("anna"), address("192.0.2.8")], now()).unwrap();
        assert_eq!(address("::ffff:192.0.2.7"), office);
        assert_eq!(address("2001:db8::1"), address("2001:db8::2"));
        assert_ne!(address("2001:db8:0:1::1"), address("2001:db8:0:2::1"));
        // Long ago is forgotten.
        let later = later(now(), Duration::from_secs(2 * 3600));
        for _ in 0..5 {
            throttle.begin(std::slice::from_ref(&office), later).unwrap();
        }
    }
}

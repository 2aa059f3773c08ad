//! Authentication: `token = md5(domain + time + app_secret)`.

use md5::{Digest, Md5};

use super::state::Memory;
use crate::clock::Clock;
use crate::query::Query;

/// Further from the clock than this, in seconds, a `time` is stale.
const WINDOW: i64 = 300;
/// A `time` beyond this is not in seconds (it would be the year 5138).
const SECONDS: i64 = 100_000_000_000;

/// Reason for which a request is unauthenticated, and whether the document forbids it.
pub(super) enum Unsigned {
    /// The token or the domain is another one, or the time has passed.
    Stranger,
    /// The request violates the document.
    Wrong(String),
}

impl Memory {
    /// Checks the three parameters that every request brings.
    pub(super) fn authenticate(&self, query: &Query) -> Result<(), Unsigned> {
        let wrong = |text: String| Err(Unsigned::Wrong(text));
        let mut sent = [""; 3];
        for (value, name) in sent.iter_mut().zip(["domain", "time", "token"]) {
            match query.filled(name) {
                Some(given) => *value = given,
                None => return wrong(format!("{name} is missing")),
            }
        }
        let [domain, time, token] = sent;
        let Some(seconds) = time.parse::<i64>().ok().filter(|_| !time.starts_with('+')) else {
            return wrong(format!("time {time:?} is not a unix timestamp"));
        };
        if seconds > SECONDS {
            return wrong(format!("time {time} is not in seconds"));
        }
        let hash = Md5::digest(format!("{domain}{time}{}", self.app_secret));
        let right: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        if token != right && token.eq_ignore_ascii_case(&right) {
            return wrong("the token is not in lowercase".to_owned());
        }
        let fresh = self.takes_any_time || (Clock::unix_seconds() - seconds).abs() <= WINDOW;
        if token != right || domain != self.domain || !fresh {
            return Err(Unsigned::Stranger);
        }
        Ok(())
    }
}

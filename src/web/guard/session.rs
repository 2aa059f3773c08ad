//! Who has signed in: in memory, so that a restart signs everybody out, and by the hash of what
//! the browser holds, so that the memory opens nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustix::rand::{GetRandomFlags, getrandom};
use sha2::{Digest, Sha256};

use super::visitor::Visitor;
use crate::clock::later;
use crate::config::Role;

/// How long a session lasts, from signing in.
pub(super) const LASTS: Duration = Duration::from_secs(12 * 60 * 60);
/// So far may the clock of one thread be behind that of another.
const LEEWAY: Duration = Duration::from_secs(60);
/// No more are kept; the oldest goes first.
const MOST: usize = 10_000;

/// What a browser holds.
pub(super) struct Token([u8; 32]);

type Hash = [u8; 32];

impl Token {
    fn new() -> Result<Self, rustix::io::Errno> {
        let mut token = [0; 32];
        let mut filled = 0;
        while filled < token.len() {
            filled += getrandom(&mut token[filled..], GetRandomFlags::empty())?;
        }
        Ok(Self(token))
    }

    /// Its text: letters and digits.
    pub(super) fn text(&self) -> String {
        crate::ledger::hex(&self.0)
    }
}

/// What is kept of a session.
struct Session {
    name: String,
    role: Role,
    ends_at: Timestamp,
}

impl Session {
    /// Whether it has ended. One that is to last longer than any was begun by a clock that has
    /// been set back since: how long ago cannot be told.
    fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at <= now || self.ends_at > later(now, LASTS + LEEWAY)
    }
}

/// The sessions.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<Hash, Session>>);

fn hash(text: &str) -> Hash {
    Sha256::digest(text).into()
}

impl Sessions {
    /// Begins a session.
    pub(super) fn begin(
        &self,
        name: &str,
        role: Role,
        now: Timestamp,
    ) -> Result<Token, rustix::io::Errno> {
        let token = Token::new()?;
        let session = Session { name: name.to_owned(), role, ends_at: later(now, LASTS) };
        let mut sessions = self.lock();
        sessions.retain(|_, session| !session.is_over(now));
        if sessions.len() >= MOST {
            let oldest = sessions.iter().min_by_key(|(_, session)| session.ends_at);
            if let Some(oldest) = oldest.map(|(hash, _)| *hash) {
                sessions.remove(&oldest);
            }
        }
        sessions.insert(hash(&token.text()), session);
        Ok(token)
    }

    /// Who has the session of this text.
    pub(super) fn visitor(&self, text: &str, now: Timestamp) -> Option<Visitor> {
        let sessions = self.lock();
        let session = sessions.get(&hash(text)).filter(|session| !session.is_over(now))?;
        Some(Visitor::new(session.name.clone(), session.role))
    }

    /// Ends a session.
    pub(super) fn end(&self, text: &str) {
        self.lock().remove(&hash(text));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Hash, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lasts_twelve_hours_or_until_it_is_ended() {
        let sessions = Sessions::default();
        let now: Timestamp = "2026-06-11T08:00:00Z".parse().unwrap();
        let token = sessions.begin("anna", Role::Operator, now).unwrap().text();
        let other = sessions.begin("anna", Role::Operator, now).unwrap().text();
        assert_ne!(token, other);
        assert_eq!(token.len(), 64);
        let at = |hours: u64| later(now, Duration::from_secs(hours * 3600));
        assert_eq!(sessions.visitor(&token, at(11)).unwrap().name(), "anna");
        assert!(sessions.visitor(&token, at(12)).is_none());
        sessions.end(&token);
        assert!(sessions.visitor(&token, now).is_none());
        assert!(sessions.visitor(&other, now).is_some() && sessions.visitor("", now).is_none());
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_no_session_alive() {
        let sessions = Sessions::default();
        let now: Timestamp = "2026-06-11T08:00:00Z".parse().unwrap();
        let ahead: Timestamp = "2027-06-11T08:00:00Z".parse().unwrap();
        let token = sessions.begin("anna", Role::Operator, ahead).unwrap().text();
        assert!(sessions.visitor(&token, ahead).is_some());
        assert!(sessions.visitor(&token, now).is_none());
        let own = sessions.begin("anna", Role::Operator, now).unwrap().text();
        assert!(sessions.visitor(&own, now).is_some());
        assert_eq!(sessions.lock().len(), 1);
    }
}

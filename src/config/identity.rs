//! `[identity]`: who gives permanent ids, and when they are announced.

use std::time::Duration;

use super::reader::Section;
use super::value;

/// `[identity]`: permanent ids in the place of temporary ones.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who gives permanent ids.
    pub assign: Assign,
    /// How long an id waits for its name before it gets a UUID; `None`: for ever.
    pub external_timeout: Option<Duration>,
    /// Time that a reserved id waits for its own envelope before SetId announces it.
    pub announce_after: Duration,
}

/// Who gives an object its permanent id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assign {
    /// `uuid`: the ledger, as soon as it sees the temporary one.
    Uuid,
    /// `external`: the accounting system, later.
    External,
}

impl Default for Identity {
    fn default() -> Identity {
        Identity {
            assign: Assign::Uuid,
            external_timeout: None,
            announce_after: Duration::from_secs(600),
        }
    }
}

pub(super) fn read(section: Section<'_>) -> Identity {
    let default = Identity::default();
    let words = [("uuid", Assign::Uuid), ("external", Assign::External)];
    let assign = section.or("assign", default.assign, value::word(&words));
    let external_timeout = section.optional("external_timeout", value::duration);
    let announce_after = section.or("announce_after", default.announce_after, value::duration);
    section.finish();
    Identity { assign, external_timeout, announce_after }
}

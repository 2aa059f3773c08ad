//! A record's body, read without trust: a member of another type than expected counts as
//! missing.

use crate::alma::projection::text;
use crate::json::{self, Members};

/// The members of a body.
pub(super) struct Body<'t>(Members<'t>);

impl<'t> Body<'t> {
    /// Takes a body apart; `None` when it is no object.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        Members::parse(text).map(Self)
    }

    /// A member as JSON text; `null` is none.
    pub(super) fn raw(&self, name: &str) -> Option<&'t str> {
        self.0.get(name).filter(|value| *value != "null")
    }

    /// A member that is an id, as spelled.
    pub(super) fn id(&self, name: &str) -> Option<String> {
        self.raw(name).and_then(text::id)
    }

    /// A member that is text that is not blank, without blanks around it.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.raw(name).and_then(text::shown)
    }

    /// Whether a member is true.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.raw(name).is_some_and(text::is_yes)
    }

    /// The elements of a member that is a list; of anything else none.
    pub(super) fn elements(&self, name: &str) -> Vec<&'t str> {
        self.raw(name).and_then(json::elements).unwrap_or_default()
    }
}

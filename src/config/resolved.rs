//! Which secrets a command resolves, and what stands in the config for them.
//!
//! Who may read the config and the ledger can run every command that only reads, decides or
//! books a row, though the secrets are root's alone: such a command looks at none of them.

use std::cell::RefCell;
use std::ops::Deref;

/// The secrets that a command uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secrets {
    /// All: it talks to every system.
    #[default]
    All,
    /// Those of one section, `macrocrm` say.
    Of(&'static str),
    /// None: it knows the ledger alone.
    None,
}

impl Secrets {
    /// Whether those of a section, `domoplaner.feed.deals` say, are used.
    pub(super) fn has(self, section: &str) -> bool {
        match self {
            Secrets::All => true,
            Secrets::Of(system) => section.split('.').next() == Some(system),
            Secrets::None => false,
        }
    }
}

/// A secret's value, where the command at hand uses it. Dereferencing one that it does not
/// use is a bug and panics.
#[derive(Clone, Debug)]
pub struct Resolved<T>(Option<T>);

impl<T> Resolved<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(super) fn unused() -> Self {
        Self(None)
    }

    /// The value, where the command at hand uses it.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    /// What is made of the value, if there is one.
    pub(super) fn try_map<U, E>(
        self,
        make: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<Resolved<U>, E> {
        Ok(Resolved(self.0.map(make).transpose()?))
    }
}

impl<T> Deref for Resolved<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("a command loads the config with the secrets that it uses")
    }
}

/// A secret that this user may not read.
#[derive(Clone, Debug)]
pub struct Forbidden {
    /// The section that needs it: `uzhkh`, `domoplaner.feed.deals`.
    pub section: String,
    /// What cannot be read, and why.
    pub problem: String,
}

/// Gathers what may not be read, where that is no fault: by `check`.
#[derive(Default)]
pub(super) struct Tolerated(Option<RefCell<Vec<Forbidden>>>);

impl Tolerated {
    pub(super) fn some() -> Self {
        Self(Some(RefCell::default()))
    }

    /// Whether it is tolerated, and so was noted.
    pub(super) fn note(&self, section: &str, problem: &str) -> bool {
        let Some(noted) = &self.0 else {
            return false;
        };
        noted
            .borrow_mut()
            .push(Forbidden { section: section.to_owned(), problem: problem.to_owned() });
        true
    }

    pub(super) fn into_noted(self) -> Vec<Forbidden> {
        self.0.map(RefCell::into_inner).unwrap_or_default()
    }
}

//! What an operator asks of an object of Alma that cannot be done.

use crate::ledger::{AlmaKey, AlmaKind, AlmaState};

/// Nothing was changed; [`crate::ledger::Error::of_system`] has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The ledger has no such object.
    #[error(
        "there is no {0}; `uzhkh-ledger alma plan` and the table alma_object show what there is"
    )]
    NoSuchObject(AlmaKey),
    /// It is synced or archived, so there is nothing to retry.
    #[error("{key} is {}: there is nothing to try again", .state.word())]
    NothingToRetry {
        /// The object.
        key: AlmaKey,
        /// Its state.
        state: AlmaState,
    },
    /// It waits for a release, which a retry does not give.
    #[error("{0} is held; `uzhkh-ledger alma release {typed}` lets go on", typed = .0.typed())]
    Held(AlmaKey),
    /// It was sent anew, or left the ledger, since it was read in Alma.
    #[error("{0} has changed meanwhile: audit it again")]
    Moved(AlmaKey),
    /// There is nothing to take back.
    #[error("{0} was never sent: there is nothing to take back")]
    NeverSent(AlmaKey),
    /// Its time is over.
    #[error("{0} has ended: nothing of it is sent any more")]
    Ended(AlmaKey),
    /// The config does not want it.
    #[error("{0} is left out by the config: nothing of it is sent")]
    LeftOut(AlmaKey),
    /// There is nothing to release.
    #[error("{key} is {}, not held; `uzhkh-ledger alma plan` shows what is", .state.word())]
    NotHeld {
        /// The object.
        key: AlmaKey,
        /// Its state.
        state: AlmaState,
    },
    /// Only units and rooms are blocked.
    #[error("a {0} cannot be blocked, a unit or a room can")]
    NotRental(AlmaKind),
    /// It has no id of Alma yet.
    #[error("{0} is not in Alma yet; `uzhkh-ledger alma plan` says why")]
    NotInAlma(AlmaKey),
    /// The running service projects objects with other settings than this process has.
    #[error(
        "the service runs with another [alma] than this config has: restart it, or stop it to see what this one would \
         send"
    )]
    OtherSettings,
}

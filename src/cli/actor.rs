//! Who acts in a shell.

use nix::unistd::{Uid, User};

use crate::acts::{Act, Actor, Via};

/// An act of the person in this shell: of the one that sudo was called by, else of the
/// effective user.
pub(super) fn act() -> Act {
    Act::of(Actor::new(name(), Via::Cli))
}

fn name() -> String {
    let by_sudo = std::env::var("SUDO_USER").ok().filter(|name| !name.is_empty());
    by_sudo.unwrap_or_else(|| {
        let uid = Uid::effective();
        // A user of a container may have no name.
        let user = User::from_uid(uid).ok().flatten();
        user.map_or_else(|| uid.to_string(), |user| user.name)
    })
}

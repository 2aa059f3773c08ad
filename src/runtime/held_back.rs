//! Who goes first when a pause of a system ends: its polls. A call that is refused begins the next
//! pause at once, and where calls went first no poll would ever be made again. A poll that is
//! refused does so too: after the pause that it has begun the others go first, once.

use std::sync::Arc;

use tokio::sync::watch;

/// What a pause of a system has held back, until it is made.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeldBack(Arc<watch::Sender<Turns>>);

#[derive(Debug, Default)]
struct Turns {
    polls: usize,
    others: usize,
    /// Whether the polls were refused when they had gone first.
    is_others: bool,
}

impl Turns {
    fn count(&mut self, is_poll: bool) -> &mut usize {
        if is_poll { &mut self.polls } else { &mut self.others }
    }

    /// Whether one of these need not wait for the other side.
    fn may_go(&self, is_poll: bool) -> bool {
        match is_poll {
            true => self.others == 0 || !self.is_others,
            false => self.polls == 0 || self.is_others,
        }
    }
}

/// One that is held back, or is being made after that.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    all: &'a HeldBack,
    is_poll: bool,
}

impl HeldBack {
    /// Holds a poll or another back, until what this answers is dropped.
    pub(crate) fn hold(&self, is_poll: bool) -> Held<'_> {
        self.0.send_modify(|turns| *turns.count(is_poll) += 1);
        Held { all: self, is_poll }
    }

    pub(crate) fn may_go(&self, is_poll: bool) -> bool {
        self.0.borrow().may_go(is_poll)
    }

    /// Waits until it is its turn.
    pub(crate) async fn turn(&self, is_poll: bool) {
        // It fails only without the sender, which is here.
        drop(self.0.subscribe().wait_for(|turns| turns.may_go(is_poll)).await);
    }
}

impl Held<'_> {
    /// It has been made, and met a pause or not.
    pub(crate) fn end(self, is_refused: bool) {
        self.all.0.send_modify(|turns| turns.is_others = self.is_poll && is_refused);
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.all.0.send_modify(|turns| *turns.count(self.is_poll) -= 1);
    }
}

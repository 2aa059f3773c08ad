//! Who goes first when a pause of a system ends: its polls. A call that is refused begins the next
//! pause at once, and where calls went first no poll would ever be made again.

use std::sync::Arc;

use tokio::sync::watch;

/// How many polls of a system a pause has held back, until they are made.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeldBack(Arc<watch::Sender<usize>>);

/// A poll that is held back, or is being made after that.
#[derive(Debug)]
pub(crate) struct Held<'a>(&'a HeldBack);

impl HeldBack {
    /// Holds a poll back, until what this answers is dropped.
    pub(crate) fn hold(&self) -> Held<'_> {
        self.0.send_modify(|polls| *polls += 1);
        Held(self)
    }

    pub(crate) fn is_any(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until none is held back.
    pub(crate) async fn none_left(&self) {
        // It fails only without the sender, which is here.
        drop(self.0.subscribe().wait_for(|polls| *polls == 0).await);
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|polls| *polls -= 1);
    }
}

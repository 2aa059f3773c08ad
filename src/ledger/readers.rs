//! Readers for many who ask at once: each question has a reader for itself and gives it back,
//! so that none waits behind another's long answer and none is opened for every question.

use std::sync::{Arc, Mutex, PoisonError};

use super::guard::Guard;
use super::{Error, Ledger, Reader};

/// So many stay open between questions.
const KEPT: usize = 4;

/// Readers beside the ledger's own. Dropping it closes them.
#[derive(Clone)]
pub struct Readers {
    guard: Arc<Guard>,
    idle: Arc<Mutex<Vec<Reader>>>,
}

impl Ledger {
    /// Readers for many who ask at once.
    pub fn readers(&self) -> Readers {
        Readers { guard: Arc::clone(&self.guard), idle: Arc::default() }
    }

    /// Whether the writer has something to do at this moment: who asks for much can give way.
    pub(crate) fn is_writing(&self) -> bool {
        self.lock().is_writing()
    }
}

impl Readers {
    /// Answers a question by a reader that has no other meanwhile. Blocks.
    ///
    /// # Errors
    /// What `question` returned, or the ledger cannot be opened, or is another by now.
    pub fn ask<T>(&self, question: impl FnOnce(&Reader) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.idle().pop();
        let reader = match idle {
            Some(reader) => reader,
            None => Reader::open(self.guard.path())?,
        };
        let answer = question(&reader)?;
        self.guard.check()?;
        let mut idle = self.idle();
        // One that failed is not kept: the next is opened anew, and says what is wrong.
        if idle.len() < KEPT {
            idle.push(reader);
        }
        Ok(answer)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

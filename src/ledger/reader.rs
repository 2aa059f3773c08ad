//! Reading, beside the writer and never in its way.
//!
//! A [`Reader`] sees what was committed, and only that: in WAL mode with
//! `synchronous=FULL` a transaction becomes visible after it is on the disk. What
//! is read here may therefore be told to the outside.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use futures_channel::oneshot;
use rusqlite::Connection;

use super::guard::Guard;
use super::schema::{self, Cache};
use super::{Error, Refusal};
use crate::watchdog::Heartbeat;

/// A read-only connection to a ledger.
pub struct Reader {
    pub(super) connection: Connection,
}

impl Reader {
    /// Opens the ledger at `path` for reading, whether a daemon runs or not.
    ///
    /// # Errors
    /// [`Error::Absent`], [`Error::NotALedger`], [`Error::Newer`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { connection: schema::open_for_reading(path, Cache::Small)? })
    }

    /// Opens the ledger as [`Reader::open`] does, with a page cache for many look-ups.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn open_for_much(path: &Path) -> Result<Self, Error> {
        Ok(Self { connection: schema::open_for_reading(path, Cache::Large)? })
    }

    /// Opens a file as it is without its WAL.
    pub(super) fn open_alone(path: &Path) -> Result<Self, Error> {
        Ok(Self { connection: schema::open_alone(path)? })
    }

    /// Runs `questions` in one read transaction: they see the ledger as it is at one moment,
    /// and many of them cost less.
    ///
    /// # Errors
    /// What `questions` returned.
    pub fn at_one_moment<T, E: From<Error>>(
        &self,
        questions: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.connection.unchecked_transaction().map_err(Error::from)?;
        let answers = questions(self)?;
        transaction.commit().map_err(Error::from)?;
        Ok(answers)
    }
}

type Question = Box<dyn FnOnce(&Reader) + Send>;

/// A thread with a [`Reader`], for those who must not block.
pub(super) struct ReaderThread {
    /// `None` ends it.
    questions: Sender<Option<Question>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    heartbeat: Heartbeat,
    guard: Arc<Guard>,
}

impl ReaderThread {
    pub(super) fn start(reader: Reader, guard: &Arc<Guard>) -> Result<Self, Error> {
        let (questions, inbox): (_, Receiver<Option<Question>>) = channel();
        let heartbeat = Heartbeat::new("ledger reader", Duration::ZERO);
        let own = heartbeat.clone();
        let next = move || {
            let _resting = own.idling();
            inbox.recv().ok().flatten()
        };
        let thread = std::thread::Builder::new()
            .name("ledger-reader".to_owned())
            .spawn(move || {
                while let Some(question) = next() {
                    question(&reader);
                }
            })
            .map_err(|error| Error::from(Refusal::NoThread(Arc::new(error))))?;
        Ok(Self {
            questions,
            thread: Mutex::new(Some(thread)),
            heartbeat,
            guard: Arc::clone(guard),
        })
    }

    /// The thread's heartbeat: it stalls while a question is not answered.
    pub(super) fn heartbeat(&self) -> &Heartbeat {
        &self.heartbeat
    }

    pub(super) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, Error> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, Error>> {
        let (reply, answer) = oneshot::channel();
        let guard = Arc::clone(&self.guard);
        let boxed: Question = Box::new(move |reader| {
            // What is read may be told to the outside, if it is the ledger's.
            let answer = question(reader).and_then(|answer| guard.check().map(|()| answer));
            // The task that asked may have been dropped.
            drop(reply.send(answer));
        });
        // A dead thread drops the reply, which the receiver sees as closed.
        drop(self.questions.send(Some(boxed)));
        answer
    }

    /// Answers what was asked and closes the file. The WAL is removed with the last
    /// connection, and only with one that writes.
    pub(super) fn close(&self) {
        drop(self.questions.send(None));
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // Its panic has reached the task that asked.
            drop(thread.join());
        }
    }
}

//! Accepts connections and speaks HTTP/1.1 on them.
//!
//! hyper is used directly, without a framework: the faults need the connection
//! itself. A service that fails makes hyper close the connection without an
//! answer, a body that fails closes it in the middle.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::state::State;
use super::{Witness, WordStyle, routes};

/// What every connection shares.
pub(super) struct Shared {
    state: Mutex<State>,
    pub(super) page_size: usize,
    pub(super) wrap_items: bool,
    pub(super) words: WordStyle,
    pub(super) witness: Option<Witness>,
    deletes_under_way: AtomicU64,
    pub(super) most_deletes: AtomicU64,
}

impl Shared {
    pub(super) fn new(
        state: State,
        page_size: usize,
        wrap_items: bool,
        words: WordStyle,
        witness: Option<Witness>,
    ) -> Self {
        Self {
            state: Mutex::new(state),
            page_size: page_size.max(1),
            wrap_items,
            words,
            witness,
            deletes_under_way: AtomicU64::new(0),
            most_deletes: AtomicU64::new(0),
        }
    }

    /// The state. A panic elsewhere leaves it as it was: a test's own failure
    /// must not turn into a second one here.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a Delete as under way until the answer is made.
    pub(super) fn delete_begins(&self) -> DeleteUnderWay<'_> {
        let now = self.deletes_under_way.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_deletes.fetch_max(now, Ordering::Relaxed);
        DeleteUnderWay(self)
    }
}

/// A Delete that is not answered yet.
pub(super) struct DeleteUnderWay<'a>(&'a Shared);

impl Drop for DeleteUnderWay<'_> {
    fn drop(&mut self) {
        self.0.deletes_under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Accepts connections until it is aborted, which ends them all.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(converse(stream, Arc::clone(&shared)));
            }
            Err(error) => {
                // Out of descriptors, most likely: wait for one to come back.
                tracing::warn!(%error, "simulator: cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "simulator: no TCP_NODELAY");
    }
    let service = service_fn(move |request| routes::answer(Arc::clone(&shared), request));
    let served = http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::trace!(%error, "simulator: a connection ended early");
    }
}

/// Adds envelopes at a steady rate until it is aborted.
pub(super) async fn trickle(shared: Arc<Shared>, rate: f64) {
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    let mut due = 0.0;
    loop {
        tick.tick().await;
        due += rate * 0.05;
        let mut whole = 0;
        while due >= 1.0 {
            due -= 1.0;
            whole += 1;
        }
        if whole > 0 {
            shared.lock().generate(whole);
        }
    }
}

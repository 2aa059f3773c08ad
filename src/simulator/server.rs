//! Accepts connections and speaks HTTP/1.1 on them.
//!
//! hyper is used directly, without a framework: the faults need the connection
//! itself. A service that fails makes hyper close the connection without an
//! answer, a body that fails closes it in the middle.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::endpoint::Endpoint;
use super::report::Report;
use super::state::State;
use super::{Options, routes, uzhkh};

/// State shared by all connections.
pub(super) struct Shared {
    state: Mutex<State>,
    pub(super) uzhkh: uzhkh::Settings,
}

impl Shared {
    pub(super) fn new(options: &Options) -> Self {
        Self { state: Mutex::new(State::new(options)), uzhkh: uzhkh::Settings::new(options) }
    }

    /// The state. A panic elsewhere leaves it as it was: a test's own failure
    /// must not turn into a second one here.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request and holds it back as long as every answer shall be.
    pub(super) async fn arrival(&self, endpoint: Endpoint) {
        let latency = {
            let mut state = self.lock();
            match state.report.requests.get_mut(endpoint.name()) {
                Some(count) => *count += 1,
                None => {
                    state.report.requests.insert(endpoint.name().to_owned(), 1);
                }
            }
            state.latency
        };
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
    }

    /// Notes what a document makes wrong.
    pub(super) fn violation(&self, text: String) {
        self.lock().report.violation(text);
    }

    /// The report as of now.
    pub(super) fn report(&self) -> Report {
        let state = self.lock();
        let [waiting_requests, waiting_deleted] = state.uzhkh.waiting();
        Report {
            waiting_requests,
            waiting_deleted,
            max_concurrent_deletes: self.uzhkh.most_deletes(),
            ..state.report.clone()
        }
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

/// Does a steady number of things per second until it is aborted.
pub(super) async fn trickle(rate: f64, mut act: impl FnMut(usize)) {
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
            act(whole);
        }
    }
}

//! What monitoring asks: `/healthz`, `/readyz`, `/metrics`.
//!
//! Here is the server and who answers which path; what is answered stands in a file
//! for each.

mod health;
mod metrics;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::SharedClock;
use crate::config::Config;
use crate::ledger::Ledger;
use crate::ops::maintenance;
use crate::registry;
use crate::runtime::system::Feed;
use crate::watchdog::Heartbeats;

/// So many connections are held at once, well within the files that a process may have
/// open: the ledger and the upstreams need some too.
const CONNECTIONS: usize = 128;
/// How long a connection may take to say what it wants.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// How long answers that are under way may take once the service stops.
const STOP_WITHIN: Duration = Duration::from_secs(1);

type Answer = Response<Full<Bytes>>;

/// What answers are made from.
pub(crate) struct Admin {
    ledger: Arc<Ledger>,
    /// Where the ledger is, for those who read it beside everybody else.
    path: PathBuf,
    heartbeats: Heartbeats,
    clock: SharedClock,
    started_at: Timestamp,
    /// Who polls when.
    scheduled: Vec<Feed>,
    /// The name of the ledger in PostgreSQL, where it is relayed.
    relay: Option<String>,
    stop: CancellationToken,
}

impl Admin {
    /// What is answered of a service with this config.
    pub(crate) fn new(
        config: &Config,
        ledger: &Arc<Ledger>,
        clock: &SharedClock,
        heartbeats: &Heartbeats,
        stop: &CancellationToken,
    ) -> Self {
        let admin = Self {
            ledger: Arc::clone(ledger),
            path: config.ledger.path.clone(),
            heartbeats: heartbeats.clone(),
            clock: Arc::clone(clock),
            started_at: clock.now(),
            scheduled: [
                registry::scheduled(config),
                maintenance::feed(config).into_iter().collect(),
            ]
            .concat(),
            relay: config.relay.as_ref().map(|relay| relay.ledger.clone()),
            stop: stop.clone(),
        };
        metrics::begin(&admin);
        admin
    }
}

/// Binds the address of `[admin]`.
///
/// # Errors
/// The address cannot be had.
pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Answers until stopped.
pub(crate) async fn serve(listener: TcpListener, admin: Admin) {
    let admin = Arc::new(admin);
    let stop = admin.stop.clone();
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: others need the time to close theirs.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // One too many is closed at once.
        if connections.len() < CONNECTIONS {
            connections.spawn(connection(stream, Arc::clone(&admin)));
        }
    }
    connections.close();
    // What takes longer breaks off.
    drop(tokio::time::timeout(STOP_WITHIN, connections.wait()).await);
}

/// Serves a connection; a stop ends it with the answer that is under way.
async fn connection(stream: TcpStream, admin: Arc<Admin>) {
    let stop = admin.stop.clone();
    let service = service_fn(move |request| answer(request, Arc::clone(&admin)));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
        // A client that went away is its own business.
        _ = connection.as_mut() => return,
    }
    drop(connection.await);
}

async fn answer<B>(request: Request<B>, admin: Arc<Admin>) -> Result<Answer, Infallible> {
    let is_read = [Method::GET, Method::HEAD].contains(request.method());
    Ok(match request.uri().path() {
        "/healthz" | "/readyz" | "/metrics" if !is_read => not_allowed(),
        "/healthz" => health::alive(),
        "/readyz" => health::ready(&admin).await,
        "/metrics" => metrics::answer(&admin).await,
        _ => text(StatusCode::NOT_FOUND, "not found\n".to_owned()),
    })
}

fn not_allowed() -> Answer {
    let mut answer =
        text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered here\n".to_owned());
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    answer
}

fn text(status: StatusCode, text: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}
